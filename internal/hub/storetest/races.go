package storetest

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

func oneWriterWins(t *testing.T, store hub.Store) {
	const writers, rounds = 8, 20
	l := newLogbook(unit("a"))
	for round := range rounds {
		var mu stdsync.Mutex
		var winners []sync.Commit
		var wg stdsync.WaitGroup
		start := make(chan struct{})
		for i := range writers {
			c := sync.Commit{Scope: l.scope, Seq: l.head.Seq + 1, Prev: l.head.Hash, Author: nobody, Device: deviceID(fmt.Sprint(i)), At: int64(round), Checksum: l.head.Checksum}
			wg.Go(func() {
				<-start
				n, err := store.Append(t.Context(), []sync.Commit{c}, nil)
				switch {
				case err == nil && n == 1:
					mu.Lock()
					winners = append(winners, c)
					mu.Unlock()
				case n != 0 || !errors.Is(err, hub.ErrTaken):
					t.Errorf("a loser was told %d, %v", n, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if len(winners) != 1 {
			t.Fatalf("round %d has %d winners", round, len(winners))
		}
		l.add(bare(winners[0]))
	}
	got, err := store.Commits(t.Context(), l.scope, 0, 2*rounds)
	must(t, err)
	sameCommits(t, "the log of the winners", got, l.commits)
}

func (z size) tailingReader(t *testing.T, store hub.Store) {
	writers, each := z.writers, z.each
	scope := unit("a")
	want := map[sync.DeviceID]int{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg stdsync.WaitGroup
	for i := range writers {
		w := newWriter(store, scope, fmt.Sprint(i), each)
		want[w.device] = each
		wg.Go(func() {
			if err := w.run(ctx); err != nil {
				t.Error(err)
				cancel() // or the reader waits for ever
			}
		})
	}
	tail := newLogbook(scope)
	for int(tail.head.Seq) < writers*each {
		got, err := store.Commits(ctx, scope, tail.head.Seq, 7)
		if err != nil {
			wg.Wait()
			t.Fatal(err)
		}
		for _, c := range got {
			if tail.add(bare(c)); c.Hash() != tail.head.Hash {
				cancel()
				wg.Wait()
				t.Fatalf("after %d the reader saw %d, which does not follow", tail.head.Seq-1, c.Seq)
			}
		}
	}
	wg.Wait()
	must(t, holds(t.Context(), store, scope, want))
	got, err := store.Commits(t.Context(), scope, 0, writers*each+1)
	must(t, err)
	sameCommits(t, "the log as the reader saw it", tail.commits, got)
}

func (z size) writersInterleaved(t *testing.T, store hub.Store) {
	z.interleaveWriters(t, store, false, 2, 1)
}

func (z size) threeWritersInterleaved(t *testing.T, store hub.Store) {
	z.interleaveWriters(t, store, true, 1, 1, 1)
}

// interleaveWriters runs a writer for each of the numbers, which say of how
// many commits.
func (z size) interleaveWriters(t *testing.T, store hub.Store, hasty bool, commits ...int) {
	z.everySchedule(t, 5000, func(n int) ([]actor, func() error) {
		scope := unit(fmt.Sprint(n))
		want := map[sync.DeviceID]int{}
		var actors []actor
		for i, count := range commits {
			w := newWriter(store, scope, fmt.Sprint(i), count)
			w.hasty = hasty
			want[w.device] = count
			actors = append(actors, w)
		}
		return actors, func() error { return holds(t.Context(), store, scope, want) }
	})
}

// Two connections of one phone, the first given up but not gone: each finds
// the receipt of the other or loses the number to it.
func (z size) mutationSentTwice(t *testing.T, store hub.Store) {
	z.everySchedule(t, 1000, func(n int) ([]actor, func() error) {
		scope := unit(fmt.Sprint(n))
		a, b := newWriter(store, scope, "phone", 2), newWriter(store, scope, "phone", 2)
		return []actor{a, b}, func() error {
			return holds(t.Context(), store, scope, map[sync.DeviceID]int{a.device: 2})
		}
	})
}

func (z size) lostAnswer(t *testing.T, store hub.Store) {
	scopes := 0
	for lost := range 3 {
		z.everySchedule(t, 1000, func(int) ([]actor, func() error) {
			scopes++
			scope := unit(fmt.Sprint(scopes))
			appends := 0
			faulty := NewFaulty(store, func(c Call) Fault {
				if c.Op != "Append" {
					return None
				}
				if appends++; appends == lost+1 {
					return Lost
				}
				return None
			})
			a, b := newWriter(faulty, scope, "a", 1), newWriter(store, scope, "b", 1)
			return []actor{a, b}, func() error {
				return holds(t.Context(), store, scope, map[sync.DeviceID]int{a.device: 1, b.device: 1})
			}
		})
	}
}

// The network is an actor of its own: it may deliver the append at any later
// moment, also after its sender has sent it again or lost the number.
func (z size) lateAppend(t *testing.T, store hub.Store) {
	z.everySchedule(t, 5000, func(n int) ([]actor, func() error) {
		scope := unit(fmt.Sprint(n))
		appends := 0
		faulty := NewFaulty(store, func(c Call) Fault {
			if c.Op != "Append" {
				return None
			}
			if appends++; appends == 1 {
				return Late
			}
			return None
		})
		a, b := newWriter(faulty, scope, "a", 1), newWriter(store, scope, "b", 1)
		b.hasty = true
		return []actor{a, b, once(faulty.Land)}, func() error {
			if err := faulty.Land(t.Context()); err != nil {
				return err
			}
			return holds(t.Context(), store, scope, map[sync.DeviceID]int{a.device: 1, b.device: 1})
		}
	})
}
