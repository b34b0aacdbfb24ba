package sqlite_test

import (
	"path/filepath"
	"testing"

	"thidua/internal/hub/storetest"
)

func TestStoreKeepsTheContractOfPush(t *testing.T) {
	storetest.RunPush(t, func(t *testing.T) storetest.Push {
		return openAt(t, filepath.Join(t.TempDir(), "store.db"))
	})
}

func TestStoreKeepsTheContractOfAMovedQueue(t *testing.T) {
	storetest.RunMovedPush(t, func(t *testing.T) storetest.MovedPush {
		return openAt(t, filepath.Join(t.TempDir(), "store.db"))
	})
}
