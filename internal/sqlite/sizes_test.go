package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"thidua/internal/hub/storetest"
	"thidua/internal/sqlite"
)

func TestSizesAddUpToTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	store, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
			t.Fatal(err)
		}
	}
	sizes, err := store.Sizes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, n := range sizes {
		total += n
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + left); err == nil {
			t.Errorf("%s is left after Close", left)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != total {
		t.Errorf("the file has %d bytes, its parts %d: %v (%v)", info.Size(), total, sizes, err)
	}
	if sizes["commits"] < 10_000 {
		t.Errorf("the log takes %d bytes", sizes["commits"])
	}
}
