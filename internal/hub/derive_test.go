package hub_test

import (
	"context"
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// track returns the tracker of a unit, nil if there is none or it is gone.
func (w *world) track(scope sync.Scope) *sync.Document {
	w.t.Helper()
	t := tracker(scope)
	d, err := w.hub.Document(context.Background(), w.admin(), t.Scope, t.Doc)
	if hub.CodeOf(err) == hub.CodeNotFound || err == nil && d.Gone {
		return nil
	}
	w.must(err)
	return d
}

func (w *world) wantTotal(scope sync.Scope, notes, total int64) {
	w.t.Helper()
	d := w.track(scope)
	if d == nil || d.Body()["notes"] != notes || d.Body()["total"] != total {
		w.t.Fatalf("the tracker is %+v, not of %d notes with %d", d, notes, total)
	}
}

func TestTrackersFollowAndABurstIsComputedOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.must(w.hub.Derive(t.Context()))
	before := w.domain.computed.Load()
	for i := range 10 {
		p.once(w.create(scope, sync.Object{"n": int64(i)}))
	}
	w.must(w.hub.Derive(t.Context()))
	w.wantTotal(scope, 10, 45)
	if n := w.domain.computed.Load() - before; n != 1 {
		t.Fatalf("computed %d times", n)
	}
}

func TestWhatSeveralTargetsAreComputedFromIsReadOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.domain.copies = 9
	p.once(w.create(scope, sync.Object{"n": int64(3)}))
	reads := 0
	h, _ := w.faulty(func(c storetest.Call) storetest.Fault {
		if c.Op == "Changed" && c.Scope == scope {
			reads++
		}
		return storetest.None
	})
	w.must(h.Sweep(t.Context()))
	before := w.domain.computed.Load()
	if before != 10 || reads != 1 {
		t.Fatalf("%d targets were computed from %d readings", before, reads)
	}
	p.once(w.create(scope, sync.Object{"n": int64(4)}))
	w.must(h.Sweep(t.Context())) // nothing is remembered from the round before
	w.wantTotal(scope, 2, 7)
}

func TestTrackerThatSaysTheSameIsNotWritten(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(3)})
	p.once(m)
	w.must(w.hub.Derive(t.Context()))
	p.once(w.edit(scope, m.Doc, "/title", nil, "khác"))
	w.must(w.hub.Derive(t.Context()))
	if n := len(w.log(tracker(scope).Scope)); n != 1 {
		t.Fatalf("%d commits", n)
	}
}

func TestTrackerOfNothingIsRemoved(t *testing.T) {
	w, p, scope := unitWorld(t)
	p.once(w.create(scope, sync.Object{"n": int64(3)}))
	w.must(w.hub.Derive(t.Context()))
	for _, d := range p.replica[scope] {
		p.once(w.remove(scope, d))
	}
	w.must(w.hub.Derive(t.Context()))
	if d := w.track(scope); d != nil {
		t.Fatalf("%+v", d)
	}
	w.log(tracker(scope).Scope)
}

// A hub reads, another reads what came in since and writes, and then the first
// writes: what it computed must not replace what is newer, nor bring back what
// was removed.
func TestBasisNeverGoesBack(t *testing.T) {
	for what, remove := range map[string]bool{"replaced": false, "removed": true} {
		t.Run(what, func(t *testing.T) {
			w, p, scope := unitWorld(t)
			m := w.create(scope, sync.Object{"n": int64(1)})
			p.once(m)
			w.must(w.hub.Derive(t.Context()))
			p.once(w.edit(scope, m.Doc, "/n", int64(1), int64(2)))

			fast := w.newHub(w.open())
			w.domain.onDerive = func(map[sync.Scope][]*sync.Document) {
				w.domain.onDerive = nil // the slow one alone has read and is about to compute
				if remove {
					p.once(w.remove(scope, p.replica[scope][m.Doc]))
				} else {
					p.once(w.edit(scope, m.Doc, "/n", int64(2), int64(9)))
				}
				w.must(fast.Sweep(context.Background()))
			}
			slow := w.newHub(w.open())
			w.must(slow.Sweep(t.Context()))
			if remove {
				if d := w.track(scope); d != nil {
					t.Fatalf("brought back: %s", d.Raw())
				}
			} else {
				w.wantTotal(scope, 1, 9)
			}
			w.log(tracker(scope).Scope)
		})
	}
}

