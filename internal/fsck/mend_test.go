package fsck_test

import (
	"errors"
	"testing"

	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/sync"
)

// mendContract is what every store promises of the two methods that fsck adds.
func mendContract(t *testing.T, store fsck.Store) {
	t.Helper()
	build(t, store)
	wants := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", what, err, want)
		}
	}
	stored := func(id sync.DocID) *sync.Document {
		t.Helper()
		docs, err := store.Documents(t.Context(), house, []sync.DocID{id})
		if err != nil {
			t.Fatal(err)
		}
		if len(docs) == 0 {
			return nil
		}
		return docs[0]
	}
	mend := func(id sync.DocID, version int64, doc *sync.Document) error {
		return store.MendDocument(t.Context(), house, id, version, doc)
	}
	was := stored(meeting)
	older := sync.NewDocument(meeting, "meeting", house, 2, sync.Object{"title": "cũ"})
	wants("another version is stored", mend(meeting, was.Version-1, older), hub.ErrChanged)
	wants("a version is stored", mend(meeting, 0, older), hub.ErrChanged)
	wants("removal of another version", mend(meeting, was.Version-1, nil), hub.ErrChanged)
	wants("none is stored", mend(absent, 3, sync.NewDocument(absent, "meeting", house, 2, sync.Object{})), hub.ErrChanged)
	if err := mend(meeting, was.Version, sync.NewDocument(absent, "meeting", house, 2, sync.Object{})); err == nil || errors.Is(err, hub.ErrChanged) {
		t.Errorf("another document in the place of one: %v", err)
	}
	wants("backwards", mend(meeting, was.Version, older), nil)
	if d := stored(meeting); d == nil || d.Version != 2 || string(d.Raw()) != string(older.Raw()) {
		t.Errorf("after the mend: %+v", d)
	}
	wants("removal", mend(meeting, 2, nil), nil)
	if d := stored(meeting); d != nil {
		t.Errorf("after the removal: %+v", d)
	}
	wants("removal of none", mend(meeting, 0, nil), nil)
	wants("back again", mend(meeting, 0, was), nil)
	if d := stored(meeting); d == nil || d.Version != was.Version || string(d.Raw()) != string(was.Raw()) {
		t.Errorf("after it was put back: %+v", d)
	}

	mark := marksOf(t, store)
	lower := hub.Mark{Seq: 2, Hash: "x", Checksum: 1<<64 - 3}
	swap := func(from, to hub.Mark) error { return store.MendMark(t.Context(), house, from, to) }
	wants("no mark expected", swap(hub.Mark{}, lower), hub.ErrChanged)
	wants("another mark expected", swap(hub.Mark{Seq: mark.Seq, Hash: mark.Hash, Checksum: mark.Checksum + 1}, lower), hub.ErrChanged)
	wants("lowered", swap(mark, lower), nil)
	if got := marksOf(t, store); got != lower {
		t.Errorf("the mark is %+v", got)
	}
	wants("removed", swap(lower, hub.Mark{}), nil)
	if got := marksOf(t, store); got != (hub.Mark{}) {
		t.Errorf("the mark is %+v", got)
	}
	wants("a mark expected", swap(lower, mark), hub.ErrChanged)
	wants("set", swap(hub.Mark{}, mark), nil)
	if got := marksOf(t, store); got != mark {
		t.Errorf("the mark is %+v", got)
	}
}
