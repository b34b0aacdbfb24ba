package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	stdsync "sync"

	"thidua/internal/hub"
	"thidua/sync"
)

// What goes wrong on the way.
var (
	errNetwork = errors.New("the network failed")
	errGone    = errors.New("nobody reads the answer any more")
)

// A conn is one request on its way to a server and the answer on its way back.
type conn struct {
	name    string
	phone   *phone
	lineage *lineage // of the phone when it sent this
	request []byte
	server  *server
	began   int64 // when it was delivered, in steps
	full    int   // documents after which a segment is closed
	stop    int   // documents after which the answer is ended; 0: never

	mu     stdsync.Mutex
	status int
	out    bytes.Buffer // written and not read
	ended  bool         // nothing more will be written
	broken bool         // it ended too early
	gone   bool         // nobody reads
	open   int          // documents since the last cursor line
	docs   int
	told   []telling
	acks   []sync.Ack
}

// A telling is a line that was written about a scope.
type telling struct {
	scope sync.Scope
	at    int64 // in steps
	drop  bool
	reset bool
}

// Line implements hub.Sink.
func (c *conn) Line(l *sync.Line) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || c.ended {
		return errGone
	}
	c.out.Write(l.Append(nil))
	at := c.server.w.clock.Load()
	switch {
	case l.Doc != nil:
		c.docs++
		c.open++
	case l.Cursor != nil:
		c.open = 0
	case l.Scope != nil:
		c.told = append(c.told, telling{scope: l.Scope.Scope, at: at})
	case l.Drop != "":
		c.told = append(c.told, telling{scope: l.Drop, at: at, drop: true})
	case l.Reset != "":
		c.told = append(c.told, telling{scope: l.Reset, at: at, reset: true})
	case l.Ack != nil:
		c.acks = append(c.acks, *l.Ack)
	}
	return nil
}

// Full implements hub.Sink.
func (c *conn) Full() bool { return c.open >= c.full }

// Stop implements hub.Sink.
func (c *conn) Stop() bool { return c.stop > 0 && c.docs >= c.stop }

func (c *conn) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// refuse answers with a problem, which must be one that passes.
func (c *conn) refuse(w *world, err error) {
	if !unavailable(err) {
		w.fail("a push failed: %v", err)
	}
	raw, err := json.Marshal(map[string]string{"code": string(hub.CodeUnavailable)})
	if err != nil {
		w.fail("encode problem: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status, c.ended = http.StatusServiceUnavailable, true
	c.out.Write(raw)
}

func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

// breakOff ends the answer before its end: what was written still arrives.
func (c *conn) breakOff() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.ended, c.broken = true, true
	}
}

func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
}

// finished reports whether nothing will be said any more.
func (c *conn) finished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

func (c *conn) readable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Len() > 0 || c.ended
}

func (c *conn) answered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status != 0 || c.ended
}

// take returns bytes that have arrived: up to most of them, 0 for all.
func (c *conn) take(most int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.out.Len()
	switch {
	case n == 0 && c.broken:
		return nil, errNetwork
	case n == 0 && c.ended:
		return nil, io.EOF
	case most > 0:
		n = 1 + most%n
	}
	return bytes.Clone(c.out.Next(n)), nil
}

// RoundTrip implements http.RoundTripper for a phone: the request waits to be
// delivered, the answer to be read.
func (p *phone) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if r.URL.Path != "/v1/sync" {
		return p.signIn(raw)
	}
	if r.Header.Get("Content-Encoding") == "gzip" {
		if raw, err = inflate(raw); err != nil {
			return nil, err
		}
	}
	p.requests++
	name := p.name + " request " + strconv.Itoa(p.requests)
	var c *conn
	of := p.lineage
	o := &op{label: name, owner: p.process}
	o.do = func(f fault) {
		deliver := func() (*conn, error) { return p.w.deliver(name, p, of, raw) }
		if p.w.doubled {
			p.w.doubled = false
			p.w.gate.add(&op{label: name + " again", do: func(fault) { p.w.repeat(name+" again", p, of, raw) }})
		}
		switch f {
		case none:
			c, o.err = deliver()
		case failed:
			o.err = errNetwork
		case lost:
			if c, o.err = deliver(); o.err == nil {
				c.leave()
				o.err = errNetwork
			}
		default:
			p.w.gate.add(&op{label: name + " late", do: func(fault) { p.w.repeat(name+" late", p, of, raw) }})
			o.err = errNetwork
		}
	}
	if err := p.w.gate.wait(r.Context(), o); err != nil {
		return nil, err
	}
	body := &body{ctx: r.Context(), c: c, name: name, process: p.process}
	if err := body.await(c.answered, func() error { return nil }); err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/x-ndjson"}}
	if c.status != http.StatusOK {
		header = http.Header{"Retry-After": {"1"}}
	}
	if c.status == 0 {
		return nil, errNetwork // the server died before it answered
	}
	return &http.Response{StatusCode: c.status, Header: header, Body: body, Request: r}, nil
}

// deliver hands a request to a server that is up, as the scheduler's choice says.
func (w *world) deliver(name string, p *phone, of *lineage, request []byte) (*conn, error) {
	var up []*server
	for _, s := range w.servers {
		if s.up() {
			up = append(up, s)
		}
	}
	if len(up) == 0 {
		return nil, errNetwork
	}
	c := &conn{
		name: name, phone: p, lineage: of, request: request, server: up[w.choice.b%len(up)], began: w.clock.Load(),
		full: 1 + w.choice.c%4, stop: []int{0, 0, 0, 5}[w.choice.c/4%4],
	}
	w.conns = append(w.conns, c)
	w.check.sent(p, of, c)
	go c.server.serve(c)
	return c, nil
}

// repeat delivers a request whose answer nobody waits for.
func (w *world) repeat(name string, p *phone, of *lineage, request []byte) {
	if c, err := w.deliver(name, p, of, request); err == nil {
		c.leave()
	}
}

// A body is an answer as it arrives at a phone.
type body struct {
	ctx     context.Context
	c       *conn
	name    string
	process *process
	here    []byte // arrived and not read
}

// await waits for something to arrive, or for the connection to break.
func (b *body) await(ready func() bool, take func() error) error {
	o := &op{label: b.name + " answer", owner: b.process, ready: ready}
	o.do = func(f fault) {
		if f != none {
			o.err = errNetwork
			return
		}
		o.err = take()
	}
	err := b.process.phone.w.gate.wait(b.ctx, o)
	if err != nil {
		b.c.leave()
	}
	return err
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if len(b.here) == 0 {
		err := b.await(b.c.readable, func() (err error) {
			b.here, err = b.c.take(b.process.phone.w.choice.b)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, b.here)
	b.here = b.here[n:]
	return n, nil
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.c.leave()
	return nil
}

func inflate(raw []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
