package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"thidua/internal/hub"
	"thidua/sync"
)

// errFault is what the store answers when a fault is injected.
var errFault = errors.New("injected fault")

// errKilled is what the calls of a killed process come to.
var errKilled = errors.New("process killed")

// A store is hub.Store as one server process sees it, on a document database:
// single writes of single documents, no transactions. Every one of them is an
// operation of its own that may wait, fail, or take place without an answer.
type store struct {
	db   *database
	step func(ctx context.Context, s *store, what string, write bool, do func()) error
	name string      // of the process
	dead atomic.Bool // the process was killed
}

var _ hub.Store = (*store)(nil)

func (s *store) read(ctx context.Context, what string, do func(*state)) error {
	if err := s.step(ctx, s, what, false, func() { do(s.db.majority) }); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// write carries out one write and waits for the majority to follow.
func (s *store) write(ctx context.Context, what string, w write) (matched bool, err error) {
	var t ticket
	acknowledged := false
	err = s.step(ctx, s, what, true, func() {
		matched, t = s.db.apply(w)
		acknowledged = s.db.reached(t)
	})
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	if acknowledged {
		return matched, nil
	}
	err = s.step(ctx, s, what+" acknowledged", false, func() { acknowledged = s.db.replicate(t) })
	if err == nil && !acknowledged {
		err = errors.New("the primary was replaced")
	}
	if err != nil { // it took place, and may yet be undone
		return false, fmt.Errorf("%s: %w: %w", what, hub.ErrUnknown, err)
	}
	return matched, nil
}

// Append implements hub.Store.
func (s *store) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	if len(commits) == 0 {
		return 0, ctx.Err()
	}
	scope := commits[0].Scope
	for i := range commits {
		c := &commits[i]
		if c.Seq < 1 || i > 0 && (c.Scope != scope || c.Seq != commits[i-1].Seq+1 || c.Prev != commits[i-1].Hash()) {
			return 0, fmt.Errorf("append: commit %d of %s does not follow", c.Seq, scope)
		}
		c.Encode()
	}
	if err := s.follows(ctx, &commits[0]); err != nil {
		return 0, err
	}
	for i := range commits {
		c := commits[i]
		free, err := s.write(ctx, "insert commit "+string(scope), func(st *state) bool { return st.insertCommit(c) })
		if err != nil {
			return i, err
		}
		if !free {
			return i, hub.ErrTaken
		}
	}
	last := &commits[len(commits)-1]
	if len(docs) == 0 {
		return len(commits), nil
	}
	if err := s.Project(ctx, scope, docs, markOf(last)); err != nil {
		return len(commits), fmt.Errorf("%w: %w", hub.ErrBehind, err)
	}
	return len(commits), nil
}

// follows reads what a commit is to follow, which never changes once it is there.
func (s *store) follows(ctx context.Context, c *sync.Commit) error {
	if c.Seq == 1 && c.Prev == "" {
		return nil
	}
	var before []sync.Commit
	var end hub.Mark
	err := s.read(ctx, "predecessor "+string(c.Scope), func(st *state) {
		before, end = st.commits(c.Scope, c.Seq-2, 1), st.head(c.Scope)
	})
	switch {
	case err != nil:
		return err
	case end.Seq >= c.Seq:
		return hub.ErrTaken
	case len(before) == 0:
		return fmt.Errorf("append: the log of %s ends at %d", c.Scope, end.Seq)
	case before[0].Hash() != c.Prev:
		return hub.ErrTaken
	}
	return nil
}

// Project implements hub.Store: an update guarded by version and, if none
// matched, an insert; a duplicate key then means that somebody else inserted
// meanwhile, so the update is tried again.
func (s *store) Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark hub.Mark) error {
	for _, d := range docs {
		if d.Scope != scope {
			return fmt.Errorf("project: document %s is of %s", d.ID, d.Scope)
		}
		if err := s.projectOne(ctx, fresh(d)); err != nil {
			return err
		}
	}
	if mark == (hub.Mark{}) {
		return ctx.Err()
	}
	return s.moveMark(ctx, scope, mark)
}

func (s *store) projectOne(ctx context.Context, d *sync.Document) error {
	what := "document " + string(d.Scope) + " " + string(d.ID)
	matched, err := s.write(ctx, "update "+what, func(st *state) bool { return st.updateDocument(d) })
	if matched || err != nil {
		return err
	}
	inserted, err := s.write(ctx, "insert "+what, func(st *state) bool { return st.insertDocument(d) })
	if inserted || err != nil {
		return err
	}
	_, err = s.write(ctx, "update "+what+" again", func(st *state) bool { return st.updateDocument(d) })
	return err // not matched: what is there is as new
}

