package emulation

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"thidua/sync"
)

func TestPercentRoundsHalfUpToOneDecimal(t *testing.T) {
	for _, c := range []struct {
		actual, plan, want int64
		ok                 bool
	}{
		{33776, 35000, 965, true},
		{8, 8, 1000, true},
		{1, 8, 125, true},
		{0, 5, 0, true},
		{1, 2000, 1, true},
		{1, 2001, 0, true},
		{107, 100, 1070, true},
		{1, 3, 333, true},
		{2, 3, 667, true},
		{5, 0, 0, false},
		{5, -1, 0, false},
		{-1, 5, 0, false},
		{sync.MaxNumber, sync.MaxNumber, 1000, true},
	} {
		if got, ok := Percent(c.actual, c.plan); got != c.want || ok != c.ok {
			t.Errorf("%d of %d: %d, %v", c.actual, c.plan, got, ok)
		}
	}
}

func TestPercentIsTheNearestTenth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actual := rapid.Int64Range(0, sync.MaxNumber).Draw(t, "actual")
		plan := rapid.Int64Range(1, sync.MaxNumber).Draw(t, "plan")
		got, ok := Percent(actual, plan)
		if !ok {
			if actual/plan <= 1_000_000 {
				t.Fatal("no percentage of ordinary numbers")
			}
			return
		}
		// got - 1/2 ≤ 1000·actual/plan < got + 1/2
		x := new(big.Int).Mul(big.NewInt(2000), big.NewInt(actual))
		low := new(big.Int).Mul(big.NewInt(2*got-1), big.NewInt(plan))
		high := new(big.Int).Mul(big.NewInt(2*got+1), big.NewInt(plan))
		if low.Cmp(x) > 0 || x.Cmp(high) >= 0 {
			t.Fatalf("%d of %d is not %d tenths", actual, plan, got)
		}
	})
}

func TestQuorumIsTwoThirdsAndPassingMoreThanHalf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		summoned := rapid.Int64Range(0, 5000).Draw(t, "summoned")
		present := rapid.Int64Range(0, 5000).Draw(t, "present")
		if got, want := Quorum(present, summoned), summoned > 0 && 3*present >= 2*summoned; got != want {
			t.Fatalf("%d of %d: %v", present, summoned, got)
		}
		inFavour := rapid.Int64Range(0, present).Draw(t, "for")
		if got, want := (Tally{For: inFavour}).Passed(present), present > 0 && 2*inFavour > present; got != want {
			t.Fatalf("%d of %d present: %v", inFavour, present, got)
		}
	})
}

func TestTallyAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string) int64 { return rapid.Int64Range(-1, 4).Draw(t, name) }
		v := Tally{For: n("for"), Against: n("against"), Abstain: n("abstain"), Invalid: n("invalid"), Returned: n("returned"), Issued: n("issued")}
		want := v.For >= 0 && v.Against >= 0 && v.Abstain >= 0 && v.Invalid >= 0 &&
			v.For+v.Against+v.Abstain+v.Invalid == v.Returned && v.Returned <= v.Issued
		if v.Sound() != want {
			t.Fatalf("%+v: %v", v, v.Sound())
		}
		if TallyOf(votesBody(v)) != v {
			t.Fatalf("%+v is not read back", v)
		}
	})
}

func TestOnlyMembersMakeAQuorum(t *testing.T) {
	who := func(role string, present bool, persons int64) sync.Object {
		o := sync.Object{"role": role, "present": present}
		if persons > 0 {
			o["persons"] = persons
		}
		return o
	}
	meeting := sync.Object{"summoned": int64(9), "attendance": sync.Object{
		"a": who("member", true, 5), "b": who("member", true, 0), "c": who("member", false, 3), "d": who("invited", true, 9), "e": who("observer", true, 0),
	}}
	if got := Present(meeting); got != 6 {
		t.Errorf("%d present", got)
	}
	if !MeetingQuorum(meeting) || MeetingQuorum(sync.Set(meeting, "/summoned", int64(10))) || MeetingQuorum(sync.Set(meeting, "/summoned", nil)) {
		t.Error("quorum is two thirds of those summoned")
	}
}

