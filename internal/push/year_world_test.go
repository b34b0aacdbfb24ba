package push_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// here is where the people of the year live.
func here() *time.Location { return time.FixedZone("", 7*60*60) }

// A calendar is a database in simulated time with processes that tell and send.
type calendar struct {
	t      *testing.T
	rand   *rand.Rand    // of what happens
	fate   *rand.Rand    // of who dies when, which also depends on who is faster
	store  *sqlite.Store // of the test itself, which never dies
	hub    *hub.Hub
	clock  atomic.Int64
	ids    uint64
	paths  []*sqlite.Store // of the processes
	procs  []*proc
	kills  int
	people map[sync.PersonID]hub.Person

	mu   stdsync.Mutex
	sent map[string][]sending // by message
}

// A sending is one time that a message was handed over.
type sending struct {
	at int64
	by *mortal
}

func newCalendar(t *testing.T, r *rand.Rand, processes int) *calendar {
	c := &calendar{t: t, rand: r, fate: rand.New(rand.NewPCG(r.Uint64(), 0)), people: map[sync.PersonID]hub.Person{}, sent: map[string][]sending{}}
	path := filepath.Join(t.TempDir(), "year.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(sqlite.Config{Path: path, Busy: 30 * time.Second})
		c.must(err)
		t.Cleanup(func() { c.must(s.Close()) })
		return s
	}
	c.store = open()
	c.hub = c.newHub(c.store)
	for range processes {
		c.paths = append(c.paths, open())
	}
	return c
}

func (c *calendar) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *calendar) now() time.Time { return time.UnixMilli(c.clock.Load()) }

func (c *calendar) newHub(store hub.Store) *hub.Hub {
	h, err := hub.New(hub.Config{Store: store, Domain: emulation.New(), Now: c.now, Log: slog.New(slog.DiscardHandler)})
	c.must(err)
	return h
}

const (
	lanes    = 4       // messages that one process sends at once
	recovery = 600_000 // ms from a death to another look, more than a claim lasts
)

// A proc is one server process, as far as it tells and sends, until it is killed.
type proc struct {
	*mortal
	push   *push.Push
	sender *push.Sender
}

// start starts a process on one of the connections that is killed at one of
// its writes; 0 lets it live.
func (c *calendar) start(on *sqlite.Store, writes int64, after bool) *proc {
	m := &mortal{Store: on, after: after}
	m.left.Store(writes)
	if writes == 0 {
		m.left.Store(1 << 40)
	}
	log := slog.New(slog.DiscardHandler)
	sender, err := push.NewSender(push.SenderConfig{Store: m, Service: phones{c, m}, Now: c.now, Log: log, Parallel: lanes, Lease: 5 * time.Minute})
	c.must(err)
	p, err := push.New(push.Config{
		Hub: c.newHub(m), Domain: emulation.New(), Store: m, Logs: m, People: m, Now: c.now, Log: log, Sender: sender,
	})
	c.must(err)
	return &proc{m, p, sender}
}

// pass has a process do its work once.
func (p *proc) pass(ctx context.Context) error {
	err := p.push.Step(ctx)
	_, sending := p.sender.Drain(ctx)
	return errors.Join(err, sending)
}

// look lets all processes look at the calendar at once. Those that die are
// followed by others; in the end somebody has got through.
func (c *calendar) look() {
	if c.procs == nil {
		c.procs = make([]*proc, len(c.paths))
	}
	for i, p := range c.procs {
		if p == nil || p.dead() {
			c.procs[i] = c.start(c.paths[i], 1+c.fate.Int64N(1000), c.fate.IntN(2) == 0)
		}
	}
	var working stdsync.WaitGroup
	for i, p := range c.procs {
		working.Go(func() {
			if err := p.pass(c.t.Context()); err != nil && !p.dead() {
				c.t.Errorf("process %d: %v", i, err)
			}
		})
	}
	working.Wait()
	died := 0
	for _, p := range c.procs {
		if p.dead() {
			p.died = c.clock.Load()
			died++
		}
	}
	if c.kills += died; died > 0 {
		c.clock.Add(recovery) // by then what the dead had taken is free
		c.must(c.start(c.paths[0], 0, false).pass(c.t.Context()))
	}
}

