package api

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A listening is an open stream of a phone.
type listening struct {
	resp *http.Response
	text *bufio.Scanner
}

// listen opens a stream and waits until it is heard from.
func (p *phone) listen(t *testing.T) *listening {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.w.url+"/v1/sync/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.session.Access)
	resp, err := p.w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	l := &listening{resp, bufio.NewScanner(resp.Body)}
	if line := l.next(t); line != ":" {
		t.Fatalf("it begins with %q", line)
	}
	return l
}

// next returns the next line that is not empty, "" at the end.
func (l *listening) next(t *testing.T) string {
	t.Helper()
	for l.text.Scan() {
		if l.text.Text() != "" {
			return l.text.Text()
		}
	}
	if err := l.text.Err(); err != nil {
		t.Fatalf("the stream was cut: %v", err)
	}
	return ""
}

func TestAPushWakesOtherPhonesAndCarriesNoData(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u", "v")
	a, b := w.phone(t, grant(emulation.UnitStaff, "u")), w.phone(t, grant(emulation.UnitStaff, "u"))
	other := w.phone(t, grant(emulation.UnitStaff, "v"))
	l := b.listen(t)
	other.sync(t, sync.Request{Mutations: []sync.Mutation{w.create("v", meeting("Của đơn vị khác"))}})
	a.sync(t, sync.Request{Mutations: []sync.Mutation{w.create("u", meeting("Bí mật"))}})
	event, data := l.next(t), l.next(t)
	var said map[string][]sync.Scope
	if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &said); err != nil {
		t.Fatal(err)
	}
	want := map[string][]sync.Scope{"scopes": {sync.UnitScope(name("u"))}}
	if event != "event: moved" || !reflect.DeepEqual(said, want) {
		t.Errorf("%q %q", event, data)
	}
}

func TestAStreamGivesSignsOfLife(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Heartbeat = 10 * time.Millisecond })
	l := w.phone(t).listen(t)
	for range 3 {
		if line := l.next(t); line != ":" {
			t.Fatalf("%q", line)
		}
	}
}

func TestADevicesNewStreamEndsItsOldest(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t)
	first, second, third := p.listen(t), p.listen(t), p.listen(t)
	if line := first.next(t); line != "" {
		t.Errorf("the first goes on with %q", line)
	}
	w.put(t, sync.UserScope(p.session.Person), hub.Put{Doc: name("n"), Type: emulation.TypeMeeting, Body: meeting("x")})
	for _, l := range []*listening{second, third} {
		if line := l.next(t); line != "event: moved" {
			t.Errorf("%q", line)
		}
	}
}

func TestStreamsAreCappedInTotal(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Streams = 2 })
	w.phone(t).listen(t)
	w.phone(t).listen(t)
	r := w.call(t, w.phone(t), http.MethodGet, "/v1/sync/stream", nil)
	r.problem(t, http.StatusServiceUnavailable, hub.CodeUnavailable)
	if r.header.Get("Retry-After") != "60" {
		t.Errorf("%v", r.header)
	}
}

func TestAStreamFollowsTheGrants(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Recheck = 5 * time.Millisecond })
	w.settle(t, "c", "u")
	p, a := w.phone(t), w.phone(t, grant(emulation.UnitStaff, "u"))
	l := p.listen(t)
	if err := w.auth.SetGrants(context.Background(), operator(), p.session.Person, []sync.Grant{grant(emulation.UnitStaff, "u")}); err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	go func() { heard <- l.next(t) }()
	for line := ""; line == ""; { // until it has looked
		a.sync(t, sync.Request{Mutations: []sync.Mutation{w.create("u", meeting("x"))}})
		select {
		case line = <-heard:
		default:
		}
	}
	if err := w.auth.RevokeDevice(context.Background(), operator(), p.session.Device); err != nil {
		t.Fatal(err)
	}
	for line := l.next(t); line != ""; line = l.next(t) {
		if !slices.Contains([]string{":", "event: moved"}, line) && !strings.HasPrefix(line, "data: ") {
			t.Errorf("%q", line)
		}
	}
}

func TestAStreamEndsWithItsToken(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t)
	w.clock.pass(time.UnixMilli(p.session.Expires).Sub(w.clock.now()) - 20*time.Millisecond)
	if line := p.listen(t).next(t); line != "" {
		t.Errorf("%q", line)
	}
}
