package emulation

import (
	"testing"

	"thidua/sync"
)

func TestAgreedRanksNameEveryScoredUnitOnceAsRanksCanBe(t *testing.T) {
	r := Ranking{Rows: []Row{
		{Unit: "a", Rank: 1, Score: &Score{}}, {Unit: "b", Rank: 2, Score: &Score{}}, {Unit: "c", Rank: 2, Score: &Score{}}, {Unit: "d", Rank: 4, Score: &Score{}}, {Unit: "e"},
	}}
	for _, c := range []struct {
		agreed map[sync.DocID]int
		differ int
		code   sync.Code
	}{
		{map[sync.DocID]int{"a": 1, "b": 2, "c": 2, "d": 4}, 0, ""},
		{map[sync.DocID]int{"a": 1, "b": 2, "c": 3, "d": 4}, 1, ""},
		{map[sync.DocID]int{"a": 1, "b": 1, "c": 1, "d": 1}, 3, ""},
		{map[sync.DocID]int{"a": 1, "b": 2, "c": 2, "d": 3}, 0, CodeAgreedIncomplete},
		{map[sync.DocID]int{"a": 1, "b": 3, "c": 3, "d": 3}, 0, CodeAgreedIncomplete},
		{map[sync.DocID]int{"a": 1, "b": 2, "c": 2}, 0, CodeAgreedIncomplete},
		{map[sync.DocID]int{"a": 1, "b": 2, "c": 2, "d": 4, "e": 5}, 0, CodeAgreedIncomplete},
		{map[sync.DocID]int{"a": 2, "b": 3, "c": 3, "d": 5}, 0, CodeAgreedIncomplete},
	} {
		differ, code := r.Agrees(c.agreed)
		if code != c.code || code == "" && len(differ) != c.differ {
			t.Errorf("%v: %v %q, want %d %q", c.agreed, differ, code, c.differ, c.code)
		}
	}
}

func TestARankingIsStaleByWhatChangedWentOrCame(t *testing.T) {
	recorded := sync.Object{"basis": sync.Object{"kept": int64(1), "changed": int64(2), "gone": int64(3)}}
	now := Ranking{Basis: []Basis{{Doc: "kept", Version: 1}, {Doc: "changed", Version: 5}, {Doc: "came", Version: 1}}}
	got := now.ChangedSince(recorded)
	if len(got) != 3 || got[0] != "came" || got[1] != "changed" || got[2] != "gone" {
		t.Errorf("%v", got)
	}
}

func TestMilestonesReadOffATimetableMakeTheSameTimetable(t *testing.T) {
	offsets := map[string]Offset{"sheet": {Kind: TrackSheet, Days: -14, Grace: 2}, "conference": {Kind: "conference"}}
	milestones, ok := Milestones("2026-03-01", offsets, "")
	if !ok || sync.Get(milestones, "/sheet/due") != "2026-02-15" {
		t.Fatalf("%v", milestones)
	}
	period := sync.NewDocument("p", TypePeriod, sync.Org, 1, sync.Object{"milestones": milestones})
	if got := OffsetsOf(period, "2026-03-01"); len(got) != 2 || got["sheet"] != offsets["sheet"] || got["conference"] != offsets["conference"] {
		t.Errorf("%v", got)
	}
	if _, ok := Milestones("2026-03-01", map[string]Offset{"x": {Days: MaxOffset + 1}}, ""); ok {
		t.Error("an offset of years is taken")
	}
}
