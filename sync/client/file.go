package client

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// The buckets of the file; DESIGN.md says what is in them.
const (
	inMeta    = "meta"    // name → JSON
	inQueue   = "queue"   // order → mutation; not acknowledged
	inAcked   = "acked"   // order → mutation, ack; the cursor has not passed it
	inArchive = "archive" // order → time, mutation, ack; kept in case the server loses its history
	inPending = "pending" // scope, document, order → nothing; what is in queue or acked, by document
	inReplica = "replica" // number → replica
	inLive    = "live"    // scope → number of the replica that is shown
	inBeside  = "beside"  // scope → number of the replica that grows to take its place
	inGuard   = "guard"   // scope → times at which a replica was begun anew
)

func buckets() []string {
	return []string{inMeta, inQueue, inAcked, inArchive, inPending, inReplica, inLive, inBeside, inGuard}
}

// Names in meta.
const (
	metaTokens  = "tokens"
	metaDevice  = "device"
	metaContact = "contact" // time of the last answer that came to its end
	metaSchema  = "schema"
)

func openFile(path string, unflushed bool) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, FreelistType: bbolt.FreelistMapType, NoFreelistSync: true, NoSync: unflushed,
	})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets() {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// wipe makes the file as if nobody had ever signed in, unless something was
// recorded since the queue was last seen empty.
func (c *Client) wipe() error {
	c.signing.Lock()
	defer c.signing.Unlock()
	return c.db.Update(func(tx *bbolt.Tx) error {
		if k, _ := bucket(tx, inQueue).Cursor().First(); k != nil {
			return nil // the next sync sends it first
		}
		for _, name := range buckets() {
			if err := tx.DeleteBucket([]byte(name)); err != nil {
				return err
			}
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

func bucket(tx *bbolt.Tx, name string) *bbolt.Bucket { return tx.Bucket([]byte(name)) }

func putMeta(tx *bbolt.Tx, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return bucket(tx, inMeta).Put([]byte(name), raw)
}

// getMeta reads a value of meta; it is left as it is if there is none.
func getMeta(tx *bbolt.Tx, name string, v any) error {
	raw := bucket(tx, inMeta).Get([]byte(name))
	if raw == nil {
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s in the replica's file: %w", name, err)
	}
	return nil
}

func orderKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// pendingKey begins with pendingPrefix of its document and sorts by order within it.
func pendingKey(m *sync.Mutation, order uint64) []byte {
	return binary.BigEndian.AppendUint64(pendingPrefix(m.Scope, m.Doc), order)
}

func pendingPrefix(scope sync.Scope, doc sync.DocID) []byte {
	b := append([]byte(scope), 0)
	if doc != "" {
		b = append(append(b, doc...), 0)
	}
	return b
}

// A replica is a scope's documents as of a cursor, within one transaction.
// What it changes is in the file only after close.
type replica struct {
	scope sync.Scope
	b     *bbolt.Bucket
	sum   uint64 // of the documents' checksums
}

// Keys in a replica's bucket; documents and wanted are buckets themselves.
const (
	keyCursor   = "cursor"
	keySum      = "sum"
	keyVerified = "verified" // there if the checksum was right at the cursor
	keyDocs     = "docs"     // document → version, type, body
	keyNeed     = "need"     // document → nothing; to be asked for whole
)

// openReplica returns the replica of a scope in inLive or inBeside, nil if there is none.
func openReplica(tx *bbolt.Tx, in string, scope sync.Scope) *replica {
	number := bucket(tx, in).Get([]byte(scope))
	if number == nil {
		return nil
	}
	r := &replica{scope: scope, b: bucket(tx, inReplica).Bucket(number)}
	if raw := r.b.Get([]byte(keySum)); len(raw) == 8 {
		r.sum = binary.BigEndian.Uint64(raw)
	}
	return r
}

// newReplica begins an empty replica; one that was there is removed.
func newReplica(tx *bbolt.Tx, in string, scope sync.Scope) (*replica, error) {
	if err := removeReplica(tx, in, scope); err != nil {
		return nil, err
	}
	n, err := bucket(tx, inReplica).NextSequence()
	if err != nil {
		return nil, err
	}
	b, err := bucket(tx, inReplica).CreateBucket(orderKey(n))
	if err != nil {
		return nil, err
	}
	for _, name := range []string{keyDocs, keyNeed} {
		if _, err := b.CreateBucket([]byte(name)); err != nil {
			return nil, err
		}
	}
	return &replica{scope: scope, b: b}, bucket(tx, in).Put([]byte(scope), orderKey(n))
}

func removeReplica(tx *bbolt.Tx, in string, scope sync.Scope) error {
	number := bytes.Clone(bucket(tx, in).Get([]byte(scope)))
	if number == nil {
		return nil
	}
	if err := bucket(tx, in).Delete([]byte(scope)); err != nil {
		return err
	}
	return bucket(tx, inReplica).DeleteBucket(number)
}

// promote puts the replica that grew beside in the place of the live one.
func promote(tx *bbolt.Tx, scope sync.Scope) error {
	if err := removeReplica(tx, inLive, scope); err != nil {
		return err
	}
	number := bytes.Clone(bucket(tx, inBeside).Get([]byte(scope)))
	if err := bucket(tx, inBeside).Delete([]byte(scope)); err != nil {
		return err
	}
	return bucket(tx, inLive).Put([]byte(scope), number)
}

func (r *replica) cursor() sync.Cursor {
	c, _ := sync.ParseCursor(string(r.b.Get([]byte(keyCursor)))) // nothing there: the zero cursor
	return c
}

// begun reports whether a segment was ever stored: a scope may be empty and
// the replica still complete.
func (r *replica) begun() bool { return r.b.Get([]byte(keyCursor)) != nil }

func (r *replica) verified() bool { return r.b.Get([]byte(keyVerified)) != nil }

// close writes what is not a document.
func (r *replica) close(cursor sync.Cursor, verified bool) error {
	if err := r.b.Put([]byte(keyCursor), []byte(cursor.String())); err != nil {
		return err
	}
	if err := r.b.Put([]byte(keySum), binary.BigEndian.AppendUint64(nil, r.sum)); err != nil {
		return err
	}
	if !verified {
		return r.b.Delete([]byte(keyVerified))
	}
	return r.b.Put([]byte(keyVerified), []byte{1})
}

func (r *replica) docs() *bbolt.Bucket { return r.b.Bucket([]byte(keyDocs)) }
func (r *replica) need() *bbolt.Bucket { return r.b.Bucket([]byte(keyNeed)) }

// get returns a document as the server last described it, nil if there is none.
func (r *replica) get(id sync.DocID) *sync.Document {
	if r == nil {
		return nil
	}
	return decodeDocument(r.scope, id, r.docs().Get([]byte(id)))
}

// put replaces a document; nil stands for none, before or after.
func (r *replica) put(id sync.DocID, before, after *sync.Document) error {
	if before == after {
		return nil
	}
	r.sum += after.Sum() - before.Sum()
	if after == nil {
		return r.docs().Delete([]byte(id))
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(after.Version))
	raw = append(append(raw, after.Type...), 0)
	return r.docs().Put([]byte(id), append(raw, after.Raw()...))
}

// each calls do for every document.
func (r *replica) each(do func(*sync.Document) error) error {
	return r.docs().ForEach(func(k, v []byte) error { return do(decodeDocument(r.scope, sync.DocID(k), v)) })
}

// recount takes the sum from the documents themselves.
func (r *replica) recount() error {
	r.sum = 0
	return r.each(func(d *sync.Document) error {
		r.sum += d.Sum()
		return nil
	})
}

func decodeDocument(scope sync.Scope, id sync.DocID, raw []byte) *sync.Document {
	if len(raw) < 9 {
		return nil
	}
	typ, body, _ := bytes.Cut(raw[8:], []byte{0})
	return sync.LoadDocument(sync.Document{
		ID: id, Type: string(typ), Scope: scope, Version: int64(binary.BigEndian.Uint64(raw[:8])),
	}, bytes.Clone(body))
}

// names returns the keys of inLive or inBeside: the scopes.
func names(b *bbolt.Bucket) []sync.Scope {
	var scopes []sync.Scope
	cur := b.Cursor()
	for k, _ := cur.First(); k != nil; k, _ = cur.Next() {
		scopes = append(scopes, sync.Scope(k))
	}
	return scopes
}
