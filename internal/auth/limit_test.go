package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"thidua/internal/hub"
)

func retryAfter(t *testing.T, err error) time.Duration {
	t.Helper()
	var e *hub.Error
	if !errors.As(err, &e) || e.RetryAfter <= 0 {
		t.Fatalf("%v does not say how long to wait", err)
	}
	return e.RetryAfter
}

func newTestLimiter(t *testing.T, c *clock, keys int) *Limiter {
	t.Helper()
	l, err := NewLimiter(LimiterConfig{Rate: Rate{Every: 10 * time.Second, Burst: 2}, Keys: keys, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALimiterRefusesAndRecovers(t *testing.T) {
	c := newClock()
	l := newTestLimiter(t, c, 0)
	for i, step := range []struct{ pass, wait time.Duration }{
		{0, 0},
		{0, 0},
		{0, 10 * time.Second},
		{4 * time.Second, 6 * time.Second},
		{0, 6 * time.Second}, // a refusal costs nothing
		{6 * time.Second, 0},
		{0, 10 * time.Second},
		{time.Hour, 0},
		{0, 0},
		{0, 10 * time.Second}, // no more than a burst is saved up
	} {
		c.pass(step.pass)
		if wait := l.Take("a"); wait.Round(time.Millisecond) != step.wait {
			t.Fatalf("step %d: wait %v, want %v", i, wait, step.wait)
		}
	}
	if l.Take("b") != 0 {
		t.Fatal("another key was refused")
	}
}

func TestALimiterForgetsTheKeyUnusedForLongest(t *testing.T) {
	l := newTestLimiter(t, newClock(), 3)
	for range 2 {
		l.Take("kept")
	}
	for i := range 100 {
		l.Take(fmt.Sprint(i))
		if l.Take("kept") == 0 {
			t.Fatalf("a key in use was forgotten after %d others", i)
		}
		if len(l.keys) > 3 || l.order.Len() != len(l.keys) {
			t.Fatalf("%d keys are remembered", len(l.keys))
		}
	}
}

func TestAddressesAreLimitedBySubscriber(t *testing.T) {
	for _, same := range [][2]string{
		{"2001:db8::1", "2001:db8::ffff:1"}, {"::ffff:192.0.2.1", "192.0.2.1"}, {"fe80::1%eth0", "fe80::1"}, {"", "no address"},
	} {
		if addressKey(same[0]) != addressKey(same[1]) {
			t.Errorf("%q and %q are limited apart", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8:0:1::1"}} {
		if addressKey(other[0]) == addressKey(other[1]) {
			t.Errorf("%q and %q are limited together", other[0], other[1])
		}
	}
}
