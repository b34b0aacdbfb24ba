package move

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// readPage is how many commits are read at a time.
const readPage = 200

// copyLogs copies what the target lacks of every log.
func (m *mover) copyLogs(ctx context.Context) error {
	m.progress.Scopes, m.progress.AllScopes = 0, 0
	err := eachScope(ctx, m.From, func(scopes []sync.Scope) error {
		m.progress.AllScopes += len(scopes)
		return nil
	})
	if err != nil {
		return err
	}
	return eachScope(ctx, m.From, func(scopes []sync.Scope) error {
		from, err := m.From.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		to, err := m.To.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		marks, err := m.To.Marks(ctx, scopes)
		if err != nil {
			return err
		}
		for _, scope := range scopes {
			l := &log{mover: m, scope: scope, head: to[scope].Seq, docs: map[sync.DocID]*sync.Document{}}
			if err := l.copy(ctx, marks[scope].Seq, from[scope].Seq); err != nil {
				return fmt.Errorf("%s: %w", scope, err)
			}
			m.progress.Scopes++
			m.tell()
		}
		return nil
	})
}

// A log is what is being copied of one scope. Documents are folded on the way,
// as a server would: a copy of the source's would bring its faults along.
type log struct {
	*mover
	scope sync.Scope
	head  int64                         // of the target's log
	docs  map[sync.DocID]*sync.Document // of the target, as far as they were needed
	batch
}

// A batch is what will be written at once: commits, and what they change.
type batch struct {
	commits []sync.Commit
	changed map[sync.DocID]bool
	size    int
}

// copy goes through the commits after a mark up to the head of the source.
// What of them is in the target's log already lacks its documents only.
func (l *log) copy(ctx context.Context, after, head int64) error {
	for after < head {
		commits, err := l.From.Commits(ctx, l.scope, after, int(min(readPage, head-after)))
		if err != nil {
			return err
		}
		if len(commits) == 0 || commits[0].Seq != after+1 {
			return fmt.Errorf("the source lacks commit %d; see thidua fsck", after+1)
		}
		if err := l.load(ctx, commits); err != nil {
			return err
		}
		for i := range commits {
			if commits[i].Seq == l.head+1 || len(l.commits) == l.Config.Commits || l.size >= l.Config.Bytes {
				if err := l.write(ctx); err != nil {
					return err
				}
			}
			l.take(commits[i])
		}
		after = commits[len(commits)-1].Seq
	}
	return l.write(ctx)
}

// load reads the documents that commits change, as the target has them. What
// is created does not depend on what was there.
func (l *log) load(ctx context.Context, commits []sync.Commit) error {
	missing := map[sync.DocID]bool{}
	for i := range commits {
		for _, ch := range commits[i].Changes {
			if _, ok := l.docs[ch.Doc]; !ok {
				l.docs[ch.Doc] = nil
				if ch.Create == nil {
					missing[ch.Doc] = true
				}
			}
		}
	}
	for ids := range slices.Chunk(keys(missing), listPage) {
		docs, err := l.To.Documents(ctx, l.scope, ids)
		if err != nil {
			return err
		}
		for _, d := range docs {
			l.docs[d.ID] = d
		}
	}
	return nil
}

// take adds a commit to the batch and folds it.
func (l *log) take(c sync.Commit) {
	if l.changed == nil {
		l.changed = map[sync.DocID]bool{}
	}
	l.commits = append(l.commits, c)
	l.size += len(c.Encode())
	for _, ch := range c.Changes {
		if d := l.docs[ch.Doc]; d != nil && d.Version > c.Seq {
			continue // an earlier run stored it as of a later commit
		}
		l.docs[ch.Doc] = sync.Fold(l.docs[ch.Doc], l.scope, ch, c.Seq)
		if d := l.docs[ch.Doc]; d != nil && !l.changed[ch.Doc] {
			l.changed[ch.Doc] = true
			l.size += len(d.Raw())
		}
	}
}

// write writes the batch: commits that the target has already are projected,
// others appended. All of a batch is one or the other.
func (l *log) write(ctx context.Context) error {
	if len(l.commits) == 0 {
		return nil
	}
	docs := make([]*sync.Document, 0, len(l.changed))
	for _, id := range keys(l.changed) {
		docs = append(docs, l.docs[id])
	}
	last := &l.commits[len(l.commits)-1]
	mark := hub.Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}
	if err := l.put(ctx, docs, mark); err != nil {
		return err
	}
	for _, d := range docs {
		l.docs[d.ID] = sync.LoadDocument(*d, d.Raw()) // forgets the decoded body
	}
	l.batch = batch{}
	l.tell()
	return nil
}

// put appends what is new, and stores the documents and the watermark unless
// that was done in one.
func (l *log) put(ctx context.Context, docs []*sync.Document, mark hub.Mark) error {
	if mark.Seq > l.head {
		projected, err := l.append(ctx, docs)
		if err != nil {
			return err
		}
		l.head = mark.Seq
		for i := range l.commits {
			l.report.Commits++
			l.report.Bytes += int64(len(l.commits[i].Encode()))
		}
		l.progress.Commits, l.progress.Bytes = l.report.Commits, l.report.Bytes
		if projected && len(docs) > 0 {
			return nil
		}
	}
	return l.To.Project(ctx, l.scope, docs, mark)
}

// append appends the batch, and projects it if the target does so in one.
// An answer that leaves open what is in is settled by looking.
func (l *log) append(ctx context.Context, docs []*sync.Document) (projected bool, err error) {
	_, err = l.To.Append(ctx, l.commits, docs)
	if err == nil {
		return true, nil
	}
	for range rounds {
		if errors.Is(err, hub.ErrBehind) {
			return false, nil
		}
		if !errors.Is(err, hub.ErrUnknown) && !errors.Is(err, hub.ErrTaken) {
			return false, err
		}
		var rest []sync.Commit
		if rest, err = l.rest(ctx); err != nil || len(rest) == 0 {
			return false, err
		}
		if _, err = l.To.Append(ctx, rest, nil); err == nil {
			return false, nil
		}
	}
	return false, err
}

// rest returns what of the batch is not in the target's log; ErrOther if
// something else is.
func (l *log) rest(ctx context.Context) ([]sync.Commit, error) {
	head, err := l.To.Head(ctx, l.scope)
	if err != nil {
		return nil, err
	}
	n := int(head.Seq - l.commits[0].Seq + 1)
	switch {
	case n == 0:
		return l.commits, nil
	case n > 0 && n <= len(l.commits) && l.commits[n-1].Hash() == head.Hash:
		return l.commits[n:], nil
	}
	return nil, fmt.Errorf("%w: somebody writes to it, at %d", ErrOther, head.Seq)
}

func keys(set map[sync.DocID]bool) []sync.DocID {
	ids := make([]sync.DocID, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
