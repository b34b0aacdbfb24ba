package push

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"firebase.google.com/go/v4/messaging"

	"thidua/internal/hub"
	"thidua/sync"
)

// at is the time at which the messages of these tests are composed.
const at = 1_800_000_000_000

func notice() hub.Message {
	return hub.Message{
		Notice: sync.DocID(sync.NameID("notice", "1")), Kind: "pledge_due", Title: "Cam kết", Body: "Còn 7 ngày",
		Expires: at + 3_600_000,
	}
}

func composed(m hub.Message) *messaging.Message {
	return compose(hub.PushToken{Token: "token"}, m, time.UnixMilli(at))
}

func TestANoticeIsShownOnceHoweverOftenItComes(t *testing.T) {
	m := notice()
	c, id := composed(m), string(m.Notice)
	if c.Android.Notification.Tag != id || c.APNS.Headers["apns-collapse-id"] != id || c.Webpush.Notification.Tag != id {
		t.Errorf("what replaces it is not its identifier everywhere: %+v", c)
	}
	if c.Android.CollapseKey != "" {
		t.Error("a collapse key would have FCM keep four notices only")
	}
	if topic := c.Webpush.Headers["Topic"]; len(topic) != 32 || strings.Contains(topic, "-") {
		t.Errorf("the web push topic is %q", topic)
	}
	if c.Data["notice"] != id || c.Data["kind"] != m.Kind || len(c.Data) != 2 {
		t.Errorf("the data is %v", c.Data)
	}
}

func TestOnlyWhatIsUrgentWakesThePhone(t *testing.T) {
	calm := composed(notice())
	m := notice()
	m.Urgent = true
	urgent := composed(m)
	for _, pair := range [][2]string{
		{calm.Android.Priority, "normal"},
		{calm.APNS.Headers["apns-priority"], "5"},
		{calm.APNS.Payload.Aps.Sound, ""},
		{calm.Webpush.Headers["Urgency"], "normal"},
		{urgent.Android.Priority, "high"},
		{urgent.APNS.Headers["apns-priority"], "10"},
		{urgent.APNS.Payload.Aps.Sound, "default"},
		{urgent.Webpush.Headers["Urgency"], "high"},
		{urgent.APNS.Headers["apns-push-type"], "alert"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%q instead of %q", pair[0], pair[1])
		}
	}
}

func TestASilentMessageShowsNothingAndIsKeptOnce(t *testing.T) {
	c := composed(hub.Message{Kind: "sync", Urgent: true, Expires: at + 3_600_000})
	if c.Notification != nil || c.Android.Notification != nil || c.Webpush.Notification != nil || c.APNS.Payload.Aps.Alert != nil {
		t.Errorf("it shows something: %+v", c)
	}
	if c.Android.CollapseKey != "sync" || c.APNS.Headers["apns-collapse-id"] != "sync" || c.Webpush.Headers["Topic"] != "sync" {
		t.Errorf("two of them are not one: %+v", c)
	}
	if c.APNS.Headers["apns-push-type"] != "background" || c.APNS.Headers["apns-priority"] != "5" || !c.APNS.Payload.Aps.ContentAvailable {
		t.Errorf("Apple would refuse it: %+v", c.APNS)
	}
	if len(c.Data) != 1 || c.Data["kind"] != "sync" {
		t.Errorf("the data is %v", c.Data)
	}
}

func TestNobodyKeepsAMessageBeyondItsUse(t *testing.T) {
	for _, c := range []struct {
		name    string
		expires int64
		want    time.Duration
	}{
		{"in a second and a half", at + 1500, 1500 * time.Millisecond},
		{"in a year", at + 365*24*3_600_000, 28 * 24 * time.Hour},
		{"a moment ago", at - 1, 0},
	} {
		m := notice()
		m.Expires = c.expires
		if got := composed(m); *got.Android.TTL != c.want {
			t.Errorf("of no use %s, it is kept for %v, not %v", c.name, *got.Android.TTL, c.want)
		}
	}
	c := composed(notice())
	if c.Webpush.Headers["TTL"] != "3600" || c.APNS.Headers["apns-expiration"] != "1800003600" {
		t.Errorf("of no use in an hour, it says %v and %v", c.Webpush.Headers, c.APNS.Headers)
	}
}

func TestLongTextsAreCutBetweenCharacters(t *testing.T) {
	m := notice()
	m.Title, m.Body = strings.Repeat("ế", 3000), "a"+strings.Repeat("ộ", 3000)
	c := composed(m).Notification
	if len(c.Title) > maxTitle || len(c.Title) < maxTitle-4 || len(c.Body) > maxBody || len(c.Body) < maxBody-4 {
		t.Errorf("they are %d and %d bytes long", len(c.Title), len(c.Body))
	}
	if !utf8.ValidString(c.Title) || !utf8.ValidString(c.Body) || !strings.HasSuffix(c.Body, "ộ…") {
		t.Errorf("a character was cut: %q", c.Body[len(c.Body)-8:])
	}
	if got := clip("ngắn", 6); got != "ngắn" {
		t.Errorf("a short text became %q", got)
	}
}
