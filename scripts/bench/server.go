package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"thidua/sync"
	"thidua/sync/client"
)

// build compiles the server once.
func (b *bench) build(ctx context.Context) error {
	b.binary = filepath.Join(b.dir, "thidua")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "thidua/cmd/thidua").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

// A server is a real process on a database of its own.
type server struct {
	bench  *bench
	dir    string
	store  string
	url    string
	cmd    *exec.Cmd
	people int
	phones int
}

var codePattern = regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}`)

// start runs a fresh server on the embedded store; stop it.
func (b *bench) start(ctx context.Context) (*server, error) { return b.startOn(ctx, "sqlite") }

// startOn runs a fresh server on a store that is empty; stop it.
func (b *bench) startOn(ctx context.Context, store string) (*server, error) {
	dir, err := os.MkdirTemp(b.dir, "server-")
	if err != nil {
		return nil, err
	}
	s := &server{bench: b, dir: dir, store: store}
	s.cmd = exec.CommandContext(ctx, b.binary, "serve", "--data", dir, "--store", store, "--addr", "127.0.0.1:0", "--sync-rate", "100000")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "http://") {
			s.url = word
		}
	}
	return s, nil
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// code adds a person of a unit and returns an enrolment code.
func (s *server) code(ctx context.Context, unit sync.ID) (string, error) {
	s.people++
	cmd := exec.CommandContext(ctx, s.bench.binary, "user", "add", "--data", s.dir, "--store", s.store, "--login", fmt.Sprintf("p%d", s.people), "--name", "Bench",
		"--role", "unit_staff", "--subject", string(unit))
	cmd.Stdin = bytes.NewReader(nil)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("user add: %w", err)
	}
	return codePattern.FindString(string(out)), nil
}

// phone enrols a phone of a unit. It talks to the server directly until
// through sends it elsewhere.
func (s *server) phone(ctx context.Context, unit sync.ID) (*handset, error) {
	code, err := s.code(ctx, unit)
	if err != nil {
		return nil, err
	}
	s.phones++
	h := &handset{path: filepath.Join(s.dir, fmt.Sprintf("phone-%d", s.phones)), unit: unit, scope: sync.UnitScope(sync.DocID(unit))}
	if err := h.through(s.url); err != nil {
		return nil, err
	}
	return h, h.client.Enrol(ctx, code, "bench")
}

// A handset is a phone whose way to the server can be changed.
type handset struct {
	path   string
	unit   sync.ID
	scope  sync.Scope
	client *client.Client
}

// through reopens the phone with another address of the server, with no
// connection left open from before.
func (h *handset) through(url string) error {
	if h.client != nil {
		if err := h.client.Close(); err != nil {
			return err
		}
	}
	var err error
	h.client, err = client.Open(client.Config{Path: h.path, URL: url, HTTP: &http.Client{Transport: &http.Transport{DisableCompression: true}}})
	return err
}
