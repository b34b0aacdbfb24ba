package api

import (
	"slices"
	stdsync "sync"

	"thidua/sync"
)

// streams counts what is open. A device that opens one too many loses its
// oldest, most likely a connection that died without anybody noticing.
type streams struct {
	most, each int

	mu    stdsync.Mutex
	count int
	of    map[sync.DeviceID][]*stream // oldest first
	ended bool                        // the server shuts down
}

func newStreams(most, each int) *streams {
	return &streams{most: most, each: each, of: map[sync.DeviceID][]*stream{}}
}

// add reports whether there is room for a stream, and counts it.
func (r *streams) add(device sync.DeviceID, s *stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.count >= r.most {
		return false
	}
	if open := r.of[device]; len(open) >= r.each {
		open[0].end()
		r.of[device] = open[1:]
	}
	r.of[device] = append(r.of[device], s)
	r.count++
	return true
}

// remove uncounts a stream that was added, once its connection is done.
func (r *streams) remove(device sync.DeviceID, s *stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count--
	r.of[device] = slices.DeleteFunc(r.of[device], func(other *stream) bool { return other == s })
	if len(r.of[device]) == 0 {
		delete(r.of, device)
	}
}

// shut ends all streams and lets no more be opened.
func (r *streams) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	for _, open := range r.of {
		for _, s := range open {
			s.end()
		}
	}
}
