package hub_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// fill creates notes in a unit by a phone that is not looked at.
func (w *world) fill(scope sync.Scope, n int) (ids []sync.DocID) {
	w.t.Helper()
	writer := w.phone("an").who
	for len(ids) < n {
		var ms []sync.Mutation
		for range min(50, n-len(ids)) {
			m := w.create(scope, sync.Object{"n": int64(0), "title": "ghi chép", "text": strings.Repeat("x", 200)})
			ms, ids = append(ms, m), append(ids, m.Doc)
		}
		_, err := w.hub.Push(context.Background(), writer, &sync.Request{Mutations: ms})
		w.must(err)
	}
	return ids
}

// bump edits a note whatever it holds, as the server.
func (w *world) bump(h *hub.Hub, scope sync.Scope, id sync.DocID, n int64) error {
	_, err := h.Store(context.Background(), scope, sync.Server, []hub.Put{{Doc: id, Type: "note", Body: sync.Object{"n": n, "title": "ghi chép"}}})
	return err
}

func TestOwnAppliedMutationsAreNotSentBackDuplicatesAre(t *testing.T) {
	w, p, scope := unitWorld(t)
	p.once()
	m := w.create(scope, sync.Object{"n": int64(1)})
	before := p.cursors[scope]
	if out := p.once(m); len(out.docLines(m.Doc)) != 0 {
		t.Fatal("the phone's own creation came back")
	}
	e := w.edit(scope, m.Doc, "/n", int64(1), int64(2))
	if out := p.once(e); len(out.docLines(m.Doc)) != 0 {
		t.Fatal("the phone's own edit came back")
	}
	p.equal(scope)
	p.cursors[scope], p.replica[scope] = before, replica{} // neither answer was stored
	if out := p.once(m, e); len(out.docLines(m.Doc)) != 1 {
		t.Fatal("what the phone may not have was not sent")
	}
	p.equal(scope)
}

func TestOwnEditOnTopOfAnotherPersonsShowsBoth(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1), "title": "một", "text": strings.Repeat("dài ", 100)})
	p.once(m)
	other := w.phone("an")
	other.once(w.edit(scope, m.Doc, "/title", "một", "hai"))
	out := p.once(w.edit(scope, m.Doc, "/n", int64(1), int64(2)))
	lines := out.docLines(m.Doc)
	if len(lines) != 1 || len(lines[0].Set) != 1 || lines[0].Set["/title"] != "hai" {
		t.Fatalf("sent %+v", lines)
	}
	p.equal(scope)
}

func TestEntriesAddedToTheSameSetUniteOnBothPhones(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	mine := w.edit(scope, m.Doc, "/tags", nil, sync.Object{"a": "A"}) // recorded now, sent later
	other := w.phone("an")
	other.once(w.edit(scope, m.Doc, "/tags", nil, sync.Object{"b": "B"}))
	p.once()
	p.once(mine)
	p.equal(scope)
	other.once()
	other.equal(scope)
	if n := len(sync.Get(p.replica[scope][m.Doc].Body(), "/tags").(sync.Object)); n != 2 {
		t.Fatalf("%d entries", n)
	}
}

func TestConflictsAreSentToEveryPhoneOfTheScope(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	other := w.phone("an")
	other.once(w.edit(scope, m.Doc, "/n", int64(1), int64(5)))
	p.once(w.edit(scope, m.Doc, "/n", int64(1), int64(7)))
	wantAck(t, p.ack(0), sync.Queued, sync.CodeChanged)
	other.once()
	for _, phone := range []*phone{p, other} {
		phone.equal(scope)
		c := phone.replica[scope][p.ack(0).Kept]
		if c == nil || c.Type != sync.TypeConflict {
			t.Fatalf("%+v", c)
		}
	}
}

