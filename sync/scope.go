package sync

import "strings"

// A Scope is the unit of visibility and of ordering: one audience, one log.
// Whoever may read a scope reads all of it, and a document never moves
// between scopes.
type Scope string

// Org is the scope of reference data, readable by everyone.
const Org Scope = "org"

// UnitScope is read and written by the people of a unit.
func UnitScope(unit DocID) Scope { return Scope("unit:" + unit) }

// UnitDesk is the scope of a unit and of those who review what it submits.
func UnitDesk(unit DocID) Scope { return Scope("unit:" + unit + ":desk") }

// ClusterScope is read by the people of every member of a cluster.
func ClusterScope(cluster DocID) Scope { return Scope("cluster:" + cluster) }

// ClusterDesk is the scope of a cluster's head, deputy and officers.
func ClusterDesk(cluster DocID) Scope { return Scope("cluster:" + cluster + ":desk") }

// UserScope is read by one person; what could not be put anywhere else is kept there.
func UserScope(person PersonID) Scope { return Scope("user:" + person) }

// Kind returns the shape of a scope without its identifier: "org", "unit",
// "unit:desk", "cluster", "cluster:desk", "user", or "" if s is no scope.
func (s Scope) Kind() string {
	if s == Org {
		return "org"
	}
	kind, rest, _ := strings.Cut(string(s), ":")
	id, desk, isDesk := strings.Cut(rest, ":")
	if !ValidID(id) || isDesk && desk != "desk" {
		return ""
	}
	switch {
	case (kind == "unit" || kind == "cluster") && isDesk:
		return kind + ":desk"
	case (kind == "unit" || kind == "cluster" || kind == "user") && !isDesk:
		return kind
	}
	return ""
}

// Subject returns the identifier in a scope: of a unit, cluster or person; "" for Org.
func (s Scope) Subject() ID {
	_, rest, _ := strings.Cut(string(s), ":")
	id, _, _ := strings.Cut(rest, ":")
	return ID(id)
}