// drawnCriteria is a set whose maxima add up.
func drawnCriteria(t *rapid.T) sync.Object {
	sections, criteria := sync.Object{}, sync.Object{}
	var total int64
	for i, s := range []string{"I", "II", "III"}[:rapid.IntRange(1, 3).Draw(t, "sections")] {
		var max int64
		for _, c := range []string{"-1", "-2"}[:rapid.IntRange(1, 2).Draw(t, "criteria")] {
			m := rapid.Int64Range(0, 5000).Draw(t, "max")
			max += m
			criteria[s+c] = sync.Object{"section": s, "max": m, "bonus_max": int64(500), "penalty_max": int64(400)}
		}
		sections[s] = sync.Object{"order": int64(i + 1), "max": max}
		total += max
	}
	return sync.Object{
		"total": total, "sections": sections, "criteria": criteria,
		"bonus_cap": rapid.Int64Range(0, 1500).Draw(t, "cap"), "penalty_floor": -rapid.Int64Range(0, 1000).Draw(t, "floor"),
	}
}

func TestCriteriaArePublishedOnlyWhenTheirMaximaAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawnCriteria(t)
		if fault := CheckSums(set); fault != nil {
			t.Fatalf("sound set: %v", fault)
		}
		sums := []sync.Pointer{"/total"}
		for s := range set["sections"].(sync.Object) {
			sums = append(sums, sync.Pointer("/sections").Join(s).Join("max"))
		}
		for c := range set["criteria"].(sync.Object) {
			sums = append(sums, sync.Pointer("/criteria").Join(c).Join("max"))
		}
		for _, p := range sums {
			off := rapid.SampledFrom([]int64{-1, 1, 100}).Draw(t, "off")
			if CheckSums(sync.Set(set, p, sync.Get(set, p).(int64)+off)) == nil {
				t.Fatalf("%s is %d off and nobody sees it", p, off)
			}
		}
		if CheckSums(sync.Set(set, "/criteria/I-1/section", "IX")) == nil {
			t.Fatal("a criterion of no section")
		}
	})
}

func TestTotalsKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawnCriteria(t)
		entries := sync.Object{}
		var base, bonus, penalty int64
		for _, code := range keys(obj(set, "criteria")) {
			c := obj(obj(set, "criteria"), code)
			e := sync.Object{
				"self":  rapid.Int64Range(0, num(c, "max")).Draw(t, "self"),
				"bonus": rapid.Int64Range(0, 500).Draw(t, "bonus"), "penalty": rapid.Int64Range(0, 400).Draw(t, "penalty"),
			}
			if !inRange(e, c) || inRange(sync.Set(e, "/self", num(c, "max")+1), c) || inRange(sync.Set(e, "/self", int64(-1)), c) {
				t.Fatalf("range of %v by %v", e, c)
			}
			base, bonus, penalty = base+num(e, "self"), bonus+num(e, "bonus"), penalty+num(e, "penalty")
			entries[code] = e
		}
		got := ScoreOf(set, sync.Object{"entries": entries}, nil, nil)
		most, floor := num(set, "bonus_cap"), num(set, "penalty_floor")
		want := Score{
			Base: base, First: got.First, Bonus: bonus, Penalty: penalty, Capped: bonus > most, Floored: penalty > -floor,
			Total: base + min(bonus, most) - min(penalty, -floor),
		}
		if got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if got.Total > num(set, "total")+most || got.Total < floor || got.First > base {
			t.Fatalf("%+v is out of bounds", got)
		}
	})
}

func TestVerifiedGoesBeforeCrossAndCrossBeforeSelf(t *testing.T) {
	set := sync.Object{"criteria": sync.Object{"a": sync.Object{}, "b": sync.Object{}, "c": sync.Object{}, "d": sync.Object{}}}
	of := func(field string, points sync.Object) sync.Object {
		o := sync.Object{}
		for k, n := range points {
			o[k] = sync.Object{field: n}
		}
		return sync.Object{"entries": o}
	}
	sheet := of("self", sync.Object{"a": int64(1), "b": int64(1), "c": int64(1), "d": int64(1), "dropped": int64(99)})
	review := of("cross", sync.Object{"b": int64(10), "c": int64(10), "d": int64(10)})
	review = sync.Set(review, "/entries/c/recheck", int64(100))
	verification := of("verified", sync.Object{"d": int64(0)})
	if got := ScoreOf(set, sheet, review, verification).Base; got != 1+10+100+0 {
		t.Errorf("base %d", got)
	}
}

