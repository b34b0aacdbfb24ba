package sim

import (
	"testing"
	"testing/synctest"

	"thidua/internal/hub"
	"thidua/sync"
)

// A cursor of a lost history would name a commit that is made again with the
// same hash, and its phone never be told.
func TestNoCommitAfterARestorationIsOneThatWasLost(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, false, dir)
		w.begin(3)
		defer w.end()
		w.saved = w.db.backup()
		lost := map[sync.Hash]bool{}
		for _, s := range append(w.servers, w.servers...) {
			w.store(s, "grant", []hub.Put{w.grantOf(2, 0, false)})
			w.drain()
			last := w.db.majority.logs[sync.Org]
			hash := last[len(last)-1].Hash()
			if lost[hash] {
				t.Errorf("%s made a commit that was lost before", s.name)
			}
			lost[hash] = true
			w.restoreStore()
		}
		if err := w.violated(); err != nil {
			t.Error(err)
		}
		if len(lost) != 6 {
			t.Errorf("%d commits", len(lost))
		}
	})
}
