package hub

import (
	"context"
	"errors"
	stdsync "sync"
	"sync/atomic"
	"time"

	"thidua/sync"
)

// A waker tells those who wait that scopes have moved.
type waker struct {
	mu   stdsync.Mutex
	subs map[*Subscription]bool
	seen map[sync.Scope]int64 // heads of the scopes subscribed to that were told, or known when somebody subscribed
}

// A Subscription collects which of some scopes have moved.
type Subscription struct {
	// C receives when there is something to Take.
	C      <-chan struct{}
	c      chan struct{}
	waker  *waker
	mu     stdsync.Mutex
	scopes map[sync.Scope]bool // nil: all
	moved  map[sync.Scope]bool
}

// Wake subscribes to the scopes a caller may read now. It tells of everything
// appended after it returns, by whatever process, provided that Run is running;
// who syncs once after it misses nothing. Close it.
func (h *Hub) Wake(ctx context.Context, c Caller) (*Subscription, error) {
	scopes, err := h.Readable(ctx, c)
	if err != nil {
		return nil, err
	}
	heads, err := h.store.Heads(ctx, scopes)
	if err != nil {
		return nil, unavailable("read heads", err)
	}
	ch := make(chan struct{}, 1)
	s := &Subscription{C: ch, c: ch, waker: &h.waker, scopes: map[sync.Scope]bool{}, moved: map[sync.Scope]bool{}}
	h.waker.mu.Lock()
	defer h.waker.mu.Unlock()
	if h.waker.subs == nil {
		h.waker.subs = map[*Subscription]bool{}
	}
	for _, scope := range scopes {
		s.scopes[scope] = true
		if _, ok := h.waker.seen[scope]; !ok {
			h.waker.seen[scope] = heads[scope].Seq
		}
	}
	h.waker.subs[s] = true
	return s, nil
}

// Listen subscribes to all scopes, for the server's own work. It tells of what
// this process appends, and of the rest as far as this process learns of it
// before whoever listens looks for it: some stores tell, others have to be asked.
func (h *Hub) Listen() *Subscription {
	ch := make(chan struct{}, 1)
	s := &Subscription{C: ch, c: ch, waker: &h.waker, moved: map[sync.Scope]bool{}}
	h.waker.mu.Lock()
	defer h.waker.mu.Unlock()
	if h.waker.subs == nil {
		h.waker.subs = map[*Subscription]bool{}
	}
	h.waker.subs[s] = true
	return s
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

// moved tells the subscribers of a scope whose head is known to have reached a
// sequence number, unless they were told. It returns whether anybody was.
func (w *waker) moved(scope sync.Scope, seq int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen, ok := w.seen[scope]
	news := ok && seq > seen
	if news {
		w.seen[scope] = seq
	}
	for s := range w.subs {
		if s.scopes == nil || news && s.scopes[scope] {
			s.mu.Lock()
			s.moved[scope] = true
			s.mu.Unlock()
			select {
			case s.c <- struct{}{}:
			default:
			}
		}
	}
	return news
}

// watched returns the scopes that anybody is subscribed to, and forgets what
// was seen of the others.
func (w *waker) watched() []sync.Scope {
	w.mu.Lock()
	defer w.mu.Unlock()
	set := map[sync.Scope]bool{}
	for s := range w.subs {
		for scope := range s.scopes {
			set[scope] = true
		}
	}
	for scope := range w.seen {
		if !set[scope] {
			delete(w.seen, scope)
		}
	}
	return keys(set)
}

// watch wakes subscribers for what other processes appended, until ctx ends:
// as the store tells it, and where it does not by looking at heads.
func (h *Hub) watch(ctx context.Context) {
	var listening atomic.Bool
	if w, ok := h.store.(Watcher); ok {
		var stream stdsync.WaitGroup
		stream.Go(func() { h.listen(ctx, w, &listening) })
		defer stream.Wait()
	}
	tick := time.NewTicker(h.poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !listening.Load() {
				h.askHeads(ctx)
			}
		}
	}
}

// listen has the store tell what is appended, again and again as the stream
// breaks, until ctx ends or it turns out that the server offers no such thing.
// Whenever it begins it looks at what was missed.
func (h *Hub) listen(ctx context.Context, w Watcher, listening *atomic.Bool) {
	for ctx.Err() == nil {
		err := w.Watch(ctx, func() { listening.Store(true); h.askHeads(ctx) }, h.noticed)
		listening.Store(false)
		if errors.Is(err, ErrUnsupported) {
			return
		}
		if err != nil && ctx.Err() == nil {
			h.log.Warn("watch the store", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(h.poll):
			}
		}
	}
}

// askHeads asks the store for the heads of the scopes that anybody waits for.
func (h *Hub) askHeads(ctx context.Context) {
	scopes := h.waker.watched()
	if len(scopes) == 0 {
		return
	}
	heads, err := h.store.Heads(ctx, scopes)
	if err != nil && ctx.Err() == nil {
		h.log.Warn("poll heads", "err", err)
	}
	for scope, head := range heads {
		h.noticed(scope, head.Seq)
	}
}

// noticed tells that the head of a scope has reached a sequence number.
func (h *Hub) noticed(scope sync.Scope, seq int64) {
	if h.waker.moved(scope, seq) {
		h.deriver.moved(scope)
	}
}
