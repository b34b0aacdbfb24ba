package sim

import (
	"context"
	"slices"
	"strings"
	stdsync "sync"
)

// A fault is what becomes of an operation.
type fault int

const (
	none   fault = iota
	failed       // it does not take place; its author is told so
	lost         // it takes place; its author hears nothing and must assume nothing
	late         // as lost, but it takes place some time later, or never
	faults
)

// An op is an operation on the store or the network that waits until the
// scheduler lets it take place. Labels are stable: they say who does what, and
// never depend on the order in which goroutines happen to run.
type op struct {
	label   string
	owner   any           // the process that waits for it; nil: nobody does any more
	ready   func() bool   // whether it can take place now; nil: always
	do      func(f fault) // carries it out, in the scheduler
	err     error         // what its author is told
	done    chan struct{}
	arrival int
}

// A gate is where operations wait.
type gate struct {
	mu      stdsync.Mutex
	ops     []*op // by label, then by arrival
	arrived int
}

func (g *gate) add(o *op) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.arrived++
	o.arrival = g.arrived
	i, _ := slices.BinarySearchFunc(g.ops, o, func(a, b *op) int {
		if c := strings.Compare(a.label, b.label); c != 0 {
			return c
		}
		return a.arrival - b.arrival
	})
	g.ops = slices.Insert(g.ops, i, o)
}

func (g *gate) remove(o *op) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.ops, o)
	if i >= 0 {
		g.ops = slices.Delete(g.ops, i, i+1)
	}
	return i >= 0
}

// wait lets an operation wait for its turn, or until the context ends; then it
// does not take place.
func (g *gate) wait(ctx context.Context, o *op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.done = make(chan struct{})
	g.add(o)
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		g.remove(o)
		return ctx.Err()
	}
}

// able returns the operations that can take place now.
func (g *gate) able() []*op {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]*op, 0, len(g.ops))
	for _, o := range g.ops {
		if o.ready == nil || o.ready() {
			list = append(list, o)
		}
	}
	return list
}

// release carries an operation out and lets its author go on.
func (g *gate) release(o *op, f fault) {
	if g.remove(o) {
		o.do(f)
		o.end()
	}
}

// kill lets all operations of a process fail without taking place.
func (g *gate) kill(owner any) {
	for _, o := range g.of(owner) {
		if g.remove(o) {
			o.err = errKilled
			o.end()
		}
	}
}

// of returns the operations of a process, able or not.
func (g *gate) of(owner any) (list []*op) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, o := range g.ops {
		if o.owner == owner {
			list = append(list, o)
		}
	}
	return list
}

func (o *op) end() {
	if o.done != nil {
		close(o.done)
	}
}
