package sim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	stdsync "sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
	"thidua/sync/client"
)

// A world is everything a history happens to. It lives in a bubble of its own
// time. One goroutine, the scheduler, runs its methods unless they say
// otherwise, and only while all others stand still.
type world struct {
	seed    uint64
	dir     string
	gate    *gate
	db      *database
	domain  *domain
	servers []*server
	phones  []*phone
	conns   []*conn
	tasks   map[string]int
	saved   *state // backup of the store
	values  int
	check   *checker
	met     map[string]int // what happened how often

	choice  step         // being carried out
	armed   fault        // for the next operation
	doubled bool         // the next request is
	clock   atomic.Int64 // steps taken
	trace   []string     // what took place

	mu        stdsync.Mutex // guards what other goroutines tell
	violation error
}

// people is how many there are, the admin aside.
const people = 3

// base is how far the bubble's time is behind the world's.
const base = 26 * 365 * 24 * time.Hour

func (w *world) now() time.Time { return time.Now().Add(base) }

// fail notes a violation; the first counts. Any goroutine may call it.
func (w *world) fail(format string, args ...any) {
	w.note(func() {
		if w.violation == nil {
			w.violation = fmt.Errorf("step %d: "+format, append([]any{w.clock.Load()}, args...)...)
		}
	})
}

// note changes what the scheduler reads. Any goroutine may call it.
func (w *world) note(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) violated() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.violation
}

// log adds a line to the trace.
func (w *world) log(line string) { w.trace = append(w.trace, line+"\n") }

// see notes a violation that a check found.
func (w *world) see(err error) {
	if err != nil {
		w.fail("%w", err)
	}
}

// must notes an error that the simulation itself met.
func (w *world) must(err error) {
	if err != nil {
		w.fail("simulation: %v", err)
	}
}

// An outcome of a history.
type outcome struct {
	violation error
	trace     []string
	hash      uint64         // of the trace
	met       map[string]int // what happened how often
}

func newWorld(seed uint64, replicated bool, dir string) *world {
	w := &world{seed: seed, dir: dir, gate: &gate{}, db: newDatabase(replicated), domain: newDomain(2), tasks: map[string]int{}, met: map[string]int{}}
	w.check = newChecker(w)
	return w
}

// run runs a history. It must be called in a bubble.
func run(p plan, dir string) outcome {
	w := newWorld(p.seed, p.replicated, dir)
	w.begin(p.servers)
	for _, s := range p.steps {
		if w.violated() != nil {
			break
		}
		w.take(s)
	}
	if w.violated() == nil {
		w.settle()
	}
	w.end()
	h := fnv.New64a()
	for _, line := range w.trace {
		_, _ = h.Write([]byte(line))
	}
	w.met["request"] = len(w.conns)
	return outcome{violation: w.violated(), trace: w.trace, hash: h.Sum64(), met: w.met}
}

// begin starts servers, hands out the first grants and signs phones in.
func (w *world) begin(servers int) {
	for i := range servers {
		s := &server{w: w, name: fmt.Sprintf("s%d", i), skew: time.Duration(i*i*700) * time.Millisecond}
		w.must(s.start())
		w.servers = append(w.servers, s)
	}
	var puts []hub.Put
	for _, g := range []struct{ person, unit int }{{0, 0}, {1, 0}, {1, 1}, {2, 1}} {
		puts = append(puts, w.grantOf(g.person, g.unit, false))
	}
	puts = append(puts, w.grantOf(0, 1, true))
	w.store(w.servers[0], "first grants", puts)
	w.drain()
	for i, who := range []int{0, 0, 1, 2} { // one person has two phones
		p := &phone{w: w, name: fmt.Sprintf("p%d", i), person: person(who), lineage: newLineage()}
		w.phones = append(w.phones, p)
		w.must(p.open(nil))
		if w.violated() == nil {
			w.must(p.process.client.Enrol(p.process.ctx, "code", p.name))
		}
		p.startSync()
	}
	w.drain()
}

func person(n int) sync.PersonID { return sync.PersonID(sync.NameID("person", fmt.Sprint(n))) }

func (w *world) grantOf(who, unit int, desk bool) hub.Put {
	body := sync.Object{"person": string(person(who)), "unit": string(w.domain.units[unit])}
	if desk {
		body["desk"] = true
	}
	return hub.Put{Doc: sync.DocID(sync.NameID("grant", fmt.Sprint(who, unit, desk))), Type: typeGrant, Body: body}
}

func (w *world) store(s *server, label string, puts []hub.Put) {
	s.run(w.label(label), unavailable, func(ctx context.Context, h *hub.Hub) error {
		_, err := h.Store(ctx, sync.Org, sync.Server, puts)
		return err
	})
}

// label makes the label of a task unique.
func (w *world) label(what string) string {
	w.tasks[what]++
	return fmt.Sprintf("%s %d", what, w.tasks[what])
}

// still waits until nothing moves any more and looks at what happened.
func (w *world) still() {
	synctest.Wait()
	for _, p := range w.phones {
		for _, line := range p.said {
			w.log(line)
		}
		p.said = nil
		if s := p.process.sync; s != nil && s.done {
			p.process.sync = nil
			w.synced(p, s)
		}
	}
	w.see(w.check.step())
}

// synced looks at a phone after a call of Sync.
func (w *world) synced(p *phone, s *syncing) {
	var problem *client.Problem
	switch {
	case s.err == nil, s.waited, errors.Is(s.err, errNetwork), errors.Is(s.err, errKilled):
	case errors.As(s.err, &problem) && problem.Status == http.StatusServiceUnavailable:
	default:
		w.fail("%s: %v", p.name, s.err)
	}
	if s.report.Rebuilds > s.report.Resets && w.db.lost == 0 {
		// Where a backup was restored this may be: a cursor in the middle of an
		// answer speaks of documents that changed again later; if that later is
		// lost, they are older again than the phone was told. The checksum heals it.
		w.fail("%s found a replica to have another checksum than the server's", p.name)
	}
	if len(s.report.Stuck) > 0 && s.report.Resets == 0 {
		w.fail("%s is stuck with %v", p.name, s.report.Stuck)
	}
	w.see(w.check.replicas(p))
}

// let releases an operation.
func (w *world) let(o *op, f fault) {
	w.clock.Add(1)
	w.log(fmt.Sprintf("%s %d", o.label, f))
	w.gate.release(o, f)
	w.still()
}

// drain releases what waits until nothing does.
func (w *world) drain() {
	w.choice = step{}
	w.still()
	for n := 0; w.violated() == nil; n++ {
		able := w.gate.able()
		if len(able) == 0 {
			return
		}
		if n == 100_000 {
			w.fail("what waits never comes to an end: %s", able[0].label)
		}
		w.let(able[0], none)
	}
}

// end closes everything, so that no goroutine is left.
func (w *world) end() {
	for _, p := range w.phones {
		if p.process == nil {
			continue
		}
		p.process.killed = true
		p.process.cancel()
		w.gate.kill(p.process)
		if p.process.sync == nil {
			w.must(p.process.client.Close())
		}
	}
	for _, s := range w.servers {
		if s.up() {
			s.kill()
		}
	}
	synctest.Wait()
	if err := os.RemoveAll(w.dir); err != nil {
		w.must(err)
	}
}
