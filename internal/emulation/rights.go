package emulation

import "thidua/sync"

// Roles a grant may give. The subject of unit roles is a unit, that of the
// others a cluster; an admin's is empty.
const (
	UnitStaff     sync.Role = "unit_staff"
	UnitLeader    sync.Role = "unit_leader"
	ClusterHead   sync.Role = "cluster_head"
	ClusterDeputy sync.Role = "cluster_deputy"
	Officer       sync.Role = "officer"
	Admin         sync.Role = "admin"
)

// A capacity is what somebody is in relation to one scope, after grants and
// memberships were looked up. Several may hold at once.
type capacity uint8

const (
	staff   capacity = 1 << iota // of the scope's unit
	leader                       // of the scope's unit
	member                       // of a unit in the scope's cluster
	head                         // head or deputy of the scope's cluster, or of one the scope's unit is in
	officer                      // as head; in scope org: of any cluster
	admin                        // of the organisation
	owner                        // of the user scope
)

// A right says who may write the content of a type in a kind of scope. States
// are a matter of steps, not of rights.
type right struct {
	typ, scope string
	who        capacity
}

// rights is the whole table: what is not in it may be written by the server only.
func rights() []right {
	return []right{
		{TypeUnit, "org", admin},
		{TypeUnitLink, "org", admin},
		{TypeSuccession, "org", admin},
		{TypeCluster, "org", admin},
		{TypeMembership, "org", admin},
		{TypeTerm, "org", admin},
		{TypeCriteria, "org", admin},
		{TypePeriod, "org", admin | officer},
		{TypeDispatch, "org", admin | officer},

		{TypeRegistration, "unit:desk", staff},
		{TypePledge, "unit:desk", staff},
		{TypeReport, "unit:desk", staff},
		{TypeIndicator, "unit:desk", staff},
		{TypeSheet, "unit:desk", staff},
		{TypeVerification, "unit:desk", officer},

		{TypeMeeting, "unit", staff},
		{TypeMovement, "unit", staff},
		{TypeIndicator, "unit", staff},
		{TypeAward, "unit", staff},
		{TypeHandover, "unit", staff},

		{TypeMeeting, "cluster", member | head | officer},
		{TypeMovement, "cluster", member | head | officer},
		{TypeHandover, "cluster", member | head | officer},
		{TypeRecommendation, "cluster", head | officer},
		{TypeRanking, "cluster", head},

		{TypeReview, "cluster:desk", head},
		{TypeRanking, "cluster:desk", head | officer},
		{TypeAward, "cluster:desk", head | officer},

		{TypeNotice, "user", owner},
	}
}

// capacities returns what an author is in relation to a scope at a time.
func capacities(a sync.Author, scope sync.Scope, at int64, org *sync.Reference) capacity {
	var c capacity
	if scope.Kind() == "user" && sync.PersonID(scope.Subject()) == a.Person {
		c |= owner
	}
	for _, g := range a.Grants {
		if g.ValidAt(at) {
			c |= granted(g, scope, at, org)
		}
	}
	return c
}

func granted(g sync.Grant, scope sync.Scope, at int64, org *sync.Reference) capacity {
	switch g.Role {
	case UnitStaff, UnitLeader:
		return grantedUnit(g, scope, at, org)
	case ClusterHead, ClusterDeputy:
		if overCluster(g, scope, at, org) {
			return head
		}
	case Officer:
		if scope == sync.Org || overCluster(g, scope, at, org) {
			return officer
		}
	case Admin:
		return admin
	}
	return 0
}

func grantedUnit(g sync.Grant, scope sync.Scope, at int64, org *sync.Reference) capacity {
	switch scope.Kind() {
	case "unit", "unit:desk":
		if scope.Subject() != g.Subject {
			return 0
		}
		if g.Role == UnitLeader {
			return staff | leader
		}
		return staff
	case "cluster":
		if isMember(org, sync.DocID(g.Subject), sync.DocID(scope.Subject()), DayOf(at)) {
			return member
		}
	}
	return 0
}

// overCluster reports whether a grant for a cluster reaches a scope: the
// cluster's own, or the desk of a unit that is a member at the time.
func overCluster(g sync.Grant, scope sync.Scope, at int64, org *sync.Reference) bool {
	switch scope.Kind() {
	case "cluster", "cluster:desk":
		return scope.Subject() == g.Subject
	case "unit:desk":
		return isMember(org, sync.DocID(scope.Subject()), sync.DocID(g.Subject), DayOf(at))
	}
	return false
}

func isMember(org *sync.Reference, unit, cluster sync.DocID, day string) bool {
	for _, d := range org.Of(TypeMembership) {
		b := d.Body()
		if doc(b, "unit") == unit && doc(b, "cluster") == cluster && within(b, day) {
			return true
		}
	}
	return false
}
