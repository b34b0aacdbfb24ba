package emulation

import (
	"sort"
	"time"

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

// An Offset places a milestone so many days after (or, negative, before) the
// date a timetable is counted from. Offsets are data: a request brings them, or
// they are read off the timetable of an earlier period.
type Offset struct {
	Kind  string `json:"kind"`
	Days  int    `json:"days"`
	Grace int64  `json:"grace,omitempty"` // days
}

// MaxOffset bounds how many days a milestone may be away from the date it is counted from.
const MaxOffset = 1000

// Milestones returns the milestones of a period counted from a date
// (YYYY-MM-DD), keyed like the offsets. Basis is the dispatch they rest on, ""
// if they are counted from something else. It returns false if the date is no
// day of the calendar or an offset is out of bounds. A milestone of another
// key, changed by hand, is left to the caller.
func Milestones(from string, offsets map[string]Offset, basis sync.DocID) (sync.Object, bool) {
	milestones := sync.Object{}
	for key, o := range offsets {
		due, ok := dayAfter(from, o.Days)
		if !ok || o.Days > MaxOffset || o.Days < -MaxOffset || o.Grace < 0 || o.Grace > MaxOffset {
			return nil, false
		}
		m := sync.Object{"kind": o.Kind, "due": due}
		if o.Grace > 0 {
			m["grace"] = o.Grace
		}
		if basis != "" {
			m["basis"] = string(basis)
		}
		milestones[key] = m
	}
	return milestones, true
}

// OffsetsOf reads the offsets of a period's milestones off its timetable, from
// a date (YYYY-MM-DD): a year's timetable serves as the next one's.
func OffsetsOf(period *sync.Document, from string) map[string]Offset {
	offsets := map[string]Offset{}
	milestones := obj(period.Body(), "milestones")
	for key := range milestones {
		m := obj(milestones, key)
		if days, ok := Days(from, str(m, "due")); ok {
			offsets[key] = Offset{Kind: str(m, "kind"), Days: days, Grace: num(m, "grace")}
		}
	}
	return offsets
}

// OffsetsLike reads the offsets off another period: from the date of the
// dispatch its milestones rest on, or from that of its conference.
func OffsetsLike(org *sync.Reference, period sync.DocID, dispatched bool) (map[string]Offset, *sync.Fault) {
	p := org.Find(TypePeriod, period)
	if p == nil {
		return nil, &sync.Fault{Code: sync.CodeUnknownDoc, Detail: "no such period"}
	}
	from := ""
	milestones := obj(p.Body(), "milestones")
	for _, key := range keys(milestones) {
		m := obj(milestones, key)
		switch {
		case dispatched && m["basis"] != nil:
			from, _ = DispatchedOn(org, doc(m, "basis"))
		case !dispatched && str(m, "kind") == "conference":
			from = str(m, "due")
		}
	}
	offsets := OffsetsOf(p, from)
	if len(offsets) == 0 {
		return nil, &sync.Fault{Code: sync.CodeUnknownDoc, Detail: "the period has no timetable counted from there"}
	}
	return offsets, nil
}

// DispatchedOn returns the date of a dispatch (YYYY-MM-DD).
func DispatchedOn(org *sync.Reference, dispatch sync.DocID) (string, *sync.Fault) {
	d := org.Find(TypeDispatch, dispatch)
	if d == nil {
		return "", &sync.Fault{Code: sync.CodeUnknownDoc, Detail: "no such dispatch"}
	}
	return str(d.Body(), "date"), nil
}

func dayAfter(day string, n int) (string, bool) {
	t, err := time.Parse(dayLayout, day)
	if err != nil {
		return "", false
	}
	return t.AddDate(0, 0, n).Format(dayLayout), true
}
