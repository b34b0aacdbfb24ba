package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMain(m *testing.M) {
	flag.Uint64("seed", 0, "of the first history; 0 draws one")
	flag.Int("histories", 0, "how many to run; 0 is as many as a test of seconds allows")
	flag.String("keep", "", "the steps of the history of -seed to keep, such as 3-7,12")
	flag.String("mutant", "", "the only one to look for")
	flag.Duration("shrink", 20*time.Second, "how long to look for a shorter history that fails")
	flag.Duration("progress", 0, "how often to tell how far it is")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(200 << 20)
	os.Exit(m.Run())
}

// option returns a flag of TestMain.
func option[T any](name string) T {
	v, _ := flag.Lookup(name).Value.(flag.Getter).Get().(T)
	return v
}

// history runs one history in a bubble of its own.
func history(t *testing.T, p plan) (o outcome) {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "sim")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(*testing.T) { o = run(p, dir) })
	return o
}

// memory returns a directory that is no disk, where the system has one and
// nobody asked for another.
func memory() string {
	if os.Getenv("TMPDIR") != "" {
		return ""
	}
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// report tells of a violation: the history, shrunk, and how to run it again.
func report(t *testing.T, p plan, o outcome) {
	t.Helper()
	breaks := func(p plan) bool { return history(t, p).violation != nil }
	left := shrink(p, breaks, time.Now().Add(option[time.Duration]("shrink")))
	small := history(t, p.keep(left))
	t.Errorf("seed %d: %v\nleft of %d steps are %d: %v\n%s\nagain: go test ./internal/sim -run TestReplay -v -args -seed %d -keep %s",
		p.seed, o.violation, len(p.steps), len(left), small.violation, strings.Join(small.trace, ""), p.seed, ranges(left))
}

// ranges writes ascending numbers as 3-7,12.
func ranges(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		part := strconv.Itoa(list[i])
		if j > i {
			part += "-" + strconv.Itoa(list[j])
		}
		parts, i = append(parts, part), j+1
	}
	return strings.Join(parts, ",")
}

func numbers(t *testing.T, text string) (list []int) {
	t.Helper()
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a, err := strconv.Atoi(from)
		if err != nil {
			t.Fatal(err)
		}
		b := a
		if isRange {
			if b, err = strconv.Atoi(to); err != nil {
				t.Fatal(err)
			}
		}
		for ; a <= b; a++ {
			list = append(list, a)
		}
	}
	return list
}

func TestHistoriesKeepEveryPromise(t *testing.T) {
	seed, histories, every := option[uint64]("seed"), option[int]("histories"), option[time.Duration]("progress")
	if seed == 0 {
		seed = rand.Uint64N(1 << 48)
	}
	began := time.Now()
	until := began.Add(10 * time.Second)
	if histories > 0 {
		until = began.Add(24 * time.Hour)
	}
	n, told := 0, began
	for ; (histories == 0 || n < histories) && time.Now().Before(until); n++ {
		p := newPlan(seed + uint64(n))
		if o := history(t, p); o.violation != nil {
			report(t, p, o)
			n++
			break
		}
		if every > 0 && time.Since(told) >= every {
			told = time.Now()
			fmt.Printf("%d histories from seed %d, %.0f/s\n", n+1, seed, float64(n+1)/time.Since(began).Seconds())
		}
	}
	t.Logf("%d histories from seed %d, %.0f/s", n, seed, float64(n)/time.Since(began).Seconds())
}

func TestReplay(t *testing.T) {
	seed, keep := option[uint64]("seed"), option[string]("keep")
	p := newPlan(seed)
	if keep != "" {
		p = p.keep(numbers(t, keep))
	}
	o := history(t, p)
	t.Logf("%s%d lines, hash %x, met %v", strings.Join(o.trace, ""), len(o.trace), o.hash, o.met)
	if o.violation != nil {
		t.Error(o.violation)
	}
}

func TestFixedSetOfHistoriesKeepsEveryPromise(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(40) {
		o := history(t, newPlan(seed))
		if o.violation != nil {
			report(t, newPlan(seed), o)
		}
		for what, n := range o.met {
			met[what] += n
		}
	}
	t.Logf("met: %v", met)
	for _, what := range []string{ // or the histories are not what they are for
		"request", "applied", "merged", "conflict", "rejected", "duplicate", "settled", "derived", "drop", "reset", "lost in failover",
		"restored store", "restored phone",
	} {
		if met[what] == 0 {
			t.Errorf("never met: %s", what)
		}
	}
}

// The race detector lets goroutines run in an order drawn anew each time, so
// this compares runs of a binary without it.
func TestSameSeedIsTheSameHistory(t *testing.T) {
	binary := build(t, mutant{file: "internal/sim/doc.go", old: "package sim\n", new: "package sim\n"})
	for seed := range 12 {
		var traces [2][]string
		for i := range traces {
			out, err := exec.Command(binary, "-test.run=^TestReplay$", "-test.v", fmt.Sprintf("-seed=%d", seed)).CombinedOutput()
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, out)
			}
			traces[i] = slices.DeleteFunc(strings.Split(string(out), "\n"), func(line string) bool { return strings.HasPrefix(line, "--- PASS") })
		}
		for i, line := range traces[0] {
			if i >= len(traces[1]) || line != traces[1][i] {
				t.Fatalf("seed %d differs from line %d on: %s", seed, i, line)
			}
		}
		if len(traces[0]) < 100 {
			t.Fatalf("seed %d: a history of %d lines", seed, len(traces[0]))
		}
	}
}

func TestShrinkingLeavesOnlyWhatMatters(t *testing.T) {
	p := newPlan(1)
	p.steps = p.steps[:100]
	for i := range p.steps {
		p.steps[i].a = i
	}
	has := func(p plan, n int) bool {
		return slices.ContainsFunc(p.steps, func(s step) bool { return s.a == n })
	}
	left := shrink(p, func(p plan) bool { return has(p, 17) && has(p, 63) }, time.Now().Add(time.Minute))
	if got := ranges(left); got != "17,63" {
		t.Fatalf("left are %s", got)
	}
	if got := numbers(t, "3-5,9"); ranges(got) != "3-5,9" {
		t.Fatalf("read back as %v", got)
	}
}
