package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A handRow is a row of the ranking as worked out by hand.
type handRow struct {
	rank  int64
	unit  int
	total int64
	tie   string
}

// handRanking is worked out from selfScores and what happened to them, by
// sections I + II + III:
//
//	n3   3850 + 3350 + 2400 = 9600, bonus 200 + 300 = 500 capped at 300 → 9900
//	n2   3700 + 3400 + 2300 = 9400, bonus 100                           → 9500
//	n1   3600 + 3050 + 2200                                             → 8850
//	n7   3650 + 2950 + 2250 = 8850, I.2 900 → 700 → 850                 → 8800, section I 3600, 12 votes
//	n10  3600 + 2950 + 2250                                             → 8800, section I 3600, 8 votes
//	n5   3500 + 3050 + 2200 = 8750, I.1 900 → 950                       → 8800, section I 3550
//	n6   3450 + 3000 + 2150 = 8600, II.1 900 → 950                      → 8650
//	n9   3300 + 2900 + 2150 = 8350, II.2 850 → 800 → 820                → 8320
//	n4   3400 + 2750 + 2150 = 8300, penalty 500 floored at 400          → 7900
//	n8   2850 + 2450 + 2050 = 7350, III.1 800 → 750                     → 7300
func handRanking() []handRow {
	return []handRow{
		{1, 3, 9900, ""},
		{2, 2, 9500, ""},
		{3, 1, 8850, ""},
		{4, 7, 8800, emulation.TieBallots},
		{5, 10, 8800, emulation.TieBallots},
		{6, 5, 8800, emulation.TieFirst},
		{7, 6, 8650, ""},
		{8, 9, 8320, ""},
		{9, 4, 7900, ""},
		{10, 8, 7300, ""},
	}
}

func TestAClusterLivesAYearOnPhonesThatAreMostlyOffline(t *testing.T) {
	begun := time.Now()
	y := newYear(t)
	y.live("2024-01-20")
	y.rest()
	t.Logf("%d mutations on %d phones in %v", y.recorded, len(y.bearers), time.Since(begun).Round(time.Millisecond))
	t.Run("every phone is equal to the server", y.everyPhoneEqual)
	t.Run("every mutation has its receipt once", y.everyMutationReceived)
	t.Run("what was made in time counted within grace", y.graceGiven)
	t.Run("every state was reached", y.everyStateReached)
	t.Run("nothing waits that was not settled", y.nothingWaits)
	t.Run("the ranking is the one worked out by hand", y.rankedAsByHand)
	t.Run("the next term is in force", y.nextTermInForce)
	t.Run("every score is traced", y.everyScoreTraced)
	t.Logf("%v in all", time.Since(begun).Round(time.Millisecond))
}

func (y *year) everyPhoneEqual(t *testing.T) {
	d := &demonstration{srv: y.srv, office: &office{caller: hub.Caller{Author: sync.Author{Grants: []sync.Grant{{Role: emulation.Admin}}}}}}
	for _, b := range y.bearers {
		same, scopes, err := d.same(t.Context(), &phone{person: b.person, client: b.client})
		y.must(err)
		if !same || scopes < 4 {
			t.Errorf("%s does not hold what the server has (%d scopes)", b.name, scopes)
		}
		if s, err := b.client.Status(); err != nil || !s.Synced() {
			t.Errorf("%s is not in sync: %+v %v", b.name, s, err)
		}
	}
}

// everyMutationReceived compares what the phones recorded with the logs, and
// what was refused with what had to be.
func (y *year) everyMutationReceived(t *testing.T) {
	people := map[sync.PersonID]string{}
	for _, b := range y.bearers {
		people[b.person] = b.name
	}
	seen := map[sync.MutationID]bool{}
	var not []string // applied or merged
	for _, c := range y.commits() {
		for _, r := range c.Receipts {
			if people[c.Author] == "" {
				continue
			}
			if seen[r.Mutation] {
				t.Errorf("%s is there twice", r.Mutation)
			}
			seen[r.Mutation] = true
			if r.Outcome == sync.Queued || r.Outcome == sync.Rejected {
				who := people[c.Author]
				if r.Code == sync.CodeChanged {
					who = "one of two" // whoever synced second
				}
				not = append(not, string(r.Outcome)+" "+string(r.Code)+": "+who)
			}
		}
	}
	if len(seen) != y.recorded {
		t.Errorf("%d receipts for %d mutations", len(seen), y.recorded)
	}
	want := []string{
		string(sync.Queued) + " " + string(sync.CodeChanged) + ": one of two", // the first criterion of n5
		string(sync.Queued) + " " + string(sync.CodeChanged) + ": one of two", // the common block of the minutes
		string(sync.Queued) + " " + string(emulation.CodeRightExpired) + ": staff 1",
		string(sync.Rejected) + " " + string(emulation.CodeForbidden) + ": leader 1",
		string(sync.Rejected) + " " + string(sync.CodeForbiddenScope) + ": leader 1",
		string(sync.Rejected) + " " + string(emulation.CodeQuotaExceeded) + ": leader 1",
	}
	slices.Sort(not)
	slices.Sort(want)
	if !slices.Equal(not, want) {
		t.Errorf("not taken:\n%q, want\n%q", not, want)
	}
}

