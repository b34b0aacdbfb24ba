package move_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/move"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// TestMain turns the test binary into another process that moves, if it was
// started as one: it prints a line after every write.
func TestMain(m *testing.M) {
	if from := os.Getenv("MOVE_TEST_FROM"); from != "" {
		if err := moveAs(from, os.Getenv("MOVE_TEST_TO")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func moveAs(from, to string) error {
	source, err := sqlite.Open(sqlite.Config{Path: from})
	if err != nil {
		return err
	}
	target, err := sqlite.Open(sqlite.Config{Path: to})
	if err != nil {
		return err
	}
	_, err = move.Run(context.Background(), move.Config{
		From: source, To: target, Commits: 5, Progress: func(p move.Progress) { fmt.Println(p.Commits) },
	})
	return errors.Join(err, source.Close(), target.Close())
}

func seeded(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return seed
}

func TestEverythingIsMovedThereAndBack(t *testing.T) {
	a, b, c := fresh(t), fresh(t), fresh(t)
	fill(t, a, 300, seeded(t))
	report, err := move.Run(t.Context(), move.Config{From: a, To: b, Bytes: 64 << 10})
	must(t, err)
	moved(t, a, b)
	if report.Scopes != 7 || report.People != 20 || report.Devices != 40 || report.Codes != 20 || report.Keys != 2 || report.Late != 0 ||
		report.Tokens != 10 || report.Told != 30 || report.Messages != 30 {
		t.Errorf("the report says %+v", report)
	}
	_, err = move.Run(t.Context(), move.Config{From: b, To: c})
	must(t, err)
	moved(t, a, c)
	again, err := move.Run(t.Context(), move.Config{From: a, To: b})
	if err != nil || again.Commits != 0 || again.Bytes != 0 {
		t.Errorf("moved again: %+v, %v", again, err)
	}
}

func TestMoveStoppedAfterAnyWriteIsContinued(t *testing.T) {
	a, b := fresh(t), fresh(t)
	fill(t, a, 60, seeded(t))
	stops := 0
	for {
		ctx, cancel := context.WithCancel(t.Context())
		writes := int64(0)
		_, err := move.Run(ctx, move.Config{From: a, To: b, Commits: 3, Progress: func(p move.Progress) {
			if p.Commits > writes {
				writes = p.Commits
				cancel()
			}
		}})
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if writes == 0 || writes > 3 {
			t.Fatalf("%d commits were copied in one write", writes)
		}
		stops++
	}
	if stops < 20 {
		t.Errorf("stopped %d times only", stops)
	}
	moved(t, a, b)
}

func TestMoveKilledIsContinued(t *testing.T) {
	seed := seeded(t)
	random := rand.New(rand.NewPCG(seed, 1))
	from, to := filepath.Join(t.TempDir(), "from.db"), filepath.Join(t.TempDir(), "to.db")
	fill(t, openAt(t, from), 100, seed)
	kills := 0
	for done := false; !done; {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "MOVE_TEST_FROM="+from, "MOVE_TEST_TO="+to)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		left := 1 + random.IntN(8)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if left--; left == 0 {
				_ = cmd.Process.Kill()
				kills++
			}
		}
		done = cmd.Wait() == nil
	}
	if kills < 3 {
		t.Errorf("killed %d times only", kills)
	}
	moved(t, openAt(t, from), openAt(t, to))
}

func TestTargetWithSomethingElseIsRefusedAndLeftAlone(t *testing.T) {
	for name, spoil := range map[string]func(move.Store) error{
		"a log of its own": func(s move.Store) error { return extend(t.Context(), s, sync.Org, true) },
		"another beginning": func(s move.Store) error {
			return extend(t.Context(), s, sync.UnitScope(sync.DocID(sync.NameID("unit", "1"))), true)
		},
		"a person":       func(s move.Store) error { return s.CreatePerson(t.Context(), hub.Person{ID: "x", Login: "x"}) },
		"a code":         func(s move.Store) error { return s.CreateCode(t.Context(), hub.EnrolmentCode{Hash: "x"}) },
		"a signing key":  func(s move.Store) error { return s.CreateSigningKey(t.Context(), hub.SigningKey{ID: "x"}) },
		"something told": func(s move.Store) error { return s.Record(t.Context(), []hub.Told{{Key: "x"}}) },
		"a message it sent": func(s move.Store) error {
			return s.PutMessage(t.Context(), hub.Message{ID: "message0", State: hub.PushSent, Round: 1})
		},
		"a message it tried to send": func(s move.Store) error {
			return s.PutMessage(t.Context(), hub.Message{ID: "message1", State: hub.PushWaiting, Round: 1, Attempts: 2})
		},
	} {
		a, b := fresh(t), fresh(t)
		fill(t, a, 10, 1)
		must(t, spoil(b))
		before := read(t, b)
		if _, err := move.Run(t.Context(), move.Config{From: a, To: b}); !errors.Is(err, move.ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
		if after := read(t, b); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%s: the target was written to", name)
		}
	}
}

func TestTargetThatIsAheadIsRefused(t *testing.T) {
	a, b := fresh(t), fresh(t)
	fill(t, a, 10, 1)
	_, err := move.Run(t.Context(), move.Config{From: a, To: b})
	must(t, err)
	must(t, extend(t.Context(), b, sync.UnitScope(sync.DocID(sync.NameID("unit", "1"))), true))
	if _, err := move.Run(t.Context(), move.Config{From: a, To: b}); !errors.Is(err, move.ErrOther) {
		t.Errorf("%v", err)
	}
}

func TestTargetThatFollowedItsLogsFurtherIsRefused(t *testing.T) {
	a, b := fresh(t), fresh(t)
	fill(t, a, 10, 1)
	_, err := move.Run(t.Context(), move.Config{From: a, To: b})
	must(t, err)
	must(t, b.Follow(t.Context(), sync.UnitScope(sync.DocID(sync.NameID("unit", "1"))), 1, 2))
	if _, err := move.Run(t.Context(), move.Config{From: a, To: b}); !errors.Is(err, move.ErrOther) {
		t.Errorf("%v", err)
	}
}

func TestWhatComesToTheSourceMeanwhileIsCopied(t *testing.T) {
	a, b := fresh(t), fresh(t)
	fill(t, a, 30, seeded(t))
	scope := sync.UnitScope(sync.DocID(sync.NameID("unit", "0")))
	written := false
	report, err := move.Run(t.Context(), move.Config{From: a, To: b, Progress: func(p move.Progress) {
		if p.Scopes < 7 || written {
			return
		}
		written = true
		must(t, extend(t.Context(), a, scope, true))
		p1, err := a.PersonByLogin(t.Context(), "login1")
		must(t, err)
		renamed := p1
		renamed.Name = "Tên mới"
		must(t, a.UpdatePerson(t.Context(), p1, renamed))
		devices, err := a.Devices(t.Context(), p1.ID)
		must(t, err)
		seen := devices[0]
		seen.Seen, seen.Current = 99, "d"
		must(t, a.UpdateDevice(t.Context(), devices[0], seen))
		must(t, a.RedeemCode(t.Context(), "hash7", "device", 60))
		must(t, workOn(t.Context(), a, scope))
	}})
	must(t, err)
	if report.Late != 1 {
		t.Errorf("%d commits came meanwhile", report.Late)
	}
	moved(t, a, b)
}

// workOn does what a server does with what push keeps.
func workOn(ctx context.Context, s move.Store, scope sync.Scope) error {
	device := func(i int) sync.DeviceID { return sync.DeviceID(sync.NameID(fmt.Sprint("device ", i), "a")) }
	person := func(i int) sync.PersonID { return sync.PersonID(sync.NameID(fmt.Sprint("person ", i))) }
	return errors.Join(
		s.DropToken(ctx, device(2), "token2"),
		s.PutToken(ctx, hub.PushToken{Device: device(3), Person: person(3), Token: "token4", Set: 50}), // which was another's
		s.PutToken(ctx, hub.PushToken{Device: device(15), Person: person(15), Token: "token15", Set: 50}),
		s.Record(ctx, []hub.Told{{Key: "a later key", Due: 1, State: hub.PushSent}}),
		s.RemoveMessage(ctx, "message1"),
		s.PutMessage(ctx, hub.Message{ID: "message0", State: hub.PushSent, Round: 1, Attempts: 1}),
		s.PutMessage(ctx, hub.Message{ID: "message", State: hub.PushWaiting}),
		s.PutMessage(ctx, hub.Message{ID: "message99", State: hub.PushWaiting}),
		s.Follow(ctx, scope, 0, 2),
	)
}

func TestSourceThatNeverStandsStillIsGivenUp(t *testing.T) {
	a, b := fresh(t), fresh(t)
	fill(t, a, 10, 1)
	scope := sync.UnitScope(sync.DocID(sync.NameID("unit", "0")))
	_, err := move.Run(t.Context(), move.Config{From: a, To: b, Progress: func(p move.Progress) {
		if p.Scopes == p.AllScopes {
			must(t, extend(t.Context(), a, scope, true))
		}
	}})
	if !errors.Is(err, move.ErrBusy) {
		t.Errorf("%v", err)
	}
}

// uncertain is a target whose answers to appends get lost, or that stops
// half way.
type uncertain struct {
	move.Store
	random *rand.Rand
}

func (u *uncertain) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	switch u.random.IntN(4) {
	case 0: // it never arrived
		return 0, hub.ErrUnknown
	case 1: // a part did
		n, err := u.Store.Append(ctx, commits[:1+u.random.IntN(len(commits))], nil)
		return n, errors.Join(err, hub.ErrUnknown)
	case 2: // all did
		n, err := u.Store.Append(ctx, commits, nil)
		return n, errors.Join(err, hub.ErrBehind)
	}
	return u.Store.Append(ctx, commits, docs)
}

func TestLostAnswersAreSettledByLooking(t *testing.T) {
	seed := seeded(t)
	a, b := fresh(t), fresh(t)
	fill(t, a, 100, seed)
	target := &uncertain{b, rand.New(rand.NewPCG(seed, 2))}
	for try := 0; ; try++ { // the target may fail more often than is borne
		_, err := move.Run(t.Context(), move.Config{From: a, To: target, Commits: 6})
		if err == nil {
			break
		}
		if try == 100 || !errors.Is(err, hub.ErrUnknown) {
			t.Fatal(err)
		}
	}
	moved(t, a, b)
}
