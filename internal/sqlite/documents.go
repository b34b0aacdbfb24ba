package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	upsertDocument = `
INSERT INTO documents (scope, id, version, type, gone, about, state, opened, touched, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scope, id) DO UPDATE SET
	version = excluded.version, type = excluded.type, gone = excluded.gone, about = excluded.about,
	state = excluded.state, opened = excluded.opened, touched = excluded.touched, body = excluded.body
WHERE excluded.version > version`
	upsertMark = `
INSERT INTO marks (scope, seq, hash, checksum) VALUES (?, ?, ?, ?)
ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, checksum = excluded.checksum
WHERE excluded.seq > seq`

	columns     = `SELECT d.scope, d.id, d.version, d.type, d.gone, d.touched, d.body `
	selectMarks = `
SELECT m.scope, m.seq, m.hash, m.checksum FROM (SELECT DISTINCT value AS scope FROM json_each(?)) s
CROSS JOIN marks m ON m.scope = s.scope`
	selectDocuments = columns + `
FROM (SELECT DISTINCT value AS id FROM json_each(?)) i CROSS JOIN documents d ON d.scope = ? AND d.id = i.id`
	selectChanged = columns + `
FROM documents d WHERE d.scope = ? AND d.version > ? AND d.version <= ? ORDER BY d.version, d.id LIMIT ?`
	selectAbout = columns + `
FROM (SELECT DISTINCT value AS about FROM json_each(?)) i CROSS JOIN documents d ON d.scope = ? AND d.about = i.about
WHERE d.type = 'conflict' AND d.state = 'open' AND d.gone = 0 ORDER BY d.opened, d.id`
	selectKept = columns + `
FROM documents d
WHERE d.opened IS NOT NULL AND d.gone = 0 AND (d.opened, d.id) < (?1, ?6)
	AND (?2 = '' OR d.type = ?2) AND (?3 = '' OR d.state = ?3)
	AND (?4 = '[]' OR d.scope IN (SELECT value FROM json_each(?4)))
ORDER BY d.opened DESC, d.id DESC LIMIT ?5`
)

// Project implements hub.Store. Documents and mark are written together.
func (s *Store) Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark hub.Mark) error {
	rows, err := rowsOf(scope, docs)
	if err == nil {
		err = s.writer.submit(ctx, func(x *tx) error { return x.project(scope, rows, mark) })
	}
	if err != nil {
		return fmt.Errorf("sqlite: project %s to %d: %w", scope, mark.Seq, err)
	}
	return nil
}

// project stores documents and raises the watermark to a mark that is not zero.
func (x *tx) project(scope sync.Scope, rows [][]any, mark hub.Mark) error {
	for _, row := range rows {
		if _, err := x.exec(upsertDocument, row...); err != nil {
			return err
		}
	}
	if mark == (hub.Mark{}) {
		return nil
	}
	_, err := x.exec(upsertMark, string(scope), mark.Seq, string(mark.Hash), int64(mark.Checksum))
	return err
}

// rowsOf returns documents as arguments of upsertDocument.
func rowsOf(scope sync.Scope, docs []*sync.Document) ([][]any, error) {
	rows := make([][]any, len(docs))
	for i, d := range docs {
		row, err := rowOf(scope, d)
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return rows, nil
}

// rowOf returns a document as arguments of upsertDocument.
func rowOf(scope sync.Scope, d *sync.Document) ([]any, error) {
	if d.Scope != scope {
		return nil, fmt.Errorf("document %s is of scope %s", d.ID, d.Scope)
	}
	touched, err := json.Marshal(d.Touched)
	if err != nil {
		return nil, fmt.Errorf("document %s: paths touched: %w", d.ID, err)
	}
	var about, state, opened any
	if doc, st, at, ok := d.About(); ok {
		about, state, opened = string(doc), st, at
	}
	return []any{string(scope), string(d.ID), d.Version, d.Type, d.Gone, about, state, opened, string(touched), string(d.Raw())}, nil
}

// Marks implements hub.Store.
func (s *Store) Marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	marks, err := s.marks(ctx, selectMarks, scopes)
	if err != nil {
		return nil, fmt.Errorf("sqlite: marks: %w", err)
	}
	return marks, nil
}

// Documents implements hub.Store.
func (s *Store) Documents(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	docs, err := s.documents(ctx, selectDocuments, list(ids), string(scope))
	if err != nil {
		return nil, fmt.Errorf("sqlite: documents of %s: %w", scope, err)
	}
	return docs, nil
}

// Changed implements hub.Store.
func (s *Store) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error) {
	docs, err := s.documents(ctx, selectChanged, string(scope), after, upTo, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: changed in %s after %d: %w", scope, after, err)
	}
	return docs, nil
}

// About implements hub.Store; the longest open come first.
func (s *Store) About(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	docs, err := s.documents(ctx, selectAbout, list(ids), string(scope))
	if err != nil {
		return nil, fmt.Errorf("sqlite: open conflicts of %s: %w", scope, err)
	}
	return docs, nil
}

// Kept implements hub.Store. Gone documents are left out.
func (s *Store) Kept(ctx context.Context, f hub.KeptFilter) ([]*sync.Document, error) {
	before, limit := f.Before, f.Limit
	if before == 0 {
		before = sync.MaxNumber + 1
	}
	if limit == 0 {
		limit = 100
	}
	docs, err := s.documents(ctx, selectKept, before, f.Type, f.State, list(f.Scopes), max(limit, 0), string(f.BeforeID))
	if err != nil {
		return nil, fmt.Errorf("sqlite: kept documents: %w", err)
	}
	return docs, nil
}

// documents runs a statement that selects columns.
func (s *Store) documents(ctx context.Context, query string, args ...any) ([]*sync.Document, error) {
	var docs []*sync.Document
	err := s.rows(ctx, query, func(rows *sql.Rows) error {
		var scope, id string
		var touched sql.RawBytes
		var body []byte
		var d sync.Document
		if err := rows.Scan(&scope, &id, &d.Version, &d.Type, &d.Gone, &touched, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(touched, &d.Touched); err != nil {
			return fmt.Errorf("document %s: paths touched: %w", id, err)
		}
		d.Scope, d.ID = sync.Scope(scope), sync.DocID(id)
		docs = append(docs, sync.LoadDocument(d, body))
		return nil
	}, args...)
	return docs, err
}
