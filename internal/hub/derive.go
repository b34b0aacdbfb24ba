package hub

import (
	"context"
	"errors"
	stdsync "sync"

	"thidua/sync"
)

// A deriver remembers which scopes moved since derived documents were last
// brought up to date.
type deriver struct {
	mu      stdsync.Mutex
	pending map[sync.Scope]bool
	wake    chan struct{}
}

func (d *deriver) moved(scope sync.Scope) {
	d.mu.Lock()
	if d.pending == nil {
		d.pending = map[sync.Scope]bool{}
	}
	d.pending[scope] = true
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *deriver) take() []sync.Scope {
	d.mu.Lock()
	defer d.mu.Unlock()
	moved := keys(d.pending)
	d.pending = nil
	return moved
}

// Run keeps derived documents up to date and watches what other processes
// append, until ctx ends. At its beginning it looks at every scope, so that
// what a process did not get to before it died is made up for.
func (h *Hub) Run(ctx context.Context) error {
	var polling stdsync.WaitGroup
	polling.Go(func() { h.poll(ctx) })
	defer polling.Wait()
	if err := h.Sweep(ctx); err != nil && ctx.Err() == nil {
		h.log.Error("sweep", "err", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.deriver.wake:
			if err := h.Derive(ctx); err != nil && ctx.Err() == nil {
				h.log.Error("derive", "err", err)
			}
		}
	}
}

// Sweep completes every projection and brings every derived document up to date.
func (h *Hub) Sweep(ctx context.Context) error {
	after := sync.Scope("")
	for {
		scopes, err := h.store.Scopes(ctx, after, pageSize)
		if err != nil {
			return unavailable("read scopes", err)
		}
		if len(scopes) == 0 {
			return h.Derive(ctx)
		}
		if _, err := h.marks(ctx, scopes); err != nil {
			return err
		}
		for _, s := range scopes {
			h.deriver.moved(s)
		}
		after = scopes[len(scopes)-1]
	}
}

// Derive brings the documents derived from scopes that moved up to date. A
// burst of changes is gathered: each target is computed once for all of them.
func (h *Hub) Derive(ctx context.Context) error {
	for {
		moved := h.deriver.take()
		if len(moved) == 0 {
			return nil
		}
		org, err := h.reference(ctx)
		if err != nil {
			h.again(moved)
			return err
		}
		targets := map[sync.DocID]sync.Target{}
		for _, scope := range moved {
			for _, t := range h.domain.Targets(scope, org) {
				targets[t.Doc] = t
			}
		}
		set := map[sync.DocID]bool{}
		for id := range targets {
			set[id] = true
		}
		for _, id := range keys(set) {
			if err := h.derive(ctx, targets[id], org); err != nil {
				h.again(moved)
				return err
			}
		}
	}
}

// again puts scopes back whose derived documents could not be brought up to date.
func (h *Hub) again(scopes []sync.Scope) {
	for _, s := range scopes {
		h.deriver.moved(s)
	}
}

// errOlder: what was computed is from an older basis than what is stored.
var errOlder = errors.New("basis is older than the stored one")

// derive computes one target and appends it if it says something new.
func (h *Hub) derive(ctx context.Context, t sync.Target, org *sync.Reference) error {
	sources := h.domain.Sources(t, org)
	marks, err := h.marks(ctx, sources)
	if err != nil {
		return err
	}
	docs := map[sync.Scope][]*sync.Document{}
	for _, scope := range sources {
		if docs[scope], err = h.live(ctx, scope, marks[scope].Seq); err != nil {
			return err
		}
	}
	body := h.domain.Derive(t, docs, org)
	basis := basisOf(sources, marks, org)
	j := &job{author: sync.Author{Person: sync.Server}, docs: []sync.DocID{t.Doc}}
	j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
		present := d.Document(t.Doc)
		if body == nil {
			d.Remove(t.Doc)
			return nil
		}
		if present != nil && !present.Gone {
			stored, _ := present.Body()["basis"].([]any)
			if !dominates(basis, stored) {
				return errOlder
			}
			if sync.Equal(sync.Set(present.Body(), "/basis", nil), sync.Set(body, "/basis", nil)) {
				return nil // the same, from newer documents: nothing to tell anyone
			}
		}
		d.Put(t.Doc, t.Type, sync.Set(body, "/basis", basis))
		return nil
	}
	if _, err := h.do(ctx, t.Scope, j); err != nil && !errors.Is(err, errOlder) {
		return err
	}
	return nil
}

// live returns the live documents of a scope as far as they are projected.
func (h *Hub) live(ctx context.Context, scope sync.Scope, upTo int64) ([]*sync.Document, error) {
	var docs []*sync.Document
	err := h.eachChanged(ctx, scope, 0, upTo, func(d *sync.Document) {
		if !d.Gone {
			docs = append(docs, d)
		}
	})
	return docs, err
}

// basisOf names the places in the logs that a derived document was computed from.
func basisOf(sources []sync.Scope, marks map[sync.Scope]Mark, org *sync.Reference) []any {
	basis := []any{sync.Object{"scope": string(sync.Org), "seq": org.Seq}}
	for _, s := range sources {
		basis = append(basis, sync.Object{"scope": string(s), "seq": marks[s].Seq})
	}
	return basis
}

// dominates reports whether no scope in a basis is older than in another.
func dominates(basis, stored []any) bool {
	seqs := map[string]int64{}
	for _, v := range basis {
		o, _ := v.(sync.Object)
		s, _ := o["scope"].(string)
		seqs[s], _ = o["seq"].(int64)
	}
	for _, v := range stored {
		o, _ := v.(sync.Object)
		s, _ := o["scope"].(string)
		seq, _ := o["seq"].(int64)
		if now, ok := seqs[s]; ok && now < seq {
			return false
		}
	}
	return true
}
