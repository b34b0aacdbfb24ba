package storetest

import (
	"context"
	"errors"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// Extend appends one commit to the end of a log, as often as it takes.
func Extend(ctx context.Context, store hub.Store, scope sync.Scope, device sync.DeviceID) error {
	for {
		head, err := store.Head(ctx, scope)
		if err != nil {
			return err
		}
		_, err = store.Append(ctx, []sync.Commit{{Scope: scope, Seq: head.Seq + 1, Prev: head.Hash, Author: sync.Server, Device: device}}, nil)
		if !errors.Is(err, hub.ErrTaken) {
			return err
		}
	}
}

// CheckLog fails the test unless a log is chained without a gap; it returns
// how many commits each device has in it.
func CheckLog(t *testing.T, store hub.Store, scope sync.Scope) map[sync.DeviceID]int {
	t.Helper()
	commits, err := store.Commits(t.Context(), scope, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	count := map[sync.DeviceID]int{}
	var last sync.Commit
	for _, c := range commits {
		if c.Seq != last.Seq+1 || c.Seq > 1 && c.Prev != last.Hash() {
			t.Fatalf("commit %d follows commit %d", c.Seq, last.Seq)
		}
		last = c
		count[c.Device]++
	}
	return count
}
