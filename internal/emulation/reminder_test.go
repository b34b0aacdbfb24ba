package emulation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"thidua/sync"
)

// clock reads "YYYY-MM-DD hh:mm" where the people are.
func clock(t testing.TB, s string) int64 {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("", 7*3600))
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

// season is the organisation with a whole year of milestones, less or more what
// a test says of the period, and with a term: v heads cluster c, w is deputy.
func season(period ...sync.Edit) *sync.Reference {
	var docs []*sync.Document
	for _, typ := range []string{TypeCluster, TypeCriteria, TypePeriod, TypeUnit, TypeMembership} {
		for _, d := range organisation().Of(typ) {
			if d.ID == uid("2022") {
				body := sync.Set(d.Body(), "/milestones", sync.Object{
					"r": sync.Object{"kind": TrackRegistration, "due": "2022-02-28"}, "p": sync.Object{"kind": TrackPledge, "due": "2022-03-31"},
					"s": sync.Object{"kind": TrackSheet, "due": "2022-12-01", "grace": int64(2)}, "c": sync.Object{"kind": MilestoneCrossCheck, "due": "2022-12-10"},
					"e": sync.Object{"kind": MilestoneExplanation, "due": "2022-12-14"},
				})
				d = orgDoc(TypePeriod, "2022", sync.Apply(body, period))
			}
			docs = append(docs, d)
		}
	}
	docs = append(docs, sync.NewDocument(TermID(uid("c"), 2022), TypeTerm, sync.Org, 1, sync.Object{
		"cluster": string(uid("c")), "year": int64(2022), "head": string(uid("v")), "deputy": string(uid("w")),
	}))
	return sync.NewReference(1, docs)
}

func listener(name string, grants ...sync.Grant) Listener {
	return Listener{Person: sync.PersonID(uid(name)), Grants: grants}
}

// crowd is everybody of cluster c: staff and a leader of each unit, an
// officer, an admin, and somebody of another cluster.
func crowd() []Listener {
	all := []Listener{listener("officer", grant(Officer, "c")), listener("admin", grant(Admin, "")), listener("stranger", grant(UnitLeader, "x"))}
	for _, unit := range []string{"u", "v", "w"} {
		all = append(all, listener("staff "+unit, grant(UnitStaff, unit)), listener("leader "+unit, grant(UnitLeader, unit)))
	}
	return all
}

