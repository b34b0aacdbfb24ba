// Command bench measures what thidua promises about speed and size, against a
// real server process on a fresh database, and says for each figure which
// limit it must keep. Figures are ratios within one run wherever they can be,
// so that they mean the same on another machine.
//
//	go run ./scripts/bench            everything, some minutes
//	go run ./scripts/bench --short    what takes seconds
//	go run ./scripts/bench bytes cut  only the cases named
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// A benchmark is one case. Its figures are printed as they come.
type benchmark struct {
	name  string
	about string
	long  bool // takes minutes
	run   func(context.Context, *bench) error
}

func cases() []benchmark {
	return []benchmark{
		{"bytes", "a day offline: 20 one-field edits up, 50 changed documents of 3–8 KB down", false, dayBytes},
		{"slow", "the same over 400 ms, 100 kbit/s down, 50 kbit/s up", false, daySlow},
		{"cut", "the same, every connection cut after 15 KB or 3 s and refused for 2 s", false, dayCut},
		{"single", "eight phones pushing single edits, each acknowledged durably", false, pushSingle},
		{"many", "32 phones pushing at once, against bare durable inserts", false, pushMany},
		{"merge", "merging one mutation into an 8 KB document (Go benchmark)", false, mergeOne},
		{"ranking", "a cluster's ranking after one score, a province's from nothing (Go benchmarks)", false, rankProvince},
		{"push", "10,000 notices from SQLite to a stand-in for FCM, one attempt in twenty failing (Go benchmark)", false, pushNotices},
		{"others", "the same pull with 1,000 and with 100,000 other documents", true, pullOthers},
		{"mongo", "eight and 32 phones pushing single edits on MongoDB, against bare inserts; pulls beside other documents", true, onMongo},
		{"first-slow", "first sync of 1,000 documents over the slow link", true, firstSlow},
		{"first-cut", "first sync of 1,000 documents over the cut link", true, firstCut},
		{"growth", "bytes on disk a document and 1,000 edits, and ten years of a province", false, growth},
		{"move", "a database moved from SQLite into MongoDB, stopped in the middle, and back", true, moveAll},
	}
}

// A bench runs cases and remembers whether all limits were kept.
type bench struct {
	dir    string
	binary string
	// documents is how many are moved from store to store.
	documents int
	missed    []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	short := fs.Bool("short", false, "only what takes seconds")
	documents := fs.Int("documents", 100_000, "documents that are moved")
	if err := fs.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "thidua-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, documents: *documents}
	if err := b.build(ctx); err != nil {
		return err
	}
	for _, c := range cases() {
		if *short && c.long || fs.NArg() > 0 && !slices.Contains(fs.Args(), c.name) {
			continue
		}
		began := time.Now()
		fmt.Printf("\n%s: %s\n", c.name, c.about)
		if err := c.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Printf("  (%.0f s)\n", time.Since(began).Seconds())
	}
	if len(b.missed) > 0 {
		return fmt.Errorf("limits missed: %s", strings.Join(b.missed, ", "))
	}
	fmt.Println("\nall limits kept")
	return nil
}

// report prints a figure without a limit.
func (b *bench) report(what string, format string, args ...any) {
	fmt.Printf("  %-58s %s\n", what, fmt.Sprintf(format, args...))
}

// atMost prints a figure that must not exceed a limit.
func (b *bench) atMost(what string, figure, limit float64, unit string) {
	b.judge(what, figure, limit, unit, "≤", figure <= limit)
}

// atLeast prints a figure that must reach a limit.
func (b *bench) atLeast(what string, figure, limit float64, unit string) {
	b.judge(what, figure, limit, unit, "≥", figure >= limit)
}

// aim prints a figure that should reach an aim, and says so if it does not; no
// promise is broken by that.
func (b *bench) aim(what string, figure, aim float64, unit string) {
	mark := "ok"
	if figure < aim {
		mark = "aim not reached"
	}
	fmt.Printf("  %-58s %10.2f %s  (aim ≥ %g)  %s\n", what, figure, unit, aim, mark)
}

func (b *bench) judge(what string, figure, limit float64, unit, sign string, kept bool) {
	mark := "ok"
	if !kept {
		mark = "MISSED"
		b.missed = append(b.missed, what)
	}
	fmt.Printf("  %-58s %10.2f %s  (%s %.2f)  %s\n", what, figure, unit, sign, limit, mark)
}
