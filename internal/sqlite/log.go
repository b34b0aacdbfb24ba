package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	selectHead    = `SELECT seq, hash, checksum FROM commits WHERE scope = ? ORDER BY seq DESC LIMIT 1`
	insertCommit  = `INSERT INTO commits (scope, seq, hash, checksum, body) VALUES (?, ?, ?, ?, ?)`
	insertReceipt = `INSERT OR IGNORE INTO receipts (device, mutation, scope, seq, position) VALUES (?, ?, ?, ?, ?)`
	insertHistory = `INSERT OR IGNORE INTO history (scope, doc, seq) VALUES (?, ?, ?)`

	selectHeads = `
SELECT c.scope, c.seq, c.hash, c.checksum FROM (SELECT DISTINCT value AS scope FROM json_each(?)) s
CROSS JOIN commits c ON c.scope = s.scope AND c.seq = (SELECT max(seq) FROM commits WHERE scope = s.scope)`
	selectCommits = `SELECT body FROM commits WHERE scope = ? AND seq > ? ORDER BY seq LIMIT ?`
	selectHistory = `
SELECT c.body FROM history h CROSS JOIN commits c ON c.scope = h.scope AND c.seq = h.seq
WHERE h.scope = ? AND h.doc = ? AND h.seq < ? ORDER BY h.seq DESC LIMIT ?`
	selectReceipts = `
SELECT r.position, c.scope, c.seq, c.body FROM (SELECT DISTINCT value AS mutation FROM json_each(?)) m
CROSS JOIN receipts r ON r.device = ? AND r.mutation = m.mutation
CROSS JOIN commits c ON c.scope = r.scope AND c.seq = r.seq`
	// Jumps from scope to scope instead of walking over all commits.
	selectScopes = `
WITH RECURSIVE s (scope) AS (
	SELECT min(scope) FROM commits WHERE scope > ?
	UNION ALL SELECT (SELECT min(scope) FROM commits WHERE scope > s.scope) FROM s WHERE s.scope IS NOT NULL
) SELECT scope FROM s WHERE scope IS NOT NULL LIMIT ?`
)

// Append implements hub.Store. The commits are in together or not at all.
func (s *Store) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	if len(commits) == 0 {
		return 0, nil
	}
	first := commits[0]
	entries, err := entriesOf(commits)
	var rows [][]any
	if err == nil {
		rows, err = rowsOf(first.Scope, docs)
	}
	if err == nil {
		last := &commits[len(commits)-1]
		mark := hub.Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}
		if len(docs) == 0 {
			mark = hub.Mark{}
		}
		err = s.writer.submit(ctx, func(x *tx) error {
			if err := x.appendEntries(entries); err != nil {
				return err
			}
			return x.project(first.Scope, rows, mark)
		})
	}
	if err != nil {
		return 0, fmt.Errorf("sqlite: append %s/%d: %w", first.Scope, first.Seq, err)
	}
	return len(commits), nil
}

// An entry is a commit with what its caller computes so that the writer need not.
type entry struct {
	sync.Commit
	hash sync.Hash
	body string
}

// entriesOf encodes commits, which must follow each other in one log.
func entriesOf(commits []sync.Commit) ([]entry, error) {
	entries := make([]entry, len(commits))
	for i, c := range commits {
		entries[i] = entry{Commit: c, body: string(c.Encode()), hash: c.Hash()}
		if i == 0 {
			continue
		}
		if before := entries[i-1]; c.Scope != before.Scope || c.Seq != before.Seq+1 || c.Prev != before.hash {
			return nil, fmt.Errorf("commit %d does not follow the one before it", i)
		}
	}
	return entries, nil
}

