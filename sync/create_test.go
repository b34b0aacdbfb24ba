package sync

import "testing"

func TestCreatingWhatIsThereMergesFieldByField(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"title":"A","count":1,"state":"draft"}`))
	m := w.edit("/state", `"draft"`, `"submitted"`)
	m.Attest = w.doc().Hash()
	w.judge(an, m)
	r := w.one(binh, w.create("note", `{"title":"B","count":1,"text":"biên bản","state":"draft"}`))
	w.expect(r, Queued, CodeChanged, `{"title":"A","count":1,"text":"biên bản","state":"submitted"}`)
	if items := asObject(w.conflict().Body()["items"]); len(items) != 1 {
		t.Fatalf("only the titles clash, where things begin does not: %s", w.conflict().Raw())
	}
	w.item("/title")
}

func TestCreatingTheSameTwiceMerges(t *testing.T) {
	w := newWorld(t)
	w.expect(w.one(an, w.create("note", `{"title":"A","state":"draft"}`)), Applied, "", `{"title":"A","state":"draft"}`)
	w.expect(w.one(binh, w.create("note", `{"title":"A","state":"draft"}`)), Merged, CodeAlready, `{"title":"A","state":"draft"}`)
}

func TestACreationCannotTakeAStepOrSignWhatIsThere(t *testing.T) {
	w := newWorld(t)
	w.judge(an, w.create("note", `{"title":"A"}`))
	r := w.one(binh, w.create("note", `{"state":"submitted","signatures":{"b":{"at":1}}}`))
	w.expect(r, Queued, CodeChanged, `{"title":"A"}`)
	w.item("/signatures")
	w.item("/state")
}

func TestAnInvalidCreationIsRejectedAndSoIsWhatBuildsOnIt(t *testing.T) {
	w := newWorld(t)
	first := w.create("strict", `{}`)
	rs := w.judge(an, first, w.edit("/title", `null`, `"x"`))
	if rs[0].Code != CodeRequired || rs[1].Code != CodeUnknownDoc {
		t.Fatalf("receipts %+v", rs)
	}
	for _, d := range w.kept(TypeRejection) {
		if about, state, opened, ok := d.About(); about != theDoc || state != StateOpen || opened != w.now || !ok {
			t.Fatalf("a rejection does not stand beside the other: %s", d.Raw())
		}
	}
	if len(w.kept(TypeRejection)) != 2 {
		t.Fatal("both are kept")
	}
}

func TestWhatBuildsOnAQueuedCreationJoinsItsConflict(t *testing.T) {
	for _, together := range []bool{true, false} {
		w := newWorld(t)
		w.rules.allow = func(a Act) Ruling { return Ruling{Verdict: Queue, Code: "too_late"} }
		create, edit := w.create("note", `{"count":1}`), w.edit("/count", `1`, `2`)
		var rs []Receipt
		if together {
			rs = w.judge(an, create, edit)
		} else {
			rs = append(w.judge(an, create), w.judge(an, edit)...)
		}
		if rs[0].Code != "too_late" || rs[1].Code != CodeBuiltOnQueued || rs[0].Kept != rs[1].Kept {
			t.Fatalf("receipts %+v", rs)
		}
		w.item("")
		w.item("/count")
		if str(w.conflict().Body(), "aboutType") != "note" {
			t.Fatal("the conflict does not know of which type its document would be")
		}
		r := w.one(an, w.edit("/tally", `null`, `5`))
		if r.Outcome != Rejected || r.Code != CodeServerOnly {
			t.Fatalf("through a queued creation a field of the server can be written: %+v", r)
		}
		f := w.resolve(map[Pointer]Choice{"": {Take: TakeSide, Side: create.ID}, "/count": {Take: TakeSide, Side: edit.ID}})
		if f == nil || f.Code != "too_late" {
			t.Fatalf("a decision the rules do not allow: %v", f)
		}
		w.rules.allow = nil
		if f := w.resolve(map[Pointer]Choice{"": {Take: TakeSide, Side: create.ID}, "/count": {Take: TakeSide, Side: edit.ID}}); f != nil {
			t.Fatal(f)
		}
		w.expect(w.one(an, w.edit("/count", `2`, `3`)), Applied, "", `{"count":3}`)
	}
}

func TestAnEmptyCreationIsNoDeletion(t *testing.T) {
	w := newWorld(t)
	w.rules.allow = func(a Act) Ruling {
		if a.Decision {
			return Ruling{}
		}
		return Ruling{Verdict: Queue, Code: "too_late"}
	}
	m := w.create("note", `{}`)
	w.judge(an, m)
	if f := w.resolve(map[Pointer]Choice{"": {Take: TakeSide, Side: m.ID}}); f != nil {
		t.Fatal(f)
	}
	if w.doc() == nil || string(w.doc().Raw()) != "{}" {
		t.Fatal("the document was not created")
	}
}
