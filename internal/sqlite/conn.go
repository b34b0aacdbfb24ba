package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	driversqlite "modernc.org/sqlite"
)

// open returns a pool of connections to a file.
func open(path string, busy time.Duration, readOnly bool, connections int) (*sql.DB, error) {
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: "_dqs=0"}).String()
	base, err := driversqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{Connector: base, pragmas: pragmas(busy, readOnly)})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// A pragma is a setting of a connection: its name, the value to set, and what
// SQLite calls that value when asked.
type pragma struct{ name, set, want string }

// pragmas returns the settings in the order in which they are made. The wait
// for other processes comes first: the others may have to wait.
func pragmas(busy time.Duration, readOnly bool) []pragma {
	ms := fmt.Sprint(busy.Milliseconds())
	list := []pragma{
		{"busy_timeout", ms, ms},
		{"journal_mode", "WAL", "wal"},
		{"synchronous", "FULL", "2"}, // the log is flushed before a transaction is answered
		{"trusted_schema", "OFF", "0"},
		{"temp_store", "MEMORY", "2"},
	}
	if readOnly {
		return append(list, pragma{"query_only", "ON", "1"}, pragma{"cache_size", "-8000", "-8000"})
	}
	// A checkpoint flushes twice more and writes a page once, however often it
	// changed: rarer is cheaper. 4000 pages are 16 MB of log.
	return append(list, pragma{"wal_autocheckpoint", "4000", "4000"}, pragma{"cache_size", "-32000", "-32000"})
}

// A connector makes connections on which every setting has been made and read
// back: SQLite ignores what it cannot do, and an acknowledged write that is
// not on disk is a lie.
type connector struct {
	driver.Connector
	pragmas []pragma
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range c.pragmas {
		if err := p.apply(ctx, conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func (p pragma) apply(ctx context.Context, conn driver.Conn) error {
	if err := p.assign(ctx, conn); err != nil {
		return fmt.Errorf("pragma %s: %w", p.name, err)
	}
	got, err := ask(ctx, conn, "PRAGMA "+p.name)
	if err != nil {
		return fmt.Errorf("pragma %s: %w", p.name, err)
	}
	if got != p.want {
		return fmt.Errorf("pragma %s: is %q, not %q", p.name, got, p.want)
	}
	return nil
}

// assign sets the value. Two processes that turn a new file to WAL at once are
// told "busy" without any waiting, since each would wait for the other.
func (p pragma) assign(ctx context.Context, conn driver.Conn) error {
	for try := 0; ; try++ {
		_, err := ask(ctx, conn, "PRAGMA "+p.name+"="+p.set)
		if err == nil || !isBusy(err) || try == 50 {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ask runs a statement on a bare connection and returns the first value of its
// first row as text, "" if it has none.
func ask(ctx context.Context, conn driver.Conn, query string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("the driver cannot query")
	}
	rows, err := q.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	values := make([]driver.Value, len(rows.Columns()))
	if err = rows.Next(values); errors.Is(err, io.EOF) {
		return "", rows.Close()
	}
	if err = errors.Join(err, rows.Close()); err != nil || len(values) == 0 {
		return "", err
	}
	return strings.ToLower(fmt.Sprint(values[0])), nil
}

// isBusy reports whether another process or connection had the file locked for
// longer than we wait (SQLITE_BUSY and its variants).
func isBusy(err error) bool {
	var e *driversqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == 5
}
