package hub_test

import (
	"context"
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
