package hub_test

import (
	"context"
	"errors"

	"thidua/internal/hub"
	"thidua/sync"
)

// errCut is what a sink answers when the connection is cut.
var errCut = errors.New("connection cut")

// A sink is a connection to a phone. Zero fields never happen.
type sink struct {
	full   int         // documents after which a segment is closed
	stop   int         // documents after which the answer is ended
	cut    int         // lines after which the connection breaks
	onLine func(n int) // called after each line

	lines      []sync.Line
	docs, open int
}

func (s *sink) Line(l *sync.Line) error {
	if s.cut > 0 && len(s.lines) >= s.cut {
		return errCut
	}
	line, err := sync.DecodeLine(l.Append(nil))
	if err != nil {
		return err
	}
	s.lines = append(s.lines, line)
	if l.Doc != nil {
		s.docs++
		s.open++
	}
	if l.Cursor != nil {
		s.open = 0
	}
	if s.onLine != nil {
		s.onLine(len(s.lines))
	}
	return nil
}

func (s *sink) Full() bool { return s.full > 0 && s.open >= s.full }
func (s *sink) Stop() bool { return s.stop > 0 && s.docs >= s.stop }

// docLines returns the document lines about a document.
func (s *sink) docLines(id sync.DocID) (lines []sync.DocLine) {
	for _, l := range s.lines {
		if l.Doc != nil && l.Doc.Doc == id {
			lines = append(lines, *l.Doc)
		}
	}
	return lines
}

type replica map[sync.DocID]*sync.Document

func (r replica) sum() (sum uint64) {
	for _, d := range r {
		sum += d.Sum()
	}
	return sum
}

// A phone holds replicas and a queue as the protocol says, in memory.
type phone struct {
	w       *world
	who     hub.Caller
	queue   []sync.Mutation
	cursors map[sync.Scope]sync.Cursor
	replica map[sync.Scope]replica
	need    map[sync.Scope]map[sync.DocID]bool
	sums    map[sync.Scope]uint64 // the checksum that a replica must have, where it is exact
	acks    []sync.Ack            // of the last request
	end     *sync.End             // of the last answer, nil if it was cut
	dropped []sync.Scope
	resets  []sync.Scope
}

// record puts mutations into the queue.
func (p *phone) record(ms ...sync.Mutation) { p.queue = append(p.queue, ms...) }

// request is what the phone would send now, as it arrives.
func (p *phone) request() (*sync.Request, error) {
	req := sync.Request{Clock: p.w.clock.Load(), Cursors: p.cursors, Mutations: p.queue, Need: map[sync.Scope][]sync.DocID{}}
	for scope, ids := range p.need {
		for id := range ids {
			req.Need[scope] = append(req.Need[scope], id)
		}
	}
	arrived, fault := sync.DecodeRequest(req.Encode())
	if fault != nil {
		return nil, fault
	}
	return &arrived, nil
}

// sync makes one request. An answer that is cut is used as far as it came.
func (p *phone) sync(h *hub.Hub, out *sink) error {
	req, err := p.request()
	if err != nil {
		return err
	}
	pushed, err := h.Push(context.Background(), p.who, req)
	if err != nil {
		return err
	}
	sent := p.queue
	p.acks, p.queue, p.end = pushed.Acks, nil, nil
	err = h.Pull(context.Background(), p.who, req, pushed, out)
	defer func() {
		for scope, ids := range req.Need {
			for _, id := range ids { // asked for and not sent: there is no such document
				if p.end != nil {
					delete(p.need[scope], id)
				}
			}
		}
	}()
	if taken := p.take(out.lines, sent); taken != nil {
		return taken
	}
	if errors.Is(err, errCut) {
		return nil
	}
	return err
}

// once makes one request that meets no fault and fails the test otherwise.
func (p *phone) once(ms ...sync.Mutation) *sink {
	p.w.t.Helper()
	p.record(ms...)
	out := &sink{}
	p.w.must(p.sync(p.w.hub, out))
	return out
}

