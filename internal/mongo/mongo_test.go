package mongo_test

import (
	"errors"
	"fmt"
	"log/slog"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/internal/mongo"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

func config(uri string) mongo.Config {
	return mongo.Config{URI: uri, Timeout: 20 * time.Second, Log: slog.New(slog.DiscardHandler)}
}

func openAt(t *testing.T, uri string) *mongo.Store {
	t.Helper()
	return open(t, config(uri))
}

func open(t *testing.T, cfg mongo.Config) *mongo.Store {
	t.Helper()
	store, err := mongo.Open(t.Context(), cfg)
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
	storetest.RunSlow(t, func(t *testing.T) hub.Store { return openAt(t, mongotest.URI(t)) })
}

func TestStoreKeepsTheContractOfIdentity(t *testing.T) {
	storetest.RunIdentity(t, func(t *testing.T) storetest.Identity { return openAt(t, mongotest.URI(t)) })
}

func TestTwoStoresOnOneDatabaseShareALog(t *testing.T) {
	uri := mongotest.URI(t)
	stores := []*mongo.Store{openAt(t, uri), openAt(t, uri)}
	const each = 10
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

func TestOfProjectorsAtOnceTheNewestStays(t *testing.T) {
	const scope, projectors, versions = sync.Scope("unit:a"), 4, 6
	uri := mongotest.URI(t)
	var wg stdsync.WaitGroup
	for i := range projectors {
		store := openAt(t, uri)
		wg.Go(func() {
			for n := range versions {
				version := int64((n*(i+1))%versions + 1) // each in another order
				var docs []*sync.Document
				for _, id := range []sync.DocID{"x", "y", "z"} {
					docs = append(docs, sync.NewDocument(id, "minutes", scope, version, sync.Object{"n": version}))
				}
				if err := store.Project(t.Context(), scope, docs, hub.Mark{Seq: version, Hash: sync.HashOf(version)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	store := openAt(t, uri)
	docs, err := store.Documents(t.Context(), scope, []sync.DocID{"x", "y", "z"})
	if err != nil || len(docs) != 3 {
		t.Fatalf("documents: %v, %v", docs, err)
	}
	for _, d := range docs {
		if d.Version != versions || string(d.Raw()) != fmt.Sprintf(`{"n":%d}`, versions) {
			t.Errorf("%s is of version %d: %s", d.ID, d.Version, d.Raw())
		}
	}
	if marks, err := store.Marks(t.Context(), []sync.Scope{scope}); err != nil || marks[scope] != (hub.Mark{Seq: versions, Hash: sync.HashOf(int64(versions))}) {
		t.Errorf("marks: %v, %v", marks, err)
	}
}

// The other projector is older, and comes in between exactly where this one
// has found nothing and is about to insert.
func TestWhatAnOlderProjectorInsertsIsNotTakenForDone(t *testing.T) {
	const scope = sync.Scope("unit:a")
	var other *mongo.Store
	at := func(version int64) ([]*sync.Document, hub.Mark) {
		return []*sync.Document{sync.NewDocument("x", "minutes", scope, version, sync.Object{"n": version})}, hub.Mark{Seq: version, Hash: sync.HashOf(version)}
	}
	older, lower := at(1)
	direct, through, _, _ := behind(t, func(name, on string) fate {
		var err error
		switch name + " " + on {
		case "insert documents":
			err = other.Project(t.Context(), scope, older, hub.Mark{})
		case "insert marks":
			err = other.Project(t.Context(), scope, nil, lower)
		}
		if err != nil {
			t.Error(err)
		}
		return passes
	})
	other = openAt(t, direct)
	newer, higher := at(2)
	if err := openAt(t, through).Project(t.Context(), scope, newer, higher); err != nil {
		t.Fatal(err)
	}
	if docs, err := other.Documents(t.Context(), scope, []sync.DocID{"x"}); err != nil || len(docs) != 1 || docs[0].Version != 2 {
		t.Errorf("documents: %v, %v", docs, err)
	}
	if marks, err := other.Marks(t.Context(), []sync.Scope{scope}); err != nil || marks[scope] != higher {
		t.Errorf("marks: %v, %v", marks, err)
	}
}

func TestStoreThatHasSeenNothingRefusesAGapAndAFork(t *testing.T) {
	uri := mongotest.URI(t)
	first := openAt(t, uri)
	for range 2 {
		if err := storetest.Extend(t.Context(), first, "unit:a", "phone"); err != nil {
			t.Fatal(err)
		}
	}
	head, err := first.Head(t.Context(), "unit:a")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		after hub.Mark
		taken bool
	}{"a gap": {hub.Mark{Seq: 3}, false}, "a fork": {hub.Mark{Seq: 2, Hash: "another"}, true}, "the past": {hub.Mark{Seq: 1}, true}} {
		if n, err := openAt(t, uri).Append(t.Context(), []sync.Commit{commit(c.after, "tablet")}, nil); n != 0 || err == nil || errors.Is(err, hub.ErrTaken) != c.taken {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	if n, err := openAt(t, uri).Append(t.Context(), []sync.Commit{commit(head, "tablet")}, nil); n != 1 || err != nil {
		t.Errorf("what follows: %d, %v", n, err)
	}
}

func TestClosedStoreRefusesEveryCall(t *testing.T) {
	store := openAt(t, mongotest.URI(t))
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
	for what, cfg := range map[string]mongo.Config{
		"no address": {}, "another kind of address": {URI: "http://127.0.0.1/"}, "negative time": {URI: mongotest.Server(t), Timeout: -1},
		"nobody there": {URI: "mongodb://127.0.0.1:1/", Selection: 100 * time.Millisecond},
	} {
		if store, err := mongo.Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: opened, %v", what, store.Close())
		}
	}
}

func TestRepairsAreSwappedOnlyAsRead(t *testing.T) {
	store, ctx := openAt(t, mongotest.URI(t)), t.Context()
	const scope, id = sync.Scope("unit:a"), sync.DocID("d")
	at := func(version int64) *sync.Document {
		return sync.NewDocument(id, "minutes", scope, version, sync.Object{"n": version})
	}
	for i, c := range []struct {
		from int64
		to   *sync.Document
		want error
		is   int64
	}{
		{0, nil, nil, 0},
		{1, nil, hub.ErrChanged, 0},
		{1, at(2), hub.ErrChanged, 0},
		{0, at(5), nil, 5},
		{0, at(6), hub.ErrChanged, 5},
		{0, nil, hub.ErrChanged, 5},
		{4, at(6), hub.ErrChanged, 5},
		{5, at(3), nil, 3},
		{5, nil, hub.ErrChanged, 3},
		{3, nil, nil, 0},
	} {
		if err := store.MendDocument(ctx, scope, id, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("document, step %d: %v, not %v", i, err, c.want)
		}
		docs, err := store.Documents(ctx, scope, []sync.DocID{id})
		if err != nil || len(docs) != int(min(c.is, 1)) || len(docs) == 1 && docs[0].Version != c.is {
			t.Errorf("document, step %d: %v, %v", i, docs, err)
		}
	}
	mark := func(seq int64) hub.Mark { return hub.Mark{Seq: seq, Hash: sync.HashOf(seq), Checksum: ^uint64(0)} }
	for i, c := range []struct {
		from, to hub.Mark
		want     error
		is       hub.Mark
	}{
		{hub.Mark{}, hub.Mark{}, nil, hub.Mark{}},
		{hub.Mark{}, mark(5), nil, mark(5)},
		{hub.Mark{}, mark(6), hub.ErrChanged, mark(5)},
		{hub.Mark{Seq: 5}, mark(6), hub.ErrChanged, mark(5)},
		{mark(5), mark(3), nil, mark(3)},
		{mark(3), hub.Mark{}, nil, hub.Mark{}},
	} {
		if err := store.MendMark(ctx, scope, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("mark, step %d: %v, not %v", i, err, c.want)
		}
		if marks, err := store.Marks(ctx, []sync.Scope{scope}); err != nil || marks[scope] != c.is {
			t.Errorf("mark, step %d: %v, %v", i, marks, err)
		}
	}
	if err := store.MendDocument(ctx, scope, "another", 0, at(1)); err == nil {
		t.Error("a document was put in the place of another")
	}
}
