package push_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/push/fcmtest"
)

func TestANoticeAndASilentMessageAreTakenByFCM(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.enqueue(hub.Message{
		ID: "silent", Device: device(0), Person: person(0), Kind: "sync", State: hub.PushWaiting, Next: o.clock.Load(),
		Expires: o.clock.Load() + 1500,
	})
	o.drain()
	got := o.fcm.Accepted()
	if len(got) != 2 {
		t.Fatalf("%d messages were taken: %s", len(got), o.log.text.String())
	}
	notice, silent := got[0], got[1]
	if notice.Silent {
		notice, silent = silent, notice
	}
	if notice.Token != "token-0" || notice.Collapse != string(tag(0)) || notice.Body != "Còn 7 ngày" || notice.TTL != 24*time.Hour ||
		notice.Data["notice"] != string(tag(0)) {
		t.Errorf("the notice came as %+v", notice)
	}
	if !silent.Silent || silent.Collapse != "sync" || silent.TTL != 1500*time.Millisecond || silent.Data["kind"] != "sync" {
		t.Errorf("the silent message came as %+v", silent)
	}
	o.expect(0, hub.PushSent, "", 0)
	o.expect(1, hub.PushSent, "", 0)
	if c := o.sender.Counts(); c.Sent != 2 || len(c.GivenUp) != 0 {
		t.Errorf("it counts %+v", c)
	}
}

func TestUnregisteredDropsTheToken(t *testing.T) {
	o := newOffice(t)
	o.post(2)
	o.fcm.Decide(func(p fcmtest.Push) fcmtest.Answer {
		if p.Token == "token-0" {
			return fcmtest.Refuse("UNREGISTERED")
		}
		return fcmtest.Answer{}
	})
	o.drain()
	o.expect(0, hub.PushSkipped, "unregistered", 0)
	o.expect(1, hub.PushSent, "", 0)
	if len(o.tokens(0)) != 0 || len(o.tokens(1)) != 1 {
		t.Errorf("the tokens left are %v and %v", o.tokens(0), o.tokens(1))
	}
	if c := o.sender.Counts(); c.Dropped != 1 || c.GivenUp["unregistered"] != 1 {
		t.Errorf("it counts %+v", c)
	}
}

func TestUnregisteredSparesTheTokenThatCameMeanwhile(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(func(p fcmtest.Push) fcmtest.Answer {
		if p.Token == "token-0" {
			o.register(0, "android", "renewed")
			return fcmtest.Refuse("UNREGISTERED")
		}
		return fcmtest.Answer{}
	})
	o.drain()
	o.expect(0, hub.PushWaiting, "unregistered", 5000)
	o.pass(5000)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
	if got := o.fcm.Accepted(); len(got) != 1 || got[0].Token != "renewed" {
		t.Errorf("it was sent to %+v", got)
	}
}

func TestSenderIDMismatchDropsTheToken(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(always(fcmtest.Refuse("SENDER_ID_MISMATCH")))
	o.drain()
	o.expect(0, hub.PushSkipped, "sender_id_mismatch", 0)
	if len(o.tokens(0)) != 0 {
		t.Error("the token is still there")
	}
}

func TestInvalidArgumentIsGivenUpAndLoggedWithoutContent(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(always(fcmtest.Refuse("INVALID_ARGUMENT")))
	o.drain()
	o.expect(0, hub.PushSkipped, "invalid_argument", 0)
	if o.log.count("code=invalid_argument") != 1 || o.log.count("pledge_due") != 1 {
		t.Errorf("it is not logged once: %s", o.log.text.String())
	}
	for _, secret := range []string{"Cam", "ngày", "token-0"} {
		if o.log.count(secret) != 0 {
			t.Errorf("the log has %q", secret)
		}
	}
	if len(o.tokens(0)) != 1 {
		t.Error("the token was dropped, though it may have been the message")
	}
}

func TestQuotaExceededWaitsAMinuteAtLeast(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(once(fcmtest.Refuse("QUOTA_EXCEEDED")))
	o.drain()
	o.expect(0, hub.PushWaiting, "quota_exceeded", 65_000)
	o.pass(64_999)
	if n := o.drain(); n != 0 {
		t.Error("it was tried again too early")
	}
	o.pass(1)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
	if c := o.sender.Counts(); c.Retried != 1 || c.Sent != 1 {
		t.Errorf("it counts %+v", c)
	}
}

func TestQuotaExceededHonoursRetryAfter(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(once(after(fcmtest.Refuse("QUOTA_EXCEEDED"), "300")))
	o.drain()
	o.expect(0, hub.PushWaiting, "quota_exceeded", 305_000)
}

func TestUnavailableHonoursRetryAfterAndIsNotRepeatedInPlace(t *testing.T) {
	for name, header := range map[string]string{
		"seconds": "90",
		"date":    time.UnixMilli(1_800_000_090_000).UTC().Format(http.TimeFormat),
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.post(1)
			o.fcm.Decide(once(after(fcmtest.Refuse("UNAVAILABLE"), header)))
			o.drain()
			o.expect(0, hub.PushWaiting, "unavailable", 95_000)
			if n := o.fcm.Requests(); n != 1 {
				t.Errorf("the SDK made %d requests of one attempt", n)
			}
			o.pass(95_000)
			o.drain()
			o.expect(0, hub.PushSent, "", 0)
		})
	}
}