// graceGiven: four units submitted offline on the last day, and every log has
// it from a later one.
func (y *year) graceGiven(t *testing.T) {
	for _, unit := range []int{1, 3, 7, 9} {
		desk, id := y.sheet(unit, "2023")
		commits, err := y.srv.store.Commits(t.Context(), desk, 0, 100_000)
		y.must(err)
		made, received := "", ""
		for _, touch := range emulation.Touches(commits, id, "state") {
			if touch.Now == "submitted" {
				made, received = emulation.DayOf(touch.Made), emulation.DayOf(touch.At)
			}
		}
		if made != dueDay || received <= dueDay || received > "2023-09-27" {
			t.Errorf("n%d submitted on %s, received on %s", unit, made, received)
		}
	}
}

// everyStateReached reads from the logs which states documents of each type were in.
func (y *year) everyStateReached(t *testing.T) {
	schema := y.srv.domain.Schema()
	reached := map[string]map[string]bool{}
	by := map[sync.PersonID]bool{}
	for _, b := range y.bearers {
		by[b.person] = true
	}
	for _, c := range y.commits() {
		for _, ch := range c.Changes {
			typ := schema.Types[ch.Type]
			if typ == nil || !by[c.Author] {
				continue
			}
			if reached[ch.Type] == nil {
				reached[ch.Type] = map[string]bool{}
			}
			if ch.Edits == nil {
				reached[ch.Type][emulation.StateOf(typ, ch.Create)] = true
			}
			for _, e := range ch.Edits {
				if to, _ := e.Now.(string); e.Path == "/state" {
					reached[ch.Type][to] = true
				}
			}
		}
	}
	for _, typ := range []string{
		emulation.TypeRegistration, emulation.TypePledge, emulation.TypeReport, emulation.TypeMeeting, emulation.TypeRecommendation, emulation.TypeSheet, emulation.TypeReview,
		emulation.TypeVerification, emulation.TypeRanking, emulation.TypeAward, emulation.TypePeriod, emulation.TypeCriteria,
	} {
		for _, state := range schema.Types[typ].Body.Fields["state"].Enum {
			if !reached[typ][state] {
				t.Errorf("no %s was ever %s", typ, state)
			}
		}
	}
	for unit := 1; unit <= 10; unit++ {
		for _, typ := range []string{emulation.TypeRegistration, emulation.TypePledge} {
			id, _ := emulation.KeyOf(typ, sync.Object{"unit": string(unitID(unit)), "period": string(key("2023"))})
			want := map[string]string{emulation.TypeRegistration: "registered", emulation.TypePledge: "signed"}[typ]
			if _, state, _ := y.named("officer").view(sync.UnitDesk(unitID(unit)), id); state != want {
				t.Errorf("the %s of n%d ends %s", typ, unit, state)
			}
		}
		if _, state, _ := y.named("officer").view(y.sheet(unit, "2023")); state != "locked" {
			t.Errorf("the sheet of n%d ends %s", unit, state)
		}
	}
}

func (y *year) nothingWaits(t *testing.T) {
	admin := hub.Caller{Author: sync.Author{Person: "admin", Grants: []sync.Grant{{Role: emulation.Admin}}}}
	for state, want := range map[string]int{sync.StateOpen: 0, sync.StateSettled: 3} {
		kept, err := y.srv.hub.Kept(t.Context(), admin, hub.KeptFilter{Type: sync.TypeConflict, State: state})
		y.must(err)
		if len(kept) != want {
			t.Errorf("%d conflicts are %s, not %d", len(kept), state, want)
		}
		for _, c := range kept {
			if state == sync.StateOpen {
				t.Errorf("in %s: %v", c.Scope, c.Body())
			}
		}
	}
}

// rankedAsByHand compares the two rankings that were announced: before the
// vote n7 and n10 shared the fourth rank, afterwards nobody shares any.
func (y *year) rankedAsByHand(t *testing.T) {
	for seq, state := range map[int64]string{1: "superseded", 2: "confirmed"} {
		ranking, got, _ := y.named("staff 9").view(y.cluster(), emulation.RankingID(key("y"), key("2023"), seq))
		if got != state {
			t.Fatalf("ranking %d is %q", seq, got)
		}
		rows, _ := ranking.Body()["rows"].(sync.Object)
		if len(rows) != 10 {
			t.Errorf("ranking %d has %d rows", seq, len(rows))
		}
		for _, want := range handRanking() {
			if seq == 1 && want.tie == emulation.TieBallots {
				want.rank, want.tie = 4, emulation.TieShared
			}
			row, _ := rows[string(unitID(want.unit))].(sync.Object)
			tie, _ := row["tie"].(string)
			if row["rank"] != want.rank || row["score"] != want.total || tie != want.tie {
				t.Errorf("ranking %d, n%d: %v, want %+v", seq, want.unit, row, want)
			}
		}
	}
}

