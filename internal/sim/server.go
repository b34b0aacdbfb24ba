package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// A server is one process with a real hub. Killed, none of its goroutines gets
// another call of the store through; started again, it remembers nothing.
type server struct {
	w      *world
	name   string
	skew   time.Duration // how far its clock is ahead
	store  *store
	hub    *hub.Hub // nil while it is down
	ctx    context.Context
	cancel context.CancelFunc
	sweeps *task // under way
}

func (s *server) up() bool { return s.hub != nil }

func (s *server) start() error {
	s.store = &store{db: s.w.db, name: s.name, step: s.w.call}
	h, err := hub.New(hub.Config{Store: s.store, Domain: s.w.domain, Now: s.now, Log: slog.New(alarm{s.w})})
	if err != nil {
		return err
	}
	s.hub = h
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return nil
}

func (s *server) now() time.Time { return s.w.now().Add(s.skew) }

// kill ends the process; nothing that it waits for takes place any more.
func (s *server) kill() {
	s.hub = nil
	s.store.dead.Store(true)
	s.w.gate.kill(s.store)
	s.cancel()
	for _, c := range s.w.conns {
		if c.server == s {
			c.breakOff()
		}
	}
}

// who labels the operations of a request.
type who struct{}

func labelled(ctx context.Context, label string) context.Context {
	return context.WithValue(ctx, who{}, label)
}

// call is what a store's operations are in the simulation: they wait for the
// scheduler. Those without a label are of a lane, of which each scope has one.
func (w *world) call(ctx context.Context, s *store, what string, write bool, do func()) error {
	if s.dead.Load() {
		return errKilled
	}
	label, ok := ctx.Value(who{}).(string)
	if !ok {
		label = "lane"
	}
	o := &op{label: s.name + " " + label + ": " + what, owner: s}
	o.do = func(f fault) {
		switch {
		case f == none:
			do()
		case f == lost:
			do()
			o.err = errFault
		case f == late && write:
			w.gate.add(&op{label: "late " + o.label, do: func(fault) { do() }})
			o.err = errFault
		default:
			o.err = errFault
			return
		}
		if o.err != nil && write {
			o.err = fmt.Errorf("%w: %w", hub.ErrUnknown, errFault)
		}
	}
	return w.gate.wait(ctx, o)
}

// serve answers a request as package api does: what goes wrong before the
// first line is a problem, afterwards the answer breaks off.
func (s *server) serve(c *conn) {
	h, ctx := s.hub, labelled(context.Background(), c.name)
	req, fault := sync.DecodeRequest(c.request)
	if fault != nil {
		s.w.fail("a phone's request cannot be read: %v", fault)
		c.answer(http.StatusBadRequest)
		return
	}
	caller := hub.Caller{Author: sync.Author{Person: c.phone.person, Device: c.phone.device}}
	pushed, err := h.Push(ctx, caller, &req)
	if err != nil {
		c.refuse(s.w, err)
		return
	}
	c.answer(http.StatusOK)
	for i := range pushed.Acks {
		if err := c.Line(&sync.Line{Ack: &pushed.Acks[i]}); err != nil {
			c.breakOff()
			return
		}
	}
	if err := h.Pull(ctx, caller, &req, pushed, c); err != nil {
		if !errors.Is(err, errGone) && hub.CodeOf(err) != hub.CodeUnavailable {
			s.w.fail("a pull failed: %v", err)
		}
		c.breakOff()
		return
	}
	c.close()
}

// A task is something that runs on a server and that nobody waits for.
type task struct{ done bool }

// run starts a task on a server. Only problems that pass are no violation.
func (s *server) run(label string, passes func(error) bool, do func(ctx context.Context, h *hub.Hub) error) *task {
	t := &task{}
	h, ctx := s.hub, labelled(s.ctx, label)
	go func() {
		err := do(ctx, h)
		if err != nil && ctx.Err() == nil && !passes(err) {
			s.w.fail("%s: %v", label, err)
		}
		s.w.note(func() { t.done = true })
	}()
	return t
}

// unavailable reports whether an error only says that the store cannot be reached.
func unavailable(err error) bool { return hub.CodeOf(err) == hub.CodeUnavailable }

// alarm is a log that takes a panic anywhere in a hub as a violation.
type alarm struct{ w *world }

// Enabled implements slog.Handler.
func (a alarm) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle implements slog.Handler.
func (a alarm) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "panic" {
		text := ""
		r.Attrs(func(at slog.Attr) bool {
			text += " " + at.String()
			return true
		})
		a.w.fail("a hub panicked:%s", text)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (a alarm) WithAttrs([]slog.Attr) slog.Handler { return a }

// WithGroup implements slog.Handler.
func (a alarm) WithGroup(string) slog.Handler { return a }