func TestInternalIsTriedAgainWithAGrowingWait(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(always(fcmtest.Refuse("INTERNAL")))
	for _, wait := range []int64{5000, 10_000, 20_000, 40_000} {
		o.drain()
		o.expect(0, hub.PushWaiting, "internal", wait)
		o.pass(wait)
	}
}

func TestUnspecifiedErrorIsTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(always(fcmtest.Refuse("UNSPECIFIED_ERROR")))
	o.drain()
	o.expect(0, hub.PushWaiting, "unspecified_error", 5000)
}

func TestAPageOfAProxyIsTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(always(fcmtest.Status(http.StatusBadGateway)))
	o.drain()
	o.expect(0, hub.PushWaiting, "unavailable", 5000)
}

func TestNoAnswerInTimeIsTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	o.fcm.Decide(once(fcmtest.Answer{Hold: make(chan struct{})}))
	// The first attempt also fetches the access token, which must not be what takes too long.
	service := o.service(o.fcm.Credentials())
	if err := service.Check(shortly(t)); err != nil {
		t.Fatal(err)
	}
	o.sender = o.hire(service, func(c *push.SenderConfig) { c.Timeout = 200 * time.Millisecond })
	o.drain()
	o.expect(0, hub.PushWaiting, "timeout", 5000)
	if n := o.fcm.Requests(); n != 1 {
		t.Errorf("the SDK made %d requests of one attempt", n)
	}
	o.pass(5000)
	o.sender = o.hire(service, nil)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
}

func TestACutConnectionIsTriedAgainUnderTheSameIdentifier(t *testing.T) {
	for name, c := range map[string]struct {
		cut  fcmtest.Cut
		took int
	}{
		"before FCM has it":            {fcmtest.CutBefore, 1},
		"after FCM has it":             {fcmtest.CutAfter, 2},
		"in the middle of FCM's words": {fcmtest.CutWithin, 2},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.post(1)
			o.fcm.Decide(once(fcmtest.Answer{Cut: c.cut}))
			o.drain()
			o.expect(0, hub.PushWaiting, "unavailable", 5000)
			if n := o.fcm.Requests(); n != 1 {
				t.Errorf("the SDK made %d requests of one attempt", n)
			}
			o.pass(5000)
			o.drain()
			o.expect(0, hub.PushSent, "", 0)
			got := o.fcm.Accepted()
			if len(got) != c.took {
				t.Fatalf("FCM took %d messages, not %d", len(got), c.took)
			}
			for _, p := range got {
				if p.Collapse != string(tag(0)) {
					t.Errorf("one of them is %q", p.Collapse)
				}
			}
		})
	}
}

func TestAServerThatIsDownIsTriedAgain(t *testing.T) {
	o := newOffice(t)
	o.post(1)
	service := o.service(o.fcm.Credentials())
	down, err := fcmtest.New()
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	gone, err := push.NewFCM(push.FCMConfig{Credentials: o.fcm.Credentials(), Endpoint: down.Endpoint(), Now: o.now})
	if err != nil {
		t.Fatal(err)
	}
	o.sender = o.hire(gone, nil)
	o.drain()
	o.expect(0, hub.PushWaiting, "unavailable", 5000)
	o.pass(5000)
	o.sender = o.hire(service, nil)
	o.drain()
	o.expect(0, hub.PushSent, "", 0)
}

func TestCredentialsOfNoServiceAccountAreNamed(t *testing.T) {
	good := newOffice(t).fcm.Credentials()
	for name, credentials := range map[string][]byte{
		"nothing":         nil,
		"not JSON":        []byte("AIza..."),
		"another kind":    []byte(`{"type":"authorized_user","project_id":"p"}`),
		"no project":      bytes.Replace(good, []byte(`"project_id"`), []byte(`"project"`), 1),
		"no key":          bytes.Replace(good, []byte(`"private_key"`), []byte(`"key"`), 1),
		"half of the key": bytes.Replace(good, []byte(`MII`), []byte(`III`), 1),
	} {
		_, err := push.NewFCM(push.FCMConfig{Credentials: credentials, Now: time.Now})
		if !errors.Is(err, push.ErrCredentials) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCredentialsAreCheckedWithGoogle(t *testing.T) {
	o := newOffice(t)
	if err := o.service(o.fcm.Credentials()).Check(shortly(t)); err != nil {
		t.Errorf("good ones are refused: %v", err)
	}
	other, err := fcmtest.New()
	if err != nil {
		t.Fatal(err)
	}
	stolen := bytes.Replace(other.Credentials(), []byte(other.Endpoint()[:len(other.Endpoint())-3]), []byte(o.fcm.Endpoint()[:len(o.fcm.Endpoint())-3]), 1)
	if err := o.service(stolen).Check(shortly(t)); !errors.Is(err, push.ErrCredentials) {
		t.Errorf("those of another account: %v", err)
	}
	gone := o.service(other.Credentials())
	other.Close()
	if err := gone.Check(shortly(t)); err == nil || errors.Is(err, push.ErrCredentials) {
		t.Errorf("when Google cannot be asked: %v", err)
	}
}
