package push_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/push/fcmtest"
)

// weather is what goes wrong with which messages: of all attempts one in twenty,
// in every way that is worth another attempt. What it decides follows from the
// seed, the message and the attempt, in whatever order they come.
type weather struct{ seed uint64 }

// failures are the ways; of the last two FCM has the message and cannot say so.
func failures() []fcmtest.Answer {
	return []fcmtest.Answer{
		fcmtest.Refuse("INTERNAL"),
		fcmtest.Refuse("UNSPECIFIED_ERROR"),
		after(fcmtest.Refuse("UNAVAILABLE"), "20"),
		after(fcmtest.Refuse("QUOTA_EXCEEDED"), "60"),
		fcmtest.Status(http.StatusBadGateway),
		{Cut: fcmtest.CutBefore},
		{Cut: fcmtest.CutAfter},
		{Cut: fcmtest.CutWithin},
	}
}

func (w weather) decide(p fcmtest.Push) fcmtest.Answer {
	sum := w.seed
	for _, c := range []byte(p.Token) {
		sum = sum*1_099_511_628_211 + uint64(c)
	}
	r := rand.New(rand.NewPCG(sum, uint64(p.Attempt)))
	if r.IntN(20) > 0 {
		return fcmtest.Answer{}
	}
	ways := failures()
	return ways[r.IntN(len(ways))]
}

// lost reports whether FCM took an attempt and the sender could not know.
func (w weather) lost(p fcmtest.Push) bool {
	cut := w.decide(p).Cut
	return cut == fcmtest.CutAfter || cut == fcmtest.CutWithin
}

// drainAll has some senders work on the queue, each as a process of its own,
// until nothing waits, moving the clock to when the next message is due.
func (o *office) drainAll(senders []*push.Sender) {
	o.t.Helper()
	for {
		var group errgroup.Group
		for _, s := range senders {
			group.Go(func() error {
				_, err := s.Drain(context.WithoutCancel(o.t.Context()))
				return err
			})
		}
		if err := group.Wait(); err != nil {
			o.t.Fatal(err)
		}
		_, next, err := o.store.Queue(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		if next == 0 {
			return
		}
		o.clock.Store(max(next, o.clock.Load()))
	}
}

// settled fails unless each of n notices was sent, and arrived once, but for
// those of which the answer was lost: these arrived again as the same notice.
func (o *office) settled(n int, w weather) (repeated int) {
	o.t.Helper()
	for _, m := range o.letters() {
		if m.State != hub.PushSent {
			o.t.Errorf("%s is %s for %q after %d attempts", m.ID, m.State, m.Reason, m.Attempts)
		}
	}
	type shown struct{ token, tag string }
	known := map[shown]int{}
	for _, p := range o.fcm.Accepted() {
		at := shown{p.Token, p.Collapse}
		known[at]++
		if w.lost(p) {
			known[at]--
			repeated++
		}
	}
	for at, times := range known {
		if times != 1 {
			o.t.Errorf("%s arrived %d times on %s with an answer", at.tag, times, at.token)
		}
	}
	if len(known) != n {
		o.t.Errorf("the devices show %d notices, not %d", len(known), n)
	}
	return repeated
}

func TestNoticesAreDrainedThroughErrorsNoneLostNoneDoubled(t *testing.T) {
	const notices = 1500
	w := weather{uint64(time.Now().UnixNano())}
	t.Logf("seed %d", w.seed)
	o := newOffice(t)
	o.fcm.Decide(w.decide)
	o.post(notices)
	var senders []*push.Sender
	for range 3 {
		senders = append(senders, o.hire(o.service(o.fcm.Credentials()), func(c *push.SenderConfig) { c.Batch = 100 }))
	}
	o.drainAll(senders)
	repeated := o.settled(notices, w)
	var sent, retried int64
	for _, s := range senders {
		c := s.Counts()
		sent, retried = sent+c.Sent, retried+c.Retried
	}
	if sent != notices || retried < notices/50 || retried > notices/10 {
		t.Errorf("they count %d sent and %d attempts that failed", sent, retried)
	}
	t.Logf("%d attempts failed, after %d of which FCM had the notice", retried, repeated)
}

// BenchmarkTenThousandNotices drains them through the real SDK, one attempt in
// twenty failing, from SQLite to the stand-in in the same process, with which it
// shares the processors and the memory.
func BenchmarkTenThousandNotices(b *testing.B) {
	const notices = 10_000
	w := weather{1}
	var peak uint64
	for b.Loop() {
		b.StopTimer()
		o := newOffice(b)
		o.fcm.Decide(func(p fcmtest.Push) fcmtest.Answer {
			if o.fcm.Requests()%500 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse+m.StackInuse)
			}
			return w.decide(p)
		})
		o.post(notices)
		b.StartTimer()
		o.drainAll([]*push.Sender{o.sender})
		b.StopTimer()
		o.settled(notices, w)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N)*notices/b.Elapsed().Seconds(), "notices/s")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-at-most")
}
