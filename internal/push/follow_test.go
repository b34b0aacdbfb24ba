package push_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// A meddled store lets a test do something in the middle of what a Push does,
// and counts what is read.
type meddled struct {
	*sqlite.Store
	scopes, commits func()                                   // before the first such call
	follow          func(scope sync.Scope, from int64) error // instead of the first
	append          func(scope sync.Scope) error             // before each
	lease           func()                                   // after each
	read            map[sync.Scope]int                       // how often all documents of a scope were
}

// meddling takes a function out of its place and calls it.
func meddling(do *func()) {
	if now := *do; now != nil {
		*do = nil
		now()
	}
}

func (m *meddled) Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error) {
	meddling(&m.scopes)
	return m.Store.Scopes(ctx, after, limit)
}

func (m *meddled) Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error) {
	meddling(&m.commits)
	return m.Store.Commits(ctx, scope, after, limit)
}

func (m *meddled) Follow(ctx context.Context, scope sync.Scope, from, to int64) error {
	if now := m.follow; now != nil {
		m.follow = nil
		if err := now(scope, from); err != nil {
			return err
		}
	}
	return m.Store.Follow(ctx, scope, from, to)
}

func (m *meddled) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	if m.append != nil {
		if err := m.append(commits[0].Scope); err != nil {
			return 0, err
		}
	}
	return m.Store.Append(ctx, commits, docs)
}

func (m *meddled) Lease(ctx context.Context, name, owner string, now, until int64) (bool, error) {
	had, err := m.Store.Lease(ctx, name, owner, now, until)
	if m.lease != nil {
		m.lease()
	}
	return had, err
}

func (m *meddled) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error) {
	m.read[scope]++
	return m.Store.Changed(ctx, scope, after, upTo, limit)
}

// meddle returns a store to meddle with and a Push that works on it, without a sender.
func (w *ward) meddle() (*meddled, *push.Push) {
	w.t.Helper()
	m := &meddled{Store: w.store, read: map[sync.Scope]int{}}
	p, err := push.New(push.Config{
		Hub: w.newHub(m), Domain: emulation.New(), Store: m, Logs: m, People: m, Now: w.now, Log: slog.New(slog.DiscardHandler),
	})
	w.must(err)
	return m, p
}

// meet calls a meeting of the unit by a name.
func (w *ward) meet(by string) {
	w.t.Helper()
	w.put(sync.UnitScope(w.unit), emulation.TypeMeeting, name(by), sync.Object{"kind": "other", "title": "Giao ban", "held_on": date(130).String()})
}

func TestWhoIsAddedWhileLogsAreFollowedHearsOfAllThatComesAfter(t *testing.T) {
	for when, in := range map[string]func(m *meddled, do func()){
		"after the look":              func(m *meddled, do func()) { m.scopes = do },
		"after the heads were looked": func(m *meddled, do func()) { m.commits = do },
	} {
		w := newWard(t)
		m, p := w.meddle()
		w.meet("before") // so that the log is followed
		var late sync.PersonID
		in(m, func() {
			late = w.hire("late", sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(w.unit)})
			w.meet("after")
		})
		w.must(p.Step(t.Context()))
		w.must(p.Step(t.Context()))
		if kinds := w.inbox(late); len(kinds) == 0 {
			t.Errorf("%s: the inbox is empty", when)
		}
		if kinds := w.inbox(w.staff); len(kinds) != 2 {
			t.Errorf("%s: inbox of the others: %v", when, kinds)
		}
	}
}

func TestWhatAnotherLeftHalfFollowedIsFollowedOn(t *testing.T) {
	w := newWard(t)
	m, p := w.meddle()
	w.must(p.Step(t.Context()))
	w.meet("one")
	w.meet("two")
	m.follow = func(scope sync.Scope, from int64) error {
		return errors.Join(w.store.Follow(t.Context(), scope, from, from+1), hub.ErrChanged)
	}
	w.must(p.Step(t.Context()))
	followed, err := w.store.Followed(t.Context(), []sync.Scope{sync.UnitScope(w.unit)})
	w.must(err)
	if at := followed[sync.UnitScope(w.unit)]; at != 2 {
		t.Errorf("followed up to %d of 2", at)
	}
}

func TestWhoStopsLeavesTheCalendarToOthersAtOnce(t *testing.T) {
	w := newWard(t)
	m, p := w.meddle()
	ctx, stop := context.WithCancel(t.Context())
	m.lease = stop
	w.must(p.Run(ctx))
	if had, err := w.store.Lease(t.Context(), "push", "another", w.clock.Load(), w.clock.Load()+1); err != nil || !had {
		t.Errorf("%v, %v", had, err)
	}
}

