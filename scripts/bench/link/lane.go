package link

import (
	"sync"
	"sync/atomic"
	"time"
)

// A lane is one direction of the link, shared by all its connections.
type lane struct {
	rate      int64 // bits per second
	delivered atomic.Int64

	mu   sync.Mutex
	free time.Time // when the last bit promised so far has left
}

// send queues n bytes behind everything sent before and returns the time at
// which their last bit has left.
func (l *lane) send(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(int64(n) * 8 * int64(time.Second) / l.rate))
	return l.free
}
