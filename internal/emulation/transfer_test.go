package emulation

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"thidua/sync"
)

// with returns reference data with documents added, or put in the place of
// those of the same name.
func with(org *sync.Reference, added ...*sync.Document) *sync.Reference {
	docs := slices.Clone(added)
	for typ := range New().Schema().Types {
		for _, d := range org.Of(typ) {
			if !slices.ContainsFunc(added, func(a *sync.Document) bool { return a.ID == d.ID }) {
				docs = append(docs, d)
			}
		}
	}
	return sync.NewReference(org.Seq+1, docs)
}

// belongs is the membership of a unit in a cluster.
func belongs(unit, cluster, from, to string) *sync.Document {
	b := sync.Object{"unit": string(uid(unit)), "cluster": string(uid(cluster)), "from": from}
	if to != "" {
		b["to"] = to
	}
	return orgDoc(TypeMembership, unit+cluster, b)
}

// moved is the organisation after unit u left cluster c for d, on a day of the
// year 2022; its last day in c is given.
func moved(left string) *sync.Reference {
	return with(organisation(), belongs("u", "c", "2022-01-01", left), belongs("u", "d", DayOf(noon), ""))
}

func TestASheetGoesWhereItsUnitHasMovedAndNowhereElse(t *testing.T) {
	admin, org := person("p", grant(Admin, "")), moved(DayOf(noon-day))
	closed := with(org, orgDoc(TypePeriod, "2022", sync.Set(org.Find(TypePeriod, uid("2022")).Body(), "/state", "closed")))
	onlyOfC := with(org, orgDoc(TypePeriod, "2022", sync.Set(org.Find(TypePeriod, uid("2022")).Body(), "/cluster", string(uid("c")))))
	for _, c := range []struct {
		name, state, to string
		org             *sync.Reference
		code            sync.Code
	}{
		{"a draft", "", "d", org, ""},
		{"submitted", "submitted", "d", org, ""},
		{"cross-checked", "cross_checked", "d", org, ""},
		{"verified", "verified", "d", org, ""},
		{"locked", "locked", "d", org, CodeTransferClosed},
		{"given up", "superseded", "d", org, CodeTransferClosed},
		{"of a closed period", "submitted", "d", closed, CodeTransferClosed},
		{"in a period of the old cluster only", "submitted", "d", onlyOfC, CodeWrongSubject},
		{"to a cluster of others", "submitted", "e", org, CodeNotMember},
		{"before the move", "submitted", "d", organisation(), CodeNotMember},
		{"where it is, though locked", "locked", "c", org, ""},
	} {
		sheet := paper(TypeSheet, "u", 1, sheetBody("u", c.state))
		body, fault := Transfer(c.org, sheet, uid(c.to))
		if fault != nil {
			if fault.Code != c.code {
				t.Errorf("%s: %v, want %q", c.name, fault, c.code)
			}
			continue
		}
		a := act(admin, sheet.Scope, TypeSheet, sheet.Body(), sync.Diff(sheet.Body(), body, nil))
		a.Org = c.org
		if got := New().Allow(a); got.Code != c.code {
			t.Errorf("%s: %+v, want %q", c.name, got, c.code)
		}
		for who, author := range map[string]sync.Author{"officer": person("p", grant(Officer, "d")), "leader": person("p", grant(UnitLeader, "u")), "new head": person("p", grant(ClusterHead, "d"))} {
			if a.Author = author; c.to == "d" && New().Allow(a).Code != CodeForbidden {
				t.Errorf("%s transfers %s", who, c.name)
			}
		}
	}
}

func TestASheetDeletedAfterItsTransferDoesNotGoBack(t *testing.T) {
	a := act(person("p", grant(UnitStaff, "u")), sync.UnitDesk(uid("u")), TypeSheet, nil, edit("", nil, sheetBody("u", "")))
	a.Org = moved(DayOf(noon - day))
	a.Present = sync.NewDocument(a.Doc, TypeSheet, a.Scope, 3, sync.Set(sheetBody("u", ""), "/cluster", string(uid("d"))))
	a.Present.Gone = true
	if got := New().Allow(a); got != refuse(CodeNotMember) {
		t.Errorf("made again for the old cluster: %+v", got)
	}
	a.Edits = edit("", nil, sync.Set(sheetBody("u", ""), "/cluster", string(uid("d"))))
	if got := New().Allow(a); got.Verdict != sync.Allow {
		t.Errorf("made again for the new one: %+v", got)
	}
}

