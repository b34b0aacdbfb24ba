package emulation

import (
	"sort"

	"thidua/sync"
)

// Readable returns the scopes an author may read at a time (milliseconds since
// 1970), sorted, without repetition: org, the person's own, the units and
// clusters of unit grants, and for officers and whoever is head or deputy, by
// grant or by the term in force, the cluster, its desk and the desks of its
// members. An admin's grant adds none: a phone does not carry the whole
// organisation, and the console reads by other ways.
func (*Domain) Readable(a sync.Author, at int64, org *sync.Reference) []sync.Scope {
	set := map[sync.Scope]bool{sync.Org: true}
	if sync.ValidID(string(a.Person)) {
		set[sync.UserScope(a.Person)] = true
	}
	day := DayOf(at)
	for _, g := range WithTerms(a.Grants, at, org) {
		if !g.ValidAt(at) || !sync.ValidID(string(g.Subject)) {
			continue
		}
		subject := sync.DocID(g.Subject)
		switch g.Role {
		case UnitStaff, UnitLeader:
			set[sync.UnitScope(subject)] = true
			set[sync.UnitDesk(subject)] = true
			for _, c := range ClustersOn(org, subject, day) {
				set[sync.ClusterScope(c)] = true
			}
		case ClusterHead, ClusterDeputy, Officer:
			set[sync.ClusterScope(subject)] = true
			set[sync.ClusterDesk(subject)] = true
			for _, u := range MembersOn(org, subject, day) {
				set[sync.UnitDesk(u)] = true
			}
		}
	}
	scopes := make([]sync.Scope, 0, len(set))
	for s := range set {
		scopes = append(scopes, s)
	}
	sort.Slice(scopes, func(i, j int) bool { return scopes[i] < scopes[j] })
	return scopes
}
