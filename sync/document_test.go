package sync

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// busy returns a document with an edit of its own path in every commit from 2 on.
func busy(edits int) (*Document, []*Document) {
	scope := UnitScope(DocID(NameID("unit")))
	d := NewDocument(theDoc, "note", scope, 1, Object{"count": int64(1)})
	history := []*Document{nil, d}
	for i := range edits {
		p := Pointer("/cells/c" + strconv.Itoa(i))
		d = Fold(d, scope, Change{Doc: theDoc, Type: "note", Edits: []Edit{{Path: p, Now: strings.Repeat("x", i%5+1)}}}, int64(i+2))
		history = append(history, d)
	}
	return d, history
}

func TestADocumentForgetsItsOldestPathsFirst(t *testing.T) {
	d, history := busy(MaxTouched + 50)
	if len(d.Touched) > MaxTouched || d.Touched[""] >= 0 {
		t.Fatalf("%d paths, %d", len(d.Touched), d.Touched[""])
	}
	forgotten := -d.Touched[""]
	if _, ok := d.Since(forgotten - 1); ok {
		t.Fatal("what is forgotten is said to be known")
	}
	paths, ok := d.Since(d.Version - 3)
	if !ok || len(paths) != 3 || paths[0] != Pointer(fmt.Sprintf("/cells/c%d", MaxTouched+47)) {
		t.Fatalf("paths %v, %v", paths, ok)
	}
	if d.touchedAt("/cells/c0") != 0 || d.touchedAt(paths[0]) != d.Version-2 || d.touchedAt("/cells") != d.Version {
		t.Fatal("who wrote a value is not told right")
	}
	for at := 1; at < len(history); at += 7 {
		line, news := Patch(d, int64(at), nil)
		if !news || (line.Body != nil) != (int64(at) < forgotten) && int64(at) < forgotten {
			t.Fatalf("floor %d: whole %t", at, line.Body != nil)
		}
		equalToServer(t, onto(t, line, history[at], d.Scope), d)
	}
}

func TestForgettingHidesNoOnesEditBehindThePhonesOwn(t *testing.T) {
	d, history := busy(MaxTouched - 1) // one more path and the older half is forgotten
	own := Change{Doc: theDoc, Type: "note", By: 0, Edits: []Edit{{Path: "/title", Now: "x"}}}
	seq := d.Version + 1
	d = Fold(d, d.Scope, own, seq)
	if d.Touched[""] >= 0 {
		t.Fatal("nothing was forgotten: the test is too small")
	}
	for _, floor := range []int64{1, 100, 300} {
		phone := (&Mutation{Doc: theDoc, Edits: own.Edits}).Onto(history[floor], seq)
		line, news := Patch(d, floor, map[int64]bool{seq: true})
		if !news {
			t.Fatal("the edits of others are not sent")
		}
		equalToServer(t, onto(t, line, phone, d.Scope), d)
	}
}

func TestTheServersOwnDocumentsChangeOnlyWhenTheyDiffer(t *testing.T) {
	w := newWorld(t)
	server := Author{Person: Server}
	d := w.draft(server)
	if !d.Put(theDoc, "note", Object{"tally": int64(1)}) || d.Put(theDoc, "note", Object{"tally": int64(1)}) || !d.Put(theDoc, "note", Object{"tally": int64(2)}) {
		t.Fatal("a put tells whether it changed something")
	}
	w.seal(d)
	d = w.draft(server)
	d.Put(theDoc, "note", Object{"tally": int64(2)})
	if d.Seal(nil) != nil {
		t.Fatal("nothing changed, and yet there is a commit")
	}
	d = w.draft(server)
	if !d.Remove(theDoc) || d.Remove(theDoc) || d.Remove(DocID(NameID("other"))) {
		t.Fatal("a removal tells whether there was something")
	}
	w.seal(d)
	if !w.doc().Gone || w.state.Checksum != 0 {
		t.Fatal("the document is still there")
	}
	d = w.draft(server)
	d.Put(theDoc, "note", Object{"tally": int64(3)})
	w.seal(d)
	if w.doc().Gone || string(w.doc().Raw()) != `{"tally":3}` {
		t.Fatal("the document did not come back")
	}
}

func TestADraftLeavesTheStateItFollowsAsItWas(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1}`))
	state, before := w.state, string(w.doc().Raw())
	m := w.edit("/count", `1`, `2`)
	first, second := w.draft(an), w.draft(binh)
	first.Judge(m)
	c := first.Seal(nil)
	if next := first.Next(c); next.Seq != 2 || next.Docs[theDoc].Version != 2 || first.Changed()[0].ID != theDoc {
		t.Fatalf("next %+v", next)
	}
	if string(state.Docs[theDoc].Raw()) != before || second.Document(theDoc).Version != 1 {
		t.Fatal("the state changed under another draft")
	}
}

func TestTheSameDraftMakesTheSameBytes(t *testing.T) {
	var want string
	for range 20 { // maps are iterated in another order each time
		w := newWorld(t)
		w.judge(an, w.create("note", `{"count":1,"people":{"a":{"name":"A"},"b":{"name":"B"}},"cells":{"x":"1","y":"2"}}`))
		w.judge(an, w.edit("/cells/x", `"1"`, `"3"`, "/cells/y", `"2"`, `"4"`, "/people/a/name", `"A"`, `"AA"`))
		w.judge(binh, w.edit("/cells", `{"x":"1","y":"2"}`, `{"x":"5","y":"6","z":"7"}`), w.edit("/people/a", `{"name":"A"}`, `null`), w.edit("/nothing", `1`, `2`))
		w.resolve(map[Pointer]Choice{"/cells/x": {Take: TakePresent}, "/cells/y": {Take: TakeValue, Value: "8"}, "/people/a": {Take: TakePresent}})
		if got := string(w.state.Hash); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("hash %s, then %s", want, got)
		}
	}
}
