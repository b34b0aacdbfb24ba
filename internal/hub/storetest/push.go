package storetest

import (
	"context"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// Push is what package push asks of a store. The contract of each method is
// stated there; these are the headings.
type Push interface {
	// PutToken replaces the token of a device.
	PutToken(ctx context.Context, t hub.PushToken) error
	// DropToken removes a token that still is as named.
	DropToken(ctx context.Context, device sync.DeviceID, token string) error
	// Tokens returns those of the devices of some people.
	Tokens(ctx context.Context, people []sync.PersonID) ([]hub.PushToken, error)
	// Record adds records that are not there.
	Record(ctx context.Context, told []hub.Told) error
	// Recorded returns records by key.
	Recorded(ctx context.Context, keys []string) (map[string]hub.Told, error)
	// Told returns records by when they were due, page by page.
	Told(ctx context.Context, from, to int64, afterKey string, limit int) ([]hub.Told, error)
	// Enqueue adds messages that are not there.
	Enqueue(ctx context.Context, messages []hub.Message) error
	// Arm makes a silent message wait.
	Arm(ctx context.Context, messages []hub.Message, apart int64) error
	// Claim takes messages to send them.
	Claim(ctx context.Context, now, until int64, limit int) ([]hub.Message, error)
	// Finish says what came of a claimed message.
	Finish(ctx context.Context, m hub.Message) error
	// Queue counts messages.
	Queue(ctx context.Context) (counts map[string]int, next int64, err error)
	// Prune removes old messages.
	Prune(ctx context.Context, before int64) error
	// Followed returns how far logs were looked through.
	Followed(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]int64, error)
	// Follow moves that on if it still is as read.
	Follow(ctx context.Context, scope sync.Scope, from, to int64) error
	// Lease gives a lease to one owner.
	Lease(ctx context.Context, name, owner string, now, until int64) (bool, error)
}

// MovedPush is what package move asks of a store besides: every message there
// is, and the same put elsewhere.
type MovedPush interface {
	Push
	// Messages returns messages by ID, page by page.
	Messages(ctx context.Context, after string, limit int) ([]hub.Message, error)
	// PutMessage stores a message as it is.
	PutMessage(ctx context.Context, m hub.Message) error
	// RemoveMessage removes a message.
	RemoveMessage(ctx context.Context, id string) error
}

// RunPush checks an implementation of what push asks of a store. The open
// function returns a store that is empty, and arranges for it to be closed.
func RunPush(t *testing.T, open func(t *testing.T) Push) {
	for _, c := range []struct {
		says  string
		check func(t *testing.T, store Push)
	}{
		{"a token belongs to one device, and a device has one", tokensOfDevices},
		{"of devices that want one token at once one has it", tokenWantedByMany},
		{"what was told is recorded once", toldRecordedOnce},
		{"what was told comes by when it was due, page by page", toldInOrder},
		{"a message is enqueued once", messageEnqueuedOnce},
		{"the earliest messages are claimed, and not again before their time", earliestClaimed},
		{"of several who claim each message is taken by one", messageClaimedByOne},
		{"only the last who claimed a message finishes it", finishedByClaimer},
		{"a silent message is armed again unless it waits untouched", silentArmed},
		{"whoever arms while others send, a message is sent after the last arming", armedWhileSent},
		{"only what does not wait is pruned", pruned},
		{"a log is followed from where it was", followedByCAS},
		{"of several followers one gets on", followedByOne},
		{"a lease has one owner until it ends", leaseHeld},
		{"of several who ask for a lease one gets it", leaseForOne},
		{"an ended context changes nothing", pushEndedContext},
	} {
		t.Run(c.says, func(t *testing.T) { c.check(t, open(t)) })
	}
}

