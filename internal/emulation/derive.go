package emulation

import (
	"sort"
	"strings"

	"thidua/sync"
)

// Targets implements sync.Derivation: the trackers that depend on the desk of a
// unit, or on the reference data, and the duplicates that depend on the scope
// they are in.
func (d *Domain) Targets(changed sync.Scope, org *sync.Reference) []sync.Target {
	switch changed.Kind() {
	case "unit", "cluster":
		return []sync.Target{duplicatesOf(changed)}
	case "org":
		return d.trackers(org, func(_, cluster sync.DocID) bool { return true })
	case "unit:desk":
		unit := sync.DocID(changed.Subject())
		return d.trackers(org, func(period, cluster sync.DocID) bool {
			for _, m := range PeriodMembers(org, cluster, period) {
				if m == unit {
					return true
				}
			}
			return false
		})
	}
	return nil
}

func (d *Domain) trackers(org *sync.Reference, concerns func(period, cluster sync.DocID) bool) []sync.Target {
	var targets []sync.Target
	for _, p := range org.Of(TypePeriod) {
		kinds := tracked(p)
		for _, c := range org.Of(TypeCluster) {
			if len(kinds) == 0 || !appliesTo(p, c.ID) || !concerns(p.ID, c.ID) {
				continue
			}
			for _, kind := range kinds {
				targets = append(targets, sync.Target{
					Scope: sync.ClusterScope(c.ID), Doc: TrackerID(c.ID, p.ID, kind), Type: TypeTracker, Subject: kind + "/" + string(p.ID),
				})
			}
		}
	}
	sort.Slice(targets, func(i, j int) bool {
		a, b := targets[i], targets[j]
		return a.Scope < b.Scope || a.Scope == b.Scope && a.Doc < b.Doc
	})
	return targets
}

// tracked returns the kinds of tracker a period's milestones ask for, sorted.
func tracked(period *sync.Document) []string {
	kinds := map[string]bool{}
	milestones := obj(period.Body(), "milestones")
	for k := range milestones {
		switch kind := str(obj(milestones, k), "kind"); kind {
		case TrackRegistration, TrackPledge, TrackReport, TrackSheet:
			kinds[kind] = true
		}
	}
	return keys(kinds)
}

// Sources implements sync.Derivation: for a tracker the desks of the cluster's
// members in the period.
func (d *Domain) Sources(t sync.Target, org *sync.Reference) []sync.Scope {
	if t.Type == TypeDuplicates {
		return []sync.Scope{sync.Scope(t.Subject)}
	}
	_, period, _ := strings.Cut(t.Subject, "/")
	members := PeriodMembers(org, sync.DocID(t.Scope.Subject()), sync.DocID(period))
	scopes := make([]sync.Scope, 0, len(members))
	for _, u := range members {
		scopes = append(scopes, sync.UnitDesk(u))
	}
	return scopes
}

// Derive implements sync.Derivation. Nothing is tracked in a cluster without
// members, or where the period asks for it no more.
func (d *Domain) Derive(t sync.Target, docs map[sync.Scope][]*sync.Document, org *sync.Reference) sync.Object {
	if t.Type == TypeDuplicates {
		return Duplicates(docs[sync.Scope(t.Subject)])
	}
	kind, period, _ := strings.Cut(t.Subject, "/")
	cluster := sync.DocID(t.Scope.Subject())
	p := find(org, TypePeriod, sync.DocID(period))
	if p == nil || !appliesTo(p, cluster) {
		return nil
	}
	asked := false
	for _, k := range tracked(p) {
		asked = asked || k == kind
	}
	if !asked {
		return nil
	}
	var papers []*sync.Document
	for _, in := range docs {
		papers = append(papers, in...)
	}
	progress := Track(org, cluster, p.ID, kind, papers)
	if progress.Of == 0 {
		return nil
	}
	return progress.Body()
}
