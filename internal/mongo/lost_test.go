package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strconv"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/internal/mongo"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

// behind returns the address of a test's database, and the same by way of a cable.
func behind(t *testing.T, decide func(name, on string) fate) (direct, through string, w *wire, serve func(net.Conn)) {
	t.Helper()
	direct = mongotest.URI(t)
	address, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	w, serve = cable(t, address.Host, decide)
	address.Host = w.addr
	return direct, address.String(), w, serve
}

// toInserts makes a decision about inserts of commits; all else passes. The
// fate changes while a test runs.
func toInserts(f *atomic.Int64) func(name, on string) fate {
	return func(name, on string) fate {
		if name == "insert" && on == "commits" {
			return fate(f.Load())
		}
		return passes
	}
}

func commit(head hub.Mark, device sync.DeviceID) sync.Commit {
	return sync.Commit{Scope: "unit:a", Seq: head.Seq + 1, Prev: head.Hash, Author: sync.Server, Device: device}
}

func TestAppendWhoseAnswerIsLostIsUnknownAndThere(t *testing.T) {
	var next atomic.Int64
	direct, through, _, _ := behind(t, toInserts(&next))
	store, other := openAt(t, through), openAt(t, direct)
	for _, c := range []struct {
		fate  fate
		there int
	}{{isDeaf, 1}, {isLost, 0}} {
		head, err := other.Head(t.Context(), "unit:a")
		if err != nil {
			t.Fatal(err)
		}
		mine := commit(head, "phone")
		next.Store(int64(c.fate))
		if n, err := store.Append(t.Context(), []sync.Commit{mine}, nil); n != 0 || !errors.Is(err, hub.ErrUnknown) {
			t.Errorf("fate %d: %d, %v", c.fate, n, err)
		}
		got, err := other.Commits(t.Context(), "unit:a", head.Seq, 10)
		if err != nil || len(got) != c.there || len(got) == 1 && got[0].Hash() != mine.Hash() {
			t.Errorf("fate %d: %d commits, %v", c.fate, len(got), err)
		}
	}
}

func TestInsertCarriedOutTwiceIsRecognisedAsOurs(t *testing.T) {
	var next atomic.Int64
	_, through, _, _ := behind(t, toInserts(&next))
	store := openAt(t, through)
	next.Store(int64(isTwice))
	first := commit(hub.Mark{}, "phone")
	second := commit(hub.Mark{Seq: 1, Hash: first.Hash()}, "phone")
	if n, err := store.Append(t.Context(), []sync.Commit{first, second}, nil); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if count := storetest.CheckLog(t, store, "unit:a"); count["phone"] != 2 {
		t.Errorf("commits: %v", count)
	}
}

// A caller over a bad line does what the hub does: after an unknown outcome it
// reads, and sends the same commit again if nobody has its number.
func TestNothingIsLostOrDoubledOverALineThatIsCut(t *testing.T) {
	const writers, each = 3, 4
	seed := rand.Uint64()
	if given := os.Getenv("MONGO_TEST_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("MONGO_TEST_SEED=%d", seed)
	var mu stdsync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	direct, through, _, _ := behind(t, func(name, _ string) fate {
		mu.Lock()
		defer mu.Unlock()
		if name == "insert" || name == "find" {
			switch random.IntN(8) {
			case 0:
				return isLost
			case 1:
				return isDeaf
			case 2:
				if name == "insert" {
					return isTwice
				}
			}
		}
		return passes
	})
	store := openThrough(t, direct, through)
	var wg stdsync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range each {
				persist(t, store, sync.DeviceID(fmt.Sprint(i)))
			}
		})
	}
	wg.Wait()
	count := storetest.CheckLog(t, openAt(t, direct), "unit:a")
	for i := range writers {
		if n := count[sync.DeviceID(fmt.Sprint(i))]; n != each {
			t.Errorf("writer %d appended %d commits, %d are there", i, each, n)
		}
	}
}

// openThrough opens a database over a line so bad that even opening takes
// several attempts.
func openThrough(t *testing.T, direct, through string) *mongo.Store {
	t.Helper()
	openAt(t, direct) // makes the collections
	for {
		store, err := mongo.Open(t.Context(), config(through))
		if err == nil {
			t.Cleanup(func() {
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			})
			return store
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

// persist appends one commit, as often as it takes.
func persist(t *testing.T, store *mongo.Store, device sync.DeviceID) {
	ctx := t.Context()
	for ctx.Err() == nil {
		head, err := store.Head(ctx, "unit:a")
		if err != nil {
			continue
		}
		mine := commit(head, device)
		for sent := false; ctx.Err() == nil; {
			if sent {
				got, err := store.Commits(ctx, "unit:a", mine.Seq-1, 1)
				if err != nil {
					continue
				}
				if len(got) == 1 && got[0].Hash() == mine.Hash() {
					return
				}
				if len(got) == 1 {
					break // somebody else has the number
				}
			}
			if _, err := store.Append(ctx, []sync.Commit{mine}, nil); err == nil {
				return
			}
			sent = true
		}
	}
}

func TestServerThatGoesAwayAndComesBack(t *testing.T) {
	_, through, w, serve := behind(t, func(string, string) fate { return passes })
	store := openAt(t, through)
	if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
		t.Fatal(err)
	}
	w.down()
	began := time.Now()
	n, err := store.Append(t.Context(), []sync.Commit{commit(hub.Mark{Seq: 1}, "phone")}, nil)
	if n != 0 || err == nil {
		t.Errorf("append: %d, %v", n, err)
	}
	_, err = store.Head(t.Context(), "unit:a")
	for _, known := range []error{nil, hub.ErrNotFound, hub.ErrTaken, hub.ErrChanged, context.Canceled} {
		if errors.Is(err, known) {
			t.Errorf("head: %v", err)
		}
	}
	if _, err = store.Device(t.Context(), "phone"); err == nil || errors.Is(err, hub.ErrNotFound) {
		t.Errorf("device: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("three answers took %v", took)
	}
	w.up(t, serve)
	if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
		t.Fatal(err)
	}
	if count := storetest.CheckLog(t, store, "unit:a"); count["phone"] != 2 {
		t.Errorf("commits: %v", count)
	}
}

func TestServerThatNeverAnswersIsGivenUp(t *testing.T) {
	var silent atomic.Bool
	_, through, _, _ := behind(t, func(name, _ string) fate {
		if silent.Load() && (name == "find" || name == "insert") {
			return hangs
		}
		return passes
	})
	cfg := config(through)
	cfg.Timeout = 2 * time.Second // enough for opening on a busy machine
	store := open(t, cfg)
	if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
		t.Fatal(err)
	}
	head, err := store.Head(t.Context(), "unit:a")
	if err != nil {
		t.Fatal(err)
	}
	silent.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := store.Append(ctx, []sync.Commit{commit(head, "phone")}, nil); !errors.Is(err, hub.ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append, its caller impatient: %v", err)
	}
	began := time.Now()
	if _, err := store.Head(t.Context(), "unit:a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("head, its caller patient: %v", err)
	}
	if took := time.Since(began); took > cfg.Timeout+5*time.Second {
		t.Errorf("head was given up after %v", took)
	}
}