func TestAProcessWithoutCredentialsLeavesMessagesToThoseThatHaveThem(t *testing.T) {
	w := newWard(t)
	w.work(w.clock.Load() + 1)
	w.silent(w.clock.Load() + 1000*dayMilli)
	w.period(120)
	w.clock.Store(date(106).at(9, 0))
	_, p := w.meddle()
	w.must(p.Step(t.Context()))
	if kinds := w.inbox(w.leader); len(kinds) != 1 {
		t.Errorf("inbox: %v", kinds)
	}
	if n := w.work(w.clock.Load() + 1); n != 2 {
		t.Errorf("%d messages, want one for each person", n)
	}
	if m, err := p.Metrics(t.Context()); err != nil || m.Enabled {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestOnlyThePapersThatACommitIsAboutAreRead(t *testing.T) {
	w := newWard(t)
	m, p := w.meddle()
	w.must(p.Step(t.Context()))
	clear(m.read)
	w.put(sync.UnitScope(w.unit), emulation.TypeMovement, name("movement"), sync.Object{"title": "Phong trào"})
	w.meet("meeting")
	m.follow = func(scope sync.Scope, _ int64) error { // before the calendar is looked at, which reads everything
		if scope != sync.UnitScope(w.unit) || m.read[scope] > 0 {
			t.Errorf("followed is %s; all of the unit's was read %d times", scope, m.read[sync.UnitScope(w.unit)])
		}
		return nil
	}
	w.must(p.Step(t.Context()))
	if kinds := w.inbox(w.staff); len(kinds) != 1 {
		t.Errorf("inbox: %v", kinds)
	}
}

func TestWhatPeopleReadBreaksNoSeal(t *testing.T) {
	w := newWard(t)
	m, p := w.meddle()
	w.meet("meeting")
	w.must(p.Step(t.Context()))
	clear(m.read)
	w.must(p.Step(t.Context())) // what was told in the first
	notice := w.notices(w.staff)[0]
	w.put(sync.UserScope(w.staff), emulation.TypeNotice, notice.ID, sync.Set(notice.Body(), "/read", w.clock.Load()))
	w.must(p.Step(t.Context()))
	if n := m.read[sync.UnitDesk(w.unit)]; n != 0 {
		t.Errorf("the papers were read %d times again", n)
	}
	w.put(sync.UserScope(w.staff), emulation.TypePreferences, emulation.PreferencesID(w.staff), sync.Object{"person": string(w.staff), "quiet_from": int64(60)})
	w.must(p.Step(t.Context()))
	if n := m.read[sync.UnitDesk(w.unit)]; n != 1 {
		t.Errorf("the papers were read %d times for other preferences", n)
	}
}

func TestAMessageCountsTheDaysFromWhenItIsShown(t *testing.T) {
	w := newWard(t)
	w.work(w.clock.Load() + 1)
	w.silent(w.clock.Load() + 1000*dayMilli)
	w.period(120)
	w.clock.Store(date(106).at(23, 0))
	_, p := w.meddle()
	w.must(p.Step(t.Context()))
	messages, err := w.store.Claim(t.Context(), date(107).at(6, 30), date(108).at(0, 0), 10)
	w.must(err)
	count := 0
	for _, m := range messages {
		if m.Notice == "" {
			continue
		}
		count++
		if want := "Còn 13 ngày"; len(m.Body) < len(want) || m.Body[:len(want)] != want {
			t.Errorf("%q in the morning", m.Body)
		}
		if m.Expires != date(108).at(0, 0) {
			t.Errorf("of use until %d, the day is over at %d", m.Expires, date(108).at(0, 0))
		}
	}
	if count != 2 {
		t.Errorf("%d messages", count)
	}
}

func TestAnInboxOutOfReachKeepsNoPhoneAsleepAndNobodyElseWaiting(t *testing.T) {
	w := newWard(t)
	m, p := w.meddle()
	w.must(p.Step(t.Context()))
	w.silent(w.clock.Load() + 1000*dayMilli)
	m.append = func(scope sync.Scope) error {
		if scope == sync.UserScope(w.staff) {
			return errors.New("out of reach")
		}
		return nil
	}
	w.clock.Add(1)
	w.meet("one")
	w.meet("two")
	if err := p.Step(t.Context()); err == nil {
		t.Error("no error")
	}
	if kinds := w.inbox(w.leader); len(kinds) != 2 {
		t.Errorf("inbox of the leader: %v", kinds)
	}
	if woken := w.silent(w.clock.Load() + 60_000); len(woken) != 2 {
		t.Errorf("woken: %v", woken)
	}
	if err := p.Step(t.Context()); err == nil {
		t.Error("no error")
	}
	if woken := w.silent(w.clock.Load() + 59_000); len(woken) != 0 {
		t.Errorf("woken again for the same: %v", woken)
	}
	m.append = nil
	w.must(p.Step(t.Context()))
	if kinds := w.inbox(w.staff); len(kinds) != 2 {
		t.Errorf("inbox, once it can be reached: %v", kinds)
	}
}

func TestWhatCountsOfASheetIsComparedThoughOnlyItsVerificationMoved(t *testing.T) {
	w := newWard(t)
	_, p := w.meddle()
	w.period(120)
	w.put(sync.Org, emulation.TypeCriteria, name("criteria"), sync.Object{
		"code": "T", "version": int64(1), "title": "Tiêu chí", "total": int64(1000), "state": "published",
		"sections": sync.Object{"I": sync.Object{"order": int64(1), "title": "I", "max": int64(1000)}},
		"criteria": sync.Object{"I-1": sync.Object{
			"section": "I", "order": int64(1), "code": "I.1", "title": "Phong trào", "type": "judged", "max": int64(1000),
		}},
	})
	desk, sheet := sync.UnitDesk(w.unit), emulation.SheetID(w.unit, name("period"))
	of := sync.Object{"unit": string(w.unit), "period": string(name("period")), "criteria": string(name("criteria")), "cluster": string(name("cluster"))}
	w.put(desk, emulation.TypeSheet, sheet, sync.Set(sync.Set(of, "/state", "verified"), "/entries", sync.Object{"I-1": sync.Object{"self": int64(900)}}))
	w.must(p.Step(t.Context()))
	before := len(w.inbox(w.staff))
	of = sync.Set(sync.Set(sync.Set(of, "/cluster", nil), "/sheet", string(sheet)), "/sheet_version", int64(1))
	w.put(desk, emulation.TypeVerification, emulation.VerificationID(sheet),
		sync.Set(sync.Set(of, "/state", "sent"), "/entries", sync.Object{"I-1": sync.Object{"verified": int64(700)}}))
	w.must(p.Step(t.Context()))
	if kinds := w.inbox(w.staff); len(kinds) != before+1 || !slices.Contains(kinds, emulation.NoticeOfficialDiffers) {
		t.Errorf("inbox: %v", kinds)
	}
}

func TestWhoIsDisabledOvernightIsSentNothingInTheMorning(t *testing.T) {
	w := newWard(t)
	w.period(120)
	if n := w.work(date(106).at(23, 0)); n != 0 {
		t.Errorf("%d messages at night", n)
	}
	disabled := w.people[w.staff]
	disabled.Disabled = true
	w.must(w.store.UpdatePerson(t.Context(), w.people[w.staff], disabled))
	if n := w.work(date(107).at(6, 31)); n != 1 {
		t.Errorf("%d messages in the morning, want one for the leader", n)
	}
}

// noNotices is a domain to which a notice is no document.
type noNotices struct{ *emulation.Domain }

func (d noNotices) Schema() *sync.Schema {
	schema := *d.Domain.Schema()
	types := map[string]*sync.Type{}
	for name, typ := range schema.Types {
		if name != emulation.TypeNotice {
			types[name] = typ
		}
	}
	schema.Types = types
	return &schema
}

func TestWhatCanNeverBeToldIsRecordedAndHoldsUpNothing(t *testing.T) {
	w := newWard(t)
	log := slog.New(slog.DiscardHandler)
	h, err := hub.New(hub.Config{Store: w.store, Domain: noNotices{emulation.New()}, Now: w.now, Log: log})
	w.must(err)
	p, err := push.New(push.Config{Hub: h, Domain: emulation.New(), Store: w.store, Logs: w.store, People: w.store, Now: w.now, Log: log})
	w.must(err)
	w.meet("meeting")
	w.must(p.Step(t.Context()))
	told, err := w.store.Told(t.Context(), 0, date(300).at(0, 0), "", 100)
	w.must(err)
	if len(told) != 2 {
		t.Fatalf("%d records, want one for each person", len(told))
	}
	for _, r := range told {
		if r.State != hub.PushSkipped || r.Reason != hub.CodeInternal {
			t.Errorf("%+v", r)
		}
	}
	followed, err := w.store.Followed(t.Context(), []sync.Scope{sync.UnitScope(w.unit)})
	w.must(err)
	if followed[sync.UnitScope(w.unit)] != 1 {
		t.Errorf("followed up to %v", followed)
	}
}
