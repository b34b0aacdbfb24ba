package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	stdsync "sync"

	"thidua/internal/hub"
)

// maxGroup bounds how many writes share a transaction, and so how long the
// first of them waits for its answer.
const maxGroup = 256

// A writer is the goroutine that owns the connection that writes. It puts all
// that arrives while it is busy into one transaction, flushes once and answers
// everybody: one flush serves as many callers as there are.
type writer struct {
	queue   chan *write // without buffer: what was sent has been taken
	closing chan struct{}
	stopped chan struct{}
	once    stdsync.Once
	tx      *tx
}

// A write is what a caller wants done. It may be done a second time, in a
// transaction of its own, after a first was rolled back.
type write struct {
	do   func(*tx) error
	err  error
	done chan error
}

// A tx is what a write works with.
type tx struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	dirty bool // the present write has changed something
}

func startWriter(db *sql.DB) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{
		queue: make(chan *write), closing: make(chan struct{}), stopped: make(chan struct{}),
		tx: &tx{conn: conn, stmts: map[string]*sql.Stmt{}},
	}
	go w.run()
	return w, nil
}

// submit has a write carried out and returns its error, or nil when the write
// is durable. A context that ends before the writer takes the write prevents
// it; one that ends later does not, and the outcome is hub.ErrUnknown.
func (w *writer) submit(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	op := &write{do: do, done: make(chan error, 1)}
	select {
	case w.queue <- op:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
	select {
	case err := <-op.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", hub.ErrUnknown, ctx.Err())
	}
}

// stop ends the writer and waits for it.
func (w *writer) stop() {
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
}

func (w *writer) run() {
	defer close(w.stopped)
	defer w.tx.close()
	for {
		select {
		case op := <-w.queue:
			w.group(op)
		case <-w.closing:
			return
		}
	}
}

// group carries out a write and all those that arrive until it is done.
func (w *writer) group(first *write) {
	if err := w.tx.control("BEGIN IMMEDIATE"); err != nil {
		// Whoever waits by now has waited as long; one after the other they
		// would wait again and again.
		for op := first; op != nil; op = w.waiting() {
			op.done <- err
		}
		return
	}
	var ops []*write
	for op := first; op != nil; {
		ops = append(ops, op)
		if op.err = w.tx.run(op); op.err != nil && w.tx.dirty {
			w.tx.rollback()
			w.apart(ops)
			return
		}
		if op = nil; len(ops) == maxGroup {
			break
		}
		if op = w.waiting(); op == nil {
			runtime.Gosched() // whoever was just answered may be about to ask again
			op = w.waiting()
		}
	}
	answer(ops, w.tx.commit())
}

// apart carries out writes each in a transaction of its own, after one of them
// has failed half done, so that the others do not suffer.
func (w *writer) apart(ops []*write) {
	for _, op := range ops {
		if err := w.tx.control("BEGIN IMMEDIATE"); err != nil {
			op.done <- err
			continue
		}
		if op.err = w.tx.run(op); op.err != nil {
			w.tx.rollback()
			op.done <- op.err
			continue
		}
		answer([]*write{op}, w.tx.commit())
	}
}

// waiting returns a write somebody waits to hand over, nil if nobody does.
func (w *writer) waiting() *write {
	select {
	case op := <-w.queue:
		return op
	default:
		return nil
	}
}

// answer tells each caller what came of its write: what it decided itself
// before it changed anything, else what came of the transaction.
func answer(ops []*write, commit error) {
	for _, op := range ops {
		if op.err == nil {
			op.err = commit
		}
		op.done <- op.err
	}
}

// close lets go of the connection, and first of its statements: SQLite keeps a
// connection half open, with its write-ahead log and its lock on the file,
// until they are gone. Close of the pool reports what matters.
func (x *tx) close() {
	for _, stmt := range x.stmts {
		_ = stmt.Close()
	}
	_ = x.conn.Close()
}

// run carries out one write within the open transaction.
func (x *tx) run(op *write) error {
	x.dirty = false
	return op.do(x)
}

// commit makes the transaction durable. If it fails its frames may have
// reached the disk all the same, and come to light at the next recovery.
func (x *tx) commit() error {
	if err := x.control("COMMIT"); err != nil {
		x.rollback()
		return fmt.Errorf("%w: %w", hub.ErrUnknown, err)
	}
	return nil
}

// rollback undoes the transaction. An error means that SQLite has done so
// itself; if the connection is worse off than that, the next BEGIN says so.
func (x *tx) rollback() { _ = x.control("ROLLBACK") }

func (x *tx) control(statement string) error {
	stmt, err := x.prepared(statement)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background())
	return err
}

// exec runs a changing statement and returns how many rows it changed. The
// context of no caller is used: an interrupted statement would take the
// transaction of all the others with it.
func (x *tx) exec(query string, args ...any) (int64, error) {
	stmt, err := x.prepared(query)
	if err != nil {
		return 0, err
	}
	x.dirty = true
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row reads the only row of a statement; hub.ErrNotFound if there is none.
func (x *tx) row(query string, args []any, dest ...any) error {
	stmt, err := x.prepared(query)
	if err != nil {
		return err
	}
	return found(stmt.QueryRowContext(context.Background(), args...).Scan(dest...))
}

// exists reports whether a statement has a row.
func (x *tx) exists(query string, args ...any) (bool, error) {
	var one int
	err := x.row(query, args, &one)
	if errors.Is(err, hub.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (x *tx) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := x.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := x.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	x.stmts[query] = stmt
	return stmt, nil
}
