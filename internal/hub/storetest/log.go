package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

func storeBeginsEmpty(t *testing.T, store hub.Store) {
	ctx, scope := t.Context(), unit("a")
	head, err := store.Head(ctx, scope)
	must(t, err)
	same(t, "head", head, hub.Mark{})
	heads, err := store.Heads(ctx, []sync.Scope{scope, sync.Org})
	must(t, err)
	same(t, "heads", len(heads), 0)
	marks, err := store.Marks(ctx, []sync.Scope{scope, sync.Org})
	must(t, err)
	same(t, "marks", len(marks), 0)
	commits, err := store.Commits(ctx, scope, 0, 10)
	must(t, err)
	same(t, "commits", len(commits), 0)
	history, err := store.History(ctx, scope, docID("x"), 0, 10)
	must(t, err)
	same(t, "history", len(history), 0)
	receipts, err := store.Receipts(ctx, deviceID("x"), []sync.MutationID{mutationID("x")})
	must(t, err)
	same(t, "receipts", len(receipts), 0)
	docs, err := store.Documents(ctx, scope, []sync.DocID{docID("x")})
	must(t, err)
	same(t, "documents", len(docs), 0)
	changed, err := store.Changed(ctx, scope, 0, sync.MaxNumber, 10)
	must(t, err)
	same(t, "changed", len(changed), 0)
	about, err := store.About(ctx, scope, []sync.DocID{docID("x")})
	must(t, err)
	same(t, "about", len(about), 0)
	kept, err := store.Kept(ctx, hub.KeptFilter{})
	must(t, err)
	same(t, "kept", len(kept), 0)
	scopes, err := store.Scopes(ctx, "", 10)
	must(t, err)
	same(t, "scopes", len(scopes), 0)
}

// variety is a log of everything a commit can say.
func variety(scope sync.Scope) *logbook {
	l := newLogbook(scope)
	id, other := docID("minutes"), docID("empty")
	device := deviceID("phone")
	receipt := func(name string, outcome sync.Outcome, code sync.Code) sync.Receipt {
		return sync.Receipt{Mutation: mutationID(name), Content: sync.HashOf(name), Outcome: outcome, Code: code, Doc: id}
	}
	l.change(create(id, "minutes", sync.Object{
		"text":  "Họp đơn vị — “biên bản” \u2028 \x01 \\ \" 😀 \u0000",
		"most":  int64(sync.MaxNumber),
		"least": int64(-sync.MaxNumber),
		"list":  []any{int64(1), "two", true, sync.Object{"three": int64(3)}},
		"deep":  sync.Object{"a": sync.Object{"b": sync.Object{"c": "d"}}},
	}), create(other, "sheet", sync.Object{}))
	l.add(sync.Commit{
		Author: nobody, Device: device, At: 1_700_000_000_123, Offset: -86_400_000, Reason: "vì lý do chính đáng",
		Receipts: []sync.Receipt{receipt("first", sync.Applied, ""), receipt("second", sync.Rejected, "not_yours")},
		Changes:  []sync.Change{{Doc: id, Type: "minutes", By: 0, Edits: []sync.Edit{{Path: "/most", Was: int64(sync.MaxNumber)}, {Path: "/new", Now: "mới"}}}},
	})
	l.add(sync.Commit{Device: device, Receipts: []sync.Receipt{receipt("third", sync.Merged, "")}}) // changes nothing
	l.change(sync.Change{Doc: other, Type: "sheet", By: -1, Delete: true})
	l.change(create(docID("large"), "minutes", sync.Object{"text": strings.Repeat("ế", sync.MaxBody/3-10)}))
	l.change(create(docID("kept"), sync.TypeConflict, sync.Object{
		"about": string(id), "state": sync.StateOpen, "opened": int64(7), "text": strings.Repeat("k", sync.MaxKept-200),
	}))
	return l
}

func appendedIsReadBack(t *testing.T, store hub.Store) {
	ctx := t.Context()
	l := variety(unit("a"))
	appendAll(t, store)
	appendAll(t, store, l.commits[0])
	appendAll(t, store, l.commits[1:]...)
	for after := int64(0); after <= l.head.Seq+1; after++ {
		for limit := range 4 {
			got, err := store.Commits(ctx, l.scope, after, limit)
			must(t, err)
			rest := l.commits[min(int(after), len(l.commits)):]
			sameCommits(t, fmt.Sprintf("up to %d commits after %d", limit, after), got, rest[:min(limit, len(rest))])
		}
	}
	got, err := whole(ctx, store, l.scope)
	must(t, err)
	sameDocuments(t, "documents that follow from the log", got.sorted(), l.sorted())
}

