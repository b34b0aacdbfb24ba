package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// tester is what *testing.T, *testing.B and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// A clock is a time that passes only when told to.
type clock struct{ milli atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMilli(c.milli.Load()) }
func (c *clock) pass(d time.Duration) { c.milli.Add(d.Milliseconds()) }

// A world is a server on the embedded store, listening on this machine.
type world struct {
	clock *clock
	store *sqlite.Store
	hub   *hub.Hub
	auth  *auth.Auth
	push  *push.Push
	api   *API
	log   *logBook
	url   string
	http  *http.Client
	spec  *spec
	count atomic.Int64
}

// A logBook keeps what was logged.
type logBook struct {
	mu   stdsync.Mutex
	text bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func unlimited() auth.Rate { return auth.Rate{Every: time.Nanosecond, Burst: 1_000_000} }

// newWorld starts a server that ends with the test.
func newWorld(t testing.TB, change ...func(*Config)) *world {
	return newWorldOf(t, emulation.New(), change...)
}

func newWorldOf(t testing.TB, domain hub.Domain, change ...func(*Config)) *world {
	t.Helper()
	w := buildWorld(t, domain, change...)
	w.serve(t)
	return w
}

// buildWorld returns a world that does not listen yet.
func buildWorld(t testing.TB, domain hub.Domain, change ...func(*Config)) *world {
	t.Helper()
	w := &world{clock: &clock{}, log: &logBook{}, spec: loadSpec(t)}
	w.clock.milli.Store(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).UnixMilli())
	log := slog.New(slog.NewTextHandler(w.log, nil))
	var err error
	if w.store, err = sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "thidua.db")}); err != nil {
		t.Fatal(err)
	}
	if w.hub, err = hub.New(hub.Config{Store: w.store, Domain: domain, Now: w.clock.now, Log: log}); err != nil {
		t.Fatal(err)
	}
	if w.push, err = push.New(push.Config{
		Hub: w.hub, Domain: emulation.New(), Store: w.store, Logs: w.store, People: w.store, Now: w.clock.now, Log: log, Sender: newSender(t, w, log),
	}); err != nil {
		t.Fatal(err)
	}
	w.auth, err = auth.New(auth.Config{
		Store: w.store, Now: w.clock.now, Manages: isAdmin, Revoked: w.push.Forget,
		Limits: auth.Limits{SignInIP: unlimited(), SignInLogin: unlimited(), EnrolIP: unlimited(), Refresh: unlimited()},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Hub: w.hub, Auth: w.auth, Push: w.push, Log: log, Now: w.clock.now, Rate: unlimited()}
	for _, f := range change {
		f(&cfg)
	}
	if w.api, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

// newSender returns a sender whose messages nobody gets: tests look at the queue.
func newSender(t testing.TB, w *world, log *slog.Logger) *push.Sender {
	t.Helper()
	s, err := push.NewSender(push.SenderConfig{Store: w.store, Service: silence{}, Now: w.clock.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// silence is a service that takes everything and tells nobody.
type silence struct{}

func (silence) Send(context.Context, hub.PushToken, hub.Message) push.Outcome { return push.Outcome{} }

// serve listens until the test ends.
func (w *world) serve(t testing.TB) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + ln.Addr().String()
	w.http = &http.Client{Transport: &http.Transport{DisableCompression: true}}
	served := make(chan error, 1)
	go func() { served <- w.api.Listen(ln) }()
	t.Cleanup(func() {
		w.http.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.api.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("listen: %v", err)
		}
		if err := w.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

func isAdmin(a sync.Author, at int64) bool {
	for _, g := range a.Grants {
		if g.Role == emulation.Admin && g.ValidAt(at) {
			return true
		}
	}
	return false
}

func operator() auth.Actor { return auth.Actor{Author: sync.Author{Person: sync.Server}} }

// id returns a new version 7 identifier made now.
func (w *world) id() sync.ID {
	n := w.count.Add(1)
	return sync.MakeID(w.clock.milli.Load(), uint16(n), uint64(n)*0x9e3779b97f4a7c15)
}

// name returns the identifier of the unit, cluster or other thing of a name.
func name(s string) sync.DocID { return sync.DocID(sync.NameID("test", s)) }

// put stores documents of the server's own.
func (w *world) put(t tester, scope sync.Scope, puts ...hub.Put) {
	t.Helper()
	if _, err := w.hub.Store(context.Background(), scope, sync.Server, puts); err != nil {
		t.Fatalf("store: %v", err)
	}
}

// settle stores units as members of a cluster for all of 2026, and its period.
func (w *world) settle(t tester, cluster string, units ...string) {
	t.Helper()
	puts := []hub.Put{
		{Doc: name(cluster), Type: emulation.TypeCluster, Body: sync.Object{"code": cluster, "kind": "cluster", "name": "Cụm " + cluster}},
		{Doc: name("2026"), Type: emulation.TypePeriod, Body: sync.Object{"code": "2026", "kind": "year", "title": "Năm 2026", "from": "2026-01-01", "to": "2026-12-31"}},
	}
	for _, u := range units {
		puts = append(puts,
			hub.Put{Doc: name(u), Type: emulation.TypeUnit, Body: sync.Object{"code": u, "names": sync.Object{"n1": sync.Object{"name": "Đơn vị " + u}}}},
			hub.Put{Doc: name(cluster + u), Type: emulation.TypeMembership, Body: sync.Object{"unit": string(name(u)), "cluster": string(name(cluster)), "from": "2026-01-01", "to": "2026-12-31"}})
	}
	w.put(t, sync.Org, puts...)
}

func grant(role sync.Role, subject string) sync.Grant {
	if subject == "" {
		return sync.Grant{Role: role}
	}
	return sync.Grant{Role: role, Subject: sync.ID(name(subject))}
}

// A phone is a signed-in device.
type phone struct {
	w       *world
	session sessionView
}

// phone adds a person with grants and signs a new phone in for them.
func (w *world) phone(t tester, grants ...sync.Grant) *phone {
	t.Helper()
	login := fmt.Sprint("person", w.count.Add(1))
	p, err := w.auth.AddPerson(context.Background(), operator(), hub.Person{Login: login, Name: "Nguyễn Văn An", Grants: grants}, "")
	if err != nil {
		t.Fatalf("add person: %v", err)
	}
	return w.enrol(t, p.ID)
}

// enrol signs another phone of a person in, over HTTP.
func (w *world) enrol(t tester, person sync.PersonID) *phone {
	t.Helper()
	code, _, err := w.auth.IssueCode(context.Background(), operator(), person, 0)
	if err != nil {
		t.Fatalf("issue code: %v", err)
	}
	p := &phone{w: w}
	r := w.call(t, nil, http.MethodPost, "/v1/enrol", map[string]any{"code": code, "device": w.id(), "name": "Điện thoại", "platform": "android"})
	r.want(t, http.StatusOK)
	r.decode(t, &p.session)
	return p
}

// A reply is an answer, inflated.
type reply struct {
	status int
	header http.Header
	body   []byte
	wire   int // bytes of the body as sent
	cut    bool
}

func (r *reply) want(t tester, status int) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
}

func (r *reply) decode(t tester, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
}

// problem fails unless the answer is a problem of a status and code, with both sentences.
func (r *reply) problem(t tester, status int, code sync.Code) problem {
	t.Helper()
	r.want(t, status)
	var p problem
	r.decode(t, &p)
	if p.Code != code || p.Status != status || p.VI == "" || p.EN == "" || r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("want a problem of code %q with both sentences: %s", code, r.body)
	}
	return p
}

// call makes a request with a JSON body that fits the contract, and holds the
// answer to it.
func (w *world) call(t tester, p *phone, method, path string, body any) *reply {
	t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			t.Fatalf("encode: %v", err)
		}
	}
	w.spec.request(t, method, path, raw)
	return w.send(t, p, method, path, raw, nil)
}

// send makes a request as it is. Its answer is held to the contract.
func (w *world) send(t tester, p *phone, method, path string, body []byte, header map[string]string) *reply {
	t.Helper()
	req, err := http.NewRequest(method, w.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	if p != nil {
		req.Header.Set("Authorization", "Bearer "+p.session.Access)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Encoding", "gzip")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	r := read(t, resp)
	w.spec.answer(t, method, path, r)
	return r
}

func read(t tester, resp *http.Response) *reply {
	t.Helper()
	raw, err := io.ReadAll(resp.Body)
	r := &reply{status: resp.StatusCode, header: resp.Header, body: raw, wire: len(raw), cut: err != nil}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("gzip: %v", err)
		}
		if r.body, err = io.ReadAll(z); err != nil && !(r.cut && errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Fatalf("gzip: %v", err)
		}
	}
	return r
}

// sync makes a sync request that must succeed and returns the lines of its answer.
func (p *phone) sync(t tester, req sync.Request) []sync.Line {
	t.Helper()
	raw := req.Encode()
	p.w.spec.request(t, http.MethodPost, "/v1/sync", raw)
	r := p.w.send(t, p, http.MethodPost, "/v1/sync", raw, nil)
	r.want(t, http.StatusOK)
	return r.lines(t)
}

// raw makes a sync request that may not fit the contract.
func (p *phone) raw(t tester, body []byte) *reply {
	t.Helper()
	return p.w.send(t, p, http.MethodPost, "/v1/sync", body, nil)
}

// lines reads the lines of a sync answer.
func (r *reply) lines(t tester) []sync.Line {
	t.Helper()
	var lines []sync.Line
	for _, raw := range bytes.SplitAfter(r.body, []byte("\n")) {
		if len(raw) == 0 || raw[len(raw)-1] != '\n' {
			continue
		}
		l, err := sync.DecodeLine(raw)
		if err != nil {
			t.Fatalf("line %s: %v", raw, err)
		}
		lines = append(lines, l)
	}
	return lines
}

func acks(lines []sync.Line) (found []sync.Ack) {
	for _, l := range lines {
		if l.Ack != nil {
			found = append(found, *l.Ack)
		}
	}
	return found
}

// docs returns the documents of an answer by scope and identifier.
func docs(lines []sync.Line) map[sync.Scope]map[sync.DocID]sync.DocLine {
	found := map[sync.Scope]map[sync.DocID]sync.DocLine{}
	var scope sync.Scope
	for _, l := range lines {
		switch {
		case l.Scope != nil:
			scope = l.Scope.Scope
		case l.Doc != nil:
			if found[scope] == nil {
				found[scope] = map[sync.DocID]sync.DocLine{}
			}
			found[scope][l.Doc.Doc] = *l.Doc
		}
	}
	return found
}

func ended(lines []sync.Line) bool { return len(lines) > 0 && lines[len(lines)-1].End != nil }

// cursors returns where the scopes of an answer end.
func cursors(lines []sync.Line) map[sync.Scope]sync.Cursor {
	found := map[sync.Scope]sync.Cursor{}
	var scope sync.Scope
	for _, l := range lines {
		switch {
		case l.Scope != nil:
			scope = l.Scope.Scope
		case l.Cursor != nil:
			found[scope] = l.Cursor.Cursor
		}
	}
	return found
}

// meeting returns the body of a meeting.
func meeting(title string) sync.Object {
	return sync.Object{"kind": "year_end", "title": title, "held_on": "2026-03-01"}
}

// create returns a mutation that creates a meeting in a unit.
func (w *world) create(unit string, body sync.Object) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: sync.DocID(w.id()), Scope: sync.UnitScope(name(unit)), Type: emulation.TypeMeeting, Create: body}
}

// edit returns a mutation that changes one place of a document.
func (w *world) edit(of sync.Mutation, base int64, path sync.Pointer, was, now sync.Value) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: of.Doc, Scope: of.Scope, Base: base, Edits: []sync.Edit{{Path: path, Was: was, Now: now}}}
}