// errKilled is what a dead process gets to hear, if anybody listens.
var errKilled = errors.New("killed")

// A mortal store lets nothing through from one of its writes on, before or
// after that one was carried out: the process that used it was killed there.
type mortal struct {
	*sqlite.Store
	left  atomic.Int64
	after bool
	died  int64 // when, once it is over
}

func (m *mortal) dead() bool { return m.left.Load() <= 0 }

// write carries out a write of the living.
func (m *mortal) write(do func() error) error {
	left := m.left.Add(-1)
	if left < 0 || left == 0 && !m.after {
		return errKilled
	}
	err := do()
	if left == 0 {
		return errKilled
	}
	return err
}

func (m *mortal) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (n int, err error) {
	err = m.write(func() error { n, err = m.Store.Append(ctx, commits, docs); return err })
	return n, err
}

func (m *mortal) Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark hub.Mark) error {
	return m.write(func() error { return m.Store.Project(ctx, scope, docs, mark) })
}

func (m *mortal) Record(ctx context.Context, told []hub.Told) error {
	return m.write(func() error { return m.Store.Record(ctx, told) })
}

func (m *mortal) Enqueue(ctx context.Context, messages []hub.Message) error {
	return m.write(func() error { return m.Store.Enqueue(ctx, messages) })
}

func (m *mortal) Arm(ctx context.Context, messages []hub.Message, apart int64) error {
	return m.write(func() error { return m.Store.Arm(ctx, messages, apart) })
}

func (m *mortal) Claim(ctx context.Context, now, until int64, limit int) (taken []hub.Message, err error) {
	err = m.write(func() error { taken, err = m.Store.Claim(ctx, now, until, limit); return err })
	return taken, err
}

func (m *mortal) Finish(ctx context.Context, msg hub.Message) error {
	return m.write(func() error { return m.Store.Finish(ctx, msg) })
}

func (m *mortal) Follow(ctx context.Context, scope sync.Scope, from, to int64) error {
	return m.write(func() error { return m.Store.Follow(ctx, scope, from, to) })
}

// Lease gives the lease to everybody: nothing may rest on it.
func (m *mortal) Lease(context.Context, string, string, int64, int64) (bool, error) { return true, nil }

// phones is a push service that counts what it is handed, as long as there is
// somebody to hand it over.
type phones struct {
	c *calendar
	m *mortal
}

func (p phones) Send(_ context.Context, _ hub.PushToken, m hub.Message) push.Outcome {
	if p.m.dead() {
		return push.Outcome{Verdict: push.Later, Code: "killed"}
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if m.Notice != "" {
		p.c.sent[m.ID] = append(p.c.sent[m.ID], sending{p.c.clock.Load(), p.m})
	}
	return push.Outcome{}
}

// name returns the identifier of the thing of a name.
func name(parts ...any) sync.DocID { return sync.DocID(sync.NameID("year", fmt.Sprint(parts...))) }

// put stores documents of the server's own.
func (c *calendar) put(scope sync.Scope, typ string, id sync.DocID, body sync.Object) {
	c.t.Helper()
	_, err := c.hub.Store(c.t.Context(), scope, sync.Server, []hub.Put{{Doc: id, Type: typ, Body: body}})
	c.must(err)
}

// hire adds a person with a phone.
func (c *calendar) hire(who string, grants ...sync.Grant) sync.PersonID {
	c.t.Helper()
	id := sync.PersonID(sync.NameID("person", who))
	p := hub.Person{ID: id, Login: who, Name: who, Grants: grants, Created: c.clock.Load()}
	c.must(c.store.CreatePerson(c.t.Context(), p))
	c.people[id] = p
	token := hub.PushToken{Device: phoneOf(id), Person: id, Platform: "android", Token: "token of " + who, Set: c.clock.Load()}
	c.must(c.store.PutToken(c.t.Context(), token))
	return id
}

func phoneOf(of sync.PersonID) sync.DeviceID { return sync.DeviceID(sync.NameID("device", string(of))) }

// dismiss takes every right from a person.
func (c *calendar) dismiss(id sync.PersonID) {
	c.t.Helper()
	next := c.people[id]
	next.Grants = nil
	c.must(c.store.UpdatePerson(c.t.Context(), c.people[id], next))
	c.people[id] = next
}
