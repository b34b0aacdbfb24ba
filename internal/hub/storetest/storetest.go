// Package storetest states the contract of hub.Store as tests that every
// implementation runs: what is written is read back, of racing writers one
// wins, a reader at the end of a log misses nothing, a projection can be
// finished by anybody, and an append whose answer was lost can be resolved by
// reading. Races between few programs are not tried but enumerated, in every
// order of their calls.
//
// [Faulty] is a store that fails on purpose, for tests of what stands on one.
package storetest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"thidua/internal/hub"
)

// A size says how much is asked of a store.
type size struct {
	writers, each int // of how many commits, while a reader tails their log
	batches       int // up to how many commits a projector takes at a time
	orders        int // how many of the orders of a race are run; 0 is all
	seed          uint64
}

// Run checks an implementation. The open function returns a store that is
// empty, and arranges for it to be closed when the test ends.
func Run(t *testing.T, open func(t *testing.T) hub.Store) {
	size{writers: 8, each: 50, batches: 3}.run(t, open)
}

// RunSlow is Run for a store on a server that answers some hundred calls a
// second: with shorter logs and, of the orders of calls, a few by chance.
// STORETEST_SEED, which a failure names, repeats them.
func RunSlow(t *testing.T, open func(t *testing.T) hub.Store) {
	z := size{writers: 4, each: 6, batches: 1, orders: 6, seed: rand.Uint64()}
	if given := os.Getenv("STORETEST_SEED"); given != "" {
		var err error
		if z.seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if t.Failed() {
			t.Logf("STORETEST_SEED=%d", z.seed)
		}
	}()
	z.run(t, open)
}

func (z size) run(t *testing.T, open func(t *testing.T) hub.Store) {
	for _, c := range []struct {
		says  string
		check func(t *testing.T, store hub.Store)
	}{
		{"a store begins empty", storeBeginsEmpty},
		{"what was appended is read back in order", appendedIsReadBack},
		{"heads are those of the scopes asked for", headsOfScopes},
		{"a number that is taken is refused", takenNumber},
		{"a commit that does not follow the head is refused", notFollowing},
		{"receipts are found by device and mutation", receiptsByDevice},
		{"a receipt stays what it was first", receiptStays},
		{"history is newest first and bounded", historyNewestFirst},
		{"scopes come in order, page by page", scopesInOrder},
		{"a call whose context has ended does nothing", endedContext},

		{"documents are as they were projected", documentsAsProjected},
		{"an older version never replaces a newer one", olderVersion},
		{"a watermark only rises", watermarkRises},
		{"changed documents come by version and then id", changedInOrder},
		{"scopes do not mix", scopesDoNotMix},
		{"open conflicts are found by what they are about", aboutOpenConflicts},
		{"kept documents are filtered and come newest first", keptFiltered},

		{"of racing writers exactly one gets a number", oneWriterWins},
		{"a reader tailing many writers sees every commit once and in order", z.tailingReader},
		{"two writers keep the log whole in whatever order they call", z.writersInterleaved},
		{"three writers keep the log whole in whatever order they call", z.threeWritersInterleaved},
		{"a mutation sent twice at once is in the log once", z.mutationSentTwice},

		{"a projector stopped between any two writes is finished by another", z.stoppedProjector},
		{"two projectors agree in whatever order they call", z.projectorsInterleaved},
		{"no document is missed while documents move", z.noneMissed},

		{"an append whose answer is lost is in the log once", z.lostAnswer},
		{"an append that lands late is in the log once", z.lateAppend},
	} {
		t.Run(c.says, func(t *testing.T) { c.check(t, open(t)) })
	}
}