// heard writes notices as people would talk of them, sorted: when, what, who,
// and why not.
func heard(notices []Notice, crowd []Listener) []string {
	names := map[sync.PersonID]string{}
	for _, name := range []string{"officer", "admin", "stranger", "staff u", "leader u", "staff v", "leader v", "staff w", "leader w"} {
		names[sync.PersonID(uid(name))] = name
	}
	lines := []string{}
	for _, n := range notices {
		line := time.UnixMilli(n.Due).In(zone()).Format("01-02 15:04") + " " + n.Kind + " " + names[n.Person]
		if n.Skip != "" {
			line += " (" + string(n.Skip) + ")"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// about leaves those of some person and kinds that begin so.
func about(lines []string, what string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return !strings.Contains(s, what) })
}

func yearOf(t *testing.T, org *sync.Reference, listeners []Listener, papers ...*sync.Document) []Notice {
	return New().Reminders(Circle{org, uid("c"), listeners, papers}, clock(t, "2022-01-01 00:00"), clock(t, "2022-12-31 00:00"))
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func TestAYearOfReminders(t *testing.T) {
	lines := heard(yearOf(t, season(), crowd()), crowd())
	expect(t, "staff of a member", about(lines, "staff u"), []string{
		"02-14 08:00 registration_due staff u", "02-25 08:00 registration_due staff u", "03-01 06:30 registration_overdue staff u",
		"03-24 08:00 pledge_due staff u", "04-01 06:30 pledge_overdue staff u",
		"11-17 08:00 sheet_due staff u", "11-24 08:00 sheet_due staff u", "11-28 08:00 sheet_due staff u", "11-30 08:00 sheet_due staff u",
		"12-02 06:30 sheet_overdue staff u",
	})
	expect(t, "the leader hears what is overdue as an escalation", about(about(lines, "leader u"), "e"), []string{
		"02-14 08:00 registration_due leader u", "02-25 08:00 registration_due leader u", "03-01 06:30 registration_escalated leader u",
		"03-24 08:00 pledge_due leader u", "04-01 06:30 pledge_escalated leader u",
		"11-17 08:00 sheet_due leader u", "11-24 08:00 sheet_due leader u", "11-28 08:00 sheet_due leader u", "11-30 08:00 sheet_due leader u",
		"12-02 06:30 sheet_escalated leader u",
	})
	expect(t, "people of the head unit are reminded to cross-check, and nothing waits", about(about(lines, "staff v"), "cross"), []string{
		"12-07 08:00 cross_check_due staff v (done)", "12-11 06:30 cross_check_overdue staff v (done)",
	})
	for _, nobody := range []string{"officer", "admin", "stranger"} {
		expect(t, nobody, about(lines, nobody), []string{})
	}
}

func TestFinishedWorkIsNotReminded(t *testing.T) {
	registered := paper(TypeRegistration, "u", 1, sync.Object{"unit": string(uid("u")), "period": string(uid("2022")), "state": "registered"})
	signed := paper(TypePledge, "u", 1, sync.Object{"unit": string(uid("u")), "period": string(uid("2022")), "state": "signed"})
	draft := paper(TypeRegistration, "v", 1, sync.Object{"unit": string(uid("v")), "period": string(uid("2022"))})
	sheet := paper(TypeSheet, "u", 1, sheetBody("u", "submitted"))
	for _, n := range yearOf(t, season(), crowd(), registered, signed, draft, sheet) {
		if done := n.Scope == sync.UnitDesk(uid("u")); (n.Skip == CodeDone) != done && n.Scope.Kind() == "unit:desk" {
			t.Errorf("%s at %s: skip %q", n.Kind, n.Scope, n.Skip)
		}
	}
}

func TestAReturnedSheetIsRemindedUntilTheDayItWasGiven(t *testing.T) {
	returned := paper(TypeSheet, "u", 1, sync.Set(sheetBody("u", "returned"), "/extended_to", "2022-12-08"))
	lines := about(heard(yearOf(t, season(), crowd(), returned), crowd()), "sheet")
	expect(t, "the unit", about(lines, "staff u"), []string{
		"11-24 08:00 sheet_due staff u", "12-01 08:00 sheet_due staff u", "12-05 08:00 sheet_due staff u", "12-07 08:00 sheet_due staff u", "12-09 06:30 sheet_overdue staff u",
	})
	if others := about(lines, "staff w"); len(others) != 5 || !strings.HasPrefix(others[0], "11-17") {
		t.Errorf("the others keep their day: %v", others)
	}
}

func TestMovingAMilestoneStopsItsRemindersAndStartsOthers(t *testing.T) {
	from, to := clock(t, "2022-11-20 12:00"), clock(t, "2022-12-31 00:00")
	kinds := func(org *sync.Reference) (days []string, keys map[string]bool) {
		keys = map[string]bool{}
		for _, n := range New().Reminders(Circle{org, uid("c"), []Listener{listener("staff u", grant(UnitStaff, "u"))}, nil}, from, to) {
			days = append(days, DayOf(n.Due))
			keys[n.Key] = true
		}
		slices.Sort(days)
		return days, keys
	}
	before, old := kinds(season())
	after, moved := kinds(season(sync.Edit{Path: "/milestones/s/due", Now: "2022-12-20"}))
	expect(t, "before", before, []string{"2022-11-24", "2022-11-28", "2022-11-30", "2022-12-02"})
	expect(t, "after", after, []string{"2022-12-06", "2022-12-13", "2022-12-17", "2022-12-19", "2022-12-21"})
	for key := range moved {
		if old[key] {
			t.Errorf("%s stands for two days", key)
		}
	}
	gone, _ := kinds(season(sync.Edit{Path: "/milestones/s"}))
	closed, _ := kinds(season(sync.Edit{Path: "/state", Now: "closed"}))
	if len(gone)+len(closed) > 0 {
		t.Errorf("without a milestone %v, in a closed period %v", gone, closed)
	}
}

func TestWhoLeftTheUnitIsNotReminded(t *testing.T) {
	until := grant(UnitStaff, "u")
	until.To = clock(t, "2022-11-25 00:00")
	lines := heard(yearOf(t, season(), []Listener{listener("staff u", until), listener("leader u")}), nil)
	for _, line := range lines {
		if line[:5] > "11-24" {
			t.Errorf("%s", line)
		}
	}
	if len(about(lines, "sheet_due")) != 2 {
		t.Errorf("while still there: %v", lines)
	}
}

func TestAUnitOfAnotherClusterIsNotReminded(t *testing.T) {
	if got := yearOf(t, season(), []Listener{listener("stranger", grant(UnitLeader, "x"))}); len(got) != 0 {
		t.Errorf("%v", heard(got, nil))
	}
}

func TestWhoCrossChecksIsRemindedOfTheSheetsThatWaitForThem(t *testing.T) {
	papers := []*sync.Document{paper(TypeSheet, "u", 1, sheetBody("u", "submitted")), paper(TypeSheet, "v", 1, sheetBody("v", "submitted")), paper(TypeSheet, "w", 1, sheetBody("w", "cross_checked"))}
	left := map[string]int64{}
	granted := listener("granted", grant(ClusterDeputy, "c"))
	for _, n := range yearOf(t, season(), append(crowd(), granted), papers...) {
		if n.Kind == NoticeCrossCheckDue {
			left[string(n.Person)] = n.Args["left"]
			if n.Skip != "" || n.Scope != sync.ClusterDesk(uid("c")) || n.Subject != uid("2022") || n.Day != "2022-12-10" {
				t.Errorf("%+v", n)
			}
		}
	}
	want := map[string]int64{} // people of v do not check the sheet of v; the deputy's unit is w
	for name, n := range map[string]int64{"staff v": 1, "leader v": 1, "staff w": 2, "leader w": 2, "granted": 2} {
		want[string(uid(name))] = n
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Error(diff)
	}
}

func TestASheetReminderCountsTheCriteria(t *testing.T) {
	for _, c := range []struct {
		papers    []*sync.Document
		done, all int64
	}{{nil, 0, 2}, {[]*sync.Document{paper(TypeSheet, "u", 1, sheetBody("u", ""))}, 1, 2}} {
		for _, n := range yearOf(t, season(), []Listener{listener("staff u", grant(UnitStaff, "u"))}, c.papers...) {
			if n.Kind == NoticeSheetDue && (n.Args["done"] != c.done || n.Args["all"] != c.all) {
				t.Errorf("%v, want %d of %d", n.Args, c.done, c.all)
			}
		}
	}
}

func TestAMeetingIsRemindedToAllWhoReadItAndItsMinutesToThoseWhoSign(t *testing.T) {
	at := func(name string, scope sync.Scope, state string) *sync.Document {
		return sync.NewDocument(uid(name), TypeMeeting, scope, 1, meetingBody(state))
	}
	lines := heard(yearOf(t, season(), crowd(), at("m", sync.ClusterScope(uid("c")), "")), crowd())
	expect(t, "an officer", about(lines, "officer"), []string{"12-09 08:00 meeting_due officer", "12-15 08:00 meeting_due officer"})
	expect(t, "a member", about(about(lines, "staff u"), "me"), []string{"12-09 08:00 meeting_due staff u", "12-15 08:00 meeting_due staff u"})
	expect(t, "the head signs", about(lines, "minutes"), []string{
		"12-17 06:30 minutes_to_sign leader v", "12-17 06:30 minutes_to_sign leader w", "12-17 06:30 minutes_to_sign staff v", "12-17 06:30 minutes_to_sign staff w",
	})
	lines = heard(yearOf(t, season(), crowd(), at("m", sync.UnitScope(uid("u")), "signed")), crowd())
	expect(t, "of a unit's own meeting", about(lines, "m"), append([]string{
		"12-09 08:00 meeting_due leader u (done)", "12-09 08:00 meeting_due staff u (done)",
		"12-15 08:00 meeting_due leader u (done)", "12-15 08:00 meeting_due staff u (done)",
	}, "12-17 06:30 minutes_to_sign leader u (done)"))
}

func TestAMeetingCalledShortlyBeforeIsNotRemindedOfTheDaysThatArePast(t *testing.T) {
	id := sync.DocID(sync.MakeID(clock(t, "2022-12-12 10:00"), 1, 1))
	late := sync.NewDocument(id, TypeMeeting, sync.ClusterScope(uid("c")), 1, meetingBody(""))
	expect(t, "called four days before", about(heard(yearOf(t, season(), crowd(), late), crowd()), "meeting_due officer"), []string{"12-15 08:00 meeting_due officer"})
}

func TestAReminderIsOfUseUntilTheNextOrUntilTheDayIsOver(t *testing.T) {
	useful := map[string]string{}
	for _, n := range yearOf(t, season(), []Listener{listener("staff u", grant(UnitStaff, "u"))}) {
		if strings.HasPrefix(n.Kind, "sheet") {
			useful[FormatTime(n.Due)] = fmt.Sprintf("%s, %d days", FormatTime(n.Until), n.DaysLeft(n.Due))
		}
	}
	want := map[string]string{
		"17/11/2022 08:00": "24/11/2022 08:00, 14 days", "24/11/2022 08:00": "28/11/2022 08:00, 7 days", "28/11/2022 08:00": "30/11/2022 08:00, 3 days",
		"30/11/2022 08:00": "02/12/2022 00:00, 1 days", "02/12/2022 06:30": "16/12/2022 00:00, -1 days",
	}
	if diff := cmp.Diff(want, useful); diff != "" {
		t.Error(diff)
	}
}

// A cluster of ten units with fifty people, most of the year.
func BenchmarkRemindersWhenNothingIsDue(b *testing.B) {
	d, c := New(), Circle{Org: province(135), Cluster: uid("c0")}
	for u := range 10 {
		unit := fmt.Sprint("c0u", u)
		for p := range 5 {
			c.Listeners = append(c.Listeners, listener(fmt.Sprint(unit, p), grant(UnitStaff, unit)))
		}
		for i := range 20 {
			c.Papers = append(c.Papers, sync.NewDocument(uid(fmt.Sprint(unit, i)), TypeIndicator, sync.UnitDesk(uid(unit)), 1, sync.Object{"unit": string(uid(unit))}))
		}
		c.Papers = append(c.Papers, paper(TypeSheet, unit, 1, sheetBody(unit, "")))
	}
	at := clock(b, "2022-06-01 09:00")
	b.ReportAllocs()
	for b.Loop() {
		if n := d.Reminders(c, at-60_000, at); len(n) != 0 {
			b.Fatal(len(n))
		}
	}
}
