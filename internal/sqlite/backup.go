package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// ErrInUse answers whoever wants a database file for himself while somebody
// has it open.
var ErrInUse = errors.New("database is open elsewhere")

// Backup writes a copy of a database file as of one moment to a new file,
// which only its owner may read, and returns when that is on disk; fs.ErrExist
// if the file is there already. The database may be in use: nobody waits for a
// backup, and a backup waits for nobody.
//
// It is VACUUM INTO rather than the page by page backup interface: the copy is
// one read transaction, so it never starts again because of a writer; it is
// written by reading every row and building every index anew, so that damage
// to a page shows here instead of being copied; and it has no free pages.
func Backup(ctx context.Context, path, to string) (err error) {
	defer func() { err = wrap(err, "backup of %s", path) }()
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	// SQLite takes an empty file for none; its own would be readable by all, and this one holds keys.
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	db, err := open(path, 5*time.Second, false, 1)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return errors.Join(err, db.Close(), flush(to))
}

// Install puts the database file from, which nobody has open, in the place of
// path, at once and durably. A database that is there already is kept as
// aside, which must not exist; with an empty aside it stays and the answer is
// fs.ErrExist. ErrInUse: somebody has it open. Both files are in one directory.
func Install(ctx context.Context, from, path, aside string) (err error) {
	defer func() { err = wrap(err, "install %s", path) }()
	if err := flush(from); err != nil {
		return err
	}
	switch _, err := os.Lstat(path); {
	case err == nil && aside == "":
		return fs.ErrExist
	case err == nil:
		release, err := seize(ctx, path)
		if err != nil {
			return err
		}
		defer release()
		if err := os.Link(path, aside); err != nil { // with two names it is never without one
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := leaveLog(path, aside); err != nil {
		return err
	}
	if err := os.Rename(from, path); err != nil {
		return err
	}
	return flush(filepath.Dir(path))
}

// seize brings all of a database into its one file and keeps everybody else
// out until release is called. A file that cannot be read as a database has
// nobody to keep out.
func seize(ctx context.Context, path string) (release func(), err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw"}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	// Leaving the write-ahead log needs every other connection to be gone, also one that does nothing.
	for _, statement := range []string{"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"} {
		_, err := db.ExecContext(ctx, statement)
		if isBusy(err) {
			return nil, errors.Join(ErrInUse, db.Close())
		}
		if ctx.Err() != nil {
			return nil, errors.Join(ctx.Err(), db.Close())
		}
	}
	return func() { _ = db.Close() }, nil // nothing was written
}

// leaveLog moves the write-ahead log of a damaged database out of the way of
// its successor, to which it would be applied.
func leaveLog(path, aside string) error {
	if aside == "" {
		aside = path + ".orphaned"
	}
	err := os.Rename(path+"-wal", aside+"-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// flush makes what a file or directory holds durable.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