func drawnRows(t *rapid.T) []Row {
	n := func(name string) int64 { return rapid.Int64Range(0, 2).Draw(t, name) }
	var rows []Row
	for i := range rapid.IntRange(0, 9).Draw(t, "rows") {
		row := Row{Unit: uid(string(rune('a' + i)))}
		if n("scored") > 0 {
			row.Score = &Score{Base: n("base"), First: n("first"), Penalty: n("penalty"), Total: n("total")}
			if n("voted") > 0 {
				votes := n("votes")
				row.Ballots = &votes
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func drawnSteps(t *rapid.T) []string {
	all := rapid.Permutation([]string{TieBase, TieFirst, TiePenalties, TieBallots}).Draw(t, "order")
	return all[:rapid.IntRange(0, 4).Draw(t, "steps")]
}

func TestRanksAreSharedOrDecidedByAStepAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, steps := drawnRows(t), drawnSteps(t)
		before := len(rows)
		rankRows(rows, steps)
		if len(rows) != before {
			t.Fatal("rows were lost")
		}
		seen := map[sync.DocID]bool{}
		for i, r := range rows {
			if seen[r.Unit] {
				t.Fatalf("%s twice", r.Unit)
			}
			seen[r.Unit] = true
			if r.Score == nil {
				if r.Rank != 0 || i+1 < len(rows) && rows[i+1].Score != nil {
					t.Fatal("a row without a score has a rank or stands before one with")
				}
				continue
			}
			if r.Rank != i+1 && (i == 0 || rows[i-1].Rank != r.Rank) {
				t.Fatalf("row %d has rank %d after %d", i, r.Rank, rows[max(0, i-1)].Rank)
			}
			for j := i + 1; j < len(rows) && rows[j].Score != nil; j++ {
				compareRows(t, r, rows[j], steps)
			}
		}
	})
}

// compareRows checks two rows of which the first stands higher.
func compareRows(t *rapid.T, a, b Row, steps []string) {
	if a.Score.Total < b.Score.Total {
		t.Fatal("fewer points stand higher")
	}
	differs := a.Score.Total != b.Score.Total
	for _, s := range steps {
		if s != TieBallots && merit(a, s) != merit(b, s) {
			differs = true
		}
		if s == TieBallots && a.Ballots != nil && b.Ballots != nil && *a.Ballots != *b.Ballots {
			differs = true
		}
	}
	switch {
	case a.Rank == b.Rank && a.Score.Total != b.Score.Total:
		t.Fatal("a rank shared by different totals")
	case a.Rank == b.Rank && (a.Tie != TieShared || b.Tie != TieShared):
		t.Fatalf("a shared rank with notes %q and %q", a.Tie, b.Tie)
	case a.Rank != b.Rank && !differs:
		t.Fatal("equals were told apart")
	}
}

func TestRankingDoesNotDependOnOrderOrNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, steps := drawnRows(t), drawnSteps(t)
		ranks := func(rows []Row) map[sync.DocID]int {
			rankRows(rows, steps)
			m := map[sync.DocID]int{}
			for _, r := range rows {
				m[r.Unit] = r.Rank
			}
			return m
		}
		renamed := append([]Row(nil), rows...)
		for i := range renamed {
			renamed[i].Unit = uid(string(rune('z' - i)))
		}
		shuffled := rapid.Permutation(append([]Row(nil), rows...)).Draw(t, "shuffled")
		want := ranks(append([]Row(nil), rows...))
		if diff := cmp.Diff(want, ranks(shuffled)); diff != "" {
			t.Fatal(diff)
		}
		others := ranks(renamed)
		for i := range rows {
			if want[uid(string(rune('a'+i)))] != others[uid(string(rune('z'-i)))] {
				t.Fatal("a name changed a rank")
			}
		}
	})
}

func TestATieIsDecidedByBallotsOnlyIfAllOfItWasVotedOn(t *testing.T) {
	row := func(name string, votes int64) Row {
		r := Row{Unit: uid(name), Score: &Score{Base: 1, Total: 1}}
		if votes >= 0 {
			r.Ballots = &votes
		}
		return r
	}
	rows := []Row{row("a", 1), row("b", 5), row("c", -1)}
	rankRows(rows, []string{TieBallots})
	for _, r := range rows {
		if r.Rank != 1 || r.Tie != TieShared {
			t.Errorf("%+v", r)
		}
	}
	rows = []Row{row("a", 1), row("b", 5)}
	rankRows(rows, []string{TieBase, TieBallots})
	if rows[0].Unit != uid("b") || rows[0].Tie != TieBallots || rows[1].Rank != 2 {
		t.Errorf("%+v", rows)
	}
}
