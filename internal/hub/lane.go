package hub

import (
	"context"
	"errors"
	"fmt"

	"thidua/sync"
)

// A job is one commit to be: what one author does in one scope.
type job struct {
	author    sync.Author
	offset    int64
	reason    string
	docs      []sync.DocID
	mutations []sync.MutationID // whose receipts may be known already
	act       func(d *sync.Draft, known map[sync.MutationID]StoredReceipt) error
	done      chan result
}

// A result of a job. Commit is nil if there was nothing to append.
type result struct {
	commit *sync.Commit
	err    error
}

// A lane is where the jobs of one scope queue, in this process. They are
// judged one after the other and appended together.
type lane struct {
	waiting []*job
	busy    bool
	last    *Mark // of the log, as far as this process knows; nil: read it
}

// do queues a job and waits for its result. Once a job was begun it is
// finished even if ctx ends: the phone will ask again and find the receipt.
func (h *Hub) do(ctx context.Context, scope sync.Scope, j *job) (*sync.Commit, error) {
	j.done = make(chan result, 1)
	h.mu.Lock()
	l := h.lanes[scope]
	if l == nil {
		l = &lane{}
		h.lanes[scope] = l
	}
	l.waiting = append(l.waiting, j)
	if !l.busy {
		l.busy = true
		go h.drain(scope, l)
	}
	h.mu.Unlock()
	select {
	case r := <-j.done:
		return r.commit, r.err
	case <-ctx.Done():
		return nil, unavailable("wait for the scope", ctx.Err())
	}
}

// drain works off a lane, group by group, until nothing waits.
func (h *Hub) drain(scope sync.Scope, l *lane) {
	for {
		h.mu.Lock()
		n := min(len(l.waiting), h.group)
		jobs := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		if n == 0 {
			l.busy = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), h.timeout)
		h.carryOut(ctx, scope, l, jobs)
		cancel()
	}
}

// maxAttempts bounds how often a group is judged again because another
// process was faster; each attempt means that somebody made progress.
const maxAttempts = 100

// carryOut judges a group of jobs and appends their commits.
func (h *Hub) carryOut(ctx context.Context, scope sync.Scope, l *lane, jobs []*job) {
	var err error
	for range maxAttempts {
		var again bool
		again, err = h.attempt(ctx, scope, l, jobs)
		if !again {
			break
		}
		l.last = nil
		err = errors.New("other writers were faster every time")
	}
	if err == nil {
		return
	}
	l.last = nil
	for _, j := range jobs {
		j.done <- result{err: unavailable("append", err)}
	}
}

// attempt does the work of carryOut once. It returns true if something newer
// than what was read came in between, and an error if no job was answered.
//
// The order of reading is the whole point: the head first, then receipts and
// documents. What is older than the head cannot be missed by what is read
// after it; what is newer shows itself, or makes the append fail.
func (h *Hub) attempt(ctx context.Context, scope sync.Scope, l *lane, jobs []*job) (again bool, err error) {
	head, err := h.head(ctx, scope, l)
	if err != nil {
		return false, err
	}
	known, err := h.known(ctx, jobs)
	if err != nil {
		return false, err
	}
	org, err := h.reference(ctx)
	if err != nil {
		return false, err
	}
	state, newer, err := h.state(ctx, scope, head, jobs)
	if err != nil || newer {
		return newer, err
	}
	var commits []sync.Commit
	var changed = map[sync.DocID]*sync.Document{}
	results := make([]result, len(jobs))
	for i, j := range jobs {
		d := sync.NewDraft(sync.DraftConfig{
			State: state, Rules: h.domain, Org: org, Author: j.author, Received: h.milli(), Offset: j.offset, Reason: j.reason,
		})
		if err := j.act(d, known[j.author.Device]); err != nil {
			results[i].err = err
			continue
		}
		origins, err := h.origins(ctx, scope, d.Wants(), commits)
		if err != nil {
			return false, err
		}
		c := d.Seal(origins)
		if c == nil {
			continue
		}
		state = d.Next(c)
		for _, r := range c.Receipts { // for a repetition later in this very group
			if known[c.Device] == nil {
				known[c.Device] = map[sync.MutationID]StoredReceipt{}
			}
			known[c.Device][r.Mutation] = StoredReceipt{Receipt: r, Scope: scope, Seq: c.Seq, Author: c.Author}
		}
		for _, doc := range d.Changed() {
			changed[doc.ID] = doc
		}
		commits = append(commits, *c)
		results[i].commit = c
	}
	if len(commits) > 0 {
		if err := h.append(ctx, scope, commits); err != nil {
			return errors.Is(err, ErrTaken), err
		}
		h.appended(ctx, scope, l, commits, changed)
	}
	for i, j := range jobs {
		j.done <- results[i]
	}
	return false, nil
}

