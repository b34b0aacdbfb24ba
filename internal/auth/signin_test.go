package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"thidua/internal/hub"
	"thidua/sync"
)

const password = "Mật khẩu của tôi"

func signIn(a *Auth, login, password string, phone Phone) (Session, error) {
	return a.SignIn(context.Background(), SignInRequest{Login: login, Password: password, Phone: phone, IP: "192.0.2.1"})
}

func TestSignInByPassword(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	s, err := signIn(a, " Person1 ", norm.NFD.String(password), aPhone(1))
	want(t, err, "", "a login in capitals, a password in NFD")
	actor, err := a.Authenticate(ctx, s.Access)
	want(t, err, "", "Authenticate")
	if actor.Author.Person != person(1) || actor.Author.Device != phoneID(1) || actor.Login != "person1" {
		t.Fatalf("signed in as %+v", actor)
	}
}

func TestAWrongPasswordAndAnUnknownLoginAreAnsweredAlike(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	addPerson(t, a, 2, "") // signs in by codes only
	var first string
	for _, try := range [][2]string{
		{"person1", "another password"},
		{"person2", password},
		{"person2", ""},
		{"nobody", password},
		{"", password},
		{"per son", password},
		{"person1", "short"},
		{"person1", strings.Repeat("x", 5000)},
		{"person1", "\xff\xff\xff\xff\xff\xff\xff\xff"},
		{strings.Repeat("x", 5000), password},
	} {
		_, err := signIn(a, try[0], try[1], aPhone(1))
		want(t, err, hub.CodeBadCredentials, try[0])
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Errorf("%q is told %q, another %q", try[0], err, first)
		}
	}
}

func TestSignInAgainVoidsTheTokensBefore(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	addPerson(t, a, 1, password)
	before, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "first")
	after, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "second")
	refresh(t, a, before, string(hub.CodeUnauthenticated))
	refresh(t, a, after, "")
	if len(store.devices) != 1 {
		t.Fatalf("%d devices, want 1", len(store.devices))
	}
}

func TestSignInRevivesARevokedDevice(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	before, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "first")
	want(t, a.SignOut(context.Background(), asActor(before)), "", "SignOut")
	refresh(t, a, before, string(hub.CodeDeviceRevoked))
	after, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "second")
	refresh(t, a, before, string(hub.CodeUnauthenticated))
	refresh(t, a, after, "")
}

func TestADeviceOfSomebodyElseIsRefused(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	first := enrolled(t, a, 2)
	_, err := signIn(a, "person1", password, aPhone(2))
	want(t, err, hub.CodeForbidden, "SignIn")
	code := issueCode(t, a, 1)
	_, err = a.Enrol(ctx, EnrolRequest{Code: code, Phone: aPhone(2)})
	want(t, err, hub.CodeForbidden, "Enrol")
	_, err = a.Enrol(ctx, EnrolRequest{Code: code, Phone: aPhone(1)})
	want(t, err, "", "the code is still good elsewhere")
	refresh(t, a, first, "")
}

func TestADeviceIDMustBeAVersion7UUID(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	for _, id := range []string{"x", string(sync.NameID("x")), "01890000-0000-7000-8000-00000000000A"} {
		phone := aPhone(1)
		phone.ID = sync.DeviceID(id)
		_, err := signIn(a, "person1", password, phone)
		want(t, err, hub.CodeInvalid, id)
	}
	_, err := signIn(a, "person1", password, Phone{Platform: "windows"})
	want(t, err, hub.CodeInvalid, "an unknown platform")
	s, err := signIn(a, "person1", password, Phone{Platform: "web"})
	want(t, err, "", "a browser without an id")
	if _, ok := sync.ID(s.Device).Milli(); !ok {
		t.Fatalf("the server made the device id %q", s.Device)
	}
}

func TestADisabledPersonDoesNotSignIn(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, password)
	code := issueCode(t, a, 1)
	want(t, a.SetDisabled(ctx, operator(), person(1), true), "", "SetDisabled")
	_, err := signIn(a, "person1", password, aPhone(1))
	want(t, err, hub.CodeForbidden, "SignIn")
	_, err = signIn(a, "person1", "wrong password", aPhone(1))
	want(t, err, hub.CodeBadCredentials, "SignIn with a wrong password")
	_, err = a.Enrol(ctx, EnrolRequest{Code: code, Phone: aPhone(1)})
	want(t, err, hub.CodeForbidden, "Enrol")
}

func TestAPasswordIsHashedAnewWhenTheCostChanges(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	addPerson(t, a, 1, password)
	old := store.people[person(1)].Password
	a.passwords = newHasher(cost{memory: 32, time: 2, threads: 1})
	for range 2 {
		_, err := signIn(a, "person1", password, aPhone(1))
		want(t, err, "", "SignIn")
	}
	if now := store.people[person(1)].Password; now == old || !strings.HasPrefix(now, "$argon2id$v=19$m=32,t=2,p=1$") {
		t.Fatalf("the hash is %s", now)
	}
}

func TestTheDefaultCostIsThatOfOWASP(t *testing.T) {
	h := newHasher(defaultCost())
	phc, err := h.hash(context.Background(), password)
	want(t, err, "", "hash")
	ok, stale, err := h.verify(context.Background(), phc, password)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") || !ok || stale || err != nil {
		t.Fatalf("%s: ok %v, stale %v, %v", phc, ok, stale, err)
	}
}

func TestADamagedHashMatchesNothing(t *testing.T) {
	h := newHasher(cheap())
	for _, phc := range []string{
		"", "x", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=16,t=0,p=0$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=16,t=1,p=1$$", "$2a$10$abcdefghijklmnopqrstuv",
	} {
		ok, _, err := h.verify(context.Background(), phc, password)
		if ok || err != nil {
			t.Errorf("%q: %v, %v", phc, ok, err)
		}
	}
}

func TestHashingWaitsForAFreeCoreAndGivesUpWithTheRequest(t *testing.T) {
	h := newHasher(cheap())
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := h.hash(ctx, password)
	want(t, err, hub.CodeUnavailable, "hash while all cores are busy")
	<-h.slots
	_, err = h.hash(context.Background(), password)
	want(t, err, "", "hash afterwards")
}

func TestSignInAttemptsAreLimitedByLoginAndByAddress(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c, func(cfg *Config) {
		cfg.Limits.SignInLogin = Rate{Every: 20 * time.Second, Burst: 2}
		cfg.Limits.SignInIP = Rate{Every: time.Second, Burst: 4}
	})
	addPerson(t, a, 1, password)
	for range 2 {
		_, err := signIn(a, "person1", "wrong password", aPhone(1))
		want(t, err, hub.CodeBadCredentials, "within the rate")
	}
	_, err := signIn(a, "PERSON1", password, aPhone(1))
	want(t, err, hub.CodeRateLimited, "over the rate of the login")
	if wait := retryAfter(t, err); wait != 20*time.Second {
		t.Fatalf("told to wait %v", wait)
	}
	_, err = signIn(a, "nobody", password, aPhone(1))
	want(t, err, hub.CodeBadCredentials, "another login")
	_, err = signIn(a, "nobody2", password, aPhone(1))
	want(t, err, hub.CodeRateLimited, "over the rate of the address")
	c.pass(20 * time.Second)
	_, err = signIn(a, "person1", password, aPhone(1))
	want(t, err, "", "after waiting")
}
