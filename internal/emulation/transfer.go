package emulation

import (
	"slices"

	"thidua/sync"
)

// CodeTransferClosed: a sheet that was locked or given up, or whose period is
// closed, stays with its cluster.
const CodeTransferClosed sync.Code = "transfer_closed"

// Transfer returns what a sheet becomes when it goes over to another cluster:
// the same body if it is there already, CodeTransferClosed if nothing moves it
// any more. Whether the cluster is one it can go to is for the rules.
func Transfer(org *sync.Reference, sheet *sync.Document, to sync.DocID) (sync.Object, *sync.Fault) {
	b := sheet.Body()
	if doc(b, "cluster") == to {
		return b, nil
	}
	p, state := org.Find(TypePeriod, doc(b, "period")), str(b, "state")
	shut := slices.ContainsFunc(locks(), func(l lock) bool {
		return l.typ == TypeSheet && l.state == state && !slices.Contains(l.open, "/cluster")
	})
	if shut || p != nil && str(p.Body(), "state") == "closed" {
		return nil, &sync.Fault{Code: CodeTransferClosed}
	}
	return sync.Set(b, "/cluster", string(to)), nil
}

// inItsCluster says whether a sheet can be with the cluster it names: a new one
// with a cluster its unit began the period in, one that was deleted after a
// transfer where it was, and one that is transferred where its unit has moved.
func inItsCluster(act sync.Act, ch change) sync.Code {
	p, unit, cluster := act.Org.Find(TypePeriod, doc(ch.after, "period")), doc(ch.after, "unit"), doc(ch.after, "cluster")
	if p == nil {
		return ""
	}
	if ch.creates {
		began := ClustersOn(act.Org, unit, str(p.Body(), "from"))
		if act.Present != nil && len(began) > 0 && !slices.Contains(began, doc(act.Present.Body(), "cluster")) {
			began = []sync.DocID{doc(act.Present.Body(), "cluster")}
		}
		if len(began) > 0 && !slices.Contains(began, cluster) {
			return CodeNotMember
		}
		return ""
	}
	switch moves := slices.ContainsFunc(ch.content, func(e sync.Edit) bool { return e.Path == "/cluster" }); {
	case moves && !appliesTo(p, cluster):
		return CodeWrongSubject
	case moves && hasLeft(act.Org, unit, cluster, p.ID, act.Received):
		return CodeNotMember
	}
	return ""
}

// RankedUnits returns the units that a cluster ranks in a period, sorted: its
// PeriodMembers, without a unit that moved away and whose sheet was transferred,
// and with those that moved in and whose sheet was transferred to it. So a unit
// has its points in one cluster, the one its sheet names. Docs are the live
// documents of RankingSources.
func RankedUnits(org *sync.Reference, cluster, period sync.DocID, docs []*sync.Document) []sync.DocID {
	p := org.Find(TypePeriod, period)
	if p == nil {
		return nil
	}
	from, to := str(p.Body(), "from"), str(p.Body(), "to")
	with := map[sync.DocID]sync.DocID{} // sheet → the cluster it names
	for _, d := range docs {
		if d.Type == TypeSheet && !d.Gone {
			with[d.ID] = doc(d.Body(), "cluster")
		}
	}
	return slices.DeleteFunc(membersDuring(org, cluster, p.Body()), func(unit sync.DocID) bool {
		at, began := with[SheetID(unit, period)], ClustersOn(org, unit, from)
		if slices.Contains(began, cluster) {
			return at != "" && at != cluster && !isMember(org, unit, cluster, to) && slices.Contains(membersDuring(org, at, p.Body()), unit)
		}
		return at != cluster || len(began) == 0 // a unit that began nowhere was not transferred
	})
}
