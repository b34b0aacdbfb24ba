package mongo

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedCommit is a commit as a document of the collection commits, with its
// receipts: they are there with it or not at all.
type storedCommit struct {
	Key      string          `bson:"_id"` // commitKey: of two commits of one number the second is refused
	Scope    string          `bson:"scope"`
	Seq      int64           `bson:"seq"`
	Hash     string          `bson:"hash"`
	Prev     string          `bson:"prev,omitempty"`
	Author   string          `bson:"author"`
	Device   string          `bson:"device,omitempty"`
	At       int64           `bson:"at"`
	Offset   int64           `bson:"offset,omitempty"`
	Reason   string          `bson:"reason,omitempty"`
	Checksum int64           `bson:"checksum"` // the 64 bits as a signed number
	Receipts []storedReceipt `bson:"receipts,omitempty"`
	Changes  []storedChange  `bson:"changes,omitempty"`
}

type storedReceipt struct {
	Mutation string `bson:"mutation"`
	Content  string `bson:"content"`
	Outcome  string `bson:"outcome"`
	Code     string `bson:"code,omitempty"`
	Doc      string `bson:"doc"`
	Kept     string `bson:"kept,omitempty"`
}

// A storedChange has create or delete, or else edits.
type storedChange struct {
	Doc    string       `bson:"doc"`
	Type   string       `bson:"type"`
	By     *int64       `bson:"by,omitempty"` // absent: the server
	Create bson.Raw     `bson:"create,omitempty"`
	Edits  []storedEdit `bson:"edits,omitempty"` // in order of path
	Delete bool         `bson:"delete,omitempty"`
}

type storedEdit struct {
	Path string        `bson:"path"`
	Was  bson.RawValue `bson:"was,omitempty"`
	Now  bson.RawValue `bson:"now,omitempty"`
}

// commitKey is the identifier of a commit, by which appending is
// compare-and-swap. As texts, keys of one scope are in order of sequence.
func commitKey(scope sync.Scope, seq int64) string {
	return fmt.Sprintf("%s/%016d", scope, seq)
}

// keyedCommit reads a commitKey.
func keyedCommit(key string) (scope sync.Scope, seq int64, err error) {
	at := strings.LastIndexByte(key, '/')
	if at >= 0 {
		_, err = fmt.Sscanf(key[at+1:], "%d", &seq)
	}
	if at < 0 || err != nil {
		return "", 0, fmt.Errorf("%q is no key of a commit", key)
	}
	return sync.Scope(key[:at]), seq, nil
}

func storeCommit(c *sync.Commit) (storedCommit, error) {
	s := storedCommit{
		Key: commitKey(c.Scope, c.Seq), Scope: string(c.Scope), Seq: c.Seq, Hash: string(c.Hash()), Prev: string(c.Prev),
		Author: string(c.Author), Device: string(c.Device), At: c.At, Offset: c.Offset, Reason: c.Reason, Checksum: int64(c.Checksum),
	}
	for _, r := range c.Receipts {
		s.Receipts = append(s.Receipts, storedReceipt{
			Mutation: string(r.Mutation), Content: string(r.Content), Outcome: string(r.Outcome), Code: string(r.Code), Doc: string(r.Doc), Kept: string(r.Kept),
		})
	}
	for _, ch := range c.Changes {
		change, err := storeChange(ch)
		if err != nil {
			return storedCommit{}, fmt.Errorf("commit %s: change of %s: %w", s.Key, ch.Doc, err)
		}
		s.Changes = append(s.Changes, change)
	}
	return s, nil
}

func storeChange(ch sync.Change) (s storedChange, err error) {
	s = storedChange{Doc: string(ch.Doc), Type: ch.Type, Delete: ch.Delete}
	if ch.By >= 0 {
		by := int64(ch.By)
		s.By = &by
	}
	if ch.Delete {
		return s, nil
	}
	if ch.Edits == nil {
		s.Create, err = rawObject(ch.Create)
		return s, err
	}
	for _, e := range ch.Edits {
		edit := storedEdit{Path: string(e.Path)}
		if edit.Was, err = rawValue(e.Was); err != nil {
			return s, err
		}
		if edit.Now, err = rawValue(e.Now); err != nil {
			return s, err
		}
		s.Edits = append(s.Edits, edit)
	}
	slices.SortStableFunc(s.Edits, func(a, b storedEdit) int { return strings.Compare(a.Path, b.Path) })
	return s, nil
}

// commit returns what was stored. Its hash is computed anew when somebody asks
// for it, so that a commit altered in the database shows.
func (s *storedCommit) commit() (sync.Commit, error) {
	c := sync.Commit{
		Scope: sync.Scope(s.Scope), Seq: s.Seq, Prev: sync.Hash(s.Prev), Author: sync.PersonID(s.Author), Device: sync.DeviceID(s.Device),
		At: s.At, Offset: s.Offset, Reason: s.Reason, Checksum: uint64(s.Checksum),
	}
	for _, r := range s.Receipts {
		c.Receipts = append(c.Receipts, r.receipt())
	}
	for _, ch := range s.Changes {
		change, err := ch.change()
		if err != nil {
			return sync.Commit{}, fmt.Errorf("commit %s: change of %s: %w", s.Key, ch.Doc, err)
		}
		c.Changes = append(c.Changes, change)
	}
	return c, nil
}

func (s *storedCommit) mark() hub.Mark {
	return hub.Mark{Seq: s.Seq, Hash: sync.Hash(s.Hash), Checksum: uint64(s.Checksum)}
}

func (r storedReceipt) receipt() sync.Receipt {
	return sync.Receipt{
		Mutation: sync.MutationID(r.Mutation), Content: sync.Hash(r.Content), Outcome: sync.Outcome(r.Outcome),
		Code: sync.Code(r.Code), Doc: sync.DocID(r.Doc), Kept: sync.DocID(r.Kept),
	}
}

func (s storedChange) change() (ch sync.Change, err error) {
	ch = sync.Change{Doc: sync.DocID(s.Doc), Type: s.Type, By: -1, Delete: s.Delete}
	if s.By != nil {
		ch.By = int(*s.By)
	}
	if s.Delete {
		return ch, nil
	}
	if s.Create != nil {
		ch.Create, err = objectOf(s.Create)
		return ch, err
	}
	ch.Edits = make([]sync.Edit, len(s.Edits))
	for i, e := range s.Edits {
		ch.Edits[i].Path = sync.Pointer(e.Path)
		if ch.Edits[i].Was, err = valueOf(e.Was); err != nil {
			return ch, err
		}
		if ch.Edits[i].Now, err = valueOf(e.Now); err != nil {
			return ch, err
		}
	}
	return ch, nil
}
