package push_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

const (
	yearSeed  = "THIDUA_TEST_SEED"
	unitsOf   = 3 // members of a cluster: its head, its deputy, and others
	processes = 3
)

// A date is a day of the year, counted from 1 January 2026 as day 0.
type date int

func (d date) at(hour, minute int) int64 {
	return time.Date(2026, 1, 1+int(d), hour, minute, 0, 0, here()).UnixMilli()
}

func (d date) String() string { return time.UnixMilli(d.at(12, 0)).In(here()).Format("2006-01-02") }

// A plan is what happens in one cluster in the year, all of it at noon.
type plan struct {
	cluster  sync.DocID
	units    []sync.DocID
	due      map[string][]dueFrom   // by milestone, in order
	done     map[[2]any]date        // by milestone and unit; absent: never
	checked  date                   // from when on no sheet waits for its cross-check; a year: never
	called   date                   // when the meeting was
	held     date                   // when it is
	signed   bool                   // its minutes, on the day itself
	meeting  sync.DocID             // once called
	leaves   map[sync.PersonID]date // when a right ends; absent: never
	people   []resident
	calendar *calendar
}

// dueFrom is a deadline from the noon of a day on.
type dueFrom struct{ from, due date }

// A resident works at a unit and is told things; late risers not before nine.
type resident struct {
	id      sync.PersonID
	unit    int
	leader  bool
	late    bool
	noTalks bool // mutes meetings
}

const never = date(400)

// draw makes up a cluster and its year.
func (c *calendar) draw(i int) *plan {
	r := c.rand
	p := &plan{
		calendar: c, cluster: name("cluster", i), due: map[string][]dueFrom{}, done: map[[2]any]date{}, checked: never, leaves: map[sync.PersonID]date{},
	}
	c.put(sync.Org, emulation.TypeCluster, p.cluster, sync.Object{"code": fmt.Sprint("c", i), "kind": "cluster", "name": fmt.Sprint("Cụm ", i)})
	for u := range unitsOf {
		unit := name("unit", i, "/", u)
		p.units = append(p.units, unit)
		code := fmt.Sprintf("u%d-%d", i, u)
		c.put(sync.Org, emulation.TypeUnit, unit, sync.Object{"code": code, "names": sync.Object{"n": sync.Object{"name": "Đơn vị " + code}}})
		c.put(sync.Org, emulation.TypeMembership, name("membership", i, "/", u), sync.Object{
			"unit": string(unit), "cluster": string(p.cluster), "from": "2026-01-01", "to": "2026-12-31",
		})
		for _, role := range []sync.Role{emulation.UnitStaff, emulation.UnitLeader} {
			who := resident{unit: u, leader: role == emulation.UnitLeader, late: r.IntN(8) == 0, noTalks: r.IntN(8) == 0}
			who.id = c.hire(fmt.Sprintf("%s-%s", code, role), sync.Grant{Role: role, Subject: sync.ID(unit)})
			c.prefer(who)
			p.people = append(p.people, who)
		}
	}
	c.put(sync.Org, emulation.TypeTerm, emulation.TermID(p.cluster, 2026), sync.Object{
		"cluster": string(p.cluster), "year": int64(2026), "head": string(p.units[0]), "deputy": string(p.units[1]),
	})
	for i, milestone := range []string{"registration", "pledge", "sheet", "cross_check"} { // in order, for the seed to mean the same
		first := []int{25, 60, 250, 310}[i]
		p.due[milestone] = []dueFrom{{0, date(first + r.IntN(30))}}
		if r.IntN(3) == 0 { // it is moved, some days before
			was := p.due[milestone][0].due
			moved := was + date(5+r.IntN(20))
			if r.IntN(2) == 0 {
				moved = was - date(r.IntN(6))
			}
			p.due[milestone] = append(p.due[milestone], dueFrom{min(was, moved) - date(1+r.IntN(15)), moved})
		}
	}
	for _, milestone := range []string{"registration", "pledge", "sheet"} {
		last := p.due[milestone][len(p.due[milestone])-1].due
		for u := range p.units {
			if r.IntN(4) > 0 {
				p.done[[2]any{milestone, u}] = max(1, last-20+date(r.IntN(26)))
			}
		}
	}
	if r.IntN(2) == 0 {
		p.checked = p.due["cross_check"][0].due - date(r.IntN(8))
	}
	p.called = date(100 + r.IntN(100))
	p.held, p.signed = p.called+date(3+r.IntN(20)), r.IntN(2) == 0
	for _, who := range p.people {
		if r.IntN(6) == 0 {
			p.leaves[who.id] = date(r.IntN(364))
		}
	}
	p.schedule(0)
	return p
}

