package emulation

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/sync"
)

// province returns a number of clusters of ten units, each with a period of
// its own that asks for all four trackers, and one period of all that asks for
// one.
func province(clusters int) *sync.Reference {
	milestones := sync.Object{}
	for _, kind := range []string{TrackRegistration, TrackPledge, TrackReport, TrackSheet} {
		milestones[kind] = sync.Object{"kind": kind}
	}
	docs := []*sync.Document{orgDoc(TypePeriod, "all", sync.Object{
		"from": "2022-01-01", "to": "2022-06-30", "milestones": sync.Object{"m": sync.Object{"kind": TrackReport}},
	})}
	for c := range clusters {
		cluster := fmt.Sprint("c", c)
		docs = append(docs, orgDoc(TypeCluster, cluster, sync.Object{"code": cluster}), orgDoc(TypePeriod, cluster+"-2022", sync.Object{
			"cluster": string(uid(cluster)), "from": "2022-01-01", "to": "2022-12-31", "milestones": milestones,
		}))
		for u := range 10 {
			unit := fmt.Sprint(cluster, "u", u)
			docs = append(docs, orgDoc(TypeUnit, unit, sync.Object{"code": unit}), orgDoc(TypeMembership, unit+cluster, sync.Object{
				"unit": string(uid(unit)), "cluster": string(uid(cluster)), "from": "2021-01-01",
			}))
		}
	}
	return sync.NewReference(1, docs)
}

func TestWhatDependsOnADeskDoesNotGrowWithTheProvince(t *testing.T) {
	d := New()
	for _, clusters := range []int{1, 15, 150} {
		org := province(clusters)
		for scope, want := range map[sync.Scope]int{
			sync.UnitDesk(uid("c0u3")):     5,            // the trackers of its cluster
			sync.ClusterDesk(uid("c0")):    21,           // a copy for each unit and period, and the questions about its proposals
			sync.UnitScope(uid("c0u3")):    1,            // its duplicates
			sync.Org:                       5 * clusters, // every tracker
			sync.UnitDesk(uid("stranger")): 0,
		} {
			targets, seen := d.Targets(scope, org), map[sync.DocID]bool{}
			for _, target := range targets {
				seen[target.Doc] = true
			}
			if len(targets) != want || len(seen) != want {
				t.Errorf("of %d clusters: on %s depend %d targets, %d of them different, want %d", clusters, scope, len(targets), len(seen), want)
			}
		}
	}
}

func TestWhatADeskDependsOnDoesNotMatterWhereItIsAskedFrom(t *testing.T) {
	d, org := New(), province(3)
	fromOrg, fromDesks := map[sync.DocID]sync.Target{}, map[sync.DocID]sync.Target{}
	for _, target := range d.Targets(sync.Org, org) {
		fromOrg[target.Doc] = target
	}
	for c := range 3 {
		for u := range 10 {
			for _, target := range d.Targets(sync.UnitDesk(uid(fmt.Sprint("c", c, "u", u))), org) {
				fromDesks[target.Doc] = target
			}
		}
	}
	if diff := cmp.Diff(fromOrg, fromDesks); diff != "" {
		t.Error(diff)
	}
}

// A unit that came or went on the way may have been reviewed while it was there.
func TestWhoBelongedToAClusterForADayOfThePeriodMayHaveACopy(t *testing.T) {
	membership := func(unit, from, to string) *sync.Document {
		b := sync.Object{"unit": string(uid(unit)), "cluster": string(uid("c")), "from": from}
		if to != "" {
			b["to"] = to
		}
		return orgDoc(TypeMembership, unit+from, b)
	}
	org := sync.NewReference(1, []*sync.Document{
		orgDoc(TypePeriod, "2022", sync.Object{"from": "2022-01-01", "to": "2022-12-31"}),
		membership("left", "2020-01-01", "2022-01-01"), membership("came", "2022-12-31", ""), membership("twice", "2022-02-01", "2022-03-01"),
		membership("twice", "2022-05-01", ""), membership("before", "2020-01-01", "2021-12-31"), membership("after", "2023-01-01", ""),
	})
	units := map[string]int{}
	for _, target := range New().Targets(sync.ClusterDesk(uid("c")), org) {
		for _, unit := range []string{"left", "came", "twice", "before", "after"} {
			if target.Scope == sync.UnitDesk(uid(unit)) {
				units[unit]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"left": 1, "came": 1, "twice": 1}, units); diff != "" {
		t.Error(diff)
	}
}

func TestACopySaysWhatTheReviewSaysOnceItIsSent(t *testing.T) {
	d, org, desk := New(), organisation(), sync.ClusterDesk(uid("c"))
	var target sync.Target
	for _, x := range d.Targets(desk, org) {
		if x.Doc == ReviewCopyID(uid("c"), SheetID(uid("u"), uid("2022"))) {
			target = x
		}
	}
	if target.Scope != sync.UnitDesk(uid("u")) || !cmp.Equal(d.Sources(target, org), []sync.Scope{desk}) {
		t.Fatalf("%+v", target)
	}
	of := func(review sync.Object) sync.Object {
		id, _ := KeyOf(TypeReview, review)
		return d.Derive(target, map[sync.Scope][]*sync.Document{desk: {sync.NewDocument(id, TypeReview, desk, 7, review)}}, org)
	}
	sent := sync.Set(sync.Set(reviewBody("u"), "/state", "sent"), "/entries/I-1/reason", "Thiếu minh chứng")
	body := of(sent)
	if body["version"] != int64(7) || body["state"] != nil || !sync.Equal(body["entries"], sent["entries"]) {
		t.Errorf("%v", body)
	}
	if fault := d.Schema().Types[TypeReviewCopy].Validate(body); fault != nil {
		t.Error(fault)
	}
	if got := of(reviewBody("u")); got != nil {
		t.Errorf("of a draft: %v", got)
	}
	if got := of(sync.Set(sent, "/unit", string(uid("v")))); got != nil {
		t.Errorf("of another unit: %v", got)
	}
	// Whoever has the copy in place of the review comes to the same result.
	criteria, sheet := org.Find(TypeCriteria, uid("criteria")), paper(TypeSheet, "u", 1, sheetBody("u", "cross_checked"))
	copied := sync.NewDocument(target.Doc, TypeReviewCopy, target.Scope, 1, body)
	byReview := Reconcile(Papers{Criteria: criteria, Sheet: sheet, Review: sync.NewDocument(uid("review"), TypeReview, desk, 7, sent)})
	byCopy := Reconcile(Papers{Criteria: criteria, Sheet: sheet, Review: copied})
	if diff := cmp.Diff(byReview, byCopy); diff != "" || byCopy.Differ != 1 || byCopy.Rows[0].Reason != "Thiếu minh chứng" {
		t.Errorf("%s%+v", diff, byCopy)
	}
}