// take applies the lines of an answer, each segment when its cursor line comes.
func (p *phone) take(lines []sync.Line, sent []sync.Mutation) error {
	var scope sync.Scope
	var segment []sync.DocLine
	for _, l := range lines {
		switch {
		case l.Scope != nil:
			scope, segment = l.Scope.Scope, nil
		case l.Doc != nil:
			segment = append(segment, *l.Doc)
		case l.Cursor != nil:
			if err := p.close(scope, segment, l.Cursor, sent); err != nil {
				return err
			}
			segment = nil
		case l.Drop != "":
			p.dropped = append(p.dropped, l.Drop)
			delete(p.replica, l.Drop)
			delete(p.cursors, l.Drop)
		case l.Reset != "":
			p.resets = append(p.resets, l.Reset)
			delete(p.replica, l.Reset)
			delete(p.cursors, l.Reset)
		case l.End != nil:
			p.end = l.End
		}
	}
	return nil
}

func (p *phone) close(scope sync.Scope, segment []sync.DocLine, cur *sync.CursorLine, sent []sync.Mutation) error {
	r := p.replica[scope]
	if r == nil {
		r = replica{}
		p.replica[scope] = r
	}
	if p.need[scope] == nil {
		p.need[scope] = map[sync.DocID]bool{}
	}
	put := func(id sync.DocID, d *sync.Document) {
		if delete(r, id); d != nil {
			r[id] = d
		}
	}
	for i, ack := range p.acks {
		if m := &sent[i]; m.Scope == scope && ack.Outcome == sync.Applied && ack.Seq > p.cursors[scope].Seq && ack.Seq <= cur.Cursor.Seq {
			put(m.Doc, m.Onto(r[m.Doc], ack.Seq))
		}
	}
	for _, l := range segment {
		d, ok := l.Onto(r[l.Doc], scope)
		if !ok {
			p.need[scope][l.Doc] = true
			continue
		}
		put(l.Doc, d)
		delete(p.need[scope], l.Doc)
	}
	p.cursors[scope] = cur.Cursor
	delete(p.sums, scope)
	if cur.Exact {
		p.sums[scope] = cur.Checksum
	}
	if cur.Exact && len(p.need[scope]) == 0 && !p.exact(scope) {
		return errors.New("the replica of " + string(scope) + " has another checksum at " + cur.Cursor.String())
	}
	return nil
}

// exact reports whether a replica is what it must be at an exact cursor.
func (p *phone) exact(scope sync.Scope) bool {
	sum, ok := p.sums[scope]
	return ok && len(p.need[scope]) == 0 && p.replica[scope].sum() == sum
}

// equal fails the test unless a replica is exact and equals the server's
// documents, body by body.
func (p *phone) equal(scope sync.Scope) {
	p.w.t.Helper()
	if !p.exact(scope) {
		p.w.t.Fatalf("the replica of %s at %s is not exact", scope, p.cursors[scope])
	}
	live := 0
	for id, d := range p.w.documents(p.w.store, scope) {
		if d.Gone {
			continue
		}
		live++
		if mine := p.replica[scope][id]; mine == nil || mine.Version != d.Version || string(mine.Raw()) != string(d.Raw()) {
			p.w.t.Fatalf("the phone has %+v instead of %+v %s", mine, d, d.Raw())
		}
	}
	if live != len(p.replica[scope]) {
		p.w.t.Fatalf("the phone has %d documents, the server %d", len(p.replica[scope]), live)
	}
}

// settle syncs until the phone has everything.
func (p *phone) settle(h *hub.Hub) {
	p.w.t.Helper()
	for range 50 {
		p.w.must(p.sync(h, &sink{}))
		all := len(p.queue) == 0
		for scope := range p.replica {
			all = all && p.exact(scope)
		}
		if all {
			return
		}
	}
	p.w.t.Fatal("the phone does not come to rest")
}

// ack returns the acknowledgement of the last request's mutation.
func (p *phone) ack(i int) sync.Ack {
	p.w.t.Helper()
	if i >= len(p.acks) {
		p.w.t.Fatalf("%d acknowledgements", len(p.acks))
	}
	return p.acks[i]
}
