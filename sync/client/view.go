package client

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// View returns a document as its author sees it: what the server last said
// with everything recorded here that has not come back yet on top; nil if
// there is none. Pending says that there is something on top.
func (c *Client) View(scope sync.Scope, doc sync.DocID) (d *sync.Document, pending bool, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		d, pending, err = view(tx, scope, doc)
		return err
	})
	return d, pending, err
}

// Base returns a document as the server last described it, nil if there is none.
func (c *Client) Base(scope sync.Scope, doc sync.DocID) (d *sync.Document, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		d = openReplica(tx, inLive, scope).get(doc)
		return nil
	})
	return d, err
}

// List returns the documents of a type in a scope as View does, by identifier.
// Type "" stands for all.
func (c *Client) List(scope sync.Scope, typ string) (docs []*sync.Document, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		touched, err := touchedIn(tx, scope)
		if err != nil {
			return err
		}
		if live := openReplica(tx, inLive, scope); live != nil {
			err := live.each(func(d *sync.Document) error {
				if !touched[d.ID] && (typ == "" || d.Type == typ) {
					docs = append(docs, d)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		for id := range touched {
			d, _, err := view(tx, scope, id)
			if err != nil {
				return err
			}
			if d != nil && (typ == "" || d.Type == typ) {
				docs = append(docs, d)
			}
		}
		return nil
	})
	slices.SortFunc(docs, func(a, b *sync.Document) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return docs, err
}

// Scopes returns the scopes the phone has a replica of.
func (c *Client) Scopes() (scopes []sync.Scope, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		scopes = names(bucket(tx, inLive))
		return nil
	})
	return scopes, err
}

// Conflicts returns the open conflicts the phone knows of, in all scopes.
func (c *Client) Conflicts() (open []*sync.Document, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		for _, scope := range names(bucket(tx, inLive)) {
			err := openReplica(tx, inLive, scope).each(func(d *sync.Document) error {
				if d.Type != sync.TypeConflict {
					return nil
				}
				if _, state, _, _ := d.About(); state == sync.StateOpen {
					open = append(open, d)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return open, err
}

// A Refusal is a mutation the server refused. The server keeps it too, in the
// document Ack.Kept names.
type Refusal struct {
	Mutation sync.Mutation
	Ack      sync.Ack
}

// Refused returns what the server refused in the last 30 days, oldest first.
func (c *Client) Refused() (refused []Refusal, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		all, err := entries(tx, inArchive, decodeArchived)
		for _, e := range all {
			if e != nil && e.ack.Outcome == sync.Rejected {
				refused = append(refused, Refusal{Mutation: e.mutation(), Ack: *e.ack})
			}
		}
		return err
	})
	return refused, err
}

// A Status says how far phone and server agree.
type Status struct {
	Unsent     int          // mutations not acknowledged
	Pending    int          // mutations whose outcome the replica does not show yet; Unsent included
	Scopes     []sync.Scope // that have a replica
	Unverified []sync.Scope // whose checksum has not been found right at their cursor
	Rebuilding []sync.Scope // for which a new replica grows beside
	Contact    time.Time    // when an answer last came to its end; zero: never
}

// Synced reports whether, at the time of the last contact, everything recorded
// had arrived and every replica was proved equal to the server's documents.
func (s Status) Synced() bool {
	return !s.Contact.IsZero() && s.Pending == 0 && len(s.Unverified) == 0 && len(s.Rebuilding) == 0
}

// Status returns how far phone and server agree.
func (c *Client) Status() (s Status, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		s.Unsent = count(bucket(tx, inQueue))
		s.Pending = s.Unsent + count(bucket(tx, inAcked))
		s.Scopes = names(bucket(tx, inLive))
		s.Rebuilding = names(bucket(tx, inBeside))
		for _, scope := range s.Scopes {
			if !openReplica(tx, inLive, scope).verified() {
				s.Unverified = append(s.Unverified, scope)
			}
		}
		var at int64
		if err := getMeta(tx, metaContact, &at); err != nil {
			return err
		}
		if at != 0 {
			s.Contact = time.UnixMilli(at)
		}
		return nil
	})
	return s, err
}

// Checksum returns the checksum of a scope's replica, taken from its
// documents, with the cursor it is of.
func (c *Client) Checksum(scope sync.Scope) (sum uint64, at sync.Cursor, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		live := openReplica(tx, inLive, scope)
		if live == nil {
			return fmt.Errorf("checksum: no replica of %s", scope)
		}
		at = live.cursor()
		if err := live.recount(); err != nil {
			return err
		}
		sum = live.sum
		return nil
	})
	return sum, at, err
}

// view lays what is pending over what the server said.
func view(tx *bbolt.Tx, scope sync.Scope, doc sync.DocID) (*sync.Document, bool, error) {
	d := openReplica(tx, inLive, scope).get(doc)
	waiting, err := pending(tx, scope, doc)
	if err != nil {
		return nil, false, err
	}
	for _, e := range waiting {
		m := e.mutation()
		if m.Fault != nil {
			return nil, false, fmt.Errorf("mutation %s in the queue: %w", m.ID, m.Fault)
		}
		d = over(d, &m)
	}
	return d, len(waiting) > 0, nil
}

// over returns the document as the mutation's author sees it.
func over(d *sync.Document, m *sync.Mutation) *sync.Document {
	switch {
	case m.Create != nil && d == nil:
		return sync.NewDocument(m.Doc, m.Type, m.Scope, 0, m.Create)
	case m.Create != nil:
		return sync.NewDocument(m.Doc, d.Type, m.Scope, d.Version, unite(d.Body(), m.Create))
	case m.Delete != "" || d == nil:
		return nil
	}
	return sync.NewDocument(m.Doc, d.Type, m.Scope, d.Version, sync.Apply(d.Body(), m.Edits))
}

// unite shows a creation on top of the document that somebody else has created
// meanwhile under the same identifier.
func unite(there, mine sync.Object) sync.Object {
	o := make(sync.Object, len(there)+len(mine))
	for k, v := range there {
		o[k] = v
	}
	for k, v := range mine {
		a, isA := o[k].(sync.Object)
		b, isB := v.(sync.Object)
		if isA && isB {
			v = unite(a, b)
		}
		o[k] = v
	}
	return o
}

func touchedIn(tx *bbolt.Tx, scope sync.Scope) (map[sync.DocID]bool, error) {
	touched := map[sync.DocID]bool{}
	prefix := pendingPrefix(scope, "")
	cur := bucket(tx, inPending).Cursor()
	for k, _ := cur.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = cur.Next() {
		if len(k) < len(prefix)+9 {
			return nil, fmt.Errorf("pending: key of %d bytes", len(k))
		}
		touched[sync.DocID(k[len(prefix):len(k)-9])] = true
	}
	return touched, nil
}
