package main

import (
	"strings"
	"testing"
)

func TestMovedDeploymentServesThePhonesAsBefore(t *testing.T) {
	h := newHall(t)
	h.write(0, "meeting", "/place", "Trước khi chuyển")
	h.sync(0)
	h.server.kill()
	there, back := t.TempDir(), t.TempDir()
	for _, way := range [][2]string{{h.data, there}, {there, back}} {
		out, err := tool(t, environment.move, "--from", "sqlite:"+way[0], "--to", "sqlite:"+way[1])
		if err != nil || !strings.Contains(out, "8 người / people") || !strings.Contains(out, "nothing is wrong") {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	h.data = back
	h.server = serveProcess(t, "sqlite", h.data, h.addr)
	h.write(0, "meeting", "/minutes/b3/text", "Sau khi chuyển.")
	if r := h.sync(0); r.Resets+r.Rebuilds > 0 {
		t.Errorf("the phone was told that history is another: %+v", r)
	}
	h.sync(2)
	h.equal(0, 2)
	if _, err := tool(t, environment.move, "--from", "sqlite:"+there, "--to", "sqlite:"+back); err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("onto a target that went on by itself: %v", err)
	}
}

func TestMoveNeedsTwoStoresThatCanBe(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{},
		{"--from", "sqlite:" + dir},
		{"--from", "sqlite:" + dir, "--to", "sqlite:" + dir},
		{"--from", "sqlite:" + dir, "--to", "sqlite:" + t.TempDir()},
		{"--from", "sqlite:", "--to", "sqlite:" + dir},
		{"--from", "redis://x", "--to", "sqlite:" + dir},
	} {
		if _, err := tool(t, environment.move, args...); err == nil {
			t.Errorf("%v: taken", args)
		}
	}
	if exists(databaseFile(dir)) {
		t.Error("a database was made where none was")
	}
}
