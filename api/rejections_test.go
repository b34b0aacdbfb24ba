package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// late makes a phone of a unit edit a locked sheet and returns what became of it.
func (w *deskWorld) late(t *testing.T, staff *phone, unit string, now int64) (sync.Ack, string) {
	t.Helper()
	scope := sync.UnitDesk(name(unit))
	_, body := w.document(t, w.admin, scope, sheetID(unit))
	m := w.change(scope, sheetID(unit), "/entries/a1/self", sync.Get(body, "/entries/a1/self"), now)
	ack := acks(staff.sync(t, sync.Request{Mutations: []sync.Mutation{m}}))[0]
	if ack.Outcome != sync.Rejected || ack.Code != emulation.CodeLate {
		t.Fatalf("%+v", ack)
	}
	return ack, fmt.Sprintf("/v1/rejections/%s/%s", scope, ack.Kept)
}

func TestARefusedLateEditBecomesAReopening(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	staff := w.phone(t, grant(emulation.UnitStaff, "u0"))
	w.fill(t, "u0", "locked", 500, 500, 500)
	scope := sync.UnitDesk(name("u0"))
	ack, path := w.late(t, staff, "u0", 800)
	sheet, _ := w.document(t, w.admin, scope, sheetID("u0"))
	request := func(version, present int64, reason string) map[string]any {
		return map[string]any{"version": version, "present": present, "reason": reason, "until": "2026-12-20"}
	}
	for _, p := range []*phone{staff, w.head, w.stranger} {
		w.call(t, p, http.MethodPost, path+"/apply", request(ack.Seq, sheet.Version, "x")).problem(t, http.StatusForbidden, hub.CodeForbidden)
	}
	w.call(t, w.admin, http.MethodPost, path+"/apply", request(ack.Seq, sheet.Version, " ")).problem(t, http.StatusUnprocessableEntity, sync.CodeReason)
	w.call(t, w.admin, http.MethodPost, path+"/apply", request(ack.Seq, sheet.Version+1, "x")).problem(t, http.StatusConflict, hub.CodeStale)
	w.call(t, w.admin, http.MethodPost, path+"/apply", request(ack.Seq+1, sheet.Version, "x")).problem(t, http.StatusConflict, hub.CodeStale)
	r := w.call(t, w.admin, http.MethodPost, path+"/apply", request(ack.Seq, sheet.Version, "Có minh chứng gửi muộn"))
	r.want(t, http.StatusOK)
	_, body := w.document(t, staff, scope, sheetID("u0"))
	if body["state"] != "returned" || body["state_reason"] != "Có minh chứng gửi muộn" || body["extended_to"] != "2026-12-20" || sync.Get(body, "/entries/a1/self") != int64(800) {
		t.Errorf("the sheet is %v", body)
	}
	_, settled := w.document(t, staff, scope, ack.Kept)
	if settled["state"] != sync.StateSettled || sync.Get(settled, "/decided/reopened") != true || sync.Get(settled, "/decided/by") != string(w.admin.session.Person) || sync.Get(settled, "/decided/version") == nil {
		t.Errorf("the rejection is %v", settled)
	}
	w.call(t, w.admin, http.MethodPost, path+"/dismiss", map[string]any{"version": ack.Seq, "reason": "x"}).problem(t, http.StatusConflict, hub.CodeStale)
}

func TestALateEditThatCannotStandStaysRefused(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	staff := w.phone(t, grant(emulation.UnitStaff, "u0"))
	w.fill(t, "u0", "locked", 500, 500, 500)
	ack, path := w.late(t, staff, "u0", 1100)
	sheet, _ := w.document(t, w.admin, sync.UnitDesk(name("u0")), sheetID("u0"))
	w.call(t, w.admin, http.MethodPost, path+"/apply", map[string]any{"version": ack.Seq, "present": sheet.Version, "reason": "x"}).problem(t, http.StatusUnprocessableEntity, emulation.CodeScoreRange)
	w.call(t, w.officer, http.MethodPost, path+"/dismiss", map[string]any{"version": ack.Seq, "reason": "Vượt điểm tối đa"}).want(t, http.StatusOK)
	_, settled := w.document(t, staff, sync.UnitDesk(name("u0")), ack.Kept)
	if settled["state"] != sync.StateSettled || sync.Get(settled, "/decided/took") != "dismissed" || sync.Get(settled, "/decided/reason") != "Vượt điểm tối đa" {
		t.Errorf("%v", settled)
	}
	if after, _ := w.document(t, w.admin, sync.UnitDesk(name("u0")), sheetID("u0")); after.Version != sheet.Version {
		t.Error("the sheet changed")
	}
}

func TestWhatWasMeantForAForeignScopeCanBeAppliedThere(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	foreign := w.phone(t, grant(emulation.UnitStaff, "u1"))
	m := w.create("u0", meeting("Ghi nhầm đơn vị"))
	ack := acks(foreign.sync(t, sync.Request{Mutations: []sync.Mutation{m}}))[0]
	if ack.Outcome != sync.Rejected || ack.Code != sync.CodeForbiddenScope {
		t.Fatalf("%+v", ack)
	}
	path := fmt.Sprintf("/v1/rejections/%s/%s/apply", ack.Scope, ack.Kept)
	request := map[string]any{"version": ack.Seq, "present": 0, "reason": "Người ghi được giao ghi thay"}
	w.call(t, w.officer, http.MethodPost, path, request).problem(t, http.StatusForbidden, hub.CodeForbidden)
	w.call(t, w.admin, http.MethodPost, path, request).want(t, http.StatusOK)
	if _, body := w.document(t, w.admin, m.Scope, m.Doc); body["title"] != "Ghi nhầm đơn vị" {
		t.Errorf("%v", body)
	}
	if _, settled := w.document(t, foreign, ack.Scope, ack.Kept); sync.Get(settled, "/decided/scope") != string(m.Scope) {
		t.Errorf("%v", settled)
	}
}