func headsOfScopes(t *testing.T, store hub.Store) {
	want := map[sync.Scope]hub.Mark{}
	ask := []sync.Scope{unit("nothing"), "", unit("a")}
	for _, name := range []string{"a", "b", "c"} {
		l := newLogbook(unit(name))
		for i := range 3 {
			l.change(create(docID(name, fmt.Sprint(i)), "minutes", sync.Object{"n": int64(i)}))
		}
		appendAll(t, store, l.commits...)
		head, err := store.Head(t.Context(), l.scope)
		must(t, err)
		same(t, "head", head, l.head)
		if name != "c" {
			ask, want[l.scope] = append(ask, l.scope), l.head
		}
	}
	heads, err := store.Heads(t.Context(), ask)
	must(t, err)
	same(t, "heads", heads, want)
	heads, err = store.Heads(t.Context(), nil)
	must(t, err)
	same(t, "heads of nothing", len(heads), 0)
}

func takenNumber(t *testing.T, store hub.Store) {
	l := newLogbook(unit("a"))
	first := l.change(create(docID("x"), "minutes", sync.Object{"n": int64(1)}))
	second := l.change(edit(docID("x"), "/n", int64(1), int64(2)))
	rival := newLogbook(l.scope)
	rival.change(create(docID("y"), "minutes", sync.Object{"n": int64(9)}))
	rival.change(edit(docID("y"), "/n", int64(9), int64(8)))
	appendAll(t, store, first)
	for what, commits := range map[string][]sync.Commit{
		"another commit of that number": rival.commits[:1], "the same commit again": {first}, "the same and one more": {first, second},
		"two that begin at that number": rival.commits, "one that follows another": rival.commits[1:],
	} {
		n, err := store.Append(t.Context(), commits, nil)
		if !errors.Is(err, hub.ErrTaken) || n != 0 {
			t.Fatalf("%s: %d, %v", what, n, err)
		}
	}
	appendAll(t, store, second)
	got, err := store.Commits(t.Context(), l.scope, 0, 10)
	must(t, err)
	sameCommits(t, "log", got, l.commits)
	history, err := store.History(t.Context(), l.scope, docID("y"), 0, 10)
	must(t, err)
	same(t, "traces of what was refused", len(history), 0)
}

func notFollowing(t *testing.T, store hub.Store) {
	l := newLogbook(unit("a"))
	for i := range 4 {
		l.change(create(docID(fmt.Sprint(i)), "minutes", sync.Object{"n": int64(i)}))
	}
	other := newLogbook(unit("b"))
	other.change()
	none := sync.Commit{Scope: l.scope, Author: nobody}
	appendAll(t, store, l.commits[0])
	for what, commits := range map[string][]sync.Commit{
		"a gap": l.commits[2:3], "a gap within": {l.commits[1], l.commits[3]}, "twice the same": {l.commits[1], l.commits[1]},
		"of two scopes": {l.commits[1], other.commits[0]}, "number zero": {none},
	} {
		if n, err := store.Append(t.Context(), commits, nil); err == nil || errors.Is(err, hub.ErrTaken) || errors.Is(err, hub.ErrUnknown) || n != 0 {
			t.Fatalf("%s: %d, %v", what, n, err)
		}
	}
	got, err := whole(t.Context(), store, l.scope)
	must(t, err)
	same(t, "commits in the log", got.head, hub.Mark{Seq: 1, Hash: l.commits[1].Prev, Checksum: l.commits[0].Checksum})
}

func receiptsByDevice(t *testing.T, store hub.Store) {
	phone, tablet := deviceID("phone"), deviceID("tablet")
	l, m := newLogbook(unit("a")), newLogbook(unit("b"))
	r := func(name string) sync.Receipt {
		return sync.Receipt{Mutation: mutationID(name), Content: sync.HashOf(name), Outcome: sync.Queued, Code: "why", Doc: docID(name), Kept: docID("kept", name)}
	}
	l.add(sync.Commit{Device: phone, Receipts: []sync.Receipt{r("1"), r("2")}})
	l.add(sync.Commit{Device: phone, Receipts: []sync.Receipt{r("3")}})
	m.add(sync.Commit{Device: tablet, Author: "00000000-0000-7000-8000-000000000002", Receipts: []sync.Receipt{r("4"), r("1")}})
	appendAll(t, store, l.commits...)
	appendAll(t, store, m.commits...)
	ask := []sync.MutationID{mutationID("1"), mutationID("3"), mutationID("4"), mutationID("5"), mutationID("1")}
	got, err := store.Receipts(t.Context(), phone, ask)
	must(t, err)
	same(t, "of the phone", got, map[sync.MutationID]hub.StoredReceipt{
		mutationID("1"): {Receipt: r("1"), Scope: l.scope, Seq: 1, Author: nobody},
		mutationID("3"): {Receipt: r("3"), Scope: l.scope, Seq: 2, Author: nobody},
	})
	got, err = store.Receipts(t.Context(), tablet, ask)
	must(t, err)
	same(t, "of the tablet", got, map[sync.MutationID]hub.StoredReceipt{
		mutationID("1"): {Receipt: r("1"), Scope: m.scope, Seq: 1, Author: "00000000-0000-7000-8000-000000000002"},
		mutationID("4"): {Receipt: r("4"), Scope: m.scope, Seq: 1, Author: "00000000-0000-7000-8000-000000000002"},
	})
	got, err = store.Receipts(t.Context(), phone, nil)
	must(t, err)
	same(t, "of no mutation", len(got), 0)
}

