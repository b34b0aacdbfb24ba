package client_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

func TestAServerThatLostItsHistoryGetsBackWhatItLost(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "x"})
	a.sync()
	a.set(doc, "/title", "y")
	lost := a.create(sync.Object{"title": "made on the day that is lost"})
	a.sync()
	w.forget(unit, 1)
	b.create(sync.Object{"title": "the new history"})
	b.sync()
	a.set(doc, "/text", "unsent")
	a.link.faults(fault{}, fault{lines: 3}) // also when the rebuild is cut
	r := a.sync()
	if r.Resets != 1 || r.Rebuilds != 1 || a.get(doc, "/title") != "y" || a.get(doc, "/text") != "unsent" || a.get(lost, "/title") == nil {
		t.Fatalf("report %+v", r)
	}
	a.equal()
	b.sync()
	b.equal()
}

func TestWhatWasAcknowledgedAndIsNotInTheLogIsSentAgain(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := newWorld(t, t.TempDir())
		p := w.phone(t, binh)
		doc := p.create(sync.Object{"title": "x"})
		p.sync()
		p.set(doc, "/title", "y")
		fresh := p.create(sync.Object{"title": "new"})
		p.dies(fault{lines: 2}) // both acknowledgements arrive and no segment
		if s, _ := p.Status(); s.Unsent != 0 || s.Pending != 2 {
			t.Fatalf("status: %+v", s)
		}
		if lost { // what the phone's cursor names is still there, so the server says nothing of it
			w.forget(unit, 1)
		}
		r := p.sync()
		if again := len(w.seen[len(w.seen)-1].Mutations); lost && again != 2 || !lost && again != 0 {
			t.Fatalf("lost: %v, and %d were sent again: %+v", lost, again, r)
		}
		if r.Resets != 0 || r.Rebuilds != 0 || p.get(doc, "/title") != "y" || p.get(fresh, "/title") != "new" {
			t.Fatalf("lost: %v, report: %+v", lost, r)
		}
		p.equal()
	}
}

func TestAServerWhoseLogStaysBehindItsAcknowledgementsIsAskedTwiceASync(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.create(sync.Object{"title": "x"})
	p.sync()
	p.create(sync.Object{"title": "y"})
	p.dies(fault{lines: 1})
	w.mute = unit
	if r := p.sync(); r.Requests != 2 || r.Acks[sync.Applied] != 1 {
		t.Fatalf("report: %+v", r)
	}
	if s, _ := p.Status(); s.Synced() {
		t.Fatalf("status: %+v", s)
	}
	w.mute = ""
	p.sync()
	p.equal()
}

func TestAScopeThatIsTakenAwayKeepsItsUnsentWork(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	p.sync()
	p.set(doc, "/title", "y")
	w.readable[binh] = []sync.Scope{sync.UserScope(binh)}
	r := p.sync()
	if !r.Dropped[unit] || r.Rejections() != 1 {
		t.Fatalf("report: %+v", r)
	}
	if d, _, _ := p.View(unit, doc); d != nil {
		t.Fatal("a document of the scope is still there")
	}
	refused, _ := p.Refused()
	if len(refused) != 1 || refused[0].Ack.Scope != sync.UserScope(binh) {
		t.Fatalf("refused: %+v", refused)
	}
	if s, _ := p.Status(); s.Pending != 0 {
		t.Fatalf("status: %+v", s)
	}
	p.equal()
	w.readable[binh] = []sync.Scope{unit, sync.UserScope(binh)}
	p.sync()
	p.equal()
	if p.get(doc, "/title") != "x" {
		t.Fatal("the scope did not come back")
	}
}

func TestAReplicaWithAWrongChecksumIsRebuiltBeside(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.perSegment = 1
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "x", "text": "kept"})
	for range 4 {
		a.create(sync.Object{"title": "other"})
		a.sync()
	}
	b.sync()
	a.set(doc, "/title", "y")
	a.sync()
	w.withhold = func(l sync.DocLine) bool { w.withhold = nil; return false }
	b.link.plan = func(n int, _ string) fault {
		if n > 3 { // the rebuild is cut after some segments and the phone dies
			return fault{refuse: true}
		}
		return map[int]fault{3: {lines: 5}}[n]
	}
	if _, err := b.Sync(context.Background()); err == nil {
		t.Fatal("sync over a dead link succeeded")
	}
	b.reopen()
	b.set(doc, "/score", int64(3))
	s, _ := b.Status()
	if s.Synced() || len(s.Rebuilding) != 1 || s.Unsent != 1 {
		t.Fatalf("status while rebuilding: %+v", s)
	}
	if docs, _ := b.List(unit, "note"); len(docs) != 5 || b.get(doc, "/text") != "kept" {
		t.Fatal("the old replica is not shown while the new one grows")
	}
	b.link.plan = nil
	if r := b.sync(); r.Rebuilds != 0 || !r.Verified[unit] || b.get(doc, "/title") != "y" {
		t.Fatalf("report: %+v", r)
	}
	b.equal()
	a.sync()
	a.equal()
}

