package sync

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clash makes An and Bình want different counts; An's came first.
func clash(t tester) (w *world, anEdit, binhEdit Mutation) {
	w = newWorld(t)
	w.judge(an, w.create("note", `{"count":1}`))
	anEdit, binhEdit = w.edit("/count", `1`, `2`), w.edit("/count", `1`, `3`)
	binhEdit.Base = 1
	w.judge(an, anEdit)
	w.expect(w.one(binh, binhEdit), Queued, CodeChanged, `{"count":2}`)
	return w, anEdit, binhEdit
}

func TestAConflictHoldsBothSidesAndWhoWroteThem(t *testing.T) {
	w, _, m := clash(t)
	want := Object{
		"about": string(theDoc), "aboutType": "note", "state": "open", "opened": w.now,
		"items": Object{PathKey("/count"): Object{
			"path": "/count", "code": "changed_by_another", "base": int64(1), "present": int64(2),
			"presentBy": Object{"version": int64(2), "author": string(an.Person), "device": string(an.Device), "at": w.now - 1000},
			"sides": Object{string(m.ID): Object{
				"value": int64(3), "author": string(binh.Person), "device": string(binh.Device), "made": m.Made(), "offset": int64(7),
				"received": w.now, "version": int64(1),
			}},
		}},
	}
	if diff := cmp.Diff(want, w.conflict().Body()); diff != "" {
		t.Fatal(diff)
	}
	if w.conflict().Scope != w.scope || w.conflict().Version != 3 {
		t.Fatal("the conflict is not in the document's scope")
	}
}

func TestARepeatedClashJoinsTheOpenConflict(t *testing.T) {
	w, _, m := clash(t)
	id := w.conflict().ID
	more := w.edit("/count", `3`, `4`)
	if r := w.one(binh, more); r.Kept != id {
		t.Fatalf("kept in %s", r.Kept)
	}
	if sides := asObject(w.item("/count")["sides"]); len(sides) != 2 || sides[string(m.ID)] == nil || sides[string(more.ID)] == nil {
		t.Fatalf("sides %s", Canonical(sides))
	}
	if w.item("/count")["base"] != int64(1) {
		t.Fatal("the base is what the first author saw")
	}
	other := w.edit("/title", `"x"`, `"y"`)
	if r := w.one(an, other); r.Kept != id {
		t.Fatalf("another place of the same document is kept in %s", r.Kept)
	}
}

func TestWhatAConflictShowsAsPresentFollowsLaterEdits(t *testing.T) {
	w, _, _ := clash(t)
	before := w.conflict().Version
	w.judge(an, w.edit("/title", `null`, `"x"`))
	if w.conflict().Version != before {
		t.Fatal("an edit elsewhere changes the conflict")
	}
	w.judge(binh, w.edit("/count", `2`, `9`))
	it := w.item("/count")
	if it["present"] != int64(9) || asObject(it["presentBy"])["author"] != string(binh.Person) || w.conflict().Version != w.state.Seq {
		t.Fatalf("item %s", Canonical(it))
	}
	w.judge(binh, w.edit("/count", `9`, `null`))
	if it := w.item("/count"); it["present"] != nil {
		t.Fatalf("item %s", Canonical(it))
	}
}

func TestAnOpenConflictIsToldToTheRules(t *testing.T) {
	w, _, m := clash(t)
	blocked := false
	w.rules.allow = func(a Act) Ruling { blocked = a.Blocked; return Ruling{} }
	w.judge(an, w.edit("/title", `null`, `"x"`))
	if !blocked {
		t.Fatal("the rules were not told")
	}
	if f := w.resolve(map[Pointer]Choice{"/count": {Take: TakeSide, Side: m.ID}}); f != nil {
		t.Fatal(f)
	}
	w.judge(an, w.edit("/title", `"x"`, `"y"`))
	if blocked {
		t.Fatal("the conflict is settled")
	}
	w.judge(an, w.edit("/count", `1`, `7`), w.edit("/title", `"y"`, `"z"`))
	if !blocked {
		t.Fatal("a conflict opened in the same commit blocks")
	}
}

// fill clashes until a document has a second open conflict, and returns the
// mutations and their receipts.
func fill(t *testing.T, w *world, size int) (ms []Mutation, rs []Receipt) {
	w.judge(an, w.create("note", `{"cells":{"a":"x"},"count":1}`))
	text := strings.Repeat("\\n", size/2)
	for i := range 12 {
		ms = append(ms, w.edit("/cells/a", `"y"`, fmt.Sprintf(`"%d%s"`, i, text), "/count", `5`, `6`))
	}
	return ms, w.judge(binh, ms...)
}

