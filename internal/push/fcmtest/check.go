package fcmtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the real interface.
const (
	maxPayload  = 4096 // bytes of notification and data, and of Apple's payload
	maxCollapse = 64   // bytes of Apple's collapse identifier
	maxTopic    = 32   // characters of a web push topic
	maxTTL      = 28 * 24 * time.Hour
)

// shapes says which fields each object of a request has and what they hold: a
// kind of value, or the name of another object.
func shapes() map[string]map[string]string {
	return map[string]map[string]string{
		"request": {"validate_only": "bool", "message": "message"},
		"message": {
			"data": "strings", "notification": "notification", "android": "android", "webpush": "webpush", "apns": "apns",
			"fcm_options": "fcm_options", "token": "string", "topic": "string", "condition": "string",
		},
		"notification": {"title": "string", "body": "string", "image": "string"},
		"fcm_options":  {"analytics_label": "string"},
		"android": {
			"collapse_key": "string", "priority": "string", "ttl": "string", "restricted_package_name": "string", "data": "strings",
			"notification": "android_notification", "fcm_options": "fcm_options", "direct_boot_ok": "bool",
		},
		"android_notification": {
			"title": "string", "body": "string", "icon": "string", "color": "string", "sound": "string", "tag": "string",
			"click_action": "string", "body_loc_key": "string", "body_loc_args": "any", "title_loc_key": "string", "title_loc_args": "any",
			"channel_id": "string", "ticker": "string", "sticky": "bool", "event_time": "string", "local_only": "bool",
			"notification_priority": "string", "default_sound": "bool", "default_vibrate_timings": "bool",
			"default_light_settings": "bool", "vibrate_timings": "any", "visibility": "string", "notification_count": "number",
			"light_settings": "any", "image": "string", "proxy": "string",
		},
		"webpush":         {"headers": "strings", "data": "strings", "notification": "any", "fcm_options": "webpush_options"},
		"webpush_options": {"link": "string", "analytics_label": "string"},
		"apns":            {"headers": "strings", "payload": "any", "fcm_options": "apns_options", "live_activity_token": "string"},
		"apns_options":    {"analytics_label": "string", "image": "string"},
	}
}

// object is one of JSON.
type object = map[string]any

// check returns the message of a request, or the field that is wrong and why.
func (s *Server) check(body []byte) (message object, field, wrong string) {
	var request object
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&request); err != nil || d.More() {
		return nil, "", "Invalid JSON payload received."
	}
	if field, wrong = s.checkShape("request", "", request); wrong != "" {
		return nil, field, wrong
	}
	message, ok := request["message"].(object)
	if !ok {
		return nil, "message", "The message is not set."
	}
	for _, rule := range []func(object) (field, wrong string){checkTarget, checkSizes, checkAndroid, checkApple, checkWeb} {
		if field, wrong = rule(message); wrong != "" {
			return nil, field, wrong
		}
	}
	return message, "", ""
}

func (s *Server) checkShape(shape, at string, o object) (field, wrong string) {
	for name, v := range o {
		field := strings.TrimPrefix(at+"."+name, ".")
		kind, known := s.shapes[shape][name]
		good := true
		switch v := v.(type) {
		case object:
			if _, nested := s.shapes[kind]; nested {
				if field, wrong := s.checkShape(kind, field, v); wrong != "" {
					return field, wrong
				}
				break
			}
			for _, item := range v {
				_, text := item.(string)
				good = good && (kind == "any" || kind == "strings" && text)
			}
			good = good && (kind == "any" || kind == "strings")
		case string:
			good = kind == "string"
		case bool:
			good = kind == "bool"
		case json.Number:
			good = kind == "number"
		default:
			good = kind == "any"
		}
		switch {
		case !known:
			return field, fmt.Sprintf("Invalid JSON payload received. Unknown name %q: Cannot find field.", field)
		case !good:
			return field, fmt.Sprintf("Invalid value at '%s'", field)
		}
	}
	return "", ""
}

func checkTarget(m object) (field, wrong string) {
	targets := 0
	for _, name := range []string{"token", "topic", "condition"} {
		if text(m, name) != "" {
			targets++
		}
	}
	if targets != 1 {
		return "message", "Exactly one of token, topic and condition is required."
	}
	return "", ""
}

func checkSizes(m object) (field, wrong string) {
	size := 0
	for _, part := range []string{"notification", "data"} {
		for name, v := range sub(m, part) {
			value, _ := v.(string)
			size += len(name) + len(value)
		}
	}
	if size > maxPayload {
		return "message", "Message is too big."
	}
	for name := range sub(m, "data") {
		if name == "from" || name == "message_type" || strings.HasPrefix(name, "google") || strings.HasPrefix(name, "gcm") {
			return "message.data", "Invalid data payload key: " + name
		}
	}
	return "", ""
}

