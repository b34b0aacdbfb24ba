package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/sync"
)

// An effectView is what a decision would do: to the document, and to the
// ranking it has a part in, if it has any.
type effectView struct {
	Document *documentView     `json:"document,omitempty"` // absent: there would be none
	Cluster  sync.DocID        `json:"cluster,omitempty"`
	Period   sync.DocID        `json:"period,omitempty"`
	Effect   *emulation.Effect `json:"effect,omitempty"`
}

// showEffect shows what a decision would do, and does not take it.
func (a *API) showEffect(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	var in decisionFields
	if err := decode(c, &in); err != nil {
		return err
	}
	dec, err := in.decision(id)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	after, err := a.hub.Foresee(ctx, callerOf(who), scope, dec)
	if err != nil {
		return err
	}
	conflict, err := a.hub.Document(ctx, callerOf(who), scope, id)
	if err != nil {
		return err
	}
	about, _, _, _ := conflict.About()
	var view effectView
	ranked := after
	if after != nil {
		view.Document = viewOf(after)
	} else if ranked, err = a.hub.Document(ctx, callerOf(who), scope, about); err != nil {
		return err
	}
	cluster, period, ok := emulation.RankedIn(ranked)
	if !ok {
		return a.send(c, http.StatusOK, view)
	}
	_, docs, err := a.computed(ctx, cluster, period)
	if err != nil {
		return err
	}
	org, err := a.hub.Reference(ctx)
	if err != nil {
		return err
	}
	effect := emulation.EffectOf(org, cluster, period, docs, about, after)
	view.Cluster, view.Period, view.Effect = cluster, period, &effect
	return a.send(c, http.StatusOK, view)
}
