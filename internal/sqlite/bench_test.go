package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// BenchmarkBareInsert is the yardstick: one writer, one durable row at a time.
func BenchmarkBareInsert(b *testing.B) {
	db, err := open(filepath.Join(b.TempDir(), "bare.db"), time.Second, false, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.Prepare(`INSERT INTO rows (body) VALUES (?)`)
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("x", 1500)
	for b.Loop() {
		if _, err := insert.Exec(body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkAppendProject is what a push costs the store: a commit of one edit
// appended and its document of a few KB projected, by callers at once, each
// waiting for the one before the other.
func BenchmarkAppendProject(b *testing.B) {
	for _, callers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchmarkAppendProject(b, callers) })
	}
}

func benchmarkAppendProject(b *testing.B, callers int) {
	store, err := Open(Config{Path: filepath.Join(b.TempDir(), "store.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	var wg stdsync.WaitGroup
	b.ResetTimer()
	for w := range callers {
		rounds := b.N / callers
		if w < b.N%callers {
			rounds++
		}
		wg.Go(func() {
			if err := push(b, store, w, rounds); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
}

// push edits twenty documents of one scope in turn.
func push(b *testing.B, store *Store, caller, rounds int) error {
	unit := sync.DocID(sync.NameID("bench", fmt.Sprint(caller)))
	scope := sync.UnitScope(unit)
	var head hub.Mark
	docs := make([]*sync.Document, 20)
	for i := range rounds {
		k := i % len(docs)
		id := sync.DocID(sync.NameID(string(unit), fmt.Sprint(k)))
		change := sync.Change{Doc: id, Type: "minutes", Create: sync.Object{"text": strings.Repeat("x", 2000+300*k)}}
		if docs[k] != nil {
			text := strings.Repeat("y", 600)
			change = sync.Change{Doc: id, Type: "minutes", Edits: []sync.Edit{{Path: "/note", Was: text, Now: fmt.Sprint(text, i)}}}
		}
		receipt := sync.Receipt{Mutation: sync.MutationID(sync.MakeID(int64(i), 0, uint64(caller))), Content: sync.HashOf("x"), Outcome: sync.Applied, Doc: id}
		c := sync.Commit{
			Scope: scope, Seq: head.Seq + 1, Prev: head.Hash, Author: sync.PersonID(unit), Device: sync.DeviceID(unit), At: int64(i),
			Receipts: []sync.Receipt{receipt}, Changes: []sync.Change{change},
		}
		head = hub.Mark{Seq: c.Seq, Hash: c.Hash()}
		docs[k] = sync.Fold(docs[k], scope, change, c.Seq)
		if _, err := store.Append(b.Context(), []sync.Commit{c}, nil); err != nil {
			return err
		}
		if err := store.Project(b.Context(), scope, docs[k:k+1], head); err != nil {
			return err
		}
	}
	return nil
}
