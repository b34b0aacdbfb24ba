package push_test

import (
	"fmt"

	"thidua/sync"
)

// This file says what a year should bring, from the table of notices in the
// domain's description and nothing else: a reminder is decided at the first look
// at the calendar at which it is due, its deadline holds and its person is there.

const dayMilli = int64(24 * 60 * 60 * 1000)

// A due reminder, before it is known what becomes of it.
type expected struct {
	kind    string
	scope   sync.Scope
	day     date
	offset  string
	who     resident
	planned int64 // before quiet hours
	until   int64
	from    int64 // the look must be after that, and before upTo
	upTo    int64
	done    func(look int64) bool
}

// An outcome is what is to become of a reminder.
type outcome struct {
	why   string // it is not told; "" if it is
	due   int64
	look  int64 // at which that is decided
	shown int64 // from when on the person is awake for it
	until int64
}

// awake returns when a person is out of the quiet hours from a time on, which
// do not count on the day itself.
func (x expected) awake(at int64) int64 {
	of := (at + 7*dayMilli/24) % dayMilli
	quiet := func(from, to int64) bool { return from <= of && of < to }
	half, morning := dayMilli/48, 13*dayMilli/48
	switch {
	case x.day.at(0, 0) <= at && at < (x.day+1).at(0, 0):
	case x.who.late && quiet(14*half, 18*half):
		return at - of + 18*half
	case x.who.late:
	case quiet(0, morning):
		return at - of + morning
	case quiet(42*half, dayMilli):
		return at - of + dayMilli + morning
	}
	return at
}

// expect adds what the cluster's people are to be told, or not to be told, and why not.
func (p *plan) expect(looks []int64, want map[string]outcome) {
	for _, x := range p.everything() {
		due := x.awake(x.planned)
		gone := never.at(0, 0)
		if leaves, ok := p.leaves[x.who.id]; ok {
			gone = leaves.at(12, 0)
		}
		for _, look := range looks {
			if look < due || look < x.from || look >= x.upTo || look >= gone {
				continue
			}
			why := ""
			switch {
			case x.done(look):
				why = "done"
			case x.kind == "meeting_due" && x.who.noTalks:
				why = "muted"
			case look >= x.until:
				why = "too_late"
			}
			key := fmt.Sprintf("%s/%s/%s/%s/%s", x.kind, x.scope, x.day, x.offset, x.who.id)
			if _, decided := want[key]; !decided { // a deadline that was moved to where it is remains what it was
				want[key] = outcome{why, due, look, x.awake(look), x.until}
			}
			break
		}
	}
}

// everything returns what could ever be told in the cluster.
func (p *plan) everything() []expected {
	var all []expected
	before := map[string][]int{"registration": {14, 3}, "pledge": {7}, "sheet": {14, 7, 3, 1}, "cross_check": {3}}
	for milestone, due := range p.due {
		for i, d := range due {
			from, upTo := int64(0), never.at(0, 0)
			if i > 0 {
				from = d.from.at(12, 0)
			}
			if i+1 < len(due) {
				upTo = due[i+1].from.at(12, 0)
			}
			for _, who := range p.people {
				x := expected{day: d.due, who: who, from: from, upTo: upTo, scope: sync.UnitDesk(p.units[who.unit])}
				x.done = func(look int64) bool { return p.handed(milestone, who.unit, look) }
				overdue := milestone + "_overdue"
				if milestone == "cross_check" {
					if who.unit > 1 {
						continue // neither head nor deputy
					}
					x.scope = sync.ClusterDesk(p.cluster)
					x.done = func(look int64) bool { return !p.waiting(who.unit, look) }
				} else if who.leader {
					overdue = milestone + "_escalated"
				}
				all = append(all, coming(x, milestone+"_due", before[milestone])...)
				all = append(all, over(x, overdue))
			}
		}
	}
	return append(all, p.talks()...)
}

// coming returns the reminders some days before a day, at eight.
func coming(x expected, kind string, days []int) []expected {
	var all []expected
	for i, n := range days {
		y := x
		y.kind, y.offset, y.planned, y.until = kind, fmt.Sprint("-", n), (x.day-date(n)).at(8, 0), (x.day+1).at(0, 0)
		if i+1 < len(days) {
			y.until = (x.day - date(days[i+1])).at(8, 0)
		}
		all = append(all, y)
	}
	return all
}

// over returns the reminder that a day has passed.
func over(x expected, kind string) expected {
	x.kind, x.offset, x.planned, x.until = kind, "+0", (x.day+1).at(0, 0), (x.day+15).at(0, 0)
	return x
}

// talks returns the reminders of the meeting.
func (p *plan) talks() []expected {
	var all []expected
	for _, who := range p.people {
		x := expected{day: p.held, who: who, from: p.called.at(12, 0), upTo: never.at(0, 0), scope: sync.ClusterScope(p.cluster)}
		x.done = func(look int64) bool { return p.signed && look > p.held.at(12, 0) }
		for _, y := range coming(x, "meeting_due", []int{7, 1}) {
			if y.planned > (p.called+1).at(12, 0) { // till then its being called is news
				all = append(all, y)
			}
		}
		if who.unit <= 1 {
			all = append(all, over(x, "minutes_to_sign"))
		}
	}
	return all
}

// handed reports whether a unit had handed in a paper.
func (p *plan) handed(milestone string, unit int, look int64) bool {
	done, ok := p.done[[2]any{milestone, unit}]
	return ok && done.at(12, 0) < look
}

// waiting reports whether a sheet of another unit waited for its cross-check.
func (p *plan) waiting(unit int, look int64) bool {
	for u := range p.units {
		done := p.done[[2]any{"sheet", u}]
		if u != unit && p.handed("sheet", u, look) && max(done, p.checked).at(12, 0) >= look {
			return true
		}
	}
	return false
}
