package emulation

import "thidua/sync"

// Oversees reports whether an author may look into a scope and decide its
// conflicts at a time (milliseconds since 1970): an admin everywhere, an officer
// in the clusters of the grant and at the desks of their members.
func (*Domain) Oversees(a sync.Author, at int64, scope sync.Scope, org *sync.Reference) bool {
	for _, g := range a.Grants {
		if !g.ValidAt(at) {
			continue
		}
		switch g.Role {
		case Admin:
			return scope.Kind() != ""
		case Officer:
			cluster := sync.DocID(g.Subject)
			if scope == sync.ClusterScope(cluster) || scope == sync.ClusterDesk(cluster) {
				return true
			}
			if scope.Kind() != "unit:desk" {
				continue
			}
			for _, unit := range MembersOn(org, cluster, DayOf(at)) {
				if scope == sync.UnitDesk(unit) {
					return true
				}
			}
		}
	}
	return false
}

// Manages reports whether an author may look after other people's accounts at
// a time (milliseconds since 1970): an admin.
func Manages(a sync.Author, at int64) bool {
	for _, g := range a.Grants {
		if g.Role == Admin && g.ValidAt(at) {
			return true
		}
	}
	return false
}
