package generate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A world is what was generated, as a store would hold it.
type world struct {
	docs    map[sync.DocID]*sync.Document
	scopes  map[sync.Scope][]*sync.Document
	batches []int // cluster of each batch, in order
	twice   []sync.DocID
}

// generated runs a Config into memory; each batch is one version.
func generated(t testing.TB, c Config) *world {
	t.Helper()
	w := &world{docs: map[sync.DocID]*sync.Document{}, scopes: map[sync.Scope][]*sync.Document{}}
	versions := map[sync.Scope]int64{}
	err := Stream(c, func(b Batch) ([]*sync.Document, error) {
		versions[b.Scope]++
		w.batches = append(w.batches, b.Cluster)
		for _, d := range b.Docs {
			if w.docs[d.ID] != nil {
				w.twice = append(w.twice, d.ID)
			}
			stored := sync.NewDocument(d.ID, d.Type, b.Scope, versions[b.Scope], d.Body())
			w.docs[d.ID] = stored
			w.scopes[b.Scope] = append(w.scopes[b.Scope], stored)
		}
		return w.scopes[b.Scope], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func aYear() Config { return Config{Seed: 11, Provinces: 2, Clusters: 8, Activity: true} }

func TestEveryDocumentFitsItsTypeAndScope(t *testing.T) {
	w := generated(t, aYear())
	schema := emulation.New().Schema()
	seen := map[string]int{}
	for _, d := range w.docs {
		typ := schema.Types[d.Type]
		if typ == nil {
			t.Fatalf("no type %q", d.Type)
		}
		seen[d.Type]++
		body, normalised, fault := sync.ParseObject(d.Raw())
		if fault != nil || normalised || !sync.Equal(body, d.Body()) {
			t.Fatalf("%s is no body: %v", d.Raw(), fault)
		}
		if fault := typ.Validate(body); fault != nil {
			t.Errorf("%s %s: %v", d.Type, d.Raw(), fault)
		}
		if len(d.Raw()) > sync.MaxBody {
			t.Errorf("%s: %d bytes", d.Type, len(d.Raw()))
		}
		if !slices.Contains(typ.Scopes, d.Scope.Kind()) {
			t.Errorf("%s may not live in %s", d.Type, d.Scope)
		}
		if id, keyed := emulation.KeyOf(d.Type, body); keyed && id != d.ID {
			t.Errorf("%s %s is not named after what it is about", d.Type, d.ID)
		}
	}
	if len(w.twice) > 0 {
		t.Errorf("generated twice: %v", w.twice)
	}
	for _, typ := range []string{
		emulation.TypeUnit, emulation.TypeUnitLink, emulation.TypeCluster, emulation.TypeMembership, emulation.TypeTerm, emulation.TypePeriod, emulation.TypeDispatch,
		emulation.TypeCriteria, emulation.TypeRegistration, emulation.TypePledge, emulation.TypeReport, emulation.TypeIndicator, emulation.TypeMovement,
		emulation.TypeMeeting, emulation.TypeRecommendation, emulation.TypeSheet, emulation.TypeReview, emulation.TypeVerification, emulation.TypeRanking,
		emulation.TypeAward, emulation.TypeHandover,
	} {
		if seen[typ] == 0 {
			t.Errorf("no %s was generated", typ)
		}
	}
}

func TestEveryReferenceLeadsToWhatIsThere(t *testing.T) {
	w := generated(t, aYear())
	for _, d := range w.docs {
		for _, key := range []string{"unit", "cluster", "period", "criteria", "sheet", "meeting", "basis", "supervisor", "issuer", "head", "deputy", "host", "parent", "child", "launcher"} {
			if id, _ := d.Body()[key].(string); sync.ValidID(id) && w.docs[sync.DocID(id)] == nil {
				t.Errorf("%s names as %s what is not there", d.Type, key)
			}
		}
	}
}

func TestScoresKeepWithinTheirCriteriaAndCriteriaAddUp(t *testing.T) {
	w := generated(t, aYear())
	states := map[string]bool{}
	for _, d := range w.docs {
		b := d.Body()
		switch d.Type {
		case emulation.TypeCriteria:
			if fault := emulation.CheckSums(b); fault != nil {
				t.Error(fault)
			}
		case emulation.TypeSheet:
			states[b["state"].(string)] = true
			within(t, w, d)
		case emulation.TypeReview, emulation.TypeVerification:
			within(t, w, d)
			if sheet := w.docs[sync.DocID(b["sheet"].(string))]; sheet.Version != b["sheet_version"] {
				t.Errorf("a %s is about version %v of a sheet of version %d", d.Type, b["sheet_version"], sheet.Version)
			}
		}
	}
	for _, s := range []string{"draft", "submitted", "cross_checked", "rechecked", "verified", "locked"} {
		if !states[s] {
			t.Errorf("no sheet is %s", s)
		}
	}
}

// within compares the scores of a paper with what its criteria allow.
func within(t *testing.T, w *world, d *sync.Document) {
	t.Helper()
	set := w.docs[sync.DocID(d.Body()["criteria"].(string))].Body()["criteria"].(sync.Object)
	entries, _ := d.Body()["entries"].(sync.Object)
	for key, e := range entries {
		criterion, ok := set[key].(sync.Object)
		if !ok {
			t.Fatalf("no criterion %s", key)
		}
		for field, limit := range map[string]string{"self": "max", "cross": "max", "recheck": "max", "verified": "max", "bonus": "bonus_max", "penalty": "penalty_max"} {
			n, _ := e.(sync.Object)[field].(int64)
			most, _ := criterion[limit].(int64)
			if n < 0 || n > most {
				t.Errorf("%s of %s is %d of %d", field, key, n, most)
			}
		}
	}
}

func TestRankingsAreThoseOfThePapersAndNotStale(t *testing.T) {
	w := generated(t, aYear())
	org := sync.NewReference(1, w.scopes[sync.Org])
	rankings, scored := 0, 0
	for _, d := range w.docs {
		if d.Type != emulation.TypeRanking {
			continue
		}
		rankings++
		cluster, period := sync.DocID(d.Body()["cluster"].(string)), sync.DocID(d.Body()["period"].(string))
		var papers []*sync.Document
		for _, s := range emulation.RankingSources(org, cluster, period) {
			papers = append(papers, w.scopes[s]...)
		}
		now := emulation.Rank(org, cluster, period, papers)
		if diff := cmp.Diff(now.Body(1), without(d.Body(), "state")); diff != "" {
			t.Error(diff)
		}
		quota, given, flags := (len(now.Rows)-1)/5, 0, 0
		for _, a := range w.scopes[sync.ClusterDesk(cluster)] {
			switch {
			case a.Type != emulation.TypeAward:
			case a.Body()["form"] == "emulation_flag":
				flags++
			default:
				given++
			}
		}
		if flags != 1 || given > quota {
			t.Errorf("%d flags and %d certificates of %d", flags, given, quota)
		}
		for _, r := range now.Rows {
			if r.Score != nil {
				scored++
			}
		}
	}
	if rankings < 3 || scored < 7*rankings {
		t.Errorf("%d rankings of %d sheets", rankings, scored)
	}
}

func without(o sync.Object, key string) sync.Object { return sync.Set(o, sync.Pointer("/"+key), nil) }

func TestVotesAddUpAndNobodyVotesWhoIsNotThere(t *testing.T) {
	w := generated(t, aYear())
	votes := 0
	for _, d := range w.docs {
		if d.Type != emulation.TypeMeeting {
			continue
		}
		present := emulation.Present(d.Body())
		for _, in := range [][2]string{{"resolutions", "votes"}, {"ballots", "tally"}} {
			all, _ := d.Body()[in[0]].(sync.Object)
			for _, e := range all {
				tally := emulation.TallyOf(e.(sync.Object)[in[1]].(sync.Object))
				if votes++; !tally.Sound() || tally.Issued > present {
					t.Errorf("%+v of %d present", tally, present)
				}
			}
		}
	}
	if votes == 0 {
		t.Error("nobody voted")
	}
}

func TestTermsAreHeldByTwoMembersAndClustersHaveTheirSize(t *testing.T) {
	w := generated(t, aYear())
	org := sync.NewReference(1, w.scopes[sync.Org])
	for _, c := range org.Of(emulation.TypeCluster) {
		members := emulation.MembersOn(org, c.ID, "2026-01-01")
		if len(members) < 7 || len(members) > 16 {
			t.Errorf("%d members", len(members))
		}
		names := map[string]bool{}
		for _, d := range org.Of(emulation.TypeUnit) {
			if slices.Contains(members, d.ID) {
				names[emulation.NameOn(d, "2026-01-01")] = true
			}
		}
		if len(names) != len(members) {
			t.Errorf("%d names of %d members", len(names), len(members))
		}
		head, deputy := emulation.Leaders(org, c.ID, 2026)
		if head == deputy || !slices.Contains(members, head) || !slices.Contains(members, deputy) {
			t.Errorf("head %s, deputy %s", head, deputy)
		}
	}
}

func TestSameSeedGivesTheSameDocumentsAndAnotherSeedNone(t *testing.T) {
	texts := func(c Config) map[sync.DocID]string {
		all := map[sync.DocID]string{}
		for id, d := range generated(t, c).docs {
			all[id] = string(d.Raw())
		}
		return all
	}
	one, again := texts(aYear()), texts(aYear())
	if diff := cmp.Diff(one, again); diff != "" {
		t.Error(diff)
	}
	other := aYear()
	other.Seed++
	for id := range texts(other) {
		if one[id] != "" {
			t.Fatalf("%s belongs to two seeds", id)
		}
	}
}

func TestClustersDoNotDependOnHowManyFollow(t *testing.T) {
	few := generated(t, Config{Seed: 5, Clusters: 2, Activity: true})
	many := generated(t, Config{Seed: 5, Clusters: 5, Activity: true})
	for id, d := range few.docs {
		if m := many.docs[id]; m == nil || string(m.Raw()) != string(d.Raw()) {
			t.Errorf("%s %s differs", d.Type, id)
		}
	}
}

func TestOneClusterIsHandedOverAfterTheOther(t *testing.T) {
	w := generated(t, aYear())
	if !slices.IsSorted(withoutZeroes(w.batches)) {
		t.Errorf("clusters come mixed: %v", w.batches)
	}
	if quiet := generated(t, Config{Seed: 11, Clusters: 3}); len(quiet.scopes) != 1 {
		t.Errorf("without activity there is more than the organisation: %d scopes", len(quiet.scopes))
	}
}

func withoutZeroes(all []int) []int {
	return slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n == 0 })
}

func TestWhatCannotBeGeneratedIsRefused(t *testing.T) {
	failing := errors.New("disk full")
	for _, c := range []Config{{Provinces: 100}, {Clusters: -1}, {Units: 2}, {Units: 41}, {Year: 1999}} {
		if err := Stream(c, func(Batch) ([]*sync.Document, error) { return nil, nil }); err == nil || !strings.HasPrefix(err.Error(), "generate: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := Stream(Config{}, func(Batch) ([]*sync.Document, error) { return nil, failing }); !errors.Is(err, failing) {
		t.Errorf("%v", err)
	}
}

func BenchmarkAYearOfACluster(b *testing.B) {
	docs := 0
	for i := range b.N {
		err := Stream(Config{Seed: uint64(i), Clusters: 1, Activity: true}, func(batch Batch) ([]*sync.Document, error) {
			docs += len(batch.Docs)
			return batch.Docs, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(docs)/b.Elapsed().Seconds(), "documents/s")
}

func ExampleStream() {
	docs := 0
	err := Stream(Config{Seed: 1, Clusters: 1, Units: 8}, func(b Batch) ([]*sync.Document, error) {
		docs += len(b.Docs)
		return b.Docs, nil
	})
	fmt.Println(docs, err)
	// Output: 30 <nil>
}
