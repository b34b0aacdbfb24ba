package emulation

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/sync"
)

func paper(typ, unit string, version int64, body sync.Object) *sync.Document {
	id, keyed := KeyOf(typ, body)
	if !keyed {
		id = uid(typ + unit)
	}
	return sync.NewDocument(id, typ, sync.UnitDesk(uid(unit)), version, body)
}

func scored(unit string, points int64) sync.Object {
	return sync.Set(sheetBody(unit, "submitted"), "/entries/I-1/self", points)
}

func TestRankingHasEveryMemberOnceAndNamesItsBasis(t *testing.T) {
	org := organisation()
	docs := []*sync.Document{paper(TypeSheet, "u", 7, scored("u", 5000)), paper(TypeSheet, "v", 9, scored("v", 5000)), paper(TypeSheet, "x", 3, scored("x", 6000))}
	got := Rank(org, uid("c"), uid("2022"), docs)
	ranks := map[string]int{}
	for _, r := range got.Rows {
		ranks[r.Name] = r.Rank
	}
	if diff := cmp.Diff(map[string]int{"Unit u": 1, "Unit v": 1, "Unit w": 0}, ranks); diff != "" {
		t.Error(diff)
	}
	versions := map[sync.DocID]int64{}
	for _, b := range got.Basis {
		versions[b.Doc] = b.Version
	}
	want := map[sync.DocID]int64{SheetID(uid("u"), uid("2022")): 7, SheetID(uid("v"), uid("2022")): 9, uid("criteria"): 1}
	if diff := cmp.Diff(want, versions); diff != "" {
		t.Error(diff)
	}
	if fault := New().Schema().Types[TypeRanking].Validate(got.Body(1)); fault != nil {
		t.Error(fault)
	}
}

func TestRankingTurnsStaleWhenAPaperChanges(t *testing.T) {
	org := organisation()
	docs := []*sync.Document{paper(TypeSheet, "u", 7, scored("u", 5000)), paper(TypeSheet, "v", 9, scored("v", 5000))}
	r := Rank(org, uid("c"), uid("2022"), docs)
	if r.Stale(org, docs) {
		t.Error("stale at once")
	}
	if !r.Stale(org, []*sync.Document{docs[0], paper(TypeSheet, "v", 10, scored("v", 5000))}) {
		t.Error("a sheet changed")
	}
	if !r.Stale(org, append(docs, paper(TypeSheet, "w", 1, scored("w", 1)))) {
		t.Error("a sheet came in")
	}
	if !r.Stale(org, docs[:1]) {
		t.Error("a sheet is gone")
	}
}

func TestRankingTurnsStaleEachTimeThePeriodIsReopened(t *testing.T) {
	d, docs := New(), []*sync.Document{paper(TypeSheet, "u", 7, scored("u", 5000))}
	reopened := func(times int64) *sync.Reference {
		var all []*sync.Document
		for _, typ := range []string{TypeCluster, TypeCriteria, TypePeriod, TypeUnit, TypeMembership} {
			for _, d := range organisation().Of(typ) {
				if d.ID == uid("2022") && times > 0 {
					d = orgDoc(TypePeriod, "2022", sync.Set(d.Body(), "/reopened", times))
				}
				all = append(all, d)
			}
		}
		return sync.NewReference(times, all)
	}
	for made := range int64(3) {
		r := Rank(reopened(made), uid("c"), uid("2022"), docs)
		recorded := sync.Set(r.Body(9), "/state", "announced") // whatever its number
		for times := made; times < 4; times++ {
			later := Rank(reopened(times), uid("c"), uid("2022"), docs)
			stale := r.Stale(reopened(times), docs)
			if changed := later.ChangedSince(recorded); stale != (times > made) || stale != (len(changed) == 1 && changed[0] == uid("2022")) {
				t.Errorf("made after %d reopenings, now %d: stale %v, changed %v", made, times, stale, changed)
			}
			a := act(person("head", grant(ClusterHead, "c")), sync.ClusterScope(uid("c")), TypeRanking, recorded, edit("/state", "announced", "submitted"))
			a.Org = reopened(times)
			if got := d.Allow(a); (got.Code == CodeRankingStale) != (times > made) {
				t.Errorf("made after %d reopenings, submitted after %d: %+v", made, times, got)
			}
		}
	}
}

