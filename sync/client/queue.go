package client

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// Bounds of what one request carries up.
const (
	maxBatch      = 500
	maxBatchBytes = 1 << 20
)

// keepArchived is how long an acknowledged mutation is kept, in case the
// server loses the history that has it.
const keepArchived = 30 * 24 * time.Hour

// An entry is a mutation of the queue. Its order is its place among everything
// ever recorded in this file; its text never changes.
type entry struct {
	order uint64
	raw   []byte
	ack   *sync.Ack // nil in the queue
	at    int64     // in the archive: when it got there, milliseconds
	read  *sync.Mutation
}

// mutation returns what was recorded; the caller must not change it.
func (e *entry) mutation() sync.Mutation {
	if e.read == nil {
		m := sync.DecodeMutation(e.raw)
		e.read = &m
	}
	return *e.read
}

// concerns returns the scope whose cursor must pass the receipt.
func (e *entry) concerns(m *sync.Mutation) sync.Scope {
	if e.ack != nil && e.ack.Scope != "" {
		return e.ack.Scope
	}
	return m.Scope
}

// encode is the mutation's text and, in a second line, its ack as received.
// Canonical JSON has no line feed.
func (e *entry) encode() []byte {
	line := sync.Line{Ack: e.ack}
	return line.Append(append(bytes.Clone(e.raw), '\n'))
}

func decodeEntry(order, raw []byte) (*entry, error) {
	text, rest, acked := bytes.Cut(raw, []byte{'\n'})
	e := &entry{order: binary.BigEndian.Uint64(order), raw: bytes.Clone(text)}
	if !acked {
		return e, nil
	}
	line, err := sync.DecodeLine(bytes.TrimSpace(rest))
	if err != nil {
		return nil, err
	}
	e.ack = line.Ack
	return e, nil
}

func decodeArchived(order, raw []byte) (*entry, error) {
	if len(raw) < 8 {
		return nil, fmt.Errorf("archive: entry of %d bytes", len(raw))
	}
	e, err := decodeEntry(order, raw[8:])
	if err == nil {
		e.at = int64(binary.BigEndian.Uint64(raw[:8]))
	}
	return e, err
}

// enqueue adds a mutation at the end of the queue.
func enqueue(tx *bbolt.Tx, m *sync.Mutation) error {
	q := bucket(tx, inQueue)
	order, err := q.NextSequence()
	if err != nil {
		return err
	}
	if err := q.Put(orderKey(order), m.Encode()); err != nil {
		return err
	}
	return bucket(tx, inPending).Put(pendingKey(m, order), nil)
}

// unsent returns the beginning of the queue, at least one mutation if there is any.
func unsent(tx *bbolt.Tx, most int) (batch []*entry, err error) {
	size := 0
	cur := bucket(tx, inQueue).Cursor()
	for k, v := cur.First(); k != nil && len(batch) < most; k, v = cur.Next() {
		if size += len(v) + 1; size > maxBatchBytes && len(batch) > 0 {
			break
		}
		e, err := decodeEntry(k, v)
		if err != nil {
			return nil, err
		}
		batch = append(batch, e)
	}
	return batch, nil
}

