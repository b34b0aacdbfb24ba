package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A dispute is a conflict on the title of a meeting, between two phones.
type dispute struct {
	*world
	a, b, admin, stranger *phone
	meeting               sync.Mutation
	kept                  sync.DocID
	path                  string
	version               int64
}

func newDispute(t *testing.T) *dispute {
	t.Helper()
	w := newWorld(t)
	w.settle(t, "c", "u", "v")
	d := &dispute{world: w, a: w.phone(t, grant(emulation.UnitStaff, "u")), b: w.phone(t, grant(emulation.UnitStaff, "u"))}
	d.admin, d.stranger = w.phone(t, grant(emulation.Admin, "")), w.phone(t, grant(emulation.UnitStaff, "v"))
	d.meeting = w.create("u", meeting("Hội nghị tổng kết công tác thi đua năm cũ"))
	d.a.sync(t, sync.Request{Mutations: []sync.Mutation{d.meeting}})
	was := "Hội nghị tổng kết công tác thi đua năm cũ"
	d.a.sync(t, sync.Request{Mutations: []sync.Mutation{w.edit(d.meeting, 1, "/title", was, "Hội nghị sơ kết công tác thi đua năm cũ")}})
	ack := acks(d.b.sync(t, sync.Request{Mutations: []sync.Mutation{w.edit(d.meeting, 1, "/title", was, "Hội nghị tổng kết công tác thi đua năm 2026")}}))[0]
	if ack.Outcome != sync.Queued {
		t.Fatalf("no conflict: %+v", ack)
	}
	d.kept, d.version = ack.Kept, ack.Seq
	d.path = fmt.Sprintf("/v1/conflicts/%s/%s", d.meeting.Scope, d.kept)
	return d
}

func (d *dispute) decision(version int64, reason string, choice map[string]any) map[string]any {
	return map[string]any{"version": version, "reason": reason, "choices": map[string]any{"/title": choice}}
}

func (d *dispute) list(t *testing.T, p *phone, query string) []keptView {
	t.Helper()
	r := d.call(t, p, http.MethodGet, "/v1/conflicts"+query, nil)
	r.want(t, http.StatusOK)
	var said struct{ Conflicts []keptView }
	r.decode(t, &said)
	return said.Conflicts
}

