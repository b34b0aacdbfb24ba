package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A keptView is a row of the list of conflicts and rejections.
type keptView struct {
	ID        sync.DocID `json:"id"`
	Scope     sync.Scope `json:"scope"`
	Type      string     `json:"type"`
	Version   int64      `json:"version"`
	About     sync.DocID `json:"about,omitempty"`
	AboutType string     `json:"aboutType,omitempty"`
	State     string     `json:"state"`
	Opened    int64      `json:"opened"`
	Code      string     `json:"code,omitempty"` // of a rejection
}

// listConflicts shows what waits in scopes the caller holds or oversees, newest first.
func (a *API) listConflicts(c *fiber.Ctx, who auth.Actor) error {
	filter, err := keptFilter(c)
	if err != nil {
		return err
	}
	docs, err := a.hub.Kept(c.UserContext(), callerOf(who), filter)
	if err != nil {
		return err
	}
	views := make([]keptView, len(docs))
	for i, d := range docs {
		about, state, opened, _ := d.About()
		typ, _ := d.Body()["aboutType"].(string)
		code, _ := d.Body()["code"].(string)
		views[i] = keptView{d.ID, d.Scope, d.Type, d.Version, about, typ, state, opened, code}
	}
	return a.send(c, http.StatusOK, struct {
		Conflicts []keptView `json:"conflicts"`
	}{views})
}

func keptFilter(c *fiber.Ctx) (f hub.KeptFilter, err error) {
	if f.Type, err = oneOf(c, "type", sync.TypeConflict, sync.TypeRejection); err != nil {
		return f, err
	}
	if f.State, err = oneOf(c, "state", sync.StateOpen, sync.StateSettled); err != nil {
		return f, err
	}
	if s := sync.Scope(c.Query("scope")); s != "" {
		if s.Kind() == "" {
			return f, hub.E(hub.CodeInvalid, "scope is not one")
		}
		f.Scopes = []sync.Scope{s}
	}
	if f.BeforeID = sync.DocID(c.Query("beforeId")); f.BeforeID != "" && !sync.ValidID(string(f.BeforeID)) {
		return f, hub.E(hub.CodeInvalid, "beforeId is a UUID in lower case")
	}
	f.Before, f.Limit, err = page(c)
	return f, err
}

// A conflictView is a conflict or rejection with what helps to decide it.
type conflictView struct {
	Conflict  *documentView  `json:"conflict"`
	Present   *documentView  `json:"present,omitempty"` // the document it is about, as of now
	Proposals []proposalView `json:"proposals,omitempty"`
}

// A proposalView merges one side's text with the present one, word by word.
type proposalView struct {
	Path     string          `json:"path"`
	Side     sync.MutationID `json:"side"`
	Proposal sync.Proposal   `json:"proposal"`
}

func (a *API) showConflict(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	conflict, err := a.hub.Document(c.UserContext(), callerOf(who), scope, id)
	if err != nil {
		return err
	}
	about, _, _, ok := conflict.About()
	if !ok || conflict.Gone {
		return hub.E(hub.CodeNotFound, "no such conflict in the scope")
	}
	view := conflictView{Conflict: viewOf(conflict), Proposals: proposals(conflict.Body())}
	present, err := a.hub.Document(c.UserContext(), callerOf(who), scope, about)
	switch {
	case err == nil:
		view.Present = viewOf(present)
	case hub.CodeOf(err) != hub.CodeNotFound:
		return err
	}
	return a.send(c, http.StatusOK, view)
}
