package emulation

import (
	"testing"
	"time"

	"thidua/sync"
)

// termWorld is a cluster "c" of h, d and m, led by h and d in 2026 and by d
// and m in 2027; h leaves the cluster at the end of June 2026.
func termWorld() *sync.Reference {
	named := func(parts ...string) sync.DocID { return sync.DocID(sync.NameID(parts...)) }
	c := string(named("c"))
	doc := func(id sync.DocID, typ string, body sync.Object) *sync.Document {
		return sync.NewDocument(id, typ, sync.Org, 1, body)
	}
	var docs []*sync.Document
	for _, u := range []string{"h", "d", "m"} {
		body := sync.Object{"unit": string(named(u)), "cluster": c, "from": "2020-01-01"}
		if u == "h" {
			body["to"] = "2026-06-30"
		}
		docs = append(docs, doc(named("in", u), TypeMembership, body))
	}
	for year, lead := range map[int][2]string{2026: {"h", "d"}, 2027: {"d", "m"}} {
		docs = append(docs, doc(TermID(sync.DocID(c), year), TypeTerm, sync.Object{
			"cluster": c, "year": int64(year), "head": string(named(lead[0])), "deputy": string(named(lead[1])),
		}))
	}
	return sync.NewReference(1, docs)
}

func TestTheNextHeadTakesOverOnTheFirstOfJanuaryWherePeopleAre(t *testing.T) {
	org := termWorld()
	d := sync.ID(sync.NameID("d"))
	cluster := sync.ID(sync.NameID("c"))
	lastSecond := time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC).UnixMilli() // 23:59:59 where the people are
	for at, want := range map[int64]sync.Role{lastSecond: ClusterDeputy, lastSecond + 1000: ClusterHead} {
		grants := WithTerms([]sync.Grant{{Role: UnitLeader, Subject: d}}, at, org)
		if len(grants) != 2 || grants[1].Role != want || grants[1].Subject != cluster || !grants[1].ValidAt(at) {
			t.Errorf("at %d: %+v, want %s", at, grants, want)
		}
		if other := at + 365*24*3600*1000; grants[1].ValidAt(other) {
			t.Errorf("the right goes on after the term: %+v", grants[1])
		}
	}
}

func TestATermEndsWithMembershipAndWithTheGrantItFollowsFrom(t *testing.T) {
	org := termWorld()
	h, d := sync.ID(sync.NameID("h")), sync.ID(sync.NameID("d"))
	june, july := time.Date(2026, 6, 30, 3, 0, 0, 0, time.UTC).UnixMilli(), time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC).UnixMilli()
	if got := WithTerms([]sync.Grant{{Role: UnitStaff, Subject: h}}, june, org); len(got) != 2 || got[1].Role != ClusterHead {
		t.Errorf("a member that is head: %+v", got)
	}
	if got := WithTerms([]sync.Grant{{Role: UnitStaff, Subject: h}}, july, org); len(got) != 1 {
		t.Errorf("one that has left: %+v", got)
	}
	bounded := WithTerms([]sync.Grant{{Role: UnitStaff, Subject: d, From: june - 1, To: july + 1}}, july, org)
	if len(bounded) != 2 || bounded[1].From != june-1 || bounded[1].To != july+1 {
		t.Errorf("beyond the grant it follows from: %+v", bounded)
	}
	for _, none := range []sync.Grant{{Role: UnitStaff, Subject: sync.ID(sync.NameID("m"))}, {Role: Officer, Subject: d}, {Role: UnitStaff, Subject: d, To: june}} {
		if got := WithTerms([]sync.Grant{none}, july, org); len(got) != 1 {
			t.Errorf("%+v gives %+v", none, got)
		}
	}
}
