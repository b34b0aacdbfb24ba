package sync

import (
	"strings"
	"testing"
)

// resolve lets An decide the only open conflict.
func (w *world) resolve(choices map[Pointer]Choice) *Fault {
	w.t.Helper()
	for _, c := range w.kept(TypeConflict) {
		if _, state, _, _ := c.About(); state == StateOpen {
			return w.decide(Decision{Conflict: c.ID, Version: c.Version, Choices: choices, Reason: "đã hỏi"})
		}
	}
	w.t.Fatalf("no conflict is open")
	return nil
}

func (w *world) decide(dec Decision) *Fault {
	w.t.Helper()
	d := w.draft(an)
	f := d.Resolve(dec)
	if f != nil {
		if c := d.Seal(nil); c != nil {
			w.t.Fatalf("a decision that cannot stand changed something: %v", f)
		}
		return f
	}
	w.seal(d)
	return nil
}

func TestAPersonDecides(t *testing.T) {
	_, _, m := clash(t) // the same in every case
	for _, c := range []struct {
		name   string
		choice Choice
		body   string
	}{
		{"for what is there", Choice{Take: TakePresent}, `{"count":2}`},
		{"for a side", Choice{Take: TakeSide, Side: m.ID}, `{"count":3}`},
		{"for something else", Choice{Take: TakeValue, Value: int64(8)}, `{"count":8}`},
		{"for nothing", Choice{Take: TakeValue}, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, _ := clash(t)
			if f := w.resolve(map[Pointer]Choice{"/count": c.choice}); f != nil {
				t.Fatal(f)
			}
			body := w.conflict().Body()
			decided := asObject(body["decided"])
			if string(w.doc().Raw()) != c.body || str(body, "state") != StateSettled || str(decided, "by") != string(an.Person) || str(decided, "reason") != "đã hỏi" {
				t.Fatalf("body %s, conflict %s", w.doc().Raw(), w.conflict().Raw())
			}
			if choice := asObject(w.item("/count")["choice"]); str(choice, "take") != c.choice.Take || !Equal(choice["value"], c.choice.Value) {
				t.Fatalf("noted %s", Canonical(choice))
			}
		})
	}
}

func TestADecisionThatCannotStandChangesNothing(t *testing.T) {
	count := func(c Choice) map[Pointer]Choice { return map[Pointer]Choice{"/count": c} }
	for _, c := range []struct {
		name   string
		change func(w *world, dec *Decision)
		code   Code
	}{
		{"no such conflict", func(w *world, dec *Decision) { dec.Conflict = theDoc }, CodeNoConflict},
		{"no reason", func(w *world, dec *Decision) { dec.Reason = "" }, CodeReason},
		{"too long a reason", func(w *world, dec *Decision) { dec.Reason = strings.Repeat("ế", MaxReason+1) }, CodeReason},
		{"another version", func(w *world, dec *Decision) { dec.Version-- }, CodeStaleDecision},
		{"undecided", func(w *world, dec *Decision) { dec.Choices = nil }, CodeUndecided},
		{"no way to decide", func(w *world, dec *Decision) { dec.Choices = count(Choice{Take: "both"}) }, CodeUndecided},
		{"a choice too many", func(w *world, dec *Decision) { dec.Choices["/title"] = Choice{Take: TakePresent} }, CodeStaleDecision},
		{"no such side", func(w *world, dec *Decision) { dec.Choices = count(Choice{Take: TakeSide, Side: w.id()}) }, CodeNoSide},
		{"a value of the wrong type", func(w *world, dec *Decision) { dec.Choices = count(Choice{Take: TakeValue, Value: "x"}) }, CodeInvalidType},
		{"a body that breaks a rule", func(w *world, dec *Decision) { dec.Choices = count(Choice{Take: TakeValue, Value: int64(600)}) }, CodeRequired},
		{"what the rules refuse", func(w *world, dec *Decision) {
			w.rules.allow = func(Act) Ruling { return Ruling{Verdict: Refuse, Code: "not_yours"} }
			dec.Choices = count(Choice{Take: TakeValue, Value: int64(6)})
		}, "not_yours"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, _ := clash(t)
			dec := Decision{Conflict: w.conflict().ID, Version: w.conflict().Version, Choices: count(Choice{Take: TakePresent}), Reason: "r"}
			c.change(w, &dec)
			if f := w.decide(dec); f == nil || f.Code != c.code {
				t.Fatalf("fault %v, want %s", f, c.code)
			}
		})
	}
}

func TestASettledConflictIsNotDecidedAgain(t *testing.T) {
	w, _, _ := clash(t)
	dec := Decision{Conflict: w.conflict().ID, Version: w.conflict().Version, Choices: map[Pointer]Choice{"/count": {Take: TakePresent}}, Reason: "r"}
	if f := w.decide(dec); f != nil {
		t.Fatal(f)
	}
	if f := w.decide(dec); f == nil || f.Code != CodeSettled {
		t.Fatalf("fault %v", f)
	}
	r := w.one(binh, w.edit("/count", `1`, `4`))
	if r.Outcome != Queued || len(w.kept(TypeConflict)) != 2 || r.Kept == dec.Conflict {
		t.Fatal("a clash after the decision opens a new conflict")
	}
}

func TestTheReasonIsKeptInNormalForm(t *testing.T) {
	w, _, _ := clash(t)
	f := w.decide(Decision{Conflict: w.conflict().ID, Version: w.conflict().Version, Choices: map[Pointer]Choice{"/count": {Take: TakePresent}}, Reason: "ho\u0323p"})
	if f != nil || str(asObject(w.conflict().Body()["decided"]), "reason") != "họp" {
		t.Fatalf("fault %v, conflict %s", f, w.conflict().Raw())
	}
}

