package push

import (
	"context"
	"slices"
	stdsync "sync"

	"thidua/internal/emulation"
	"thidua/sync"
)

// tastes remembers what people prefer, for it is asked at every look and
// changes rarely. It is for use by many goroutines.
type tastes struct {
	mu    stdsync.Mutex
	known map[sync.PersonID]taste
}

// A taste is the body of a person's preferences, nil if there are none, as of
// a commit of the person's log or a later one.
type taste struct {
	as   sync.Hash
	body sync.Object
}

// prefer fills in the preferences of listeners. Read are those of people whose
// log has moved.
func (p *Push) prefer(ctx context.Context, listeners []emulation.Listener) error {
	for some := range slices.Chunk(listeners, scopePage) {
		scopes := make([]sync.Scope, len(some))
		for i, l := range some {
			scopes[i] = sync.UserScope(l.Person)
		}
		heads, err := p.cfg.Logs.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		missing := map[sync.Scope][]sync.DocID{}
		for i := range some {
			t, known := p.tastes.of(some[i].Person)
			some[i].Preferences = t.body
			if head := heads[scopes[i]].Hash; !known || t.as != head {
				missing[scopes[i]] = []sync.DocID{emulation.PreferencesID(some[i].Person)}
			}
		}
		if len(missing) == 0 {
			continue
		}
		found, err := p.cfg.Hub.Find(ctx, missing)
		if err != nil {
			return err
		}
		for i := range some {
			if missing[scopes[i]] == nil {
				continue
			}
			t := taste{as: heads[scopes[i]].Hash}
			if docs := found[scopes[i]]; len(docs) > 0 {
				t.body = docs[0].Body()
			}
			some[i].Preferences = t.body
			p.tastes.note(some[i].Person, t)
		}
	}
	return nil
}

func (t *tastes) of(person sync.PersonID) (taste, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.known[person]
	return known, ok
}

func (t *tastes) note(person sync.PersonID, now taste) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[sync.PersonID]taste{}
	}
	t.known[person] = now
}
