package api

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

func TestAWriteThatNobodyReadsEnds(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	c := conn{ours, 5 * time.Millisecond}
	if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
}

func TestShutdownEndsStreamsAndListening(t *testing.T) {
	w := newWorld(t)
	l := w.phone(t).listen(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := w.api.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if line := l.next(t); line != "" {
		t.Errorf("the stream goes on with %q", line)
	}
	if c, err := net.Dial("tcp", w.url[len("http://"):]); err == nil {
		t.Error("it still listens", c.Close())
	}
}

func TestShutdownBeforeListeningHolds(t *testing.T) {
	w := newWorld(t)
	a, err := New(Config{Hub: w.hub, Auth: w.auth, Push: w.push, Log: w.api.log, Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(ln); err != nil {
		t.Error(err)
	}
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	w := newWorld(t)
	whole := w.api.cfg
	for name, spoil := range map[string]func(*Config){
		"no hub":        func(c *Config) { c.Hub = nil },
		"no auth":       func(c *Config) { c.Auth = nil },
		"no log":        func(c *Config) { c.Log = nil },
		"no clock":      func(c *Config) { c.Now = nil },
		"negative size": func(c *Config) { c.Body = -1 },
		"negative time": func(c *Config) { c.Write = -1 },
		"bad rate":      func(c *Config) { c.Rate.Burst = -1 },
	} {
		cfg := whole
		spoil(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