func TestJudgingAndDecidingInOneDraftLosesNeither(t *testing.T) {
	w, _, m := clash(t)
	dec := Decision{Conflict: w.conflict().ID, Version: w.conflict().Version, Choices: map[Pointer]Choice{"/count": {Take: TakeSide, Side: m.ID}}, Reason: "r"}

	d := w.draft(an)
	if r := d.Judge(w.edit("/count", `1`, `5`)); r.Kept != dec.Conflict {
		t.Fatalf("receipt %+v", r)
	}
	if f := d.Resolve(dec); f == nil || f.Code != CodeStaleDecision {
		t.Fatalf("a side joined meanwhile, but the decision stands: %v", f)
	}

	d = w.draft(an)
	if f := d.Resolve(dec); f != nil {
		t.Fatal(f)
	}
	r := d.Judge(w.edit("/count", `1`, `5`))
	w.seal(d)
	if r.Outcome != Queued || r.Kept == dec.Conflict || str(w.state.Docs[dec.Conflict].Body(), "state") != StateSettled {
		t.Fatalf("a clash after the decision opens it again: %+v", r)
	}
	if string(w.doc().Raw()) != `{"count":3}` {
		t.Fatalf("body %s", w.doc().Raw())
	}
}

func TestAGroupStandsOrFallsTogether(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1,"state":"draft"}`))
	m := w.edit("/count", `1`, `2`, "/state", `"draft"`, `"submitted"`)
	m.Attest = HashOf(Object{})
	w.judge(binh, m)
	side, present := Choice{Take: TakeSide, Side: m.ID}, Choice{Take: TakePresent}
	if f := w.resolve(map[Pointer]Choice{"/count": side, "/state": present}); f == nil || f.Code != CodeSplitGroup {
		t.Fatalf("fault %v", f)
	}
	if f := w.resolve(map[Pointer]Choice{"/count": side, "/state": side}); f != nil {
		t.Fatal(f)
	}
	if string(w.doc().Raw()) != `{"count":2,"state":"submitted"}` {
		t.Fatalf("body %s", w.doc().Raw())
	}
}

func TestADecisionRestoresOrDeletes(t *testing.T) {
	setUp := func(t *testing.T) (w *world, edited Mutation) {
		w = newWorld(t)
		w.judge(an, w.create("note", `{"count":1,"title":"A"}`))
		w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: w.doc().Hash()})
		edited = w.edit("/count", `1`, `2`)
		w.judge(binh, edited)
		return w, edited
	}
	w, edited := setUp(t)
	if f := w.resolve(map[Pointer]Choice{"/count": {Take: TakeSide, Side: edited.ID}}); f != nil {
		t.Fatal(f)
	}
	if w.doc().Gone || string(w.doc().Raw()) != `{"count":2,"title":"A"}` {
		t.Fatalf("body %s", w.doc().Raw())
	}
	w, _ = setUp(t)
	if f := w.resolve(map[Pointer]Choice{"/count": {Take: TakePresent}}); f != nil || !w.doc().Gone {
		t.Fatalf("fault %v, or the document came back", f)
	}

	w, _, _ = clash(t)
	m := Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: HashOf(Object{})}
	w.judge(binh, m)
	choices := map[Pointer]Choice{"/count": {Take: TakePresent}, "": {Take: TakeSide, Side: m.ID}}
	if f := w.resolve(choices); f != nil || !w.doc().Gone {
		t.Fatalf("fault %v, or the document is still there", f)
	}
}

func TestNestedChoicesAreMadeOuterFirst(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"people":{"a":{"name":"A"},"b":{"name":"B"}}}`))
	w.judge(an, w.edit("/people/a/name", `"A"`, `"A2"`, "/people/b/name", `"B"`, `"B2"`))
	inner := w.edit("/people/a/name", `"A"`, `"A3"`)
	outer := w.edit("/people/a", `{"name":"A"}`, `null`)
	w.judge(binh, inner, outer)
	choices := map[Pointer]Choice{"/people/a/name": {Take: TakeSide, Side: inner.ID}, "/people/a": {Take: TakeSide, Side: outer.ID}}
	if f := w.resolve(choices); f != nil {
		t.Fatal(f)
	}
	if string(w.doc().Raw()) != `{"people":{"a":{"name":"A3"},"b":{"name":"B2"}}}` {
		t.Fatalf("body %s", w.doc().Raw())
	}
}

func TestADecisionWritesNoFieldOfTheServer(t *testing.T) {
	w := newWorld(t)
	d := w.draft(Author{Person: Server})
	d.Put(theDoc, "note", object(t, `{"info":{"a":"a","b":"b"}}`))
	w.seal(d)
	m := w.edit("/info", `{"a":"other"}`, `null`)
	w.judge(binh, m)
	if f := w.resolve(map[Pointer]Choice{"/info": {Take: TakeValue, Value: object(t, `{"locked":"x"}`)}}); f == nil || f.Code != CodeServerOnly {
		t.Fatalf("fault %v", f)
	}
	if f := w.resolve(map[Pointer]Choice{"/info": {Take: TakeSide, Side: m.ID}}); f != nil || len(w.doc().Body()) != 0 {
		t.Fatalf("fault %v, body %s", f, w.doc().Raw())
	}
}
