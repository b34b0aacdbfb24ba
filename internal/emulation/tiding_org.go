package emulation

import (
	"slices"

	"thidua/sync"
)

// period tells all it applies to that a period was reopened, or that other
// criteria hold in it.
func (n *news) period(ch sync.Change, d *sync.Document) {
	only := doc(d.Body(), "cluster")
	concerned := func(l Listener) bool {
		if only != "" {
			return l.is(sync.ClusterScope(only), n.commit.At, n.org)&readers != 0
		}
		return slices.ContainsFunc(l.Grants, func(g sync.Grant) bool { return g.Role != Admin && g.ValidAt(n.commit.At) })
	}
	if was, now := edited(ch, "/state"); was == "closed" && now == "open" {
		n.tell(Notice{Kind: NoticePeriodReopened, Subject: d.ID, Urgent: true}, concerned)
	}
	if was, now := edited(ch, "/criteria"); was != nil && now != nil && str(d.Body(), "state") != "closed" {
		n.tell(Notice{Kind: NoticeCriteriaChanged, Subject: d.ID}, concerned)
	}
}

// term tells the people of the units that take over a cluster, that hand it
// over, and that were to take it over and are not any more. A term that is over
// was entered from paper.
func (n *news) term(ch sync.Change, d *sync.Document) {
	b := d.Body()
	year := int(num(b, "year"))
	from, to := TermSpan(year)
	if to <= n.commit.At {
		return
	}
	headBefore, deputyBefore := Leaders(n.org, doc(b, "cluster"), year-1)
	units := []sync.DocID{doc(b, "head"), doc(b, "deputy"), headBefore, deputyBefore}
	changed := ch.Create != nil && (b["head"] != nil || b["deputy"] != nil)
	for _, k := range []sync.Pointer{"/head", "/deputy"} {
		was, now := edited(ch, k)
		changed = changed || was != nil || now != nil
		if unit, replaced := was.(string); replaced {
			units = append(units, sync.DocID(unit))
		}
	}
	if !changed {
		return
	}
	note := Notice{Kind: NoticeTermHandover, Subject: d.ID, Day: DayOf(from)}
	n.tell(note, func(l Listener) bool {
		return slices.ContainsFunc(l.Grants, func(g sync.Grant) bool {
			unitRole := g.Role == UnitStaff || g.Role == UnitLeader
			return unitRole && g.ValidAt(n.commit.At) && slices.Contains(units, sync.DocID(g.Subject))
		})
	})
}

// kept tells the authors of a conflict that it was settled, and the author of
// what was refused that it is kept. That a conflict was opened is in the digest
// of those who decide.
func (n *news) kept(ch sync.Change, d *sync.Document) {
	b := d.Body()
	switch {
	case ch.Type == sync.TypeRejection && ch.Create != nil:
		n.tell(Notice{Kind: NoticeRejectionKept, Subject: d.ID}, func(l Listener) bool { return string(l.Person) == str(b, "author") })
	case ch.Type == sync.TypeConflict && n.turned(ch, sync.StateSettled):
		authors := map[sync.PersonID]bool{}
		for _, item := range obj(b, "items") {
			in, _ := item.(sync.Object)
			for _, side := range obj(in, "sides") {
				by, _ := side.(sync.Object)
				authors[sync.PersonID(str(by, "author"))] = true
			}
		}
		n.tell(Notice{Kind: NoticeConflictSettled, Subject: d.ID}, func(l Listener) bool { return authors[l.Person] })
	}
}
