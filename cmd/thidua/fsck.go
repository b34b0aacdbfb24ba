package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/fsck"
)

// maxShown is how many findings are printed for people; --json prints all.
const maxShown = 100

// fsck checks a database, beside running servers too, and repairs what is
// projected from its logs. It fails if something remains to be told.
func (e environment) fsck(ctx context.Context, args []string) (err error) {
	flags := e.flags("fsck")
	data := flags.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	name := flags.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	repair := flags.Bool("repair", false, "sửa phần tổng hợp từ nhật ký; nhật ký không bao giờ bị sửa / mend what is projected from the logs; these are never touched")
	quick := flags.Bool("quick", false, "chỉ tra mẫu kết quả và lịch sử / look up a sample of receipts and histories only")
	asJSON := flags.Bool("json", false, "in báo cáo dạng JSON / print the report as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := openExisting(ctx, *name, *data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	report, err := e.checkStore(ctx, s, fsck.Config{Repair: *repair, Quick: *quick})
	if err != nil {
		return err
	}
	if *asJSON {
		out := json.NewEncoder(e.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		if err := out.Encode(report); err != nil {
			return err
		}
	} else {
		printReport(e.out, report)
	}
	if n := len(report.Open()); n > 0 {
		return fmt.Errorf("còn %d vấn đề / %d findings remain", n, n)
	}
	return nil
}

// openExisting opens a store that must be there already.
func openExisting(ctx context.Context, name, data string) (store, error) {
	if name == "sqlite" {
		if _, err := os.Stat(databaseFile(data)); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("không có cơ sở dữ liệu / no database: %s", databaseFile(data))
		}
	}
	return openStore(ctx, name, data, slog.New(slog.DiscardHandler))
}

// checkStore checks a store against the domain's schema, with progress.
func (e environment) checkStore(ctx context.Context, s fsck.Store, cfg fsck.Config) (fsck.Report, error) {
	show := newProgress(e.err)
	cfg.Store, cfg.Schema = s, emulation.New().Schema()
	cfg.Progress = func(p fsck.Progress) {
		show.say(p.Commits, "fsck: %d/%d phạm vi / scopes, %d mục / commits, %d hồ sơ / documents", p.Scopes, p.AllScopes, p.Commits, p.Documents)
	}
	return fsck.Check(ctx, cfg)
}

// printReport prints a report for people.
func printReport(out io.Writer, r fsck.Report) {
	for i, f := range r.Findings {
		if i == maxShown {
			fmt.Fprintf(out, "… và %d vấn đề nữa (--json in tất cả) / and %d more (--json prints all)\n", len(r.Findings)-i, len(r.Findings)-i)
			break
		}
		state := ""
		switch {
		case f.Repaired:
			state = " · đã sửa / repaired"
		case f.Repairable:
			state = " · sửa được bằng --repair / --repair mends it"
		}
		fmt.Fprintf(out, "%s %s", f.Code, f.Scope)
		if f.Seq != 0 {
			fmt.Fprintf(out, "/%d", f.Seq)
		}
		fmt.Fprintf(out, " %s%s\n  %s\n  %s\n", f.Doc, state, f.Says.VI, f.Says.EN)
		if f.Detail != "" {
			fmt.Fprintf(out, "  (%s)\n", f.Detail)
		}
	}
	fmt.Fprintf(out, "Đã kiểm tra / checked: %d phạm vi / scopes, %d mục / commits, %d hồ sơ / documents, %d kết quả / receipts, %d lịch sử / histories, %d tham chiếu / references\n",
		r.Scopes, r.Commits, r.Documents, r.Receipts, r.Histories, r.References)
	if n := len(r.Findings); n > 0 {
		fmt.Fprintf(out, "%d vấn đề, %d đã sửa / %d findings, %d repaired\n", n, n-len(r.Open()), n, n-len(r.Open()))
	} else {
		fmt.Fprintln(out, "Không có vấn đề nào / nothing is wrong")
	}
}

// A progress tells how far a command has come, at most once a second.
type progress struct {
	out         io.Writer
	began, last time.Time
}

func newProgress(out io.Writer) *progress {
	now := time.Now()
	return &progress{out: out, began: now, last: now}
}

// say prints a line with the rate of what was done so far.
func (p *progress) say(done int64, format string, args ...any) {
	now := time.Now()
	if now.Sub(p.last) < time.Second {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, format+", %.0f/s\n", append(args, float64(done)/now.Sub(p.began).Seconds())...)
}
