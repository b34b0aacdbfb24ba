package fsck_test

import (
	"log/slog"
	"slices"
	"testing"

	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/internal/mongo"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

func openMongo(t *testing.T) *mongo.Store {
	t.Helper()
	store, err := mongo.Open(t.Context(), mongo.Config{URI: mongotest.URI(t), Log: slog.New(slog.DiscardHandler)})
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

func TestMendsAreCompareAndSwapOnMongoDB(t *testing.T) { mendContract(t, openMongo(t)) }

func TestMongoDBIsCheckedAndRepairedLikeAnyStore(t *testing.T) {
	store := openMongo(t)
	build(t, store)
	if r := check(t, store, false); len(r.Findings) > 0 || r.Commits != 27 || r.Receipts != 29 || r.Histories != 5 {
		t.Errorf("a healthy database: %+v", r)
	}
	mark := marksOf(t, store)
	beyond := hub.Mark{Seq: mark.Seq + 3, Hash: mark.Hash, Checksum: mark.Checksum}
	wrong := sync.NewDocument(meeting, "meeting", house, 26, sync.Object{"title": "khác"})
	for _, err := range []error{
		store.MendDocument(t.Context(), house, meeting, 26, wrong),
		store.MendDocument(t.Context(), house, settled, 5, nil),
		store.MendDocument(t.Context(), house, absent, 0, sync.NewDocument(absent, "meeting", house, 3, sync.Object{"title": "ma"})),
		store.MendMark(t.Context(), house, mark, beyond),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []sync.Code{fsck.DocumentDiffers, fsck.DocumentGhost, fsck.DocumentMissing, fsck.MarkBeyond}
	if got := codes(check(t, store, true).Findings); !slices.Equal(got, want) {
		t.Errorf("found %v, not %v", got, want)
	}
	if r := check(t, store, false); len(r.Findings) > 0 {
		t.Errorf("after the repair: %+v", r.Findings)
	}
}
