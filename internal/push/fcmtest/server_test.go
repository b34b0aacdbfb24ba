package fcmtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2/google"
)

// start returns a server and what sends a body to a path of it with a good token.
func start(t *testing.T) (*Server, func(path, body string) (int, string)) {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	account, err := google.JWTConfigFromJSON(s.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	client := account.Client(t.Context())
	return s, func(path, body string) (int, string) {
		t.Helper()
		answer, err := client.Post(s.Endpoint()+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var text bytes.Buffer
		if _, err := text.ReadFrom(answer.Body); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, text.String()
	}
}

const path = "/projects/thidua-test/messages:send"

func TestAWellMadeMessageIsTakenAndRemembered(t *testing.T) {
	s, post := start(t)
	for _, message := range []string{
		`{"token":"a"}`,
		`{"token":"a","data":{"k":"v"},"android":{"collapse_key":"sync","ttl":"3.5s","priority":"high"}}`,
		`{"token":"a","notification":{"title":"t","body":"b"},"android":{"ttl":"2419200s","notification":{"tag":"x","notification_priority":"PRIORITY_HIGH","visibility":"PRIVATE"}}}`,
		`{"token":"a","apns":{"headers":{"apns-priority":"5","apns-push-type":"background"},"payload":{"aps":{"content-available":1}}}}`,
		`{"token":"a","webpush":{"headers":{"TTL":"60","Urgency":"low","Topic":"a-b_9"},"notification":{"tag":"x","vibrate":[1,2]}}}`,
	} {
		if status, body := post(path, `{"message":`+message+`}`); status != http.StatusOK || !strings.Contains(body, `"name":"projects/thidua-test/messages/`) {
			t.Errorf("%s is answered %d: %s", message, status, body)
		}
	}
	got := s.Accepted()
	if len(got) != 5 || got[1].Collapse != "sync" || !got[1].Urgent || got[1].TTL.String() != "3.5s" || !got[1].Silent ||
		got[2].Collapse != "x" || got[2].Silent || got[2].Title != "t" || got[3].Attempt != 2 {
		t.Errorf("it remembers %+v", got)
	}
}

func TestWhatTheRealServiceRefusesIsRefused(t *testing.T) {
	s, post := start(t)
	long := func(n int) string { return strings.Repeat("x", n) }
	for name, message := range map[string]string{
		"no target":                    `{}`,
		"two targets":                  `{"token":"a","topic":"b"}`,
		"an unknown field":             `{"token":"a","colour":"red"}`,
		"an unknown field within":      `{"token":"a","android":{"notification":{"tags":"x"}}}`,
		"a number as data":             `{"token":"a","data":{"n":12}}`,
		"an object as data":            `{"token":"a","data":{"n":{}}}`,
		"data that is no object":       `{"token":"a","data":"n"}`,
		"a reserved key":               `{"token":"a","data":{"google.x":"1"}}`,
		"too much data":                `{"token":"a","data":{"n":"` + long(4096) + `"}}`,
		"too long a text":              `{"token":"a","notification":{"body":"` + long(4093) + `"}}`,
		"a time without unit":          `{"token":"a","android":{"ttl":"3"}}`,
		"a time in minutes":            `{"token":"a","android":{"ttl":"3m"}}`,
		"a time below zero":            `{"token":"a","android":{"ttl":"-3s"}}`,
		"more than four weeks":         `{"token":"a","android":{"ttl":"2419201s"}}`,
		"an unknown priority":          `{"token":"a","android":{"priority":"urgent"}}`,
		"an unknown shown priority":    `{"token":"a","android":{"notification":{"notification_priority":"HIGH"}}}`,
		"an unknown visibility":        `{"token":"a","android":{"notification":{"visibility":"none"}}}`,
		"too long an Apple identifier": `{"token":"a","apns":{"headers":{"apns-collapse-id":"` + long(65) + `"}}}`,
		"an unknown Apple priority":    `{"token":"a","apns":{"headers":{"apns-priority":"7"}}}`,
		"an Apple time in words":       `{"token":"a","apns":{"headers":{"apns-expiration":"1h"}}}`,
		"an unknown push type":         `{"token":"a","apns":{"headers":{"apns-push-type":"sync"}}}`,
		"a loud background message":    `{"token":"a","apns":{"headers":{"apns-push-type":"background","apns-priority":"10"},"payload":{"aps":{"content-available":1}}}}`,
		"a background message shown":   `{"token":"a","notification":{"title":"t"},"apns":{"headers":{"apns-push-type":"background","apns-priority":"5"},"payload":{"aps":{"content-available":1}}}}`,
		"too large an Apple payload":   `{"token":"a","apns":{"payload":{"x":"` + long(4096) + `"}}}`,
		"a web time with a unit":       `{"token":"a","webpush":{"headers":{"TTL":"3s"}}}`,
		"an unknown urgency":           `{"token":"a","webpush":{"headers":{"Urgency":"medium"}}}`,
		"too long a topic":             `{"token":"a","webpush":{"headers":{"Topic":"` + long(33) + `"}}}`,
		"a topic with a dot":           `{"token":"a","webpush":{"headers":{"Topic":"a.b"}}}`,
		"no JSON":                      `{`,
	} {
		status, body := post(path, `{"message":`+message+`}`)
		var answer struct {
			Error struct{ Status, Message string }
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if status != http.StatusBadRequest || answer.Error.Status != "INVALID_ARGUMENT" || answer.Error.Message == "" {
			t.Errorf("%s is answered %d: %s", name, status, body)
		}
	}
	if len(s.Accepted()) != 0 || s.Requests() != 0 {
		t.Errorf("it took %+v", s.Accepted())
	}
}

func TestOnlyTheAccountOfTheProjectMaySend(t *testing.T) {
	s, post := start(t)
	if status, body := post("/projects/another/messages:send", `{"message":{"token":"a"}}`); status != http.StatusNotFound {
		t.Errorf("another project is answered %d: %s", status, body)
	}
	answer, err := http.Post(s.Endpoint()+path, "application/json", strings.NewReader(`{"message":{"token":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody is answered %d", answer.StatusCode)
	}
	answer, err = http.PostForm(s.http.URL+"/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"e30.e30.AAAA"},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a forged assertion is answered %d", answer.StatusCode)
	}
}

func TestErrorsHaveTheDocumentedShape(t *testing.T) {
	s, post := start(t)
	for code, want := range map[string]struct {
		status    int
		canonical string
	}{
		"UNSPECIFIED_ERROR":      {500, "UNKNOWN"},
		"INVALID_ARGUMENT":       {400, "INVALID_ARGUMENT"},
		"UNREGISTERED":           {404, "NOT_FOUND"},
		"SENDER_ID_MISMATCH":     {403, "PERMISSION_DENIED"},
		"QUOTA_EXCEEDED":         {429, "RESOURCE_EXHAUSTED"},
		"UNAVAILABLE":            {503, "UNAVAILABLE"},
		"INTERNAL":               {500, "INTERNAL"},
		"THIRD_PARTY_AUTH_ERROR": {401, "UNAUTHENTICATED"},
	} {
		s.Decide(func(Push) Answer { return Refuse(code) })
		status, body := post(path, `{"message":{"token":"a"}}`)
		var answer struct {
			Error struct {
				Code    int
				Status  string
				Details []struct {
					Type      string `json:"@type"`
					ErrorCode string
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		e := answer.Error
		if status != want.status || e.Code != want.status || e.Status != want.canonical || len(e.Details) != 1 || e.Details[0].ErrorCode != code ||
			e.Details[0].Type != "type.googleapis.com/google.firebase.fcm.v1.FcmError" {
			t.Errorf("%s is %d: %s", code, status, body)
		}
	}
}