// nextTermInForce: the people of n3 lead now and those of n1 do not, whatever
// grants they were given in the year before.
func (y *year) nextTermInForce(t *testing.T) {
	org := y.named("staff 6").reference()
	if head, deputy := emulation.Leaders(org, key("y"), 2024); head != unitID(3) || deputy != unitID(4) {
		t.Errorf("2024 is led by %s and %s", head, deputy)
	}
	for _, b := range y.bearers {
		scopes, err := b.client.Scopes()
		y.must(err)
		leads := b.unit == 3 || b.unit == 4 || b.unit == 0
		if slices.Contains(scopes, y.desk()) != leads {
			t.Errorf("%s: the cluster's desk is on the phone: %t", b.name, !leads)
		}
	}
	for name, want := range map[string]bool{"next": true, "last": true, "too-late": false} {
		if d, _, _ := y.named("staff 6").view(y.cluster(), key(name)); (d != nil) != want {
			t.Errorf("the recommendation %s is there: %t", name, !want)
		}
	}
}

// everyScoreTraced runs the command on the database and follows each score of
// the final ranking to who wrote it, on which device and when.
func (y *year) everyScoreTraced(t *testing.T) {
	out, _, err := command(t, "", "explain", "--data", filepath.Join(y.dir, "server"), "--cluster", string(key("y")), "--period", string(key("2023")), "--json")
	y.must(err)
	var x emulation.Explanation
	y.must(json.Unmarshal([]byte(out), &x))
	if x.Seq != 2 || len(x.Changed) > 0 || len(x.Rows) != 10 {
		t.Fatalf("ranking %d with %d rows is explained, %v changed", x.Seq, len(x.Rows), x.Changed)
	}
	stages := map[string]int{}
	for i, want := range handRanking() {
		row := x.Rows[i]
		if row.Unit != unitID(want.unit) || int64(row.Rank) != want.rank || row.Score.Total != want.total || row.ToldTotal != nil {
			t.Errorf("row %d: %s is %d with %d, want %+v", i, row.Name, row.Rank, row.Score.Total, want)
		}
		if len(row.Criteria) != len(codes()) {
			t.Errorf("n%d: %d criteria", want.unit, len(row.Criteria))
		}
		for _, c := range row.Criteria {
			stages[c.Stage]++
			y.traced(t, want.unit, c)
		}
	}
	// Verified are the first criterion of each unit and II.2 of n9, rechecked I.2
	// of n7 and III.1 of n8; the cross-check is the last word on all others.
	if stages[emulation.StageVerified] != 11 || stages[emulation.StageRecheck] != 2 || stages[emulation.StageCross] != 107 {
		t.Errorf("scores by stage: %v", stages)
	}
}

// traced looks for the writer of a score that counts and of the unit's own.
func (y *year) traced(t *testing.T, unit int, c emulation.CriterionStory) {
	t.Helper()
	names := map[sync.PersonID]string{}
	for _, b := range y.bearers {
		names[b.person] = b.name
	}
	reviewer := "leader 1"
	if unit == 1 {
		reviewer = "leader 2" // the deputy
	}
	writers := map[string][]string{
		emulation.StageVerified: {"officer"}, emulation.StageRecheck: {reviewer}, emulation.StageCross: {reviewer},
		emulation.StageSelf: {"staff " + unitName(unit)[1:], "leader " + unitName(unit)[1:], "officer"}, // who decided n5's conflict
	}
	if !endsIn(c) || !c.Official.Scored {
		t.Errorf("n%d %s: nothing behind %d: %+v", unit, c.Code, c.Official.Base, c.Touches)
	}
	var own bool
	for _, touch := range c.Touches {
		stage := touch.Path.Keys()[len(touch.Path.Keys())-1]
		if writers[stage] == nil {
			continue
		}
		own = own || stage == emulation.StageSelf
		who := names[touch.By]
		if !slices.Contains(writers[stage], who) || emulation.DayOf(touch.At) < "2023-08-09" || emulation.DayOf(touch.At) > "2023-11-17" {
			t.Errorf("n%d %s: %s written by %q on %s", unit, c.Code, stage, who, emulation.DayOf(touch.At))
		}
		if touch.Device == "" && (touch.Reason == "" || stage == c.Stage) || touch.Device != "" && (touch.Made == 0 || touch.Made > touch.At) {
			t.Errorf("n%d %s: %s from device %q, made %d, received %d", unit, c.Code, stage, touch.Device, touch.Made, touch.At)
		}
		if touch.Device == "" {
			continue
		}
		if d, err := y.srv.store.Device(t.Context(), touch.Device); err != nil || d.Person != touch.By {
			t.Errorf("n%d %s: device %s is not %s's: %v", unit, c.Code, touch.Device, who, err)
		}
	}
	if !own {
		t.Errorf("n%d %s: nobody scored it", unit, c.Code)
	}
}
