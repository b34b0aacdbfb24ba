package push_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/push/fcmtest"
)

func TestThirdPartyAuthErrorStopsThatPlatformOnly(t *testing.T) {
	o := newOffice(t)
	o.post(4)
	o.register(0, "ios", "apple-0")
	o.register(1, "ios", "apple-1")
	o.fcm.Decide(func(p fcmtest.Push) fcmtest.Answer {
		if p.Token == "apple-0" || p.Token == "apple-1" {
			return fcmtest.Refuse("THIRD_PARTY_AUTH_ERROR")
		}
		return fcmtest.Answer{}
	})
	o.drain()
	pause := (5 * time.Minute).Milliseconds()
	o.expect(0, hub.PushWaiting, "third_party_auth_error", pause)
	o.expect(1, hub.PushWaiting, "third_party_auth_error", pause)
	o.expect(2, hub.PushSent, "", 0)
	o.expect(3, hub.PushSent, "", 0)
	if n := o.log.count("sending is stopped"); n != 1 {
		t.Errorf("it is logged %d times: %s", n, o.log.text.String())
	}
	if c := o.sender.Counts(); c.Halts != 1 {
		t.Errorf("it counts %+v", c)
	}
	o.fcm.Decide(nil)
	o.pass(pause)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
	o.expect(1, hub.PushSent, "", 0)
}

func TestRefusedCredentialsStopEverythingUntilOneMessageGoesThrough(t *testing.T) {
	o := newOffice(t)
	o.post(40)
	o.fcm.Decide(always(fcmtest.Forbid()))
	o.sender = o.hire(o.service(o.fcm.Credentials()), func(c *push.SenderConfig) { c.Batch, c.Parallel = 10, 1 })
	if n := o.drain(); n != 10 {
		t.Errorf("%d messages were taken, though the first shows that none can be sent", n)
	}
	if n := o.fcm.Requests(); n != 1 {
		t.Errorf("%d requests were made", n)
	}
	if n := o.drain(); n != 0 {
		t.Errorf("%d messages were taken during the pause", n)
	}
	pause := (5 * time.Minute).Milliseconds()
	o.expect(0, hub.PushWaiting, "permission_denied", pause)
	o.pass(pause)
	if n := o.drain(); n != 1 || o.fcm.Requests() != 2 {
		t.Errorf("after the pause %d messages were taken to try", n)
	}
	if n := o.log.count("sending is stopped"); n != 2 {
		t.Errorf("two pauses are logged %d times: %s", n, o.log.text.String())
	}
	o.fcm.Decide(nil)
	o.pass(pause)
	if n := o.drain(); n != 40 || len(o.fcm.Accepted()) != 40 {
		t.Errorf("%d messages were taken, %d arrived", n, len(o.fcm.Accepted()))
	}
	if o.log.count("sent again") != 1 {
		t.Errorf("that it works again is not logged once: %s", o.log.text.String())
	}
}

func TestCredentialsThatGoogleRefusesHaltLikeThoseThatFCMRefuses(t *testing.T) {
	o := newOffice(t)
	o.post(3)
	other, err := fcmtest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	// Tokens of the other account mean nothing to this server.
	o.sender = o.hire(o.service(other.Credentials()), nil)
	o.drain()
	for i := range 3 {
		o.expect(i, hub.PushWaiting, "unauthenticated", (5 * time.Minute).Milliseconds())
	}
	if o.fcm.Requests() != 0 || o.log.count("sending is stopped") != 1 {
		t.Errorf("%d requests; %s", o.fcm.Requests(), o.log.text.String())
	}
}

func TestWhatIsOfNoUseAnyMoreIsNotSent(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.pass(24 * hour)
	o.drain()
	o.expect(0, hub.PushSkipped, "expired", 0)
	if o.fcm.Requests() != 0 {
		t.Error("it was sent all the same")
	}
}

func TestWhatFailsIsGivenUpWhenTheNextAttemptWouldBeOfNoUse(t *testing.T) {
	o := newOffice(t)
	m := o.letter(0)
	m.Expires = o.clock.Load() + 12_000
	o.register(0, "android", "token-0")
	o.enqueue(m)
	o.fcm.Decide(always(fcmtest.Refuse("UNAVAILABLE")))
	o.drain()
	o.expect(0, hub.PushWaiting, "unavailable", 5000)
	o.pass(5000)
	o.drain()
	o.expect(0, hub.PushSkipped, "unavailable", 0)
	if c := o.sender.Counts(); c.GivenUp["unavailable"] != 1 || c.Retried != 1 {
		t.Errorf("it counts %+v", c)
	}
}

