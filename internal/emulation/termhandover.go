package emulation

import (
	"time"

	"thidua/sync"
)

// TermYear returns the year of the terms in force at a time in
// milliseconds since 1970.
func TermYear(milli int64) int { return time.UnixMilli(milli).In(zone()).Year() }

// LeadsOn reports whether a unit leads a cluster, as head or deputy, at a time
// (milliseconds since 1970): it is named by the term in force, which begins and
// ends with the calendar year, and is still a member that day.
func LeadsOn(org *sync.Reference, unit, cluster sync.DocID, at int64) (isHead, isDeputy bool) {
	headUnit, deputyUnit := Leaders(org, cluster, TermYear(at))
	if unit == "" || unit != headUnit && unit != deputyUnit || !isMember(org, unit, cluster, DayOf(at)) {
		return false, false
	}
	return unit == headUnit, unit == deputyUnit
}

// LedClusters returns the clusters that a unit leads at a time (milliseconds
// since 1970), sorted.
func LedClusters(org *sync.Reference, unit sync.DocID, at int64) []sync.DocID {
	var led []sync.DocID
	for _, cluster := range ClustersOn(org, unit, DayOf(at)) {
		if isHead, isDeputy := LeadsOn(org, unit, cluster, at); isHead || isDeputy {
			led = append(led, cluster)
		}
	}
	return led
}

// WithTerms returns the grants of an author together with those that follow
// from the terms in force at a time (milliseconds since 1970): people of the
// unit that heads a cluster are its cluster_head while the term runs, those of
// the deputy unit its cluster_deputy, without anybody granting or revoking it on
// 1 January. A derived grant is bounded by the term and by the grant it follows
// from, so that a right is judged when made and when received alike.
func WithTerms(grants []sync.Grant, at int64, org *sync.Reference) []sync.Grant {
	all := grants
	for _, g := range grants {
		if g.Role != UnitStaff && g.Role != UnitLeader || !g.ValidAt(at) {
			continue
		}
		for _, cluster := range LedClusters(org, sync.DocID(g.Subject), at) {
			isHead, _ := LeadsOn(org, sync.DocID(g.Subject), cluster, at)
			derived := sync.Grant{Role: ClusterDeputy, Subject: sync.ID(cluster)}
			if isHead {
				derived.Role = ClusterHead
			}
			derived.From, derived.To = TermSpan(TermYear(at))
			derived.From = max(derived.From, g.From)
			if g.To != 0 {
				derived.To = min(derived.To, g.To)
			}
			all = append(all[:len(all):len(all)], derived)
		}
	}
	return all
}