func (s *store) moveMark(ctx context.Context, scope sync.Scope, mark hub.Mark) error {
	what := "mark " + string(scope)
	matched, err := s.write(ctx, "update "+what, func(st *state) bool { return st.raiseMark(scope, mark) })
	if matched || err != nil {
		return err
	}
	inserted, err := s.write(ctx, "insert "+what, func(st *state) bool { return st.insertMark(scope, mark) })
	if inserted || err != nil {
		return err
	}
	_, err = s.write(ctx, "update "+what+" again", func(st *state) bool { return st.raiseMark(scope, mark) })
	return err
}

// Head implements hub.Store.
func (s *store) Head(ctx context.Context, scope sync.Scope) (head hub.Mark, err error) {
	err = s.read(ctx, "head "+string(scope), func(st *state) { head = st.head(scope) })
	return head, err
}

// Heads implements hub.Store.
func (s *store) Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	heads := map[sync.Scope]hub.Mark{}
	err := s.read(ctx, "heads", func(st *state) {
		for _, scope := range scopes {
			if len(st.logs[scope]) > 0 {
				heads[scope] = st.head(scope)
			}
		}
	})
	return heads, err
}

// Marks implements hub.Store.
func (s *store) Marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	marks := map[sync.Scope]hub.Mark{}
	err := s.read(ctx, "marks", func(st *state) {
		for _, scope := range scopes {
			if m, there := st.marks[scope]; there {
				marks[scope] = m
			}
		}
	})
	return marks, err
}

// Commits implements hub.Store.
func (s *store) Commits(ctx context.Context, scope sync.Scope, after int64, limit int) (found []sync.Commit, err error) {
	err = s.read(ctx, "commits "+string(scope), func(st *state) { found = st.commits(scope, after, limit) })
	return found, err
}

// History implements hub.Store.
func (s *store) History(ctx context.Context, scope sync.Scope, doc sync.DocID, before int64, limit int) (found []sync.Commit, err error) {
	err = s.read(ctx, "history "+string(scope), func(st *state) { found = st.history(scope, doc, before, limit) })
	return found, err
}

// Receipts implements hub.Store.
func (s *store) Receipts(ctx context.Context, device sync.DeviceID, ids []sync.MutationID) (map[sync.MutationID]hub.StoredReceipt, error) {
	found := map[sync.MutationID]hub.StoredReceipt{}
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, string(id))
	}
	err := s.read(ctx, "receipts "+strings.Join(names, " "), func(st *state) {
		for _, id := range ids {
			if r, there := st.receipts[receiptKey{device, id}]; there {
				found[id] = r
			}
		}
	})
	return found, err
}

// Documents implements hub.Store.
func (s *store) Documents(ctx context.Context, scope sync.Scope, ids []sync.DocID) (found []*sync.Document, err error) {
	err = s.read(ctx, "documents "+string(scope), func(st *state) {
		found = st.selectDocs(scope, func(d *sync.Document) bool { return containsID(ids, d.ID) }, byID)
	})
	return found, err
}

// Changed implements hub.Store.
func (s *store) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) (found []*sync.Document, err error) {
	err = s.read(ctx, "changed "+string(scope), func(st *state) {
		found = st.selectDocs(scope, func(d *sync.Document) bool { return d.Version > after && d.Version <= upTo }, byVersion)
	})
	return found[:min(len(found), max(limit, 0))], err
}

// About implements hub.Store.
func (s *store) About(ctx context.Context, scope sync.Scope, ids []sync.DocID) (found []*sync.Document, err error) {
	err = s.read(ctx, "about "+string(scope), func(st *state) {
		found = st.selectDocs(scope, func(d *sync.Document) bool {
			about, is, _, ok := d.About()
			return ok && d.Type == sync.TypeConflict && is == sync.StateOpen && !d.Gone && containsID(ids, about)
		}, byID)
	})
	return found, err
}

// Kept implements hub.Store.
func (s *store) Kept(ctx context.Context, f hub.KeptFilter) (found []*sync.Document, err error) {
	err = s.read(ctx, "kept", func(st *state) { found = st.kept(f) })
	return found, err
}

// Scopes implements hub.Store.
func (s *store) Scopes(ctx context.Context, after sync.Scope, limit int) (found []sync.Scope, err error) {
	err = s.read(ctx, "scopes", func(st *state) { found = st.scopes(after, limit) })
	return found, err
}

func containsID(ids []sync.DocID, id sync.DocID) bool {
	for _, other := range ids {
		if other == id {
			return true
		}
	}
	return false
}
