package sqlite_test

import (
	"path/filepath"
	"testing"

	"thidua/internal/hub/storetest"
)

func TestStoreKeepsTheContractOfIdentity(t *testing.T) {
	storetest.RunIdentity(t, func(t *testing.T) storetest.Identity {
		return openAt(t, filepath.Join(t.TempDir(), "store.db"))
	})
}
