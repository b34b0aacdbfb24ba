package api

import (
	"fmt"
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestATimetableIsCountedFromADispatchAndFromLastYears(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	w.put(t, sync.Org, hub.Put{Doc: name("dispatch"), Type: emulation.TypeDispatch, Body: sync.Object{"number": "4797/SYT-TCCB", "date": "2026-10-30", "subject": "Tổng kết"}},
		hub.Put{Doc: name("2027"), Type: emulation.TypePeriod, Body: sync.Object{"code": "2027", "kind": "year", "title": "Năm 2027", "from": "2027-01-01", "to": "2027-12-31"}})
	set := func(p *phone, period string, request map[string]any) *reply {
		t.Helper()
		v, _ := w.document(t, w.admin, sync.Org, name(period))
		request["version"], request["reason"] = v.Version, "Theo công văn"
		return w.call(t, p, http.MethodPost, fmt.Sprintf("/v1/periods/%s/timetable", name(period)), request)
	}
	offsets := func(days int) map[string]any {
		return map[string]any{"conference": map[string]any{"kind": "conference", "days": days}, "sheet": map[string]any{"kind": "sheet", "days": 16, "grace": 2}}
	}
	dispatched := map[string]any{"dispatch": name("dispatch"), "offsets": offsets(31)}
	for _, p := range []*phone{w.head, w.stranger} {
		set(p, "2026", dispatched).problem(t, http.StatusForbidden, emulation.CodeForbidden)
	}
	set(w.officer, "2026", dispatched).want(t, http.StatusOK)
	due := func(period, key string) any {
		_, body := w.document(t, w.admin, sync.Org, name(period))
		return sync.Get(body, sync.Pointer("/milestones/"+key+"/due"))
	}
	if due("2026", "conference") != "2026-11-30" || due("2026", "sheet") != "2026-11-15" {
		t.Errorf("from the dispatch: %v, %v", due("2026", "conference"), due("2026", "sheet"))
	}
	set(w.officer, "2027", map[string]any{"date": "2027-12-10", "like": name("2026")}).want(t, http.StatusOK)
	if due("2027", "conference") != "2027-12-10" || due("2027", "sheet") != "2027-11-25" {
		t.Errorf("like last year's: %v, %v", due("2027", "conference"), due("2027", "sheet"))
	}
	set(w.officer, "2026", map[string]any{"dispatch": name("dispatch"), "offsets": offsets(40)}).want(t, http.StatusOK)
	r := w.call(t, w.officer, http.MethodGet, fmt.Sprintf("/v1/documents/org/%s/history?limit=1", name("2026")), nil)
	var log struct{ Commits []commitView }
	r.decode(t, &log)
	if c := log.Commits[0]; c.Reason != "Theo công văn" || c.Changes[0].Edits["/milestones/conference/due"].Was != "2026-11-30" {
		t.Errorf("history: %s", r.body)
	}
	for _, bad := range []map[string]any{
		{"offsets": offsets(1)},
		{"date": "2026-02-30", "offsets": offsets(1)},
		{"date": "2026-12-01"},
		{"date": "2026-12-01", "dispatch": name("dispatch"), "offsets": offsets(1)},
	} {
		v, _ := w.document(t, w.admin, sync.Org, name("2026"))
		bad["version"], bad["reason"] = v.Version, "x"
		w.call(t, w.officer, http.MethodPost, fmt.Sprintf("/v1/periods/%s/timetable", name("2026")), bad).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	}
	set(w.officer, "2026", map[string]any{"dispatch": name("none"), "offsets": offsets(1)}).problem(t, http.StatusNotFound, hub.CodeNotFound)
}
