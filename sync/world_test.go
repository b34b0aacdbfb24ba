package sync

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The types the tests use: "note" has a field of every policy and most kinds.
func testSchema() *Schema {
	line, prose := &Field{Kind: KindLine}, &Field{Kind: KindText, Length: 60_000}
	lowest, highest := int64(0), int64(1000)
	note := &Type{Name: "note", Scopes: []string{"unit", "unit:desk"}, Body: &Field{Kind: KindObject, Fields: map[string]*Field{
		"title": line,
		"text":  prose,
		"count": {Kind: KindInt, Policy: PolicyJudge, Min: &lowest, Max: &highest},
		"people": {Kind: KindMap, Each: &Field{Kind: KindObject, Fields: map[string]*Field{
			"name": line, "present": {Kind: KindBool}, "role": {Kind: KindEnum, Enum: []string{"member", "guest"}},
		}}},
		"cells": {Kind: KindMap, Length: 30_000, Each: prose},
		"place": {Kind: KindObject, Policy: PolicyAtomic, Fields: map[string]*Field{"name": line, "room": {Kind: KindInt}}},
		"days":  {Kind: KindList, Each: &Field{Kind: KindDate}},
		"tally": {Kind: KindInt, Policy: PolicyServer},
		"basis": {Kind: KindObject, Policy: PolicyServer, Fields: map[string]*Field{"of": line}},
		"info":  {Kind: KindObject, Fields: map[string]*Field{"a": line, "b": prose, "locked": {Kind: KindLine, Policy: PolicyServer}}},
		"state": {Kind: KindEnum, Policy: PolicyTransition, Enum: []string{"draft", "submitted"}},
		"signatures": {Kind: KindMap, Policy: PolicyTransition, Each: &Field{Kind: KindObject, Fields: map[string]*Field{
			"at": {Kind: KindTime},
		}}},
	}}}
	note.Check = func(body Object) *Fault {
		if num(body, "count") > 500 && body["title"] == nil {
			return &Fault{Code: CodeRequired, Path: "/title", Detail: "a high count needs a title"}
		}
		return nil
	}
	strict := &Type{Name: "strict", Scopes: []string{"unit"}, Body: &Field{Kind: KindObject, Fields: map[string]*Field{"title": {Kind: KindLine, Required: true}}}}
	deep := &Field{Kind: KindObject, Fields: map[string]*Field{"x": line}}
	for range MaxDepth - 1 {
		deep = &Field{Kind: KindObject, Fields: map[string]*Field{"d": deep, "x": line}}
	}
	types := map[string]*Type{"note": note, "strict": strict, "deep": {Name: "deep", Scopes: []string{"unit"}, Body: deep}}
	return &Schema{Version: 3, Oldest: 1, Types: types}
}

// testRules allow everything unless told otherwise.
type testRules struct {
	schema *Schema
	allow  func(Act) Ruling
}

func (r *testRules) Schema() *Schema { return r.schema }

func (r *testRules) Allow(a Act) Ruling {
	if r.allow == nil {
		return Ruling{}
	}
	return r.allow(a)
}

type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// A world is one scope with its log in memory. After each commit it checks
// what must hold whatever was done: see check.
type world struct {
	t     tester
	rules *testRules
	scope Scope
	state *State
	log   [][]byte // encoded commits
	now   int64
	next  uint16
}

func newWorld(t tester) *world {
	scope := UnitScope(DocID(NameID("unit")))
	return &world{t: t, rules: &testRules{schema: testSchema()}, scope: scope, state: NewState(scope, 0, "", 0, nil), now: 1_700_000_000_000}
}

func author(name string) Author {
	return Author{Person: PersonID(NameID("person", name)), Device: DeviceID(NameID("device", name))}
}

var theDoc = DocID(NameID("document"))

func (w *world) id() MutationID {
	w.next++
	return MutationID(MakeID(1_699_999_000_000+int64(w.next), w.next, uint64(w.next)))
}

func (w *world) create(typ, body string) Mutation {
	w.t.Helper()
	return Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Type: typ, Create: object(w.t, body)}
}

// edit returns a mutation from triples of path, was and now, the values as JSON.
func (w *world) edit(triples ...string) Mutation {
	w.t.Helper()
	raw := fmt.Sprintf(`{"id":%q,"doc":%q,"scope":%q,"edits":{`, w.id(), theDoc, w.scope)
	for i := 0; i < len(triples); i += 3 {
		if i > 0 {
			raw += ","
		}
		raw += fmt.Sprintf("%q:[%s,%s]", triples[i], triples[i+1], triples[i+2])
	}
	m := DecodeMutation([]byte(raw + "}}"))
	if m.Fault != nil {
		w.t.Fatalf("a test's mutation cannot be read: %v", m.Fault)
	}
	return m
}

func (w *world) doc() *Document { return w.state.Docs[theDoc] }

func object(t tester, text string) Object {
	t.Helper()
	o, _, f := ParseObject([]byte(text))
	if f != nil {
		t.Fatalf("a test's body cannot be read: %v", f)
	}
	return o
}

// draft begins a commit at a later time.
func (w *world) draft(a Author) *Draft {
	w.now += 1000
	return NewDraft(DraftConfig{State: w.state, Rules: w.rules, Author: a, Received: w.now, Offset: 7})
}

