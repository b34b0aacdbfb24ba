package push_test

import (
	"math/rand/v2"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A ward is a calendar with one unit, its two people and one process.
type ward struct {
	*calendar
	unit          sync.DocID
	staff, leader sync.PersonID
	proc          *proc
}

func newWard(t *testing.T) *ward {
	w := &ward{calendar: newCalendar(t, rand.New(rand.NewPCG(1, 1)), 1), unit: name("unit")}
	w.clock.Store(date(100).at(9, 0))
	w.put(sync.Org, emulation.TypeCluster, name("cluster"), sync.Object{"code": "c", "kind": "cluster", "name": "Cụm"})
	w.put(sync.Org, emulation.TypeUnit, w.unit, sync.Object{"code": "u", "names": sync.Object{"n": sync.Object{"name": "Đơn vị"}}})
	w.put(sync.Org, emulation.TypeMembership, name("membership"), sync.Object{
		"unit": string(w.unit), "cluster": string(name("cluster")), "from": "2026-01-01", "to": "2026-12-31",
	})
	w.staff = w.hire("staff", sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(w.unit)})
	w.leader = w.hire("leader", sync.Grant{Role: emulation.UnitLeader, Subject: sync.ID(w.unit)})
	w.proc = w.start(w.paths[0], 0, false)
	return w
}

// period writes the unit's period with the day the registration is due.
func (w *ward) period(due date) {
	w.put(sync.Org, emulation.TypePeriod, name("period"), sync.Object{
		"code": "2026", "kind": "year", "title": "Năm 2026", "from": "2026-01-01", "to": "2026-12-31",
		"milestones": sync.Object{"r": sync.Object{"kind": "registration", "due": due.String()}},
	})
}

// work lets the process do its work at a time and returns what it pushed in it.
func (w *ward) work(at int64) int {
	w.t.Helper()
	w.clock.Store(at)
	before := w.pushes()
	w.must(w.proc.pass(w.t.Context()))
	return w.pushes() - before
}

func (w *ward) pushes() int {
	n := 0
	for _, times := range w.sent {
		n += len(times)
	}
	return n
}

// notices returns those that were told to a person.
func (w *ward) notices(person sync.PersonID) (told []*sync.Document) {
	w.t.Helper()
	read, err := w.hub.Read(w.t.Context(), []sync.Scope{sync.UserScope(person)})
	w.must(err)
	for _, d := range read[sync.UserScope(person)] {
		if d.Type == emulation.TypeNotice {
			told = append(told, d)
		}
	}
	return told
}

// inbox returns the kinds of the notices of a person.
func (w *ward) inbox(person sync.PersonID) (kinds []string) {
	w.t.Helper()
	for _, d := range w.notices(person) {
		kind, _ := d.Body()["kind"].(string)
		kinds = append(kinds, kind)
	}
	return kinds
}

// silent returns the message by which a person's phone is told to sync, as it waits.
func (w *ward) silent(at int64) map[sync.DeviceID]int {
	w.t.Helper()
	found := map[sync.DeviceID]int{}
	messages, err := w.store.Claim(w.t.Context(), at, at+1, 1000)
	w.must(err)
	for _, m := range messages {
		if m.Notice == "" {
			found[m.Device] = m.Round
		}
	}
	return found
}

func TestWhatIsToldAtNightReachesTheInboxAtOnceAndThePhoneInTheMorning(t *testing.T) {
	w := newWard(t)
	w.period(120)
	// Nobody was there at eight, 14 days before; the server comes back at 23:00.
	if n := w.work(date(106).at(23, 0)); n != 0 {
		t.Errorf("%d messages at night", n)
	}
	if kinds := w.inbox(w.staff); len(kinds) != 1 || kinds[0] != emulation.NoticeRegistrationDue {
		t.Errorf("inbox: %v", kinds)
	}
	if n := w.work(date(107).at(6, 31)); n != 2 {
		t.Errorf("%d messages in the morning, want one for each person", n)
	}
}

func TestPhonesAreToldToSyncOnceAndNotForTheirOwnDoing(t *testing.T) {
	w := newWard(t)
	w.work(w.clock.Load() + 1)
	w.silent(w.clock.Load() + 1000*dayMilli) // what the founding armed is out of the way
	caller := hub.Caller{Author: sync.Author{Person: w.staff, Device: phoneOf(w.staff), Grants: w.people[w.staff].Grants}}
	for i := range 3 {
		w.ids++
		m := sync.Mutation{
			ID: sync.MutationID(sync.MakeID(w.clock.Load(), uint16(w.ids), w.ids)), Doc: sync.DocID(sync.MakeID(w.clock.Load(), uint16(i), w.ids+1000)),
			Scope: sync.UnitScope(w.unit), Type: emulation.TypeMovement, Create: sync.Object{"title": "Phong trào"},
		}
		pushed, err := w.hub.Push(t.Context(), caller, &sync.Request{Mutations: []sync.Mutation{m}})
		w.must(err)
		if pushed.Acks[0].Outcome != sync.Applied {
			t.Fatalf("%+v", pushed.Acks)
		}
	}
	w.must(w.proc.push.Step(t.Context()))
	if early := w.silent(w.clock.Load() + 1000); len(early) != 0 {
		t.Errorf("no time is left to gather more: %v", early)
	}
	got := w.silent(w.clock.Load() + dayMilli/2)
	if len(got) != 1 || got[phoneOf(w.leader)] == 0 {
		t.Errorf("told to sync: %v, want the leader's phone", got)
	}
}

func TestAnArchiveThatIsFollowedTellsNobodyAndSaysWhy(t *testing.T) {
	w := newWard(t)
	meeting := sync.Object{"kind": "other", "title": "Giao ban", "held_on": date(130).String()}
	w.put(sync.UnitScope(w.unit), emulation.TypeMeeting, name("meeting"), meeting)
	w.work(date(104).at(9, 0)) // four days later
	for _, person := range []sync.PersonID{w.staff, w.leader} {
		if kinds := w.inbox(person); len(kinds) != 0 {
			t.Errorf("inbox: %v", kinds)
		}
	}
	told, err := w.store.Told(t.Context(), 0, date(300).at(0, 0), "", 100)
	w.must(err)
	for _, r := range told {
		if r.State != hub.PushSkipped || r.Reason != "stale" {
			t.Errorf("%+v", r)
		}
	}
	if len(told) != 2 {
		t.Errorf("%d records, want one for each person", len(told))
	}
}

func TestTheAuthorIsToldWhatWasRefusedThoughTheRightIsGone(t *testing.T) {
	w := newWard(t)
	w.work(w.clock.Load() + 1)
	caller := hub.Caller{Author: sync.Author{Person: w.staff, Device: phoneOf(w.staff), Grants: w.people[w.staff].Grants}}
	w.ids++
	m := sync.Mutation{
		ID: sync.MutationID(sync.MakeID(w.clock.Load(), 1, w.ids)), Doc: sync.DocID(sync.MakeID(w.clock.Load(), 2, w.ids)),
		Scope: sync.UnitScope(name("another unit")), Type: emulation.TypeMovement, Create: sync.Object{"title": "Phong trào"},
	}
	_, err := w.hub.Push(t.Context(), caller, &sync.Request{Mutations: []sync.Mutation{m}})
	w.must(err)
	w.dismiss(w.staff)
	w.work(w.clock.Load() + 2*60_000)
	if kinds := w.inbox(w.staff); len(kinds) != 1 || kinds[0] != emulation.NoticeRejectionKept {
		t.Errorf("inbox: %v", kinds)
	}
}
