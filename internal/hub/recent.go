package hub

import (
	"context"
	stdsync "sync"

	"thidua/sync"
)

// recent remembers watermarks that this process wrote or read, so that where
// the head of a log is the one it knows, it need not ask how far the
// projection is, nor for the hash of a commit it made itself.
type recent struct {
	mu    stdsync.Mutex
	marks map[sync.Scope]*remembered
}

// remembered is a watermark and some that came before it.
type remembered struct {
	mark  Mark
	trail []Mark
}

const (
	recentTrail  = 32
	recentScopes = 10_000
)

// put notes that a scope is projected up to a mark.
func (r *recent) put(scope sync.Scope, mark Mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.marks == nil || len(r.marks) >= recentScopes {
		r.marks = map[sync.Scope]*remembered{}
	}
	known := r.marks[scope]
	if known == nil {
		known = &remembered{}
		r.marks[scope] = known
	}
	switch {
	case known.mark == mark:
	case mark.Seq <= known.mark.Seq: // told late, or the store was set back
		known.trail = nil
	default:
		known.trail = append(known.trail, known.mark)
		if len(known.trail) > recentTrail {
			known.trail = append([]Mark(nil), known.trail[len(known.trail)-recentTrail/2:]...)
		}
	}
	known.mark = mark
}

// get returns the remembered watermark of a scope.
func (r *recent) get(scope sync.Scope) (Mark, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.marks[scope]; known != nil {
		return known.mark, true
	}
	return Mark{}, false
}

// before returns the hash of a commit from which the log is known to have led
// to the mark remembered now.
func (r *recent) before(scope sync.Scope, seq int64, now Mark) (sync.Hash, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.marks[scope]; known != nil && known.mark == now {
		for _, m := range known.trail {
			if m.Seq == seq && seq > 0 {
				return m.Hash, true
			}
		}
	}
	return "", false
}

// marksNow returns the watermarks of scopes as marks does, asking the store
// only for the heads of those it knows.
func (h *Hub) marksNow(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]Mark, error) {
	heads, err := h.store.Heads(ctx, scopes)
	if err != nil {
		return nil, unavailable("read heads", err)
	}
	marks := make(map[sync.Scope]Mark, len(scopes))
	var behind []sync.Scope
	for scope, head := range heads {
		if known, ok := h.recent.get(scope); ok && known == head {
			marks[scope] = known
		} else {
			behind = append(behind, scope)
		}
	}
	if len(behind) == 0 {
		return marks, nil
	}
	read, err := h.marks(ctx, behind)
	if err != nil {
		return nil, err
	}
	for scope, mark := range read {
		marks[scope] = mark
		h.recent.put(scope, mark)
	}
	return marks, nil
}
