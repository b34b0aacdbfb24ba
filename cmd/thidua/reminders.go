package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/push"
	"thidua/sync"
)

// reminders shows what was told of what is due in some days, what was not and
// why, and what is to come as things are now. It tells nobody anything.
func (e environment) reminders(ctx context.Context, args []string) (err error) {
	fs := e.flags("reminders")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	first := fs.String("from", "", "từ ngày YYYY-MM-DD, mặc định hôm nay / from a day, today by default")
	last := fs.String("to", "", "đến hết ngày YYYY-MM-DD, mặc định 30 ngày sau / to the end of a day, 30 days later by default")
	asJSON := fs.Bool("json", false, "in mỗi dòng một đối tượng JSON / print one JSON object a line")
	if err := fs.Parse(args); err != nil {
		return err
	}
	from, to, err := days(*first, *last, time.Now())
	if err != nil {
		return err
	}
	srv, err := open(ctx, settings{data: *data, store: *store, log: slog.New(slog.NewTextHandler(e.err, nil))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.close()) }()
	show, end := reminderTable(e.out)
	if *asJSON {
		show, end = reminderLines(e.out)
	}
	for r, err := range srv.push.Listing(ctx, []sync.Grant{{Role: emulation.Admin}}, push.Query{From: from, To: to}) {
		if err != nil {
			return err
		}
		if err := show(r); err != nil {
			return err
		}
	}
	return end()
}

// days returns the time from the beginning of one day to the end of another,
// where the people are, in milliseconds since 1970.
func days(first, last string, now time.Time) (from, to int64, err error) {
	zone := time.FixedZone("UTC+7", 7*60*60)
	begin := now.In(zone)
	if first != "" {
		if begin, err = time.ParseInLocation(time.DateOnly, first, zone); err != nil {
			return 0, 0, errors.New("--from: a day such as 2026-12-01")
		}
	}
	begin = time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, zone)
	end := begin.AddDate(0, 0, 30)
	if last != "" {
		if end, err = time.ParseInLocation(time.DateOnly, last, zone); err != nil {
			return 0, 0, errors.New("--to: a day such as 2026-12-31")
		}
	}
	end = end.AddDate(0, 0, 1)
	if !end.After(begin) || end.Sub(begin) > 367*24*time.Hour {
		return 0, 0, errors.New("--to is not before --from, and not more than a year later")
	}
	return begin.UnixMilli(), end.UnixMilli(), nil
}

// reminderTable prints rows for people, in columns; end flushes them.
func reminderTable(out io.Writer) (show func(push.Row) error, end func() error) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, err := fmt.Fprintln(w, "đến hạn / due\tloại / kind\tngười / person\ttrạng thái / state\tlý do / reason")
	show = func(r push.Row) error {
		_, failed := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", emulation.FormatTime(r.Due), r.Kind, r.Person, r.State, r.Reason)
		return errors.Join(err, failed)
	}
	return show, w.Flush
}

// reminderLines prints rows for programs.
func reminderLines(out io.Writer) (show func(push.Row) error, end func() error) {
	enc := json.NewEncoder(out)
	show = func(r push.Row) error {
		return enc.Encode(struct {
			Key     string        `json:"key"`
			Kind    string        `json:"kind"`
			Person  sync.PersonID `json:"person"`
			Subject sync.DocID    `json:"subject,omitempty"`
			Due     int64         `json:"due"`
			State   string        `json:"state"`
			Reason  sync.Code     `json:"reason,omitempty"`
			At      int64         `json:"at,omitempty"`
		}{r.Key, r.Kind, r.Person, r.Subject, r.Due, r.State, r.Reason, r.At})
	}
	return show, func() error { return nil }
}
