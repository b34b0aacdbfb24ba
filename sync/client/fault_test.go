package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"thidua/sync"
	"thidua/sync/client"
)

// busy is a world in which a phone has much to send and much to be sent:
// chains of own edits, edits by others of the same documents, deletions, a conflict.
func busy(t failing, dir string) (*world, *phone, *phone) {
	w := newWorld(t, dir)
	w.perSegment = 1
	a, b := w.phone(t, binh), w.phone(t, chau)
	var docs []sync.DocID
	for i := range 6 {
		docs = append(docs, a.create(sync.Object{"title": "note", "score": int64(i), "text": strings.Repeat("word ", 60)}))
	}
	a.sync()
	b.sync()
	for i, d := range docs {
		b.set(d, "/people/p1", sync.Object{"name": "An"})
		if i%2 == 0 {
			b.set(d, "/title", "by b")
		}
		b.sync()
	}
	b.must(b.Delete(unit, docs[5]))
	b.create(sync.Object{"title": "new by b"})
	b.sync()
	for i, d := range docs[:5] {
		a.set(d, "/score", int64(100+i))
		a.set(d, "/score", int64(200+i))
		a.set(d, "/people/p1", sync.Object{"role": "head"})
	}
	a.set(docs[2], "/title", "by a")
	a.must(a.Delete(unit, docs[1]))
	own := a.create(sync.Object{"title": "new by a"})
	a.set(own, "/text", "and edited")
	return w, a, b
}

// dies has the phone suffer a fault in its next request and be killed before
// the one after it. It reports whether the fault was felt.
func (p *phone) dies(f fault) bool {
	p.t.Helper()
	first := p.link.n
	p.link.plan = func(n int, _ string) fault {
		if n == first {
			return f
		}
		return fault{refuse: true}
	}
	_, err := p.Sync(context.Background())
	p.link.plan = nil
	p.reopen()
	return err != nil
}

func TestAPhoneKilledAfterAnyLineEndsEqualToTheServer(t *testing.T) {
	for _, moving := range []bool{false, true} {
		lines := -1 // before the first
		for felt := true; felt; lines += 1 + map[bool]int{true: 1}[lines < 0] {
			w, a, b := busy(t, t.TempDir())
			felt = a.dies(fault{lines: lines})
			if moving {
				b.sync()
				docs, err := b.List(unit, "note")
				b.must(err)
				for _, d := range docs {
					b.set(d.ID, "/people/p2", sync.Object{"name": fmt.Sprint(lines)})
				}
				b.sync()
			}
			if r := a.sync(); r.Rebuilds != 0 {
				t.Fatalf("cut after line %d: a replica had to be begun anew: %+v", lines, r)
			}
			a.equal()
			w.close()
		}
		if lines < 25 {
			t.Fatalf("an answer of %d lines is too short to show anything", lines)
		}
	}
}

func TestAnAnswerCutAgainAndAgainIsFinishedInOneSync(t *testing.T) {
	_, a, _ := busy(t, t.TempDir())
	a.link.plan = func(n int, _ string) fault {
		switch n % 3 {
		case 0:
			return fault{refuse: true}
		case 1:
			return fault{lines: 24}
		}
		return fault{bytes: 700}
	}
	r := a.sync()
	if r.Cuts == 0 || r.Rebuilds != 0 {
		t.Fatalf("report: %+v", r)
	}
	a.equal()
}

func TestALostAnswerToAnUpdateEditedAgainMakesNoConflict(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	p.sync()
	p.set(doc, "/title", "y")
	p.dies(fault{lose: true})
	p.set(doc, "/title", "z")
	r := p.sync()
	if r.Duplicates != 1 || r.Acks[sync.Applied] != 2 || r.Conflicts() != 0 || p.get(doc, "/title") != "z" {
		t.Fatalf("report: %+v, title %v", r, p.get(doc, "/title"))
	}
	p.equal()
}

func TestALostAnswerToFiveCreationsCreatesFive(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	for i := range 5 {
		p.create(sync.Object{"score": int64(i)})
	}
	p.link.faults(fault{lose: true}, fault{lose: true}, fault{twice: true})
	r := p.sync()
	if docs, _ := p.List(unit, "note"); len(docs) != 5 || r.Duplicates != 5 || r.Rebuilds != 0 {
		t.Fatalf("%d documents, report %+v", len(docs), r)
	}
	p.equal()
}

func TestAPhoneRestoredFromAnOldCopyEndsEqualToTheServer(t *testing.T) {
	_, a, b := busy(t, t.TempDir())
	old := a.clone()
	a.sync()
	docs, _ := a.List(unit, "note")
	for i := range 10 {
		a.set(docs[i%len(docs)].ID, "/score", int64(i))
		a.sync()
	}
	b.sync()
	old.set(docs[0].ID, "/text", "written after restoring")
	if r := old.sync(); r.Duplicates == 0 || r.Rebuilds != 0 {
		t.Fatalf("report: %+v", r)
	}
	old.equal()
	if old.get(docs[0].ID, "/text") != "written after restoring" {
		t.Fatal("the edit made after restoring is missing")
	}
}

