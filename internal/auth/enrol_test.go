package auth

import (
	"context"
	"errors"
	"regexp"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thidua/internal/hub"
)

func enrol(a *Auth, code string, phone Phone) (Session, error) {
	return a.Enrol(context.Background(), EnrolRequest{Code: code, Phone: phone, IP: "2001:db8::1"})
}

func TestACodeSignsOnePhoneInOnce(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c)
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`).MatchString(code) {
		t.Fatalf("the code is %q", code)
	}
	s, err := enrol(a, code, aPhone(1))
	want(t, err, "", "the first phone")
	_, err = enrol(a, code, aPhone(2))
	want(t, err, hub.CodeCodeInvalid, "a second phone")
	_, err = a.Authenticate(context.Background(), s.Access)
	want(t, err, "", "Authenticate")
	refresh(t, a, s, "")
}

func TestAPhoneThatLostTheAnswerEnrolsAgain(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c)
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	first, err := enrol(a, code, aPhone(1))
	want(t, err, "", "the first time")
	c.pass(9 * time.Minute)
	second, err := enrol(a, code, aPhone(1))
	want(t, err, "", "again within ten minutes")
	c.pass(time.Minute)
	_, err = enrol(a, code, aPhone(1))
	want(t, err, hub.CodeCodeInvalid, "after ten minutes")
	refresh(t, a, second, "")
	refresh(t, a, first, string(hub.CodeDeviceRevoked)) // two phones, it seems
}

func TestADelayedCopyOfAnEnrolmentDoesNotSignThePhoneOut(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	s, err := enrol(a, code, aPhone(1))
	want(t, err, "", "the first time")
	s = refresh(t, a, s, "")
	_, err = enrol(a, code, aPhone(1))
	want(t, err, hub.CodeCodeInvalid, "the copy")
	refresh(t, a, s, "")
}

func TestACodeDoesNotReviveADeviceRevokedAfterIt(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	s, err := enrol(a, code, aPhone(1))
	want(t, err, "", "the first time")
	want(t, a.RevokeDevice(context.Background(), operator(), s.Device), "", "RevokeDevice")
	_, err = enrol(a, code, aPhone(1))
	want(t, err, hub.CodeCodeInvalid, "the used code")
	_, err = enrol(a, issueCode(t, a, 1), aPhone(1))
	want(t, err, "", "a new code")
}

func TestACrashBetweenRedeemingAndSigningInIsMadeGood(t *testing.T) {
	c, store := newClock(), newMemory()
	a := newAuth(t, store, c)
	s := enrolled(t, a, 1) // a device from before
	c.pass(time.Minute)
	for _, phone := range []Phone{aPhone(1), aPhone(2)} {
		code := issueCode(t, a, 1)
		normal, _ := normalCode(code)
		want(t, store.RedeemCode(context.Background(), digest([]byte(normal)), phone.ID, c.milli()), "", "RedeemCode")
		c.pass(time.Minute)
		again, err := enrol(a, code, phone)
		want(t, err, "", "the repeated request")
		refresh(t, a, again, "")
	}
	refresh(t, a, s, string(hub.CodeUnauthenticated))
}

func TestParallelEnrolmentsOfOnePhoneAllEndInAUsableState(t *testing.T) {
	store := newMemory()
	a, b := newAuth(t, store, newClock()), newAuth(t, store, newClock())
	addPerson(t, a, 1, "")
	for last := range 4 {
		code := issueCode(t, a, 1)
		answers := make([]Session, 4)
		errs := make([]error, 4)
		var wg stdsync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i], errs[i] = enrol([]*Auth{a, b}[i%2], code, aPhone(last)) })
		}
		wg.Wait()
		want(t, errors.Join(errs...), "", "a parallel enrolment")
		refresh(t, a, answers[last], "")
	}
}

func TestOfManyPhonesOneGetsTheCode(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	errs := make([]error, 8)
	var wg stdsync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = enrol(a, code, aPhone(i)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		want(t, err, hub.CodeCodeInvalid, "a phone that was too late")
	}
	if won != 1 {
		t.Fatalf("%d phones were signed in", won)
	}
}

func TestAnExpiredCodeIsRefused(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c)
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	c.pass(72 * time.Hour)
	_, err := enrol(a, code, aPhone(1))
	want(t, err, hub.CodeCodeInvalid, "an expired code")
}

func TestOnlyWhoManagesAccountsIssuesCodes(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	_, _, err := a.IssueCode(ctx, asActor(s), person(1), 0)
	want(t, err, hub.CodeForbidden, "a person without a role")
	_, _, err = a.IssueCode(ctx, operator(), person(7), 0)
	want(t, err, hub.CodeNotFound, "for nobody")
	_, _, err = a.IssueCode(ctx, operator(), person(1), 31*24*time.Hour)
	want(t, err, hub.CodeInvalid, "for ever")
}

func TestACodeIsAcceptedAsPeopleTypeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringOfN(rapid.RuneFrom([]rune(crockford)), codeSize, codeSize, -1).Draw(t, "code")
		var typed strings.Builder
		for _, c := range code {
			typed.WriteString(rapid.SampledFrom([]string{"", "", " ", "-", "–"}).Draw(t, "between"))
			s := string(c)
			switch c {
			case '0':
				s = rapid.SampledFrom([]string{"0", "o", "O"}).Draw(t, "zero")
			case '1':
				s = rapid.SampledFrom([]string{"1", "i", "I", "l", "L"}).Draw(t, "one")
			}
			if rapid.Bool().Draw(t, "lower") {
				s = strings.ToLower(s)
			}
			typed.WriteString(s)
		}
		if got, ok := normalCode(typed.String()); !ok || got != code {
			t.Fatalf("%q was read as %q, meant %q", typed.String(), got, code)
		}
	})
}

func TestWhatIsNoCodeIsRefusedAndLimited(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c, func(cfg *Config) { cfg.Limits.EnrolIP = Rate{Every: time.Minute, Burst: 6} })
	for _, code := range []string{"", "ABCDE", "ABCDE-ABCDU", "ABCDE-ABCDEF", strings.Repeat("-", 1000), "ÀBCDE-ABCDE"} {
		_, err := enrol(a, code, aPhone(1))
		want(t, err, hub.CodeCodeInvalid, code)
	}
	_, err := a.Enrol(context.Background(), EnrolRequest{Code: "ABCDE-ABCDE", Phone: aPhone(1), IP: "2001:db8::ffff"})
	want(t, err, hub.CodeRateLimited, "from the same network")
	c.pass(retryAfter(t, err))
	_, err = enrol(a, "ABCDE-ABCDE", aPhone(1))
	want(t, err, hub.CodeCodeInvalid, "an unknown code, after waiting")
}

func TestAPhoneOvertakenWhileItRedeemsIsRefused(t *testing.T) {
	ctx, store := context.Background(), newMemory()
	a := newAuth(t, store, newClock())
	addPerson(t, a, 1, "")
	code := issueCode(t, a, 1)
	normal, _ := normalCode(code)
	unused := store.codes[digest([]byte(normal))]
	_, err := enrol(a, code, aPhone(1))
	want(t, err, "", "the faster phone")
	_, err = a.redeem(ctx, unused, phoneID(2))
	want(t, err, hub.CodeCodeInvalid, "the slower phone")
	again, err := a.redeem(ctx, unused, phoneID(1))
	want(t, err, "", "the faster phone's second request")
	if !again.repeated {
		t.Fatal("a code was redeemed twice")
	}
}
