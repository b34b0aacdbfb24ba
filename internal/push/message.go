package push

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"firebase.google.com/go/v4/messaging"

	"thidua/internal/hub"
)

// Limits of what is handed to FCM, which refuses more than 4,096 bytes of
// notification and data, and forgets a message after four weeks.
const (
	maxTitle = 256  // bytes
	maxBody  = 1024 // bytes
	longest  = 28 * 24 * time.Hour
)

// silentCollapse is the collapse identifier of all silent messages: of those
// that wait for a phone without signal one is enough.
const silentCollapse = "sync"

// compose turns a message into what FCM takes. It has the settings for Android,
// Apple's and web push alike; FCM picks those of the app that has the token.
// The data names the kind and the notice, which has come, or comes, by sync.
//
// A notice sent twice is shown once: its identifier is the tag on Android and
// the web and the collapse identifier at Apple. It is no collapse key: FCM ignores
// that with a notification, and keeps but four of them for a phone without signal.
func compose(to hub.PushToken, m hub.Message, now time.Time) *messaging.Message {
	ends := time.UnixMilli(m.Expires)
	ttl := min(max(ends.Sub(now), 0), longest)
	c := &messaging.Message{
		Token:   to.Token,
		Data:    map[string]string{"kind": m.Kind},
		Android: &messaging.AndroidConfig{Priority: "normal", TTL: &ttl},
		APNS: &messaging.APNSConfig{Headers: map[string]string{
			"apns-priority":   "5",
			"apns-expiration": strconv.FormatInt(ends.Unix(), 10),
		}},
		Webpush: &messaging.WebpushConfig{Headers: map[string]string{
			"TTL":     strconv.FormatInt(int64(ttl/time.Second), 10),
			"Urgency": "normal",
		}},
	}
	if m.Urgent {
		c.Android.Priority = "high"
		c.Webpush.Headers["Urgency"] = "high"
	}
	if m.Notice == "" {
		composeSilent(c)
	} else {
		composeNotice(c, m)
	}
	return c
}

// composeSilent asks the app to sync without showing anything. Apple wants such
// messages at the low priority, whatever they are about.
func composeSilent(c *messaging.Message) {
	c.Android.CollapseKey = silentCollapse
	c.APNS.Headers["apns-collapse-id"] = silentCollapse
	c.APNS.Headers["apns-push-type"] = "background"
	c.APNS.Payload = &messaging.APNSPayload{Aps: &messaging.Aps{ContentAvailable: true}}
	c.Webpush.Headers["Topic"] = silentCollapse
}

// composeNotice shows the title and body. On a locked Android screen they are hidden
// if its owner wants that.
func composeNotice(c *messaging.Message, m hub.Message) {
	id := string(m.Notice)
	c.Data["notice"] = id
	c.Notification = &messaging.Notification{Title: clip(m.Title, maxTitle), Body: clip(m.Body, maxBody)}

	c.Android.Notification = &messaging.AndroidNotification{
		Tag: id, Priority: messaging.PriorityDefault, Visibility: messaging.VisibilityPrivate,
	}
	aps := &messaging.Aps{ThreadID: m.Kind}
	c.APNS.Headers["apns-collapse-id"] = id
	c.APNS.Headers["apns-push-type"] = "alert"
	c.APNS.Payload = &messaging.APNSPayload{Aps: aps}
	c.Webpush.Headers["Topic"] = strings.ReplaceAll(id, "-", "") // at most 32 characters
	c.Webpush.Notification = &messaging.WebpushNotification{Tag: id}
	if m.Urgent {
		c.Android.Notification.Priority = messaging.PriorityHigh
		c.APNS.Headers["apns-priority"] = "10"
		aps.Sound = "default"
		c.Webpush.Notification.RequireInteraction = true
	}
}

// clip shortens a text to a number of bytes, not through a character.
func clip(s string, limit int) string {
	const more = "…"
	if len(s) <= limit {
		return s
	}
	cut := limit - len(more)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + more
}
