package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/spreadsheet"
	"thidua/sync"
)

// export writes a workbook to print, or one to edit and import again.
func (e environment) export(ctx context.Context, args []string) (err error) {
	fs := e.flags("export")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	what := fs.String("what", "", "nội dung / contents: matrix, ranking, trackers, awards, units, people, criteria")
	cluster := fs.String("cluster", "", "mã hoặc định danh cụm / code or identifier of the cluster")
	period := fs.String("period", "", "mã hoặc định danh kỳ / code or identifier of the period")
	to := fs.String("to", "", "tệp .xlsx sẽ ghi / workbook to write")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *to == "" {
		return errors.New("--to is required")
	}
	srv, err := open(ctx, settings{data: *data, store: *store, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.close()) }()
	org, err := srv.hub.Reference(ctx)
	if err != nil {
		return err
	}
	x := exporting{srv: srv, org: org, day: emulation.DayOf(time.Now().UnixMilli())}
	var book bytes.Buffer
	if err := x.write(ctx, &book, *what, *cluster, *period); err != nil {
		return err
	}
	if err := os.WriteFile(*to, book.Bytes(), 0o600); err != nil { // it may hold people and scores
		return err
	}
	fmt.Fprintf(e.out, "Đã ghi / written: %s (%d byte)\n", *to, book.Len())
	return nil
}

// An exporting writes one workbook.
type exporting struct {
	srv *server
	org *sync.Reference
	day string
}

func (x exporting) write(ctx context.Context, w io.Writer, what, cluster, period string) error {
	report, ok := map[string]func(io.Writer, spreadsheet.View) error{
		"matrix": spreadsheet.WriteMatrix, "ranking": spreadsheet.WriteRanking, "trackers": spreadsheet.WriteTrackers, "awards": spreadsheet.WriteAwards,
	}[what]
	switch {
	case ok:
		v, err := x.view(ctx, cluster, period)
		if err != nil {
			return err
		}
		return report(w, v)
	case what == "units":
		return spreadsheet.WriteUnits(w, x.org, x.day)
	case what == "criteria":
		return spreadsheet.WriteCriteria(w, x.org, x.day)
	case what == "people":
		people, err := x.people(ctx)
		if err != nil {
			return err
		}
		return spreadsheet.WritePeople(w, x.org, people, x.day)
	}
	return fmt.Errorf("--what is matrix, ranking, trackers, awards, units, people or criteria, not %q", what)
}

// view gathers what a report on a cluster is written from.
func (x exporting) view(ctx context.Context, cluster, period string) (spreadsheet.View, error) {
	v := spreadsheet.View{Org: x.org, Day: x.day}
	var err error
	if v.Cluster, err = find(x.org, emulation.TypeCluster, cluster); err != nil {
		return v, err
	}
	if v.Period, err = find(x.org, emulation.TypePeriod, period); err != nil {
		return v, err
	}
	for _, scope := range spreadsheet.Sources(x.org, v.Cluster, v.Period) {
		docs, err := x.srv.hub.Live(ctx, overseer(), scope)
		if err != nil {
			return v, err
		}
		v.Docs = append(v.Docs, docs...)
	}
	return v, nil
}

// people returns everybody, page by page.
func (x exporting) people(ctx context.Context) ([]spreadsheet.Person, error) {
	var all []spreadsheet.Person
	for after := ""; ; {
		page, err := x.srv.auth.People(ctx, operator, after, 500)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			all = append(all, spreadsheet.Person{Login: p.Login, Name: p.Name, Grants: p.Grants})
			after = p.Login
		}
		if len(page) < 500 {
			return all, nil
		}
	}
}
