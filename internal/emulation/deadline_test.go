package emulation

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"thidua/sync"
)

// dueOrg is the organisation with a milestone of a kind due on 1 December and
// grace of so many days.
func dueOrg(kind string, grace int64) *sync.Reference {
	org := organisation()
	var docs []*sync.Document
	for typ := range New().Schema().Types {
		for _, d := range org.Of(typ) {
			if d.ID == uid("2022") {
				d = orgDoc(TypePeriod, "2022", sync.Set(d.Body(), "/milestones", sync.Object{"m": sync.Object{"kind": kind, "due": "2022-12-01", "grace": grace}}))
			}
			docs = append(docs, d)
		}
	}
	return sync.NewReference(1, docs)
}

// TestDeadlinesWithGraceAndCredibleClocks holds every combination of when it was
// made, when it came in and how far the clock was off against the rule in words.
func TestDeadlinesWithGraceAndCredibleClocks(t *testing.T) {
	due, _ := endOfDay("2022-12-01")
	minute := time.Minute.Milliseconds()
	rapid.Check(t, func(t *rapid.T) {
		grace := rapid.Int64Range(0, 5).Draw(t, "grace")
		made := due + rapid.Int64Range(-6*24*60, 6*24*60).Draw(t, "made, minutes from the deadline")*minute
		received := max(made, due+rapid.Int64Range(-24*60, 12*24*60).Draw(t, "received")*minute)
		offset := rapid.SampledFrom([]int64{0, 10 * minute, -10 * minute, 16 * minute, -3 * 60 * minute}).Draw(t, "offset")
		a := act(person("p", grant(UnitStaff, "u")), sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", ""), edit("/entries/I-1/self", int64(5000), int64(5500)))
		a.Org, a.Made, a.Offset, a.Received = dueOrg(TrackSheet, grace), made-offset, offset, received
		credible := offset >= -15*minute && offset <= 15*minute
		want := sync.Ruling{}
		switch {
		case received < due:
		case made >= due:
			want = refuse(CodeLate)
		case !credible:
			want = queue(CodeClockDoubtful)
		case received >= due+grace*day:
			want = queue(CodeAfterGrace)
		}
		if got := New().Allow(a); got != want {
			t.Fatalf("made %s, received %s, clock off by %d min, grace %d: %+v, want %+v", FormatTime(made), FormatTime(received), offset/minute, grace, got, want)
		}
	})
}

func TestEachDeadlineBoundsWhatTheTableSays(t *testing.T) {
	due, _ := endOfDay("2022-12-01")
	staffU, leaderU := person("p", grant(UnitStaff, "u")), person("p", grant(UnitLeader, "u"))
	deputy, officerC := person("q", grant(ClusterDeputy, "c")), person("q", grant(Officer, "c"))
	desk := sync.UnitDesk(uid("u"))
	about := func(state string) sync.Object {
		b := sync.Object{"unit": string(uid("u")), "period": string(uid("2022"))}
		if state != "" {
			b["state"] = state
		}
		return b
	}
	reason := edit("/state_reason", nil, "x")
	for _, c := range []struct {
		name, milestone string
		act             sync.Act
		want            sync.Code // "" is allowed
	}{
		{"a target registered late", TrackRegistration, act(staffU, desk, TypeRegistration, about(""), edit("/targets/a", nil, sync.Object{"text": "x"})), CodeLate},
		{"a note beside it", TrackRegistration, act(staffU, desk, TypeRegistration, about(""), edit("/note", nil, "x")), ""},
		{"registering late", TrackRegistration, act(leaderU, desk, TypeRegistration, about(""), edit("/state", nil, "registered")), CodeLate},
		{"another milestone", TrackPledge, act(leaderU, desk, TypeRegistration, about(""), edit("/state", nil, "registered")), ""},
		{"signing a pledge late", TrackPledge, act(leaderU, desk, TypePledge, about(""), edit("/state", nil, "signed")), CodeLate},
		{"filing a report late", TrackReport, act(leaderU, desk, TypeReport, about(""), edit("/state", nil, "filed")), CodeLate},
		{"withdrawing a sheet late", TrackSheet, act(leaderU, desk, TypeSheet, sheetBody("u", "submitted"), append(edit("/state", "submitted", "draft"), reason...)), CodeLate},
		{"explaining after the self-score was due", TrackSheet, act(staffU, desk, TypeSheet, sheetBody("u", "cross_checked"), edit("/entries/I-1/explanation", nil, "x")), ""},
		{"explaining late", MilestoneExplanation, act(staffU, desk, TypeSheet, sheetBody("u", "cross_checked"), edit("/entries/I-1/explanation", nil, "x")), CodeLate},
		{"cross-checking late", MilestoneCrossCheck, act(deputy, sync.ClusterDesk(uid("c")), TypeReview, reviewBody("u"), edit("/entries/I-1/cross", int64(4000), int64(1))), CodeLate},
		{"rechecking after the cross-check was due", MilestoneCrossCheck, act(deputy, sync.ClusterDesk(uid("c")), TypeReview, reviewBody("u"), edit("/entries/I-1/recheck", nil, int64(1))), ""},
		{"verifying late", MilestoneVerification, act(officerC, desk, TypeSheet, sheetBody("u", "rechecked"), edit("/state", "rechecked", "verified")), CodeLate},
		{"returning late without saying until when", TrackSheet, act(officerC, desk, TypeSheet, sheetBody("u", "submitted"), append(edit("/state", "submitted", "returned"), reason...)), CodeExtensionMissing},
		{"returning late with a new day", TrackSheet, act(officerC, desk, TypeSheet, sheetBody("u", "submitted"), append(append(edit("/state", "submitted", "returned"), reason...), edit("/extended_to", nil, "2022-12-05")...)), ""},
		{"submitting again by that day", TrackSheet, act(leaderU, desk, TypeSheet, sync.Set(sheetBody("u", ""), "/extended_to", "2022-12-05"), edit("/state", nil, "submitted")), ""},
		{"the unit gives itself a new day", TrackSheet, act(leaderU, desk, TypeSheet, sheetBody("u", ""), edit("/extended_to", nil, "2022-12-05")), CodeForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := c.act
			a.Org, a.Made, a.Received, a.Base = dueOrg(c.milestone, 3), due+day, due+day, 1
			want := sync.Ruling{}
			if c.want != "" {
				want = refuse(c.want)
			}
			if got := New().Allow(a); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestAnActOlderThanItsDocumentIsNotBelieved(t *testing.T) {
	due, _ := endOfDay("2022-12-01")
	a := act(person("p", grant(UnitStaff, "u")), sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", ""), nil)
	a.Made, a.Received = due-day, due
	a.Doc = sync.DocID(sync.MakeID(due-day/2, 0, 1))
	if credible(a, nil) {
		t.Error("made half a day before the document")
	}
	a.Doc = sync.DocID(sync.MakeID(due-2*day, 0, 1))
	if !credible(a, nil) {
		t.Error("made after the document")
	}
}

func TestCriteriaOfFiveTypesAreScoredEachItsWay(t *testing.T) {
	for _, c := range []struct {
		name             string
		entry, criterion sync.Object
		want             sync.Code
	}{
		{"a level", sync.Object{"self": int64(500)}, sync.Object{"type": CriterionAchieved, "max": int64(1000), "levels": []any{int64(0), int64(500), int64(1000)}}, ""},
		{"between levels", sync.Object{"self": int64(600)}, sync.Object{"type": CriterionAchieved, "max": int64(1000), "levels": []any{int64(0), int64(500), int64(1000)}}, CodeNotALevel},
		{"a reviewer judges freely", sync.Object{"cross": int64(600)}, sync.Object{"type": CriterionAchieved, "max": int64(1000), "levels": []any{int64(0), int64(1000)}}, ""},
		{"three of them", sync.Object{"self": int64(750)}, sync.Object{"type": CriterionCount, "max": int64(1000), "each": int64(250)}, ""},
		{"as many as count", sync.Object{"self": int64(1000)}, sync.Object{"type": CriterionCount, "max": int64(1000), "each": int64(300)}, ""},
		{"a part of one", sync.Object{"self": int64(800)}, sync.Object{"type": CriterionCount, "max": int64(1000), "each": int64(250)}, CodeNotAMultiple},
		{"taken away", sync.Object{"self": int64(1000), "penalty": int64(300)}, sync.Object{"type": CriterionPlusMinus, "max": int64(1000), "penalty_max": int64(500)}, ""},
		{"too much taken away", sync.Object{"self": int64(1000), "penalty": int64(600)}, sync.Object{"type": CriterionPlusMinus, "max": int64(1000), "penalty_max": int64(500)}, CodeScoreRange},
		{"judged", sync.Object{"self": int64(123)}, sync.Object{"type": CriterionJudged, "max": int64(1000)}, ""},
		{"above the maximum", sync.Object{"recheck": int64(1001)}, sync.Object{"type": CriterionQuantitative, "max": int64(1000)}, CodeScoreRange},
	} {
		if got := scoreFault(c.entry, c.criterion); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	measured := sync.Object{"criteria": sync.Object{"a": sync.Object{"type": CriterionQuantitative, "measure": "lượt"}}}
	entry := func(o sync.Object) sync.Object { return sync.Object{"entries": sync.Object{"a": o}} }
	if !unmeasured(entry(sync.Object{"self": int64(1)}), measured) || unmeasured(entry(sync.Object{"self": int64(1), "actual": "33.776"}), measured) || unmeasured(entry(sync.Object{"actual": "1"}), measured) {
		t.Error("a measured score states what was reached")
	}
}

func TestCriteriaThatContradictTheirTypeAreNotPublished(t *testing.T) {
	for _, c := range []struct {
		path  sync.Pointer
		value sync.Value
		want  sync.Code
	}{
		{"/title", "U", ""},
		{"/criteria/I-1/each", int64(100), CodeTypeUnfit},
		{"/criteria/I-1/measure", "lượt", CodeTypeUnfit},
		{"/criteria/I-1/levels", []any{int64(100)}, CodeTypeUnfit},
		{"/criteria/I-1/type", CriterionPlusMinus, CodeTypeUnfit},
		{"/criteria/I-1/code", "II.1", CodeRepeated},
		{"/tie_break", []any{TieBase, TieBase}, CodeRepeated},
		{"/criteria/I-1/section", "IX", CodeSectionUnknown},
		{"/criteria/I-1/max", int64(5999), CodeSumsDiffer},
		{"/criteria", nil, CodeSumsDiffer},
	} {
		fault := New().Schema().Types[TypeCriteria].Validate(sync.Set(criteriaBody(), c.path, c.value))
		if (fault == nil) != (c.want == "") || fault != nil && fault.Code != c.want {
			t.Errorf("%s %v: %v, want %s", c.path, c.value, fault, c.want)
		}
	}
}
