package client_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"thidua/sync"
	"thidua/sync/client"
)

// inChild names the file that a child of TestKilledProcessKeepsEveryRecordedEdit records in.
const inChild = "THIDUA_CLIENT_TEST_FILE"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(inChild); path != "" {
		if err := recordForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// recordForEver records and tells each edit once it is recorded.
func recordForEver(path string) error {
	c, err := client.Open(client.Config{Path: path, URL: "http://server.test"})
	if err != nil {
		return err
	}
	for n := int64(1); ; n++ {
		id, err := c.Create(unit, "note", "", sync.Object{"score": n})
		if err != nil {
			return err
		}
		err = c.Update(unit, id, func(b sync.Object) sync.Object { return sync.Set(b, "/title", fmt.Sprint(n)) })
		if err != nil {
			return err
		}
		fmt.Println(id, n)
	}
}

func TestKilledProcessKeepsEveryRecordedEdit(t *testing.T) {
	w := newWorld(t, t.TempDir())
	path := filepath.Join(t.TempDir(), "killed.db")
	told := map[string]string{}
	for round := range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), inChild+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 10+7*round && lines.Scan(); n++ {
			id, number, _ := strings.Cut(lines.Text(), " ")
			told[id] = number
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it told before it died
			id, number, whole := strings.Cut(lines.Text(), " ")
			if whole && len(id) == 36 && number != "" {
				told[id] = ""
			}
		}
		_ = cmd.Wait()
	}
	link := &link{to: w.server}
	c, err := client.Open(client.Config{Path: path, URL: "http://server.test", HTTP: &http.Client{Transport: link}, Now: w.clock.now, Sleep: w.clock.sleep})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := &phone{Client: c, w: w, t: t, path: path, link: link}
	if len(told) < 51 {
		t.Fatalf("the children recorded only %d", len(told))
	}
	check := func() {
		t.Helper()
		for id, number := range told {
			if got := p.get(sync.DocID(id), "/title"); got == nil || number != "" && got != number {
				t.Fatalf("%s was recorded with %q, now %v", id, number, got)
			}
		}
	}
	check()
	p.must(p.Enrol(t.Context(), "code-b", "phone"))
	p.sync()
	p.equal()
	check()
}
