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

// grantedUnit is what a grant for a unit makes of somebody: staff there, member
// of its clusters, and head of those that the unit leads by the term in force.
func grantedUnit(g sync.Grant, scope sync.Scope, at int64, org *sync.Reference) capacity {
	unit := sync.DocID(g.Subject)
	switch scope.Kind() {
	case "unit", "unit:desk":
		switch {
		case scope.Subject() != g.Subject:
			return leading(unit, scope, at, org)
		case g.Role == UnitLeader:
			return staff | leader
		}
		return staff
	case "cluster":
		if isMember(org, unit, sync.DocID(scope.Subject()), DayOf(at)) {
			return member | leading(unit, scope, at, org)
		}
	case "cluster:desk":
		return leading(unit, scope, at, org)
	}
	return 0
}

// leading returns head if a unit leads the cluster of a scope, or one that the
// unit of a desk belongs to.
func leading(unit sync.DocID, scope sync.Scope, at int64, org *sync.Reference) capacity {
	if len(org.Of(TypeTerm)) == 0 {
		return 0
	}
	for _, cluster := range LedClusters(org, unit, at) {
		if overCluster(sync.Grant{Subject: sync.ID(cluster)}, scope, at, org) {
			return head
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

// ofUnit reports whether an author acts for a unit at a time: by a grant for
// the unit, or as head or deputy of a cluster that the unit leads in that year.
func ofUnit(a sync.Author, unit sync.DocID, at int64, org *sync.Reference) bool {
	for _, g := range a.Grants {
		if !g.ValidAt(at) || unit == "" {
			continue
		}
		headUnit, deputyUnit := Leaders(org, sync.DocID(g.Subject), TermYear(at))
		switch {
		case (g.Role == UnitStaff || g.Role == UnitLeader) && sync.DocID(g.Subject) == unit,
			g.Role == ClusterHead && headUnit == unit,
			g.Role == ClusterDeputy && deputyUnit == unit:
			return true
		}
	}
	return false
}

func isMember(org *sync.Reference, unit, cluster sync.DocID, day string) bool {
	for _, d := range org.Naming(TypeMembership, "unit", unit) {
		b := d.Body()
		if doc(b, "cluster") == cluster && within(b, day) {
			return true
		}
	}
	return false
}
