package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	stdsync "sync"
	"time"

	"thidua/sync"
)

// A deriver remembers which scopes moved since derived documents were last
// brought up to date.
type deriver struct {
	running stdsync.Mutex // held by Derive, so that it returns when all is done
	mu      stdsync.Mutex
	pending map[sync.Scope]bool
	swept   map[sync.Scope]int64 // heads as of the last sweep
	wake    chan struct{}
}

func (d *deriver) moved(scope sync.Scope) {
	d.put([]sync.Scope{scope})
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// put adds scopes to those that moved and wakes nobody.
func (d *deriver) put(scopes []sync.Scope) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pending == nil {
		d.pending = map[sync.Scope]bool{}
	}
	for _, scope := range scopes {
		d.pending[scope] = true
	}
}

func (d *deriver) take() []sync.Scope {
	d.mu.Lock()
	defer d.mu.Unlock()
	moved := keys(d.pending)
	d.pending = nil
	return moved
}

// sweep adds a scope to those that moved if its head did since the last sweep.
func (d *deriver) sweep(scope sync.Scope, seq int64) {
	d.mu.Lock()
	before, known := d.swept[scope]
	d.swept[scope] = seq
	d.mu.Unlock()
	if !known || before != seq {
		d.put([]sync.Scope{scope})
	}
}

// Run keeps derived documents up to date and watches what other processes
// append, until ctx ends. At its beginning and from time to time it looks at
// every scope, so that what a process did not get to before it died is made up
// for. What fails is tried again after Config.Poll.
func (h *Hub) Run(ctx context.Context) error {
	var watching stdsync.WaitGroup
	watching.Go(func() { h.watch(ctx) })
	defer watching.Wait()
	due := time.NewTimer(0)
	defer due.Stop()
	sweep := true
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-due.C:
			if sweep {
				err = h.Sweep(ctx)
			} else {
				err = h.Derive(ctx)
			}
			sweep = sweep && err != nil
		case <-h.deriver.wake:
			err = h.Derive(ctx)
		}
		switch {
		case err != nil && ctx.Err() == nil:
			h.log.Error("derive", "err", err)
			due.Reset(h.poll)
		case !sweep:
			sweep = true
			due.Reset(h.sweep)
		}
	}
}

// Sweep completes every projection and brings the documents derived from every
// scope up to date that moved since it last did.
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
		marks, err := h.marks(ctx, scopes)
		if err != nil {
			return err
		}
		for _, s := range scopes {
			h.deriver.sweep(s, marks[s].Seq)
		}
		after = scopes[len(scopes)-1]
	}
}

// Derive brings the documents derived from scopes that moved up to date. A
// burst of changes is gathered: each target is computed once for all of them.
// Targets that depend on the same scopes come one after the other, so that what
// was read for one is at hand for the next. One target that fails holds up no
// other; its scopes are looked at next time.
func (h *Hub) Derive(ctx context.Context) error {
	h.deriver.running.Lock()
	defer h.deriver.running.Unlock()
	var errs []error
	for {
		moved := h.deriver.take()
		if len(moved) == 0 {
			return errors.Join(errs...)
		}
		org, err := h.reference(ctx)
		if err != nil {
			h.deriver.put(moved)
			return err
		}
		var targets []sync.Target // in the order of the first scope that asks for each
		from := map[sync.DocID][]sync.Scope{}
		for _, scope := range moved {
			for _, t := range h.domain.Targets(scope, org) {
				if from[t.Doc] == nil {
					targets = append(targets, t)
				}
				from[t.Doc] = append(from[t.Doc], scope)
			}
		}
		var failed []sync.Scope
		read := sources{}
		for _, t := range targets {
			if read, err = h.derive(ctx, t, org, read); err != nil {
				errs = append(errs, fmt.Errorf("%s of %s: %w", t.Type, t.Subject, err))
				failed = append(failed, from[t.Doc]...)
			}
		}
		if len(failed) > 0 {
			h.deriver.put(failed)
			return errors.Join(errs...)
		}
	}
}

// errOlder: what was computed is from an older basis than what is stored.
var errOlder = errors.New("basis is older than the stored one")

// sources are the live documents of the scopes that a target is computed from,
// and what they are as of.
type sources map[sync.Scope]source

type source struct {
	docs []*sync.Document
	mark Mark
}

