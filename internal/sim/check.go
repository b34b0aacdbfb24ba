package sim

import (
	"fmt"
	"maps"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// A checker follows everything that becomes durable or is told to a phone and
// says what must not be. It trusts nothing of the hub but the engine's Fold.
type checker struct {
	w         *world
	seen      int // changes of the database
	books     map[sync.Scope]*book
	receipts  map[receiptKey][]place
	mutations map[receiptKey]sync.Mutation // as first sent
	gone      map[receiptKey]place         // receipts that a restored backup lost
	readings  []reading
	open      []*conn // that may still be told something
}

// A book is what the log of a scope says, as far as it was checked.
type book struct {
	hashes   []sync.Hash
	sums     []uint64
	docs     map[sync.DocID]*sync.Document
	versions map[sync.DocID]map[int64]*sync.Document
	mark     hub.Mark // watermark that was checked
}

// A place in a log.
type place struct {
	scope   sync.Scope
	seq     int64
	outcome sync.Outcome
}

// A reading is who might read what from a time on.
type reading struct {
	at     int64
	scopes map[sync.PersonID]map[sync.Scope]bool
}

func newChecker(w *world) *checker {
	c := &checker{w: w, mutations: map[receiptKey]sync.Mutation{}, gone: map[receiptKey]place{}}
	c.empty()
	c.read()
	return c
}

func (c *checker) empty() {
	c.books, c.receipts = map[sync.Scope]*book{}, map[receiptKey][]place{}
}

func (c *checker) book(scope sync.Scope) *book {
	if c.books[scope] == nil {
		c.books[scope] = &book{docs: map[sync.DocID]*sync.Document{}, versions: map[sync.DocID]map[int64]*sync.Document{}}
	}
	return c.books[scope]
}

func (b *book) head() int64 { return int64(len(b.hashes)) }

// names reports whether a cursor is a place in this log.
func (b *book) names(cur sync.Cursor) bool {
	return cur.Seq == 0 || cur.Seq <= b.head() && cur.Names(b.hashes[cur.Seq-1])
}

// live returns how many documents there are that are not gone.
func (b *book) live() (n int) {
	for _, d := range b.docs {
		if !d.Gone {
			n++
		}
	}
	return n
}

// step checks what happened since it was last called.
func (c *checker) step() error {
	if c.seen != c.w.db.changes {
		c.seen = c.w.db.changes
		if err := c.logs(); err != nil {
			return err
		}
		if err := c.marks(); err != nil {
			return err
		}
	}
	still := c.open[:0]
	for _, conn := range c.open {
		if err := c.told(conn); err != nil {
			return err
		}
		if !conn.finished() {
			still = append(still, conn)
		}
	}
	c.open = still
	return nil
}

func (c *checker) logs() error {
	org := c.book(sync.Org).head()
	for _, scope := range c.w.db.majority.scopes("", 1<<20) {
		log, b := c.w.db.majority.logs[scope], c.book(scope)
		if int64(len(log)) < b.head() {
			return fmt.Errorf("the log of %s lost commits: %d of %d are left", scope, len(log), b.head())
		}
		for i := range b.hashes {
			if log[i].Hash() != b.hashes[i] {
				return fmt.Errorf("commit %d of %s was replaced by another", i+1, scope)
			}
		}
		for i := len(b.hashes); i < len(log); i++ {
			if err := c.commit(b, &log[i]); err != nil {
				return fmt.Errorf("commit %d of %s: %w", i+1, scope, err)
			}
		}
	}
	if c.book(sync.Org).head() != org {
		c.read()
	}
	return nil
}

// read notes who may read what from now on.
func (c *checker) read() {
	b := c.book(sync.Org)
	docs := make([]*sync.Document, 0, len(b.docs))
	for _, d := range b.docs {
		docs = append(docs, d)
	}
	ref := sync.NewReference(b.head(), docs)
	r := reading{at: c.w.clock.Load(), scopes: map[sync.PersonID]map[sync.Scope]bool{}}
	for i := range people {
		may := map[sync.Scope]bool{}
		for _, s := range c.w.domain.Readable(sync.Author{Person: person(i)}, 0, ref) {
			may[s] = true
		}
		r.scopes[person(i)] = may
	}
	c.readings = append(c.readings, r)
}

// may reports whether a person might read a scope at some time, and whether
// not at some time, between two steps.
func (c *checker) may(p sync.PersonID, scope sync.Scope, from, to int64) (yes, no bool) {
	for i, r := range c.readings {
		ended := i+1 < len(c.readings) && c.readings[i+1].at < from
		if r.at > to || ended {
			continue
		}
		if r.scopes[p][scope] {
			yes = true
		} else {
			no = true
		}
	}
	return yes, no
}

// marks checks that documents are as the log says up to where the watermark
// promises it, and nowhere else than the log has been.
func (c *checker) marks() error {
	st := c.w.db.majority
	for scope, mark := range st.marks {
		b := c.book(scope)
		if mark == b.mark {
			continue
		}
		if mark.Seq > b.head() || mark.Seq > 0 && (b.hashes[mark.Seq-1] != mark.Hash || b.sums[mark.Seq-1] != mark.Checksum) {
			return fmt.Errorf("the watermark of %s is no place in its log: %+v", scope, mark)
		}
		for id, versions := range b.versions {
			must := int64(0)
			for v := range versions {
				if v <= mark.Seq {
					must = max(must, v)
				}
			}
			if d := st.docs[scope][id]; must > 0 && (d == nil || d.Version < must) {
				return fmt.Errorf("the watermark of %s is at %d, document %s of version %d is not stored", scope, mark.Seq, id, must)
			}
		}
		b.mark = mark
	}
	for scope, docs := range st.docs {
		for id, d := range docs {
			want := c.book(scope).versions[id][d.Version]
			if want == nil || want.Gone != d.Gone || string(want.Raw()) != string(d.Raw()) || !maps.Equal(want.Touched, d.Touched) {
				return fmt.Errorf("document %s of %s is stored as version %d, which the log does not say", id, scope, d.Version)
			}
		}
	}
	return nil
}

// setBack is told that the store goes back to a backup: what came after is
// gone, and who sent it may have to send it again.
func (c *checker) setBack(to *state) {
	for key, places := range c.receipts {
		if at := places[0]; at.seq > int64(len(to.logs[at.scope])) {
			c.gone[key] = at
		}
	}
	c.empty()
}

// sent notes a request that is delivered.
func (c *checker) sent(p *phone, of *lineage, conn *conn) {
	c.open = append(c.open, conn)
	req, fault := sync.DecodeRequest(conn.request)
	if fault != nil {
		return
	}
	for _, m := range req.Mutations {
		of.sent[m.ID] = m.Scope
		if key := (receiptKey{p.device, m.ID}); c.mutations[key].ID == "" {
			c.mutations[key] = m
		}
	}
}

// told checks what an answer says: acknowledgements are in a log, and scopes
// were the reader's, or not any more, at some time while it was being made.
func (c *checker) told(conn *conn) error {
	conn.mu.Lock()
	told, acks := conn.told, conn.acks
	conn.told, conn.acks = nil, nil
	conn.mu.Unlock()
	for _, t := range told {
		yes, no := c.may(conn.phone.person, t.scope, conn.began, t.at)
		switch {
		case t.drop && !no:
			return fmt.Errorf("%s is told to drop %s, which is its own", conn.phone.name, t.scope)
		case !t.drop && !yes:
			return fmt.Errorf("%s is told of %s, which it may not read", conn.phone.name, t.scope)
		}
		if t.reset {
			c.w.met["reset"]++
		}
		if t.drop {
			c.w.met["drop"]++
			conn.lineage.dropped(t.scope)
		} else {
			delete(conn.lineage.drops, t.scope)
		}
	}
	for _, ack := range acks {
		if ack.Duplicate {
			c.w.met["duplicate"]++
		}
		at := c.receipts[receiptKey{conn.phone.device, ack.Mutation}]
		if !slices.ContainsFunc(at, func(at place) bool { return at.seq == ack.Seq && at.outcome == ack.Outcome }) {
			return fmt.Errorf("%s: mutation %s is acknowledged as %s at %d; the log has %+v", conn.name, ack.Mutation, ack.Outcome, ack.Seq, at)
		}
	}
	return nil
}
