package emulation

import (
	"testing"

	"thidua/sync"
)

func TestNobodyIsToldInTheirQuietHoursButOnTheDayItself(t *testing.T) {
	default_, early := Listener{}, Listener{Preferences: sync.Object{"quiet_from": int64(60), "quiet_to": int64(9 * 60)}}
	never := Listener{Preferences: sync.Object{"quiet_from": int64(0), "quiet_to": int64(0)}}
	half := Listener{Preferences: sync.Object{"quiet_to": int64(5 * 60)}}
	for _, c := range []struct {
		l             Listener
		at, day, want string
	}{
		{default_, "2022-12-01 20:59", "", "2022-12-01 20:59"},
		{default_, "2022-12-01 21:00", "", "2022-12-02 06:30"},
		{default_, "2022-12-01 23:59", "2022-12-02", "2022-12-02 06:30"},
		{default_, "2022-12-02 00:00", "2022-12-01", "2022-12-02 06:30"},
		{default_, "2022-12-02 06:29", "", "2022-12-02 06:30"},
		{default_, "2022-12-02 06:30", "", "2022-12-02 06:30"},
		{default_, "2022-12-01 23:00", "2022-12-01", "2022-12-01 23:00"},
		{default_, "2022-12-31 22:00", "", "2023-01-01 06:30"},
		{early, "2022-12-01 08:00", "", "2022-12-01 09:00"},
		{early, "2022-12-01 23:00", "", "2022-12-01 23:00"},
		{early, "2022-12-01 00:30", "", "2022-12-01 00:30"},
		{never, "2022-12-01 03:00", "", "2022-12-01 03:00"},
		{half, "2022-12-01 22:00", "", "2022-12-02 05:00"},
	} {
		if got := c.l.Awake(clock(t, c.at), c.day); got != clock(t, c.want) {
			t.Errorf("%s about %q: %s, want %s", c.at, c.day, FormatTime(got), c.want)
		}
	}
	if got, want := default_.Awake(clock(t, "2022-12-01 22:15")+7, ""), clock(t, "2022-12-02 06:30"); got != want {
		t.Errorf("milliseconds remain: %d, want %d", got, want)
	}
}

func TestQuietHoursMoveAReminderIntoTheDayTheyEnd(t *testing.T) {
	late := listener("staff u", grant(UnitStaff, "u"))
	late.Preferences = sync.Object{"quiet_from": int64(7 * 60), "quiet_to": int64(10 * 60)}
	expect(t, "sheet", about(heard(yearOf(t, season(), []Listener{late}), nil), "sheet"), []string{
		"11-17 10:00 sheet_due staff u", "11-24 10:00 sheet_due staff u", "11-28 10:00 sheet_due staff u", "11-30 10:00 sheet_due staff u", "12-02 00:00 sheet_overdue staff u",
	})
}

func TestWhatIsMutedIsSkippedButNotWhatIsOverdue(t *testing.T) {
	deaf := listener("leader u", grant(UnitLeader, "u"))
	muted := sync.Object{}
	for _, kind := range Kinds() {
		muted[kind] = true
	}
	deaf.Preferences = sync.Object{"muted": muted}
	notices := yearOf(t, season(), []Listener{deaf}, sync.NewDocument(uid("m"), TypeMeeting, sync.ClusterScope(uid("c")), 1, meetingBody("")))
	if len(notices) != 12 {
		t.Errorf("%v", heard(notices, nil))
	}
	for _, n := range notices {
		if (n.Skip == CodeMuted) != mutable(n.Kind) {
			t.Errorf("%s: skip %q", n.Kind, n.Skip)
		}
	}
}

func TestPreferencesAreTheOwnersAndMuteOnlyWhatMayBe(t *testing.T) {
	d, p := New(), person("p")
	mine := sync.Object{"person": string(p.Person), "language": "en", "quiet_from": int64(0), "quiet_to": int64(0), "muted": sync.Object{NoticeMeetingDue: true}}
	if fault := d.Schema().Types[TypePreferences].Validate(mine); fault != nil {
		t.Error(fault)
	}
	for _, c := range []struct {
		scope sync.Scope
		of    sync.PersonID
		want  sync.Code
	}{
		{sync.UserScope(p.Person), p.Person, ""},
		{sync.UserScope(p.Person), sync.PersonID(uid("q")), CodeWrongSubject},
		{sync.UserScope(sync.PersonID(uid("q"))), p.Person, CodeForbidden},
	} {
		a := act(p, c.scope, TypePreferences, nil, edit("", nil, sync.Set(mine, "/person", string(c.of))))
		if got := d.Allow(a); got.Code != c.want || a.Doc != PreferencesID(c.of) {
			t.Errorf("%s in %s: %+v", c.of, c.scope, got)
		}
	}
	for kind, want := range map[string]sync.Code{NoticeSheetOverdue: CodeNotMutable, NoticeSheetEscalated: CodeNotMutable, "weather": sync.CodeNotInEnum} {
		if fault := d.Schema().Types[TypePreferences].Validate(sync.Set(mine, "/muted", sync.Object{kind: true})); fault == nil || fault.Code != want {
			t.Errorf("%s: %v", kind, fault)
		}
	}
	if (Listener{Preferences: mine}).Language() != "en" || (Listener{}).Language() != "vi" {
		t.Error("language")
	}
}
