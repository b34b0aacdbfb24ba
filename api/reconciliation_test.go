package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func (w *deskWorld) reconcile(t *testing.T, p *phone, unit string) (v struct {
	emulation.Reconciliation
	Announced bool
},
) {
	t.Helper()
	t.Helper()
	r := w.call(t, p, http.MethodGet, fmt.Sprintf("/v1/reconciliation?unit=%s&period=%s", name(unit), name("2026")), nil)
	r.want(t, http.StatusOK)
	r.decode(t, &v)
	return v
}

func TestAUnitSeesWhereTheOfficialNumbersDifferAndWhy(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	staff := w.phone(t, grant(emulation.UnitStaff, "u0"))
	w.fill(t, "u0", "cross_checked", 900, 800, 700)
	w.fill(t, "u1", "cross_checked", 700, 700, 700)
	draft := sync.Object{"a1": sync.Object{"cross": int64(600), "reason": "Thiếu minh chứng"}, "a2": sync.Object{"cross": int64(800)}}
	review := func(state string) {
		w.put(t, sync.ClusterDesk(name("c")), hub.Put{Doc: emulation.ReviewID(sheetID("u0")), Type: emulation.TypeReview, Body: paper("u0", state, draft)})
	}
	review("draft")
	if v := w.reconcile(t, staff, "u0"); v.Differ != 0 || v.Own != v.Official || v.OfficialRank != 0 {
		t.Errorf("a review that was not sent shows: %+v", v)
	}
	review("sent")
	w.put(t, sync.UnitDesk(name("u0")), hub.Put{Doc: emulation.VerificationID(sheetID("u0")), Type: emulation.TypeVerification, Body: paper("u0", "sent", sync.Object{"b1": sync.Object{"verified": int64(500), "reason": "Theo thẩm định"}})})
	v := w.reconcile(t, staff, "u0")
	want := []struct {
		code, stage, reason string
		own, official       int64
		differs             bool
	}{
		{"a1", "cross", "Thiếu minh chứng", 900, 600, true},
		{"a2", "cross", "", 800, 800, false},
		{"b1", "verified", "Theo thẩm định", 700, 500, true},
	}
	for i, row := range v.Rows {
		if x := want[i]; row.Code != x.code || row.Stage != x.stage || row.Reason != x.reason || row.Own.Base != x.own || row.Official.Base != x.official || row.Differs != x.differs || row.By != sync.Server || row.At == 0 {
			t.Errorf("row %d is %+v, want %+v", i, row, x)
		}
	}
	if v.Differ != 2 || v.Own.Total != 2400 || v.Official.Total != 1900 || v.OwnRank != 0 || v.OfficialRank != 0 {
		t.Errorf("before the announcement the unit knows its points and no rank: %+v", v)
	}
	if v := w.reconcile(t, w.officer, "u0"); v.OwnRank != 1 || v.OfficialRank != 2 || v.Announced {
		t.Errorf("the officer sees the provisional ranks: %+v", v)
	}
	w.announce(t, w.head, 1, nil).want(t, http.StatusOK)
	if v := w.reconcile(t, staff, "u0"); v.OwnRank != 1 || v.OfficialRank != 2 || !v.Announced {
		t.Errorf("after the announcement: %+v", v)
	}
	other := fmt.Sprintf("/v1/reconciliation?unit=%s&period=%s", name("u0"), name("2026"))
	w.call(t, w.stranger, http.MethodGet, other, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.send(t, staff, http.MethodGet, "/v1/reconciliation?unit=x", nil, nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}
