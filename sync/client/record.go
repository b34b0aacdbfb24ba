package client

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// What recording answers when there is nothing to record on.
var (
	// ErrNotFound: there is no such document in the view.
	ErrNotFound = errors.New("no such document")
	// ErrExists: there is a document of that identifier in the view.
	ErrExists = errors.New("document exists already")
)

// Create records a new document and returns its identifier; doc "" makes a new
// one. Numbers in the body are int64. Once it returns without error the
// creation is on disk. A *sync.Fault says what is wrong with the body.
func (c *Client) Create(scope sync.Scope, typ string, doc sync.DocID, body sync.Object) (sync.DocID, error) {
	if doc == "" {
		id, err := c.ids.next()
		if err != nil {
			return "", fmt.Errorf("create: %w", err)
		}
		doc = sync.DocID(id)
	}
	err := c.record(scope, doc, func(present *sync.Document) (*sync.Mutation, error) {
		if present != nil {
			return nil, ErrExists
		}
		clean, err := normal(body)
		if err != nil {
			return nil, err
		}
		return &sync.Mutation{Type: typ, Create: clean}, nil
	})
	if err != nil {
		return "", fmt.Errorf("create %s %s: %w", typ, doc, err)
	}
	return doc, nil
}

// Update records what change makes of a document's body as its author sees it,
// own edits that are still on the way included: one edit for each place that
// differs, in one mutation. Change may alter its argument. Nothing is recorded
// if nothing differs. Errors are ErrNotFound, a *sync.Fault, or of the disk.
func (c *Client) Update(scope sync.Scope, doc sync.DocID, change func(body sync.Object) sync.Object) error {
	return c.change("update", scope, doc, change, false)
}

// Transition is Update for a change of state or a signature: it attests the
// body its author saw, and the server applies it to that body or asks a person.
func (c *Client) Transition(scope sync.Scope, doc sync.DocID, change func(body sync.Object) sync.Object) error {
	return c.change("transition", scope, doc, change, true)
}

// Delete records that a document as its author sees it is to go.
func (c *Client) Delete(scope sync.Scope, doc sync.DocID) error {
	err := c.record(scope, doc, func(present *sync.Document) (*sync.Mutation, error) {
		if present == nil {
			return nil, ErrNotFound
		}
		return &sync.Mutation{Delete: present.Hash()}, nil
	})
	if err != nil {
		return fmt.Errorf("delete %s: %w", doc, err)
	}
	return nil
}

func (c *Client) change(what string, scope sync.Scope, doc sync.DocID, change func(sync.Object) sync.Object, attest bool) error {
	err := c.record(scope, doc, func(present *sync.Document) (*sync.Mutation, error) {
		if present == nil {
			return nil, ErrNotFound
		}
		before := present.Body()
		mine, err := normal(before) // a copy that change may alter
		if err != nil {
			return nil, err
		}
		after, err := normal(change(mine))
		if err != nil {
			return nil, err
		}
		edits := sync.Diff(before, after, c.atomic(present.Type))
		if len(edits) == 0 {
			return nil, nil
		}
		for i := range edits {
			edits[i].Was = sync.Seen(edits[i].Was)
		}
		m := &sync.Mutation{Edits: edits}
		if attest {
			m.Attest = present.Hash()
		}
		return m, nil
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, doc, err)
	}
	return nil
}

// record stores the mutation that make returns for a document as seen, nil for
// none, in one durable transaction.
func (c *Client) record(scope sync.Scope, doc sync.DocID, make func(present *sync.Document) (*sync.Mutation, error)) error {
	id, err := c.ids.next()
	if err != nil {
		return err
	}
	schema := 0
	if s := c.Schema(); s != nil {
		schema = s.Version
	}
	return c.db.Update(func(tx *bbolt.Tx) error {
		present, _, err := view(tx, scope, doc)
		if err != nil {
			return err
		}
		m, err := make(present)
		if err != nil || m == nil {
			return err
		}
		m.ID, m.Doc, m.Scope, m.Schema = sync.MutationID(id), doc, scope, schema
		if base := openReplica(tx, inLive, scope).get(doc); base != nil {
			m.Base = base.Version
		}
		raw := m.Encode()
		if sent := sync.DecodeMutation(raw); sent.Fault != nil {
			return sent.Fault // better now, while its author is there
		}
		return enqueue(tx, m)
	})
}

// normal returns a copy of a body with its texts in NFC and without empty objects.
func normal(body sync.Object) (sync.Object, error) {
	if body == nil {
		return nil, &sync.Fault{Code: sync.CodeInvalidType, Detail: "a body is an object"}
	}
	raw := sync.Canonical(body)
	if len(raw) > sync.MaxBody {
		return nil, &sync.Fault{Code: sync.CodeBodyLarge}
	}
	clean, _, fault := sync.ParseObject(raw)
	if fault != nil {
		return nil, fault
	}
	return clean, nil
}

// atomic says where values of a type are compared as a whole; nil where
// nothing is known of it.
func (c *Client) atomic(typ string) func(sync.Pointer) bool {
	s := c.Schema()
	if s == nil || s.Types[typ] == nil {
		return nil
	}
	return s.Types[typ].Atomic
}