// prefer stores what a resident wants, if that is not what everybody gets.
func (c *calendar) prefer(who resident) {
	body := sync.Object{"person": string(who.id), "language": "en"}
	if who.late {
		body["quiet_from"], body["quiet_to"] = int64(7*60), int64(9*60)
	}
	if who.noTalks {
		body["muted"] = sync.Object{"meeting_due": true}
	}
	c.put(sync.UserScope(who.id), emulation.TypePreferences, emulation.PreferencesID(who.id), body)
}

// on returns the deadline of a milestone as it is just after the noon of a day.
func (p *plan) on(milestone string, day date) date {
	var due date
	for _, d := range p.due[milestone] {
		if d.from <= day {
			due = d.due
		}
	}
	return due
}

func (p *plan) period() sync.DocID { return name("period of", p.cluster) }

// schedule writes the period with its milestones as they are on a day.
func (p *plan) schedule(day date) {
	milestones := sync.Object{}
	for milestone := range p.due {
		milestones[milestone] = sync.Object{"kind": milestone, "due": p.on(milestone, day).String()}
	}
	p.calendar.put(sync.Org, emulation.TypePeriod, p.period(), sync.Object{
		"code": string(p.cluster), "kind": "year", "title": "Năm 2026", "from": "2026-01-01", "to": "2026-12-31",
		"cluster": string(p.cluster), "milestones": milestones,
	})
}

// noon does what happens in the cluster on a day.
func (p *plan) noon(day date) {
	c := p.calendar
	for _, due := range p.due {
		if slices.ContainsFunc(due[1:], func(d dueFrom) bool { return d.from == day }) {
			p.schedule(day)
		}
	}
	for u, unit := range p.units {
		for milestone, state := range map[string]string{"registration": "registered", "pledge": "signed", "sheet": "submitted"} {
			if done, ok := p.done[[2]any{milestone, u}]; ok && done == day {
				p.hand(milestone, unit, state)
			}
		}
		if done, ok := p.done[[2]any{"sheet", u}]; ok && day == max(done, p.checked) {
			p.hand("sheet", unit, "cross_checked")
		}
	}
	body := sync.Object{"kind": "other", "title": "Giao ban", "held_on": p.held.String()}
	if day == p.called {
		c.ids++
		p.meeting = sync.DocID(sync.MakeID(c.clock.Load(), uint16(c.ids), c.ids*0x9e3779b97f4a7c15))
		c.put(sync.ClusterScope(p.cluster), emulation.TypeMeeting, p.meeting, body)
	}
	if day == p.held && p.signed {
		body["state"] = "signed"
		c.put(sync.ClusterScope(p.cluster), emulation.TypeMeeting, p.meeting, body)
	}
	for person, leaves := range p.leaves {
		if leaves == day {
			c.dismiss(person)
		}
	}
}

// hand writes a paper of a unit.
func (p *plan) hand(typ string, unit sync.DocID, state string) {
	body := sync.Object{"unit": string(unit), "period": string(p.period()), "cluster": string(p.cluster), "state": state}
	if typ == "sheet" {
		body["criteria"] = string(name("criteria"))
	}
	id, _ := emulation.KeyOf(typ, body)
	p.calendar.put(sync.UnitDesk(unit), typ, id, body)
}

