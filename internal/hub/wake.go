package hub

import (
	"context"
	stdsync "sync"
	"time"

	"thidua/sync"
)

// A waker tells those who wait that scopes have moved.
type waker struct {
	mu   stdsync.Mutex
	subs map[*Subscription]bool
}

// A Subscription collects which of some scopes have moved.
type Subscription struct {
	// C receives when there is something to Take.
	C      <-chan struct{}
	c      chan struct{}
	waker  *waker
	mu     stdsync.Mutex
	scopes map[sync.Scope]bool
	moved  map[sync.Scope]bool
}

// Wake subscribes to the scopes a caller may read now. Close it.
func (h *Hub) Wake(ctx context.Context, c Caller) (*Subscription, error) {
	scopes, err := h.Readable(ctx, c)
	if err != nil {
		return nil, err
	}
	ch := make(chan struct{}, 1)
	s := &Subscription{C: ch, c: ch, waker: &h.waker, scopes: map[sync.Scope]bool{}, moved: map[sync.Scope]bool{}}
	for _, scope := range scopes {
		s.scopes[scope] = true
	}
	h.waker.mu.Lock()
	defer h.waker.mu.Unlock()
	if h.waker.subs == nil {
		h.waker.subs = map[*Subscription]bool{}
	}
	h.waker.subs[s] = true
	return s, nil
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.waker.mu.Lock()
	defer s.waker.mu.Unlock()
	delete(s.waker.subs, s)
}

// Take returns the scopes that moved since it was last called, in order.
func (s *Subscription) Take() []sync.Scope {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := keys(s.moved)
	s.moved = map[sync.Scope]bool{}
	return moved
}

// moved tells the subscribers of a scope.
func (w *waker) moved(scope sync.Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := range w.subs {
		if s.scopes[scope] {
			s.mu.Lock()
			s.moved[scope] = true
			s.mu.Unlock()
			select {
			case s.c <- struct{}{}:
			default:
			}
		}
	}
}

// scopes returns those that anybody is subscribed to.
func (w *waker) scopes() []sync.Scope {
	w.mu.Lock()
	defer w.mu.Unlock()
	set := map[sync.Scope]bool{}
	for s := range w.subs {
		for scope := range s.scopes {
			set[scope] = true
		}
	}
	return keys(set)
}

// pollEvery is how often the heads of subscribed scopes are read to notice
// what other processes appended.
const pollEvery = time.Second

// poll wakes subscribers for what other processes appended, until ctx ends.
func (h *Hub) poll(ctx context.Context) {
	seen := map[sync.Scope]int64{}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		scopes := h.waker.scopes()
		if len(scopes) > 0 {
			heads, err := h.store.Heads(ctx, scopes)
			if err != nil && ctx.Err() == nil {
				h.log.Warn("poll heads", "err", err)
			}
			for scope, head := range heads {
				if before, ok := seen[scope]; ok && before < head.Seq {
					h.waker.moved(scope)
					h.deriver.moved(scope)
				}
				seen[scope] = head.Seq
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