func TestARebuildThatNeverFitsIsNotRepeatedForEver(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	w.lie = func(s sync.Scope, sum uint64) uint64 {
		if s == unit {
			sum++
		}
		return sum
	}
	doc := p.create(sync.Object{"title": "x"})
	r := p.sync()
	if r.Rebuilds != 3 || !r.Stuck[unit] || r.Verified[unit] {
		t.Fatalf("report: %+v", r)
	}
	if s, _ := p.Status(); s.Synced() || len(s.Unverified) != 1 || s.Unsent != 0 || p.get(doc, "/title") != "x" {
		t.Fatalf("status: %+v", s)
	}
	if r := p.sync(); r.Rebuilds != 0 || r.Requests != 1 {
		t.Fatalf("within the hour: %+v", r)
	}
	w.lie = nil
	w.clock.advance(2 * time.Hour)
	p.set(doc, "/title", "y")
	p.sync()
	p.equal()
}

func TestADocumentThatCannotBePatchedIsAskedForWhole(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	a.create(sync.Object{"title": "first"})
	a.sync()
	b.sync()
	doc := a.create(sync.Object{"title": "x", "text": strings.Repeat("long ", 50)})
	a.sync()
	a.set(doc, "/title", "y")
	a.sync()
	w.twist = func(l *sync.DocLine) *sync.DocLine { // as if the phone had the rest
		if l.Doc == doc && l.Body != nil {
			w.twist = nil
			return &sync.DocLine{Doc: doc, Version: l.Version, Set: map[sync.Pointer]sync.Value{"/title": "y"}}
		}
		return l
	}
	if r := b.sync(); r.Requests != 2 || r.Rebuilds != 0 {
		t.Fatalf("report: %+v", r)
	}
	if got := w.seen[len(w.seen)-1].Need[unit]; len(got) != 1 || got[0] != doc {
		t.Fatalf("asked for %v", got)
	}
	b.equal()
}

func TestAServerThatLosesItsHistoryAgainAndAgainGetsItBackInTheEnd(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	p.sync()
	for range 3 {
		w.forget(unit, 0)
		if r := p.sync(); r.Rebuilds != 1 {
			t.Fatalf("report: %+v", r)
		}
		p.equal()
	}
	w.forget(unit, 0)
	if r := p.sync(); r.Requests != 1 || !r.Stuck[unit] || p.get(doc, "/title") != "x" {
		t.Fatalf("the fourth time in an hour: %+v", r)
	}
	w.clock.advance(2 * time.Hour)
	if r := p.sync(); r.Acks[sync.Applied] != 1 || r.Rebuilds != 1 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
}

func TestAResetInTheMiddleOfARebuildIsSurvived(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.perSegment = 1
	p := w.phone(t, binh)
	for i := range 6 {
		p.create(sync.Object{"score": int64(i)})
		p.sync()
	}
	w.forget(unit, 4)
	p.dies(fault{})
	p.link.faults(fault{lines: 6})
	w.forget(unit, 1)
	_, _ = p.Sync(context.Background())
	p.sync()
	if docs, _ := p.List(unit, "note"); len(docs) != 6 {
		t.Fatalf("%d documents of 6", len(docs))
	}
	p.equal()
}

func TestDamageOnDiskIsNoticedAndHealed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "the right words"})
	other := a.create(sync.Object{"title": "another"})
	a.sync()
	b.sync()
	b.must(b.Close())
	db, err := bbolt.Open(b.path, 0o600, nil)
	b.must(err)
	b.must(db.Update(func(tx *bbolt.Tx) error {
		all := tx.Bucket([]byte("replica"))
		return all.ForEachBucket(func(k []byte) error {
			docs := all.Bucket(k).Bucket([]byte("docs"))
			if raw := docs.Get([]byte(doc)); raw != nil {
				return docs.Put([]byte(doc), bytes.Replace(raw, []byte("right"), []byte("wrong"), 1))
			}
			return nil
		})
	}))
	b.must(db.Close())
	b.open()
	if b.get(doc, "/title") != "the wrong words" {
		t.Fatal("the file was not damaged")
	}
	a.set(other, "/title", "changed")
	a.sync()
	if r := b.sync(); r.Rebuilds != 1 || r.Requests != 2 {
		t.Fatalf("report: %+v", r)
	}
	b.equal()
}