func TestWhoUsesTheDeviceNowDoesNotGetTheOthersNotice(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	if err := o.store.PutToken(t.Context(), hub.PushToken{Device: device(0), Person: person(1), Platform: "android", Token: "token-0"}); err != nil {
		t.Fatal(err)
	}
	o.drain()
	o.expect(0, hub.PushSkipped, "no_token", 0)
	if o.fcm.Requests() != 0 {
		t.Error("it was sent to somebody else")
	}
}

// dying is a store whose process dies before the outcome of a message is recorded.
type dying struct{ push.Store }

func (d dying) Finish(context.Context, hub.Message) error { return errors.New("killed") }

func TestAProcessKilledBetweenSendingAndRecordingLeavesTheMessageToTheNext(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	lease := 3 * time.Minute
	killed := o.hire(o.service(o.fcm.Credentials()), func(c *push.SenderConfig) { c.Store, c.Lease = dying{o.store}, lease })
	if _, err := killed.Drain(t.Context()); err == nil {
		t.Fatal("it did not die")
	}
	if n := o.drain(); n != 0 {
		t.Error("another took it during the lease")
	}
	o.pass(lease.Milliseconds())
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
	got := o.fcm.Accepted()
	if len(got) != 2 || got[0].Token != got[1].Token || got[0].Collapse != got[1].Collapse {
		t.Errorf("the device would show it twice: %+v", got)
	}
}

func TestASilentMessageArmedWhileItIsSentIsSentAgain(t *testing.T) {
	o := newOffice(t)
	o.register(0, "android", "token-0")
	arm := func() {
		m := hub.Message{ID: string(device(0)), Device: device(0), Person: person(0), Kind: "sync", State: hub.PushWaiting, At: o.clock.Load()}
		m.Next, m.Expires = m.At, m.At+hour
		if err := o.store.Arm(t.Context(), []hub.Message{m}, 30_000); err != nil {
			t.Error(err)
		}
	}
	arm()
	o.fcm.Decide(func(p fcmtest.Push) fcmtest.Answer {
		if p.Attempt == 1 {
			arm()
		}
		return fcmtest.Answer{}
	})
	if n := o.drain(); n != 1 {
		t.Errorf("%d were taken at once", n)
	}
	o.expect(0, hub.PushWaiting, "", 30_000)
	o.pass(30_000)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
	if n := len(o.fcm.Accepted()); n != 2 {
		t.Errorf("%d were sent", n)
	}
}

func TestASenderThatIsStoppedFinishesWhatItSendsAndPutsBackTheRest(t *testing.T) {
	o := newOffice(t)
	o.post(5)
	ctx, stop := context.WithCancel(t.Context())
	o.fcm.Decide(func(fcmtest.Push) fcmtest.Answer {
		stop()
		return fcmtest.Answer{}
	})
	one := o.hire(o.service(o.fcm.Credentials()), func(c *push.SenderConfig) { c.Parallel = 1 })
	if _, err := one.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if n := len(o.fcm.Accepted()); n != 1 {
		t.Fatalf("%d were sent", n)
	}
	sent := 0
	for i, m := range o.letters() {
		if m.State == hub.PushSent {
			sent++
			continue
		}
		o.expect(i, hub.PushWaiting, "", 0)
	}
	if sent != 1 {
		t.Errorf("%d are recorded as sent", sent)
	}
}

func TestRunSendsWhatItIsWokenFor(t *testing.T) {
	o := newOffice(t)
	arrived := make(chan struct{}, 1)
	o.fcm.Decide(func(fcmtest.Push) fcmtest.Answer {
		arrived <- struct{}{}
		return fcmtest.Answer{}
	})
	s := o.hire(o.service(o.fcm.Credentials()), func(c *push.SenderConfig) { c.Poll = time.Hour })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	o.post(1)
	s.Wake()
	s.Wake()
	select {
	case <-arrived:
	case <-shortly(t).Done():
		t.Fatal("nothing was sent")
	}
	stop()
	select {
	case <-ended:
	case <-shortly(t).Done():
		t.Fatal("it did not stop")
	}
	o.expect(0, hub.PushSent, "", 0)
}

func TestASenderSaysWhatItLacks(t *testing.T) {
	if _, err := push.NewSender(push.SenderConfig{}); err == nil {
		t.Error("nothing at all is enough")
	}
	o := newOffice(t)
	good := push.SenderConfig{Store: o.store, Service: o.service(o.fcm.Credentials()), Now: time.Now}
	if _, err := push.NewSender(good); err == nil {
		t.Error("no log is enough")
	}
}
