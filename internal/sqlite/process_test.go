package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"thidua/internal/hub/storetest"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// TestMain turns the test binary into another process that appends, if it was
// started as one: it prints the number of commits acknowledged after each.
func TestMain(m *testing.M) {
	if path := os.Getenv("SQLITE_TEST_APPEND"); path != "" {
		n, err := strconv.Atoi(os.Getenv("SQLITE_TEST_COMMITS"))
		if err == nil {
			err = appendAs(path, sync.DeviceID(os.Getenv("SQLITE_TEST_DEVICE")), n)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func appendAs(path string, device sync.DeviceID, n int) error {
	store, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	for i := range n {
		if err := storetest.Extend(context.Background(), store, "unit:a", device); err != nil {
			return err
		}
		fmt.Println(i + 1)
	}
	return store.Close()
}

// start runs the test binary as a process that appends n commits.
func start(t *testing.T, path, device string, n int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SQLITE_TEST_APPEND="+path, "SQLITE_TEST_DEVICE="+device, "SQLITE_TEST_COMMITS="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	total := 0
	for round, stop := range []int{1, 30, 75} {
		cmd, lines := start(t, path, fmt.Sprint(round), 1<<30)
		acknowledged := 0
		for lines.Scan() { // after the kill, what it had still printed
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatal(err)
			}
			if acknowledged = n; n == stop {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
		store := openAt(t, path)
		count := storetest.CheckLog(t, store, "unit:a")
		have := count[sync.DeviceID(fmt.Sprint(round))]
		if have < acknowledged || have > acknowledged+1 {
			t.Errorf("%d commits were acknowledged, %d are there", acknowledged, have)
		}
		total += have
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := 0
	for _, n := range storetest.CheckLog(t, openAt(t, path), "unit:a") {
		all += n
	}
	if all != total {
		t.Errorf("%d commits, %d when they were counted first", all, total)
	}
}

func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db") // which both of them create
	const each = 60
	var commands []*exec.Cmd
	for i := range 2 {
		cmd, lines := start(t, path, fmt.Sprint(i), each)
		commands = append(commands, cmd)
		go func() {
			for lines.Scan() { // lest it blocks on a full pipe
				continue
			}
		}()
	}
	store := openAt(t, path)
	for i := range commands {
		if err := storetest.Extend(t.Context(), store, "unit:a", sync.DeviceID(fmt.Sprint("parent", i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	count := storetest.CheckLog(t, store, "unit:a")
	if count["0"] != each || count["1"] != each || count["parent0"] != 1 || count["parent1"] != 1 {
		t.Errorf("commits: %v", count)
	}
}
