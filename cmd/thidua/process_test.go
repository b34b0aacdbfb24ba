package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	stdsync "sync"
	"testing"

	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
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

// serveProcess starts this test binary as `thidua serve`, told by its
// environment as a container is.
func serveProcess(t *testing.T, store, data, addr string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--sync-rate", "1000")
	cmd.Env = append(os.Environ(), asServer+"=1", "THIDUA_STORE="+store, "THIDUA_DATA="+data, "THIDUA_ADDR="+addr)
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
