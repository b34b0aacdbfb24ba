package storetest

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"

	"thidua/internal/hub"
	"thidua/sync"
)

// ErrInjected is what a Faulty store answers instead of carrying out a call.
var ErrInjected = errors.New("injected fault")

// A Fault is what becomes of a call to a Faulty store.
type Fault int

const (
	// None: the call is carried out and answered.
	None Fault = iota
	// Refused: the call is not carried out; the caller is told ErrInjected.
	Refused
	// Lost: the call is carried out, its answer lost. The caller of a write is
	// told hub.ErrUnknown, that of a read ErrInjected.
	Lost
	// Late: a write is not carried out until Land, and the caller told
	// hub.ErrUnknown at once. A read is refused.
	Late
	// Cut: the first half of a write is carried out, without the watermark;
	// the caller is told so by Append's count, and ErrInjected. A read is refused.
	Cut
)

// A Call names a call to a Faulty store.
type Call struct {
	Op    string     // the method
	Scope sync.Scope // "" where a method has none, or several
	N     int        // how many calls came before it, of any method
}

// Faulty is a store that stands on another and fails when it is told to. The
// others of its methods may be called while Land runs.
type Faulty struct {
	store  hub.Store
	decide func(Call) Fault

	mu    stdsync.Mutex
	calls int
	late  []func(context.Context) error
}

var _ hub.Store = (*Faulty)(nil)

// NewFaulty returns a store that carries its calls out on another, except as
// decide says. Decide is called for one call at a time; nil never fails.
func NewFaulty(store hub.Store, decide func(Call) Fault) *Faulty {
	if decide == nil {
		decide = func(Call) Fault { return None }
	}
	return &Faulty{store: store, decide: decide}
}

// Land carries out the writes that are late, in their order, whatever comes of
// each; that a number was taken meanwhile is no error of Land.
func (f *Faulty) Land(ctx context.Context) error {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	var errs []error
	for _, write := range late {
		if err := write(ctx); !errors.Is(err, hub.ErrTaken) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (f *Faulty) ask(op string, scope sync.Scope) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := Call{Op: op, Scope: scope, N: f.calls}
	f.calls++
	return f.decide(call)
}

// write carries out a write, of which half is the first part.
func (f *Faulty) write(ctx context.Context, op string, scope sync.Scope, all, half func(context.Context) error) error {
	injected := fmt.Errorf("%s %s: %w", op, scope, ErrInjected)
	unknown := fmt.Errorf("%s %s: %w", op, scope, hub.ErrUnknown)
	switch f.ask(op, scope) {
	case Refused:
		return injected
	case Lost:
		_ = all(ctx) // this is the answer that is lost
		return unknown
	case Late:
		f.mu.Lock()
		defer f.mu.Unlock()
		f.late = append(f.late, all)
		return unknown
	case Cut:
		return errors.Join(half(ctx), injected)
	}
	return all(ctx)
}

// read carries out a read of a Faulty store.
func read[T any](f *Faulty, op string, scope sync.Scope, do func() (T, error)) (T, error) {
	var none T
	switch f.ask(op, scope) {
	case None:
		return do()
	case Lost:
		_, _ = do()
	}
	return none, fmt.Errorf("%s %s: %w", op, scope, ErrInjected)
}

// Append implements hub.Store. The projection that goes with it is a call of
// its own, so that it can fail alone.
func (f *Faulty) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	var scope sync.Scope
	if len(commits) > 0 {
		scope = commits[0].Scope
	}
	var mu stdsync.Mutex // a late write ends when nobody looks
	var in int
	do := func(commits []sync.Commit) func(context.Context) error {
		return func(ctx context.Context) error {
			n, err := f.store.Append(ctx, commits, nil)
			mu.Lock()
			defer mu.Unlock()
			in = n
			return err
		}
	}
	err := f.write(ctx, "Append", scope, do(commits), do(commits[:len(commits)/2]))
	mu.Lock()
	defer mu.Unlock()
	if errors.Is(err, hub.ErrUnknown) {
		return 0, err // what is known is nothing
	}
	if err != nil || len(docs) == 0 {
		return in, err
	}
	last := &commits[len(commits)-1]
	if err := f.Project(ctx, scope, docs, hub.Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}); err != nil {
		return in, fmt.Errorf("%w: %w", hub.ErrBehind, err)
	}
	return in, nil
}

// Project implements hub.Store.
func (f *Faulty) Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark hub.Mark) error {
	return f.write(ctx, "Project", scope,
		func(ctx context.Context) error { return f.store.Project(ctx, scope, docs, mark) },
		func(ctx context.Context) error { return f.store.Project(ctx, scope, docs[:len(docs)/2], hub.Mark{}) })
}

// Head implements hub.Store.
func (f *Faulty) Head(ctx context.Context, scope sync.Scope) (hub.Mark, error) {
	return read(f, "Head", scope, func() (hub.Mark, error) { return f.store.Head(ctx, scope) })
}

// Heads implements hub.Store.
func (f *Faulty) Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	return read(f, "Heads", "", func() (map[sync.Scope]hub.Mark, error) { return f.store.Heads(ctx, scopes) })
}

// Commits implements hub.Store.
func (f *Faulty) Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error) {
	return read(f, "Commits", scope, func() ([]sync.Commit, error) { return f.store.Commits(ctx, scope, after, limit) })
}

// History implements hub.Store.
func (f *Faulty) History(ctx context.Context, scope sync.Scope, doc sync.DocID, before int64, limit int) ([]sync.Commit, error) {
	return read(f, "History", scope, func() ([]sync.Commit, error) { return f.store.History(ctx, scope, doc, before, limit) })
}

// Receipts implements hub.Store.
func (f *Faulty) Receipts(ctx context.Context, device sync.DeviceID, ids []sync.MutationID) (map[sync.MutationID]hub.StoredReceipt, error) {
	return read(f, "Receipts", "", func() (map[sync.MutationID]hub.StoredReceipt, error) { return f.store.Receipts(ctx, device, ids) })
}

// Marks implements hub.Store.
func (f *Faulty) Marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	return read(f, "Marks", "", func() (map[sync.Scope]hub.Mark, error) { return f.store.Marks(ctx, scopes) })
}

// Documents implements hub.Store.
func (f *Faulty) Documents(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	return read(f, "Documents", scope, func() ([]*sync.Document, error) { return f.store.Documents(ctx, scope, ids) })
}

// Changed implements hub.Store.
func (f *Faulty) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error) {
	return read(f, "Changed", scope, func() ([]*sync.Document, error) { return f.store.Changed(ctx, scope, after, upTo, limit) })
}

// About implements hub.Store.
func (f *Faulty) About(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	return read(f, "About", scope, func() ([]*sync.Document, error) { return f.store.About(ctx, scope, ids) })
}

// Kept implements hub.Store.
func (f *Faulty) Kept(ctx context.Context, filter hub.KeptFilter) ([]*sync.Document, error) {
	return read(f, "Kept", "", func() ([]*sync.Document, error) { return f.store.Kept(ctx, filter) })
}

// Scopes implements hub.Store.
func (f *Faulty) Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error) {
	return read(f, "Scopes", "", func() ([]sync.Scope, error) { return f.store.Scopes(ctx, after, limit) })
}