func TestTwoHubsThatDeriveAtOnceMakeOneCommit(t *testing.T) {
	w, p, scope := unitWorld(t)
	p.once(w.create(scope, sync.Object{"n": int64(3)}))
	var both stdsync.WaitGroup
	both.Add(2)
	w.domain.onDerive = func(map[sync.Scope][]*sync.Document) {
		both.Done()
		both.Wait() // until both have read
	}
	var wg stdsync.WaitGroup
	for _, h := range []*hub.Hub{w.newHub(w.open()), w.newHub(w.open())} {
		wg.Go(func() {
			if err := h.Sweep(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.domain.onDerive = nil
	w.wantTotal(scope, 1, 3)
	if n := len(w.log(tracker(scope).Scope)); n != 1 {
		t.Fatalf("%d commits", n)
	}
}

func TestSweepMakesUpForWhatACrashLeftBehindOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	crashing, _ := w.faulty(func(c storetest.Call) storetest.Fault {
		if c.Op == "Project" && c.Scope == scope {
			return storetest.Refused
		}
		return storetest.None
	})
	_, err := crashing.Push(t.Context(), p.who, &sync.Request{Mutations: []sync.Mutation{w.create(scope, sync.Object{"n": int64(3)})}})
	w.must(err) // in the log, neither projected nor derived from
	next := w.newHub(w.open())
	w.must(next.Sweep(t.Context()))
	w.wantTotal(scope, 1, 3)
	before := w.domain.computed.Load()
	w.must(next.Sweep(t.Context()))
	if n := w.domain.computed.Load() - before; n != 0 {
		t.Fatalf("computed %d times though nothing moved", n)
	}
}

func TestTargetThatFailsHoldsUpNoOtherAndIsTriedAgain(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.grant("an", unit("b"), 0)
	broken := true
	w.domain.onDerive = func(docs map[sync.Scope][]*sync.Document) {
		if _, ok := docs[scope]; ok && broken {
			panic("a mistake in a derivation")
		}
	}
	p.once(w.create(scope, sync.Object{"n": int64(3)}), w.create(unit("b"), sync.Object{"n": int64(4)}))
	if err := w.hub.Derive(t.Context()); err == nil {
		t.Fatal("no error")
	}
	w.wantTotal(unit("b"), 1, 4)
	broken = false
	w.must(w.hub.Derive(t.Context()))
	w.wantTotal(scope, 1, 3)
}

// Documents that move while they are read are not missed: neither by a
// derivation nor by the reference data, where a grant that is missed takes a
// scope away.
func TestDocumentThatMovesWhileItIsReadIsNotMissed(t *testing.T) {
	w, p, scope := unitWorld(t)
	p.once(w.create(scope, sync.Object{"n": int64(3)}))
	for id := range p.replica[scope] {
		moves := 0
		h, _ := w.faulty(func(c storetest.Call) storetest.Fault {
			if c.Op == "Changed" && moves < 20 {
				moves++
				switch c.Scope {
				case scope:
					w.must(w.bump(w.hub, scope, id, int64(moves)))
				case sync.Org:
					w.grant("an", scope, morning*2+int64(moves))
				}
			}
			return storetest.None
		})
		w.must(h.Sweep(t.Context()))
		if d := w.track(scope); d == nil || d.Body()["notes"] != int64(1) {
			t.Fatalf("%+v", d)
		}
		fresh, _ := w.faulty(func(c storetest.Call) storetest.Fault {
			if c.Op == "Changed" && c.Scope == sync.Org {
				moves++
				w.grant("an", scope, morning*2+int64(moves))
			}
			return storetest.None
		})
		for range 3 {
			scopes, err := fresh.Readable(t.Context(), p.who)
			w.must(err)
			if len(scopes) != 3 {
				t.Fatalf("may read %v", scopes)
			}
		}
	}
}

func TestReferenceDataIsOneWhileManyReadItAndItMoves(t *testing.T) {
	w, p, scope := unitWorld(t)
	var wg stdsync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				if scopes, err := w.hub.Readable(context.Background(), p.who); err != nil || len(scopes) != 3 {
					t.Errorf("may read %v, %v", scopes, err)
					return
				}
			}
		})
	}
	for i := range int64(40) {
		w.grant("an", scope, morning*2+i)
	}
	wg.Wait()
}