func TestCursorOfAnotherHistoryIsReset(t *testing.T) {
	for what, cursor := range map[string]sync.Cursor{
		"beyond the head":              sync.At(99, sync.HashOf("x")),
		"another commit":               sync.At(1, sync.HashOf("x")),
		"the head by another name":     sync.At(2, sync.HashOf("x")),
		"the middle of another answer": {Seq: 1, Floor: 0, Hash: string(sync.HashOf("x")[:16])},
	} {
		w, p, scope := unitWorld(t)
		p.once(w.create(scope, sync.Object{"n": int64(1)}))
		p.once(w.create(scope, sync.Object{"n": int64(2)}))
		p.cursors[scope] = cursor
		p.once()
		if len(p.resets) != 1 || p.resets[0] != scope {
			t.Fatalf("%s: resets %v", what, p.resets)
		}
		p.once()
		p.equal(scope)
	}
}

func TestScopeThatIsNoLongerOnesOwnIsDropped(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	w.revoke("an", scope)
	out := p.once()
	if len(p.dropped) != 1 || p.dropped[0] != scope || len(out.docLines(m.Doc)) != 0 {
		t.Fatalf("dropped %v", p.dropped)
	}
	w.grant("an", scope, 0)
	p.once()
	p.equal(scope)
}

func TestEmptyScopeGetsACursorLineAndThenNoMore(t *testing.T) {
	_, p, scope := unitWorld(t)
	p.once()
	p.equal(scope)
	if p.cursors[scope] != (sync.Cursor{}) {
		t.Fatalf("cursor %s", p.cursors[scope])
	}
	if out := p.once(); len(out.lines) != 1 || out.lines[0].End == nil {
		t.Fatalf("%d lines for nothing new", len(out.lines))
	}
}

func TestNeededDocumentIsSentWholeWhateverTheCursor(t *testing.T) {
	w, p, scope := unitWorld(t)
	ids := w.fill(scope, 3)
	p.once()
	delete(p.replica[scope], ids[0])
	p.need[scope][ids[0]] = true
	p.need[scope][sync.DocID(w.id())] = true // of which nobody has heard
	w.must(w.bump(w.hub, scope, ids[1], 5))
	p.need[scope][ids[1]] = true
	out := p.once()
	if lines := out.docLines(ids[1]); len(lines) != 1 || lines[0].Body == nil {
		t.Fatalf("%+v", lines)
	}
	p.equal(scope)
}

func TestTombstonesAreSentToThoseWhoMayHaveTheDocumentOnly(t *testing.T) {
	w, p, scope := unitWorld(t)
	ids := w.fill(scope, 3)
	p.once()
	writer := w.phone("an")
	writer.once()
	writer.once(w.remove(scope, writer.replica[scope][ids[0]]))
	wantAck(t, writer.ack(0), sync.Applied, "")
	writer.equal(scope)
	if out := p.once(); len(out.docLines(ids[0])) != 1 {
		t.Fatal("an old phone is not told of the deletion")
	}
	p.equal(scope)
	fresh := w.phone("an")
	if out := fresh.once(); len(out.docLines(ids[0])) != 0 {
		t.Fatal("a new phone is told of what it never had")
	}
	fresh.equal(scope)
}

// What a request makes the phone has, also where it had nothing before. It may
// be gone by the time the documents are read: somebody else deleted it, or an
// earlier request of the phone, thought lost, that holds the deletion too.
func TestOwnDocumentDeletedBeforeAFirstPullIsGone(t *testing.T) {
	for what, title := range map[string]string{"to the letter": "hai", "with an edit that is refused": "refuse me"} {
		t.Run(what, func(t *testing.T) {
			w, p, scope := unitWorld(t)
			m := w.create(scope, sync.Object{"n": int64(1)})
			lost := first("Append", scope, storetest.Lost) // so that the hub asks how far the scope is
			pushed := false
			h, _ := w.faulty(func(c storetest.Call) storetest.Fault {
				if c.Op == "Heads" && !pushed { // the first of the pull
					pushed = true
					_, err := w.hub.Store(context.Background(), scope, sync.Server, []hub.Put{{Doc: m.Doc, Type: "note"}})
					w.must(err)
				}
				return lost(c)
			})
			p.record(m, w.edit(scope, m.Doc, "/title", nil, title))
			w.must(p.sync(h, &sink{}))
			wantAck(t, p.ack(0), sync.Applied, "")
			if !pushed || !w.documents(w.store, scope)[m.Doc].Gone {
				t.Fatal("nothing was deleted meanwhile")
			}
			p.settle(h)
			p.equal(scope)
		})
	}
}

