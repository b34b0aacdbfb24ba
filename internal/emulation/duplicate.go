package emulation

import "thidua/sync"

// Merges implements hub.Domain: two records of one meeting are made one by an
// admin or an officer, and in a cluster's own scopes by its head or deputy.
func (d *Domain) Merges(a sync.Author, at int64, scope sync.Scope, org *sync.Reference) bool {
	if d.Oversees(a, at, scope, org) {
		return true
	}
	switch scope.Kind() {
	case "cluster", "cluster:desk":
		return capacities(a, scope, at, org)&head != 0
	}
	return false
}
