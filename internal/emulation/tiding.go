package emulation

import (
	"strconv"

	"thidua/sync"
)

// tidingUseful is for how long a tiding is of use that names no day.
const tidingUseful = 7 * dayLength

// Tidings returns what a commit means to people, sorted by key: a paper came
// back, there is something to check or to explain, a meeting was called. Docs
// are the live documents of the commit's scope, as they are by now: what is
// gone since is told to nobody. Listeners are all who may be concerned: who
// reads the scope, the authors of what it keeps, and for Org everybody. Nobody
// is told of the own doing, but that it was refused: the phone that sent it may
// have been put away by then. Muted ones have a Skip.
func (d *Domain) Tidings(c *sync.Commit, docs map[sync.DocID]*sync.Document, org *sync.Reference, listeners []Listener) []Notice {
	n := news{commit: c, docs: docs, org: org, listeners: listeners}
	for _, ch := range c.Changes {
		present := docs[ch.Doc]
		if present == nil || present.Gone || ch.Delete || present.Type != ch.Type {
			continue
		}
		switch ch.Type {
		case TypeSheet, TypeVerification:
			n.scored(ch, present)
		case TypeMeeting:
			n.meeting(ch, present)
		case TypeRanking:
			if n.turned(ch, "announced") && c.Scope.Kind() == "cluster" {
				n.tell(Notice{Kind: NoticeRankingAnnounced, Subject: present.ID}, n.with(c.Scope, readers))
			}
		case TypePeriod:
			n.period(ch, present)
		case TypeTerm:
			n.term(ch, present)
		case sync.TypeConflict, sync.TypeRejection:
			n.kept(ch, present)
		}
	}
	return byKey(n.notices)
}

// news is what one commit brings.
type news struct {
	commit    *sync.Commit
	docs      map[sync.DocID]*sync.Document
	org       *sync.Reference
	listeners []Listener
	notices   []Notice
}

// tell adds a notice for everybody concerned but the author of the commit. It
// is of use until the day that it names is over, or for some days.
func (n *news) tell(note Notice, concerns func(Listener) bool) {
	at := n.commit.At
	note.Scope, note.Until = n.commit.Scope, at+tidingUseful
	if end, dated := endOfDay(note.Day); dated && end > at {
		note.Until = end
	}
	for _, l := range n.listeners {
		if l.Person == n.commit.Author && note.Kind != NoticeRejectionKept || !concerns(l) {
			continue
		}
		n.notices = append(n.notices, note.to(l, at, strconv.FormatInt(n.commit.Seq, 10), "0"))
	}
}

// with returns whether somebody has one of some capacities in a scope.
func (n *news) with(scope sync.Scope, who capacity) func(Listener) bool {
	return func(l Listener) bool { return l.is(scope, n.commit.At, n.org)&who != 0 }
}

// turned reports whether a change brought its document into a state that it is
// still in: a tiding told late is of what is, not of what was.
func (n *news) turned(ch sync.Change, to string) bool {
	if str(n.docs[ch.Doc].Body(), "state") != to {
		return false
	}
	if ch.Create != nil {
		return str(ch.Create, "state") == to
	}
	_, now := edited(ch, "/state")
	return now == to
}

// edited returns what a change replaced at a path, and by what; nil if nothing.
func edited(ch sync.Change, path sync.Pointer) (was, now sync.Value) {
	for _, e := range ch.Edits {
		if e.Path == path {
			return e.Was, e.Now
		}
	}
	return nil, nil
}

// scored tells how a sheet fares: to those who cross-check it once it is
// submitted, else to its unit. A sheet of a closed period was entered from paper.
func (n *news) scored(ch sync.Change, d *sync.Document) {
	b := d.Body()
	unit, period := doc(b, "unit"), n.org.Find(TypePeriod, doc(b, "period"))
	if period == nil || str(period.Body(), "state") == "closed" {
		return
	}
	own := n.with(sync.UnitDesk(unit), staff)
	subject := SheetID(unit, period.ID)
	if ch.Type == TypeVerification {
		if sheet := n.docs[subject]; n.turned(ch, "sent") && sheet != nil && str(sheet.Body(), "state") == "verified" {
			n.differs(subject, own)
		}
		return
	}
	switch {
	case n.turned(ch, "submitted"):
		n.tell(Notice{Kind: NoticeCrossCheckAssigned, Subject: subject, Day: n.ahead(period, MilestoneCrossCheck, b)}, func(l Listener) bool {
			return l.is(n.commit.Scope, n.commit.At, n.org)&head != 0 && !ofUnit(l.author(), unit, n.commit.At, n.org)
		})
	case n.turned(ch, "returned"):
		n.tell(Notice{Kind: NoticeSheetReturned, Subject: subject, Day: n.ahead(period, TrackSheet, b), Urgent: true}, own)
	case n.turned(ch, "cross_checked"):
		n.tell(Notice{Kind: NoticeExplanationRequested, Subject: subject, Day: n.ahead(period, MilestoneExplanation, b)}, own)
	case n.turned(ch, "verified"):
		n.differs(subject, own)
	}
}

// ahead returns the day a milestone is due for a sheet, "" if there is none or it is over.
func (n *news) ahead(period *sync.Document, milestone string, sheet sync.Object) string {
	if end, _, bounded := dueOf(period.Body(), milestone, sheet); bounded && end > n.commit.At {
		return DayOf(end - 1)
	}
	return ""
}

// differs tells a unit that what counts of its sheet is not what it gave
// itself, and in how many criteria.
func (n *news) differs(sheet sync.DocID, own func(Listener) bool) {
	p := Papers{Sheet: n.docs[sheet], Verification: n.docs[VerificationID(sheet)]}
	if p.Sheet == nil {
		return
	}
	p.Criteria = CriteriaOf(n.org, p.Sheet.Body())
	p.Review = n.docs[ReviewCopyID(doc(p.Sheet.Body(), "cluster"), sheet)]
	if r := Reconcile(p); r.Differ > 0 {
		n.tell(Notice{Kind: NoticeOfficialDiffers, Subject: sheet, Args: map[string]int64{"n": int64(r.Differ)}}, own)
	}
}

// meeting tells all who read its scope that a meeting was called, or moved to
// another day or place; not of one that was held before it was recorded.
func (n *news) meeting(ch sync.Change, d *sync.Document) {
	day := str(d.Body(), "held_on")
	if day < DayOf(n.commit.At) || str(d.Body(), "state") == "signed" {
		return
	}
	note := Notice{Kind: NoticeMeetingCalled, Subject: d.ID, Day: day}
	if ch.Create == nil {
		note.Kind, note.Urgent = NoticeMeetingMoved, true
		on, _ := edited(ch, "/held_on")
		if place, _ := edited(ch, "/place"); on == nil && place == nil {
			return
		}
	}
	n.tell(note, n.with(n.commit.Scope, readers))
}
