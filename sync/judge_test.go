package sync

import (
	"fmt"
	"strings"
	"testing"
)

var an, binh = author("an"), author("binh")

func TestJudgingComparesByValue(t *testing.T) {
	const base = `{"title":"họp","count":1,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`
	for _, c := range []struct {
		name    string
		first   []string // what An does
		second  []string // what Bình does without having seen it
		outcome Outcome
		code    Code
		body    string
	}{
		{
			"stale base keeps both edits",
			[]string{"/title", `"họp"`, `"họp A"`},
			[]string{"/count", `1`, `2`},
			Applied, "",
			`{"title":"họp A","count":2,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"the same value merges",
			[]string{"/count", `1`, `2`},
			[]string{"/count", `1`, `2`},
			Merged, CodeAlready,
			`{"title":"họp","count":2,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"a different value waits for a person",
			[]string{"/count", `1`, `2`},
			[]string{"/count", `1`, `3`},
			Queued, CodeChanged,
			`{"title":"họp","count":2,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"entries added to a set unite",
			[]string{"/people/c", `null`, `{"name":"C"}`},
			[]string{"/people/d", `null`, `{"name":"D"}`},
			Applied, "",
			`{"title":"họp","count":1,"people":{"a":{"name":"A"},"b":{"name":"B"},"c":{"name":"C"},"d":{"name":"D"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"one entry added by both unites by field",
			[]string{"/people/c", `null`, `{"name":"C"}`},
			[]string{"/people/c", `null`, `{"present":true}`},
			Merged, CodeAlready,
			`{"title":"họp","count":1,"people":{"a":{"name":"A"},"b":{"name":"B"},"c":{"name":"C","present":true}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"removing an entry another edited is a conflict",
			[]string{"/people/a/name", `"A"`, `"AA"`},
			[]string{"/people/a", `{"name":"A"}`, `null`},
			Queued, CodeChanged,
			`{"title":"họp","count":1,"people":{"a":{"name":"AA"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"editing an entry another removed is a conflict",
			[]string{"/people/a", `{"name":"A"}`, `null`},
			[]string{"/people/a/name", `"A"`, `"AA"`},
			Queued, CodeChanged,
			`{"title":"họp","count":1,"people":{"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"both remove one entry",
			[]string{"/people/a", `{"name":"A"}`, `null`},
			[]string{"/people/a", `{"name":"A"}`, `null`},
			Merged, CodeAlready,
			`{"title":"họp","count":1,"people":{"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"an atomic group is one value",
			[]string{"/place", `{"name":"hội trường","room":1}`, `{"name":"hội trường","room":2}`},
			[]string{"/place", `{"name":"hội trường","room":1}`, `{"name":"sân","room":1}`},
			Queued, CodeChanged,
			`{"title":"họp","count":1,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":2},"days":["2022-12-16"]}`,
		},
		{
			"a list is one value",
			[]string{"/days", `["2022-12-16"]`, `["2022-12-17"]`},
			[]string{"/days", `["2022-12-16"]`, `["2022-12-16","2022-12-18"]`},
			Queued, CodeChanged,
			`{"title":"họp","count":1,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-17"]}`,
		},
		{
			"what does not clash is applied beside what does",
			[]string{"/count", `1`, `2`},
			[]string{"/count", `1`, `3`, "/title", `"họp"`, `"họp B"`},
			Queued, CodeChanged,
			`{"title":"họp B","count":2,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
		{
			"a change back to what is there merges",
			[]string{"/count", `1`, `2`},
			[]string{"/count", `3`, `2`},
			Merged, CodeAlready,
			`{"title":"họp","count":2,"people":{"a":{"name":"A"},"b":{"name":"B"}},"place":{"name":"hội trường","room":1},"days":["2022-12-16"]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.judge(an, w.create("note", base))
			w.judge(an, w.edit(c.first...))
			w.expect(w.one(binh, w.edit(c.second...)), c.outcome, c.code, c.body)
		})
	}
}

func TestAttendanceBegunOnTwoPhonesUnites(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"title":"họp"}`))
	w.judge(an, w.edit("/people", `null`, `{"a":{"name":"A"},"x":{"name":"X"}}`))
	r := w.one(binh, w.edit("/people", `null`, `{"b":{"name":"B"},"x":{"name":"X"}}`))
	// Not to the letter: Bình's phone must be told of A.
	w.expect(r, Merged, CodeAlready, `{"title":"họp","people":{"a":{"name":"A"},"b":{"name":"B"},"x":{"name":"X"}}}`)
}

func TestAnObjectDecidedByKeyIsNotCalledApplied(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"people":{"a":{"name":"A"}}}`))
	w.judge(an, w.edit("/people/b", `null`, `{"name":"B"}`))
	r := w.one(binh, w.edit("/people", `{"a":{"name":"A"}}`, `{"a":{"name":"A"},"c":{"name":"C"}}`))
	w.expect(r, Merged, CodeAlready, `{"people":{"a":{"name":"A"},"b":{"name":"B"},"c":{"name":"C"}}}`)
}

func TestALongValueSeenIsSentAsItsHash(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("biên bản ", 40)
	w.judge(an, w.create("note", fmt.Sprintf(`{"text":%q}`, long)))
	seen := string(appendCanonical(nil, string(Seen(long).(WasHash))))
	w.expect(w.one(binh, w.edit("/text", `{"#":`+seen+`}`, `"ngắn"`)), Applied, "", `{"text":"ngắn"}`)
	w.expect(w.one(an, w.edit("/text", `{"#":`+seen+`}`, `"khác"`)), Queued, CodeChanged, `{"text":"ngắn"}`)
	it := w.item("/text")
	if str(it, "baseHash") != string(HashOf(long)) {
		t.Fatalf("the conflict does not say what An saw: %s", Canonical(it))
	}
}

func TestADeletionIsJudgedByTheBodySeen(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1}`))
	seen := w.doc().Hash()
	w.judge(an, w.edit("/count", `1`, `2`))
	r := w.one(binh, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: seen})
	w.expect(r, Queued, CodeDeletedEdited, `{"count":2}`)
	if w.doc().Gone {
		t.Fatal("a document somebody changed is deleted")
	}
	gone := Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: w.doc().Hash()}
	w.expect(w.one(binh, gone), Applied, "", `{"count":2}`)
	if !w.doc().Gone {
		t.Fatal("the document is still there")
	}
	gone.ID = w.id()
	w.expect(w.one(an, gone), Merged, CodeAlready, `{"count":2}`)
	w.expect(w.one(an, w.edit("/count", `2`, `3`)), Queued, CodeDeletedEdited, `{"count":2}`)
	w.expect(w.one(an, w.create("note", `{"title":"lại"}`)), Applied, "", `{"title":"lại"}`)
	if w.doc().Gone {
		t.Fatal("the document was not created again")
	}
}

func TestATransitionAttestsTheBodyItIsAbout(t *testing.T) {
	for _, c := range []struct{ name, path, was, now string }{
		{"a state", "/state", `"draft"`, `"submitted"`},
		{"a signature", "/signatures/an", `null`, `{"at":5}`},
		{"a part of a signature", "/signatures/b/at", `4`, `5`},
		{"the removal of all signatures", "/signatures", `{"b":{"at":4}}`, `null`},
		{"the removal of what was seen as a hash", "/signatures", `{"#":"` + string(HashOf(Object{"b": Object{"at": int64(4)}})) + `"}`, `null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			const body = `{"count":1,"signatures":{"b":{"at":4}},"state":"draft"}`
			w := newWorld(t)
			w.judge(an, w.create("note", body))
			m := w.edit(c.path, c.was, c.now)
			w.expect(w.one(binh, m), Rejected, CodeNoAttestation, body)
			m.ID, m.Attest = w.id(), HashOf(Object{})
			w.expect(w.one(binh, m), Queued, CodeBodyChanged, body)
			m.ID, m.Attest = w.id(), w.doc().Hash()
			if r := w.one(binh, m); r.Outcome != Applied {
				t.Fatalf("outcome %s %s", r.Outcome, r.Code)
			}
			m.ID = w.id()
			if r := w.one(an, m); r.Outcome != Merged || r.Code != CodeAlready {
				t.Fatalf("the second to submit the same is told %s %s", r.Outcome, r.Code)
			}
		})
	}
}

func TestATransitionIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1,"state":"draft"}`))
	seen := w.doc().Hash()
	w.judge(an, w.edit("/title", `null`, `"A"`))
	m := w.edit("/count", `1`, `2`, "/state", `"draft"`, `"submitted"`)
	m.Attest = seen
	w.expect(w.one(binh, m), Queued, CodeBodyChanged, `{"count":1,"state":"draft","title":"A"}`)
	for _, p := range []Pointer{"/count", "/state"} {
		if s := asObject(asObject(w.item(p)["sides"])[string(m.ID)]); s["group"] != true {
			t.Fatalf("the side at %s does not stand or fall with the rest: %s", p, Canonical(s))
		}
	}
}

func TestWhatMayNotBeWrittenIsRejectedAndKept(t *testing.T) {
	long := strings.Repeat("x", 40_000)
	for _, c := range []struct {
		name string
		m    func(w *world) Mutation
		code Code
	}{
		{"a field of the server", func(w *world) Mutation { return w.edit("/tally", `null`, `1`) }, CodeServerOnly},
		{"a part of what the server writes", func(w *world) Mutation { return w.edit("/basis/of", `"s"`, `"x"`) }, CodeServerOnly},
		{"what holds a field of the server", func(w *world) Mutation { return w.edit("/info", `null`, `{"a":"x","locked":"y"}`) }, CodeServerOnly},
		{"removing what holds a field of the server", func(w *world) Mutation { return w.edit("/info", `{"a":"a","locked":"s"}`, `null`) }, CodeServerOnly},
		{"removing it by its hash", func(w *world) Mutation {
			return w.edit("/info", `{"#":"`+string(HashOf(Object{"a": "a", "locked": "s"}))+`"}`, `null`)
		}, CodeServerOnly},
		{"a part of an atomic group", func(w *world) Mutation { return w.edit("/place/room", `1`, `2`) }, CodeInsideAtomic},
		{"an unknown field", func(w *world) Mutation { return w.edit("/nothing", `null`, `1`) }, CodeUnknownField},
		{"another type", func(w *world) Mutation { return w.create("strict", `{"title":"x"}`) }, CodeTypeDiffers},
		{"a conflict", func(w *world) Mutation {
			m := w.create(TypeConflict, `{"state":"settled"}`)
			m.Doc = DocID(NameID("other"))
			return m
		}, CodeServerOnly},
		{"an unknown type", func(w *world) Mutation {
			m := w.create("nothing", `{}`)
			m.Doc = DocID(NameID("other"))
			return m
		}, CodeUnknownType},
		{"a newer schema", func(w *world) Mutation { m := w.edit("/count", `1`, `2`); m.Schema = 9; return m }, CodeOldSchema},
		{"a value of the wrong type", func(w *world) Mutation { return w.edit("/count", `1`, `"2"`) }, CodeInvalidType},
		{"a wrong value that clashes", func(w *world) Mutation { return w.edit("/count", `5`, `"2"`) }, CodeInvalidType},
		{"a value out of range", func(w *world) Mutation { return w.edit("/count", `1`, `2000`) }, CodeOutOfRange},
		{"a day that is none", func(w *world) Mutation { return w.edit("/days", `null`, `["2023-02-30"]`) }, CodeBadFormat},
		{"a body that breaks a rule across fields", func(w *world) Mutation { return w.edit("/count", `1`, `600`) }, CodeRequired},
		{"a body that grows too large", func(w *world) Mutation {
			return w.edit("/text", `null`, `"`+long+`"`, "/cells/a", `null`, `"`+long+`"`)
		}, CodeBodyLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			const body = `{"count":1,"basis":{"of":"s"},"info":{"a":"a","locked":"s"},"place":{"room":1}}`
			d := w.draft(Author{Person: Server})
			d.Put(theDoc, "note", object(t, body))
			w.seal(d)
			m := c.m(w)
			r := w.one(an, m)
			w.expect(r, Rejected, c.code, body)
			again := w.draft(an)
			if r2 := again.Judge(m); r2.Kept != r.Kept || len(again.Changed()) != 0 {
				t.Fatal("the same rejection is kept twice")
			}
		})
	}
}

func TestADocumentLivesInItsKindsOfScopeOnly(t *testing.T) {
	w := newWorld(t)
	w.scope = ClusterScope(DocID(NameID("cluster")))
	w.state = NewState(w.scope, 0, "", 0, nil)
	if r := w.one(an, w.create("note", `{"count":1}`)); r.Code != CodeWrongScope {
		t.Fatalf("outcome %s %s", r.Outcome, r.Code)
	}
}

func TestNormalisedTextIsToldToItsSender(t *testing.T) {
	w := newWorld(t)
	raw := fmt.Sprintf(`{"id":%q,"doc":%q,"scope":%q,"type":"note","create":{"title":%q}}`, w.id(), theDoc, w.scope, "ho\u0323p")
	w.expect(w.one(an, DecodeMutation([]byte(raw))), Merged, CodeNormalised, `{"title":"họp"}`)
	w.expect(w.one(an, w.edit("/title", `"họp"`, `"to`+"\u0302"+`"`)), Merged, CodeNormalised, `{"title":"tô"}`)
}

func TestRulesRefuseAndQueue(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"count":1}`))
	w.rules.allow = func(a Act) Ruling { return Ruling{Verdict: Refuse, Code: "not_yours"} }
	w.expect(w.one(an, w.edit("/count", `1`, `2`)), Rejected, "not_yours", `{"count":1}`)
	w.rules.allow = func(a Act) Ruling { return Ruling{Verdict: Queue, Code: "too_late"} }
	w.expect(w.one(an, w.edit("/count", `1`, `2`)), Queued, "too_late", `{"count":1}`)
	w.expect(w.one(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: w.doc().Hash()}), Queued, "too_late", `{"count":1}`)
}
