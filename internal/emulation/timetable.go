package emulation

import (
	"sort"

	"thidua/sync"
)

// An Appointment is something a dispatch set going. Days counts from the date
// of the dispatch.
type Appointment struct {
	Kind string // of the milestone, or "meeting"
	On   string // YYYY-MM-DD
	Days int
	Doc  sync.DocID
}

// Timetable returns what rests on a dispatch, earliest first: milestones of
// periods and meetings that name it as their basis. Dates that are none are left out.
func Timetable(dispatch *sync.Document, org *sync.Reference, docs []*sync.Document) []Appointment {
	var all []Appointment
	add := func(kind, on string, d *sync.Document) {
		if days, ok := Days(str(dispatch.Body(), "date"), on); ok {
			all = append(all, Appointment{Kind: kind, On: on, Days: days, Doc: d.ID})
		}
	}
	for _, p := range org.Of(TypePeriod) {
		milestones := obj(p.Body(), "milestones")
		for _, k := range keys(milestones) {
			if m := obj(milestones, k); doc(m, "basis") == dispatch.ID {
				add(str(m, "kind"), str(m, "due"), p)
			}
		}
	}
	for _, d := range docs {
		if !d.Gone && d.Type == TypeMeeting && doc(d.Body(), "basis") == dispatch.ID {
			add(TypeMeeting, str(d.Body(), "held_on"), d)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].On < all[j].On })
	return all
}