// RunMovedPush checks an implementation of what move asks of a store for push.
func RunMovedPush(t *testing.T, open func(t *testing.T) MovedPush) {
	store, ctx := open(t), t.Context()
	whole := silent("b", 7)
	whole.State, whole.Attempts, whole.Round, whole.Reason, whole.At, whole.Urgent, whole.Notice = hub.PushSkipped, 3, 4, "expired", 9, true, "n"
	for _, m := range []hub.Message{silent("c", 1), whole, silent("a", 1), silent("d", 1)} {
		wants(t, "put", store.PutMessage(ctx, m), nil)
	}
	changed := silent("a", 8)
	changed.Attempts, changed.Round = 2, 5
	wants(t, "put again", store.PutMessage(ctx, changed), nil)
	wants(t, "remove", store.RemoveMessage(ctx, "d"), nil)
	wants(t, "remove what is not there", store.RemoveMessage(ctx, "d"), nil)
	page, err := store.Messages(ctx, "", 2)
	wants(t, "the first page", err, nil)
	sameIdentity(t, "the first page", page, []hub.Message{changed, whole})
	page, err = store.Messages(ctx, "b", 2)
	wants(t, "the second page", err, nil)
	sameIdentity(t, "the second page", page, []hub.Message{silent("c", 1)})
	page, err = store.Messages(ctx, "", 0)
	wants(t, "no messages", err, nil)
	sameIdentity(t, "no messages", page, []hub.Message(nil))
}

func tokensOfDevices(t *testing.T, s Push) {
	ctx := t.Context()
	phone := hub.PushToken{Device: "b", Person: "1", Platform: "android", Token: "t1", Set: 5}
	tablet := hub.PushToken{Device: "c", Person: "1", Platform: "ios", Token: "t2", Set: 6}
	other := hub.PushToken{Device: "a", Person: "2", Platform: "web", Token: "t3", Set: 7}
	for _, token := range []hub.PushToken{tablet, other, phone, phone} {
		wants(t, "put", s.PutToken(ctx, token), nil)
	}
	has := func(what string, people []sync.PersonID, want ...hub.PushToken) {
		t.Helper()
		got, err := s.Tokens(ctx, people)
		wants(t, what, err, nil)
		sameIdentity(t, what, got, want)
	}
	has("of both", []sync.PersonID{"2", "1", "2", "3"}, other, phone, tablet)
	has("of one", []sync.PersonID{"1"}, phone, tablet)
	has("of nobody", nil)

	phone.Token, phone.Set, phone.Person, phone.Platform = "t4", 3, "2", "web"
	wants(t, "replace", s.PutToken(ctx, phone), nil)
	has("after it was replaced", []sync.PersonID{"1", "2"}, other, phone, tablet)
	other.Token, other.Set = "t2", 1
	wants(t, "take", s.PutToken(ctx, other), nil)
	has("after it was taken", []sync.PersonID{"1", "2"}, other, phone)
	wants(t, "drop an old one", s.DropToken(ctx, "b", "t1"), nil)
	wants(t, "drop another's", s.DropToken(ctx, "b", "t2"), nil)
	wants(t, "drop of nobody", s.DropToken(ctx, "z", "t4"), nil)
	has("after nothing was dropped", []sync.PersonID{"1", "2"}, other, phone)
	wants(t, "drop", s.DropToken(ctx, "b", "t4"), nil)
	has("after it was dropped", []sync.PersonID{"1", "2"}, other)
}

func toldRecordedOnce(t *testing.T, s Push) {
	ctx := t.Context()
	a := hub.Told{Key: "a", Kind: "sheet_due", Person: "1", Subject: "d", Due: 5, State: hub.PushSent, At: 6}
	b := hub.Told{Key: "b", Kind: "overdue", Person: "2", Due: 5, State: hub.PushSkipped, Reason: "done", At: 7}
	c := hub.Told{Key: "c", Kind: "overdue", Person: "2", Due: 4, State: hub.PushSent, At: 7}
	wants(t, "nothing", s.Record(ctx, nil), nil)
	wants(t, "record", s.Record(ctx, []hub.Told{a, b}), nil)
	late := a
	late.State, late.Reason, late.At = hub.PushSkipped, "too_late", 99
	wants(t, "record some again", s.Record(ctx, []hub.Told{late, c, b}), nil)
	got, err := s.Recorded(ctx, []string{"a", "b", "x", "c", "a"})
	wants(t, "recorded", err, nil)
	sameIdentity(t, "recorded", got, map[string]hub.Told{"a": a, "b": b, "c": c})
	got, err = s.Recorded(ctx, []string{"b"})
	wants(t, "one recorded", err, nil)
	sameIdentity(t, "one recorded", got, map[string]hub.Told{"b": b})
	got, err = s.Recorded(ctx, nil)
	wants(t, "none recorded", err, nil)
	sameIdentity(t, "none recorded", got, map[string]hub.Told{})
}

