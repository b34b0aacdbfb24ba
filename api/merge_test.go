package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A duplicate is one meeting of a cluster that two phones recorded offline.
type duplicate struct {
	*deskWorld
	a, b          *phone
	winner, loser sync.Mutation
	scope         sync.Scope
}

func newDuplicate(t *testing.T) *duplicate {
	t.Helper()
	d := &duplicate{deskWorld: newDesk(t, "u0", "u1"), scope: sync.ClusterScope(name("c"))}
	d.a, d.b = d.phone(t, grant(emulation.UnitStaff, "u0")), d.phone(t, grant(emulation.UnitStaff, "u1"))
	record := func(title, held, place, block string) sync.Mutation {
		m := d.create("u0", sync.Object{
			"kind": "year_end", "title": title, "held_on": held, "distinct": true, "minutes": sync.Object{block: sync.Object{"order": int64(1), "text": "Nội dung " + block}},
		})
		if m.Scope = d.scope; place != "" {
			m.Create["place"] = place
		}
		return m
	}
	d.winner, d.loser = record("Hội nghị tổng kết", "2026-12-16", "", "k1"), record("Tổng kết cụm", "2026-12-16", "Hội trường", "k2")
	for p, m := range map[*phone]sync.Mutation{d.a: d.winner, d.b: d.loser} {
		if ack := acks(p.sync(t, sync.Request{Mutations: []sync.Mutation{m}}))[0]; ack.Outcome != sync.Applied {
			t.Fatalf("%+v", ack)
		}
	}
	return d
}

func (d *duplicate) path() string {
	return fmt.Sprintf("/v1/documents/%s/%s/merge", d.scope, d.loser.Doc)
}

func (d *duplicate) request(t *testing.T, choices map[string]any) map[string]any {
	t.Helper()
	w, _ := d.document(t, d.admin, d.scope, d.winner.Doc)
	l, _ := d.document(t, d.admin, d.scope, d.loser.Doc)
	return map[string]any{"version": l.Version, "into": w.ID, "intoVersion": w.Version, "reason": "Một hội nghị ghi hai lần", "choices": choices}
}

func TestTwoRecordsOfAMeetingBecomeOneAndNothingIsLost(t *testing.T) {
	d := newDuplicate(t)
	r := d.call(t, d.head, http.MethodGet, d.path()+"?into="+string(d.winner.Doc), nil)
	r.want(t, http.StatusOK)
	var shown differencesView
	r.decode(t, &shown)
	if c := shown.Differences; !c["/title"].Choose || c["/place"].Choose || c["/minutes/k1"].Choose || c["/minutes/k2"].Choose || len(c) != 4 {
		t.Errorf("%s", r.body)
	}
	d.call(t, d.head, http.MethodPost, d.path(), d.request(t, map[string]any{})).problem(t, http.StatusUnprocessableEntity, sync.CodeUndecided)
	choice := map[string]any{"/title": map[string]any{"take": "side"}}
	for _, p := range []*phone{d.a, d.stranger} {
		d.call(t, p, http.MethodPost, d.path(), d.request(t, choice)).problem(t, http.StatusForbidden, hub.CodeForbidden)
	}
	request := d.request(t, choice)
	d.call(t, d.head, http.MethodPost, d.path(), request).want(t, http.StatusOK)
	d.call(t, d.head, http.MethodPost, d.path(), request).problem(t, http.StatusConflict, hub.CodeStale)

	_, body := d.document(t, d.a, d.scope, d.winner.Doc)
	minutes, _ := body["minutes"].(sync.Object)
	if body["title"] != "Tổng kết cụm" || body["place"] != "Hội trường" || len(minutes) != 2 {
		t.Errorf("the one that stays is %v", body)
	}
	if got := docs(d.b.sync(t, sync.Request{}))[d.scope]; got[d.winner.Doc].Body["place"] != "Hội trường" || !got[d.loser.Doc].Gone && got[d.loser.Doc].Body != nil {
		t.Errorf("the phone of the one that went has %+v", got)
	} else if record := got[hub.RedirectID(d.loser.Doc)].Body; record["redirect"] != string(d.winner.Doc) || record["state"] != sync.StateSettled {
		t.Errorf("it is told %v", record)
	}
}

func TestWhatIsWrittenIntoAMergedMeetingLaterGoesToTheOneThatStayed(t *testing.T) {
	d := newDuplicate(t)
	request := d.request(t, map[string]any{"/title": map[string]any{"take": "present"}})
	d.call(t, d.admin, http.MethodPost, d.path(), request).want(t, http.StatusOK)
	late := d.edit(d.loser, 2, "/minutes/k9", nil, sync.Object{"order": int64(9), "text": "Viết khi mất sóng"})
	ack := acks(d.b.sync(t, sync.Request{Mutations: []sync.Mutation{late}}))[0]
	if ack.Outcome != sync.Rejected || ack.Code != hub.CodeMerged || ack.Message.VI == "" {
		t.Fatalf("%+v", ack)
	}
	winner, _ := d.document(t, d.admin, d.scope, d.winner.Doc)
	apply := map[string]any{"version": ack.Seq, "present": winner.Version, "reason": "Đưa vào biên bản chung"}
	d.call(t, d.officer, http.MethodPost, fmt.Sprintf("/v1/rejections/%s/%s/apply", d.scope, ack.Kept), apply).want(t, http.StatusOK)
	_, body := d.document(t, d.b, d.scope, d.winner.Doc)
	if sync.Get(body, "/minutes/k9/text") != "Viết khi mất sóng" {
		t.Errorf("%v", body)
	}
	_, settled := d.document(t, d.b, d.scope, ack.Kept)
	if sync.Get(settled, "/decided/doc") != string(d.winner.Doc) || sync.Get(settled, "/decided/took") != "applied" || settled["state"] != sync.StateSettled {
		t.Errorf("%v", settled)
	}
}

func TestSignedMinutesAreNeitherGivenUpNorChangedByAMerge(t *testing.T) {
	d := newDuplicate(t)
	sign := func(m sync.Mutation) {
		_, body := d.document(t, d.admin, d.scope, m.Doc)
		d.put(t, d.scope, hub.Put{Doc: m.Doc, Type: emulation.TypeMeeting, Body: sync.Set(body, "/state", "signed")})
	}
	sign(d.winner)
	side := d.request(t, map[string]any{"/title": map[string]any{"take": "side"}})
	d.call(t, d.admin, http.MethodPost, d.path(), side).problem(t, http.StatusUnprocessableEntity, hub.CodeMergeSettled)
	d.call(t, d.admin, http.MethodPost, d.path(), d.request(t, map[string]any{"/title": map[string]any{"take": "present"}})).want(t, http.StatusOK)
	if _, body := d.document(t, d.a, d.scope, d.winner.Doc); body["title"] != "Hội nghị tổng kết" || body["place"] != nil {
		t.Errorf("signed minutes changed: %v", body)
	}
	e := newDuplicate(t)
	_, body := e.document(t, e.admin, e.scope, e.loser.Doc)
	e.put(t, e.scope, hub.Put{Doc: e.loser.Doc, Type: emulation.TypeMeeting, Body: sync.Set(body, "/state", "signed")})
	e.call(t, e.admin, http.MethodPost, e.path(), e.request(t, map[string]any{"/title": map[string]any{"take": "present"}})).problem(t, http.StatusUnprocessableEntity, hub.CodeMergeSettled)
}