func TestConflictsAreListedToWhoMayLook(t *testing.T) {
	d := newDispute(t)
	for _, p := range []*phone{d.a, d.b, d.admin} {
		if got := d.list(t, p, "?type=conflict&state=open&limit=10"); len(got) != 1 || got[0].ID != d.kept || got[0].About != d.meeting.Doc {
			t.Errorf("%+v", got)
		}
	}
	if got := d.list(t, d.stranger, ""); len(got) != 0 {
		t.Errorf("a stranger sees %+v", got)
	}
	for _, none := range []string{"?type=rejection", "?state=settled", "?scope=org", "?before=1"} {
		if got := d.list(t, d.admin, none); len(got) != 0 {
			t.Errorf("%s: %+v", none, got)
		}
	}
	for _, bad := range []string{"?type=x", "?state=x", "?scope=x", "?before=x", "?limit=-1", "?beforeId=x"} {
		d.send(t, d.admin, http.MethodGet, "/v1/conflicts"+bad, nil, nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	}
}

func TestAConflictIsShownWithAProposal(t *testing.T) {
	d := newDispute(t)
	r := d.call(t, d.admin, http.MethodGet, d.path, nil)
	r.want(t, http.StatusOK)
	var view conflictView
	r.decode(t, &view)
	if view.Conflict.Version != d.version || view.Present.ID != d.meeting.Doc || len(view.Proposals) != 1 {
		t.Fatalf("%s", r.body)
	}
	if p := view.Proposals[0].Proposal; !p.Clean || p.Text != "Hội nghị sơ kết công tác thi đua năm 2026" {
		t.Errorf("proposal %+v", p)
	}
	escaped := fmt.Sprintf("/v1/conflicts/unit%%3A%s/%s", name("u"), d.kept)
	d.call(t, d.b, http.MethodGet, escaped, nil).want(t, http.StatusOK)
	d.call(t, d.stranger, http.MethodGet, d.path, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	noConflict := fmt.Sprintf("/v1/conflicts/%s/%s", d.meeting.Scope, d.meeting.Doc)
	d.call(t, d.admin, http.MethodGet, noConflict, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
}

func TestADecisionReachesBothPhones(t *testing.T) {
	d := newDispute(t)
	r := d.call(t, d.admin, http.MethodPost, d.path+"/resolve", d.decision(d.version, "Theo biên bản", map[string]any{"take": "value", "value": "Hội nghị năm 2026"}))
	r.want(t, http.StatusOK)
	var said struct {
		Seq      int64
		Conflict documentView
	}
	r.decode(t, &said)
	if said.Seq != d.version+1 || said.Conflict.Version != said.Seq {
		t.Errorf("%s", r.body)
	}
	for _, p := range []*phone{d.a, d.b} {
		got := docs(p.sync(t, sync.Request{}))[d.meeting.Scope]
		if got[d.meeting.Doc].Body["title"] != "Hội nghị năm 2026" || got[d.kept].Body["state"] != sync.StateSettled {
			t.Errorf("%+v", got)
		}
	}
	history := d.call(t, d.a, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s/history?limit=1", d.meeting.Scope, d.meeting.Doc), nil)
	history.want(t, http.StatusOK)
	var log struct{ Commits []commitView }
	history.decode(t, &log)
	if len(log.Commits) != 1 || log.Commits[0].Reason != "Theo biên bản" || log.Commits[0].Author != d.admin.session.Person || log.Commits[0].Changes[0].Edits["/title"].Now != "Hội nghị năm 2026" {
		t.Errorf("%s", history.body)
	}
	d.call(t, d.admin, http.MethodPost, d.path+"/resolve", d.decision(said.Seq, "Nữa", map[string]any{"take": "present"})).problem(t, http.StatusConflict, hub.CodeStale)
}

func TestADecisionOnSomethingOlderIsStale(t *testing.T) {
	d := newDispute(t)
	d.call(t, d.admin, http.MethodPost, d.path+"/resolve", d.decision(d.version-1, "Cũ", map[string]any{"take": "present"})).problem(t, http.StatusConflict, hub.CodeStale)
}

func TestADecisionThatCannotBeCarriedOutChangesNothing(t *testing.T) {
	d := newDispute(t)
	post := func(p *phone, body any) *reply { return d.call(t, p, http.MethodPost, d.path+"/resolve", body) }
	present := map[string]any{"take": "present"}
	post(d.admin, d.decision(d.version, "", present)).problem(t, http.StatusUnprocessableEntity, sync.CodeReason)
	post(d.admin, map[string]any{"version": d.version, "reason": "x", "choices": map[string]any{}}).problem(t, http.StatusUnprocessableEntity, sync.CodeUndecided)
	post(d.admin, d.decision(d.version, "x", map[string]any{"take": "side", "side": d.id()})).problem(t, http.StatusUnprocessableEntity, sync.CodeNoSide)
	post(d.admin, d.decision(d.version, "x", map[string]any{"take": "value", "value": nil})).problem(t, http.StatusUnprocessableEntity, sync.CodeRequired)
	post(d.admin, d.decision(d.version, "x", map[string]any{"take": "value", "value": 1.5})).problem(t, http.StatusBadRequest, sync.CodeBadNumber)
	post(d.admin, d.decision(d.version, "x", map[string]any{"take": "value"})).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	post(d.admin, d.decision(0, "x", present)).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	post(d.a, d.decision(d.version, "x", present)).problem(t, http.StatusForbidden, hub.CodeForbidden)
	post(d.stranger, d.decision(d.version, "x", present)).problem(t, http.StatusForbidden, hub.CodeForbidden)
	d.send(t, d.admin, http.MethodPost, d.path+"/resolve", []byte(`{"version":1,"version":2}`), nil).problem(t, http.StatusBadRequest, sync.CodeSyntax)
	d.send(t, d.admin, http.MethodPost, d.path+"/resolve", []byte(`{"colour":1}`), nil).problem(t, http.StatusBadRequest, sync.CodeUnknownField)
	d.send(t, d.admin, http.MethodPost, d.path+"/resolve", []byte(`{"version":"1"}`), nil).problem(t, http.StatusBadRequest, sync.CodeInvalidType)
	if got := d.list(t, d.admin, "?state=open"); len(got) != 1 || got[0].Version != d.version {
		t.Errorf("%+v", got)
	}
}

func TestHistoryPagesAndIsForWhoMayLook(t *testing.T) {
	d := newDispute(t)
	path := fmt.Sprintf("/v1/documents/%s/%s", d.meeting.Scope, d.meeting.Doc)
	seqs := func(query string) (found []int64) {
		r := d.call(t, d.b, http.MethodGet, path+"/history"+query, nil)
		r.want(t, http.StatusOK)
		var said struct{ Commits []commitView }
		r.decode(t, &said)
		for _, c := range said.Commits {
			found = append(found, c.Seq)
		}
		return found
	}
	if all, page := fmt.Sprint(seqs("")), fmt.Sprint(seqs("?before=2")); all != "[2 1]" || page != "[1]" {
		t.Errorf("all %s, before the second %s", all, page)
	}
	d.call(t, d.a, http.MethodGet, path, nil).want(t, http.StatusOK)
	d.call(t, d.stranger, http.MethodGet, path, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	d.call(t, d.stranger, http.MethodGet, path+"/history", nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
}

func TestADeletionThatMetAnEditIsDecidedByThePathOfTheWhole(t *testing.T) {
	for take, gone := range map[string]bool{"present": false, "side": true} {
		w := newWorld(t)
		w.settle(t, "c", "u")
		staff, admin := w.phone(t, grant(emulation.UnitStaff, "u")), w.phone(t, grant(emulation.Admin, ""))
		m := w.create("u", meeting("Một"))
		staff.sync(t, sync.Request{Mutations: []sync.Mutation{m}})
		removal := sync.Mutation{ID: sync.MutationID(w.id()), Doc: m.Doc, Scope: m.Scope, Base: 1, Delete: sync.HashOf(meeting("Không"))}
		ack := acks(staff.sync(t, sync.Request{Mutations: []sync.Mutation{removal}}))[0]
		if ack.Code != sync.CodeDeletedEdited {
			t.Fatalf("%+v", ack)
		}
		choice := map[string]any{"take": take}
		if take == "side" {
			choice["side"] = removal.ID
		}
		w.call(t, admin, http.MethodPost, fmt.Sprintf("/v1/conflicts/%s/%s/resolve", m.Scope, ack.Kept), map[string]any{
			"version": ack.Seq, "reason": "Theo hồ sơ", "choices": map[string]any{"": choice},
		}).want(t, http.StatusOK)
		if _, kept := docs(staff.sync(t, sync.Request{}))[m.Scope][m.Doc]; kept == gone {
			t.Errorf("%s: the meeting is there: %v", take, kept)
		}
	}
}
