package emulation

import (
	"sort"
	"strings"

	"thidua/sync"
)

// Targets implements sync.Derivation: the duplicates that depend on the scope
// they are in, the trackers that depend on the desk of a unit, or on the
// reference data, the copies of reviews that depend on the desk of a cluster,
// and the questions about its proposals, which depend on its rankings as well
// and on how often a period was reopened. A desk is asked about often, so what
// depends on one is found by what names it, not by a look at every cluster.
func (d *Domain) Targets(changed sync.Scope, org *sync.Reference) []sync.Target {
	var targets []sync.Target
	subject := sync.DocID(changed.Subject())
	switch changed.Kind() {
	case "unit":
		targets = append(targets, duplicatesOf(changed))
	case "cluster":
		targets = append(targets, duplicatesOf(changed), questionsAt(subject))
	case "org":
		reopened := map[sync.DocID]bool{} // clusters
		for _, p := range org.Of(TypePeriod) {
			clusters := org.Of(TypeCluster)
			if only := doc(p.Body(), "cluster"); only != "" {
				clusters = []*sync.Document{org.Find(TypeCluster, only)}
			}
			for _, c := range clusters {
				targets = append(targets, trackersOf(p, c)...)
				if c != nil && num(p.Body(), "reopened") > 0 && !reopened[c.ID] {
					reopened[c.ID] = true
					targets = append(targets, questionsAt(c.ID))
				}
			}
		}
	case "unit:desk":
		for _, c := range everClusters(org, subject) {
			for _, p := range periodsOf(org, c) {
				if isMember(org, subject, c, str(p.Body(), "from")) {
					targets = append(targets, trackersOf(p, org.Find(TypeCluster, c))...)
				}
			}
		}
	case "cluster:desk":
		targets = append(targets, questionsAt(subject))
		for _, p := range periodsOf(org, subject) {
			for _, unit := range membersDuring(org, subject, p.Body()) {
				targets = append(targets, copyTarget(subject, unit, p.ID))
			}
		}
	}
	sort.Slice(targets, func(i, j int) bool {
		a, b := targets[i], targets[j]
		return a.Scope < b.Scope || a.Scope == b.Scope && a.Doc < b.Doc
	})
	return targets
}

// trackersOf returns the trackers that a period asks for of a cluster, nil for a cluster that is not there.
func trackersOf(period, cluster *sync.Document) []sync.Target {
	if cluster == nil {
		return nil
	}
	var targets []sync.Target
	for _, kind := range tracked(period) {
		targets = append(targets, sync.Target{
			Scope: sync.ClusterScope(cluster.ID), Doc: TrackerID(cluster.ID, period.ID, kind), Type: TypeTracker, Subject: kind + "/" + string(period.ID),
		})
	}
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
// members in the period, for questions the cluster's rankings and proposals,
// else the scope that the subject names.
func (d *Domain) Sources(t sync.Target, org *sync.Reference) []sync.Scope {
	switch t.Type {
	case sync.TypeConflict:
		return []sync.Scope{sync.ClusterScope(sync.DocID(t.Scope.Subject())), t.Scope}
	case TypeDuplicates:
		return []sync.Scope{sync.Scope(t.Subject)}
	case TypeReviewCopy:
		desk, _, _ := strings.Cut(t.Subject, "/")
		return []sync.Scope{sync.Scope(desk)}
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
	switch t.Type {
	case TypeDuplicates:
		return Duplicates(docs[sync.Scope(t.Subject)])
	case TypeReviewCopy:
		desk, sheet, _ := strings.Cut(t.Subject, "/")
		return ReviewCopy(sync.DocID(t.Scope.Subject()), sync.DocID(sheet), docs[sync.Scope(desk)])
	}
	kind, period, _ := strings.Cut(t.Subject, "/")
	cluster := sync.DocID(t.Scope.Subject())
	p := org.Find(TypePeriod, sync.DocID(period))
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
