package storetest

import (
	"context"
	"math/rand/v2"
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
func (z size) everySchedule(t *testing.T, limit int, setup func(n int) (actors []actor, check func() error)) {
	t.Helper()
	if z.orders > 0 {
		z.someSchedules(t, setup)
		return
	}
	var choices []int
	for n := 0; ; n++ {
		if n == limit {
			t.Fatalf("more than %d orders", limit)
		}
		run := try(t, n, setup, func(step, _ int) int {
			if step < len(choices) {
				return choices[step]
			}
			return 0
		})
		if choices = advance(run.took, run.options); choices == nil {
			t.Logf("%d orders", n+1)
			return
		}
	}
}

// someSchedules runs as many orders as the size says, by chance.
func (z size) someSchedules(t *testing.T, setup func(n int) (actors []actor, check func() error)) {
	t.Helper()
	random := rand.New(rand.NewPCG(z.seed, 0))
	for n, done := 0, 0; done < z.orders; n++ {
		if run := try(t, n, setup, func(_, options int) int { return random.IntN(options) }); !run.redundant {
			done++
		}
	}
}

// try runs one order and fails the test if that leads anywhere it should not.
func try(t *testing.T, n int, setup func(n int) (actors []actor, check func() error), choose func(step, options int) int) run {
	t.Helper()
	actors, check := setup(n)
	run := follow(t.Context(), actors, choose)
	if run.err == nil && !run.redundant {
		run.err = check()
	}
	if run.err != nil {
		t.Fatalf("order %d, actors in turn %v: %v", n, run.acted, run.err)
	}
	return run
}

// A run is what came of one order.
type run struct {
	acted     []int // which actor took each step
	took      []int // which choice that was
	options   []int // among how many
	redundant bool  // whatever comes next has been run in another order
	err       error
}

// follow runs actors to their ends: at each step one of those that may act
// does, as choose says.
func follow(ctx context.Context, actors []actor, choose func(step, options int) int) (r run) {
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
		choice := choose(len(r.took), len(may))
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
