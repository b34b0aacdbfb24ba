package generate

import (
	"hash/fnv"
	"math/rand/v2"
)

// A draw is chance that a seed and a name repeat: each cluster has its own, so
// none depends on how much its neighbours drew.
type draw struct{ *rand.Rand }

func newDraw(seed uint64, name string) draw {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails, by its contract
	return draw{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// between returns a number from low to high, both included.
func (d draw) between(low, high int) int { return low + d.IntN(high-low+1) }

// chance is true in so many of a hundred cases.
func (d draw) chance(percent int) bool { return d.IntN(100) < percent }

// pick returns one of several.
func pick[T any](d draw, from []T) T { return from[d.IntN(len(from))] }

// some returns n different ones of several, in their order; all if there are no more.
func some[T any](d draw, n int, from []T) []T {
	chosen := make([]T, 0, n)
	for i, v := range from {
		if d.IntN(len(from)-i) < n-len(chosen) {
			chosen = append(chosen, v)
		}
	}
	return chosen
}
