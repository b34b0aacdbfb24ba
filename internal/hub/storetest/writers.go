package storetest

import (
	"context"
	"errors"
	"fmt"

	"thidua/internal/hub"
	"thidua/sync"
)

// A writer adds commits to a log in the way every caller of Append must, one
// store call a step: read the head, then whether the mutation has its receipt
// already, build on that head, append. If the number was taken, or nobody
// knows, it reads who has it; as long as nobody does, it sends the very same
// commit again, and never another of its own.
type writer struct {
	store     hub.Store
	scope     sync.Scope
	device    sync.DeviceID
	mutations []sync.MutationID // still to be appended, each in a commit
	name      string
	hasty     bool // does without reading receipts: nobody else has its mutations

	next   func(context.Context) error
	writes bool // the next step appends
	head   hub.Mark
	commit sync.Commit
}

func newWriter(store hub.Store, scope sync.Scope, name string, commits int) *writer {
	w := &writer{store: store, scope: scope, device: deviceID(string(scope), name), name: name}
	for i := range commits {
		w.mutations = append(w.mutations, mutationID(string(scope), name, fmt.Sprint(i)))
	}
	w.next = w.readHead
	return w
}

func (w *writer) reads() bool { return !w.writes }

func (w *writer) step(ctx context.Context) (bool, error) {
	if err := w.next(ctx); err != nil {
		return false, fmt.Errorf("writer %s: %w", w.name, err)
	}
	return len(w.mutations) == 0, nil
}

// run takes all steps.
func (w *writer) run(ctx context.Context) error {
	for {
		if done, err := w.step(ctx); done || err != nil {
			return err
		}
	}
}

func (w *writer) readHead(ctx context.Context) (err error) {
	w.head, err = w.store.Head(ctx, w.scope)
	w.next = w.readReceipt
	if w.hasty {
		w.build()
	}
	return err
}

func (w *writer) readReceipt(ctx context.Context) error {
	receipts, err := w.store.Receipts(ctx, w.device, w.mutations[:1])
	if err != nil {
		return err
	}
	if _, ok := receipts[w.mutations[0]]; ok {
		w.finish()
	} else {
		w.build()
	}
	return nil
}

func (w *writer) build() {
	m := w.mutations[0]
	doc := sync.NewDocument(sync.DocID(m), "minutes", w.scope, w.head.Seq+1, sync.Object{"by": w.name})
	w.commit = sync.Commit{
		Scope: w.scope, Seq: w.head.Seq + 1, Prev: w.head.Hash, Author: nobody, Device: w.device, Checksum: w.head.Checksum + doc.Sum(),
		Receipts: []sync.Receipt{{Mutation: m, Content: sync.HashOf(string(m)), Outcome: sync.Applied, Doc: doc.ID}},
		Changes:  []sync.Change{{Doc: doc.ID, Type: doc.Type, Create: doc.Body()}},
	}
	w.next, w.writes = w.append, true
}

func (w *writer) append(ctx context.Context) error {
	w.writes = false
	_, err := w.store.Append(ctx, []sync.Commit{w.commit}, nil)
	switch {
	case err == nil:
		w.finish()
	case errors.Is(err, hub.ErrTaken), errors.Is(err, hub.ErrUnknown):
		w.next = w.resolve
	default:
		return err
	}
	return nil
}

func (w *writer) resolve(ctx context.Context) error {
	got, err := w.store.Commits(ctx, w.scope, w.commit.Seq-1, 1)
	switch {
	case err != nil:
		return err
	case len(got) == 0:
		w.next, w.writes = w.append, true
	case got[0].Hash() == w.commit.Hash():
		w.finish()
	default:
		w.next = w.readHead
	}
	return nil
}

func (w *writer) finish() {
	w.mutations = w.mutations[1:]
	w.next = w.readHead
}

// holds returns an error unless a log is whole and holds a number of commits
// by each device, and each mutation once.
func holds(ctx context.Context, store hub.Store, scope sync.Scope, want map[sync.DeviceID]int) error {
	l, err := whole(ctx, store, scope)
	if err != nil {
		return err
	}
	count := map[sync.DeviceID]int{}
	once := map[sync.MutationID]bool{}
	for _, c := range l.commits {
		count[c.Device]++
		for _, r := range c.Receipts {
			if once[r.Mutation] {
				return fmt.Errorf("mutation %s is in the log twice", r.Mutation)
			}
			once[r.Mutation] = true
		}
	}
	for device, n := range want {
		if count[device] != n {
			return fmt.Errorf("%d commits of device %s, not %d", count[device], device, n)
		}
	}
	if len(count) != len(want) {
		return fmt.Errorf("commits of %d devices, not %d", len(count), len(want))
	}
	return nil
}