func TestTwoClonesOfOnePhoneLoseNothing(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a := w.phone(t, binh)
	doc := a.create(sync.Object{"title": "x"})
	b := a.clone() // with the creation in the queue of both
	made := map[sync.DocID]bool{doc: true}
	for range 5 {
		made[a.create(sync.Object{"title": "a"})] = true
		made[b.create(sync.Object{"title": "b"})] = true
	}
	a.set(doc, "/text", "a")
	b.set(doc, "/score", int64(5))
	a.sync()
	b.sync()
	a.sync()
	for _, p := range []*phone{a, b} {
		docs, _ := p.List(unit, "note")
		for _, d := range docs {
			delete(made, d.ID)
		}
		if len(docs) != 11 || p.get(doc, "/text") != "a" || p.get(doc, "/score") != int64(5) {
			t.Fatalf("%d documents, %v", len(docs), p.get(doc, ""))
		}
		p.equal()
	}
	if len(made) != 0 {
		t.Fatalf("lost: %v", made)
	}
}

func TestBatchesShrinkWhenRequestsDieAndGrowAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	for range 40 {
		p.create(sync.Object{"title": "x"})
	}
	w.most = 16 // first by 413, which the server sends before it has read everything
	p.link.faults(fault{}, fault{refuse: true}, fault{refuse: true})
	p.sync()
	var sizes []int
	for _, r := range w.seen {
		sizes = append(sizes, len(r.Mutations))
	}
	if fmt.Sprint(sizes) != "[5 10 10 15]" {
		t.Fatalf("batches of %v", sizes)
	}
	p.equal()
}

func TestManyMutationsGoUpInSeveralRequests(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	for range 20 {
		p.create(sync.Object{"text": strings.Repeat("x", 60_000), "title": "large"})
	}
	if r := p.sync(); r.Requests != 2 || r.Acks[sync.Applied] != 20 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
}

func TestALostAnswerToARefreshSignsNobodyOut(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.create(sync.Object{"title": "x"})
	p.sync()
	for range 3 {
		w.clock.advance(time.Hour)
		if !p.dies(fault{lose: true}) { // the refresh
			t.Fatal("nothing was refreshed")
		}
		p.create(sync.Object{"title": "more"})
		p.sync()
	}
	p.equal()
}

func TestAnAccessTokenTheServerNoLongerTakesIsRefreshed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	for _, d := range w.devices {
		d.expires = 0 // by the server's clock, which is not the phone's
	}
	p.create(sync.Object{"title": "x"})
	if r := p.sync(); r.Requests != 2 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
}

func TestARevokedDeviceKeepsItsQueue(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.create(sync.Object{"title": "x"})
	for _, d := range w.devices {
		d.revoked = true
	}
	if _, err := p.Sync(context.Background()); !errors.Is(err, client.ErrSignedOut) {
		t.Fatalf("sync of a revoked device: %v", err)
	}
	if s, _ := p.Status(); s.Unsent != 1 {
		t.Fatalf("status: %+v", s)
	}
	if err := p.Enrol(context.Background(), "code-c", "phone"); !errors.Is(err, client.ErrOtherPerson) {
		t.Fatalf("another person signed in on the file: %v", err)
	}
	p.must(p.Enrol(context.Background(), "code-b", "phone"))
	p.sync()
	p.equal()
}

func TestAWipedDeviceHandsOverItsQueueAndForgetsEverything(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.create(sync.Object{"title": "seen"})
	p.sync()
	doc := p.create(sync.Object{"title": "unsent"})
	w.status = http.StatusGone
	if _, err := p.Sync(context.Background()); !errors.Is(err, client.ErrWiped) {
		t.Fatalf("sync of a wiped device: %v", err)
	}
	if d := w.ledger(unit).state.Docs[doc]; d == nil || d.Body()["title"] != "unsent" {
		t.Fatal("what it had recorded was not taken")
	}
	s, err := p.Status()
	person, device, _ := p.Identity()
	if err != nil || s.Unsent != 0 || len(s.Scopes) != 0 || person != "" || device != "" {
		t.Fatalf("it holds %+v as %q on %q: %v", s, person, device, err)
	}
	if _, err := p.Sync(context.Background()); !errors.Is(err, client.ErrSignedOut) {
		t.Fatalf("sync afterwards: %v", err)
	}
	w.status = 0
	p.must(p.Enrol(context.Background(), "code-c", "phone")) // now anybody may
	p.sync()
	p.equal()
}

func TestADeadNetworkEndsInAnErrorAndAReport(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.link.plan = func(int, string) fault { return fault{refuse: true} }
	before := w.clock.now()
	r, err := p.Sync(context.Background())
	if err == nil || r.Requests != 20 || r.Cuts != 20 {
		t.Fatalf("%+v %v", r, err)
	}
	if waited := w.clock.now().Sub(before); waited < 20*time.Second || waited > 100*time.Second {
		t.Fatalf("waited %s", waited)
	}
}
