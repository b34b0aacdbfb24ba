package hub_test

import (
	"context"
	"fmt"
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// clash makes two people write different numbers into one note and returns the
// conflict as everybody sees it.
func (w *world) clash(p *phone, scope sync.Scope) *sync.Document {
	w.t.Helper()
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	p.once(w.edit(scope, m.Doc, "/n", int64(1), int64(5)))
	other := w.phone("an")
	other.once(w.edit(scope, m.Doc, "/n", int64(1), int64(7)))
	wantAck(w.t, other.ack(0), sync.Queued, sync.CodeChanged)
	p.once()
	return p.replica[scope][other.ack(0).Kept]
}

// takeSide decides for what waits.
func takeSide(conflict *sync.Document) sync.Decision {
	items, _ := conflict.Body()["items"].(sync.Object)
	dec := sync.Decision{Conflict: conflict.ID, Version: conflict.Version, Reason: "theo biên bản", Choices: map[sync.Pointer]sync.Choice{}}
	for _, v := range items {
		it, _ := v.(sync.Object)
		path, _ := it["path"].(string)
		sides, _ := it["sides"].(sync.Object)
		for id := range sides {
			dec.Choices[sync.Pointer(path)] = sync.Choice{Take: sync.TakeSide, Side: sync.MutationID(id)}
		}
	}
	return dec
}

func TestDecisionIsCarriedOutAndAudited(t *testing.T) {
	w, p, scope := unitWorld(t)
	conflict := w.clash(p, scope)
	admin := w.admin()
	c, err := w.hub.Resolve(t.Context(), admin, scope, takeSide(conflict))
	w.must(err)
	if c.Author != admin.Person || c.Device != admin.Device || c.Reason != "theo biên bản" {
		t.Fatalf("%+v", c)
	}
	about, _, _, _ := conflict.About()
	history, err := w.hub.History(t.Context(), admin, scope, about, 0, 1)
	w.must(err)
	if len(history) != 1 || history[0].Hash() != c.Hash() {
		t.Fatalf("history begins with %+v", history)
	}
	p.once()
	p.equal(scope)
	if n := p.replica[scope][about].Body()["n"]; n != int64(7) {
		t.Fatalf("n is %v", n)
	}
	if _, state, _, _ := p.replica[scope][conflict.ID].About(); state != sync.StateSettled {
		t.Fatalf("the conflict is %s", state)
	}
	w.log(scope)
}

func TestDecisionThatMayNotStandIsRefused(t *testing.T) {
	w, p, scope := unitWorld(t)
	conflict := w.clash(p, scope)
	admin := w.admin()
	locked := admin
	locked.UploadOnly = true
	dec := takeSide(conflict)
	stale, missing, silent, note := dec, dec, dec, dec
	stale.Version--
	missing.Conflict = sync.DocID(w.id())
	silent.Reason = ""
	note.Conflict, _, _, _ = conflict.About()
	for what, c := range map[string]struct {
		who  hub.Caller
		dec  sync.Decision
		code sync.Code
	}{
		"by its author": {p.who, dec, hub.CodeForbidden}, "by a disabled admin": {locked, dec, hub.CodeForbidden},
		"on an older version": {admin, stale, hub.CodeStale}, "on no conflict": {admin, missing, hub.CodeNotFound},
		"on a note": {admin, note, hub.CodeNotFound}, "without a reason": {admin, silent, sync.CodeReason},
	} {
		if _, err := w.hub.Resolve(t.Context(), c.who, scope, c.dec); hub.CodeOf(err) != c.code {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.must(w.bump(w.hub, scope, note.Conflict, 9)) // what the conflict shows as present changes with it
	if _, err := w.hub.Resolve(t.Context(), admin, scope, dec); hub.CodeOf(err) != hub.CodeStale {
		t.Errorf("after an edit: %v", err)
	}
	w.log(scope)
}

func TestOfTwoAdminsWhoDecideAtOnceOneIsToldToLookAgain(t *testing.T) {
	w, p, scope := unitWorld(t)
	dec := takeSide(w.clash(p, scope))
	admin := w.admin()
	other := w.newHub(w.open())
	errs := make([]error, 6)
	var wg stdsync.WaitGroup
	for i := range errs {
		h := w.hub
		if i%2 == 1 {
			h = other
		}
		wg.Go(func() { _, errs[i] = h.Resolve(context.Background(), admin, scope, dec) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if hub.CodeOf(err) != hub.CodeStale {
			t.Error(err)
		}
	}
	if n := len(w.log(scope)); won != 1 || n != 4 {
		t.Fatalf("%d decisions stand, %d commits", won, n)
	}
}

func TestConflictsAreListedPageByPageForThoseWhoMayLook(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.grant("binh", unit("b"), 0)
	other := w.phone("binh")
	const each = 7
	w.still.Store(true) // all are opened in the same millisecond
	for i := range each {
		p.record(w.create(scope, sync.Object{"title": "refuse me", "n": int64(i)}))
		other.record(w.create(unit("b"), sync.Object{"title": "refuse me", "n": int64(i)}))
	}
	p.once()
	other.once()
	all := func(c hub.Caller, limit int) int {
		t.Helper()
		seen := map[string]bool{}
		filter := hub.KeptFilter{Limit: limit}
		for {
			docs, err := w.hub.Kept(t.Context(), c, filter)
			w.must(err)
			for _, d := range docs {
				if key := fmt.Sprint(d.Scope, d.ID); seen[key] {
					t.Fatalf("%s is listed twice", key)
				} else {
					seen[key] = true
				}
			}
			if len(docs) < limit {
				return len(seen)
			}
			_, _, filter.Before, _ = docs[len(docs)-1].About()
			filter.BeforeID = docs[len(docs)-1].ID
		}
	}
	stranger := w.phone("khách").who
	for limit := 1; limit <= 5; limit += 2 {
		for who, c := range map[string]struct {
			caller hub.Caller
			want   int
		}{"member": {p.who, each}, "admin": {w.admin(), 2 * each}, "stranger": {stranger, 0}} {
			if n := all(c.caller, limit); n != c.want {
				t.Errorf("%s sees %d by %d, not %d", who, n, limit, c.want)
			}
		}
	}
}

func TestWhoMayNotLookFindsNothing(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	look := func(c hub.Caller) []error {
		_, history := w.hub.History(t.Context(), c, scope, m.Doc, 0, 0)
		_, document := w.hub.Document(t.Context(), c, scope, m.Doc)
		_, live := w.hub.Live(t.Context(), c, scope)
		return []error{history, document, live}
	}
	for _, err := range append(look(p.who), look(w.admin())...) {
		w.must(err)
	}
	for _, err := range look(w.phone("khách").who) {
		if hub.CodeOf(err) != hub.CodeNotFound {
			t.Error(err)
		}
	}
}

func TestServersOwnDocumentsMustFitAndCanBeReadBack(t *testing.T) {
	w, p, scope := unitWorld(t)
	id := sync.DocID(w.id())
	put := func(typ string, body sync.Object) error {
		_, err := w.hub.Store(t.Context(), scope, sync.Server, []hub.Put{{Doc: id, Type: typ, Body: body}})
		return err
	}
	for what, err := range map[string]error{
		"unknown type": put("nothing", sync.Object{}), "unknown field": put("note", sync.Object{"x": "y"}),
		"no value": put("note", sync.Object{"n": 1.5}), "a key that is none": put("note", sync.Object{"tags": sync.Object{"a/b": "c"}}),
	} {
		if hub.CodeOf(err) != hub.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.must(put("note", sync.Object{"title": "Tie\u0302\u0301ng"}))
	p.once()
	p.equal(scope)
	if got := p.replica[scope][id].Body()["title"]; got != "Ti\u1ebfng" {
		t.Fatalf("%q", got)
	}
}
