package sync

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestApplyingADiffGivesTheOtherBody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genObject(4).Draw(t, "a"), genObject(4).Draw(t, "b")
		if rapid.Bool().Draw(t, "from nothing") {
			a = Object{}
		}
		isAtomic := func(p Pointer) bool { return Pointer("/a").Contains(p) }
		for _, atomic := range []func(Pointer) bool{nil, isAtomic} {
			edits := Diff(a, b, atomic)
			if diff := cmp.Diff(b, Apply(a, edits)); diff != "" {
				t.Fatal(diff)
			}
			back := Diff(b, a, atomic)
			if diff := cmp.Diff(a, Apply(b, back)); diff != "" {
				t.Fatal(diff)
			}
			for i, e := range edits {
				if !Equal(e.Was, Get(a, e.Path)) || !Equal(e.Now, Get(b, e.Path)) || Equal(e.Was, e.Now) {
					t.Fatalf("edit %+v", e)
				}
				for _, other := range edits[:i] {
					if other.Path.Overlaps(e.Path) {
						t.Fatalf("%s and %s overlap", other.Path, e.Path)
					}
				}
			}
		}
		if len(Diff(a, a, nil)) != 0 {
			t.Fatal("a body differs from itself")
		}
	})
}

func TestDisjointEditsEqualApplyingBothInEitherOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genBody(t, "base")
		typ := testSchema().Types["note"]
		var sides [][]Edit
		taken := []Edit{}
		for _, label := range []string{"an", "binh", "chi"} {
			body := base
			for range rapid.IntRange(1, 4).Draw(t, label) {
				body = genChange(t, body)
			}
			var mine []Edit
			for _, e := range Diff(base, body, typ.Atomic) {
				free := true
				for _, other := range taken {
					free = free && !other.Path.Overlaps(e.Path)
				}
				if free {
					mine = append(mine, e)
				}
			}
			taken = append(taken, mine...)
			sides = append(sides, mine)
		}
		want := Canonical(Apply(base, taken))
		w := newWorld(t)
		w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Type: "note", Create: base})
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
			if len(sides[i]) == 0 {
				continue
			}
			r := w.one(author([]string{"an", "binh", "chi"}[i]), Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Edits: sides[i]})
			if r.Outcome != Applied {
				t.Fatalf("receipt %+v", r)
			}
		}
		if !bytes.Equal(w.doc().Raw(), want) {
			t.Fatalf("body %s, want %s", w.doc().Raw(), want)
		}
	})
}

// Even without its receipt a mutation that comes again changes no body.
func TestARepeatedMutationChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		base := genBody(t, "base")
		w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Type: "note", Create: base})
		present := genChange(t, genChange(t, base))
		if edits := Diff(base, present, nil); len(edits) > 0 {
			w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Edits: edits})
		}
		m := Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope}
		switch rapid.IntRange(0, 3).Draw(t, "act") {
		case 0:
			m.Type, m.Create = "note", genBody(t, "creation")
		case 1:
			m.Delete = HashOf(base)
		default:
			typ := testSchema().Types["note"]
			if m.Edits = Diff(base, genChange(t, genChange(t, base)), typ.Atomic); len(m.Edits) == 0 {
				return
			}
		}
		first := w.one(binh, m)
		body, kept := w.doc().Raw(), w.keptBodies()
		w.now -= 1000 // conflicts note when a side was received
		second := w.one(binh, m)
		if !bytes.Equal(body, w.doc().Raw()) || cmp.Diff(kept, w.keptBodies()) != "" {
			t.Fatalf("%s again: %s\nbody %s, then %s\n%s", first.Outcome, second.Outcome, body, w.doc().Raw(), cmp.Diff(kept, w.keptBodies()))
		}
	})
}

func (w *world) keptBodies() map[DocID]string {
	bodies := map[DocID]string{}
	for _, typ := range []string{TypeConflict, TypeRejection} {
		for _, d := range w.kept(typ) {
			bodies[d.ID] = string(d.Raw())
		}
	}
	return bodies
}

func TestTheChecksumDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type share struct {
			id      DocID
			version int64
			body    Object
		}
		shares := rapid.SliceOf(rapid.Custom(func(t *rapid.T) share {
			n := rapid.Uint16().Draw(t, "id")
			return share{DocID(MakeID(0, n, 1)), rapid.Int64Range(1, 9).Draw(t, "version"), genObject(2).Draw(t, "body")}
		})).Draw(t, "documents")
		sum := func(all []share) (n uint64) {
			for _, s := range all {
				n += Sum(s.id, s.version, Canonical(s.body))
			}
			return n
		}
		if sum(shares) != sum(rapid.Permutation(shares).Draw(t, "order")) {
			t.Fatal("the sums differ")
		}
	})
}

// Whatever happened to a document, a phone as of any version is brought to the
// present one by its patch from any floor at or below that version.
func TestAPatchBringsAnyPhoneToThePresent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scope := newWorld(t).scope
		var doc *Document
		history := []*Document{nil}
		for seq := int64(1); seq <= rapid.Int64Range(1, 12).Draw(t, "commits"); seq++ {
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				ch := Change{Doc: theDoc, Type: "note", By: -1}
				switch {
				case doc == nil || doc.Gone:
					ch.Create = genBody(t, "body")
				case rapid.IntRange(0, 5).Draw(t, "delete") == 0:
					ch.Delete = true
				default:
					if ch.Edits = Diff(doc.Body(), genChange(t, doc.Body()), nil); len(ch.Edits) == 0 {
						continue
					}
				}
				doc = Fold(doc, scope, ch, seq)
			}
			history = append(history, doc)
		}
		at := rapid.IntRange(0, len(history)-1).Draw(t, "phone")
		floor := rapid.Int64Range(0, int64(at)).Draw(t, "floor")
		phone := history[at]
		if phone != nil && phone.Gone {
			phone = nil
		}
		if doc == nil {
			return
		}
		line, news := Patch(doc, floor, nil)
		if !news && doc.Version > floor {
			t.Fatalf("version %d is no news at %d", doc.Version, floor)
		}
		if news {
			phone = onto(t, line, phone, scope)
		}
		equalToServer(t, phone, doc)
	})
}

// onto applies a line as a phone does, after it was on the wire.
func onto(t tester, line DocLine, present *Document, scope Scope) *Document {
	t.Helper()
	l := Line{Doc: &line}
	back, err := DecodeLine(l.Append(nil))
	if err != nil {
		t.Fatalf("line %s: %v", l.Append(nil), err)
	}
	after, ok := back.Doc.Onto(present, scope)
	if !ok {
		t.Fatalf("line %s cannot be applied", l.Append(nil))
	}
	return after
}

func equalToServer(t tester, phone, server *Document) {
	t.Helper()
	if server == nil || server.Gone {
		if phone != nil {
			t.Fatalf("a deleted document is still on the phone")
		}
		return
	}
	if phone == nil || phone.Version != server.Version || phone.Type != server.Type || !bytes.Equal(phone.Raw(), server.Raw()) || phone.Sum() != server.Sum() {
		t.Fatalf("the phone has %+v, the server %+v", phone, server)
	}
}
