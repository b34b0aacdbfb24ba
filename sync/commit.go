package sync

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// An Outcome of a mutation.
type Outcome string

// The outcomes. Applied and Merged mean that the document says what the author
// wanted; after Applied it says so in the author's very words, so that the
// change need not be sent back.
const (
	Applied  Outcome = "applied"
	Merged   Outcome = "merged"
	Queued   Outcome = "conflict" // at least a part waits for a person
	Rejected Outcome = "rejected"
)

// A Receipt is the stored outcome of one mutation. A repeated mutation is
// answered with it.
type Receipt struct {
	Mutation MutationID
	Content  Hash // of the mutation's canonical content: same id, other content → refused
	Outcome  Outcome
	Code     Code  // why, unless Applied
	Doc      DocID // the document it was about
	Kept     DocID // the conflict or rejection that keeps what was not applied
}

// A Change of one document by a commit: exactly one of Create, Edits and
// Delete is set.
type Change struct {
	Doc    DocID
	Type   string // of the document
	By     int    // index of the receipt that caused it; -1 if the server did
	Create Object
	Edits  []Edit // Was is the value replaced
	Delete bool
}

// A Commit is an entry of a scope's log. Its sequence follows the one before
// without a gap, and Prev is the hash of that one.
type Commit struct {
	Scope    Scope
	Seq      int64
	Prev     Hash // "" for the first
	Author   PersonID
	Device   DeviceID // "" for the server
	At       int64    // server time, milliseconds since 1970
	Offset   int64    // how far the device's clock was behind, milliseconds; evidence
	Reason   string   // given by a person who decided, if that is what the commit is
	Receipts []Receipt
	Changes  []Change
	Checksum uint64 // of the scope after this commit

	hash Hash
	raw  []byte
}

// Hash returns the hash of the commit: the SHA-256 of Encode.
func (c *Commit) Hash() Hash {
	if c.hash == "" {
		c.hash = hashBytes(c.Encode())
	}
	return c.hash
}

// Encode returns the commit as canonical JSON. The commit must not be changed
// afterwards.
func (c *Commit) Encode() []byte {
	if c.raw != nil {
		return c.raw
	}
	o := Object{
		"scope": string(c.Scope), "seq": c.Seq, "author": string(c.Author), "at": c.At,
		"checksum": fmt.Sprintf("%016x", c.Checksum),
	}
	put(o, "prev", string(c.Prev))
	put(o, "device", string(c.Device))
	put(o, "reason", c.Reason)
	if c.Offset != 0 {
		o["offset"] = c.Offset
	}
	if len(c.Receipts) > 0 {
		list := make([]any, len(c.Receipts))
		for i, r := range c.Receipts {
			list[i] = r.object()
		}
		o["receipts"] = list
	}
	list := make([]any, len(c.Changes))
	for i, ch := range c.Changes {
		list[i] = ch.object()
	}
	o["changes"] = list
	c.raw = Canonical(o)
	return c.raw
}

func put(o Object, key, s string) {
	if s != "" {
		o[key] = s
	}
}

func (r Receipt) object() Object {
	o := Object{"mutation": string(r.Mutation), "content": string(r.Content), "outcome": string(r.Outcome), "doc": string(r.Doc)}
	put(o, "code", string(r.Code))
	put(o, "kept", string(r.Kept))
	return o
}

func (ch Change) object() Object {
	o := Object{"doc": string(ch.Doc), "type": ch.Type}
	if ch.By >= 0 {
		o["by"] = int64(ch.By)
	}
	switch {
	case ch.Delete:
		o["delete"] = true
	case ch.Edits != nil:
		edits := Object{}
		for _, e := range ch.Edits {
			pair := Object{}
			if e.Was != nil {
				pair["was"] = e.Was
			}
			if e.Now != nil {
				pair["now"] = e.Now
			}
			edits[string(e.Path)] = pair
		}
		o["edits"] = edits
	default:
		o["create"] = ch.Create
	}
	return o
}

// DecodeCommit reads a commit back from what Encode returned. It is for
// commits from a store: the text is trusted to be one.
func DecodeCommit(raw []byte) (Commit, error) {
	r := reader{dec: jsontext.NewDecoder(bytes.NewReader(raw)), key: func(string) bool { return true }, extra: 2 * MaxDepth, keep: true}
	v, fault := r.value(0)
	o, ok := v.(Object)
	if fault != nil || !ok {
		return Commit{}, fmt.Errorf("decode commit: %v", fault)
	}
	c := Commit{
		Scope: Scope(str(o, "scope")), Seq: num(o, "seq"), Prev: Hash(str(o, "prev")), Author: PersonID(str(o, "author")),
		Device: DeviceID(str(o, "device")), At: num(o, "at"), Offset: num(o, "offset"), Reason: str(o, "reason"), raw: raw, hash: hashBytes(raw),
	}
	var err error
	if c.Checksum, err = strconv.ParseUint(str(o, "checksum"), 16, 64); err != nil {
		return Commit{}, fmt.Errorf("decode commit %s/%d: checksum: %w", c.Scope, c.Seq, err)
	}
	receipts, _ := o["receipts"].([]any)
	for _, v := range receipts {
		r, _ := v.(Object)
		c.Receipts = append(c.Receipts, Receipt{
			Mutation: MutationID(str(r, "mutation")), Content: Hash(str(r, "content")), Outcome: Outcome(str(r, "outcome")),
			Code: Code(str(r, "code")), Doc: DocID(str(r, "doc")), Kept: DocID(str(r, "kept")),
		})
	}
	changes, _ := o["changes"].([]any)
	for _, v := range changes {
		c.Changes = append(c.Changes, decodeChange(v))
	}
	return c, nil
}

func decodeChange(v Value) Change {
	o, _ := v.(Object)
	ch := Change{Doc: DocID(str(o, "doc")), Type: str(o, "type"), By: -1}
	if by, ok := o["by"].(int64); ok {
		ch.By = int(by)
	}
	ch.Delete, _ = o["delete"].(bool)
	ch.Create, _ = o["create"].(Object)
	edits, ok := o["edits"].(Object)
	if !ok {
		return ch
	}
	ch.Edits = make([]Edit, 0, len(edits))
	for _, p := range sortedKeys(edits) {
		pair, _ := edits[p].(Object)
		ch.Edits = append(ch.Edits, Edit{Path: Pointer(p), Was: pair["was"], Now: pair["now"]})
	}
	return ch
}

func str(o Object, key string) string { s, _ := o[key].(string); return s }
func num(o Object, key string) int64  { n, _ := o[key].(int64); return n }

// Fold returns a document after a change by the commit of a sequence number;
// present is nil if there was none. It is how the projection of a log is made,
// on the server and by whoever checks it.
func Fold(present *Document, scope Scope, ch Change, seq int64) *Document {
	switch {
	case ch.Delete:
		if present == nil {
			return nil
		}
		gone := present.with(seq, present.Body(), "")
		gone.Gone = true
		return gone
	case ch.Edits == nil:
		return NewDocument(ch.Doc, ch.Type, scope, seq, ch.Create)
	case present == nil:
		return nil
	}
	paths := make([]Pointer, len(ch.Edits))
	for i, e := range ch.Edits {
		paths[i] = e.Path
	}
	return present.with(seq, Apply(present.Body(), ch.Edits), paths...)
}
