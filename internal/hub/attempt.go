package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"thidua/sync"
)

// A group is jobs of one scope that are judged one after the other, each as of
// the commit of the one before, and appended together.
type group struct {
	hub   *Hub
	scope sync.Scope
	head  Mark
	known map[sync.DeviceID]map[sync.MutationID]StoredReceipt

	kept    map[sync.DocID]*sync.Document // what the lane remembered
	state   *sync.State
	read    map[sync.DocID]bool // what the state holds or the store does not have
	commits []sync.Commit
	changed map[sync.DocID]*sync.Document
	origins map[int64]sync.Origin // of commits, as far as anybody asked
}

// errNewer: something that was read is newer than the head it should be as of.
var errNewer = errors.New("newer than the head")

// attempt does the work of carryOut once. It returns true if something newer
// than what was read came in between; then, and with an error, no job was
// answered.
//
// The order of reading is the whole point: the head first, then receipts and
// documents. What is older than the head cannot be missed by what is read
// after it; what is newer shows itself, or makes the append fail.
func (h *Hub) attempt(ctx context.Context, scope sync.Scope, l *lane, jobs []*job) (again bool, err error) {
	remembered := l.last != nil
	g := &group{hub: h, scope: scope, read: map[sync.DocID]bool{}, changed: map[sync.DocID]*sync.Document{}, origins: map[int64]sync.Origin{}}
	if l.read != nil {
		g.kept, g.read = l.docs, l.read
		l.docs, l.read = nil, nil // they come back with the append
	}
	if g.head, err = h.head(ctx, scope, l); err != nil {
		return false, err
	}
	if g.known, err = h.known(ctx, jobs); err != nil {
		return false, err
	}
	err = g.load(ctx, jobs)
	results := make([]result, len(jobs))
	for i := 0; i < len(jobs) && err == nil; i++ {
		results[i], err = g.judge(ctx, jobs[i])
	}
	if err != nil {
		if errors.Is(err, errNewer) {
			return true, nil
		}
		return false, err
	}
	if len(g.commits) == 0 && remembered {
		// An append would have shown that the head is still the head. Without
		// one, what another process did may have been overlooked.
		return true, nil
	}
	if len(g.commits) > 0 {
		err := h.append(ctx, scope, g.commits, g.documentsChanged())
		if errors.Is(err, ErrTaken) {
			return true, nil
		} else if err != nil && !errors.Is(err, ErrBehind) {
			return false, err
		}
		h.appended(l, g, err == nil)
	}
	for i, j := range jobs {
		j.answer(results[i])
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
		if len(j.mutations) > 0 {
			ids[j.author.Device] = append(ids[j.author.Device], j.mutations...)
		}
	}
	known := map[sync.DeviceID]map[sync.MutationID]StoredReceipt{}
	for _, device := range keys(ids) {
		receipts, err := h.store.Receipts(ctx, device, ids[device])
		if err != nil {
			return nil, fmt.Errorf("read receipts: %w", err)
		}
		known[device] = receipts
	}
	return known, nil
}

// load reads what the jobs are about, with the open conflicts about that.
func (g *group) load(ctx context.Context, jobs []*job) error {
	unread := map[sync.DocID]bool{}
	for _, j := range jobs {
		for _, id := range j.docs {
			if !g.read[id] {
				unread[id], g.read[id] = true, true
			}
		}
	}
	g.state = sync.NewState(g.scope, g.head.Seq, g.head.Hash, g.head.Checksum, nil)
	for id, d := range g.kept {
		g.state.Docs[id] = d
	}
	if len(unread) == 0 {
		return nil
	}
	ids := keys(unread)
	docs, err := g.documents(ctx, ids)
	if err != nil {
		return err
	}
	open, err := g.hub.store.About(ctx, g.scope, ids)
	if err != nil {
		return fmt.Errorf("read conflicts: %w", err)
	}
	for _, d := range open {
		if d.Version > g.head.Seq {
			return errNewer
		}
		g.read[d.ID] = true
	}
	for _, d := range append(docs, open...) {
		g.state.Docs[d.ID] = d
	}
	return nil
}

// documents reads documents as of the head.
func (g *group) documents(ctx context.Context, ids []sync.DocID) ([]*sync.Document, error) {
	docs, err := g.hub.store.Documents(ctx, g.scope, ids)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	for _, d := range docs {
		if d.Version > g.head.Seq {
			return nil, errNewer
		}
	}
	return docs, nil
}

