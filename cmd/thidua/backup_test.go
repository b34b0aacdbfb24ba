package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"thidua/sync"
)

func TestPhonesBringBackWhatARestoredBackupLacks(t *testing.T) {
	h := newHall(t)
	file := filepath.Join(t.TempDir(), "backup.sqlite")
	h.write(0, "meeting", "/place", "Trước bản sao lưu")
	h.sync(0)
	out, err := tool(t, environment.backup, "--data", h.data, "--to", file) // the server goes on
	if err != nil || !strings.Contains(out, file) {
		t.Fatalf("%v\n%s", err, out)
	}
	h.write(0, "meeting", "/minutes/b3/text", "Sau bản sao lưu.")
	h.write(2, "meeting", "/minutes/b4/text", "Cũng sau đó.")
	h.sync(0)
	h.sync(2)
	if _, err := tool(t, environment.backup, "--data", h.data, "--to", file); err == nil {
		t.Error("a backup was overwritten")
	}

	if _, err := tool(t, environment.restore, "--data", h.data, "--from", file); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("over a database: %v", err)
	}
	if _, err := tool(t, environment.restore, "--data", h.data, "--from", file, "--force"); err == nil || !strings.Contains(err.Error(), "a server has the database open") {
		t.Errorf("under a running server: %v", err)
	}
	h.server.kill()
	out, err = tool(t, environment.restore, "--data", h.data, "--from", file, "--force")
	if err != nil || !strings.Contains(out, "reset") {
		t.Fatalf("%v\n%s", err, out)
	}
	old, err := filepath.Glob(databaseFile(h.data) + ".before-*")
	if err != nil || len(old) != 1 {
		t.Errorf("the old database is not beside the new one: %v", old)
	}
	h.server = serveProcess(t, "sqlite", h.data, h.addr)
	h.sync(0)
	h.sync(2)
	h.sync(0)
	m := h.meeting(0)
	if sync.Get(m, "/place") != "Trước bản sao lưu" || sync.Get(m, "/minutes/b3/text") != "Sau bản sao lưu." || sync.Get(m, "/minutes/b4/text") != "Cũng sau đó." {
		t.Errorf("the meeting is %v", m)
	}
	h.equal(0, 2)
	h.server.kill()
	if out, err := tool(t, environment.fsck, "--data", h.data); err != nil {
		t.Errorf("fsck: %v\n%s", err, out)
	}
}

func TestBackupOfADamagedDatabaseIsCalledSo(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	prepare(t, data)
	damage(t, data, `DELETE FROM commits WHERE seq = 1 AND scope = 'org'`)
	file := filepath.Join(dir, "backup.sqlite")
	if _, err := tool(t, environment.backup, "--data", data, "--to", file); err == nil || exists(file) || !exists(file+".damaged") {
		t.Errorf("%v; kept as a good one: %t; kept: %t", err, exists(file), exists(file+".damaged"))
	}
	other := t.TempDir()
	if _, err := tool(t, environment.restore, "--data", other, "--from", file+".damaged"); err == nil || exists(databaseFile(other)) {
		t.Errorf("a damaged backup was restored: %v", err)
	}
	left, err := os.ReadDir(other)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBackupOfMongoDBIsLeftToItsTools(t *testing.T) {
	for name, do := range map[string]string{"backup": "--to", "restore": "--from"} {
		run := environment.backup
		if name == "restore" {
			run = environment.restore
		}
		_, err := tool(t, run, "--store", "mongodb://localhost/thidua", do, "x")
		if err == nil || !strings.Contains(err.Error(), "mongodump --oplog") || !strings.Contains(err.Error(), "thidua fsck") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
