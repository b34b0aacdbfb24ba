package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestASheetIsTransferredToTheClusterItsUnitMovedTo(t *testing.T) {
	w := newDesk(t, "u0", "u1", "u2")
	w.settle(t, "e", "u9")
	w.fill(t, "u0", "submitted", 500, 600, 700)
	w.fill(t, "u1", "locked", 500, 600, 700)
	for _, unit := range []string{"u0", "u1", "u2"} {
		w.put(t, sync.Org, hub.Put{Doc: name(unit + "e"), Type: emulation.TypeMembership, Body: sync.Object{"unit": string(name(unit)), "cluster": string(name("e")), "from": "2026-01-02"}})
	}
	transfer := func(p *phone, unit, cluster, reason string) *reply {
		t.Helper()
		return w.call(t, p, http.MethodPost, fmt.Sprintf("/v1/units/%s/transfer", name(unit)), map[string]any{"period": name("2026"), "cluster": name(cluster), "reason": reason})
	}
	before := contents(t, w.world, sync.UnitDesk(name("u0")))
	for _, p := range []*phone{w.officer, w.head, w.deputy, w.stranger, w.phone(t, grant(emulation.UnitLeader, "u0")), w.phone(t, grant(emulation.Officer, "e")), w.phone(t, grant(emulation.ClusterHead, "e"))} {
		transfer(p, "u0", "e", "Chuyển cụm").problem(t, http.StatusForbidden, hub.CodeForbidden)
		transfer(p, "nobody", "e", "Chuyển cụm").problem(t, http.StatusForbidden, hub.CodeForbidden) // the same of one that is not there
	}
	transfer(w.admin, "u0", "e", " ").problem(t, http.StatusUnprocessableEntity, sync.CodeReason)
	transfer(w.admin, "u0", "elsewhere", "Chuyển cụm").problem(t, http.StatusUnprocessableEntity, emulation.CodeNotMember)
	transfer(w.admin, "u1", "e", "Chuyển cụm").problem(t, http.StatusUnprocessableEntity, emulation.CodeTransferClosed)
	transfer(w.admin, "u2", "e", "Chuyển cụm").problem(t, http.StatusNotFound, hub.CodeNotFound)
	transfer(w.admin, "nobody", "e", "Chuyển cụm").problem(t, http.StatusNotFound, hub.CodeNotFound)
	if now := contents(t, w.world, sync.UnitDesk(name("u0"))); fmt.Sprint(now) != fmt.Sprint(before) {
		t.Errorf("what was refused left %v", now)
	}
	var first, again documentView
	for _, v := range []*documentView{&first, &again} {
		r := transfer(w.admin, "u0", "e", "Chuyển cụm")
		r.want(t, http.StatusOK)
		r.decode(t, v)
	}
	if first.Version != again.Version {
		t.Errorf("done again: version %d after %d", again.Version, first.Version)
	}
	if _, body := w.document(t, w.admin, sync.UnitDesk(name("u0")), sheetID("u0")); body["cluster"] != string(name("e")) || body["state"] != "submitted" {
		t.Errorf("the sheet is %v", body)
	}
	r := w.call(t, w.admin, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s/history?limit=1", sync.UnitDesk(name("u0")), sheetID("u0")), nil)
	var log struct{ Commits []commitView }
	r.decode(t, &log)
	if c := log.Commits[0]; c.Reason != "Chuyển cụm" || c.Author != w.admin.session.Person || c.Changes[0].Edits["/cluster"].Was != string(name("c")) {
		t.Errorf("history: %s", r.body)
	}
}
