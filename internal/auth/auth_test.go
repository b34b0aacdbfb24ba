package auth

import (
	"context"
	"fmt"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// clock is a time that passes only when told to.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.UnixMilli(1_760_000_000_000)} }

func (c *clock) now() time.Time       { return c.t }
func (c *clock) pass(d time.Duration) { c.t = c.t.Add(d) }
func (c *clock) milli() int64         { return c.t.UnixMilli() }
func operator() Actor                 { return Actor{Author: sync.Author{Person: sync.Server}} }
func cheap() cost                     { return cost{memory: 16, time: 1, threads: 1} }
func phoneID(n int) sync.DeviceID     { return sync.DeviceID(sync.MakeID(1, uint16(n), uint64(n))) }
func aPhone(n int) Phone              { return Phone{ID: phoneID(n), Name: "Điện thoại", Platform: "android"} }
func person(n int) sync.PersonID      { return sync.PersonID(sync.NameID("person", fmt.Sprint(n))) }
func unlimited() Rate                 { return Rate{Every: time.Nanosecond, Burst: 1_000_000} }
func asActor(s Session) Actor         { return Actor{Author: sync.Author{Person: s.Person, Device: s.Device}} }

func isAdmin(a sync.Author, _ int64) bool {
	for _, g := range a.Grants {
		if g.Role == "admin" {
			return true
		}
	}
	return false
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// newAuth returns an Auth whose passwords cost little.
func newAuth(t fataler, store Store, c *clock, change ...func(*Config)) *Auth {
	t.Helper()
	cfg := Config{Store: store, Now: c.now, Manages: isAdmin, Limits: Limits{
		SignInIP: unlimited(), SignInLogin: unlimited(), EnrolIP: unlimited(), Refresh: unlimited(),
	}}
	for _, f := range change {
		f(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	a.passwords = newHasher(cheap())
	return a
}

// addPerson stores person(n) with login "person<n>".
func addPerson(t fataler, a *Auth, n int, password string, grants ...sync.Grant) hub.Person {
	t.Helper()
	p := hub.Person{ID: person(n), Login: fmt.Sprint("person", n), Name: "Người", Grants: grants}
	p, err := a.AddPerson(context.Background(), operator(), p, password)
	if err != nil {
		t.Fatalf("AddPerson: %v", err)
	}
	return p
}

// issueCode returns a new code for person(n).
func issueCode(t fataler, a *Auth, n int) string {
	t.Helper()
	code, _, err := a.IssueCode(context.Background(), operator(), person(n), 0)
	if err != nil {
		t.Fatalf("IssueCode: %v", err)
	}
	return code
}

// enrolled adds person(n) and signs aPhone(n) in.
func enrolled(t fataler, a *Auth, n int, grants ...sync.Grant) Session {
	t.Helper()
	addPerson(t, a, n, "", grants...)
	s, err := a.Enrol(context.Background(), EnrolRequest{Code: issueCode(t, a, n), Phone: aPhone(n)})
	if err != nil {
		t.Fatalf("Enrol: %v", err)
	}
	return s
}

// want fails unless err has the code; "" means no error at all.
func want(t fataler, err error, code sync.Code, what string) {
	t.Helper()
	if code == "" && err == nil || code != "" && err != nil && hub.CodeOf(err) == code {
		return
	}
	t.Fatalf("%s: got error %v, want code %q", what, err, code)
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	c := newClock()
	for name, cfg := range map[string]Config{
		"no store":       {Now: c.now},
		"no clock":       {Store: newMemory()},
		"long access":    {Store: newMemory(), Now: c.now, AccessLife: 48 * time.Hour},
		"negative rate":  {Store: newMemory(), Now: c.now, Limits: Limits{EnrolIP: Rate{Every: -1, Burst: 1}}},
		"long code life": {Store: newMemory(), Now: c.now, CodeLife: 365 * 24 * time.Hour},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAFailingStoreIsUnavailableAndNeverARefusal(t *testing.T) {
	ctx, c, store := context.Background(), newClock(), newMemory()
	a := newAuth(t, store, c)
	s := enrolled(t, a, 1)
	code := issueCode(t, a, 1)
	store.fail = context.DeadlineExceeded
	other := newAuth(t, store, c) // has no keys yet
	_, err := other.Verify(ctx, s.Access)
	want(t, err, hub.CodeUnavailable, "Verify")
	_, err = a.Authenticate(ctx, s.Access)
	want(t, err, hub.CodeUnavailable, "Authenticate")
	_, err = a.Refresh(ctx, s.Device, s.Refresh)
	want(t, err, hub.CodeUnavailable, "Refresh")
	_, err = a.Enrol(ctx, EnrolRequest{Code: code, Phone: aPhone(1)})
	want(t, err, hub.CodeUnavailable, "Enrol")
	_, err = a.SignIn(ctx, SignInRequest{Login: "person1", Password: "mật khẩu dài", Phone: aPhone(1)})
	want(t, err, hub.CodeUnavailable, "SignIn")
	store.fail = nil
	_, err = a.Refresh(ctx, s.Device, s.Refresh)
	want(t, err, "", "Refresh afterwards")
}