// judge commits mutations of one device and returns their receipts.
func (w *world) judge(a Author, ms ...Mutation) []Receipt {
	w.t.Helper()
	d := w.draft(a)
	for i := range ms {
		before := d.Document(ms[i].Doc)
		r := d.Judge(ms[i])
		w.checkKept(d, before, &ms[i], r)
	}
	w.seal(d)
	return d.Receipts()
}

func (w *world) one(a Author, m Mutation) Receipt {
	w.t.Helper()
	return w.judge(a, m)[0]
}

// seal completes a draft and makes its state the present one.
func (w *world) seal(d *Draft) *Commit {
	w.t.Helper()
	origins := map[int64]Origin{}
	for _, seq := range d.Wants() {
		c, err := DecodeCommit(w.log[seq-1])
		if err != nil {
			w.t.Fatalf("commit %d: %v", seq, err)
		}
		origins[seq] = Origin{Author: c.Author, Device: c.Device, At: c.At}
	}
	c := d.Seal(origins)
	if c == nil {
		return nil
	}
	next := d.Next(c)
	w.log = append(w.log, c.Encode())
	w.check(c, next)
	docs := make([]*Document, 0, len(next.Docs))
	for _, doc := range next.Docs { // as read back from a store
		docs = append(docs, LoadDocument(Document{ID: doc.ID, Type: doc.Type, Scope: doc.Scope, Version: doc.Version, Gone: doc.Gone, Touched: doc.Touched}, doc.Raw()))
	}
	w.state = NewState(next.Scope, next.Seq, next.Hash, next.Checksum, docs)
	return c
}

// check holds the state after a commit against the log: the documents are its
// fold, the checksum is theirs, and whatever is stored comes back the same.
func (w *world) check(c *Commit, next *State) {
	w.t.Helper()
	back, err := DecodeCommit(c.Encode())
	if err != nil {
		w.t.Fatalf("decode commit: %v", err)
	}
	if back.Hash() != c.Hash() || next.Hash != c.Hash() || c.Prev != w.state.Hash || c.Seq != w.state.Seq+1 {
		w.t.Fatalf("commit %d does not follow", c.Seq)
	}
	again := back
	again.raw, again.hash = nil, ""
	if !bytes.Equal(again.Encode(), c.Encode()) {
		w.t.Fatalf("a commit changes when read and written:\n%s\n%s", c.Encode(), again.Encode())
	}
	docs := w.fold()
	sum := uint64(0)
	for id, doc := range docs {
		sum += doc.Sum()
		have := next.Docs[id]
		if have == nil || have.Version != doc.Version || have.Gone != doc.Gone || !bytes.Equal(have.Raw(), doc.Raw()) || cmp.Diff(have.Touched, doc.Touched) != "" {
			w.t.Fatalf("document %s is not the fold of the log", id)
		}
		limit := MaxBody
		if doc.Type == TypeConflict || doc.Type == TypeRejection {
			limit = MaxKept
		}
		if len(doc.Raw()) > limit {
			w.t.Fatalf("a %s of %d bytes", doc.Type, len(doc.Raw()))
		}
		if diff := cmp.Diff(doc.Body(), LoadDocument(Document{}, doc.Raw()).Body()); diff != "" {
			w.t.Fatalf("a %s comes back from the store as another: %s", doc.Type, diff)
		}
	}
	if len(docs) != len(next.Docs) || sum != c.Checksum || next.Checksum != sum {
		w.t.Fatalf("checksum %x, the documents' is %x", c.Checksum, sum)
	}
}

// fold returns the documents that follow from the log alone.
func (w *world) fold() map[DocID]*Document {
	docs := map[DocID]*Document{}
	for _, raw := range w.log {
		c, err := DecodeCommit(raw)
		if err != nil {
			w.t.Fatalf("decode commit: %v", err)
		}
		for _, ch := range c.Changes {
			docs[ch.Doc] = Fold(docs[ch.Doc], c.Scope, ch, c.Seq)
		}
	}
	return docs
}

// kept returns the conflicts or the rejections in order of identifier.
func (w *world) kept(typ string) []*Document {
	byID := map[string]*Document{}
	for id, d := range w.state.Docs {
		if d.Type == typ {
			byID[string(id)] = d
		}
	}
	docs := make([]*Document, 0, len(byID))
	for _, id := range sortedKeys(byID) {
		docs = append(docs, byID[id])
	}
	return docs
}

func (w *world) conflict() *Document {
	w.t.Helper()
	all := w.kept(TypeConflict)
	if len(all) != 1 {
		w.t.Fatalf("%d conflicts, want one", len(all))
	}
	return all[0]
}

// expect compares an outcome, its code and the body of the document.
func (w *world) expect(r Receipt, outcome Outcome, code Code, body string) {
	w.t.Helper()
	if r.Outcome != outcome || r.Code != code {
		w.t.Fatalf("outcome %s %s, want %s %s", r.Outcome, r.Code, outcome, code)
	}
	if got := string(w.doc().Raw()); got != string(Canonical(object(w.t, body))) {
		w.t.Fatalf("body %s, want %s", got, body)
	}
}

var _ tester = (*testing.T)(nil)

// item returns the item of the only conflict for a path.
func (w *world) item(p Pointer) Object {
	w.t.Helper()
	it := asObject(Get(w.conflict().Body(), Pointer("/items/"+PathKey(p))))
	if str(it, "path") != string(p) {
		w.t.Fatalf("the conflict has no item for %q: %s", p, w.conflict().Raw())
	}
	return it
}
