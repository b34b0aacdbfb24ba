// Package sqlite is the embedded store: logs, documents, people and devices in
// one file, through a SQLite that needs no C compiler. One goroutine writes,
// many requests to a transaction; what it has answered for is on disk. Readers
// have connections of their own and never wait for it. Several processes may
// share a file.
//
// [Store] implements hub.Store and, by its methods alone, what auth and push
// ask for.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	stdsync "sync"
	"time"

	"thidua/internal/hub"
)

var _ hub.Store = (*Store)(nil)

// A Config says which file to open and how.
type Config struct {
	Path    string        // of the database file, which is created if it is missing
	Readers int           // connections for reading; 0 is 4
	Busy    time.Duration // how long to wait for another process that writes; 0 is 5 s
}

// A Store is an open database file. Its methods may be called at the same time.
type Store struct {
	read   *sql.DB
	write  *sql.DB
	writer *writer

	mu    stdsync.Mutex
	stmts map[string]*sql.Stmt // for reading, by text
}

// errClosed answers whoever writes to a Store that has been closed.
var errClosed = errors.New("store is closed")

// Open opens the database file, brings its schema up to date and starts the
// writer. Close must be called in the end.
func Open(cfg Config) (*Store, error) {
	if cfg.Path == "" {
		return nil, errors.New("sqlite: open: no path")
	}
	if cfg.Readers < 0 || cfg.Busy < 0 {
		return nil, errors.New("sqlite: open: negative number of readers or time to wait")
	}
	if cfg.Readers == 0 {
		cfg.Readers = 4
	}
	if cfg.Busy == 0 {
		cfg.Busy = 5 * time.Second
	}
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	s := &Store{stmts: map[string]*sql.Stmt{}}
	if s.write, err = open(path, cfg.Busy, false, 1); err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	if err := migrate(s.write); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open: %w", err), s.write.Close())
	}
	if s.read, err = open(path, cfg.Busy, true, cfg.Readers); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open: %w", err), s.write.Close())
	}
	if s.writer, err = startWriter(s.write); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open: %w", err), s.read.Close(), s.write.Close())
	}
	return s, nil
}

// Close ends the writer after the group it is at and closes the file. Calls
// that come later fail. It may be called more than once.
func (s *Store) Close() error {
	s.writer.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.stmts) // closed together with their connections
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return fmt.Errorf("sqlite: close: %w", err)
	}
	return nil
}

// rows runs a reading statement, which is prepared once on each connection,
// and hands every row to scan.
func (s *Store) rows(ctx context.Context, query string, scan func(*sql.Rows) error, args ...any) error {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// row reads the only row of a statement; hub.ErrNotFound if there is none.
func (s *Store) row(ctx context.Context, query string, args []any, dest ...any) error {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return err
	}
	return found(stmt.QueryRowContext(ctx, args...).Scan(dest...))
}

// found translates the driver's word for a row that is not there.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return hub.ErrNotFound
	}
	return err
}

func (s *Store) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	stmt, ok := s.stmts[query]
	s.mu.Unlock()
	if ok {
		return stmt, nil
	}
	stmt, err := s.read.PrepareContext(ctx, query) // may wait for a connection: not under the lock
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.stmts[query]; ok {
		return first, stmt.Close()
	}
	s.stmts[query] = stmt
	return stmt, nil
}
