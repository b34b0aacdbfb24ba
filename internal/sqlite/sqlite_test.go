package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/internal/sqlite"
	"thidua/sync"
)

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(sqlite.Config{Path: path, Busy: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) hub.Store {
		return openAt(t, filepath.Join(t.TempDir(), "store.db"))
	})
}

func TestFaultyStoreWithoutFaultsPassesCallsOn(t *testing.T) {
	store := storetest.NewFaulty(openAt(t, filepath.Join(t.TempDir(), "store.db")), nil)
	if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
		t.Fatal(err)
	}
	if head, err := store.Head(t.Context(), "unit:a"); err != nil || head.Seq != 1 {
		t.Fatalf("head %+v, %v", head, err)
	}
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "một tệp?#%.db")
	store, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	doc := sync.NewDocument("d", "minutes", "unit:a", 1, sync.Object{"n": int64(1)})
	if err := errors.Join(
		storetest.Extend(t.Context(), store, "unit:a", "phone"),
		store.Project(t.Context(), "unit:a", []*sync.Document{doc}, hub.Mark{Seq: 1, Checksum: 1 << 63}),
		store.Close(),
	); err != nil {
		t.Fatal(err)
	}
	store = openAt(t, path)
	if count := storetest.CheckLog(t, store, "unit:a"); count["phone"] != 1 {
		t.Errorf("commits: %v", count)
	}
	docs, err := store.Documents(t.Context(), "unit:a", []sync.DocID{"d"})
	if err != nil || len(docs) != 1 || string(docs[0].Raw()) != `{"n":1}` {
		t.Errorf("documents: %v, %v", docs, err)
	}
	marks, err := store.Marks(t.Context(), []sync.Scope{"unit:a"})
	if err != nil || marks["unit:a"].Checksum != 1<<63 {
		t.Errorf("marks: %v, %v", marks, err)
	}
}

func TestTwoStoresOnOneFileShareALog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	stores := []*sqlite.Store{openAt(t, path), openAt(t, path)}
	const each = 30
	var wg stdsync.WaitGroup
	for i, store := range stores {
		wg.Go(func() {
			for range each {
				if err := storetest.Extend(t.Context(), store, "unit:a", sync.DeviceID(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, store := range stores {
		if count := storetest.CheckLog(t, store, "unit:a"); count["0"] != each || count["1"] != each {
			t.Errorf("commits: %v", count)
		}
	}
}

func TestClosedStoreRefusesEveryCall(t *testing.T) {
	store := openAt(t, filepath.Join(t.TempDir(), "store.db"))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(t.Context(), []sync.Commit{{Scope: "unit:a", Seq: 1}}, nil); err == nil || errors.Is(err, hub.ErrUnknown) {
		t.Errorf("append: %v", err)
	}
	if _, err := store.Head(t.Context(), "unit:a"); err == nil {
		t.Error("head was read")
	}
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	for what, cfg := range map[string]sqlite.Config{
		"no path": {}, "a directory": {Path: t.TempDir()}, "nowhere": {Path: filepath.Join(t.TempDir(), "no", "such", "dir.db")},
		"negative readers": {Path: "x.db", Readers: -1}, "negative wait": {Path: "x.db", Busy: -1},
	} {
		if store, err := sqlite.Open(cfg); err == nil {
			t.Errorf("%s: opened, %v", what, store.Close())
		}
	}
}