func TestDocumentDeletedDuringAFirstSyncIsGone(t *testing.T) {
	for _, at := range []int{5, 60} { // before and after the line that would show it
		w, p, scope := unitWorld(t)
		ids := w.fill(scope, 100)
		out := &sink{full: 10}
		out.onLine = func(n int) {
			if n == at {
				_, err := w.hub.Store(context.Background(), scope, sync.Server, []hub.Put{{Doc: ids[30], Type: "note"}})
				w.must(err)
			}
		}
		w.must(p.sync(w.hub, out))
		p.settle(w.hub)
		p.equal(scope)
	}
}

// The answer is cut after every line there is; what is kept is whole segments.
func TestAnswerCutAfterAnyLineIsContinued(t *testing.T) {
	w, _, scope := unitWorld(t)
	ids := w.fill(scope, 12)
	old := w.phone("an")
	old.once()
	for i, id := range ids[:6] {
		w.must(w.bump(w.hub, scope, id, int64(i+1)))
	}
	_, err := w.hub.Store(t.Context(), scope, sync.Server, []hub.Put{{Doc: ids[7], Type: "note"}})
	w.must(err)
	for _, known := range []bool{false, true} {
		for cut := 1; ; cut++ {
			p := w.phone("an")
			if known {
				p.cursors[scope] = old.cursors[scope]
				p.replica[scope] = replica{}
				for id, d := range old.replica[scope] {
					p.replica[scope][id] = d
				}
			}
			out := &sink{full: 1, cut: cut}
			w.must(p.sync(w.hub, out))
			ended := p.end != nil
			w.must(w.bump(w.hub, scope, ids[cut%6], int64(100+cut)))
			p.settle(w.hub)
			p.equal(scope)
			if ended {
				break
			}
		}
	}
}

func TestLongAnswerMayBeEndedWithMoreToFetch(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.fill(scope, 500)
	requests := 0
	for more := true; more; requests++ {
		w.must(p.sync(w.hub, &sink{full: 20, stop: 120}))
		more = p.end.More
	}
	p.equal(scope)
	if requests < 2 || requests > 12 {
		t.Fatalf("%d requests", requests)
	}
}

func TestPullOfAThousandDocumentsEndsWhileAWriterKeepsEditing(t *testing.T) {
	w, p, scope := unitWorld(t)
	ids := w.fill(scope, 1000)
	edits, lines := int64(0), 0
	out := &sink{full: 25}
	out.onLine = func(int) { // as fast as the phone reads
		if lines++; lines%4 == 0 {
			edits++
			w.must(w.bump(w.hub, scope, ids[int(edits*37)%len(ids)], edits))
		}
	}
	w.must(p.sync(w.hub, out))
	if p.end == nil || lines > 4000 {
		t.Fatalf("no end after %d lines", lines)
	}
	p.settle(w.hub)
	p.equal(scope)
}

// One commit may change more documents than a page holds.
func TestCommitOfManyDocumentsIsSentWhole(t *testing.T) {
	w, p, scope := unitWorld(t)
	var puts []hub.Put
	for i := range 450 {
		puts = append(puts, hub.Put{Doc: sync.DocID(w.id()), Type: "note", Body: sync.Object{"n": int64(i), "title": fmt.Sprint(i)}})
	}
	w.fill(scope, 3)
	_, err := w.hub.Store(t.Context(), scope, sync.Server, puts)
	w.must(err)
	w.fill(scope, 3)
	w.must(p.sync(w.hub, &sink{full: 10}))
	p.equal(scope)
}
