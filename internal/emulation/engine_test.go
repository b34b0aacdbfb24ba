package emulation

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"thidua/sync"
)

// A desk is the desk of unit u with the engine judging by the domain's rules.
type desk struct {
	t     *testing.T
	state *sync.State
	log   map[int64]sync.Origin
	made  uint16
	now   int64
	asked int // how many acts the log had to be read for
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, state: sync.NewState(sync.UnitDesk(uid("u")), 0, "", 0, nil), log: map[int64]sync.Origin{}, now: noon}
}

func (d *desk) does(author sync.Author, m sync.Mutation) sync.Receipt {
	d.t.Helper()
	return d.receives(author, m, d.now, 0)
}

// receives takes what was made at a time, by a clock that is so far behind.
func (d *desk) receives(author sync.Author, m sync.Mutation, made, offset int64) sync.Receipt {
	d.t.Helper()
	d.made++
	m.ID = sync.MutationID(sync.MakeID(made, d.made, uint64(d.made)))
	m.Scope, m.Type, m.Doc = d.state.Scope, TypeSheet, SheetID(uid("u"), uid("2022"))
	c := sync.DraftConfig{State: d.state, Rules: New(), Org: organisation(), Author: author, Received: d.now, Offset: offset}
	draft := sync.NewDraft(c)
	r := draft.Judge(m)
	if len(draft.Asked()) > 0 {
		d.asked++
		c.Origins = d.log
		draft = sync.NewDraft(c)
		r = draft.Judge(m)
	}
	commit := draft.Seal(nil)
	d.state, d.log[commit.Seq] = draft.Next(commit), sync.Origin{Author: commit.Author, At: commit.At}
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

// TestScoreForACrossCheckedSheetIsJudgedByWhatItsAuthorKnew holds every
// combination of what the author had seen, when the score was made and how far
// the clock was off against the rule in words.
func TestScoreForACrossCheckedSheetIsJudgedByWhatItsAuthorKnew(t *testing.T) {
	minute := time.Minute.Milliseconds()
	staff, leader, head := person("p", grant(UnitStaff, "u")), person("q", grant(UnitLeader, "u")), person("r", grant(ClusterHead, "c"))
	score := edit("/entries/I-1/self", int64(5000), int64(5500))
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		d.does(staff, sync.Mutation{Create: sheetBody("u", "")})
		d.does(leader, sync.Mutation{Edits: edit("/state", nil, "submitted"), Attest: d.sheet().Hash()})
		seen := d.sheet().Version
		d.now += day
		if r := d.does(head, sync.Mutation{Edits: edit("/state", "submitted", "cross_checked"), Attest: d.sheet().Hash()}); r.Outcome != sync.Applied {
			rt.Fatalf("cross-checked: %+v", r)
		}
		reached := d.now
		knew := rapid.Bool().Draw(rt, "had seen the cross-check")
		if knew {
			seen = d.sheet().Version
		}
		made := reached + rapid.Int64Range(-3, 3).Draw(rt, "made, minutes from the cross-check")*minute
		offset := rapid.SampledFrom([]int64{0, 10 * minute, -10 * minute, 16 * minute, -3 * 60 * minute}).Draw(rt, "offset")
		d.now += rapid.Int64Range(4, 20_000).Draw(rt, "received, minutes later") * minute
		credible := offset >= -15*minute && offset <= 15*minute
		outcome, code := sync.Queued, CodeCrossCheckedSince
		if knew || credible && made >= reached {
			outcome, code = sync.Rejected, CodeCrossChecked
		}
		r := d.receives(staff, sync.Mutation{Base: seen, Edits: score}, made-offset, offset)
		if r.Outcome != outcome || r.Code != code {
			rt.Fatalf("seen %v, made %d min after it, clock off by %d min: %+v, want %s %s", knew, (made-reached)/minute, offset/minute, r, outcome, code)
		}
		if got := num(obj(obj(d.sheet().Body(), "entries"), "I-1"), "self"); got != 5000 {
			rt.Fatalf("%d points stand", got)
		}
		if (d.asked > 0) != (!knew && credible) {
			rt.Fatalf("the log was read for %d acts", d.asked)
		}
	})
}

func TestScoreForACrossCheckedSheetWaitsIfNobodyKnowsSinceWhenItIs(t *testing.T) {
	a := act(person("p", grant(UnitStaff, "u")), sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", "cross_checked"), edit("/entries/I-1/self", int64(5000), int64(5500)))
	a.Base, a.Present.Touched["/state"] = 1, 2
	if got := New().Allow(a); got != queue(CodeCrossCheckedSince) {
		t.Errorf("%+v", got)
	}
}
