package api

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A decisionFields is a decision as the console sends it.
type decisionFields struct {
	Version int64                   `json:"version"`
	Reason  string                  `json:"reason"`
	Choices map[string]choiceFields `json:"choices"` // by path
}

type choiceFields struct {
	Take  string          `json:"take"`
	Side  sync.MutationID `json:"side"`
	Value jsontext.Value  `json:"value"`
}

// decision returns the decision on a conflict, or what cannot be read of it.
// Whether it can be carried out is for the engine to say.
func (in decisionFields) decision(conflict sync.DocID) (sync.Decision, error) {
	dec := sync.Decision{
		Conflict: conflict, Version: in.Version, Reason: norm.NFC.String(in.Reason),
		Choices: make(map[sync.Pointer]sync.Choice, len(in.Choices)),
	}
	if in.Version <= 0 || in.Version > sync.MaxNumber {
		return dec, hub.E(hub.CodeInvalid, "version is the conflict's as it was looked at")
	}
	for path, c := range in.Choices {
		choice, err := c.choice()
		if err != nil {
			return dec, err
		}
		if path != "" && !sync.Pointer(path).Valid() { // "" is the whole: deleted, or created
			return dec, hub.E(hub.CodeInvalid, "a choice is named by the path of an item")
		}
		dec.Choices[sync.Pointer(path)] = choice
	}
	return dec, nil
}

func (in choiceFields) choice() (sync.Choice, error) {
	c := sync.Choice{Take: in.Take, Side: in.Side}
	switch takes := in.Take == sync.TakeValue; {
	case in.Take != sync.TakePresent && in.Take != sync.TakeSide && !takes,
		takes != (in.Value != nil), (in.Take == sync.TakeSide) != (in.Side != ""):
		return c, hub.E(hub.CodeInvalid, "take is present, side with a side, or value with a value")
	case !takes || in.Value.Kind() == 'n':
		return c, nil
	}
	wrapped, _, fault := sync.ParseObject([]byte(`{"value":` + string(in.Value) + `}`))
	if fault != nil {
		return c, fault
	}
	c.Value = wrapped["value"]
	return c, nil
}

// resolveConflict carries out a person's decision.
func (a *API) resolveConflict(c *fiber.Ctx, who auth.Actor) error {
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
	commit, err := a.hub.Resolve(c.UserContext(), callerOf(who), scope, dec)
	if err != nil {
		return err
	}
	settled, err := a.hub.Document(c.UserContext(), callerOf(who), scope, id)
	if err != nil {
		return err
	}
	view := struct {
		Seq      int64         `json:"seq"`
		Conflict *documentView `json:"conflict"`
	}{Conflict: viewOf(settled)}
	if commit != nil {
		view.Seq = commit.Seq
	}
	return a.send(c, http.StatusOK, view)
}