func rowsOf(r Ranking) map[sync.DocID]bool {
	rows := map[sync.DocID]bool{} // unit → whether it has points
	for _, row := range r.Rows {
		rows[row.Unit] = row.Score != nil
	}
	return rows
}

func TestATransferredSheetIsRankedByItsNewClusterAndMakesBothRankingsStale(t *testing.T) {
	org := moved(DayOf(noon - day))
	sheets := func(of string, version int64) []*sync.Document {
		docs := []*sync.Document{paper(TypeSheet, "u", version, sync.Set(scored("u", 5000), "/cluster", string(uid(of))))}
		return append(docs, paper(TypeSheet, "v", 1, scored("v", 4000)), paper(TypeSheet, "x", 1, sync.Set(scored("x", 4500), "/cluster", string(uid("d")))))
	}
	stays, goes := sheets("c", 1), sheets("d", 2)
	for _, c := range []struct {
		cluster string
		docs    []*sync.Document
		want    map[sync.DocID]bool
	}{
		{"c", stays, map[sync.DocID]bool{uid("u"): true, uid("v"): true, uid("w"): false}},
		{"d", stays, map[sync.DocID]bool{uid("x"): true}},
		{"c", goes, map[sync.DocID]bool{uid("v"): true, uid("w"): false}},
		{"d", goes, map[sync.DocID]bool{uid("u"): true, uid("x"): true}},
	} {
		if diff := cmp.Diff(c.want, rowsOf(Rank(org, uid(c.cluster), uid("2022"), c.docs))); diff != "" {
			t.Errorf("cluster %s: %s", c.cluster, diff)
		}
		if !slices.Contains(RankingSources(org, uid(c.cluster), uid("2022")), sync.UnitDesk(uid("u"))) {
			t.Errorf("cluster %s does not look at the desk of u", c.cluster)
		}
	}
	for _, cluster := range []string{"c", "d"} {
		before := Rank(org, uid(cluster), uid("2022"), stays)
		if changed := Rank(org, uid(cluster), uid("2022"), goes).ChangedSince(before.Body(1)); !slices.Equal(changed, []sync.DocID{SheetID(uid("u"), uid("2022"))}) {
			t.Errorf("in cluster %s changed %v", cluster, changed)
		}
	}
}

// Whatever memberships and transfers there were, no unit has points in two
// clusters, and each that began the period somewhere stands in a ranking.
func TestInvariant6HoldsOfAllClustersTogether(t *testing.T) {
	days := []string{"2021-07-01", "2022-01-01", "2022-03-01", "2022-07-01", "2022-12-31", "2023-02-01"}
	rapid.Check(t, func(t *rapid.T) {
		org, began := organisation(), map[sync.DocID]bool{}
		var docs []*sync.Document
		for _, unit := range []string{"u", "v", "w", "x"} {
			for _, cluster := range []string{"c", "d"} {
				from := rapid.IntRange(0, 4).Draw(t, "from")
				to := rapid.IntRange(from, 5).Draw(t, "to")
				org = with(org, belongs(unit, cluster, days[from], days[to]))
			}
			began[uid(unit)] = len(ClustersOn(org, uid(unit), "2022-01-01")) > 0
			if rapid.Bool().Draw(t, "sheet") {
				of := rapid.SampledFrom([]string{"c", "d"}).Draw(t, "cluster")
				docs = append(docs, paper(TypeSheet, unit, 1, sync.Set(scored(unit, 4000), "/cluster", string(uid(of)))))
			}
		}
		stands, points := map[sync.DocID]int{}, map[sync.DocID]int{}
		for _, cluster := range []string{"c", "d"} {
			here := map[sync.DocID]bool{}
			for _, row := range Rank(org, uid(cluster), uid("2022"), docs).Rows {
				if here[row.Unit] {
					t.Fatalf("%s stands in %s twice", row.Name, cluster)
				}
				here[row.Unit] = true
				stands[row.Unit]++
				if row.Score != nil {
					points[row.Unit]++
				}
			}
		}
		for unit, anywhere := range began {
			if points[unit] > 1 || anywhere != (stands[unit] > 0) {
				t.Fatalf("a unit stands in %d rankings, in %d with points", stands[unit], points[unit])
			}
		}
	})
}
