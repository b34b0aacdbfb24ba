package mongo

import (
	"fmt"
	"log/slog"
	stdsync "sync"
	"testing"

	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

// BenchmarkBareInsert is the yardstick of a push: commits of one edit, inserted
// through the same driver into the same server with the same durability, by
// callers at once, and nothing else done.
func BenchmarkBareInsert(b *testing.B) {
	for _, callers := range []int{8, 32} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := Open(b.Context(), Config{URI: mongotest.URI(b), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			defer func() { _ = s.db.Drop(b.Context()) }()
			var inserting stdsync.WaitGroup
			b.ResetTimer()
			for caller := range callers {
				n := b.N / callers
				if caller < b.N%callers {
					n++
				}
				inserting.Go(func() {
					for i := range n {
						row, err := storeCommit(bareCommit(caller, i))
						if err == nil {
							_, err = s.commits.InsertOne(b.Context(), row)
						}
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			inserting.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// bareCommit is what a push of one edit appends.
func bareCommit(caller, i int) *sync.Commit {
	unit := sync.DocID(sync.NameID("bare", fmt.Sprint(caller)))
	return &sync.Commit{
		Scope: sync.UnitScope(unit), Seq: int64(i + 1), Author: sync.PersonID(unit), Device: sync.DeviceID(unit), At: int64(i),
		Receipts: []sync.Receipt{{Mutation: sync.MutationID(sync.MakeID(int64(i), 0, uint64(caller))), Content: sync.HashOf("x"), Outcome: sync.Applied, Doc: unit}},
		Changes:  []sync.Change{{Doc: unit, Type: "meeting", Edits: []sync.Edit{{Path: "/summoned", Was: int64(i), Now: int64(i + 1)}}}},
	}
}
