package sim

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A mutant is a deliberate bug: a text in a file of the real source, or of the
// store modelled here, and what stands in its place.
type mutant struct {
	bug, file, old, new string
}

func mutants() []mutant {
	return []mutant{
		{
			"number taken before the write", "internal/sim/store.go",
			`free, err := s.write(ctx, "insert commit "+string(scope), func(st *state) bool { return st.insertCommit(c) })`,
			`free := false
		err := s.read(ctx, "number "+string(scope), func(st *state) { free = st.head(scope).Seq < c.Seq })
		if err == nil && free {
			_, err = s.write(ctx, "insert commit "+string(scope), func(st *state) bool {
				st.logs[scope] = append(st.logs[scope][:min(int(c.Seq)-1, len(st.logs[scope])):min(int(c.Seq)-1, len(st.logs[scope]))], c)
				st.indexReceipts(c)
				return true
			})
		}`,
		},
		{
			"receipts read before the head", "internal/hub/attempt.go",
			`	if g.head, err = h.head(ctx, scope, l); err != nil {
		return false, err
	}
	if g.known, err = h.known(ctx, jobs); err != nil {
		return false, err
	}`,
			`	if g.known, err = h.known(ctx, jobs); err != nil {
		return false, err
	}
	if g.head, err = h.head(ctx, scope, l); err != nil {
		return false, err
	}`,
		},
		{
			"receipt not stored", "internal/sim/state.go",
			`	s.logs[c.Scope] = append(log, c)
	s.indexReceipts(c)`,
			`	s.logs[c.Scope] = append(log, c)`,
		},
		{
			"watermark moved past an unfinished commit", "internal/sim/store.go",
			`docs []*sync.Document, mark hub.Mark) error {
	for _, d := range docs {`,
			`docs []*sync.Document, mark hub.Mark) error {
	if mark != (hub.Mark{}) {
		if err := s.moveMark(ctx, scope, mark); err != nil {
			return err
		}
	}
	for _, d := range docs {`,
		},
		{
			"duplicate key on upsert taken for done", "internal/sim/store.go",
			`	_, err = s.write(ctx, "update "+what+" again", func(st *state) bool { return st.updateDocument(d) })`,
			``,
		},
		{
			"own edits omitted for duplicates too", "internal/hub/push.go",
			`	if commit == nil {
		return
	}
	o := p.mine[b.scope]`,
			`	for _, i := range b.index {
		if ack := &p.Acks[i]; ack.Duplicate && ack.Outcome == sync.Applied {
			o, doc := p.mine[b.scope], req.Mutations[i].Doc
			if o == nil {
				o = &own{docs: map[sync.DocID]map[int64]bool{}}
				p.mine[b.scope] = o
			}
			if o.docs[doc] == nil {
				o.docs[doc] = map[int64]bool{}
			}
			o.docs[doc][ack.Seq] = true
		}
	}
	if commit == nil {
		return
	}
	o := p.mine[b.scope]`,
		},
		{
			"cursor stored before its segment", "sync/client/answer.go",
			`			steps = append(steps, func(tx *bbolt.Tx) error { return x.take(tx, closed) })`,
			`			err := x.client.db.Update(func(tx *bbolt.Tx) error {
				if r := openReplica(tx, inLive, closed.scope); r != nil {
					return r.close(closed.cursor.Cursor, false)
				}
				return nil
			})
			if err != nil {
				return err
			}
			steps = append(steps, func(tx *bbolt.Tx) error { return x.take(tx, closed) })`,
		},
		{
			"drop forgotten", "internal/hub/pull.go",
			`			if err := out.Line(&sync.Line{Drop: scope}); err != nil {
				return err
			}`,
			`			continue`,
		},
	}
}

// mutantHistories is within how many histories each mutant must be found.
const mutantHistories = 10_000

// mutantSeed is where the search begins unless told otherwise: from there even
// the rarest is found soon. A change of what histories are drawn may move that.
const mutantSeed = 900_000

const root = "../.."

// TestEveryMutantIsFound shows that the simulation sees what it is there for:
// each deliberate bug, alone, breaks something it checks. The source itself is
// not touched: the compiler is told to read other files instead.
func TestEveryMutantIsFound(t *testing.T) {
	seed := cmp.Or(option[uint64]("seed"), mutantSeed)
	began := time.Now()
	for _, m := range mutants() {
		if only := option[string]("mutant"); only != "" && only != m.bug {
			continue
		}
		binary := build(t, m)
		run := exec.Command(binary, "-test.run=^TestHistoriesKeepEveryPromise$", "-test.v", "-shrink=1ns",
			fmt.Sprintf("-seed=%d", seed), fmt.Sprintf("-histories=%d", mutantHistories))
		out, err := run.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		after := regexp.MustCompile(`(\d+) histories from seed`).FindStringSubmatch(string(out))
		found := regexp.MustCompile(`(?m)^.*seed \d+: (.*)$`).FindStringSubmatch(string(out))
		switch {
		case err == nil || after == nil || found == nil:
			t.Errorf("%s: not found from seed %d: %.300s", m.bug, seed, out)
		default:
			t.Logf("%s: found after %s histories: %.200s", m.bug, after[1], found[1])
		}
	}
	t.Logf("seed %d, %.0fs", seed, time.Since(began).Seconds())
}

// build compiles this package's tests with a mutant in them.
func build(t *testing.T, m mutant) string {
	t.Helper()
	at, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s: its text stands %d times in %s, not once: adapt it to what the source says now", m.bug, n, m.file)
	}
	dir := t.TempDir()
	file, overlay, binary := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {at: file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{file: strings.Replace(string(source), m.old, m.new, 1), overlay: string(replace)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", m.bug, err, out)
	}
	return binary
}
