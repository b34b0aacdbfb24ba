package api

import (
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func (w *deskWorld) announce(t *testing.T, p *phone, seq int64, agreed map[sync.DocID]int) *reply {
	t.Helper()
	body := map[string]any{"cluster": name("c"), "period": name("2026"), "seq": seq, "reason": "Hội nghị tổng kết"}
	if agreed != nil {
		body["agreed"], body["meeting"] = agreed, name("hội nghị")
	}
	return w.call(t, p, http.MethodPost, "/v1/rankings", body)
}

func TestAnAnnouncedRankingTurnsStaleAndIsFollowedByTheNext(t *testing.T) {
	w := newDesk(t, "u0", "u1", "u2")
	staff := w.phone(t, grant(emulation.UnitStaff, "u0"))
	for i, u := range []string{"u0", "u1", "u2"} {
		w.fill(t, u, "verified", int64(900-100*i), 500, 500)
	}
	w.announce(t, staff, 1, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.announce(t, w.officer, 1, nil).problem(t, http.StatusForbidden, emulation.CodeForbidden)
	w.announce(t, w.head, 2, nil).problem(t, http.StatusConflict, hub.CodeStale)
	w.announce(t, w.head, 1, nil).want(t, http.StatusOK)
	w.announce(t, w.deputy, 1, nil).problem(t, http.StatusConflict, hub.CodeStale)
	v := w.ranking(t, staff)
	body, err := bodyOf(v.Document)
	if err != nil || v.Ranking != nil || v.Stale || body["state"] != "announced" || len(body["basis"].(sync.Object)) != 4 {
		t.Fatalf("%v: stale %v, %v", err, v.Stale, body)
	}
	w.fill(t, "u1", "verified", 1000, 500, 500)
	if v := w.ranking(t, staff); !v.Stale || len(v.Changed) != 1 || v.Changed[0] != sheetID("u1") {
		t.Errorf("after a sheet changed: %v %v", v.Stale, v.Changed)
	}
	w.announce(t, w.head, 2, nil).want(t, http.StatusOK)
	v = w.ranking(t, staff)
	if body, _ := bodyOf(v.Document); v.Stale || body["seq"] != float64(2) && body["seq"] != int64(2) || sync.Get(body, sync.Pointer("/rows").Join(string(name("u1"))).Join("rank")) != int64(1) {
		t.Errorf("the second: %v", body)
	}
	if _, first := w.document(t, staff, sync.ClusterScope(name("c")), emulation.RankingID(name("c"), name("2026"), 1)); first["state"] != "superseded" || first["state_reason"] != "Hội nghị tổng kết" {
		t.Errorf("the first is %v", first)
	}
}

func TestRanksAgreedAtTheConferenceThatDifferWaitForAPerson(t *testing.T) {
	for _, take := range []string{"present", "side"} {
		t.Run(take, func(t *testing.T) {
			w := newDesk(t, "u0", "u1", "u2")
			for i, u := range []string{"u0", "u1", "u2"} {
				w.fill(t, u, "verified", int64(900-100*i), 500, 500)
			}
			agreed := map[sync.DocID]int{name("u0"): 2, name("u1"): 1}
			w.announce(t, w.head, 1, agreed).problem(t, http.StatusUnprocessableEntity, emulation.CodeAgreedIncomplete)
			agreed[name("u2")] = 3
			r := w.announce(t, w.head, 1, agreed)
			r.want(t, http.StatusOK)
			var said recordView
			r.decode(t, &said)
			if said.Announced || said.Conflict == nil {
				t.Fatalf("%s", r.body)
			}
			w.announce(t, w.head, 1, nil).problem(t, http.StatusUnprocessableEntity, emulation.CodeConflictOpen)
			choice := map[string]any{"take": take}
			if take == "side" {
				choice["side"] = said.Conflict.ID
			}
			w.call(t, w.officer, http.MethodPost, "/v1/conflicts/"+string(said.Conflict.Scope)+"/"+string(said.Conflict.ID)+"/resolve", map[string]any{
				"version": said.Conflict.Version, "reason": "Theo biên bản", "choices": map[string]any{"/rows": choice},
			}).want(t, http.StatusOK)
			w.announce(t, w.head, 1, nil).want(t, http.StatusOK)
			body, err := bodyOf(w.ranking(t, w.admin).Document)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]int64{"present": 1, "side": 2}[take]
			if got := sync.Get(body, sync.Pointer("/rows").Join(string(name("u0"))).Join("rank")); got != want {
				t.Errorf("u0 is ranked %v, want %d", got, want)
			}
			if got := sync.Get(body, sync.Pointer("/rows").Join(string(name("u0"))).Join("score")); got != int64(1900) {
				t.Errorf("the score of u0 is %v", got)
			}
		})
	}
}
