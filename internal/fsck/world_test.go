package fsck_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/internal/sqlite"
	"thidua/sync"
)

func docID(parts ...string) sync.DocID { return sync.DocID(sync.NameID(parts...)) }

// A logbook appends commits of one scope to a store, with what they change.
type logbook struct {
	store fsck.Store
	scope sync.Scope
	head  hub.Mark
	docs  map[sync.DocID]*sync.Document
}

// add appends a commit by a phone, with a receipt for each change.
func (l *logbook) add(ctx context.Context, device string, changes ...sync.Change) error {
	c := sync.Commit{
		Scope: l.scope, Seq: l.head.Seq + 1, Prev: l.head.Hash, Checksum: l.head.Checksum, Changes: changes,
		Author: sync.PersonID(sync.NameID("person", device)), Device: sync.DeviceID(sync.NameID("device", device)),
	}
	after := map[sync.DocID]*sync.Document{}
	for i, ch := range changes {
		id := sync.MutationID(sync.NameID(string(l.scope), fmt.Sprint(c.Seq, i)))
		c.Receipts = append(c.Receipts, sync.Receipt{Mutation: id, Content: sync.HashOf(string(id)), Outcome: sync.Applied, Doc: ch.Doc})
		c.Checksum -= l.docs[ch.Doc].Sum()
		l.docs[ch.Doc] = sync.Fold(l.docs[ch.Doc], l.scope, ch, c.Seq)
		after[ch.Doc] = l.docs[ch.Doc]
		c.Checksum += l.docs[ch.Doc].Sum()
	}
	var docs []*sync.Document
	for _, d := range after {
		docs = append(docs, d)
	}
	_, err := l.store.Append(ctx, []sync.Commit{c}, docs)
	l.head = hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}
	return err
}

func create(id sync.DocID, typ string, body sync.Object) sync.Change {
	return sync.Change{Doc: id, Type: typ, By: 0, Create: body}
}

func edit(id sync.DocID, path sync.Pointer, now sync.Value) sync.Change {
	return sync.Change{Doc: id, By: 0, Edits: []sync.Edit{{Path: path, Now: now}}}
}

// The documents of the small world all tests of damage begin with.
var (
	unit     = docID("unit")
	absent   = docID("nowhere")
	meeting  = docID("meeting")
	conflict = docID("conflict")
	settled  = docID("settled")
	removed  = docID("removed")
	house    = sync.UnitScope(unit)
)

// build writes a database without a fault.
func build(t *testing.T, store fsck.Store) {
	t.Helper()
	org := &logbook{store: store, scope: sync.Org, docs: map[sync.DocID]*sync.Document{}}
	log := &logbook{store: store, scope: house, docs: map[sync.DocID]*sync.Document{}}
	err := errors.Join(
		org.add(t.Context(), "", create(unit, "unit", sync.Object{"code": "U"})),
		log.add(t.Context(), "a", create(meeting, "meeting", sync.Object{"title": "Hội nghị", "host": string(unit)}), create(removed, "movement", sync.Object{"text": "x"})),
		log.add(t.Context(), "b", edit(meeting, "/title", "Hội nghị tổng kết"), edit(meeting, "/summoned", int64(12))),
		log.add(t.Context(), "a", create(conflict, sync.TypeConflict, sync.Object{"about": string(meeting), "state": sync.StateOpen, "opened": int64(5)})),
		log.add(t.Context(), "a", create(settled, sync.TypeConflict, sync.Object{"about": string(meeting), "state": sync.StateOpen, "opened": int64(6)})),
		log.add(t.Context(), "b", edit(settled, "/state", sync.StateSettled)),
		log.add(t.Context(), "b", sync.Change{Doc: removed, By: 0, Delete: true}),
	)
	for i := range 20 {
		err = errors.Join(err, log.add(t.Context(), "a", edit(meeting, "/summoned", int64(100+i))))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// damaged builds a database and runs statements on its file.
func damaged(t *testing.T, statements ...string) *sqlite.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	store := openAt(t, path)
	build(t, store)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		r, err := db.ExecContext(t.Context(), s, sql.Named("scope", string(house)), sql.Named("meeting", string(meeting)),
			sql.Named("conflict", string(conflict)), sql.Named("settled", string(settled)), sql.Named("absent", string(absent)))
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s changed %d rows, %v", s, n, err)
		}
	}
	return store
}

// check runs a check and returns its report.
func check(t *testing.T, store fsck.Store, repair bool) fsck.Report {
	t.Helper()
	r, err := fsck.Check(t.Context(), fsck.Config{Store: store, Schema: emulation.New().Schema(), Repair: repair})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// codes returns what was found, in order and each code once.
func codes(findings []fsck.Finding) []sync.Code {
	var all []sync.Code
	for _, f := range findings {
		all = append(all, f.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