func TestAConflictNeverExceedsItsBoundAndLosesNoSide(t *testing.T) {
	w := newWorld(t)
	ms, rs := fill(t, w, 50_000)
	conflicts := w.kept(TypeConflict)
	if len(conflicts) < 2 {
		t.Fatalf("%d conflicts hold 600 KB", len(conflicts))
	}
	for i, m := range ms {
		found := false
		for _, c := range conflicts {
			s := asObject(Get(c.Body(), Pointer("/items/"+PathKey("/cells/a")+"/sides/"+string(m.ID))))
			found = found || Equal(s["value"], m.Edits[0].Now)
		}
		if !found || rs[i].Outcome != Queued {
			t.Fatalf("the side of mutation %d is gone", i)
		}
	}
	blocked := false
	w.rules.allow = func(a Act) Ruling { blocked = a.Blocked; return Ruling{} }
	w.judge(an, w.edit("/title", `null`, `"x"`))
	if !blocked {
		t.Fatal("a full conflict does not block")
	}
	later := w.edit("/count", `5`, `7`)
	if r := w.one(binh, later); len(w.kept(TypeConflict)) != len(conflicts) || r.Outcome != Queued {
		t.Fatal("a small clash opens another conflict though one has room")
	}
}

func TestAConflictStaysBoundedWhenThePresentValueGrows(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"cells":{"a":"x"}}`))
	large := strings.Repeat("x", 59_000)
	for i := range 4 {
		w.judge(binh, w.edit("/cells/a", `"y"`, fmt.Sprintf("%q", fmt.Sprint(i, large))))
	}
	w.judge(an, w.edit("/cells/a", `"x"`, fmt.Sprintf("%q", large)))
	hashes := 0
	for _, c := range w.kept(TypeConflict) {
		it := asObject(Get(c.Body(), Pointer("/items/"+PathKey("/cells/a"))))
		if h := str(it, "presentHash"); h == string(HashOf(large)) && it["present"] == nil {
			hashes++
		} else if it["present"] != large {
			t.Fatal("the conflict does not show what is there")
		}
	}
	if hashes == 0 {
		t.Fatal("nothing had to be shortened: the test is too small")
	}
	version := w.kept(TypeConflict)[0].Version
	w.judge(an, w.edit("/title", `null`, `"x"`))
	if w.kept(TypeConflict)[0].Version != version {
		t.Fatal("a present value kept as its hash is taken for a change")
	}
	w.judge(an, w.edit("/cells/a", `{"#":"`+string(HashOf(large))+`"}`, `"short"`))
	for _, c := range w.kept(TypeConflict) {
		if it := asObject(Get(c.Body(), Pointer("/items/"+PathKey("/cells/a")))); it["present"] != "short" || it["presentHash"] != nil {
			t.Fatal("the conflict does not show what is there now")
		}
	}
}

func TestAMutationWithTooMuchForOneConflictIsRejectedWhole(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1}`))
	w.rules.allow = func(Act) Ruling { return Ruling{Verdict: Queue, Code: "too_late"} }
	var triples []string
	for i := range MaxEdits {
		triples = append(triples, fmt.Sprintf("/cells/c%d", i), `null`, `"x"`)
	}
	w.expect(w.one(an, w.edit(triples...)), Rejected, CodeMutationLarge, `{"count":1}`)
	w.expect(w.one(an, w.edit(triples[:300]...)), Queued, "too_late", `{"count":1}`)
}

func TestAMutationThatClashesInCountlessPlacesIsRejectedWhole(t *testing.T) {
	cells := func(v string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"c%d":%q`, i, v)
		}
		return "{" + b.String()[1:] + "}"
	}
	w := newWorld(t)
	w.judge(an, w.create("note", `{"cells":`+cells("a", 3000)+`}`))
	w.expect(w.one(binh, w.edit("/cells", `null`, cells("b", 3000))), Rejected, CodeTooManyEdits, `{"cells":`+cells("a", 3000)+`}`)
	w.expect(w.one(binh, w.edit("/cells", `null`, cells("b", 450))), Queued, CodeChanged, `{"cells":`+cells("a", 3000)+`}`)
	items := 0
	for _, c := range w.kept(TypeConflict) {
		items += len(asObject(c.Body()["items"]))
	}
	if items != 450 {
		t.Fatalf("%d places are kept", items)
	}
}

func TestADeepBodyInAConflictSurvivesTheStore(t *testing.T) {
	w := newWorld(t)
	w.rules.allow = func(Act) Ruling { return Ruling{Verdict: Queue, Code: "too_late"} }
	deepest := strings.Repeat(`{"d":`, MaxDepth-1) + `{"x":"y"}` + strings.Repeat(`}`, MaxDepth-1)
	m := w.create("deep", deepest)
	if r := w.one(an, m); r.Outcome != Queued {
		t.Fatalf("receipt %+v", r)
	}
	w.rules.allow = nil
	if f := w.resolve(map[Pointer]Choice{"": {Take: TakeSide, Side: m.ID}}); f != nil {
		t.Fatal(f)
	}
	if string(w.doc().Raw()) != deepest {
		t.Fatalf("body %s", w.doc().Raw())
	}
}
