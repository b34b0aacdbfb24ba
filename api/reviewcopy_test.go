package api

import (
	"net/http"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// copies returns the copies of reviews that a phone is sent from nothing.
func (w *deskWorld) copies(t *testing.T, p *phone) (found []sync.Object) {
	t.Helper()
	if err := w.hub.Derive(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, in := range docs(p.sync(t, sync.Request{})) {
		for _, d := range in {
			if d.Type == emulation.TypeReviewCopy && d.Body != nil {
				found = append(found, d.Body)
			}
		}
	}
	return found
}

func TestAUnitCarriesTheReviewOfItsSheetOnceItIsSent(t *testing.T) {
	w := newDesk(t, "u0", "u1")
	staff, other := w.phone(t, grant(emulation.UnitStaff, "u0")), w.phone(t, grant(emulation.UnitLeader, "u1"))
	w.fill(t, "u0", "cross_checked", 900, 800, 700)
	w.fill(t, "u1", "cross_checked", 700, 700, 700)
	desk := sync.ClusterDesk(name("c"))
	entries := sync.Object{"a1": sync.Object{"cross": int64(600), "reason": "Thiếu minh chứng"}}
	review := func(state string) {
		t.Helper()
		w.put(t, desk, hub.Put{Doc: emulation.ReviewID(sheetID("u0")), Type: emulation.TypeReview, Body: paper("u0", state, entries)})
	}
	sees := func(path sync.Pointer, want sync.Value) {
		t.Helper()
		if got := w.copies(t, staff); len(got) != 1 || !sync.Equal(sync.Get(got[0], path), want) {
			t.Errorf("the unit sees %v, not %v at %s", got, want, path)
		}
		if got := w.copies(t, other); len(got) != 0 {
			t.Errorf("another unit sees %v", got)
		}
		r := w.call(t, other, http.MethodGet, "/v1/documents/"+string(sync.UnitDesk(name("u0")))+"/"+string(emulation.ReviewCopyID(name("c"), sheetID("u0"))), nil)
		if r.status == http.StatusOK {
			t.Error("another unit may read it")
		}
	}

	review("draft")
	if got := w.copies(t, staff); len(got) != 0 {
		t.Errorf("of a draft: %v", got)
	}
	review("sent")
	sees("/entries/a1/cross", int64(600))
	sees("/entries/a1/reason", "Thiếu minh chứng")
	entries = sync.Set(entries, "/a1/recheck", int64(850))
	review("sent")
	sees("/entries/a1/recheck", int64(850))
	w.fill(t, "u0", "returned", 900, 800, 700)
	sees("/entries/a1/recheck", int64(850)) // what was said of the version that was returned

	edit := w.change(sync.UnitDesk(name("u0")), emulation.ReviewCopyID(name("c"), sheetID("u0")), "/entries/a1/recheck", int64(850), int64(900))
	if got := acks(staff.sync(t, sync.Request{Mutations: []sync.Mutation{edit}})); len(got) != 1 || got[0].Outcome != sync.Rejected {
		t.Errorf("the unit wrote into it: %+v", got)
	}
	w.put(t, desk, hub.Put{Doc: emulation.ReviewID(sheetID("u0")), Type: emulation.TypeReview}) // removed
	if got := w.copies(t, staff); len(got) != 0 {
		t.Errorf("the review is gone: %v", got)
	}
}