// derive computes one target and appends it if it says something new. It
// returns what it was computed from: of what was read before, that much is kept.
// An older reading does no harm: the basis says so, and whatever moved since is
// among what is derived from next.
func (h *Hub) derive(ctx context.Context, t sync.Target, org *sync.Reference, before sources) (read sources, err error) {
	read = sources{}
	defer func() {
		if v := recover(); v != nil {
			err = h.panicked(v)
		}
	}()
	scopes := h.domain.Sources(t, org)
	if err := h.read(ctx, scopes, before, read); err != nil {
		return read, err
	}
	docs := map[sync.Scope][]*sync.Document{}
	for scope, s := range read {
		docs[scope] = s.docs
	}
	if t.Type == sync.TypeConflict {
		return read, h.ask(ctx, t.Scope, h.domain.Questions(t, docs, org))
	}
	body := h.domain.Derive(t, docs, org)
	if body != nil {
		if body, err = clean(t.Type, body); err != nil {
			return read, err
		}
	}
	basis := basisOf(scopes, read, org)
	j := &job{author: sync.Author{Person: sync.Server}, docs: []sync.DocID{t.Doc}}
	j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error { return put(d, t, body, basis) }
	if _, err := h.do(ctx, t.Scope, j); err != nil && !errors.Is(err, errOlder) {
		return read, err
	}
	return read, nil
}

// ask puts questions of the server into a scope. What was asked before, by
// whichever process, is there under the name of the question.
func (h *Hub) ask(ctx context.Context, scope sync.Scope, questions []sync.Question) error {
	for part := range slices.Chunk(questions, commitMutations) {
		j := &job{author: sync.Author{Person: sync.Server}}
		for _, q := range part {
			j.docs = append(j.docs, q.ID, q.About)
		}
		j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
			for _, q := range part {
				d.Ask(q)
			}
			return nil
		}
		if _, err := h.do(ctx, scope, j); err != nil {
			return err
		}
	}
	return nil
}

// read brings scopes into what was read, those that were read before from there.
func (h *Hub) read(ctx context.Context, scopes []sync.Scope, before, read sources) error {
	var missing []sync.Scope
	for _, scope := range scopes {
		if s, there := before[scope]; there {
			read[scope] = s
		} else {
			missing = append(missing, scope)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	marks, err := h.marks(ctx, missing)
	if err != nil {
		return err
	}
	for _, scope := range missing {
		docs, mark, err := h.live(ctx, scope, marks[scope])
		if err != nil {
			return err
		}
		read[scope] = source{docs, mark}
	}
	return nil
}

// put makes a derived document say what was computed from a basis, unless what
// is stored is from a newer one or says the same.
func put(d *sync.Draft, t sync.Target, body sync.Object, basis []any) error {
	present := d.Document(t.Doc)
	if present != nil {
		if stored, _ := present.Body()["basis"].([]any); !dominates(basis, stored) {
			return errOlder
		}
	}
	live := present != nil && !present.Gone
	switch {
	case body == nil && !live:
	case body == nil:
		// The basis stays with the tombstone, or a slower computation from
		// before would bring the document back.
		d.Put(t.Doc, t.Type, sync.Set(present.Body(), "/basis", basis))
		d.Remove(t.Doc)
	case live && sync.Equal(sync.Set(present.Body(), "/basis", nil), sync.Set(body, "/basis", nil)):
		// The same, from newer documents: nothing to tell anyone.
	default:
		d.Put(t.Doc, t.Type, sync.Set(body, "/basis", basis))
	}
	return nil
}

// live returns the live documents of a scope, in order, that is projected up
// to a mark, and what they are as of: the mark or a later one.
func (h *Hub) live(ctx context.Context, scope sync.Scope, mark Mark) ([]*sync.Document, Mark, error) {
	all := map[sync.DocID]*sync.Document{}
	mark, err := h.collect(ctx, scope, all, 0, mark)
	if err != nil {
		return nil, Mark{}, err
	}
	var docs []*sync.Document
	for _, d := range all {
		if !d.Gone {
			docs = append(docs, d)
		}
	}
	sortDocuments(docs)
	return docs, mark, nil
}

// basisOf names the places in the logs that a derived document was computed from.
func basisOf(scopes []sync.Scope, read sources, org *sync.Reference) []any {
	basis := []any{sync.Object{"scope": string(sync.Org), "seq": org.Seq}}
	for _, s := range scopes {
		basis = append(basis, sync.Object{"scope": string(s), "seq": read[s].mark.Seq})
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
