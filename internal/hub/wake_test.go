package hub_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/hub"
	"thidua/sync"
)

// told waits until a subscription has something to tell.
func told(t *testing.T, s *hub.Subscription) []sync.Scope {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case <-s.C:
		return s.Take()
	case <-ctx.Done():
		t.Fatal("nobody was told")
		return nil
	}
}

// run runs a hub until the test ends.
func run(t *testing.T, h *hub.Hub) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestSubscriberIsToldOnceOfMany(t *testing.T) {
	w, p, scope := unitWorld(t)
	s, err := w.hub.Wake(t.Context(), p.who)
	w.must(err)
	defer s.Close()
	mine := sync.UserScope(p.who.Person)
	for range 3 {
		p.once(w.create(scope, sync.Object{"n": int64(1)}), w.create(mine, sync.Object{"n": int64(1)}))
	}
	want := []sync.Scope{scope, mine}
	if scope > mine {
		want = []sync.Scope{mine, scope}
	}
	if diff := cmp.Diff(want, told(t, s)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	select {
	case <-s.C:
		t.Fatal("told twice")
	default:
	}
}

func TestSubscriberIsToldOfItsOwnScopesUntilItCloses(t *testing.T) {
	w, p, scope := unitWorld(t)
	s, err := w.hub.Wake(t.Context(), w.phone("khách").who)
	w.must(err)
	p.once(w.create(scope, sync.Object{"n": int64(1)}))
	if moved := s.Take(); len(moved) != 0 {
		t.Fatalf("told of %v", moved)
	}
	s.Close()
	w.grant("an", unit("b"), 0)
	if moved := s.Take(); len(moved) != 0 {
		t.Fatalf("told of %v after the end", moved)
	}
}

func TestWhatAnotherProcessAppendsIsNoticedAndDerivedFrom(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.domain.trackers = true
	watching := w.newHub(w.open())
	s, err := watching.Wake(t.Context(), p.who)
	w.must(err)
	defer s.Close()
	for n := int64(1); n <= 3; n++ { // the first comes between Wake and the first look
		p.once(w.create(scope, sync.Object{"n": int64(1)}))
		if n == 1 {
			run(t, watching)
		}
		unit, derived := false, false
		for !unit || !derived {
			for _, moved := range told(t, s) {
				unit = unit || moved == scope
				if moved == tracker(scope).Scope {
					d := w.track(scope)
					derived = derived || d != nil && d.Body()["total"] == n
				}
			}
		}
	}
}

// A telling store says at once what is appended through it, to whoever watches.
type telling struct {
	hub.Store
	fail  error // what Watch returns at once, if anything
	looks atomic.Int64

	mu       stdsync.Mutex
	watchers map[*watcher]bool
	began    chan struct{} // receives when a watcher listens
}

type watcher struct {
	moved func(sync.Scope, int64)
	cut   chan struct{}
}

func newTelling(store hub.Store) *telling {
	return &telling{Store: store, watchers: map[*watcher]bool{}, began: make(chan struct{}, 10)}
}

func (s *telling) Watch(ctx context.Context, ready func(), moved func(sync.Scope, int64)) error {
	if s.fail != nil {
		s.began <- struct{}{}
		return s.fail
	}
	w := &watcher{moved: moved, cut: make(chan struct{})}
	s.mu.Lock()
	s.watchers[w] = true
	s.mu.Unlock()
	ready()
	s.began <- struct{}{}
	select {
	case <-ctx.Done():
		return nil
	case <-w.cut:
		return errors.New("the stream broke")
	}
}

func (s *telling) Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	if slices.ContainsFunc(scopes, func(x sync.Scope) bool { return x.Kind() == "user" }) {
		s.looks.Add(1) // for subscribers: what is derived here comes from units
	}
	return s.Store.Heads(ctx, scopes)
}

// tell tells all watchers; cut breaks their streams.
func (s *telling) tell(scope sync.Scope, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers {
		w.moved(scope, seq)
	}
}

func (s *telling) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers {
		close(w.cut)
		delete(s.watchers, w)
	}
}

func TestStoreThatTellsIsNotAskedAndWhatItMissedIsLookedFor(t *testing.T) {
	w, p, scope := unitWorld(t)
	store := newTelling(w.open())
	watching, err := hub.New(hub.Config{Store: store, Domain: w.domain, Now: w.now, Log: slog.New(slog.DiscardHandler), Poll: time.Millisecond, Sweep: time.Hour})
	w.must(err)
	s, err := watching.Wake(t.Context(), p.who)
	w.must(err)
	defer s.Close()
	append1 := func() { p.once(w.create(scope, sync.Object{"n": int64(1)})) }

	append1() // before anybody listens
	run(t, watching)
	<-store.began
	if diff := cmp.Diff([]sync.Scope{scope}, told(t, s)); diff != "" {
		t.Fatalf("what was appended before the stream began (-want +got):\n%s", diff)
	}
	looks := store.looks.Load()
	for seq := range int64(20) {
		append1()
		store.tell(scope, seq+2)
		if diff := cmp.Diff([]sync.Scope{scope}, told(t, s)); diff != "" {
			t.Fatalf("what the stream told (-want +got):\n%s", diff)
		}
	}
	if n := store.looks.Load() - looks; n > 1 { // one look may have begun before the stream
		t.Errorf("asked for heads %d times while the stream told", n)
	}
	append1()
	store.cut() // nobody told of it
	if diff := cmp.Diff([]sync.Scope{scope}, told(t, s)); diff != "" {
		t.Fatalf("what the broken stream missed (-want +got):\n%s", diff)
	}
}

func TestStoreWhoseServerCannotTellIsAsked(t *testing.T) {
	w, p, scope := unitWorld(t)
	store := newTelling(w.open())
	store.fail = hub.ErrUnsupported
	watching, err := hub.New(hub.Config{Store: store, Domain: w.domain, Now: w.now, Log: slog.New(slog.DiscardHandler), Poll: time.Millisecond, Sweep: time.Hour})
	w.must(err)
	s, err := watching.Wake(t.Context(), p.who)
	w.must(err)
	defer s.Close()
	run(t, watching)
	<-store.began
	p.once(w.create(scope, sync.Object{"n": int64(1)}))
	if diff := cmp.Diff([]sync.Scope{scope}, told(t, s)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}
