package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// explain traces every score on a ranking to the edits, people, devices, times
// and reasons behind it.
func (e environment) explain(ctx context.Context, args []string) (err error) {
	fs := e.flags("explain")
	data := fs.String("data", e.or("THIDUA_DATA", "data"), "thư mục dữ liệu / data directory")
	store := fs.String("store", e.or("THIDUA_STORE", "sqlite"), storeUsage)
	cluster := fs.String("cluster", "", "mã cụm / code or id of the cluster")
	period := fs.String("period", "", "mã kỳ thi đua / code or id of the period")
	unit := fs.String("unit", "", "chỉ một đơn vị, theo mã / one unit only, by code or id")
	asJSON := fs.Bool("json", false, "in một đối tượng JSON / print one JSON object")
	if err := fs.Parse(args); err != nil {
		return err
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
	var of struct{ cluster, period, unit sync.DocID }
	if of.cluster, err = find(org, emulation.TypeCluster, *cluster); err != nil {
		return err
	}
	if of.period, err = find(org, emulation.TypePeriod, *period); err != nil {
		return err
	}
	if *unit != "" {
		if of.unit, err = find(org, emulation.TypeUnit, *unit); err != nil {
			return err
		}
	}
	x, err := srv.explain(ctx, of.cluster, of.period, of.unit)
	if err != nil {
		return err
	}
	if len(x.Rows) == 0 {
		return errors.New("no such cluster, period or unit: nothing is ranked there")
	}
	if *asJSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(x)
	}
	t := telling{out: e.out, srv: srv, names: map[string]string{}}
	t.explanation(ctx, x)
	return t.err
}

// explain reads the logs behind the ranking of a cluster in a period; with a
// unit, behind its row only.
func (s *server) explain(ctx context.Context, cluster, period, unit sync.DocID) (emulation.Explanation, error) {
	reader := hub.Caller{Author: sync.Author{Person: sync.Server, Grants: []sync.Grant{{Role: emulation.Admin}}}}
	org, err := s.hub.Reference(ctx)
	if err != nil {
		return emulation.Explanation{}, err
	}
	var docs []*sync.Document
	byID := map[sync.DocID]*sync.Document{}
	for _, scope := range emulation.RankingSources(org, cluster, period) {
		live, err := s.hub.Live(ctx, reader, scope)
		if err != nil {
			return emulation.Explanation{}, err
		}
		docs = append(docs, live...)
		for _, d := range live {
			byID[d.ID] = d
		}
	}
	now := emulation.Rank(org, cluster, period, docs)
	if unit != "" {
		rows := now.Rows
		now.Rows = nil
		for _, row := range rows {
			if row.Unit == unit {
				now.Rows = append(now.Rows, row)
			}
		}
	}
	papers := func(unit sync.DocID) (*emulation.Papers, error) {
		sheet := byID[emulation.SheetID(unit, period)]
		if sheet == nil {
			return nil, nil
		}
		return &emulation.Papers{
			Criteria: emulation.CriteriaOf(org, sheet.Body()), Sheet: sheet,
			Review: byID[emulation.ReviewID(sheet.ID)], Verification: byID[emulation.VerificationID(sheet.ID)],
		}, nil
	}
	return emulation.Explain(now, emulation.LastAnnounced(period, docs), papers, func(d *sync.Document) ([]emulation.Touch, error) {
		commits, err := s.hub.Story(ctx, reader, d.Scope, d.ID)
		return emulation.Touches(commits, d.ID), err
	})
}

// A telling prints an explanation for people. Err is the first error met.
type telling struct {
	out   io.Writer
	srv   *server
	names map[string]string // of people and devices, once looked up
	err   error
}

func (t *telling) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func (t *telling) explanation(ctx context.Context, x emulation.Explanation) {
	if x.Seq == 0 {
		t.line("Xếp hạng tạm tính / provisional ranking")
	} else {
		t.line("Xếp hạng đã công bố, lần %d / announced ranking, number %d", x.Seq, x.Seq)
	}
	if len(x.Changed) > 0 {
		t.line("  ! %d văn bản làm căn cứ đã thay đổi / documents of its basis have changed: %v", len(x.Changed), x.Changed)
	}
	for _, touch := range x.Told {
		t.touch(ctx, "  ", touch)
	}
	for _, row := range x.Rows {
		t.row(ctx, row)
	}
}

func (t *telling) row(ctx context.Context, row emulation.Explained) {
	if row.Score == nil {
		t.line("\n –  %s: không có bảng điểm / no sheet", row.Name)
		return
	}
	t.line("\n%2d  %s: %s %s", row.Rank, row.Name, emulation.FormatPoints(row.Score.Total), row.Tie)
	if row.ToldTotal != nil {
		t.line("    đã công bố / as announced: %d, %s", row.ToldRank, emulation.FormatPoints(*row.ToldTotal))
	}
	for _, step := range row.Steps {
		t.touch(ctx, "    ", step)
	}
	for _, c := range row.Criteria {
		t.line("    %s  %s/%s (%s)  %s", c.Code, emulation.FormatPoints(c.Official.Base), emulation.FormatPoints(c.Max), c.Stage, c.Title)
		for _, touch := range c.Touches {
			t.touch(ctx, "        ", touch)
		}
	}
}

func (t *telling) touch(ctx context.Context, indent string, touch emulation.Touch) {
	from := ""
	if touch.Device != "" {
		from = ", máy / device " + t.device(ctx, touch.Device)
	}
	if touch.Made != 0 {
		from += ", ghi lúc / made " + emulation.FormatTime(touch.Made+touch.Offset)
	}
	if touch.Reason != "" {
		from += ", lý do / reason: " + touch.Reason
	}
	t.line("%s%s  %s %s: %s → %s  (%s%s)", indent, emulation.FormatTime(touch.At), touch.Type, touch.Path, value(touch.Was), value(touch.Now), t.person(ctx, touch.By), from)
}

// person returns who somebody is, with the identifier, which stays when names change.
func (t *telling) person(ctx context.Context, id sync.PersonID) string {
	if name, known := t.names[string(id)]; known {
		return name
	}
	name := string(id)
	if p, err := t.srv.store.Person(ctx, id); err == nil {
		name = p.Name + " " + string(id)
	}
	t.names[string(id)] = name
	return name
}

func (t *telling) device(ctx context.Context, id sync.DeviceID) string {
	if name, known := t.names[string(id)]; known {
		return name
	}
	name := string(id)
	if d, err := t.srv.store.Device(ctx, id); err == nil {
		name = strings.TrimSpace(d.Name + " " + string(id))
	}
	t.names[string(id)] = name
	return name
}

// value returns a value as it stands in the log, "–" for none.
func value(v sync.Value) string {
	if v == nil {
		return "–"
	}
	return string(sync.Canonical(v))
}
