package systems

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/emulation"
	"thidua/sync"
)

// stored returns the seeds as a store would give them back, by scope.
func stored(t *testing.T, leaveOut func(Seed) bool) func(sync.Scope) []*sync.Document {
	t.Helper()
	byScope := map[sync.Scope][]*sync.Document{}
	for _, system := range Load() {
		for _, s := range system.Docs {
			if leaveOut != nil && leaveOut(s) {
				continue
			}
			body, normalised, fault := sync.ParseObject(sync.Canonical(s.Body))
			if fault != nil || normalised {
				t.Fatalf("%s %s: fault %v, normalised %v", s.Type, s.Doc, fault, normalised)
			}
			byScope[s.Scope] = append(byScope[s.Scope], sync.NewDocument(s.Doc, s.Type, s.Scope, int64(len(byScope[s.Scope])+1), body))
		}
	}
	return func(scope sync.Scope) []*sync.Document { return byScope[scope] }
}

func TestEverySeedFitsItsType(t *testing.T) {
	schema := emulation.New().Schema()
	seen := map[sync.DocID]bool{}
	for _, system := range Load() {
		if system.Title.VI == "" || system.Title.EN == "" || len(system.Docs) == 0 {
			t.Errorf("system %s lacks a title or data", system.Code)
		}
		for _, s := range system.Docs {
			typ := schema.Types[s.Type]
			if typ == nil {
				t.Fatalf("system %s: no type %q", system.Code, s.Type)
			}
			if fault := typ.Validate(s.Body); fault != nil {
				t.Errorf("system %s: %s %s: %v", system.Code, s.Type, s.Doc, fault)
			}
			if kind := s.Scope.Kind(); !contains(typ.Scopes, kind) {
				t.Errorf("system %s: %s may not live in a scope %q", system.Code, s.Type, kind)
			}
			if seen[s.Doc] {
				t.Errorf("system %s: identifier %s is used twice", system.Code, s.Doc)
			}
			seen[s.Doc] = true
			if want, keyed := emulation.KeyOf(s.Type, s.Body); keyed && want != s.Doc {
				t.Errorf("system %s: %s is not named after what it is about", system.Code, s.Type)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func TestResultsAreThoseOfTheReports(t *testing.T) {
	got, err := json.Marshal(Compute(stored(t, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var have, want map[string]map[string]any
	if err := json.Unmarshal(got, &have); err != nil {
		t.Fatal(err)
	}
	proposals, _ := have["A"]["flagProposals"].([]any)
	if len(proposals) != 1 || proposals[0].(map[string]any)["unit"] != "BVĐK huyện Thiệu Hóa" || proposals[0].(map[string]any)["note"] == "" {
		t.Errorf("flag proposals %v", proposals)
	}
	delete(have["A"], "flagProposals")
	if err := json.Unmarshal([]byte(`{
		"A": {"registered": "8/8", "percent": 100, "members": 8, "headNext": "BVĐK huyện Yên Định", "deputyNext": "BVĐK huyện Vĩnh Lộc", "firstRank": "BVĐK huyện Thọ Xuân"},
		"B": {"reports": "9/9", "recommendations": 3},
		"C": {"dispatch": "4797/SYT-TCCB", "daysToConference": 31, "pledges": "12/12", "headNext": null},
		"D": {"actual": 33776, "percent": 96.5, "quorum": true},
		"E": {"awards": 127, "handovers": 76, "initiatives": 2761}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}

func TestResultsFollowTheDocuments(t *testing.T) {
	got := Compute(stored(t, func(s Seed) bool {
		switch {
		case s.Type == emulation.TypeRegistration && s.Scope == sync.UnitDesk(Unit("dong-son")):
		case s.Type == emulation.TypeSheet && s.Scope == sync.UnitDesk(Unit("tho-xuan")):
		case s.Type == emulation.TypeAward && s.Body["count"] == int64(61):
		case s.Type == emulation.TypeTerm && s.Body["year"] == int64(2023):
		default:
			return false
		}
		return true
	}))
	if got.A.Registered != "7/8" || got.A.Percent != 87.5 || got.A.FirstRank != "BVĐK huyện Thiệu Hóa" || got.A.HeadNext != nil || got.E.Awards != 66 {
		t.Errorf("%+v", got)
	}
}

func TestNothingIsComputedFromNothing(t *testing.T) {
	got := Compute(func(sync.Scope) []*sync.Document { return nil })
	if got.A.Registered != "0/0" || got.A.FirstRank != "" || got.D.Quorum || got.E.Awards != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSystemARanksOnePairByTieBreakAndOnePairShared(t *testing.T) {
	docs := stored(t, nil)
	org := sync.NewReference(0, docs(sync.Org))
	var papers []*sync.Document
	for _, s := range emulation.RankingSources(org, Cluster("A"), Period("A", "2022")) {
		papers = append(papers, docs(s)...)
	}
	ranking := emulation.Rank(org, Cluster("A"), Period("A", "2022"), papers)
	type line struct {
		Rank  int
		Total int64
		Tie   string
	}
	got := map[sync.DocID]line{}
	for _, r := range ranking.Rows {
		got[r.Unit] = line{r.Rank, r.Score.Total, r.Tie}
	}
	want := map[sync.DocID]line{
		Unit("tho-xuan"):     {1, 10150, ""},
		Unit("thieu-hoa"):    {2, 9900, ""},
		Unit("yen-dinh"):     {3, 9700, emulation.TieBase},
		Unit("vinh-loc"):     {4, 9700, emulation.TieBase},
		Unit("trieu-son"):    {5, 9450, emulation.TieShared},
		Unit("nong-cong"):    {5, 9450, emulation.TieShared},
		Unit("tp-thanh-hoa"): {7, 9300, ""},
		Unit("dong-son"):     {8, 9100, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(ranking.Basis) != 9 { // eight sheets and the criteria
		t.Errorf("basis %v", ranking.Basis)
	}
	body := ranking.Body(1)
	if fault := emulation.New().Schema().Types[emulation.TypeRanking].Validate(body); fault != nil {
		t.Error(fault)
	}
}

func TestHandoverOfTheHeadshipFlagIsNoAward(t *testing.T) {
	docs := stored(t, nil)(sync.ClusterScope(Cluster("C")))
	if n := emulation.CountHandovers(Meeting("C"), docs); n.Count != 0 || len(n.Words) != 0 {
		t.Errorf("%+v", n)
	}
	if n := emulation.CountAwards("", docs); n.Count != 0 {
		t.Errorf("%+v", n)
	}
}

func TestWordsAreKeptBesideTheCount(t *testing.T) {
	docs := stored(t, nil)(sync.UnitScope(Unit("cong-doan-y-te-thai-nguyen")))
	got := emulation.CountAwards(Period("E", "2015-2020"), docs)
	want := emulation.Honours{
		Count:      127,
		Recipients: map[string]int64{"not_split": 33, "collective": 24, "individual": 70},
		Forms:      map[string]int64{"labour_order": 7, "merit_certificate": 115, "emulation_flag": 5},
		Words:      []string{"hàng nghìn"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
