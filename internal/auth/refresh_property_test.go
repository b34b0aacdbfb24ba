package auth

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thidua/internal/hub"
)

// A holder refreshes with the token it stored last, as a phone does and as a
// thief with a copy would.
type holder struct {
	a []*Auth // server processes
	c *clock
	s Session
}

// refresh does one act: a refresh that succeeds, one whose answers are lost, or
// two that run beside each other, of which either answer may be read last.
func (h *holder) refresh(t *rapid.T, lossy bool) error {
	ctx := context.Background()
	h.c.pass(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "passed")))
	act := "succeeds"
	if lossy {
		act = rapid.SampledFrom([]string{"succeeds", "lost", "twice"}).Draw(t, "act")
	}
	one := rapid.SampledFrom(h.a).Draw(t, "process")
	first, err := one.Refresh(ctx, h.s.Device, h.s.Refresh)
	if err != nil || act == "lost" {
		return err
	}
	if act == "twice" {
		second, err := rapid.SampledFrom(h.a).Draw(t, "other process").Refresh(ctx, h.s.Device, h.s.Refresh)
		if err != nil {
			return err
		}
		if rapid.Bool().Draw(t, "second is read last") {
			first = second
		}
	}
	h.s = first
	return nil
}

func newHolder(t fataler) *holder {
	c, store := newClock(), newMemory()
	h := &holder{c: c, a: []*Auth{newAuth(t, store, c), newAuth(t, store, c)}}
	h.s = enrolled(t, h.a[0], 1)
	return h
}

func TestNoOrderOfLostAnswersAndRetriesSignsAPhoneOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phone := newHolder(t)
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			want(t, phone.refresh(t, true), "", "the phone's refresh")
			_, err := phone.a[0].Refresh(context.Background(), phone.s.Device, rapid.String().Draw(t, "garbage"))
			want(t, err, hub.CodeUnauthenticated, "a stranger's refresh")
		}
		want(t, phone.refresh(t, false), "", "the last refresh")
	})
}

func TestATokenStolenBeforeThePhonesNextUseIsSeenWhenUsedLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phone := newHolder(t)
		for range rapid.IntRange(0, 4).Draw(t, "acts before") {
			want(t, phone.refresh(t, true), "", "the phone's refresh")
		}
		thief := *phone
		// The phone uses the token, then what it got for it.
		for range 2 {
			for range rapid.IntRange(0, 2).Draw(t, "lost") {
				_, err := phone.a[0].Refresh(context.Background(), phone.s.Device, phone.s.Refresh)
				want(t, err, "", "the phone's lost refresh")
			}
			want(t, phone.refresh(t, false), "", "the phone's refresh")
		}
		want(t, thief.refresh(t, true), hub.CodeDeviceRevoked, "the thief's refresh")
		want(t, phone.refresh(t, true), hub.CodeDeviceRevoked, "the phone's refresh afterwards")
	})
}

func TestTwoHoldersOfOneTokenAreSeenOnceBothUsedWhatTheyGot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phone := newHolder(t)
		thief := *phone
		holders := map[string]*holder{"phone": phone, "thief": &thief}
		start := phone.s.Refresh
		used := map[string]bool{} // a successor of the shared token, by whom
		for range 40 {
			who := rapid.SampledFrom([]string{"phone", "thief"}).Draw(t, "who")
			h := holders[who]
			successor := h.s.Refresh != start
			err := h.refresh(t, true)
			if err != nil {
				want(t, err, hub.CodeDeviceRevoked, who)
				return
			}
			used[who] = used[who] || successor
			if used["phone"] && used["thief"] {
				t.Fatalf("both used a successor of the stolen token and nobody noticed")
			}
		}
	})
}
