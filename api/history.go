package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/sync"
)

// A commitView is what one commit did to one document.
type commitView struct {
	Seq     int64         `json:"seq"`
	Hash    sync.Hash     `json:"hash"`
	Author  sync.PersonID `json:"author"`
	Device  sync.DeviceID `json:"device,omitempty"`
	At      int64         `json:"at"`
	Offset  int64         `json:"offset,omitempty"` // how far the device's clock was behind
	Reason  string        `json:"reason,omitempty"`
	Changes []changeView  `json:"changes"`
}

// A changeView is one change of the document.
type changeView struct {
	Mutation sync.MutationID     `json:"mutation,omitempty"` // that caused it
	Outcome  sync.Outcome        `json:"outcome,omitempty"`
	Create   sync.Object         `json:"create,omitzero"`
	Edits    map[string]editView `json:"edits,omitempty"` // by path
	Delete   bool                `json:"delete,omitempty"`
}

// An editView is a value replaced; absent is absent.
type editView struct {
	Was sync.Value `json:"was,omitempty"`
	Now sync.Value `json:"now,omitempty"`
}

// showDocument shows a document as of now.
func (a *API) showDocument(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	doc, err := a.hub.Document(c.UserContext(), callerOf(who), scope, id)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, viewOf(doc))
}

// showHistory shows who changed a document when, newest first.
func (a *API) showHistory(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	before, limit, err := page(c)
	if err != nil {
		return err
	}
	commits, err := a.hub.History(c.UserContext(), callerOf(who), scope, id, before, limit)
	if err != nil {
		return err
	}
	views := make([]commitView, len(commits))
	for i := range commits {
		views[i] = viewOfCommit(&commits[i], id)
	}
	return a.send(c, http.StatusOK, struct {
		Commits []commitView `json:"commits"`
	}{views})
}

func viewOfCommit(c *sync.Commit, doc sync.DocID) commitView {
	v := commitView{
		Seq: c.Seq, Hash: c.Hash(), Author: c.Author, Device: c.Device, At: c.At, Offset: c.Offset, Reason: c.Reason,
		Changes: []changeView{},
	}
	for _, ch := range c.Changes {
		if ch.Doc != doc {
			continue
		}
		change := changeView{Create: ch.Create, Delete: ch.Delete}
		if ch.By >= 0 && ch.By < len(c.Receipts) {
			change.Mutation, change.Outcome = c.Receipts[ch.By].Mutation, c.Receipts[ch.By].Outcome
		}
		for _, e := range ch.Edits {
			if change.Edits == nil {
				change.Edits = map[string]editView{}
			}
			change.Edits[string(e.Path)] = editView{e.Was, e.Now}
		}
		v.Changes = append(v.Changes, change)
	}
	return v
}
