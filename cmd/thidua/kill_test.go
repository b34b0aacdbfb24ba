package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
	"thidua/sync/client"
)

var enrolmentCode = regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}`)

// announced passes on what is written and tells the first line.
type announced struct {
	io.Writer
	once stdsync.Once
	said chan string
}

func (a *announced) Write(p []byte) (int, error) {
	a.once.Do(func() { a.said <- string(p) })
	return a.Writer.Write(p)
}

// process is a real server process.
type process struct {
	cmd *exec.Cmd
	url string
}

// serveProcess starts this test binary as `thidua serve`.
func serveProcess(t *testing.T, data, addr string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--data", data, "--addr", addr)
	cmd.Env = append(os.Environ(), asServer+"=1")
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 512)
	n, err := out.Read(said)
	if err != nil {
		t.Fatalf("the server did not start: %v", err)
	}
	p := &process{cmd: cmd}
	for _, word := range strings.Fields(string(said[:n])) {
		if strings.HasPrefix(word, "http://") {
			p.url = word
		}
	}
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// prepare stores the five systems and enrols people of cluster A, then lets go
// of the database. It returns an enrolment code for each phone.
func prepare(t *testing.T, data string) []string {
	t.Helper()
	srv, err := open(t.Context(), settings{data: data, store: "sqlite", log: slog.New(slog.DiscardHandler), limits: demoLimits()})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.close()
	for _, s := range systems.Load() {
		if err := srv.loadSystem(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := srv.hub.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for i, h := range hands() {
		p, err := srv.auth.AddPerson(t.Context(), operator, hub.Person{
			Login: fmt.Sprintf("p%d", i), Name: h.name, Grants: []sync.Grant{{Role: h.role, Subject: sync.ID(systems.Unit(h.unit))}},
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		code, _, err := srv.auth.IssueCode(t.Context(), operator, p.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	return codes
}

// freeAddr returns an address nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// A kill is due after some answers have come back to phones.
type countdown struct {
	base http.RoundTripper
	mu   stdsync.Mutex
	left int
	zero chan struct{}
}

func (c *countdown) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	if c.left--; c.left == 0 {
		close(c.zero)
	}
	c.mu.Unlock()
	return c.base.RoundTrip(req)
}

func (c *countdown) arm(n int) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.zero = n, make(chan struct{})
	return c.zero
}

func TestServerKilledWhilePhonesPushLosesAndDoublesNothing(t *testing.T) {
	data, addr := t.TempDir(), freeAddr(t)
	codes := prepare(t, data)
	server := serveProcess(t, data, addr)
	defer func() { server.kill() }()
	count := &countdown{base: transport()}
	var phones []*phone
	for i, h := range hands() {
		c, err := client.Open(client.Config{
			Path: filepath.Join(t.TempDir(), "phone"), URL: "http://" + addr, HTTP: &http.Client{Transport: count}, Schema: emulation.New().Schema(), Attempts: 1000,
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Enrol(t.Context(), codes[i], h.name); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		phones = append(phones, &phone{name: h.name, unit: h.unit, role: h.role, client: c})
	}
	const rounds, editsARound = 6, 8
	for round := range rounds {
		due := count.arm(3 + 5*round)
		var pushing stdsync.WaitGroup
		for n, p := range phones {
			pushing.Go(func() {
				for i := range editsARound {
					e := entry{doc: "meeting", path: sync.Pointer(fmt.Sprintf("/minutes/k%d", n)), value: sync.Object{"order": int64(100 + n), "text": fmt.Sprintf("Máy %d.", n)}}
					if round+i > 0 {
						e.path, e.value = e.path.Join("text"), fmt.Sprintf("Máy %d, lượt %d, lần %d.", n, round, i)
					}
					if err := p.write(e); err != nil {
						t.Error(err)
						return
					}
					if _, err := p.client.Sync(t.Context()); err != nil {
						t.Errorf("%s: %v", p.name, err)
						return
					}
				}
			})
		}
		<-due
		server.kill()
		server = serveProcess(t, data, addr)
		pushing.Wait()
	}
	for _, p := range phones {
		if _, err := p.client.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err := p.client.Status(); err != nil || !s.Synced() {
			t.Errorf("%s is not in sync: %+v, %v", p.name, s, err)
		}
	}
	server.kill()
	checkKilled(t, data, phones, rounds*editsARound)
}

// checkKilled reads the database from outside.
func checkKilled(t *testing.T, data string, phones []*phone, edits int) {
	t.Helper()
	srv, err := open(t.Context(), settings{data: data, store: "sqlite", log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.close()
	scope := sync.ClusterScope(systems.Cluster("A"))
	commits, err := srv.store.Commits(t.Context(), scope, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[sync.MutationID]int{}
	for i := range commits {
		c := &commits[i]
		if c.Seq != int64(i+1) || i > 0 && c.Prev != commits[i-1].Hash() {
			t.Fatalf("the log is broken at %d", i+1)
		}
		for _, r := range c.Receipts {
			seen[r.Mutation]++
			if r.Outcome == sync.Queued || r.Outcome == sync.Rejected {
				t.Errorf("a false %s: %s", r.Outcome, r.Code)
			}
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("mutation %s is in the log %d times", id, n)
		}
	}
	if want := len(phones) * edits; len(seen) != want {
		t.Errorf("%d mutations in the log, %d were recorded", len(seen), want)
	}
	caller := hub.Caller{Author: sync.Author{Grants: []sync.Grant{{Role: emulation.Admin}}}}
	theirs, err := srv.hub.Live(t.Context(), caller, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range phones {
		for _, d := range theirs {
			mine, err := p.client.Base(scope, d.ID)
			if err != nil || mine == nil || mine.Version != d.Version || string(mine.Raw()) != string(d.Raw()) {
				t.Errorf("%s holds another %s than the server (%v)", p.name, d.Type, err)
			}
		}
	}
}
