package move_test

import (
	"log/slog"
	"testing"

	"thidua/internal/mongo"
	"thidua/internal/mongo/mongotest"
	"thidua/internal/move"
)

func openMongo(t *testing.T) *mongo.Store {
	t.Helper()
	store, err := mongo.Open(t.Context(), mongo.Config{URI: mongotest.URI(t), Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestEverythingIsMovedToMongoDBAndBack(t *testing.T) {
	a, b, c := fresh(t), openMongo(t), fresh(t)
	fill(t, a, 300, seeded(t))
	_, err := move.Run(t.Context(), move.Config{From: a, To: b})
	must(t, err)
	moved(t, a, b)
	_, err = move.Run(t.Context(), move.Config{From: b, To: c})
	must(t, err)
	moved(t, a, c)
}