func (x *tx) appendEntries(entries []entry) error {
	head, err := x.head(entries[0].Scope)
	if err != nil {
		return err
	}
	switch first := entries[0]; {
	case first.Seq < 1:
		return errors.New("sequence numbers begin at 1")
	case first.Seq > head.Seq+1:
		return fmt.Errorf("the log ends at %d", head.Seq)
	case first.Seq <= head.Seq || first.Prev != head.Hash:
		return hub.ErrTaken
	}
	for _, e := range entries {
		if err := x.appendEntry(e); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) appendEntry(e entry) error {
	if _, err := x.exec(insertCommit, string(e.Scope), e.Seq, string(e.hash), int64(e.Checksum), e.body); err != nil {
		return err
	}
	for i, r := range e.Receipts {
		if _, err := x.exec(insertReceipt, string(e.Device), string(r.Mutation), string(e.Scope), e.Seq, i); err != nil {
			return err
		}
	}
	for _, ch := range e.Changes {
		if _, err := x.exec(insertHistory, string(e.Scope), string(ch.Doc), e.Seq); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) head(scope sync.Scope) (hub.Mark, error) {
	var m mark
	err := x.row(selectHead, []any{string(scope)}, &m.seq, &m.hash, &m.checksum)
	if errors.Is(err, hub.ErrNotFound) {
		err = nil
	}
	return m.mark(), err
}

// A mark is a hub.Mark as it is stored.
type mark struct {
	seq, checksum int64
	hash          string
}

func (m mark) mark() hub.Mark {
	return hub.Mark{Seq: m.seq, Hash: sync.Hash(m.hash), Checksum: uint64(m.checksum)}
}

// Head implements hub.Store.
func (s *Store) Head(ctx context.Context, scope sync.Scope) (hub.Mark, error) {
	var m mark
	err := s.row(ctx, selectHead, []any{string(scope)}, &m.seq, &m.hash, &m.checksum)
	if err != nil && !errors.Is(err, hub.ErrNotFound) {
		return hub.Mark{}, fmt.Errorf("sqlite: head of %s: %w", scope, err)
	}
	return m.mark(), nil
}

// Heads implements hub.Store.
func (s *Store) Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	heads, err := s.marks(ctx, selectHeads, scopes)
	if err != nil {
		return nil, fmt.Errorf("sqlite: heads: %w", err)
	}
	return heads, nil
}

// marks runs a statement that selects a mark for each of the scopes.
func (s *Store) marks(ctx context.Context, query string, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	marks := make(map[sync.Scope]hub.Mark, len(scopes))
	err := s.rows(ctx, query, func(rows *sql.Rows) error {
		var scope string
		var m mark
		if err := rows.Scan(&scope, &m.seq, &m.hash, &m.checksum); err != nil {
			return err
		}
		marks[sync.Scope(scope)] = m.mark()
		return nil
	}, list(scopes))
	return marks, err
}

// Commits implements hub.Store.
func (s *Store) Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error) {
	commits, err := s.commits(ctx, selectCommits, string(scope), after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: commits of %s after %d: %w", scope, after, err)
	}
	return commits, nil
}

// History implements hub.Store.
func (s *Store) History(ctx context.Context, scope sync.Scope, doc sync.DocID, before int64, limit int) ([]sync.Commit, error) {
	bound := before
	if bound == 0 {
		bound = sync.MaxNumber + 1
	}
	commits, err := s.commits(ctx, selectHistory, string(scope), string(doc), bound, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: history of %s in %s before %d: %w", doc, scope, before, err)
	}
	return commits, nil
}

func (s *Store) commits(ctx context.Context, query string, args ...any) ([]sync.Commit, error) {
	var commits []sync.Commit
	err := s.rows(ctx, query, func(rows *sql.Rows) error {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		c, err := sync.DecodeCommit(body)
		if err != nil {
			return err
		}
		commits = append(commits, c)
		return nil
	}, args...)
	return commits, err
}

// Receipts implements hub.Store.
func (s *Store) Receipts(ctx context.Context, device sync.DeviceID, ids []sync.MutationID) (map[sync.MutationID]hub.StoredReceipt, error) {
	type place struct {
		scope string
		seq   int64
	}
	read := map[place]sync.Commit{} // one commit holds the receipts of a whole request
	receipts := map[sync.MutationID]hub.StoredReceipt{}
	err := s.rows(ctx, selectReceipts, func(rows *sql.Rows) error {
		var at place
		var position int
		var body sql.RawBytes
		if err := rows.Scan(&position, &at.scope, &at.seq, &body); err != nil {
			return err
		}
		c, ok := read[at]
		if !ok {
			var err error
			if c, err = sync.DecodeCommit(append([]byte(nil), body...)); err != nil {
				return err
			}
			read[at] = c
		}
		if position >= len(c.Receipts) {
			return fmt.Errorf("commit %s/%d has no receipt %d", c.Scope, c.Seq, position)
		}
		r := c.Receipts[position]
		receipts[r.Mutation] = hub.StoredReceipt{Receipt: r, Scope: c.Scope, Seq: c.Seq, Author: c.Author}
		return nil
	}, list(ids), string(device))
	if err != nil {
		return nil, fmt.Errorf("sqlite: receipts of device %s: %w", device, err)
	}
	return receipts, nil
}

// Scopes implements hub.Store.
func (s *Store) Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error) {
	var scopes []sync.Scope
	err := s.rows(ctx, selectScopes, func(rows *sql.Rows) error {
		var scope string
		if err := rows.Scan(&scope); err != nil {
			return err
		}
		scopes = append(scopes, sync.Scope(scope))
		return nil
	}, string(after), max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: scopes after %q: %w", after, err)
	}
	return scopes, nil
}

// list returns strings as one argument, for json_each: a statement is the same
// for any number of them.
func list[S ~string](items []S) string {
	if len(items) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(items) // strings can always be written
	return string(b)
}