func toldInOrder(t *testing.T, s Push) {
	ctx := t.Context()
	var all []hub.Told
	for _, k := range []struct {
		due int64
		key string
	}{{1, "z"}, {2, "a"}, {2, "b"}, {2, "c"}, {3, "a2"}, {9, "a3"}} {
		all = append(all, hub.Told{Key: k.key, Due: k.due, State: hub.PushSent})
	}
	for _, i := range []int{3, 0, 5, 1, 4, 2} {
		wants(t, "record", s.Record(ctx, all[i:i+1]), nil)
	}
	for _, c := range []struct {
		from, to int64
		after    string
		limit    int
		want     []hub.Told
	}{
		{0, 100, "", 10, all},
		{2, 9, "", 10, all[1:5]},
		{2, 9, "a", 2, all[2:4]},
		{2, 9, "c", 10, all[4:5]},
		{2, 3, "", 2, all[1:3]},
		{2, 2, "", 10, nil},
		{3, 2, "", 10, nil},
		{0, 100, "", 0, nil},
	} {
		got, err := s.Told(ctx, c.from, c.to, c.after, c.limit)
		wants(t, "told", err, nil)
		sameIdentity(t, "told", got, c.want)
	}
}

func followedByCAS(t *testing.T, s Push) {
	ctx := t.Context()
	wants(t, "begin elsewhere", s.Follow(ctx, "unit:a", 3, 5), hub.ErrChanged)
	wants(t, "begin", s.Follow(ctx, "unit:a", 0, 5), nil)
	wants(t, "begin again", s.Follow(ctx, "unit:a", 0, 6), hub.ErrChanged)
	wants(t, "go on from elsewhere", s.Follow(ctx, "unit:a", 4, 6), hub.ErrChanged)
	wants(t, "go on", s.Follow(ctx, "unit:a", 5, 7), nil)
	wants(t, "another", s.Follow(ctx, "unit:b", 0, 1), nil)
	got, err := s.Followed(ctx, []sync.Scope{"unit:a", "unit:b", "unit:c"})
	wants(t, "followed", err, nil)
	sameIdentity(t, "followed", got, map[sync.Scope]int64{"unit:a": 7, "unit:b": 1})
	got, err = s.Followed(ctx, []sync.Scope{"unit:b"})
	wants(t, "followed one", err, nil)
	sameIdentity(t, "followed one", got, map[sync.Scope]int64{"unit:b": 1})
	got, err = s.Followed(ctx, nil)
	wants(t, "followed none", err, nil)
	sameIdentity(t, "followed none", got, map[sync.Scope]int64{})
}

func leaseHeld(t *testing.T, s Push) {
	for _, c := range []struct {
		name, owner string
		now, until  int64
		had         bool
	}{
		{"push", "a", 10, 20, true},
		{"push", "b", 19, 30, false},
		{"other", "b", 19, 30, true},
		{"push", "a", 15, 25, true}, // renewed
		{"push", "b", 24, 40, false},
		{"push", "b", 25, 40, true}, // ran out
		{"push", "a", 26, 50, false},
		{"push", "b", 30, 30, true}, // given back
		{"push", "a", 30, 50, true},
	} {
		had, err := s.Lease(t.Context(), c.name, c.owner, c.now, c.until)
		wants(t, "lease", err, nil)
		if had != c.had {
			t.Errorf("%+v: %v", c, had)
		}
	}
}

func pushEndedContext(t *testing.T, s Push) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range map[string]error{
		"put token": s.PutToken(ended, hub.PushToken{Device: "a", Person: "1", Token: "t"}),
		"record":    s.Record(ended, []hub.Told{{Key: "a"}}),
		"enqueue":   s.Enqueue(ended, []hub.Message{silent("a", 0)}),
		"arm":       s.Arm(ended, []hub.Message{silent("b", 0)}, 0),
		"follow":    s.Follow(ended, "unit:a", 0, 1),
	} {
		wants(t, what, err, context.Canceled)
	}
	_, err := s.Claim(ended, 1, 2, 3)
	wants(t, "claim", err, context.Canceled)
	_, err = s.Lease(ended, "push", "a", 1, 2)
	wants(t, "lease", err, context.Canceled)
	counts, next, err := s.Queue(t.Context())
	wants(t, "queue", err, nil)
	sameIdentity(t, "queue", counts, map[string]int{})
	if next != 0 {
		t.Errorf("something waits for %d", next)
	}
	tokens, err := s.Tokens(t.Context(), []sync.PersonID{"1"})
	wants(t, "tokens", err, nil)
	sameIdentity(t, "tokens", tokens, []hub.PushToken(nil))
}