func receiptStays(t *testing.T, store hub.Store) {
	phone, id := deviceID("phone"), mutationID("1")
	l, m := newLogbook(unit("a")), newLogbook(unit("b"))
	l.add(sync.Commit{Device: phone, At: 1, Receipts: []sync.Receipt{{Mutation: id, Content: sync.HashOf("1"), Outcome: sync.Applied}}})
	m.add(sync.Commit{Device: phone, At: 2, Receipts: []sync.Receipt{{Mutation: id, Content: sync.HashOf("2"), Outcome: sync.Rejected}}})
	appendAll(t, store, l.commits...)
	appendAll(t, store, m.commits...)
	got, err := store.Receipts(t.Context(), phone, []sync.MutationID{id})
	must(t, err)
	same(t, "receipt", got, map[sync.MutationID]hub.StoredReceipt{id: {Receipt: l.commits[0].Receipts[0], Scope: l.scope, Seq: 1, Author: nobody}})
}

func historyNewestFirst(t *testing.T, store hub.Store) {
	l, id, other := newLogbook(unit("a")), docID("x"), docID("y")
	l.change(create(id, "minutes", sync.Object{"n": int64(1)}))
	l.change(create(other, "minutes", sync.Object{"n": int64(1)}))
	l.change(edit(id, "/n", int64(1), int64(2)), edit(other, "/n", int64(1), int64(2)))
	l.change(edit(id, "/n", int64(2), int64(3)), edit(id, "/m", nil, int64(3))) // twice in one
	l.change(edit(other, "/n", int64(2), int64(3)))
	l.change(sync.Change{Doc: id, Type: "minutes", By: -1, Delete: true})
	elsewhere := newLogbook(unit("b"))
	elsewhere.change(create(id, "minutes", sync.Object{}))
	appendAll(t, store, l.commits...)
	appendAll(t, store, elsewhere.commits...)
	of := []sync.Commit{l.commits[5], l.commits[3], l.commits[2], l.commits[0]}
	for _, c := range []struct {
		before int64
		limit  int
		want   []sync.Commit
	}{{0, 10, of}, {0, 2, of[:2]}, {6, 10, of[1:]}, {4, 1, of[2:3]}, {1, 10, nil}, {100, 10, of}, {0, 0, nil}} {
		got, err := store.History(t.Context(), l.scope, id, c.before, c.limit)
		must(t, err)
		sameCommits(t, fmt.Sprintf("up to %d before %d", c.limit, c.before), got, c.want)
	}
}

func scopesInOrder(t *testing.T, store hub.Store) {
	want := []sync.Scope{"cluster:a", "cluster:b", "cluster:b:desk", "org", "unit:1", "unit:2"}
	for _, i := range []int{3, 0, 5, 2, 4, 1} {
		l := newLogbook(want[i])
		for range i + 1 {
			l.change()
		}
		appendAll(t, store, l.commits...)
	}
	for limit := range 8 {
		for from := range len(want) + 1 {
			var after sync.Scope
			if from > 0 {
				after = want[from-1]
			}
			got, err := store.Scopes(t.Context(), after, limit)
			must(t, err)
			same(t, fmt.Sprintf("up to %d after %q", limit, after), append([]sync.Scope{}, got...), append([]sync.Scope{}, want[from:min(from+limit, len(want))]...))
		}
	}
	got, err := store.Scopes(t.Context(), "cluster:c", 1)
	must(t, err)
	same(t, "after one that has no log", got, want[3:4])
}

func endedContext(t *testing.T, store hub.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := variety(unit("a"))
	scopes, ids := []sync.Scope{l.scope}, l.ids()
	for what, call := range map[string]func() error{
		"Append":  func() error { _, err := store.Append(ctx, l.commits, nil); return err },
		"Head":    func() error { _, err := store.Head(ctx, l.scope); return err },
		"Heads":   func() error { _, err := store.Heads(ctx, scopes); return err },
		"Commits": func() error { _, err := store.Commits(ctx, l.scope, 0, 1); return err },
		"History": func() error { _, err := store.History(ctx, l.scope, ids[0], 0, 1); return err },
		"Receipts": func() error {
			_, err := store.Receipts(ctx, deviceID("phone"), []sync.MutationID{mutationID("first")})
			return err
		},
		"Project":   func() error { return store.Project(ctx, l.scope, l.sorted(), l.head) },
		"Marks":     func() error { _, err := store.Marks(ctx, scopes); return err },
		"Documents": func() error { _, err := store.Documents(ctx, l.scope, ids); return err },
		"Changed":   func() error { _, err := store.Changed(ctx, l.scope, 0, 9, 9); return err },
		"About":     func() error { _, err := store.About(ctx, l.scope, ids); return err },
		"Kept":      func() error { _, err := store.Kept(ctx, hub.KeptFilter{}); return err },
		"Scopes":    func() error { _, err := store.Scopes(ctx, "", 9); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	storeBeginsEmpty(t, store)
}
