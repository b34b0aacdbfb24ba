package api

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A mergeFields asks to merge the document of the path into another.
type mergeFields struct {
	Version     int64                        `json:"version"`     // of the document that goes
	Into        sync.DocID                   `json:"into"`        // the one that stays
	IntoVersion int64                        `json:"intoVersion"` // its version
	Reason      string                       `json:"reason"`
	Choices     map[sync.Pointer]mergeChoice `json:"choices"` // by path: present is the one that stays, side the one that goes
}

type mergeChoice struct {
	Take  string         `json:"take"`
	Value jsontext.Value `json:"value"`
}

// merge makes one document of two that record the same thing.
func (a *API) merge(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	var in mergeFields
	if err := decode(c, &in); err != nil {
		return err
	}
	m, err := in.merging(id)
	if err != nil {
		return err
	}
	winner, err := a.hub.Merge(c.UserContext(), callerOf(who), scope, m)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, viewOf(winner))
}

func (in mergeFields) merging(loser sync.DocID) (hub.Merging, error) {
	m := hub.Merging{
		Loser: loser, Winner: in.Into, LoserVersion: in.Version, WinnerVersion: in.IntoVersion, Reason: in.Reason,
		Choices: make(map[sync.Pointer]sync.Choice, len(in.Choices)),
	}
	if !sync.ValidID(string(in.Into)) {
		return m, hub.E(hub.CodeInvalid, "into is a UUID in lower case")
	}
	for path, c := range in.Choices {
		side := sync.MutationID("")
		if c.Take == sync.TakeSide {
			side = sync.MutationID(loser)
		}
		choice, err := choiceFields{Take: c.Take, Side: side, Value: c.Value}.choice()
		if err != nil {
			return m, err
		}
		if !path.Valid() || path == "" {
			return m, hub.E(hub.CodeInvalid, "a choice is named by the path of a difference")
		}
		m.Choices[path] = choice
	}
	return m, nil
}

// showDifferences shows where two documents of a scope differ: what merging
// them needs to be told.
func (a *API) showDifferences(c *fiber.Ctx, who auth.Actor) error {
	scope, id, err := place(c)
	if err != nil {
		return err
	}
	into := c.Query("into")
	if !sync.ValidID(into) {
		return hub.E(hub.CodeInvalid, "into is a UUID in lower case")
	}
	loser, err := a.hub.Document(c.UserContext(), callerOf(who), scope, id)
	if err != nil {
		return err
	}
	winner, err := a.hub.Document(c.UserContext(), callerOf(who), scope, sync.DocID(into))
	if err != nil {
		return err
	}
	typ := a.hub.Schema().Types[loser.Type]
	if loser.Gone || winner.Gone || typ == nil || loser.Type != winner.Type {
		return hub.E(hub.CodeMergeSame, "two documents of one type")
	}
	view := differencesView{Version: loser.Version, IntoVersion: winner.Version, Differences: map[sync.Pointer]differenceView{}}
	for _, e := range hub.Differences(typ, winner.Body(), loser.Body()) {
		view.Differences[e.Path] = differenceView{Present: e.Was, Side: e.Now, Choose: e.Was != nil && e.Now != nil}
	}
	return a.send(c, http.StatusOK, view)
}

type differencesView struct {
	Version     int64                           `json:"version"`
	IntoVersion int64                           `json:"intoVersion"`
	Differences map[sync.Pointer]differenceView `json:"differences"` // by path
}

// A differenceView is one place; Choose says that both have a value there.
type differenceView struct {
	Present sync.Value `json:"present,omitempty"`
	Side    sync.Value `json:"side,omitempty"`
	Choose  bool       `json:"choose"`
}
