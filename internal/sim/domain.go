package sim

import (
	"thidua/internal/hub"
	"thidua/sync"
)

// A domain is a small organisation that has everything the engine knows: notes
// with fields of every policy live in units and on their desks, grants in org
// say whose a unit or a desk is, and a tracker of each unit and a board of all
// are derived into the cluster, which everybody reads who has any unit.
type domain struct {
	schema *sync.Schema
	units  []sync.DocID
}

var _ hub.Domain = (*domain)(nil)

// The types of document.
const (
	typeNote    = "note"
	typeGrant   = "grant"
	typeTracker = "tracker"
	typeBoard   = "board"
)

// Values that the rules of the domain answer to.
const (
	titleRefused = "refuse me"
	titleQueued  = "ask somebody"
)

func newDomain(units int) *domain {
	line, number := &sync.Field{Kind: sync.KindLine}, &sync.Field{Kind: sync.KindInt}
	object := func(fields map[string]*sync.Field) *sync.Field {
		return &sync.Field{Kind: sync.KindObject, Fields: fields}
	}
	types := map[string]*sync.Type{
		typeNote: {Name: typeNote, Scopes: []string{"unit", "unit:desk"}, Body: object(map[string]*sync.Field{
			"title": line, "text": {Kind: sync.KindText}, "n": number,
			"score": {Kind: sync.KindInt, Policy: sync.PolicyJudge},
			"tags":  {Kind: sync.KindMap, Each: line},
			"place": {Kind: sync.KindObject, Policy: sync.PolicyAtomic, Fields: map[string]*sync.Field{"name": line, "room": line}},
			"state": {Kind: sync.KindEnum, Policy: sync.PolicyTransition, Enum: []string{"draft", "sent"}},
		})},
		typeGrant: {Name: typeGrant, Scopes: []string{"org"}, Body: object(map[string]*sync.Field{
			"person": {Kind: sync.KindID, Required: true}, "unit": {Kind: sync.KindID, Required: true}, "desk": {Kind: sync.KindBool},
		})},
	}
	for _, name := range []string{typeTracker, typeBoard} {
		types[name] = &sync.Type{Name: name, Scopes: []string{"cluster"}, Body: object(nil)}
	}
	d := &domain{schema: &sync.Schema{Version: 1, Oldest: 1, Types: types}}
	for i := range units {
		d.units = append(d.units, sync.DocID(sync.NameID("unit", string(rune('a'+i)))))
	}
	return d
}

// admin decides conflicts and hands out grants.
func admin() hub.Caller {
	return hub.Caller{Author: sync.Author{Person: sync.PersonID(sync.NameID("person", "admin"))}}
}

func cluster() sync.Scope { return sync.ClusterScope(sync.DocID(sync.NameID("cluster"))) }

// Schema implements sync.Rules.
func (d *domain) Schema() *sync.Schema { return d.schema }

// Allow implements sync.Rules.
func (d *domain) Allow(a sync.Act) sync.Ruling {
	if a.Decision {
		return sync.Ruling{}
	}
	for _, e := range a.Edits {
		body, _ := e.Now.(sync.Object)
		switch {
		case e.Now == titleRefused || body["title"] == titleRefused:
			return sync.Ruling{Verdict: sync.Refuse, Code: "refused_by_rule"}
		case e.Now == titleQueued || body["title"] == titleQueued:
			return sync.Ruling{Verdict: sync.Queue, Code: "queued_by_rule"}
		}
	}
	return sync.Ruling{}
}

// Readable implements hub.Domain.
func (d *domain) Readable(a sync.Author, _ int64, org *sync.Reference) []sync.Scope {
	scopes := []sync.Scope{sync.Org, sync.UserScope(a.Person)}
	member := false
	for _, g := range org.Of(typeGrant) {
		b := g.Body()
		if b["person"] != string(a.Person) {
			continue
		}
		unit, _ := b["unit"].(string)
		if desk, _ := b["desk"].(bool); desk {
			scopes = append(scopes, sync.UnitDesk(sync.DocID(unit)))
		} else {
			scopes, member = append(scopes, sync.UnitScope(sync.DocID(unit))), true
		}
	}
	if member {
		scopes = append(scopes, cluster())
	}
	return scopes
}

// Oversees implements hub.Domain.
func (d *domain) Oversees(a sync.Author, _ int64, _ sync.Scope, _ *sync.Reference) bool {
	return a.Person == admin().Person
}

// Merges implements hub.Domain.
func (d *domain) Merges(sync.Author, int64, sync.Scope, *sync.Reference) bool { return false }

// Reopened implements hub.Domain: nothing is reopened here.
func (d *domain) Reopened(_ *sync.Type, body sync.Object, _, _ string) (sync.Object, bool, sync.Code) {
	return body, false, ""
}

// Message implements hub.Domain.
func (d *domain) Message(sync.Code) (sync.Text, bool) { return sync.Text{}, false }

func trackerOf(unit sync.Scope) sync.Target {
	return sync.Target{Scope: cluster(), Doc: sync.DocID(sync.NameID("tracker", string(unit))), Type: typeTracker, Subject: string(unit)}
}

func board() sync.Target {
	return sync.Target{Scope: cluster(), Doc: sync.DocID(sync.NameID("board")), Type: typeBoard}
}

// Targets implements sync.Derivation.
func (d *domain) Targets(changed sync.Scope, _ *sync.Reference) []sync.Target {
	if changed.Kind() != "unit" {
		return nil
	}
	return []sync.Target{trackerOf(changed), board()}
}

// Sources implements sync.Derivation.
func (d *domain) Sources(t sync.Target, _ *sync.Reference) []sync.Scope {
	if t.Type == typeTracker {
		return []sync.Scope{sync.Scope(t.Subject)}
	}
	scopes := make([]sync.Scope, len(d.units))
	for i, u := range d.units {
		scopes[i] = sync.UnitScope(u)
	}
	return scopes
}

// Questions implements sync.Derivation: there are none.
func (d *domain) Questions(sync.Target, map[sync.Scope][]*sync.Document, *sync.Reference) []sync.Question {
	return nil
}

// Derive implements sync.Derivation: how many notes there are, and the sum of
// their numbers.
func (d *domain) Derive(_ sync.Target, docs map[sync.Scope][]*sync.Document, _ *sync.Reference) sync.Object {
	notes, total := int64(0), int64(0)
	for _, of := range docs {
		for _, doc := range of {
			if doc.Type == typeNote {
				n, _ := doc.Body()["n"].(int64)
				notes, total = notes+1, total+n
			}
		}
	}
	if notes == 0 {
		return nil
	}
	return sync.Object{"notes": notes, "total": total}
}