// judge adds the commit of a job to the group. The error is of the store;
// what is wrong with the job itself is in its result.
func (g *group) judge(ctx context.Context, j *job) (result, error) {
	for {
		d, c, refused, err := g.try(ctx, j)
		if err != nil || d == nil {
			return result{err: refused}, err
		}
		met, err := g.meet(ctx, d)
		switch {
		case err != nil:
			return result{}, err
		case met:
			continue
		case refused != nil || c == nil:
			return result{err: refused}, nil
		}
		g.add(d, c)
		return result{commit: c}, nil
	}
}

// try makes the commit of a job, nil if there is nothing to append; refused is
// why the job cannot be done. What the rules ask of the log is read once they ask.
func (g *group) try(ctx context.Context, j *job) (d *sync.Draft, c *sync.Commit, refused, err error) {
	defer func() {
		if v := recover(); v != nil { // the other jobs go on
			refused, err = g.hub.panicked(v), nil
		}
	}()
	org := j.org
	if org == nil {
		if org, err = g.hub.reference(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	d = sync.NewDraft(sync.DraftConfig{
		State: g.state, Rules: g.hub.domain, Org: org, Author: j.author, Received: g.hub.milli(), Offset: j.offset, Reason: j.reason,
		Origins: g.origins,
	})
	refused = j.act(d, g.known[j.author.Device])
	if learnt, err := g.learn(ctx, d.Asked()); err != nil {
		return nil, nil, nil, err
	} else if learnt {
		return g.try(ctx, j)
	}
	if refused != nil {
		return d, nil, refused, nil
	}
	if _, err := g.learn(ctx, d.Wants()); err != nil {
		return nil, nil, nil, err
	}
	return d, d.Seal(g.origins), nil, nil
}

// meet reads the documents that a draft made, or that the rules looked for,
// without knowing whether they are there, and reports whether any is: what is
// kept of a mutation without a receipt is kept under the same identifier when
// the phone sends it again.
func (g *group) meet(ctx context.Context, d *sync.Draft) (bool, error) {
	var unread []sync.DocID
	for _, id := range d.Missed() {
		if !g.read[id] {
			unread = append(unread, id)
		}
	}
	for _, doc := range d.Changed() {
		if !g.read[doc.ID] && !slices.Contains(unread, doc.ID) {
			unread = append(unread, doc.ID)
		}
	}
	if len(unread) == 0 {
		return false, nil
	}
	docs, err := g.documents(ctx, unread)
	if err != nil {
		return false, err
	}
	for _, id := range unread {
		g.read[id] = true
	}
	for _, doc := range docs {
		g.state.Docs[doc.ID] = doc
	}
	return len(docs) > 0, nil
}

// add takes a sealed commit into the group.
func (g *group) add(d *sync.Draft, c *sync.Commit) {
	g.state = d.Next(c)
	if g.known[c.Device] == nil {
		g.known[c.Device] = map[sync.MutationID]StoredReceipt{}
	}
	for _, r := range c.Receipts { // for a repetition later in this very group
		g.known[c.Device][r.Mutation] = StoredReceipt{Receipt: r, Scope: g.scope, Seq: c.Seq, Author: c.Author}
	}
	for _, doc := range d.Changed() {
		g.changed[doc.ID] = doc
	}
	g.commits, g.origins[c.Seq] = append(g.commits, *c), originOf(c)
}

// documentsChanged returns what the group changed, as of its last commit.
func (g *group) documentsChanged() []*sync.Document {
	docs := make([]*sync.Document, 0, len(g.changed))
	for _, d := range g.changed {
		docs = append(docs, d)
	}
	sortDocuments(docs)
	return docs
}

// learn finds out who made the commits of the given numbers, and when, and
// reports whether any of that was not known.
func (g *group) learn(ctx context.Context, seqs []int64) (bool, error) {
	learnt := false
	for _, seq := range seqs {
		if _, known := g.origins[seq]; known {
			continue
		}
		c, err := g.hub.store.Commits(ctx, g.scope, seq-1, 1)
		if err != nil {
			return false, fmt.Errorf("read commit: %w", err)
		}
		if len(c) == 1 && c[0].Seq == seq {
			g.origins[seq], learnt = originOf(&c[0]), true
		}
	}
	return learnt, nil
}

func originOf(c *sync.Commit) sync.Origin {
	return sync.Origin{Author: c.Author, Device: c.Device, At: c.At}
}
