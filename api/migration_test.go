package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestOpenSheetsGoOverToNewCriteriaByCode(t *testing.T) {
	units := []string{"u0", "u1", "u2", "u3", "u4"}
	w := newDesk(t, units...)
	w.fill(t, "u0", "", 500, 600, 700)
	w.fill(t, "u1", "submitted", 500, 600, 700)
	w.fill(t, "u2", "cross_checked", 500, 600, 700)
	w.fill(t, "u3", "locked", 500, 600, 700)
	w.put(t, sync.Org, criteria("tc2", 2, func(b sync.Object) sync.Object { // b1 counts for half, a2 made room for a3
		b = sync.Set(b, "/criteria/b1/max", int64(500))
		b = sync.Set(sync.Set(b, "/sections/b/max", int64(500)), "/total", int64(2500))
		b = sync.Set(b, "/criteria/a3", sync.Set(sync.Get(b, "/criteria/a2").(sync.Object), "/code", "A3"))
		return sync.Set(b, "/criteria/a2", nil)
	}))
	path := fmt.Sprintf("/v1/criteria/%s/migrate", name("tc2"))
	request := func(after sync.DocID) map[string]any {
		r := map[string]any{"period": name("2026"), "from": name("tc1"), "reason": "Ban hành bộ mới", "limit": 2}
		if after != "" {
			r["after"] = after
		}
		return r
	}
	for _, p := range []*phone{w.officer, w.head, w.stranger} {
		w.call(t, p, http.MethodPost, path, request("")).problem(t, http.StatusForbidden, hub.CodeForbidden)
	}
	w.call(t, w.admin, http.MethodPost, fmt.Sprintf("/v1/criteria/%s/migrate", name("none")), request("")).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	run := func() map[sync.DocID]emulation.Migration {
		found := map[sync.DocID]emulation.Migration{}
		for after := sync.DocID(""); ; {
			r := w.call(t, w.admin, http.MethodPost, path, request(after))
			r.want(t, http.StatusOK)
			var page migrationView
			r.decode(t, &page)
			for _, m := range page.Sheets {
				found[m.Unit] = m
			}
			if after = page.Next; after == "" {
				return found
			}
		}
	}
	first := run()
	for unit, want := range map[string]string{"u0": "reentry", "u1": "returned", "u2": "queued", "u3": "closed", "u4": ""} {
		if got := first[name(unit)]; got.Outcome != want {
			t.Errorf("%s: %+v, want %q", unit, got, want)
		}
	}
	if m := first[name("u0")]; !slices.Equal(m.Kept, []string{"a1"}) || !slices.Equal(m.Changed, []string{"b1"}) || !slices.Equal(m.Removed, []string{"a2"}) || !slices.Equal(m.Added, []string{"a3"}) {
		t.Errorf("%+v", m)
	}
	version := func(unit string) (int64, sync.Object) {
		v, body := w.document(t, w.admin, sync.UnitDesk(name(unit)), sheetID(unit))
		return v.Version, body
	}
	before, body := version("u0")
	if sync.Get(body, "/entries/a1/self") != int64(500) || sync.Get(body, "/entries/b1/self") != nil || sync.Get(body, "/entries/b1/former/self") != int64(700) ||
		sync.Get(body, "/entries/a2/former/self") != int64(600) || body["criteria"] != string(name("tc2")) {
		t.Errorf("u0 is %v", body)
	}
	if _, body := version("u1"); body["state"] != "returned" || body["state_reason"] != "Ban hành bộ mới" {
		t.Errorf("u1 is %v", body)
	}
	again := run()
	if after, _ := version("u0"); after != before || again[name("u0")].Outcome != "already" || again[name("u2")].Outcome != "queued" {
		t.Errorf("the second run did something: %+v", again)
	}
	if _, period := w.document(t, w.admin, sync.Org, name("2026")); period["criteria"] != string(name("tc2")) {
		t.Errorf("the period is %v", period)
	}
	w.decideMigration(t)
}

// decideMigration takes the cross-checked sheet of u2 over by a decision.
func (w *deskWorld) decideMigration(t *testing.T) {
	t.Helper()
	r := w.call(t, w.admin, http.MethodGet, "/v1/conflicts?state=open&type=conflict", nil)
	r.want(t, http.StatusOK)
	var list struct{ Conflicts []keptView }
	r.decode(t, &list)
	if len(list.Conflicts) != 1 || list.Conflicts[0].About != sheetID("u2") {
		t.Fatalf("%s", r.body)
	}
	c := list.Conflicts[0]
	_, body := w.document(t, w.admin, c.Scope, c.ID)
	choices := map[string]any{}
	for _, item := range body["items"].(sync.Object) {
		path, _ := item.(sync.Object)["path"].(string)
		choices[path] = map[string]any{"take": "side", "side": name("tc2")}
	}
	w.call(t, w.officer, http.MethodPost, fmt.Sprintf("/v1/conflicts/%s/%s/resolve", c.Scope, c.ID), map[string]any{"version": c.Version, "reason": "Chấm lại theo bộ mới", "choices": choices}).want(t, http.StatusOK)
	if _, sheet := w.document(t, w.admin, c.Scope, sheetID("u2")); sheet["criteria"] != string(name("tc2")) || sync.Get(sheet, "/entries/b1/self") != nil || sync.Get(sheet, "/entries/a1/self") != int64(500) || sheet["state"] != "cross_checked" {
		t.Errorf("u2 is %v", sheet)
	}
}
