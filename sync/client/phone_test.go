package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	stdsync "sync"
	"time"

	"thidua/sync"
	"thidua/sync/client"
)

const (
	unit     = sync.Scope("unit:00000000-0000-8000-8000-000000000001")
	otherOne = sync.Scope("unit:00000000-0000-8000-8000-000000000002")
	binh     = sync.PersonID("00000000-0000-8000-8000-00000000000b")
	chau     = sync.PersonID("00000000-0000-8000-8000-00000000000c")
)

// clock stands still unless somebody moves it.
type clock struct {
	mu stdsync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) { _ = c.sleep(context.Background(), d) }

// failing is what T of testing and of rapid have in common.
type failing interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is a server with what its phones have in common.
type world struct {
	*server
	dir    string
	made   int
	opened int // seeds what is random: nothing drawn twice, and the same in every run
	phones []*phone
}

// close closes the phones that are open.
func (w *world) close() {
	for _, p := range w.phones {
		_ = p.Close()
	}
}

func newWorld(t failing, dir string) *world {
	c := &clock{t: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	w := &world{server: newServer(c), dir: dir}
	w.people["code-b"], w.people["code-c"] = binh, chau
	w.readable[binh] = []sync.Scope{unit, sync.UserScope(binh)}
	w.readable[chau] = []sync.Scope{unit, sync.UserScope(chau)}
	return w
}

// phone is a client with its file and the link it is on.
type phone struct {
	*client.Client
	w    *world
	t    failing
	path string
	link *link
}

func (w *world) phone(t failing, person sync.PersonID) *phone {
	t.Helper()
	w.made++
	p := &phone{w: w, t: t, path: filepath.Join(w.dir, fmt.Sprintf("phone-%d.db", w.made)), link: &link{to: w.server}}
	w.phones = append(w.phones, p)
	p.open()
	code := "code-b"
	if person == chau {
		code = "code-c"
	}
	p.must(p.Enrol(context.Background(), code, "a phone"))
	return p
}

func (p *phone) open() {
	p.t.Helper()
	p.w.opened++
	cfg := client.Config{
		Path: p.path, URL: "http://server.test", HTTP: &http.Client{Transport: p.link}, Now: p.w.clock.now, Sleep: p.w.clock.sleep,
		Schema: testSchema(), Random: rand.NewChaCha8([32]byte{byte(p.w.opened), byte(p.w.opened >> 8)}),
	}
	cfg.Unflushed = true
	c, err := client.Open(cfg)
	p.must(err)
	p.Client = c
}

func (p *phone) reopen() {
	p.t.Helper()
	p.must(p.Close())
	p.open()
}

// clone returns another phone with a copy of the file as it is on disk.
func (p *phone) clone() *phone {
	p.t.Helper()
	p.w.made++
	q := &phone{w: p.w, t: p.t, path: filepath.Join(p.w.dir, fmt.Sprintf("phone-%d.db", p.w.made)), link: &link{to: p.w.server}}
	raw, err := os.ReadFile(p.path)
	p.must(err)
	p.must(os.WriteFile(q.path, raw, 0o600))
	p.w.phones = append(p.w.phones, q)
	q.open()
	return q
}

func (p *phone) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%v", err)
	}
}

func (p *phone) sync() client.Report {
	p.t.Helper()
	r, err := p.Sync(context.Background())
	p.must(err)
	return r
}

func (p *phone) create(body sync.Object) sync.DocID {
	p.t.Helper()
	id, err := p.Create(unit, "note", "", body)
	p.must(err)
	return id
}

func (p *phone) set(doc sync.DocID, path sync.Pointer, v sync.Value) {
	p.t.Helper()
	p.must(p.Update(unit, doc, func(b sync.Object) sync.Object { return sync.Set(b, path, v) }))
}

func (p *phone) get(doc sync.DocID, path sync.Pointer) sync.Value {
	p.t.Helper()
	d, _, err := p.View(unit, doc)
	p.must(err)
	if d == nil {
		return nil
	}
	return sync.Get(d.Body(), path)
}

// equal checks a phone that has nothing pending against the server, body by body.
func (p *phone) equal() {
	p.t.Helper()
	s, err := p.Status()
	p.must(err)
	if !s.Synced() {
		p.t.Fatalf("the phone is not synced: %+v", s)
	}
	for _, scope := range s.Scopes {
		docs, err := p.List(scope, "")
		p.must(err)
		live := 0
		p.w.mu.Lock()
		state := p.w.ledger(scope).state
		p.w.mu.Unlock()
		for _, d := range state.Docs {
			if !d.Gone {
				live++
			}
		}
		if len(docs) != live {
			p.t.Fatalf("%s: the phone has %d documents, the server %d", scope, len(docs), live)
		}
		for _, d := range docs {
			theirs := state.Docs[d.ID]
			if theirs == nil || theirs.Gone || theirs.Version != d.Version || theirs.Type != d.Type || !bytes.Equal(theirs.Raw(), d.Raw()) {
				p.t.Fatalf("%s %s: the phone has version %d %s, the server %+v", scope, d.ID, d.Version, d.Raw(), theirs)
			}
		}
	}
}

// A fault is what the network does to one request.
type fault struct {
	refuse bool // nobody answers
	lose   bool // the request arrives, the answer does not
	twice  bool // the request arrives twice
	lines  int  // the answer is cut after so many lines; -1: before the first
	bytes  int  // the answer is cut after so many bytes
}

// link carries requests to a server and does to them what plan says.
type link struct {
	to   http.Handler
	mu   stdsync.Mutex
	plan func(n int, path string) fault
	n    int
	last int // lines of the last answer that arrived whole
}

// faults has the first requests suffer, in order.
func (l *link) faults(list ...fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := l.n
	l.plan = func(n int, _ string) fault {
		if n-from < len(list) {
			return list[n-from]
		}
		return fault{}
	}
}

var errLink = errors.New("no route to host")

func (l *link) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var f fault
	if l.plan != nil {
		f = l.plan(l.n, r.URL.Path)
	}
	l.n++
	if f.refuse {
		return nil, errLink
	}
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
	}
	if f.lines != 0 {
		r.Header.Set("X-Plain", "1")
	}
	w := httptest.NewRecorder()
	for range 1 + map[bool]int{true: 1}[f.twice] {
		w = httptest.NewRecorder()
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(sent))
		l.to.ServeHTTP(w, again)
	}
	if f.lose {
		return nil, errLink
	}
	resp := w.Result()
	got := w.Body.Bytes()
	l.last = bytes.Count(got, []byte("\n"))
	cut := len(got)
	switch {
	case f.lines > 0:
		cut = 0
		for i := 0; i < f.lines && cut < len(got); i++ {
			cut += bytes.IndexByte(got[cut:], '\n') + 1
		}
	case f.lines < 0:
		cut = 0
	case f.bytes > 0:
		cut = min(f.bytes, len(got))
	}
	resp.Body = io.NopCloser(bytes.NewReader(got))
	if cut < len(got) {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(got[:cut]), broken{}))
	}
	return resp, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