// seed returns what the year is drawn by, and says it.
func seed(t *testing.T) *rand.Rand {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if s := os.Getenv(yearSeed); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d", yearSeed, n)
	return rand.New(rand.NewPCG(n, 0))
}

func TestAYearOfTwentyClustersTellsEverythingOnceThoughProcessesRaceAndDie(t *testing.T) {
	c := newCalendar(t, seed(t), processes)
	c.clock.Store(date(0).at(0, 1))
	var plans []*plan
	for i := range circles {
		plans = append(plans, c.draw(i))
	}
	// Nobody is there for ten days, in the weeks when most is due.
	out := date(255 + c.rand.IntN(50))
	var looks []int64
	for day := date(0); day < 365; day++ {
		for _, at := range []int64{day.at(0, 30), day.at(6, 40), day.at(9, 5), day.at(12, 0), day.at(22, 0)} {
			if at == day.at(12, 0) {
				c.clock.Store(at)
				for _, p := range plans {
					p.noon(day)
				}
				continue
			}
			if day >= out && day < out+10 || c.rand.IntN(4) > 0 { // it is off most of the time too
				continue
			}
			c.clock.Store(at)
			c.look()
			looks = append(looks, at)
		}
	}
	want := map[string]outcome{}
	for _, p := range plans {
		p.expect(looks, want)
	}
	c.compare(want, looks)
}

// compare holds inboxes, pushes and records against what is expected, by what
// identifies a reminder.
func (c *calendar) compare(want map[string]outcome, looks []int64) {
	t := c.t
	objections, told := 0, map[string]bool{}
	object := func(format string, args ...any) {
		if objections++; objections < 30 {
			t.Errorf(format, args...)
		}
	}
	records := c.records()
	c.compareRecords(want, records, object)
	repeated := c.compareRepeats(object)
	pushed := maps.Clone(c.sent)
	for person := range c.people {
		commits, err := c.store.Commits(t.Context(), sync.UserScope(person), 0, 1<<20)
		c.must(err)
		for _, commit := range commits {
			for _, ch := range commit.Changes {
				if ch.Type != emulation.TypeNotice {
					continue
				}
				key, _ := ch.Create["key"].(string)
				id := string(ch.Doc) + "/" + string(phoneOf(person))
				if ch.Create == nil || told[key] {
					object("%s was written twice", key)
				}
				told[key] = true
				for _, lang := range []string{"vi", "en"} {
					if said, _ := ch.Create[lang].(string); said == "" || strings.Contains(said, "{{") || strings.Contains(said, "<no value>") {
						object("%s says %q", key, said)
					}
				}
				switch x, known := want[short(key)]; {
				case !isReminder(key): // told in the morning it is pushed at once
					at := records[key].At
					if hour := (at + 7*dayMilli/24) % dayMilli * 24 / dayMilli; len(pushed[id]) == 0 && (hour == 6 || hour == 9) {
						object("%s was not pushed", key)
					}
				case !known || x.why != "":
					object("told, but it should not be (%q): %s", x.why, key)
				default:
					comparePushes(key, x, pushed[id], looks, object)
				}
				delete(pushed, id)
			}
		}
	}
	for id := range pushed {
		object("pushed, but told to nobody: %s", id)
	}
	counts := map[string]int{}
	keys := map[string]string{}
	for key := range told {
		keys[short(key)] = key
	}
	waited := 0
	for key, x := range want {
		counts[x.why]++
		if x.why == "" && keys[key] == "" {
			object("not told: %s", key)
		}
		if x.why == "" && x.shown > x.look {
			waited++
		}
	}
	t.Logf("%d reminders told, %d of them at night, not told: %v; %d notices in all; %d kills, %d messages sent again after one",
		counts[""], waited, counts, len(told), c.kills, repeated)
	if counts[""] < 10*circles || waited == 0 || counts["done"] == 0 || counts["too_late"] == 0 || counts["muted"] == 0 || c.kills == 0 {
		t.Error("the year was too quiet to show anything")
	}
	if objections > 0 {
		t.Errorf("%d objections", objections)
	}
}

