// Package client is a phone: a replica of the scopes its person may read and
// a queue of what that person recorded, in one file that survives kill -9.
// Recording never needs a network; Sync brings both sides together, in one
// request when nothing fails. DESIGN.md states the invariants of the file,
// ../PROTOCOL.md what passes over the wire.
package client

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	stdsync "sync"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// Config is what a Client is made from. Path and URL are required.
type Config struct {
	Path string // of the file; made if it is not there. One process has it open at a time
	URL  string // of the server, without a path, such as https://thidua.example

	HTTP     *http.Client     // nil: one of its own. Its Timeout should be zero, see Stall
	Now      func() time.Time // the phone's clock; nil: time.Now
	Random   io.Reader        // safe for use by several at once; nil: crypto/rand
	Schema   *sync.Schema     // nil: the one that FetchSchema stored, if any
	Platform string           // told when signing in; "" is "cli"

	// Sleep waits between attempts and returns early with the context's
	// error. Nil: the real thing.
	Sleep func(context.Context, time.Duration) error

	Attempts int           // failed requests in a row before Sync gives up; 0 is 20
	Stall    time.Duration // silence after which a connection counts as cut; 0 is 30 s
	Log      func(format string, args ...any)

	// Unflushed leaves writing to disk to the system: a power failure may destroy
	// the file, an end of the process does not. For simulations and tests only.
	Unflushed bool
}

// A Client is one phone. Its methods may be called at the same time; calls of
// Sync wait for one another.
type Client struct {
	cfg Config
	db  *bbolt.DB
	ids identifiers

	syncing stdsync.Mutex // held by Sync
	signing stdsync.Mutex // held while tokens change: one refresh is in flight at a time
	batch   int           // mutations in the next request; guarded by syncing
	packer  *gzip.Writer  // of requests; guarded by syncing
	audited map[sync.Scope]bool

	schema stdsync.Mutex // guards types
	types  *sync.Schema
}

const (
	defaultAttempts = 20
	defaultStall    = 30 * time.Second
	lockWait        = 5 * time.Second
)

// Open opens a phone's file, or makes a new one. An error means that the
// configuration is incomplete, the file cannot be opened, or another process
// has it open.
func Open(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case cfg.Path == "":
		return nil, errors.New("open replica: no path")
	case err != nil || u.Scheme == "" || u.Host == "":
		return nil, fmt.Errorf("open replica: %q is not the URL of a server", cfg.URL)
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = defaultAttempts
	}
	if cfg.Stall == 0 {
		cfg.Stall = defaultStall
	}
	if cfg.Platform == "" {
		cfg.Platform = "cli"
	}
	if cfg.Log == nil {
		cfg.Log = func(string, ...any) {}
	}
	db, err := openFile(cfg.Path, cfg.Unflushed)
	if err != nil {
		return nil, fmt.Errorf("open replica %s: %w", cfg.Path, err)
	}
	c := &Client{cfg: cfg, db: db, batch: maxBatch, audited: map[sync.Scope]bool{}, types: cfg.Schema}
	c.ids = identifiers{now: cfg.Now, random: cfg.Random}
	if c.types == nil {
		c.types = c.storedSchema()
	}
	return c, nil
}

// Close closes the file. Everything recorded is on disk already.
func (c *Client) Close() error { return c.db.Close() }

func (c *Client) milli() int64 { return c.cfg.Now().UnixMilli() }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// jitter returns something between half of d and d, so that phones that lost
// their connection together do not come back together.
func (c *Client) jitter(d time.Duration) time.Duration {
	var b [1]byte
	if _, err := io.ReadFull(c.cfg.Random, b[:]); err != nil {
		return d
	}
	return d/2 + d/2*time.Duration(b[0])/256
}

// identifiers makes UUIDs. Its random bits are drawn anew whenever a file is
// opened, so that clones of one file never meet, and whenever the counter has
// gone round, so that a clock that stands still repeats nothing.
type identifiers struct {
	now    func() time.Time
	random io.Reader

	mu      stdsync.Mutex
	counter uint16
	bits    uint64
}

func (g *identifiers) next() (sync.ID, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.counter&0x0fff == 0 {
		var b [8]byte
		if _, err := io.ReadFull(g.random, b[:]); err != nil {
			return "", fmt.Errorf("draw random bits: %w", err)
		}
		g.bits = binary.BigEndian.Uint64(b[:])
	}
	id := sync.MakeID(g.now().UnixMilli(), g.counter, g.bits)
	g.counter++
	return id, nil
}
