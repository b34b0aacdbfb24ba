package emulation

import (
	"testing"

	"thidua/sync"
)

// A desk is the desk of unit u with the engine judging by the domain's rules.
type desk struct {
	t     *testing.T
	state *sync.State
	made  uint16
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, state: sync.NewState(sync.UnitDesk(uid("u")), 0, "", 0, nil)}
}

func (d *desk) does(author sync.Author, m sync.Mutation) sync.Receipt {
	d.t.Helper()
	d.made++
	m.ID = sync.MutationID(sync.MakeID(noon, d.made, uint64(d.made)))
	m.Scope, m.Type, m.Doc = d.state.Scope, TypeSheet, SheetID(uid("u"), uid("2022"))
	draft := sync.NewDraft(sync.DraftConfig{State: d.state, Rules: New(), Org: organisation(), Author: author, Received: noon})
	r := draft.Judge(m)
	d.state = draft.Next(draft.Seal(nil))
	return r
}

func (d *desk) sheet() *sync.Document { return d.state.Docs[SheetID(uid("u"), uid("2022"))] }

func TestSheetCreatedOnTwoPhonesIsOneSheetAndIsSubmittedOnce(t *testing.T) {
	d := newDesk(t)
	staff, leader, second := person("p", grant(UnitStaff, "u")), person("q", grant(UnitLeader, "u")), person("r", grant(UnitLeader, "u"))
	if r := d.does(staff, sync.Mutation{Create: sheetBody("u", "")}); r.Outcome != sync.Applied {
		t.Fatalf("created: %+v", r)
	}
	other := sync.Set(sheetBody("u", ""), "/entries", sync.Object{"II-1": sync.Object{"self": int64(3000)}})
	if r := d.does(leader, sync.Mutation{Create: other}); r.Outcome != sync.Merged {
		t.Fatalf("created again: %+v", r)
	}
	entries := obj(d.sheet().Body(), "entries")
	if num(obj(entries, "I-1"), "self") != 5000 || num(obj(entries, "II-1"), "self") != 3000 {
		t.Fatalf("entries %v", entries)
	}
	submit := sync.Mutation{Edits: edit("/state", nil, "submitted"), Attest: d.sheet().Hash()}
	if r := d.does(leader, submit); r.Outcome != sync.Applied {
		t.Fatalf("submitted: %+v", r)
	}
	if r := d.does(second, submit); r.Outcome != sync.Merged || r.Code != CodeAlreadySubmitted {
		t.Fatalf("submitted again: %+v", r)
	}
	if r := d.does(staff, sync.Mutation{Edits: edit("/entries/I-1/self", int64(5000), int64(1))}); r.Outcome != sync.Rejected || r.Code != CodeWithdrawFirst {
		t.Fatalf("edited after: %+v", r)
	}
}

func TestDifferentSelfScoresWaitForAPersonAndHoldUpTheSubmit(t *testing.T) {
	d := newDesk(t)
	staff, leader := person("p", grant(UnitStaff, "u")), person("q", grant(UnitLeader, "u"))
	d.does(staff, sync.Mutation{Create: sheetBody("u", "")})
	for _, c := range []struct {
		points int64
		want   sync.Outcome
	}{{5500, sync.Applied}, {5500, sync.Merged}, {5600, sync.Queued}} {
		if r := d.does(staff, sync.Mutation{Edits: edit("/entries/I-1/self", int64(5000), c.points)}); r.Outcome != c.want {
			t.Fatalf("%d points: %+v", c.points, r)
		}
	}
	if r := d.does(leader, sync.Mutation{Edits: edit("/state", nil, "submitted"), Attest: d.sheet().Hash()}); r.Code != CodeConflictOpen {
		t.Fatalf("submitted: %+v", r)
	}
	if got := num(obj(obj(d.sheet().Body(), "entries"), "I-1"), "self"); got != 5500 {
		t.Errorf("%d points stand", got)
	}
}
