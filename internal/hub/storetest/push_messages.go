package storetest

import (
	"fmt"
	"testing"

	"thidua/internal/hub"
)

// silent returns a waiting message to a device.
func silent(device string, next int64) hub.Message {
	return hub.Message{ID: device, Device: "d", Person: "p", Kind: "sync", Title: "Tiêu đề", Body: "Còn 3 ngày", Expires: 1000, State: hub.PushWaiting, Next: next}
}

// claimed claims messages and fails the test unless they are those of some
// identifiers, in any order.
func claimed(t *testing.T, s Push, now, until int64, limit int, want ...string) map[string]hub.Message {
	t.Helper()
	got, err := s.Claim(t.Context(), now, until, limit)
	wants(t, "claim", err, nil)
	by := map[string]hub.Message{}
	for _, m := range got {
		by[m.ID] = m
		if m.State != hub.PushWaiting || m.Next != until || m.Attempts == 0 {
			t.Errorf("claimed as %+v", m)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%v were claimed, not %v", got, want)
	}
	for _, id := range want {
		if _, ok := by[id]; !ok {
			t.Fatalf("%v were claimed, not %v", got, want)
		}
	}
	return by
}

func queued(t *testing.T, s Push, next int64, want map[string]int) {
	t.Helper()
	counts, first, err := s.Queue(t.Context())
	wants(t, "queue", err, nil)
	sameIdentity(t, "queue", counts, want)
	if first != next {
		t.Errorf("the earliest waits for %d, not %d", first, next)
	}
}

func messageEnqueuedOnce(t *testing.T, s Push) {
	ctx := t.Context()
	whole := hub.Message{
		ID: "a", Device: "d", Person: "p", Kind: "sheet_due", Notice: "n", Title: "Hạn nộp", Body: "Còn 3 ngày", Urgent: true,
		Expires: 90, State: hub.PushWaiting, Next: 5, Reason: "r", At: 4, Round: 2,
	}
	wants(t, "nothing", s.Enqueue(ctx, nil), nil)
	wants(t, "enqueue", s.Enqueue(ctx, []hub.Message{whole}), nil)
	wants(t, "enqueue again", s.Enqueue(ctx, []hub.Message{silent("a", 1), silent("b", 6)}), nil)
	queued(t, s, 5, map[string]int{hub.PushWaiting: 2})
	got := claimed(t, s, 5, 50, 10, "a")["a"]
	whole.Next, whole.Attempts = 50, 1
	sameIdentity(t, "as claimed", got, whole)
	got.State, got.At, got.Next, got.Reason = hub.PushSent, 8, 7, ""
	wants(t, "finish", s.Finish(ctx, got), nil)
	wants(t, "enqueue what was sent", s.Enqueue(ctx, []hub.Message{whole}), nil)
	queued(t, s, 6, map[string]int{hub.PushWaiting: 1, hub.PushSent: 1})
}

func earliestClaimed(t *testing.T, s Push) {
	claimed(t, s, 100, 200, 10)
	var all []hub.Message
	for _, next := range []int64{5, 1, 4, 2, 3} {
		all = append(all, silent(fmt.Sprint("m", next), next))
	}
	wants(t, "enqueue", s.Enqueue(t.Context(), all), nil)
	claimed(t, s, 4, 50, 0)
	claimed(t, s, 0, 50, 10)
	claimed(t, s, 4, 50, 2, "m1", "m2")
	claimed(t, s, 4, 60, 10, "m3", "m4")
	claimed(t, s, 49, 100, 10, "m5")
	again := claimed(t, s, 50, 100, 10, "m1", "m2")
	if n := again["m1"].Attempts; n != 2 {
		t.Errorf("taken %d times", n)
	}
	queued(t, s, 60, map[string]int{hub.PushWaiting: 5})
}

func finishedByClaimer(t *testing.T, s Push) {
	ctx := t.Context()
	wants(t, "enqueue", s.Enqueue(ctx, []hub.Message{silent("a", 0)}), nil)
	first := claimed(t, s, 0, 10, 1, "a")["a"]
	second := claimed(t, s, 10, 20, 1, "a")["a"]
	first.State = hub.PushSent
	wants(t, "by the first, whose time has run out", s.Finish(ctx, first), hub.ErrChanged)
	second.Next, second.Reason, second.At = 40, "unavailable", 15
	second.Title, second.Expires = "not set", 1
	wants(t, "to try again", s.Finish(ctx, second), nil)
	claimed(t, s, 39, 60, 1)
	third := claimed(t, s, 40, 60, 1, "a")["a"]
	want := silent("a", 60)
	want.Attempts, want.Reason, want.At = 3, "unavailable", 15
	sameIdentity(t, "the third time", third, want)
	wants(t, "by the second", s.Finish(ctx, second), hub.ErrChanged)
	third.State, third.Reason = hub.PushSkipped, "expired"
	wants(t, "by the third", s.Finish(ctx, third), nil)
	wants(t, "by the third, who had no answer", s.Finish(ctx, third), nil)
	claimed(t, s, 1000, 2000, 1)
	queued(t, s, 0, map[string]int{hub.PushSkipped: 1})
	none := silent("z", 0)
	wants(t, "of what is not there", s.Finish(ctx, none), hub.ErrNotFound)
}

func silentArmed(t *testing.T, s Push) {
	ctx := t.Context()
	arm := func(at int64, expires int64) hub.Message {
		m := silent("a", at)
		m.At, m.Expires, m.Attempts, m.Round, m.State = at, expires, 9, 9, hub.PushSent // the last three are the store's
		wants(t, "arm", s.Arm(ctx, []hub.Message{m}, 30), nil)
		return m
	}
	arm(100, 500)
	queued(t, s, 100, map[string]int{hub.PushWaiting: 1})
	moved := silent("a", 101) // while it waits untouched, the phone somebody else's by now
	moved.Person, moved.At, moved.Expires = "q", 101, 600
	wants(t, "arm nothing", s.Arm(ctx, nil, 30), nil)
	wants(t, "arm two", s.Arm(ctx, []hub.Message{silent("b", 5000), moved}, 30), nil)
	first := claimed(t, s, 105, 160, 1, "a")["a"]
	want := silent("a", 160)
	want.At, want.Expires, want.Person, want.Attempts, want.Round = 100, 600, "q", 1, 1
	sameIdentity(t, "first armed", first, want)

	arm(110, 700) // while it is being sent
	want.Person = "p"
	first.State, first.At = hub.PushSent, 111
	wants(t, "finish what was armed since", s.Finish(ctx, first), hub.ErrChanged)
	queued(t, s, 130, map[string]int{hub.PushWaiting: 2}) // 30 after it was first armed
	second := claimed(t, s, 130, 190, 1, "a")["a"]
	want.Next, want.At, want.Expires, want.Round = 190, 110, 700, 2
	sameIdentity(t, "armed while being sent", second, want)
	second.State, second.At = hub.PushSent, 131
	wants(t, "finish", s.Finish(ctx, second), nil)

	arm(140, 800) // soon after it was sent
	queued(t, s, 161, map[string]int{hub.PushWaiting: 2})
	third := claimed(t, s, 161, 190, 1, "a")["a"]
	third.Next, third.At, third.Reason = 400, 162, "unavailable"
	wants(t, "to try again", s.Finish(ctx, third), nil)
	arm(200, 900) // while the service asked to be left alone
	queued(t, s, 400, map[string]int{hub.PushWaiting: 2})
	fourth := claimed(t, s, 400, 450, 1, "a")["a"]
	if fourth.Attempts != 1 || fourth.Round != 4 || fourth.Reason != "" {
		t.Errorf("armed after a failure: %+v", fourth)
	}
	fourth.State, fourth.At, fourth.Reason = hub.PushSkipped, 410, "expired"
	wants(t, "give up", s.Finish(ctx, fourth), nil)
	arm(900, 990) // long after
	queued(t, s, 900, map[string]int{hub.PushWaiting: 2})
}

func pruned(t *testing.T, s Push) {
	ctx := t.Context()
	for i, state := range []string{hub.PushSent, hub.PushSkipped, hub.PushWaiting, hub.PushSent} {
		m := silent(fmt.Sprint("m", i), 7)
		m.State, m.At = state, int64(10+i/3)
		wants(t, "enqueue", s.Enqueue(ctx, []hub.Message{m}), nil)
	}
	wants(t, "prune nothing", s.Prune(ctx, 10), nil)
	queued(t, s, 7, map[string]int{hub.PushSent: 2, hub.PushSkipped: 1, hub.PushWaiting: 1})
	wants(t, "prune", s.Prune(ctx, 11), nil)
	queued(t, s, 7, map[string]int{hub.PushSent: 1, hub.PushWaiting: 1})
	wants(t, "prune what waits and is past its use", s.Prune(ctx, 1001), nil)
	queued(t, s, 0, map[string]int{})
}
