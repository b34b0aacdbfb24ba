package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
)

// explained runs thidua explain on a data directory.
func explained(t *testing.T, data string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	args = append([]string{"explain", "--data", data}, args...)
	if err := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &out); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return out.String()
}

func TestEveryScoreIsTracedToItsEditsPeopleDevicesTimesAndReasons(t *testing.T) {
	data := t.TempDir()
	srv, err := open(t.Context(), settings{data: data, store: "sqlite", log: slog.New(slog.DiscardHandler), limits: auth.Limits{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range systems.Load() {
		if err := srv.loadSystem(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	var sheet systems.Seed
	var row sync.DocID
	var code string
	for _, s := range systems.Load() {
		for _, d := range s.Docs {
			if entries, _ := d.Body["entries"].(sync.Object); d.Type == emulation.TypeSheet && len(entries) > 0 && row == "" {
				sheet, row = d, sync.DocID(d.Scope.Subject())
				for code = range entries {
					break
				}
			}
		}
	}
	person, err := srv.auth.AddPerson(t.Context(), operator, hub.Person{Login: "truy-nguon", Name: "Người ghi thử", Grants: []sync.Grant{{Role: emulation.Admin}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	path := sync.Pointer("/entries").Join(code).Join("self")
	caller := hub.Caller{Author: sync.Author{Person: person.ID, Grants: person.Grants}}
	_, err = srv.hub.Amend(t.Context(), caller, hub.Amendment{Scope: sheet.Scope, Docs: []sync.DocID{sheet.Doc}, Reason: "Đính chính theo biên bản", Check: hub.ByOverseer, Make: func(desk hub.Desk) ([]hub.Put, error) {
		return []hub.Put{{Doc: sheet.Doc, Type: sheet.Type, Body: sync.Set(desk.Live(sheet.Doc).Body(), path, int64(100))}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.close(); err != nil {
		t.Fatal(err)
	}

	cluster, _ := sheet.Body["cluster"].(string)
	period, _ := sheet.Body["period"].(string)
	begun := time.Now()
	text := explained(t, data, "--cluster", cluster, "--period", period)
	t.Logf("a cluster of system A explained in %v, %d lines", time.Since(begun), strings.Count(text, "\n"))
	for _, want := range []string{string(path) + ": ", " → 100 ", "Người ghi thử " + string(person.ID), "Đính chính theo biên bản"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	var all, one emulation.Explanation
	if err := json.Unmarshal([]byte(explained(t, data, "--cluster", cluster, "--period", period, "--json")), &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(explained(t, data, "--cluster", cluster, "--period", period, "--unit", string(row), "--json")), &one); err != nil {
		t.Fatal(err)
	}
	if len(one.Rows) != 1 || one.Rows[0].Unit != row || len(all.Rows) != 8 {
		t.Errorf("%d rows of one unit, %d of the cluster", len(one.Rows), len(all.Rows))
	}
	for _, r := range all.Rows {
		for _, c := range r.Criteria {
			if c.Official.Scored && !endsIn(c) {
				t.Errorf("%s %s: nothing behind %d: %+v", r.Name, c.Code, c.Official.Base, c.Touches)
			}
		}
	}
}

// endsIn reports whether the last touch of the score that counts wrote it.
func endsIn(c emulation.CriterionStory) bool {
	var last any
	for _, touch := range c.Touches {
		if strings.HasSuffix(string(touch.Path), "/"+c.Stage) {
			last = touch.Now
		}
	}
	return last == float64(c.Official.Base)
}

func TestExplainAsksForAClusterAndAPeriodThatAreThere(t *testing.T) {
	for _, args := range [][]string{
		{"explain", "--data", t.TempDir()},
		{"explain", "--data", t.TempDir(), "--cluster", string(sync.NameID("a")), "--period", string(sync.NameID("b"))},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &out); err == nil {
			t.Errorf("%v is answered with %q", args, out.String())
		}
	}
}
