package sim

// A write changes a state and reports whether it found what it looked for: a
// free key, an older version. One that did not changes nothing.
type write func(*state) (matched bool)

// A database is a replica set: a primary, and what a majority of its members
// has. Writes take place on the primary, one at a time; reads see what the
// majority has, and a write is acknowledged when it got there. A failover loses
// what did not. A standalone is its own majority.
type database struct {
	replicated bool
	primary    *state
	majority   *state
	pending    []write // on the primary only
	written    int     // how many writes the primary took, in this and earlier terms
	term       int     // grows with each failover
	changes    int     // grows with each change of the majority
	lost       int     // grows when the majority's state is set back
}

func newDatabase(replicated bool) *database {
	s := newState()
	db := &database{replicated: replicated, primary: s, majority: s}
	if replicated {
		db.primary = newState()
	}
	return db
}

// A ticket is a place in the history of a primary.
type ticket struct{ term, written int }

// apply carries out a write on the primary. The ticket says up to where the
// majority must have followed before the answer may be given; that holds for a
// write that matched nothing as well, or its author would look in vain for what
// was in the way.
func (db *database) apply(w write) (matched bool, t ticket) {
	matched = w(db.primary)
	if matched {
		db.written++
		if db.replicated {
			db.pending = append(db.pending, w)
		} else {
			db.changes++
		}
	}
	return matched, ticket{db.term, db.written}
}

// reached reports whether the majority has everything up to a ticket.
func (db *database) reached(t ticket) bool {
	return t.written <= db.written-len(db.pending) && t.term == db.term
}

// replicate brings the majority up to a ticket and reports whether that was
// possible: not if the primary that gave it was replaced before.
func (db *database) replicate(t ticket) bool {
	if t.term != db.term {
		return false
	}
	for len(db.pending) > 0 && db.written-len(db.pending) < t.written {
		db.pending[0](db.majority)
		db.pending = db.pending[1:]
		db.changes++
	}
	return true
}

func (db *database) replicateAll() { db.replicate(ticket{db.term, db.written}) }

// failOver replaces the primary by a member that has what the majority has. It
// returns how many writes were lost.
func (db *database) failOver() int {
	n := len(db.pending)
	if n == 0 {
		return 0
	}
	db.written -= len(db.pending)
	db.primary, db.pending = db.majority.clone(), nil
	db.term++
	return n
}

// backup returns a copy of what the majority has.
func (db *database) backup() *state { return db.majority.clone() }

// restore sets the database back to a backup. No server may be running.
func (db *database) restore(b *state) {
	db.majority = b.clone()
	db.primary = db.majority
	if db.replicated {
		db.primary = b.clone()
	}
	db.written, db.pending = db.written-len(db.pending), nil
	db.term++
	db.changes++
	db.lost++
}
