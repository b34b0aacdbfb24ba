package push_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/push/fcmtest"
	"thidua/internal/sqlite"
	"thidua/sync"
)

const hour = int64(3_600_000)

// office is a queue of messages in a real store, a sender that speaks with the
// stand-in through the real SDK, and a clock that stands still unless told.
type office struct {
	t      testing.TB
	fcm    *fcmtest.Server
	store  *sqlite.Store
	sender *push.Sender
	clock  atomic.Int64
	log    logged
}

// logged is what was logged, as text.
type logged struct {
	mu   stdsync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text.Bytes(), []byte(what))
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t}
	o.clock.Store(1_800_000_000_000)
	var err error
	if o.fcm, err = fcmtest.New(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.fcm.Close)
	if o.store, err = sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "push.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.store.Close(); err != nil {
			t.Error(err)
		}
	})
	o.sender = o.hire(o.service(o.fcm.Credentials()), nil)
	return o
}

func (o *office) now() time.Time { return time.UnixMilli(o.clock.Load()) }

func (o *office) service(credentials []byte) *push.FCM {
	o.t.Helper()
	f, err := push.NewFCM(push.FCMConfig{Credentials: credentials, Endpoint: o.fcm.Endpoint(), Now: o.now})
	if err != nil {
		o.t.Fatal(err)
	}
	return f
}

// hire returns a sender of the queue with a change to its configuration.
func (o *office) hire(s push.Service, change func(*push.SenderConfig)) *push.Sender {
	o.t.Helper()
	c := push.SenderConfig{
		Store: o.store, Service: s, Now: o.now, Log: slog.New(slog.NewTextHandler(&o.log, nil)),
		Random: func() float64 { return 0.5 },
	}
	if change != nil {
		change(&c)
	}
	sender, err := push.NewSender(c)
	if err != nil {
		o.t.Fatal(err)
	}
	return sender
}

func device(i int) sync.DeviceID { return sync.DeviceID(sync.NameID("device", fmt.Sprint(i))) }
func person(i int) sync.PersonID { return sync.PersonID(sync.NameID("person", fmt.Sprint(i))) }
func tag(i int) sync.DocID       { return sync.DocID(sync.NameID("notice", fmt.Sprint(i))) }

// register gives the i-th device a token.
func (o *office) register(i int, platform, token string) {
	o.t.Helper()
	t := hub.PushToken{Device: device(i), Person: person(i), Platform: platform, Token: token, Set: o.clock.Load()}
	if err := o.store.PutToken(o.t.Context(), t); err != nil {
		o.t.Fatal(err)
	}
}

// letter is a notice for the i-th device, of use for a day.
func (o *office) letter(i int) hub.Message {
	now := o.clock.Load()
	return hub.Message{
		ID: fmt.Sprintf("letter-%05d", i), Device: device(i), Person: person(i), Kind: "pledge_due", Notice: tag(i),
		Title: "Cam kết", Body: "Còn 7 ngày", Expires: now + 24*hour, State: hub.PushWaiting, Next: now, At: now,
	}
}

// post registers devices 0 to n-1 on Android and enqueues a notice for each.
func (o *office) post(n int) {
	o.t.Helper()
	letters := make([]hub.Message, n)
	for i := range n {
		o.register(i, "android", fmt.Sprintf("token-%d", i))
		letters[i] = o.letter(i)
	}
	o.enqueue(letters...)
}

func (o *office) enqueue(m ...hub.Message) {
	o.t.Helper()
	if err := o.store.Enqueue(o.t.Context(), m); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) drain() int {
	o.t.Helper()
	n, err := o.sender.Drain(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) pass(ms int64) { o.clock.Add(ms) }

// letters returns the queue, in order of identifier.
func (o *office) letters() []hub.Message {
	o.t.Helper()
	list, err := o.store.Messages(o.t.Context(), "", 1<<20)
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// expect fails unless the i-th message is in a state for a reason, to be taken
// again after a while if it waits.
func (o *office) expect(i int, state string, reason sync.Code, after int64) {
	o.t.Helper()
	m := o.letters()[i]
	if m.State != state || m.Reason != reason {
		o.t.Errorf("%s is %s for %q, not %s for %q", m.ID, m.State, m.Reason, state, reason)
	}
	if got := m.Next - o.clock.Load(); state == hub.PushWaiting && got != after {
		o.t.Errorf("%s is to be taken in %d ms, not %d", m.ID, got, after)
	}
}

func (o *office) tokens(i int) []hub.PushToken {
	o.t.Helper()
	list, err := o.store.Tokens(o.t.Context(), []sync.PersonID{person(i)})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// always answers every request alike.
func always(a fcmtest.Answer) func(fcmtest.Push) fcmtest.Answer {
	return func(fcmtest.Push) fcmtest.Answer { return a }
}

// once answers the first attempt of each message.
func once(a fcmtest.Answer) func(fcmtest.Push) fcmtest.Answer {
	return func(p fcmtest.Push) fcmtest.Answer {
		if p.Attempt == 1 {
			return a
		}
		return fcmtest.Answer{}
	}
}

// after is an answer with a Retry-After.
func after(a fcmtest.Answer, header string) fcmtest.Answer {
	a.RetryAfter = header
	return a
}

// shortly is a context for what must not take long.
func shortly(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}
