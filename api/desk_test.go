package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A deskWorld is a cluster "c" whose units fill sheets by criteria a1, a2 (of
// section a) and b1, ten points each, and the people who work on them.
type deskWorld struct {
	*world
	admin, officer, head, deputy, stranger *phone
}

func newDesk(t *testing.T, units ...string) *deskWorld {
	t.Helper()
	w := newWorld(t)
	w.settle(t, "c", units...)
	w.put(t, sync.Org, criteria("tc1", 1, nil), hub.Put{Doc: name("2026"), Type: emulation.TypePeriod, Body: sync.Object{
		"code": "2026", "kind": "year", "title": "Năm 2026", "from": "2026-01-01", "to": "2026-12-31", "criteria": string(name("tc1")),
	}}, hub.Put{Doc: emulation.TermID(name("c"), 2026), Type: emulation.TypeTerm, Body: sync.Object{
		"cluster": string(name("c")), "year": int64(2026), "head": string(name("h")), "deputy": string(name("d")),
	}})
	return &deskWorld{
		world: w, admin: w.phone(t, grant(emulation.Admin, "")), officer: w.phone(t, grant(emulation.Officer, "c")),
		head: w.phone(t, grant(emulation.ClusterHead, "c")), deputy: w.phone(t, grant(emulation.ClusterDeputy, "c")),
		stranger: w.phone(t, grant(emulation.UnitStaff, "elsewhere")),
	}
}

// criteria returns a published version of the criteria, changed if asked for.
func criteria(id string, version int64, change func(sync.Object) sync.Object) hub.Put {
	criterion := func(section, code string, order int64) sync.Object {
		return sync.Object{"section": section, "order": order, "code": code, "title": "Tiêu chí " + code, "type": "quantitative", "max": int64(1000)}
	}
	body := sync.Object{
		"code": "TC", "version": version, "title": "Bộ tiêu chí", "total": int64(3000), "state": "published", "tie_break": []any{"base", "first_section"},
		"sections": sync.Object{
			"a": sync.Object{"order": int64(1), "title": "Mục A", "max": int64(2000)},
			"b": sync.Object{"order": int64(2), "title": "Mục B", "max": int64(1000)},
		},
		"criteria": sync.Object{"a1": criterion("a", "A1", 1), "a2": criterion("a", "A2", 2), "b1": criterion("b", "B1", 1)},
	}
	if change != nil {
		body = change(body)
	}
	return hub.Put{Doc: name(id), Type: emulation.TypeCriteria, Body: body}
}

// sheet returns the body of a unit's sheet with points for a1, a2 and b1.
func sheet(unit, state string, points ...int64) sync.Object {
	entries := sync.Object{}
	for i, code := range []string{"a1", "a2", "b1"}[:len(points)] {
		entries[code] = sync.Object{"self": points[i], "actual": "đạt"}
	}
	body := sync.Object{
		"unit": string(name(unit)), "period": string(name("2026")), "cluster": string(name("c")), "criteria": string(name("tc1")), "entries": entries,
	}
	if state != "" {
		body["state"] = state
	}
	return body
}

func sheetID(unit string) sync.DocID { return emulation.SheetID(name(unit), name("2026")) }

// fill stores a sheet for a unit.
func (w *deskWorld) fill(t tester, unit, state string, points ...int64) {
	t.Helper()
	w.put(t, sync.UnitDesk(name(unit)), hub.Put{Doc: sheetID(unit), Type: emulation.TypeSheet, Body: sheet(unit, state, points...)})
}

// paper returns the body of a review or verification of a sheet.
func paper(unit, state string, entries sync.Object) sync.Object {
	body := sheet(unit, state)
	body["sheet"], body["sheet_version"], body["entries"] = string(sheetID(unit)), int64(1), entries
	return body
}

// document reads a document as somebody sees it.
func (w *deskWorld) document(t tester, p *phone, scope sync.Scope, id sync.DocID) (v documentView, body sync.Object) {
	t.Helper()
	r := w.call(t, p, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s", scope, id), nil)
	r.want(t, http.StatusOK)
	r.decode(t, &v)
	if v.Gone {
		return v, nil
	}
	body, err := bodyOf(&v)
	if err != nil {
		t.Fatalf("body: %v", err)
	}
	return v, body
}

// ranking reads the ranking of the cluster.
func (w *deskWorld) ranking(t tester, p *phone) (v struct {
	Ranking  *emulation.Ranking
	Document *documentView
	Stale    bool
	Changed  []sync.DocID
},
) {
	t.Helper()
	r := w.call(t, p, http.MethodGet, fmt.Sprintf("/v1/rankings?cluster=%s&period=%s", name("c"), name("2026")), nil)
	r.want(t, http.StatusOK)
	r.decode(t, &v)
	return v
}

// change returns a mutation that writes one value of a document.
func (w *deskWorld) change(scope sync.Scope, doc sync.DocID, path sync.Pointer, was, now sync.Value) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: doc, Scope: scope, Base: 1, Edits: []sync.Edit{{Path: path, Was: was, Now: now}}}
}
