package sim

import (
	"fmt"
	"slices"

	"thidua/sync"
)

// replicas checks a phone's replicas against the logs: a cursor names a commit,
// and what last changed up to there is what the phone has.
func (c *checker) replicas(p *phone) error {
	cl := p.process.client
	status, err := cl.Status()
	if err != nil {
		return err
	}
	for _, scope := range status.Scopes {
		if slices.Contains(status.Rebuilding, scope) {
			continue // shown as it was until the new one is complete
		}
		sum, cur, err := cl.Checksum(scope)
		if err != nil {
			return err
		}
		b := c.book(scope)
		if !b.names(cur) {
			if c.w.db.lost == 0 {
				return fmt.Errorf("%s has a cursor of %s that no commit has: %s", p.name, scope, cur)
			}
			continue // from a history that was lost; it will be told so
		}
		verified := !slices.Contains(status.Unverified, scope)
		if verified && cur.Seq > 0 && sum != b.sums[cur.Seq-1] {
			return fmt.Errorf("%s holds its replica of %s at %s for right, which it is not", p.name, scope, cur)
		}
		for id, d := range b.docs {
			if d.Version > cur.Seq || !verified && c.w.db.lost > 0 {
				continue
			}
			if err := c.same(p, scope, id, d); err != nil {
				return fmt.Errorf("%s at %s: %w", p.name, cur, err)
			}
		}
	}
	return nil
}

// same checks that a phone has a document as the log says.
func (c *checker) same(p *phone, scope sync.Scope, id sync.DocID, want *sync.Document) error {
	have, err := p.process.client.Base(scope, id)
	switch {
	case err != nil:
		return err
	case want.Gone && have != nil:
		return fmt.Errorf("document %s of %s is gone and still there", id, scope)
	case want.Gone:
		return nil
	case have == nil:
		return fmt.Errorf("document %s of %s was skipped", id, scope)
	case have.Version != want.Version || string(have.Raw()) != string(want.Raw()):
		return fmt.Errorf("document %s of %s is %s at %d instead of %s at %d", id, scope, have.Raw(), have.Version, want.Raw(), want.Version)
	}
	return nil
}

// lostCursors returns the scopes of which a phone would send a cursor that the
// server's history, as it is now, does not have. Of a replica that grows beside
// nothing is known here, so those are left out.
func (p *phone) lostCursors() (map[sync.Scope]bool, error) {
	status, err := p.process.client.Status()
	if err != nil {
		return nil, err
	}
	lost := map[sync.Scope]bool{}
	for _, scope := range status.Scopes {
		if slices.Contains(status.Rebuilding, scope) {
			continue
		}
		_, cur, err := p.process.client.Checksum(scope)
		if err != nil {
			return nil, err
		}
		if !p.w.check.book(scope).names(cur) {
			lost[scope] = true
		}
	}
	return lost, nil
}

// owe notes which mutations a phone must send again, because the server lost
// both them and what the phone knows of their scope, so that it is told so.
func (p *phone) owe() error {
	lost, err := p.lostCursors()
	if err != nil {
		return err
	}
	l := p.lineage
	l.owed = map[sync.MutationID]sync.Scope{}
	for id, scope := range l.sent {
		key := receiptKey{p.device, id}
		if _, there := p.w.check.receipts[key]; there {
			continue
		}
		at, was := p.w.check.gone[key]
		switch {
		case was && lost[scope] && !l.drops[scope]:
			l.owed[id] = scope
		case was && lost[at.scope] && !l.drops[at.scope]:
			l.owed[id] = at.scope
		}
	}
	return nil
}

// dropped forgets what is owed for a scope: the phone removes its replica, and
// with it the cursor by which it would notice. The words may still be on their
// way to it when the backup is restored.
func (l *lineage) dropped(scope sync.Scope) {
	l.drops[scope] = true
	for id, of := range l.owed {
		if of == scope {
			delete(l.owed, id)
		}
	}
}
