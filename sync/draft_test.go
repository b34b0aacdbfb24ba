package sync

import (
	"slices"
	"testing"
)

// asking are rules that ask when the title last changed before they allow
// another text; told are the answers.
func asking(w *world) (told *[]int64) {
	told = new([]int64)
	w.rules.allow = func(a Act) Ruling {
		if len(a.Edits) == 1 && a.Edits[0].Path == "/text" {
			*told = append(*told, a.ChangedAt("/title"))
		}
		return Ruling{}
	}
	return told
}

func TestRulesAreToldWhenAPathChangedOnceThatIsKnown(t *testing.T) {
	w := newWorld(t)
	told := asking(w)
	w.one(an, w.create("note", `{"title":"họp"}`))
	w.one(an, w.edit("/title", `"họp"`, `"họp A"`))
	changed := w.now
	w.one(an, w.edit("/count", `null`, `1`))
	text := w.edit("/text", `null`, `"x"`)

	d := w.draft(binh)
	d.Judge(text)
	if asked := d.Asked(); !slices.Equal(asked, []int64{2}) || !slices.Equal(*told, []int64{0}) {
		t.Fatalf("asked for %v, told %v", asked, *told)
	}
	d = NewDraft(DraftConfig{State: w.state, Rules: w.rules, Author: binh, Received: w.now, Origins: map[int64]Origin{2: {At: changed}}})
	d.Judge(text)
	if asked := d.Asked(); len(asked) > 0 || !slices.Equal(*told, []int64{0, changed}) {
		t.Fatalf("asked for %v, told %v", asked, *told)
	}
}

func TestWhatADraftChangedItselfNeedsNotBeAskedFor(t *testing.T) {
	w := newWorld(t)
	told := asking(w)
	w.one(an, w.create("note", `{"title":"họp"}`))
	w.judge(an, w.edit("/title", `"họp"`, `"họp A"`), w.edit("/text", `null`, `"x"`))
	if !slices.Equal(*told, []int64{w.now}) {
		t.Fatalf("told %v at %d", *told, w.now)
	}
}

func TestWhatADocumentForgotIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	told := asking(w)
	w.one(an, w.create("note", `{"title":"họp"}`))
	w.doc().Touched = map[Pointer]int64{"": -1}
	d := w.draft(an)
	d.Judge(w.edit("/text", `null`, `"x"`))
	if len(d.Asked()) > 0 || !slices.Equal(*told, []int64{0}) {
		t.Fatalf("asked for %v, told %v", d.Asked(), *told)
	}
}
