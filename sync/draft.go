package sync

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// State is a scope as of the last commit of its log: what judging needs of it.
type State struct {
	Scope    Scope
	Seq      int64
	Hash     Hash
	Checksum uint64
	// Docs holds at least the documents that will be judged and the open
	// conflicts about them, as far as there are any.
	Docs map[DocID]*Document
}

// NewState returns a state that holds documents.
func NewState(scope Scope, seq int64, hash Hash, checksum uint64, docs []*Document) *State {
	s := &State{Scope: scope, Seq: seq, Hash: hash, Checksum: checksum, Docs: make(map[DocID]*Document, len(docs))}
	for _, d := range docs {
		s.Docs[d.ID] = d
	}
	return s
}

// A Draft is a commit in the making: the mutations of one device, judged one
// after the other against a state that no other commit has followed.
type Draft struct {
	state    *State
	rules    Rules
	org      *Reference
	author   Author
	received int64 // server time
	offset   int64
	reason   string
	origins  map[int64]Origin

	asked    map[int64]bool
	docs     map[DocID]*Document // changed so far
	missed   map[DocID]bool      // looked for, and not in the state
	receipts []Receipt
	changes  []Change
	kept     []*keeping
}

// DraftConfig is what a draft is made from.
type DraftConfig struct {
	State    *State
	Rules    Rules
	Org      *Reference // may be nil
	Author   Author
	Received int64            // server time, milliseconds since 1970
	Offset   int64            // how far the device's clock is behind, milliseconds
	Reason   string           // for a decision
	Origins  map[int64]Origin // of earlier commits, as far as they are known; may be nil
}

// NewDraft begins a commit that follows the state.
func NewDraft(c DraftConfig) *Draft {
	return &Draft{
		state: c.State, rules: c.Rules, org: c.Org, author: c.Author, received: c.Received, offset: c.Offset,
		reason:  norm.NFC.String(strings.ToValidUTF8(c.Reason, "")),
		origins: c.Origins, asked: map[int64]bool{}, docs: map[DocID]*Document{}, missed: map[DocID]bool{},
	}
}

// Seq returns the sequence number the commit will have.
func (d *Draft) Seq() int64 { return d.state.Seq + 1 }

// Receipts returns those of the mutations judged so far.
func (d *Draft) Receipts() []Receipt { return d.receipts }

// Document returns a document as of the draft, nil if there is none.
func (d *Draft) Document(id DocID) *Document {
	if doc, ok := d.docs[id]; ok {
		return doc
	}
	return d.state.Docs[id]
}

// Look is Document for rules, which may ask for any document of the scope. What
// the state does not hold counts as not there, and is among Missed.
func (d *Draft) Look(id DocID) *Document {
	doc := d.Document(id)
	if doc == nil {
		d.missed[id] = true
	}
	return doc
}

// Missed returns the documents that were looked for and that the state does not
// hold, sorted. If one of them is there all the same, the draft has to be made
// again from a state that holds it.
func (d *Draft) Missed() []DocID {
	return slices.Sorted(maps.Keys(d.missed))
}

// change records a change and makes it visible to what is judged next.
func (d *Draft) change(ch Change) {
	d.record(ch, Fold(d.Document(ch.Doc), d.state.Scope, ch, d.Seq()))
}

// record is change for a document that was folded already.
func (d *Draft) record(ch Change, after *Document) {
	d.changes = append(d.changes, ch)
	d.docs[ch.Doc] = after
}

// Put makes a document of the server's own have a body; nothing happens if it
// has. It returns whether something changed.
func (d *Draft) Put(id DocID, typ string, body Object) bool {
	present := d.Document(id)
	if present == nil || present.Gone {
		d.change(Change{Doc: id, Type: typ, By: -1, Create: body})
		return true
	}
	edits := Diff(present.Body(), body, nil)
	if len(edits) == 0 {
		return false
	}
	d.change(Change{Doc: id, Type: typ, By: -1, Edits: edits})
	return true
}

// Remove deletes a document of the server's own. It returns whether there was one.
func (d *Draft) Remove(id DocID) bool {
	present := d.Document(id)
	if present == nil || present.Gone {
		return false
	}
	d.change(Change{Doc: id, Type: present.Type, By: -1, Delete: true})
	return true
}

// An Origin says who made a commit, and when.
type Origin struct {
	Author PersonID
	Device DeviceID
	At     int64
}

// Wants returns the sequence numbers of the commits whose origin the draft
// tells people about: those that wrote the present value where something clashes.
func (d *Draft) Wants() []int64 {
	set := map[int64]bool{}
	for _, k := range d.openConflicts() {
		for _, it := range k.items {
			if v := d.presentVersion(k.about, it.path); v > 0 && v < d.Seq() {
				set[v] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Asked returns the sequence numbers of the commits whose time the rules asked
// for in vain, sorted: with their origins in its configuration a new draft may
// judge otherwise.
func (d *Draft) Asked() []int64 { return slices.Sorted(maps.Keys(d.asked)) }

// committed returns when the commit of a version was made, 0 if that is not known.
func (d *Draft) committed(version int64) int64 {
	origin, known := d.origins[version]
	switch {
	case version == d.Seq():
		return d.received
	case !known && version > 0:
		d.asked[version] = true
	}
	return origin.At
}

// Seal completes the commit; nil if there is nothing to commit. Origins are
// those of Wants; what is missing there is left out of the conflicts.
func (d *Draft) Seal(origins map[int64]Origin) *Commit {
	d.writeConflicts(origins)
	if len(d.receipts) == 0 && len(d.changes) == 0 {
		return nil
	}
	sum := d.state.Checksum
	for id, doc := range d.docs {
		sum += doc.Sum() - d.state.Docs[id].Sum()
	}
	return &Commit{
		Scope: d.state.Scope, Seq: d.Seq(), Prev: d.state.Hash, Author: d.author.Person, Device: d.author.Device, At: d.received,
		Offset: d.offset, Reason: d.reason, Receipts: d.receipts, Changes: d.changes, Checksum: sum,
	}
}

// Next returns the state after the sealed commit, for the draft that follows it.
func (d *Draft) Next(c *Commit) *State {
	next := &State{Scope: d.state.Scope, Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum, Docs: make(map[DocID]*Document, len(d.state.Docs)+len(d.docs))}
	for id, doc := range d.state.Docs {
		next.Docs[id] = doc
	}
	for id, doc := range d.docs {
		next.Docs[id] = doc
	}
	return next
}

// Changed returns the documents the draft changed, as of its commit.
func (d *Draft) Changed() []*Document {
	docs := make([]*Document, 0, len(d.docs))
	for _, doc := range d.docs {
		docs = append(docs, doc)
	}
	sort.Slice(docs, func(i, j int) bool { return docs[i].ID < docs[j].ID })
	return docs
}
