package storetest

import (
	"context"
	"testing"
)

// An actor is a program that makes one store call a step.
type actor interface {
	// reads reports whether the next step changes nothing.
	reads() bool
	step(ctx context.Context) (done bool, err error)
}

// everySchedule runs actors in every order of their steps. For each order,
// setup makes new actors on fresh ground and returns them with a check of
// where they leave it. It fails if there are more orders than limit: a program
// that has become longer should say so, not take for ever.
//
// Two reads in a row by different actors come to the same the other way round:
// only the order in which the earlier actor reads first is run.
func everySchedule(t *testing.T, limit int, setup func(n int) (actors []actor, check func() error)) {
	t.Helper()
	var choices []int
	for n := 0; ; n++ {
		if n == limit {
			t.Fatalf("more than %d orders", limit)
		}
		actors, check := setup(n)
		run := follow(t.Context(), actors, choices)
		if run.err == nil && !run.redundant {
			run.err = check()
		}
		if run.err != nil {
			t.Fatalf("order %d, actors in turn %v: %v", n, run.acted, run.err)
		}
		if choices = advance(run.took, run.options); choices == nil {
			t.Logf("%d orders", n+1)
			return
		}
	}
}

// A run is what came of one order.
type run struct {
	acted     []int // which actor took each step
	took      []int // which choice that was
	options   []int // among how many
	redundant bool  // whatever comes next has been run in another order
	err       error
}

// follow runs actors to their ends: at step i the choices[i]-th of those that
// may act does, the first where choices end.
func follow(ctx context.Context, actors []actor, choices []int) (r run) {
	ended := make([]bool, len(actors))
	left, last, lastRead := len(actors), 0, false
	for left > 0 {
		var may []int
		for i, a := range actors {
			if !ended[i] && !(lastRead && i < last && a.reads()) {
				may = append(may, i)
			}
		}
		if len(may) == 0 {
			r.redundant = true
			return r
		}
		choice := 0
		if n := len(r.took); n < len(choices) {
			choice = choices[n]
		}
		last = may[choice]
		lastRead = actors[last].reads()
		r.acted, r.took, r.options = append(r.acted, last), append(r.took, choice), append(r.options, len(may))
		done, err := actors[last].step(ctx)
		if err != nil {
			r.err = err
			return r
		}
		if done {
			ended[last] = true
			left--
		}
	}
	return r
}

// advance returns the choices that come next, nil after the last.
func advance(took, options []int) []int {
	for i := len(took) - 1; i >= 0; i-- {
		if took[i]+1 < options[i] {
			next := append([]int{}, took[:i+1]...)
			next[i]++
			return next
		}
	}
	return nil
}

// once is an actor of a single step, a write.
type once func(ctx context.Context) error

func (f once) reads() bool { return false }

func (f once) step(ctx context.Context) (bool, error) { return true, f(ctx) }
