package emulation

import (
	"time"

	"thidua/sync"
)

// Milestones that bound an act and that no tracker is kept for.
const (
	MilestoneCrossCheck   = "cross_check"
	MilestoneExplanation  = "explanation"
	MilestoneRecheck      = "recheck"
	MilestoneVerification = "verification"
)

// defaultTolerance is how far a clock may be off, in minutes, where the period
// does not say.
const defaultTolerance = 15

// inTime judges an act by the deadlines it falls under. Up to the end of the day
// that is due everything counts. After it, what was made before counts if it
// comes in within the days of grace; later than that, or by a clock that
// cannot be believed, it is for a person. What was made after is late.
func (d *Domain) inTime(act sync.Act, ch change) sync.Ruling {
	p := act.Org.Find(TypePeriod, doc(ch.after, "period"))
	if p == nil {
		return sync.Ruling{}
	}
	worst := sync.Ruling{}
	for _, kind := range d.bounds(act, ch) {
		due, grace, bounded := dueOf(p.Body(), kind, ch.after)
		if !bounded || act.Received < due {
			continue
		}
		switch at, credible := made(act), credible(act, p.Body()); {
		case at >= due && act.Made > 0:
			return refuse(CodeLate)
		case !credible:
			worst = queue(CodeClockDoubtful)
		case act.Received >= due+grace && worst.Verdict == sync.Allow:
			worst = queue(CodeAfterGrace)
		}
	}
	return worst
}

// bounds returns the milestones that an act falls under.
func (d *Domain) bounds(act sync.Act, ch change) []string {
	kinds := map[string]bool{}
	for _, e := range ch.content {
		kind, longest := "", -1
		for _, dl := range d.deadlines {
			if dl.typ == act.Type.Name && matches(dl.path, e.Path) && len(dl.path) > longest {
				kind, longest = dl.milestone, len(dl.path)
			}
		}
		if kind != "" {
			kinds[kind] = true
		}
	}
	for _, dl := range d.deadlines {
		if dl.typ == act.Type.Name && dl.to != "" && dl.to == ch.to && ch.from != ch.to {
			kinds[dl.milestone] = true
		}
	}
	return keys(kinds)
}

// dueOf returns when a kind of milestone is over (milliseconds since 1970,
// exclusive) and how long grace lasts after it. Of several the last counts; a
// sheet that was given until a later day has until then.
func dueOf(period sync.Object, kind string, body sync.Object) (due, grace int64, bounded bool) {
	milestones := obj(period, "milestones")
	for _, k := range keys(milestones) {
		m := obj(milestones, k)
		end, dated := endOfDay(str(m, "due"))
		if str(m, "kind") == kind && dated && (!bounded || end > due) {
			due, grace, bounded = end, num(m, "grace")*(24*time.Hour).Milliseconds(), true
		}
	}
	if end, dated := endOfDay(str(body, "extended_to")); bounded && kind == TrackSheet && dated && end > due {
		due = end
	}
	return due, grace, bounded
}

// lapsed reports whether a returned sheet could not be submitted any more.
func (d *Domain) lapsed(act sync.Act, ch change) bool {
	p := act.Org.Find(TypePeriod, doc(ch.after, "period"))
	if p == nil {
		return false
	}
	due, _, bounded := dueOf(p.Body(), TrackSheet, ch.after)
	return bounded && act.Received >= due
}

// made returns when an act was made, by the server's clock as far as the
// device's offset tells.
func made(act sync.Act) int64 { return act.Made + act.Offset }

// credible reports whether the time a device gives for an act can be believed:
// it gives one, its clock is not far off, and the act was made neither after it
// came in nor before the document it is about.
func credible(act sync.Act, period sync.Object) bool {
	minutes := int64(defaultTolerance)
	if n, stated := period["clock_tolerance"].(int64); stated {
		minutes = n
	}
	tolerance := minutes * time.Minute.Milliseconds()
	born, known := sync.ID(act.Doc).Milli()
	at := made(act)
	switch {
	case act.Made <= 0, act.Offset > tolerance, act.Offset < -tolerance:
		return false
	case at > act.Received+tolerance:
		return false
	}
	return !known || act.Present == nil || at >= born-tolerance
}

// madeSince reports whether an act was made, by a clock that can be believed,
// no earlier than a field of the present document got the value it has.
func madeSince(act sync.Act, ch change, path sync.Pointer) bool {
	var period sync.Object
	if p := act.Org.Find(TypePeriod, doc(ch.after, "period")); p != nil {
		period = p.Body()
	}
	if !credible(act, period) {
		return false
	}
	since := act.ChangedAt(path)
	return since > 0 && made(act) >= since
}

// A Bound says which milestone of the period bounds the writing of a path of a
// type, or the step into a state.
type Bound struct {
	Type      string `json:"type"`
	Path      string `json:"path,omitempty"`
	To        string `json:"to,omitempty"`
	Milestone string `json:"milestone"`
}

// Bounds returns the table of deadlines for people to read.
func (d *Domain) Bounds() []Bound {
	bounds := make([]Bound, 0, len(d.deadlines))
	for _, dl := range d.deadlines {
		bounds = append(bounds, Bound{Type: dl.typ, Path: dl.path, To: dl.to, Milestone: dl.milestone})
	}
	return bounds
}
