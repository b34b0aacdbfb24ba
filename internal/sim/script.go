package sim

import (
	"fmt"
	"math/rand/v2"
)

// A kind of step.
type kind int

// The kinds of step. Most let one operation take place that waits.
const (
	release      kind = iota
	fail              // the next operation that takes place meets a fault
	double            // the next request is delivered twice
	act               // a person records something
	syncNow           // a phone syncs
	cut               // a phone's connection breaks
	killPhone         // an app is killed and started again
	backUpPhone       // a phone's file is copied
	restorePhone      // and replaced by the copy
	setClock          // a phone's clock jumps
	pass              // time passes
	killServer        // a server process is killed, or started again
	sweep             // a server completes projections and derives
	grant             // the admin hands out a grant or takes it back
	resolve           // the admin decides a conflict
	failOver          // the primary is replaced
	backUpStore       // the store is copied
	restoreStore      // and set back to the copy
	kinds
)

// String names a kind.
func (k kind) String() string {
	return []string{
		"release", "fail", "double", "act", "sync", "cut", "kill phone", "back up phone", "restore phone", "set clock", "pass",
		"kill server", "sweep", "grant", "resolve", "fail over", "back up store", "restore store",
	}[k]
}

// A step is one choice of a history. What its numbers mean depends on the
// kind; any number means something wherever the history stands, so that a
// history stays one when steps are left out.
type step struct {
	kind    kind
	a, b, c int
}

// A plan is a history before it is run.
type plan struct {
	seed       uint64
	replicated bool
	servers    int
	steps      []step
}

// newPlan draws a history from a seed. Histories differ in how much goes wrong
// in them: where everything fails nothing gets far.
func newPlan(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0x7468696475617369))
	p := plan{seed: seed, replicated: r.IntN(2) == 0, servers: 2 + r.IntN(2)}
	weights := [kinds]int{
		release: 700, fail: r.IntN(3) * 8, double: r.IntN(3) * 6, act: 60, syncNow: 50, cut: r.IntN(3) * 2,
		killPhone: r.IntN(2) * 4, backUpPhone: 6, restorePhone: r.IntN(2) * 8, setClock: r.IntN(2) * 5, pass: 5,
		killServer: r.IntN(3) * 5, sweep: 8, grant: r.IntN(2) * 10, resolve: 12,
		failOver: r.IntN(3) * 4,
	}
	if r.IntN(4) == 0 {
		weights[backUpStore], weights[restoreStore] = 4, 4
	}
	total := 0
	for _, w := range weights {
		total += w
	}
	p.steps = make([]step, 120+r.IntN(280))
	for i := range p.steps {
		n := r.IntN(total)
		k := kind(0)
		for ; n >= weights[k]; k++ {
			n -= weights[k]
		}
		p.steps[i] = step{k, r.IntN(1 << 16), r.IntN(1 << 16), r.IntN(1 << 16)}
	}
	return p
}

// keep returns the plan with some of its steps only.
func (p plan) keep(keep []int) plan {
	steps := make([]step, 0, len(keep))
	for _, i := range keep {
		if i >= 0 && i < len(p.steps) {
			steps = append(steps, p.steps[i])
		}
	}
	p.steps = steps
	return p
}

func (s step) String() string { return fmt.Sprintf("%s %d %d %d", s.kind, s.a, s.b, s.c) }
