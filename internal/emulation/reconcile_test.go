package emulation

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"thidua/sync"
)

// scoreWorld draws a criteria set and the papers about one sheet.
func scoreWorld(t *rapid.T) Papers {
	criteria, entries := sync.Object{}, map[string]sync.Object{"self": {}, "review": {}, "verification": {}}
	for _, code := range []string{"a1", "a2", "b1"} {
		criteria[code] = sync.Object{"section": code[:1], "order": int64(1), "code": code, "title": code, "type": "quantitative", "max": int64(1000), "bonus_max": int64(200)}
		for paper, fields := range map[string][]string{"self": {"self", "bonus"}, "review": {"cross", "recheck", "bonus"}, "verification": {"verified"}} {
			entry := sync.Object{}
			for _, f := range fields {
				if rapid.Bool().Draw(t, paper+code+f) {
					entry[f] = rapid.Int64Range(0, 200).Draw(t, "points")
				}
			}
			if len(entry) > 0 {
				entries[paper][code] = entry
			}
		}
	}
	set := sync.Object{"sections": sync.Object{"a": sync.Object{"order": int64(1)}, "b": sync.Object{"order": int64(2)}}, "criteria": criteria}
	doc := func(id, typ string, body sync.Object) *sync.Document {
		return sync.NewDocument(sync.DocID(sync.NameID(id)), typ, sync.Org, 1, body)
	}
	return Papers{
		Criteria: doc("c", TypeCriteria, set), Sheet: doc("s", TypeSheet, sync.Object{"unit": "u", "entries": entries["self"]}),
		Review:       doc("r", TypeReview, sync.Object{"state": "sent", "entries": entries["review"]}),
		Verification: doc("v", TypeVerification, sync.Object{"state": "sent", "entries": entries["verification"]}),
	}
}

func TestAReconciliationAddsUpToBothTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Reconcile(scoreWorld(t))
		sum := func(of func(Comparison) Points) (total int64) {
			for _, row := range r.Rows {
				p := of(row)
				total += p.Base + p.Bonus - p.Penalty
			}
			return total
		}
		if own := sum(func(c Comparison) Points { return c.Own }); own != r.Own.Total {
			t.Fatalf("own rows come to %d, the total is %d", own, r.Own.Total)
		}
		if official := sum(func(c Comparison) Points { return c.Official }); official != r.Official.Total {
			t.Fatalf("official rows come to %d, the total is %d", official, r.Official.Total)
		}
		differ := 0
		for _, row := range r.Rows {
			if row.Own != row.Official {
				differ++
			}
		}
		if differ != r.Differ || !slices.IsSortedFunc(r.Rows, func(a, b Comparison) int { return slices.Compare([]byte(a.Code), []byte(b.Code)) }) {
			t.Fatalf("%d rows differ, said %d: %+v", differ, r.Differ, r.Rows)
		}
	})
}

func TestAPlaceIsThatOfEitherTotalAmongTheOthers(t *testing.T) {
	score := func(n int64) *Score { return &Score{Total: n} }
	rows := []Row{{Unit: "a", Rank: 1, Score: score(900)}, {Unit: "u", Rank: 2, Score: score(800)}, {Unit: "b", Rank: 3, Score: score(700)}, {Unit: "n"}}
	for own, want := range map[int64]int{1000: 1, 900: 1, 850: 2, 650: 3} {
		r := Reconciliation{Unit: "u", Own: Score{Total: own}, Official: Score{Total: 800}}
		if r.Place(rows); r.OwnRank != want || r.OfficialRank != 2 {
			t.Errorf("%d is placed %d and %d, want %d and 2", own, r.OwnRank, r.OfficialRank, want)
		}
	}
	absent := Reconciliation{Unit: "x"}
	if absent.Place(rows); absent.OwnRank != 0 || absent.OfficialRank != 0 {
		t.Errorf("a unit that is not ranked has a place: %+v", absent)
	}
}
