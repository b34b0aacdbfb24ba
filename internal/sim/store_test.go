package sim

import (
	"context"
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
)

// direct carries operations out at once.
func direct() func(ctx context.Context, s *store, what string, write bool, do func()) error {
	var mu stdsync.Mutex
	return func(ctx context.Context, _ *store, _ string, _ bool, do func()) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		do()
		return nil
	}
}

func TestModelledStoreKeepsTheContract(t *testing.T) {
	for name, replicated := range map[string]bool{"standalone": false, "replica set": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) hub.Store {
				return &store{db: newDatabase(replicated), step: direct()}
			})
		})
	}
}