// pending returns what was recorded about a document and has not come back
// from the server yet, oldest first.
func pending(tx *bbolt.Tx, scope sync.Scope, doc sync.DocID) (found []*entry, err error) {
	prefix := pendingPrefix(scope, doc)
	cur := bucket(tx, inPending).Cursor()
	for k, _ := cur.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = cur.Next() {
		order := k[len(k)-8:]
		raw := bucket(tx, inQueue).Get(order)
		if raw == nil {
			raw = bucket(tx, inAcked).Get(order)
		}
		if raw == nil {
			return nil, fmt.Errorf("pending mutation %x is neither queued nor acknowledged", order)
		}
		e, err := decodeEntry(order, raw)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, nil
}

// acknowledge notes the server's answer to a mutation of the queue. Until the
// replica shows what came of it the mutation stays part of the view; what was
// refused leaves it at once.
func acknowledge(tx *bbolt.Tx, e *entry, ack *sync.Ack, now int64) error {
	key := orderKey(e.order)
	if bucket(tx, inQueue).Get(key) == nil {
		return nil
	}
	e.ack = ack
	m := e.mutation()
	passed := ack.Outcome == sync.Rejected || ack.Seq == 0
	if live := openReplica(tx, inLive, e.concerns(&m)); live != nil && openReplica(tx, inBeside, live.scope) == nil {
		passed = passed || live.cursor().Seq >= ack.Seq
	}
	if err := bucket(tx, inQueue).Delete(key); err != nil {
		return err
	}
	if passed {
		return archive(tx, e, now)
	}
	return bucket(tx, inAcked).Put(key, e.encode())
}

// archive takes a mutation out of the view.
func archive(tx *bbolt.Tx, e *entry, now int64) error {
	m := e.mutation()
	if err := bucket(tx, inPending).Delete(pendingKey(&m, e.order)); err != nil {
		return err
	}
	if err := bucket(tx, inAcked).Delete(orderKey(e.order)); err != nil {
		return err
	}
	return bucket(tx, inArchive).Put(orderKey(e.order), append(binary.BigEndian.AppendUint64(nil, uint64(now)), e.encode()...))
}

// archiveWhere archives the acknowledged mutations for which done holds.
func archiveWhere(tx *bbolt.Tx, now int64, done func(scope sync.Scope, seq int64) bool) error {
	all, err := entries(tx, inAcked, decodeEntry)
	if err != nil {
		return err
	}
	for _, e := range all {
		m := e.mutation()
		if !done(e.concerns(&m), e.ack.Seq) {
			continue
		}
		if err := archive(tx, e, now); err != nil {
			return err
		}
	}
	return nil
}

// requeue makes what was acknowledged for a scope since a time wait to be sent again.
func requeue(tx *bbolt.Tx, scope sync.Scope, since int64) error {
	acked, err := entries(tx, inAcked, decodeEntry)
	if err != nil {
		return err
	}
	archived, err := entries(tx, inArchive, decodeArchived)
	if err != nil {
		return err
	}
	for _, e := range append(acked, archived...) {
		m := e.mutation()
		if m.Scope != scope && e.concerns(&m) != scope || e.at != 0 && e.at < since {
			continue
		}
		if err := sendAgain(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// sendAgain puts what was acknowledged back into the queue, in its old place
// and exactly as it was. Receipts make repeats harmless.
func sendAgain(tx *bbolt.Tx, e *entry) error {
	key, m := orderKey(e.order), e.mutation()
	if err := bucket(tx, inQueue).Put(key, e.raw); err != nil {
		return err
	}
	if err := bucket(tx, inPending).Put(pendingKey(&m, e.order), nil); err != nil {
		return err
	}
	if err := bucket(tx, inAcked).Delete(key); err != nil {
		return err
	}
	return bucket(tx, inArchive).Delete(key)
}

// prune forgets what was archived before a time. Entries get into the archive
// nearly in order, so it stops at the first that is younger.
func prune(tx *bbolt.Tx, before int64) error {
	cur := bucket(tx, inArchive).Cursor()
	for k, v := cur.First(); k != nil; k, v = cur.First() {
		if len(v) >= 8 && int64(binary.BigEndian.Uint64(v[:8])) >= before {
			return nil
		}
		if err := cur.Delete(); err != nil {
			return err
		}
	}
	return nil
}

func entries(tx *bbolt.Tx, in string, decode func(k, v []byte) (*entry, error)) (all []*entry, err error) {
	err = bucket(tx, in).ForEach(func(k, v []byte) error {
		e, err := decode(k, v)
		all = append(all, e)
		return err
	})
	return all, err
}

func count(b *bbolt.Bucket) (n int) {
	cur := b.Cursor()
	for k, _ := cur.First(); k != nil; k, _ = cur.Next() {
		n++
	}
	return n
}
