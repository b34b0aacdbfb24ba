package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	driversqlite "modernc.org/sqlite"

	"thidua/internal/hub"
	"thidua/sync"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	store, err := Open(Config{Path: filepath.Join(t.TempDir(), "store.db"), Busy: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestEveryConnectionIsDurable(t *testing.T) {
	store := openStore(t)
	var conns []*sql.Conn
	for range 4 { // all readers at once, so that each is another
		conn, err := store.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	for i, conn := range append(conns, store.writer.tx.conn) {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "50"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("connection %d: %s is %s, %v", i, pragma, got, err)
			}
		}
	}
	if _, err := conns[0].ExecContext(t.Context(), "DELETE FROM commits"); err == nil {
		t.Error("a reader could write")
	}
}

func TestConnectionWithAnotherSettingIsRefused(t *testing.T) {
	base, err := driversqlite.NewConnector(":memory:") // which has no log to write ahead
	if err != nil {
		t.Fatal(err)
	}
	conn, err := connector{Connector: base, pragmas: pragmas(time.Second, false)}.Connect(t.Context())
	if err == nil {
		t.Errorf("connected, %v", conn.Close())
	}
}

func TestFileOfANewerProgramIsRefused(t *testing.T) {
	store := openStore(t)
	steps := migrations()
	conn := store.writer.tx.conn
	if err := upgrade(t.Context(), conn, steps); err != nil {
		t.Fatalf("upgrading what is up to date: %v", err)
	}
	if err := upgrade(t.Context(), conn, steps[:1]); err == nil {
		t.Error("a file of a newer program was taken")
	}
}

// hold makes the writer wait within a write until release is called.
func hold(t *testing.T, store *Store) (release func()) {
	t.Helper()
	in, out := make(chan struct{}), make(chan struct{})
	entered := stdsync.OnceFunc(func() { close(in) }) // a write may be done again
	ended := make(chan error, 1)
	go func() {
		ended <- store.writer.submit(context.Background(), func(*tx) error {
			entered()
			<-out
			return nil
		})
	}()
	<-in
	return func() {
		close(out)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestContextThatEndsBeforeAWriteIsTakenPreventsIt(t *testing.T) {
	store := openStore(t)
	release := hold(t, store)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := store.Append(ctx, []sync.Commit{{Scope: "unit:a", Seq: 1}}, nil)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, hub.ErrUnknown) {
		t.Errorf("append: %v", err)
	}
	release()
	if head, err := store.Head(t.Context(), "unit:a"); err != nil || head.Seq != 0 {
		t.Errorf("head %+v, %v", head, err)
	}
}

func TestContextThatEndsWithinAWriteLeavesItsOutcomeUnknown(t *testing.T) {
	store := openStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := make(chan struct{})
	done := make(chan struct{})
	err := store.writer.submit(ctx, func(x *tx) error {
		defer close(done)
		cancel()
		<-out
		return x.appendEntry(entry{Commit: sync.Commit{Scope: "unit:a", Seq: 1}, hash: "h", body: "{}"})
	})
	if !errors.Is(err, hub.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller was told %v", err)
	}
	close(out)
	<-done
	hold(t, store)() // the group of that write has ended
	if head, err := store.Head(t.Context(), "unit:a"); err != nil || head.Seq != 1 {
		t.Errorf("the write was not carried out: head %+v, %v", head, err)
	}
}

func TestWriteThatFailsHalfDoneSpoilsNoOther(t *testing.T) {
	store := openStore(t)
	broken := errors.New("broken")
	release := hold(t, store)
	var wg stdsync.WaitGroup
	for i := range 10 {
		scope := fmt.Sprint("unit:", i)
		wg.Go(func() {
			err := store.writer.submit(t.Context(), func(x *tx) error {
				if err := x.appendEntry(entry{Commit: sync.Commit{Scope: sync.Scope(scope), Seq: 1}, hash: "h", body: "{}"}); err != nil {
					return err
				}
				if i == 5 {
					return broken
				}
				return nil
			})
			if (i == 5) != errors.Is(err, broken) || i != 5 && err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	release()
	wg.Wait()
	for i := range 10 {
		head, err := store.Head(t.Context(), sync.Scope(fmt.Sprint("unit:", i)))
		if err != nil || (head.Seq == 1) != (i != 5) {
			t.Errorf("write %d: head %+v, %v", i, head, err)
		}
	}
}

func TestWritesThatWaitShareATransaction(t *testing.T) {
	store := openStore(t)
	release := hold(t, store)
	var mu stdsync.Mutex
	var wg stdsync.WaitGroup
	// A row that a write sees though no transaction has ended since it was
	// made can only be one of its own group.
	seen := 0
	for i := range 20 {
		wg.Go(func() {
			err := store.writer.submit(t.Context(), func(x *tx) error {
				head, err := store.Head(context.Background(), "unit:a") // as others see it
				if err != nil {
					return err
				}
				own, err := x.head("unit:a")
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if own.Seq > head.Seq {
					seen++
				}
				return x.appendEntry(entry{Commit: sync.Commit{Scope: "unit:a", Seq: own.Seq + 1}, hash: "h", body: "{}"})
			})
			if err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	release()
	wg.Wait()
	if seen == 0 {
		t.Error("every write had a transaction of its own")
	}
}

func TestBusyFileIsAnErrorOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	first, err := Open(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := Open(Config{Path: path, Busy: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	release := hold(t, first)
	_, err = second.Append(t.Context(), []sync.Commit{{Scope: "unit:a", Seq: 1}}, nil)
	if !isBusy(err) || errors.Is(err, hub.ErrTaken) || errors.Is(err, hub.ErrUnknown) {
		t.Errorf("append while another writes: %v", err)
	}
	if _, err := second.Head(t.Context(), "unit:a"); err != nil {
		t.Errorf("reading while another writes: %v", err)
	}
	release()
	if _, err := second.Append(t.Context(), []sync.Commit{{Scope: "unit:a", Seq: 1}}, nil); err != nil {
		t.Errorf("append afterwards: %v", err)
	}
}
