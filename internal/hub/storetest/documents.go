package storetest

import (
	"fmt"
	"sort"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// documents reads documents in order of id.
func documents(t *testing.T, store hub.Store, scope sync.Scope, ids ...sync.DocID) []*sync.Document {
	t.Helper()
	docs, err := store.Documents(t.Context(), scope, ids)
	must(t, err)
	byID(docs)
	return docs
}

func watermark(t *testing.T, store hub.Store, scope sync.Scope) hub.Mark {
	t.Helper()
	marks, err := store.Marks(t.Context(), []sync.Scope{scope})
	must(t, err)
	return marks[scope]
}

func documentsAsProjected(t *testing.T, store hub.Store) {
	l := variety(unit("a"))
	many := sync.Object{}
	for i := range 50 {
		many[fmt.Sprint("k", i)] = int64(i)
	}
	l.change(create(docID("many"), "minutes", many))
	for i := range 50 {
		l.change(edit(docID("many"), sync.Pointer(fmt.Sprint("/k", i)), int64(i), fmt.Sprint("đã sửa ", i)))
	}
	must(t, store.Project(t.Context(), l.scope, l.sorted(), l.head))
	ids := append(l.ids(), docID("missing"), l.ids()[0])
	got := documents(t, store, l.scope, ids...)
	sameDocuments(t, "documents", got, l.sorted())
	for i, d := range l.sorted() {
		if !sync.Equal(got[i].Body(), d.Body()) || got[i].Sum() != d.Sum() {
			t.Errorf("the body of %s is another", d.ID)
		}
	}
	sameDocuments(t, "no documents", documents(t, store, l.scope), nil)
	same(t, "watermark", watermark(t, store, l.scope), l.head)
}

func olderVersion(t *testing.T, store hub.Store) {
	scope, id := unit("a"), docID("x")
	at := func(version int64, text string) *sync.Document {
		return sync.NewDocument(id, "minutes", scope, version, sync.Object{"text": text})
	}
	for _, c := range []struct{ put, want *sync.Document }{
		{at(3, "third"), at(3, "third")},
		{at(2, "second"), at(3, "third")},
		{at(3, "another third"), at(3, "third")},
		{at(10, "tenth"), at(10, "tenth")},
		{at(9, "ninth"), at(10, "tenth")},
	} {
		must(t, store.Project(t.Context(), scope, []*sync.Document{c.put}, hub.Mark{}))
		sameDocuments(t, fmt.Sprintf("after version %d", c.put.Version), documents(t, store, scope, id), []*sync.Document{c.want})
	}
	// Several at once are each judged by themselves, also the same one twice.
	other := sync.NewDocument(docID("y"), "minutes", scope, 4, sync.Object{})
	must(t, store.Project(t.Context(), scope, []*sync.Document{at(11, "eleventh"), other, at(8, "eighth")}, hub.Mark{}))
	want := []*sync.Document{at(11, "eleventh"), other}
	byID(want)
	sameDocuments(t, "after several", documents(t, store, scope, id, other.ID), want)
	same(t, "watermark", watermark(t, store, scope), hub.Mark{})
}

func watermarkRises(t *testing.T, store hub.Store) {
	scope, other := unit("a"), unit("b")
	at := func(seq int64) hub.Mark {
		return hub.Mark{Seq: seq, Hash: sync.HashOf(seq), Checksum: ^uint64(0) - uint64(seq)}
	}
	must(t, store.Project(t.Context(), other, nil, at(7)))
	for _, c := range []struct{ put, want hub.Mark }{
		{hub.Mark{}, hub.Mark{}},
		{at(3), at(3)},
		{at(2), at(3)},
		{hub.Mark{Seq: 3, Hash: sync.HashOf("x")}, at(3)},
		{hub.Mark{}, at(3)},
		{at(10), at(10)},
		{at(9), at(10)},
	} {
		must(t, store.Project(t.Context(), scope, nil, c.put))
		same(t, fmt.Sprintf("after %d", c.put.Seq), watermark(t, store, scope), c.want)
	}
	marks, err := store.Marks(t.Context(), []sync.Scope{scope, other, unit("c"), scope})
	must(t, err)
	same(t, "marks", marks, map[sync.Scope]hub.Mark{scope: at(10), other: at(7)})
}

func changedInOrder(t *testing.T, store hub.Store) {
	l := newLogbook(unit("a"))
	for i := range 4 {
		l.change(create(docID("p", fmt.Sprint(i)), "minutes", sync.Object{}), create(docID("q", fmt.Sprint(i)), "minutes", sync.Object{}), create(docID("r", fmt.Sprint(i)), "minutes", sync.Object{}))
	}
	l.change(edit(docID("p", "0"), "/n", nil, int64(1)), sync.Change{Doc: docID("q", "1"), Type: "minutes", By: -1, Delete: true})
	must(t, store.Project(t.Context(), l.scope, l.sorted(), l.head))
	elsewhere := newLogbook(unit("b"))
	elsewhere.change(create(docID("p", "2"), "minutes", sync.Object{}))
	must(t, store.Project(t.Context(), elsewhere.scope, elsewhere.sorted(), elsewhere.head))
	var order []*sync.Document
	for v := int64(1); v <= l.head.Seq; v++ {
		for _, d := range l.sorted() {
			if d.Version == v {
				order = append(order, d)
			}
		}
	}
	for after := int64(0); after <= 5; after++ {
		for upTo := int64(0); upTo <= 6; upTo++ {
			for _, limit := range []int{0, 1, 4, 100} {
				var want []*sync.Document
				for _, d := range order {
					if d.Version > after && d.Version <= upTo && len(want) < limit {
						want = append(want, d)
					}
				}
				got, err := store.Changed(t.Context(), l.scope, after, upTo, limit)
				must(t, err)
				sameDocuments(t, fmt.Sprintf("up to %d in (%d, %d]", limit, after, upTo), got, want)
			}
		}
	}
}

func scopesDoNotMix(t *testing.T, store hub.Store) {
	id := docID("x")
	var books []*logbook
	for _, scope := range []sync.Scope{"unit:1", "unit:1:desk", "unit:11"} {
		l := newLogbook(scope)
		l.change(create(id, "minutes", sync.Object{"of": string(scope)}))
		appendAll(t, store, l.commits...)
		must(t, store.Project(t.Context(), scope, l.sorted(), l.head))
		books = append(books, l)
	}
	for _, l := range books {
		sameDocuments(t, string(l.scope), documents(t, store, l.scope, id), l.sorted())
		changed, err := store.Changed(t.Context(), l.scope, 0, 100, 100)
		must(t, err)
		sameDocuments(t, "changed in "+string(l.scope), changed, l.sorted())
		commits, err := store.Commits(t.Context(), l.scope, 0, 100)
		must(t, err)
		sameCommits(t, "commits of "+string(l.scope), commits, l.commits)
	}
}

// keptDoc is a conflict or rejection.
func keptDoc(scope sync.Scope, name, typ, about, state string, opened, version int64) *sync.Document {
	return sync.NewDocument(docID(name), typ, scope, version, sync.Object{"about": string(docID(about)), "state": state, "opened": opened})
}

func aboutOpenConflicts(t *testing.T, store hub.Store) {
	scope, other := unit("a"), unit("b")
	first := keptDoc(scope, "1", sync.TypeConflict, "x", sync.StateOpen, 10, 1)
	second := keptDoc(scope, "2", sync.TypeConflict, "x", sync.StateOpen, 20, 2)
	third := keptDoc(scope, "3", sync.TypeConflict, "y", sync.StateOpen, 30, 3)
	settled := keptDoc(scope, "4", sync.TypeConflict, "x", sync.StateSettled, 40, 4)
	rejection := keptDoc(scope, "5", sync.TypeRejection, "x", sync.StateOpen, 50, 5)
	minutes := sync.NewDocument(docID("6"), "minutes", scope, 6, sync.Object{"about": string(docID("x")), "state": sync.StateOpen, "opened": int64(60)})
	must(t, store.Project(t.Context(), scope, []*sync.Document{first, second, third, settled, rejection, minutes}, hub.Mark{}))
	must(t, store.Project(t.Context(), other, []*sync.Document{keptDoc(other, "7", sync.TypeConflict, "x", sync.StateOpen, 70, 1)}, hub.Mark{}))
	check := func(what string, ids []sync.DocID, want ...*sync.Document) {
		t.Helper()
		got, err := store.About(t.Context(), scope, ids)
		must(t, err)
		byID(got)
		byID(want)
		sameDocuments(t, what, got, want)
	}
	check("about one", []sync.DocID{docID("x")}, first, second)
	check("about two", []sync.DocID{docID("x"), docID("y"), docID("z"), docID("x")}, first, second, third)
	check("about none", nil)
	must(t, store.Project(t.Context(), scope, []*sync.Document{keptDoc(scope, "1", sync.TypeConflict, "x", sync.StateSettled, 10, 7)}, hub.Mark{}))
	check("after one was settled", []sync.DocID{docID("x")}, second)
	must(t, store.Project(t.Context(), scope, []*sync.Document{keptDoc(scope, "1", sync.TypeConflict, "x", sync.StateOpen, 10, 8)}, hub.Mark{}))
	check("after it was opened again", []sync.DocID{docID("x")}, keptDoc(scope, "1", sync.TypeConflict, "x", sync.StateOpen, 10, 8), second)
}

func keptFiltered(t *testing.T, store hub.Store) {
	scopes := []sync.Scope{unit("a"), unit("b"), unit("c")}
	var all []*sync.Document // newest first
	for i := int64(150); i > 0; i-- {
		typ, state := sync.TypeConflict, sync.StateOpen
		if i%3 == 0 {
			typ = sync.TypeRejection
		}
		if i%2 == 0 {
			state = sync.StateSettled
		}
		d := keptDoc(scopes[i%3], fmt.Sprint(i), typ, "x", state, 1_700_000_000_000+i/4, i) // up to four at one time
		all = append(all, d)
		must(t, store.Project(t.Context(), d.Scope, []*sync.Document{d}, hub.Mark{}))
	}
	openedAt := func(d *sync.Document) int64 { _, _, opened, _ := d.About(); return opened }
	sort.Slice(all, func(i, j int) bool {
		if a, b := openedAt(all[i]), openedAt(all[j]); a != b {
			return a > b
		}
		return all[i].ID > all[j].ID
	})
	must(t, store.Project(t.Context(), scopes[0], []*sync.Document{sync.NewDocument(docID("m"), "minutes", scopes[0], 1, sync.Object{"opened": int64(5)})}, hub.Mark{}))
	for what, f := range map[string]hub.KeptFilter{
		"the newest hundred": {}, "the newest ten": {Limit: 10}, "all": {Limit: 1000},
		"conflicts": {Type: sync.TypeConflict, Limit: 1000}, "rejections that are open": {Type: sync.TypeRejection, State: sync.StateOpen},
		"of one scope": {Scopes: scopes[1:2], Limit: 1000}, "settled, of two scopes": {State: sync.StateSettled, Scopes: scopes[:2], Limit: 7},
		"the next page": {Before: openedAt(all[9]), BeforeID: all[9].ID, Limit: 10}, "the page after that": {Before: openedAt(all[19]), BeforeID: all[19].ID, Limit: 10},
		"earlier than a time": {Before: openedAt(all[9])}, "before all": {Before: 1}, "of an unknown scope": {Scopes: []sync.Scope{unit("d")}},
	} {
		limit := f.Limit
		if limit == 0 {
			limit = 100
		}
		var want []*sync.Document
		for _, d := range all {
			_, state, opened, _ := d.About()
			in := len(f.Scopes) == 0
			before := f.Before == 0 || opened < f.Before || opened == f.Before && d.ID < f.BeforeID
			for _, s := range f.Scopes {
				in = in || s == d.Scope
			}
			if in && (f.Type == "" || f.Type == d.Type) && (f.State == "" || f.State == state) && before && len(want) < limit {
				want = append(want, d)
			}
		}
		got, err := store.Kept(t.Context(), f)
		must(t, err)
		sameDocuments(t, what, got, want)
	}
}
