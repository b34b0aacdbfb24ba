package emulation

import (
	"slices"

	"thidua/sync"
)

// This file finds what the lines of the table of reminders are about: the
// papers of a period's members, their cross-check, and meetings.

// period adds the reminders of a period. Nothing is expected in one that is closed.
func (r *round) period(p *sync.Document) {
	if str(p.Body(), "state") == "closed" {
		return
	}
	for _, milestone := range []string{TrackRegistration, TrackPledge, TrackSheet, MilestoneCrossCheck} {
		end, _, bounded := dueOf(p.Body(), milestone, nil)
		if !bounded {
			continue
		}
		day, given := DayOf(end-1), map[sync.DocID]string(nil)
		if milestone == TrackSheet {
			given = r.extended(p.ID, day)
		}
		r.around(milestone, p, day, func(unit sync.DocID) bool { return given[unit] == "" })
		for _, later := range slices.Compact(sorted(given)) {
			r.around(milestone, p, later, func(unit sync.DocID) bool { return given[unit] == later })
		}
	}
}

// extended returns the members that were given until a later day for their
// sheet, by unit.
func (r *round) extended(period sync.DocID, day string) map[sync.DocID]string {
	given := map[sync.DocID]string{}
	for _, p := range r.Papers {
		if p.Type != TypeSheet || p.Gone {
			continue
		}
		later := str(p.Body(), "extended_to")
		if _, dated := endOfDay(later); dated && later > day && doc(p.Body(), "period") == period {
			given[doc(p.Body(), "unit")] = later
		}
	}
	return given
}

func sorted(days map[sync.DocID]string) []string {
	all := make([]string, 0, len(days))
	for _, day := range days {
		all = append(all, day)
	}
	slices.Sort(all)
	return all
}

// around adds the reminders of a milestone that is due on a day for some of the members.
func (r *round) around(milestone string, p *sync.Document, day string, concerned func(unit sync.DocID) bool) {
	begin, near := r.nearby(day)
	if !near {
		return
	}
	members := slices.DeleteFunc(PeriodMembers(r.Org, r.Cluster, p.ID), func(unit sync.DocID) bool { return !concerned(unit) })
	for _, line := range r.table {
		if line.milestone != milestone {
			continue
		}
		for _, m := range r.moments(line, begin) {
			if milestone == MilestoneCrossCheck {
				r.crossCheck(line, m, p.ID, day, members)
				continue
			}
			for _, unit := range members {
				r.paper(line, m, p, unit, day)
			}
		}
	}
}

// paper adds the reminders of what one unit has to hand in.
func (r *round) paper(line reminder, m moment, p *sync.Document, unit sync.DocID, day string) {
	id, _ := KeyOf(line.milestone, sync.Object{"unit": string(unit), "period": string(p.ID)})
	n := Notice{Subject: id, Scope: sync.UnitDesk(unit), Day: day}
	present := r.find(line.milestone, id)
	if present != nil && finished(present) {
		n.Skip = CodeDone
	}
	if line.milestone == TrackSheet {
		n.Args = filled(r.Org, p, present)
	}
	r.tell(n, line, m, nil)
}

// filled counts how many criteria of its set a sheet has scores for.
func filled(org *sync.Reference, period, sheet *sync.Document) map[string]int64 {
	set, entries := CriteriaOf(org, period.Body()), sync.Object(nil)
	if sheet != nil {
		set, entries = CriteriaOf(org, sheet.Body()), obj(sheet.Body(), "entries")
	}
	args := map[string]int64{"done": 0, "all": 0}
	if set == nil {
		return args
	}
	for code := range obj(set.Body(), "criteria") {
		args["all"]++
		if _, scored := obj(entries, code)["self"].(int64); scored {
			args["done"]++
		}
	}
	return args
}

// crossCheck adds the reminders of the sheets that wait for each of those who
// cross-check: of all members but the own unit.
func (r *round) crossCheck(line reminder, m moment, period sync.DocID, day string, members []sync.DocID) {
	var waiting []sync.DocID
	for _, unit := range members {
		if sheet := r.find(TypeSheet, SheetID(unit, period)); sheet != nil && doc(sheet.Body(), "cluster") == r.Cluster && str(sheet.Body(), "state") == "submitted" {
			waiting = append(waiting, unit)
		}
	}
	r.tell(Notice{Subject: period, Scope: sync.ClusterDesk(r.Cluster), Day: day}, line, m, func(n Notice, l Listener) Notice {
		left := int64(0)
		for _, unit := range waiting {
			if !ofUnit(l.author(), unit, m.at, r.Org) {
				left++
			}
		}
		if n.Args = map[string]int64{"left": left}; left == 0 {
			n.Skip = CodeDone
		}
		return n
	})
}

// meeting adds the reminders of a meeting: that it comes near, as far as it was
// called before, and that its minutes are to be signed.
func (r *round) meeting(d *sync.Document) {
	day := str(d.Body(), "held_on")
	begin, near := r.nearby(day)
	if !near {
		return
	}
	n := Notice{Subject: d.ID, Scope: d.Scope, Day: day}
	if str(d.Body(), "state") == "signed" {
		n.Skip = CodeDone
	}
	called, known := sync.ID(d.ID).Milli()
	for _, line := range r.table {
		if line.milestone != meetingHeld {
			continue
		}
		for _, m := range r.moments(line, begin) {
			if line.kind == NoticeMeetingDue && known && m.at <= called+dayLength {
				continue // its being called says it
			}
			r.tell(n, line, m, nil)
		}
	}
}

// find returns a live paper of a type, nil if there is none.
func (r *round) find(typ string, id sync.DocID) *sync.Document {
	if r.papers == nil {
		r.papers = make(map[sync.DocID]*sync.Document, len(r.Papers))
		for _, p := range r.Papers {
			if !p.Gone {
				r.papers[p.ID] = p
			}
		}
	}
	if p := r.papers[id]; p != nil && p.Type == typ {
		return p
	}
	return nil
}
