package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"thidua/internal/emulation/systems"
	"thidua/internal/fsck"
)

// tool runs one of the commands for whoever looks after a database.
func tool(t *testing.T, do func(environment, context.Context, []string) error, args ...string) (string, error) {
	t.Helper()
	var out, progress bytes.Buffer
	err := do(environment{getenv: func(string) string { return "" }, in: strings.NewReader(""), out: &out, err: &progress}, t.Context(), args)
	return out.String(), err
}

// damage runs a statement on a database file.
func damage(t *testing.T, data, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", databaseFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if r, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	} else if n, err := r.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%d rows changed, %v", n, err)
	}
}

func TestFsckTellsRepairsAndThenIsContent(t *testing.T) {
	data := t.TempDir()
	prepare(t, data)
	out, err := tool(t, environment.fsck, "--data", data)
	if err != nil || !strings.Contains(out, "nothing is wrong") {
		t.Fatalf("a healthy database: %v\n%s", err, out)
	}
	damage(t, data, `UPDATE documents SET body = '{}' WHERE id = ?`, string(systems.Meeting("A")))
	out, err = tool(t, environment.fsck, "--data", data, "--json")
	var report fsck.Report
	if err == nil || json.Unmarshal([]byte(out), &report) != nil {
		t.Fatalf("a damaged database: %v\n%s", err, out)
	}
	if len(report.Findings) != 1 || report.Findings[0].Code != fsck.DocumentDiffers || report.Findings[0].Doc != systems.Meeting("A") {
		t.Errorf("found %+v", report.Findings)
	}
	out, err = tool(t, environment.fsck, "--data", data)
	if err == nil || !strings.Contains(out, "Hồ sơ không đúng như nhật ký.") || !strings.Contains(out, "--repair") {
		t.Errorf("a damaged database: %v\n%s", err, out)
	}
	out, err = tool(t, environment.fsck, "--data", data, "--repair")
	if err != nil || !strings.Contains(out, "repaired") {
		t.Errorf("the repair: %v\n%s", err, out)
	}
	if out, err = tool(t, environment.fsck, "--data", data); err != nil {
		t.Errorf("after the repair: %v\n%s", err, out)
	}
}

func TestFsckOfNothingMakesNothing(t *testing.T) {
	data := t.TempDir()
	if _, err := tool(t, environment.fsck, "--data", data); err == nil || exists(databaseFile(data)) {
		t.Errorf("%v; a database was made: %t", err, exists(databaseFile(data)))
	}
}