// head returns the last commit of a scope, projected up to there.
func (h *Hub) head(ctx context.Context, scope sync.Scope, l *lane) (Mark, error) {
	if l.last != nil {
		return *l.last, nil
	}
	head, err := h.store.Head(ctx, scope)
	if err != nil {
		return Mark{}, fmt.Errorf("read head: %w", err)
	}
	if err := h.project(ctx, scope, head); err != nil {
		return Mark{}, err
	}
	l.last = &head
	return head, nil
}

// known returns the stored receipts of the mutations in jobs, by device.
func (h *Hub) known(ctx context.Context, jobs []*job) (map[sync.DeviceID]map[sync.MutationID]StoredReceipt, error) {
	ids := map[sync.DeviceID][]sync.MutationID{}
	for _, j := range jobs {
		for _, id := range j.mutations {
			ids[j.author.Device] = append(ids[j.author.Device], id)
		}
	}
	known := map[sync.DeviceID]map[sync.MutationID]StoredReceipt{}
	for device, list := range ids {
		receipts, err := h.store.Receipts(ctx, device, list)
		if err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
		known[device] = receipts
	}
	return known, nil
}

// state reads what judging the jobs needs; newer means that some of it is
// newer than the head it should be as of.
func (h *Hub) state(ctx context.Context, scope sync.Scope, head Mark, jobs []*job) (s *sync.State, newer bool, err error) {
	set := map[sync.DocID]bool{}
	for _, j := range jobs {
		for _, id := range j.docs {
			set[id] = true
		}
	}
	ids := keys(set)
	docs, err := h.store.Documents(ctx, scope, ids)
	if err != nil {
		return nil, false, fmt.Errorf("read documents: %w", err)
	}
	open, err := h.store.About(ctx, scope, ids)
	if err != nil {
		return nil, false, fmt.Errorf("read conflicts: %w", err)
	}
	docs = append(docs, open...)
	for _, d := range docs {
		if d.Version > head.Seq {
			return nil, true, nil
		}
	}
	return sync.NewState(scope, head.Seq, head.Hash, head.Checksum, docs), false, nil
}

// origins returns who made the commits of the given numbers.
func (h *Hub) origins(ctx context.Context, scope sync.Scope, seqs []int64, pending []sync.Commit) (map[int64]sync.Origin, error) {
	origins := make(map[int64]sync.Origin, len(seqs))
	for i := range pending {
		origins[pending[i].Seq] = originOf(&pending[i])
	}
	for _, seq := range seqs {
		if _, ok := origins[seq]; ok {
			continue
		}
		c, err := h.store.Commits(ctx, scope, seq-1, 1)
		if err != nil {
			return nil, fmt.Errorf("read commit: %w", err)
		}
		if len(c) == 1 && c[0].Seq == seq {
			origins[seq] = originOf(&c[0])
		}
	}
	return origins, nil
}

func originOf(c *sync.Commit) sync.Origin {
	return sync.Origin{Author: c.Author, Device: c.Device, At: c.At}
}

// append writes commits. If the store cannot say what became of them, it is
// found out by reading; ErrTaken means: judge again.
func (h *Hub) append(ctx context.Context, scope sync.Scope, commits []sync.Commit) error {
	_, err := h.store.Append(ctx, commits)
	if err == nil || errors.Is(err, ErrTaken) {
		return err
	}
	h.log.Warn("append: outcome unknown, reading", "scope", scope.Kind(), "err", err)
	stored, readErr := h.store.Commits(ctx, scope, commits[0].Seq-1, len(commits))
	if readErr != nil {
		return fmt.Errorf("%w; and reading what became of it: %w", err, readErr)
	}
	if len(stored) == len(commits) && stored[len(stored)-1].Hash() == commits[len(commits)-1].Hash() {
		return nil
	}
	if !errors.Is(err, ErrUnknown) && len(stored) == 0 {
		return err
	}
	return ErrTaken // none or only some are in, and more may still land: the receipts will tell
}

// appended makes commits visible: projects them, and wakes whoever waits.
func (h *Hub) appended(ctx context.Context, scope sync.Scope, l *lane, commits []sync.Commit, changed map[sync.DocID]*sync.Document) {
	last := &commits[len(commits)-1]
	mark := Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}
	docs := make([]*sync.Document, 0, len(changed))
	for _, d := range changed {
		docs = append(docs, d)
	}
	sortDocuments(docs)
	if err := h.store.Project(ctx, scope, docs, mark); err != nil {
		// They are in the log: whoever needs the documents will complete this.
		h.log.Warn("project after append", "scope", scope.Kind(), "err", err)
		l.last = nil
	} else {
		l.last = &mark
	}
	h.waker.moved(scope)
	h.deriver.moved(scope)
}