func checkAndroid(m object) (field, wrong string) {
	android := sub(m, "android")
	if p := text(android, "priority"); p != "" && p != "normal" && p != "high" {
		return "message.android.priority", "Invalid value: " + p
	}
	if ttl, set := android["ttl"]; set {
		if d, err := duration(ttl.(string)); err != nil || d > maxTTL {
			return "message.android.ttl", "Illegal duration format; must end with 's', and be at most 4 weeks"
		}
	}
	shown := sub(android, "notification")
	if p := text(shown, "notification_priority"); p != "" && !slices.Contains(
		[]string{"PRIORITY_MIN", "PRIORITY_LOW", "PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX"}, p) {
		return "message.android.notification.notification_priority", "Invalid value: " + p
	}
	if v := text(shown, "visibility"); v != "" && !slices.Contains([]string{"PRIVATE", "PUBLIC", "SECRET"}, v) {
		return "message.android.notification.visibility", "Invalid value: " + v
	}
	return "", ""
}

// checkApple holds what FCM and Apple's service behind it demand.
func checkApple(m object) (field, wrong string) {
	const headers, payload = "message.apns.headers", "message.apns.payload"
	apns := sub(m, "apns")
	h, aps := sub(apns, "headers"), sub(sub(apns, "payload"), "aps")
	encoded, err := json.Marshal(apns["payload"])
	switch {
	case err != nil || len(encoded) > maxPayload:
		return payload, "The payload is too large."
	case len(text(h, "apns-collapse-id")) > maxCollapse:
		return headers, "apns-collapse-id is longer than 64 bytes."
	case h["apns-priority"] != nil && !slices.Contains([]string{"1", "5", "10"}, text(h, "apns-priority")):
		return headers, "apns-priority is 1, 5 or 10."
	case h["apns-expiration"] != nil && !number(text(h, "apns-expiration")):
		return headers, "apns-expiration is a time in seconds."
	case h["apns-push-type"] != nil && !slices.Contains([]string{"alert", "background"}, text(h, "apns-push-type")):
		return headers, "apns-push-type is unknown."
	}
	if text(h, "apns-push-type") == "background" && (text(h, "apns-priority") != "5" || aps["alert"] != nil || m["notification"] != nil ||
		fmt.Sprint(aps["content-available"]) != "1") {
		return headers, "A background message has priority 5, content-available 1 and shows nothing."
	}
	return "", ""
}

// checkWeb holds what web push services demand (RFC 8030).
func checkWeb(m object) (field, wrong string) {
	const headers = "message.webpush.headers"
	h := sub(sub(m, "webpush"), "headers")
	topic := text(h, "Topic")
	switch {
	case h["TTL"] != nil && !number(text(h, "TTL")):
		return headers, "TTL is a number of seconds."
	case h["Urgency"] != nil && !slices.Contains([]string{"very-low", "low", "normal", "high"}, text(h, "Urgency")):
		return headers, "Urgency is unknown."
	case len(topic) > maxTopic || strings.ContainsFunc(topic, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}):
		return headers, "Topic has at most 32 characters of the URL-safe alphabet."
	}
	return "", ""
}

// outline picks what tests ask about from a message that was checked.
func outline(m object) Push {
	android := sub(m, "android")
	p := Push{
		Token: text(m, "token"), Collapse: text(sub(android, "notification"), "tag"), Urgent: text(android, "priority") == "high",
		Silent: m["notification"] == nil, Title: text(sub(m, "notification"), "title"), Body: text(sub(m, "notification"), "body"),
		Data: map[string]string{},
	}
	if p.Silent {
		p.Collapse = text(android, "collapse_key")
	}
	for name, v := range sub(m, "data") {
		p.Data[name], _ = v.(string)
	}
	p.TTL, _ = duration(text(android, "ttl"))
	return p
}

// duration parses one as protocol buffers write it in JSON: "3.5s".
func duration(s string) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(strings.TrimSuffix(s, "s"), ".")
	if !strings.HasSuffix(s, "s") || len(whole) > 9 || len(fraction) > 9 || !number(whole) || fraction != "" && !number(fraction) {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return time.ParseDuration(s)
}

func number(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// sub returns the object in a field, an empty one if there is none.
func sub(o object, name string) object {
	inner, _ := o[name].(object)
	return inner
}

func text(o object, name string) string {
	s, _ := o[name].(string)
	return s
}
