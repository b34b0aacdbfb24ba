package emulation

import (
	"strconv"
	"time"

	"thidua/sync"
)

// A reminder is a line of the table of what people are told because a day comes
// near, or is over. The day is that of a milestone of the period, or the one a
// meeting is held on.
type reminder struct {
	kind, milestone string
	before          []int // so many days before the day, at reminderMinute; none: once the day is over
	whom            audience
	useful          int // told once the day is over: for so many days. Others until the next one, or to the end of the day
}

// An audience is who has one of some capacities and none of others in the
// scope a reminder is about: the desk of a unit for its papers, the desk of the
// cluster for the cross-check, its own for a meeting.
type audience struct{ is, isnt capacity }

// reminderMinute is the minute of the day, where the people are, at which reminders are planned.
const reminderMinute = 8 * 60

// meetingHeld stands for the day of a meeting among the milestones.
const meetingHeld = "meeting_held"

// reminders is the whole table. What is overdue is told to the staff, and
// escalates to the leader, who alone can submit. Work is done when Track says so,
// a cross-check when no submitted sheet is left, a meeting when its minutes are signed.
func reminders() []reminder {
	people, staffOnly, leaders := audience{staff, 0}, audience{staff, leader}, audience{leader, 0}
	checkers, everybody, signers := audience{head, 0}, audience{readers, 0}, audience{leader | head, 0}
	return []reminder{
		{NoticeRegistrationDue, TrackRegistration, []int{14, 3}, people, 0},
		{NoticeRegistrationOverdue, TrackRegistration, nil, staffOnly, 14},
		{NoticeRegistrationEscalated, TrackRegistration, nil, leaders, 14},
		{NoticePledgeDue, TrackPledge, []int{7}, people, 0},
		{NoticePledgeOverdue, TrackPledge, nil, staffOnly, 14},
		{NoticePledgeEscalated, TrackPledge, nil, leaders, 14},
		{NoticeSheetDue, TrackSheet, []int{14, 7, 3, 1}, people, 0},
		{NoticeSheetOverdue, TrackSheet, nil, staffOnly, 14},
		{NoticeSheetEscalated, TrackSheet, nil, leaders, 14},
		{NoticeCrossCheckDue, MilestoneCrossCheck, []int{3}, checkers, 0},
		{NoticeCrossCheckOverdue, MilestoneCrossCheck, nil, checkers, 14},
		{NoticeMeetingDue, meetingHeld, []int{7, 1}, everybody, 0},
		{NoticeMinutesToSign, meetingHeld, nil, signers, 14},
	}
}

// earliest is more than the greatest number of days before, latest more than
// the number of days after a day at which anything is planned.
const (
	earliest = 15
	latest   = 2
)

// A Circle is a cluster with everybody and everything its reminders depend on.
// It is read, never changed.
type Circle struct {
	Org       *sync.Reference
	Cluster   sync.DocID
	Listeners []Listener       // who may have a right in the cluster or at a member; others change nothing
	Papers    []*sync.Document // live documents of the members and their desks, of the cluster and its desk
}

// Reminders returns every reminder of a cluster whose Due is in (from, to]
// (milliseconds since 1970), sorted by key; those not to be told have a Skip. It
// looks at things as they are now: a deadline that has moved is another one,
// with reminders of its own, and who has no right when a reminder is due gets
// none. It is for the planner, and for a look into the future.
func (d *Domain) Reminders(c Circle, from, to int64) []Notice {
	r := round{Circle: c, window: window{from, to}, table: d.reminders}
	for _, p := range periodsOf(c.Org, c.Cluster) {
		r.period(p)
	}
	for _, p := range c.Papers {
		if p.Type == TypeMeeting && !p.Gone {
			r.meeting(p)
		}
	}
	return byKey(r.notices)
}

// A round is one look for reminders.
type round struct {
	Circle
	window
	table   []reminder
	papers  map[sync.DocID]*sync.Document // nil until they are needed
	notices []Notice
}

// A moment is when a reminder is planned, until when it is of use, and how
// many days from the day that is.
type moment struct {
	offset    string
	at, until int64
}

// nearby returns the beginning of a day, and whether anything planned around it
// may fall into the window: what is far off costs nothing more.
func (r *round) nearby(day string) (int64, bool) {
	end, dated := endOfDay(day)
	begin := end - dayLength
	return begin, dated && r.near(daysFrom(begin, -earliest), daysFrom(begin, latest))
}

// moments returns when a line of the table is planned around a day, as far as it may fall into the window.
func (r *round) moments(line reminder, begin int64) []moment {
	if len(line.before) == 0 {
		over := daysFrom(begin, 1)
		return r.keep(nil, moment{"+0", over, daysFrom(over, line.useful)})
	}
	var found []moment
	for i, n := range line.before {
		at, until := daysFrom(begin, -n)+reminderMinute*time.Minute.Milliseconds(), daysFrom(begin, 1)
		if i+1 < len(line.before) {
			until = at + int64(n-line.before[i+1])*dayLength
		}
		found = r.keep(found, moment{"-" + strconv.Itoa(n), at, until})
	}
	return found
}

func (r *round) keep(found []moment, m moment) []moment {
	if r.near(m.at, m.at) {
		found = append(found, m)
	}
	return found
}

func daysFrom(at int64, n int) int64 { return at + int64(n)*dayLength }

// tell adds a reminder for everybody of its audience to whom it is due in the
// window. Complete adds what depends on the person, if anything does.
func (r *round) tell(n Notice, line reminder, m moment, complete func(Notice, Listener) Notice) {
	n.Kind, n.Until = line.kind, m.until
	n.Urgent = !mutable(line.kind) || m.offset == "-1"
	for _, l := range r.Listeners {
		due := l.Awake(m.at, n.Day)
		if !r.has(due) {
			continue
		}
		if is := l.is(n.Scope, due, r.Org); is&line.whom.is == 0 || is&line.whom.isnt != 0 {
			continue
		}
		mine := n
		if complete != nil {
			mine = complete(n, l)
		}
		r.notices = append(r.notices, mine.to(l, m.at, n.Day, m.offset))
	}
}