func TestReviewsCountOnceTheyAreSent(t *testing.T) {
	org := organisation()
	total := func(state string) int64 {
		review := reviewBody("u")
		if state != "" {
			review["state"] = state
		}
		docs := []*sync.Document{paper(TypeSheet, "u", 1, scored("u", 5000)), paper(TypeReview, "u", 1, review)}
		for _, row := range Rank(org, uid("c"), uid("2022"), docs).Rows {
			if row.Unit == uid("u") {
				return row.Score.Total
			}
		}
		return -1
	}
	if total("") != 5000 || total("sent") != 4000 {
		t.Errorf("draft %d, sent %d", total(""), total("sent"))
	}
}

func TestVoteOnATieIsReadFromTheMinutes(t *testing.T) {
	org := organisation()
	ballot := func(unit string, votes int64) sync.Object {
		return sync.Object{"kind": "tie_break", "subject": "s", "unit": string(uid(unit)), "tally": votesBody(Tally{For: votes, Returned: votes, Issued: votes})}
	}
	meeting := sync.Set(sync.Set(meetingBody(""), "/reviewed_period", string(uid("2022"))), "/ballots", sync.Object{"a": ballot("u", 1), "b": ballot("v", 2)})
	docs := []*sync.Document{
		paper(TypeSheet, "u", 1, scored("u", 5000)), paper(TypeSheet, "v", 1, scored("v", 5000)),
		sync.NewDocument(uid("m"), TypeMeeting, sync.ClusterScope(uid("c")), 4, meeting),
	}
	got := Rank(org, uid("c"), uid("2022"), docs)
	if got.Rows[0].Unit != uid("v") || got.Rows[0].Tie != TieBallots || got.Rows[1].Rank != 2 {
		t.Errorf("%+v", got.Rows)
	}
	if len(got.Basis) != 4 {
		t.Errorf("the minutes belong to the basis: %v", got.Basis)
	}
}

func TestTrackersFollowTheMilestonesOfThePeriod(t *testing.T) {
	d, org := New(), organisation()
	targets := d.Targets(sync.UnitDesk(uid("u")), org)
	want := []sync.Target{{
		Scope: sync.ClusterScope(uid("c")), Doc: TrackerID(uid("c"), uid("2022"), TrackSheet), Type: TypeTracker, Subject: TrackSheet + "/" + string(uid("2022")),
	}}
	if diff := cmp.Diff(want, targets); diff != "" {
		t.Fatal(diff)
	}
	if got := d.Targets(sync.Org, org); len(got) != 2 {
		t.Errorf("of org depend %v", got)
	}
	for _, s := range []sync.Scope{sync.UserScope("p"), "nonsense"} {
		if got := d.Targets(s, org); got != nil {
			t.Errorf("of %s depend %v", s, got)
		}
	}
	sources := d.Sources(targets[0], org)
	if len(sources) != 3 || sources[0].Kind() != "unit:desk" {
		t.Errorf("sources %v", sources)
	}
}

