package push

import (
	"maps"
	stdsync "sync"

	"thidua/sync"
)

// Counts are what a Sender did since it was made.
type Counts struct {
	Sent    int64               // messages that the service took
	Retried int64               // attempts after which a message waits for another
	Dropped int64               // tokens found dead
	Halts   int64               // times sending was stopped for a while
	GivenUp map[sync.Code]int64 // messages that will not be sent, by reason
}

// tally counts, for many goroutines.
type tally struct {
	mu     stdsync.Mutex
	counts Counts
}

func (t *tally) add(change func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts.GivenUp == nil {
		t.counts.GivenUp = map[sync.Code]int64{}
	}
	change(&t.counts)
}

// Counts returns what the sender did so far. It may be called at any time.
func (s *Sender) Counts() Counts {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	c := s.tally.counts
	c.GivenUp = maps.Clone(c.GivenUp)
	return c
}
