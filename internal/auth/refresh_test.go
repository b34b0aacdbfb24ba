package auth

import (
	"context"
	"encoding/base64"
	"errors"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// refresh refreshes and expects the code.
func refresh(t fataler, a *Auth, s Session, code string) Session {
	t.Helper()
	next, err := a.Refresh(context.Background(), s.Device, s.Refresh)
	want(t, err, sync.Code(code), "Refresh")
	return next
}

func TestRefreshRotatesAndExtends(t *testing.T) {
	c := newClock()
	a := newAuth(t, newMemory(), c)
	s := enrolled(t, a, 1)
	for range 5 {
		c.pass(80 * 24 * time.Hour) // longer than idle life in all, shorter each
		next := refresh(t, a, s, "")
		if next.Refresh == s.Refresh || next.RefreshExpires != c.now().Add(90*24*time.Hour).UnixMilli() {
			t.Fatalf("the refresh token did not rotate or its life was not extended: %+v", next)
		}
		_, err := a.Authenticate(context.Background(), next.Access)
		want(t, err, "", "Authenticate")
		s = next
	}
}

func TestAnIdleDeviceIsSignedOutAndNotRevoked(t *testing.T) {
	c, store := newClock(), newMemory()
	a := newAuth(t, store, c)
	s := enrolled(t, a, 1)
	c.pass(90 * 24 * time.Hour)
	refresh(t, a, s, string(hub.CodeTokenExpired))
	if store.devices[s.Device].Revoked != 0 {
		t.Fatal("an idle device was revoked")
	}
}

func TestALostAnswerSignsNobodyOut(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	refresh(t, a, s, "") // lost
	s = refresh(t, a, s, "")
	refresh(t, a, s, "")
}

func TestAnyNumberOfLostAnswersSignsNobodyOut(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	for range 3 {
		for range 4 {
			refresh(t, a, s, "") // lost
		}
		s = refresh(t, a, s, "")
	}
}

func TestReuseOfAnOldTokenRevokesTheDevice(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	first := enrolled(t, a, 1)
	second := refresh(t, a, first, "")
	third := refresh(t, a, second, "")
	refresh(t, a, first, string(hub.CodeDeviceRevoked))
	refresh(t, a, third, string(hub.CodeDeviceRevoked))
	_, err := a.Authenticate(context.Background(), third.Access)
	want(t, err, hub.CodeDeviceRevoked, "Authenticate")
}

func TestATheftIsToldAsARevocationUntilSomebodyHearsIt(t *testing.T) {
	var told []sync.DeviceID
	deaf := true
	a := newAuth(t, newMemory(), newClock(), func(cfg *Config) {
		cfg.Revoked = func(_ context.Context, _ sync.PersonID, device sync.DeviceID) error {
			if deaf {
				return errors.New("the store is away")
			}
			told = append(told, device)
			return nil
		}
	})
	stolen := enrolled(t, a, 1)
	refresh(t, a, refresh(t, a, stolen, ""), "")
	refresh(t, a, stolen, string(hub.CodeUnavailable))
	deaf = false
	refresh(t, a, stolen, string(hub.CodeDeviceRevoked))
	if len(told) != 1 || told[0] != stolen.Device {
		t.Errorf("told of %v", told)
	}
}

func TestAThiefInStepWithThePhoneIsSeen(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	stolen := enrolled(t, a, 1)
	phone := refresh(t, a, stolen, "")
	thief := refresh(t, a, stolen, "") // indistinguishable from a lost answer
	refresh(t, a, phone, "")
	refresh(t, a, thief, string(hub.CodeDeviceRevoked))
}

func TestGarbageDoesNotRevoke(t *testing.T) {
	ctx, c := context.Background(), newClock()
	a := newAuth(t, newMemory(), c, func(cfg *Config) { cfg.Limits.Refresh = Rate{Every: time.Hour, Burst: 1} })
	s, other := enrolled(t, a, 1), enrolled(t, a, 2)
	b, err := base64.RawURLEncoding.DecodeString(s.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	garbage := []string{"", "x", other.Refresh, s.Refresh + "A", s.Refresh[:80], s.Access}
	for i := range b {
		b[i] ^= 1
		garbage = append(garbage, base64.RawURLEncoding.EncodeToString(b))
		b[i] ^= 1
	}
	for _, g := range garbage {
		_, err := a.Refresh(ctx, s.Device, g)
		want(t, err, hub.CodeUnauthenticated, g)
	}
	_, err = a.Refresh(ctx, phoneID(9), s.Refresh)
	want(t, err, hub.CodeUnauthenticated, "a device nobody knows")
	s = refresh(t, a, s, "") // nor was the device's rate used up by strangers
	refresh(t, a, s, string(hub.CodeRateLimited))
}

func TestTheStoreAloneDoesNotMakeARefreshToken(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	s := enrolled(t, a, 1)
	refresh(t, a, s, "")
	d := store.devices[s.Device]
	guess := newRefreshToken(d, []byte(d.Current)[:seedSize])
	_, err := a.Refresh(context.Background(), s.Device, guess.String())
	want(t, err, hub.CodeDeviceRevoked, "a token made from the store")
}

func TestParallelRefreshesAllEndInAUsableState(t *testing.T) {
	store := newMemory()
	a, b := newAuth(t, store, newClock()), newAuth(t, store, newClock())
	for winner := range 4 {
		s := enrolled(t, a, winner)
		answers := make([]Session, 4)
		errs := make([]error, 4)
		var wg stdsync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i], errs[i] = []*Auth{a, b}[i%2].Refresh(context.Background(), s.Device, s.Refresh) })
		}
		wg.Wait()
		for _, err := range errs {
			want(t, err, "", "a parallel refresh")
		}
		refresh(t, a, refresh(t, b, answers[winner], ""), "")
	}
}

func TestARefreshOvertakenBetweenReadAndWriteIsAnswered(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	s := enrolled(t, a, 1)
	var inner Session
	store.beforeUpdate = func() { inner = refresh(t, a, s, "") }
	outer := refresh(t, a, s, "")
	if inner.Refresh == "" || inner.Refresh == outer.Refresh {
		t.Fatal("the refreshes did not overlap, or got the same token")
	}
	refresh(t, a, inner, "")
}

func TestARefreshOvertakenByARevocationIsRefused(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	s := enrolled(t, a, 1)
	store.beforeUpdate = func() { want(t, a.SignOut(context.Background(), asActor(s)), "", "SignOut") }
	refresh(t, a, s, string(hub.CodeDeviceRevoked))
}

func TestARowThatNeverHoldsStillIsUnavailableAndNotARefusal(t *testing.T) {
	store := newMemory()
	a := newAuth(t, store, newClock())
	s := enrolled(t, a, 1)
	calm := store.devices[s.Device]
	var disturb func()
	disturb = func() {
		d := store.devices[s.Device]
		d.Previous += "x"
		store.devices[s.Device], store.beforeUpdate = d, disturb
	}
	store.beforeUpdate = disturb
	refresh(t, a, s, string(hub.CodeUnavailable))
	store.devices[s.Device], store.beforeUpdate = calm, nil
	refresh(t, a, s, "")
}