func TestTrackerNamesWhoHasDoneIt(t *testing.T) {
	d, org := New(), organisation()
	target := d.Targets(sync.UnitDesk(uid("u")), org)[0]
	docs := map[sync.Scope][]*sync.Document{
		sync.UnitDesk(uid("u")): {paper(TypeSheet, "u", 7, scored("u", 1))},
		sync.UnitDesk(uid("v")): {paper(TypeSheet, "v", 9, sheetBody("v", ""))},
		sync.UnitDesk(uid("w")): nil,
	}
	body := d.Derive(target, docs, org)
	want := sync.Object{
		"cluster": string(uid("c")), "period": string(uid("2022")), "kind": TrackSheet, "due": "2022-12-01", "n": int64(1), "of": int64(3), "percent": int64(333),
		"members": sync.Object{
			string(uid("u")): sync.Object{"name": "Unit u", "done": true, "doc": string(SheetID(uid("u"), uid("2022"))), "version": int64(7)},
			string(uid("v")): sync.Object{"name": "Unit v", "done": false, "doc": string(SheetID(uid("v"), uid("2022"))), "version": int64(9)},
			string(uid("w")): sync.Object{"name": "Unit w", "done": false},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
	if fault := d.Schema().Types[TypeTracker].Validate(body); fault != nil {
		t.Error(fault)
	}
	target.Subject = TrackPledge + "/" + string(uid("2022"))
	if body := d.Derive(target, docs, org); body != nil {
		t.Errorf("no milestone asks for %v", body)
	}
}

func TestUnitBearsTheNameOfTheDay(t *testing.T) {
	u := orgDoc(TypeUnit, "n", sync.Object{"code": "n", "names": sync.Object{
		"1": sync.Object{"name": "Old", "to": "2025-06-30"}, "2": sync.Object{"name": "New", "from": "2025-07-01"},
	}})
	for day, want := range map[string]string{"2010-01-01": "Old", "2025-06-30": "Old", "2025-07-01": "New", "2030-01-01": "New"} {
		if got := NameOn(u, day); got != want {
			t.Errorf("%s: %s", day, got)
		}
	}
	if NameOn(nil, "2020-01-01") != "" {
		t.Error("no unit has no name")
	}
}

func TestTermBeginsOnNewYearsDay(t *testing.T) {
	from, to := TermSpan(2023)
	if DayOf(from) != "2023-01-01" || DayOf(from-1) != "2022-12-31" || DayOf(to-1) != "2023-12-31" || DayOf(to) != "2024-01-01" {
		t.Errorf("from %s to %s", DayOf(from), DayOf(to))
	}
}

func TestTimetableCountsFromTheDispatch(t *testing.T) {
	dispatch := orgDoc(TypeDispatch, "dispatch", sync.Object{"number": "1", "date": "2021-10-30", "subject": "s"})
	on := func(name, day string) *sync.Document {
		return orgDoc(TypeMeeting, name, sync.Object{"held_on": day, "basis": string(uid("dispatch"))})
	}
	period := orgDoc(TypePeriod, "p", sync.Object{"milestones": sync.Object{"m": sync.Object{"kind": "pledge", "due": "2021-11-01", "basis": string(uid("dispatch"))}}})
	got := Timetable(dispatch, sync.NewReference(1, []*sync.Document{period}), []*sync.Document{on("a", "2021-11-30"), on("b", "2021-02-31")})
	want := []Appointment{{Kind: "pledge", On: "2021-11-01", Days: 2, Doc: uid("p")}, {Kind: "meeting", On: "2021-11-30", Days: 31, Doc: uid("a")}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProposalsAreNoAwardsAndAwardsNoProposals(t *testing.T) {
	award := func(name, state, form string) *sync.Document {
		return orgDoc(TypeAward, name, sync.Object{"period": string(uid("2022")), "form": form, "recipients": "collective", "count": int64(3), "state": state})
	}
	docs := []*sync.Document{award("a", "proposed", "emulation_flag"), award("b", "decided", "emulation_flag"), award("c", "rejected", "emulation_flag"), award("d", "proposed", "prize")}
	docs = append(docs, docs[1]) // read twice, counted once
	if got := CountAwards(uid("2022"), docs).Count; got != 3 {
		t.Errorf("%d awards", got)
	}
	if got := FlagProposals(uid("2022"), docs); len(got) != 1 || got[0].ID != uid("a") {
		t.Errorf("proposals %v", got)
	}
}

func TestPeopleReadNumbersTheirWay(t *testing.T) {
	for got, want := range map[string]string{
		FormatNumber(33776): "33.776", FormatNumber(-1234567): "-1.234.567", FormatNumber(0): "0", FormatNumber(999): "999",
		FormatPercent(965): "96,5 %", FormatPercent(1000): "100,0 %", FormatPercent(5): "0,5 %",
		FormatPoints(750): "7,5", FormatPoints(10150): "101,5", FormatPoints(-50): "-0,5", FormatPoints(10000): "100", FormatPoints(705): "7,05",
		FormatDate("2022-12-16"): "16/12/2022", FormatDate("soon"): "soon",
		FormatTime(noon): "01/07/2022 12:00",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
