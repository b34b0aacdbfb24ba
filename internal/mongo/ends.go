package mongo

import (
	stdsync "sync"

	"thidua/internal/hub"
	"thidua/sync"
)

// maxEnds is of how many scopes a Store remembers the end of the log.
const maxEnds = 4096

// ends remembers of some logs the last commit this process has seen: written
// or read by it and durable, so that it is there for good and what it is
// followed by need not be looked up. That others may have appended since does
// no harm: their commits have the number then.
type ends struct {
	mu   stdsync.Mutex
	last map[sync.Scope]hub.Mark
}

// saw remembers a commit unless a later one is known.
func (e *ends) saw(scope sync.Scope, mark hub.Mark) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if mark.Seq <= e.last[scope].Seq {
		return
	}
	if e.last == nil {
		e.last = map[sync.Scope]hub.Mark{}
	}
	if _, known := e.last[scope]; !known && len(e.last) >= maxEnds {
		for other := range e.last { // any will do
			delete(e.last, other)
			break
		}
	}
	e.last[scope] = mark
}

// of returns the last commit known of a log, zero if none is.
func (e *ends) of(scope sync.Scope) hub.Mark {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last[scope]
}
