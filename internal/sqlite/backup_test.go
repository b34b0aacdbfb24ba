package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"thidua/internal/hub/storetest"
	"thidua/internal/sqlite"
	"thidua/sync"
)

func TestBackupIsOfOneMomentWhileOthersWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	store := openAt(t, path)
	for range 20 {
		if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
			t.Fatal(err)
		}
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
				stopped <- err
				return
			}
		}
	}()
	for _, name := range []string{"one", "two"} {
		if err := sqlite.Backup(t.Context(), path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "one")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the backup: %v, %v", info, err)
	}
	one := storetest.CheckLog(t, openAt(t, filepath.Join(dir, "one")), "unit:a")["phone"]
	two := storetest.CheckLog(t, openAt(t, filepath.Join(dir, "two")), "unit:a")["phone"]
	all := storetest.CheckLog(t, store, "unit:a")["phone"]
	if one < 20 || two < one || all < two {
		t.Errorf("%d, then %d commits in the backups, %d in the end", one, two, all)
	}
	if err := sqlite.Backup(t.Context(), path, filepath.Join(dir, "one")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup over a file: %v", err)
	}
	if err := sqlite.Backup(t.Context(), filepath.Join(dir, "none"), filepath.Join(dir, "three")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a backup of nothing: %v", err)
	}
}

func TestInstallReplacesOnlyWhatNobodyHasOpen(t *testing.T) {
	dir := t.TempDir()
	path, aside := filepath.Join(dir, "store.db"), filepath.Join(dir, "old.db")
	make1 := func(name string, commits int) string {
		p := filepath.Join(dir, name)
		s, err := sqlite.Open(sqlite.Config{Path: p})
		if err != nil {
			t.Fatal(err)
		}
		for range commits {
			if err := storetest.Extend(t.Context(), s, "unit:a", sync.DeviceID(name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if err := sqlite.Install(t.Context(), make1("first", 3), path, ""); err != nil {
		t.Fatal(err)
	}
	next := make1("second", 5)
	if err := sqlite.Install(t.Context(), next, path, ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a database: %v", err)
	}
	running, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Extend(t.Context(), running, "unit:a", "late"); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Install(t.Context(), next, path, aside); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("under somebody who has it open: %v", err)
	}
	if err := storetest.Extend(t.Context(), running, "unit:a", "late"); err != nil {
		t.Errorf("whoever had it open cannot write any more: %v", err)
	}
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Install(t.Context(), next, path, aside); err != nil {
		t.Fatal(err)
	}
	if n := storetest.CheckLog(t, openAt(t, path), "unit:a"); n["second"] != 5 {
		t.Errorf("in place: %v", n)
	}
	if n := storetest.CheckLog(t, openAt(t, aside), "unit:a"); n["first"] != 3 || n["late"] != 2 {
		t.Errorf("kept aside: %v", n)
	}
}

func TestInstallOverADamagedDatabaseKeepsItsLogOutOfTheWay(t *testing.T) {
	dir := t.TempDir()
	path, aside := filepath.Join(dir, "store.db"), filepath.Join(dir, "old.db")
	for name, text := range map[string]string{path: "no database at all", path + "-wal": "nor a log"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fresh := filepath.Join(dir, "fresh")
	s, err := sqlite.Open(sqlite.Config{Path: fresh})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(storetest.Extend(t.Context(), s, "unit:a", "phone"), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Install(t.Context(), fresh, path, aside); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{aside: "no database at all", aside + "-wal": "nor a log"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if n := storetest.CheckLog(t, openAt(t, path), "unit:a"); n["phone"] != 1 {
		t.Errorf("in place: %v", n)
	}
}
