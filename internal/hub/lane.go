package hub

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"thidua/sync"
)

// A job is one commit to be: what one author does in one scope.
type job struct {
	author    sync.Author
	offset    int64
	reason    string
	org       *sync.Reference // read when the request came; nil: read it with the head
	docs      []sync.DocID
	mutations []sync.MutationID // whose receipts may be known already
	act       func(d *sync.Draft, known map[sync.MutationID]StoredReceipt) error
	done      chan result // has room for one
}

// A result of a job. Commit is nil if there was nothing to append.
type result struct {
	commit *sync.Commit
	err    error
}

// answer tells whoever waits what became of the job. The first answer counts,
// so that after a panic those without one can be found by answering all.
func (j *job) answer(r result) {
	select {
	case j.done <- r:
	default:
	}
}

// A lane is where the jobs of one scope queue, in this process. They are
// judged one after the other and appended together.
type lane struct {
	waiting []*job // guarded by Hub.mu, as is busy
	busy    bool
	// What this process knows of the log and of some documents as of its last
	// commit; nil: read it. It is right as long as nobody else appended, which
	// the next append finds out. Only the one at work looks.
	last *Mark
	docs map[sync.DocID]*sync.Document
	read map[sync.DocID]bool // those in docs, and those known not to be there
}

// forget makes the lane read everything again.
func (l *lane) forget() { l.last, l.docs, l.read = nil, nil, nil }

// keep remembers documents as of a mark, if they are few.
func (l *lane) keep(mark Mark, docs map[sync.DocID]*sync.Document, read map[sync.DocID]bool) {
	l.last, l.docs, l.read = &mark, docs, read
	size := 0
	for _, d := range docs {
		size += len(d.Raw())
	}
	if len(read) > laneDocs || size > laneBytes {
		l.docs, l.read = nil, nil
	}
}

// Bounds of what lanes remember.
const (
	laneDocs  = 64
	laneBytes = 256 << 10
	laneCount = 1000 // idle lanes; with more, some are forgotten
)

// do queues a job and waits for its result. A job is finished even if ctx
// ends: the phone will ask again and find the receipt.
func (h *Hub) do(ctx context.Context, scope sync.Scope, j *job) (*sync.Commit, error) {
	h.queue(scope, j)
	return h.wait(ctx, j)
}

// queue puts jobs into the lane of a scope, where they keep their order.
func (h *Hub) queue(scope sync.Scope, jobs ...*job) {
	for _, j := range jobs {
		j.done = make(chan result, 1)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lanes[scope]
	if l == nil {
		h.prune()
		l = &lane{}
		h.lanes[scope] = l
	}
	l.waiting = append(l.waiting, jobs...)
	if !l.busy {
		l.busy = true
		go h.drain(scope, l)
	}
}

// wait returns what became of a job.
func (h *Hub) wait(ctx context.Context, j *job) (*sync.Commit, error) {
	select {
	case r := <-j.done:
		return r.commit, r.err
	case <-ctx.Done():
		return nil, unavailable("wait for the scope", ctx.Err())
	}
}

// prune forgets lanes at rest if there are many. Hub.mu is held.
func (h *Hub) prune() {
	if len(h.lanes) < laneCount {
		return
	}
	for scope, l := range h.lanes {
		if !l.busy {
			delete(h.lanes, scope)
		}
		if len(h.lanes) < laneCount/2 {
			return
		}
	}
}

// drain works off a lane, group by group, until nothing waits.
func (h *Hub) drain(scope sync.Scope, l *lane) {
	for {
		h.mu.Lock()
		n := min(len(l.waiting), h.group)
		if n == 0 {
			l.waiting, l.busy = nil, false // let go of what the jobs held
			h.mu.Unlock()
			return
		}
		jobs := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		h.mu.Unlock()
		h.carryOut(scope, l, jobs)
	}
}

// maxAttempts bounds how often a group is judged again because another
// process was faster; each attempt means that somebody made progress.
const maxAttempts = 100

// carryOut judges a group of jobs, appends their commits and answers every
// job, whatever happens.
func (h *Hub) carryOut(scope sync.Scope, l *lane, jobs []*job) {
	ctx, cancel := context.WithTimeout(context.Background(), h.timeout)
	defer cancel()
	fail := func(err error) {
		l.forget()
		for _, j := range jobs {
			j.answer(result{err: err})
		}
	}
	defer func() {
		if v := recover(); v != nil {
			fail(h.panicked(v))
		}
	}()
	for range maxAttempts {
		again, err := h.attempt(ctx, scope, l, jobs)
		if err != nil {
			fail(unavailable("append", err))
			return
		}
		if !again {
			return
		}
		l.forget()
		for _, j := range jobs {
			j.org = nil // time has passed
		}
	}
	fail(unavailable("append", errors.New("other writers were faster every time")))
}

// panicked makes an error of what was recovered: a mistake in engine or domain
// must not end the process for everybody, nor leave anybody waiting.
func (h *Hub) panicked(v any) error {
	h.log.Error("panic", "value", v, "stack", string(debug.Stack()))
	return &Error{Code: CodeInternal, Detail: "panic", Err: fmt.Errorf("panic: %v", v)}
}

// append writes commits and, as far as that goes (ErrBehind), their documents. If the store cannot say what became of them, it is
// found out by reading; ErrTaken means: judge again.
func (h *Hub) append(ctx context.Context, scope sync.Scope, commits []sync.Commit, docs []*sync.Document) error {
	_, err := h.store.Append(ctx, commits, docs)
	if err == nil || errors.Is(err, ErrTaken) || errors.Is(err, ErrBehind) {
		return err
	}
	h.log.Warn("append: outcome unknown, reading", "scope", scope.Kind(), "err", err)
	stored, readErr := h.store.Commits(ctx, scope, commits[0].Seq-1, len(commits))
	if readErr != nil {
		return fmt.Errorf("%w; and reading what became of it: %w", err, readErr)
	}
	if len(stored) == len(commits) && stored[len(stored)-1].Hash() == commits[len(commits)-1].Hash() {
		return ErrBehind
	}
	if !errors.Is(err, ErrUnknown) && len(stored) == 0 {
		return err
	}
	return ErrTaken // none or only some are in, and more may still land: the receipts will tell
}

// appended remembers what was appended and wakes whoever waits for it.
func (h *Hub) appended(l *lane, g *group, projected bool) {
	last := &g.commits[len(g.commits)-1]
	mark := Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}
	if projected {
		l.keep(mark, g.state.Docs, g.read)
		h.recent.put(g.scope, mark)
	} else {
		l.forget()
	}
	h.waker.moved(g.scope, last.Seq)
	h.deriver.moved(g.scope)
}
