package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A lateFields is a decision on a rejection as the console sends it.
type lateFields struct {
	Version int64  `json:"version"`
	Present int64  `json:"present"` // version of the document it would change, 0 if there is none
	Reason  string `json:"reason"`
	Until   string `json:"until"` // a sheet that is reopened may be submitted until that day
}

func lateOf(c *fiber.Ctx) (sync.Scope, hub.Late, error) {
	scope, id, err := place(c)
	if err != nil {
		return "", hub.Late{}, err
	}
	var in lateFields
	if err := decode(c, &in); err != nil {
		return "", hub.Late{}, err
	}
	if in.Version <= 0 || in.Version > sync.MaxNumber || in.Present < 0 || in.Present > sync.MaxNumber {
		return "", hub.Late{}, hub.E(hub.CodeInvalid, "version and present are versions as they were looked at")
	}
	return scope, hub.Late{Rejection: id, Version: in.Version, Present: in.Present, Reason: in.Reason, Until: in.Until}, nil
}

// applyRejection does what was refused, after all.
func (a *API) applyRejection(c *fiber.Ctx, who auth.Actor) error {
	scope, late, err := lateOf(c)
	if err != nil {
		return err
	}
	applied, err := a.hub.Apply(c.UserContext(), callerOf(who), scope, late)
	if err != nil {
		return err
	}
	view := struct {
		Rejection *documentView `json:"rejection"`
		Document  *documentView `json:"document,omitempty"` // absent: it was deleted
		Reopened  bool          `json:"reopened"`
	}{Rejection: viewOf(applied.Rejection), Reopened: applied.Reopened}
	if applied.Document != nil {
		view.Document = viewOf(applied.Document)
	}
	return a.send(c, http.StatusOK, view)
}

// dismissRejection settles a rejection and leaves it at that.
func (a *API) dismissRejection(c *fiber.Ctx, who auth.Actor) error {
	scope, late, err := lateOf(c)
	if err != nil {
		return err
	}
	settled, err := a.hub.Dismiss(c.UserContext(), callerOf(who), scope, late)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, struct {
		Rejection *documentView `json:"rejection"`
	}{viewOf(settled)})
}