// compareRepeats holds that a message was sent again only after whoever sent it
// had died in doing so, and no more than were under way then. It returns how many were.
func (c *calendar) compareRepeats(object func(string, ...any)) (repeated int) {
	for id, times := range c.sent {
		for _, s := range times[:len(times)-1] {
			if repeated++; s.by.died != s.at {
				object("message %s was sent %d times, though nobody died at %s", id, len(times), emulation.FormatTime(s.at))
			}
		}
	}
	if repeated > c.kills*lanes {
		object("%d messages were sent again after %d kills, each of which had %d under way", repeated, c.kills, lanes)
	}
	return repeated
}

// comparePushes holds that a reminder that was told is sent when its person is
// awake and as long as it is of use: at the first look from then on, unless the
// day is over by then or something has happened since.
func comparePushes(key string, x outcome, times []sending, looks []int64, object func(string, ...any)) {
	for _, s := range times {
		if s.at < x.shown || s.at >= x.until {
			object("pushed at %s, not from %s to %s: %s", emulation.FormatTime(s.at), emulation.FormatTime(x.shown), emulation.FormatTime(x.until), key)
		}
	}
	i, _ := slices.BinarySearch(looks, x.shown)
	if i == len(looks) {
		return
	}
	const zone = 7 * dayMilli / 24
	midnight := x.shown - (x.shown+zone)%dayMilli + dayMilli
	noon := x.look - (x.look+zone+dayMilli/2)%dayMilli + dayMilli
	switch first := looks[i]; {
	case first >= min(midnight, noon, x.until):
	case len(times) == 0:
		object("not pushed at %s: %s", emulation.FormatTime(first), key)
	case times[0].at > first+recovery:
		object("pushed at %s, not at %s: %s", emulation.FormatTime(times[0].at), emulation.FormatTime(first), key)
	}
}

// records returns what was decided, by key.
func (c *calendar) records() map[string]hub.Told {
	found := map[string]hub.Told{}
	for from, after := int64(0), ""; ; {
		rows, err := c.store.Told(c.t.Context(), from, date(500).at(0, 0), after, 500)
		c.must(err)
		for _, row := range rows {
			found[row.Key] = row
		}
		if len(rows) < 500 {
			return found
		}
		from, after = rows[len(rows)-1].Due, rows[len(rows)-1].Key
	}
}

// compareRecords holds the records of what was told and skipped, and when,
// against what is expected.
func (c *calendar) compareRecords(want map[string]outcome, records map[string]hub.Told, object func(string, ...any)) {
	for key, row := range records {
		if !isReminder(key) {
			continue
		}
		x, known := want[short(key)]
		if !known || x.why != string(row.Reason) || (row.State == hub.PushSent) != (x.why == "") {
			object("recorded as %s %q, expected %q (%v): %s", row.State, row.Reason, x.why, known, key)
		}
		if known && (row.Due != x.due || row.At < x.look || row.At > x.look+recovery) {
			object("due at %s, decided at %s, expected %s, %s: %s",
				emulation.FormatTime(row.Due), emulation.FormatTime(row.At), emulation.FormatTime(x.due), emulation.FormatTime(x.look), key)
		}
	}
}

// isReminder reports whether a key is of a reminder, which comes of a date.
func isReminder(key string) bool {
	kind, _, _ := strings.Cut(key, "/")
	switch kind {
	case "registration_due", "registration_overdue", "registration_escalated", "pledge_due", "pledge_overdue", "pledge_escalated",
		"sheet_due", "sheet_overdue", "sheet_escalated", "cross_check_due", "cross_check_overdue", "meeting_due", "minutes_to_sign":
		return true
	}
	return false
}

// short returns what identifies a reminder here: kind, scope, day, offset and
// person, without the subject.
func short(key string) string {
	parts := strings.Split(key, "/")
	return strings.Join(slices.Delete(parts, 2, 3), "/")
}
