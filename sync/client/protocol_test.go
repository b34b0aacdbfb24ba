package client_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"thidua/sync"
)

// fences returns the fenced blocks of PROTOCOL.md by what follows the fence.
func fences(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?ms)^```([a-z ]+)\n(.*?)^```$").FindAllStringSubmatch(string(raw), -1) {
		blocks[m[1]] = append(blocks[m[1]], strings.TrimSpace(m[2]))
	}
	return blocks
}

func compact(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return b.Bytes()
}

func TestExamplesOfTheProtocolCanBeRead(t *testing.T) {
	blocks := fences(t)
	for _, s := range blocks["json mutation"] {
		raw := compact(t, s)
		m := sync.DecodeMutation(raw)
		if m.Fault != nil || m.Normalised || !bytes.Equal(m.Encode(), raw) {
			t.Errorf("mutation %s: %v, written as %s", raw, m.Fault, m.Encode())
		}
	}
	for _, s := range blocks["json request"] {
		raw := compact(t, s)
		req, fault := sync.DecodeRequest(raw)
		if fault != nil || !bytes.Equal(req.Encode(), raw) {
			t.Errorf("request %s: %v, written as %s", raw, fault, req.Encode())
		}
		for _, m := range req.Mutations {
			if m.Fault != nil {
				t.Errorf("request %s: mutation: %v", raw, m.Fault)
			}
		}
	}
	for _, kind := range []string{"json line", "ndjson answer"} {
		for _, block := range blocks[kind] {
			for _, s := range strings.Split(block, "\n") {
				line, err := sync.DecodeLine([]byte(s))
				if got := line.Append(nil); err != nil || string(got) != s+"\n" {
					t.Errorf("line %s: %v, written as %s", s, err, got)
				}
			}
		}
	}
	key := regexp.MustCompile(`"(p[0-9a-f]{12})":\{"path":"([^"]+)"`)
	for _, s := range blocks["json"] {
		for _, m := range key.FindAllStringSubmatch(string(compact(t, s)), -1) {
			if want := sync.PathKey(sync.Pointer(m[2])); m[1] != want {
				t.Errorf("the key of %s is %s, not %s", m[2], want, m[1])
			}
		}
	}
	for kind, least := range map[string]int{"json mutation": 4, "json line": 7, "json request": 1, "ndjson answer": 1, "json body": 1, "json": 3} {
		if len(blocks[kind]) < least {
			t.Errorf("%d blocks of %q, want %d", len(blocks[kind]), kind, least)
		}
	}
}

// TestTheWorkedExampleOfTheProtocolIsWhatHappens lets it happen and compares.
func TestTheWorkedExampleOfTheProtocolIsWhatHappens(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := b.create(sync.Object{"title": "Họp quý", "score": int64(3)})
	b.sync()
	a.sync()
	b.set(doc, "/people/p1", sync.Object{"name": "An"})
	b.sync()
	w.clock.advance(60_000_000_000)
	a.set(doc, "/title", "Họp quý 1")
	a.create(sync.Object{"title": "Báo cáo"})
	var answer string
	inner := a.link.to
	a.link.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Plain", "1")
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		answer = strings.TrimSpace(rec.Body.String())
		rw.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = rw.Write(rec.Body.Bytes())
	})
	a.sync()
	a.equal()
	blocks := fences(t)
	req := w.seen[len(w.seen)-1]
	if got := blocks["json request"]; len(got) != 1 || !bytes.Equal(compact(t, got[0]), req.Encode()) {
		t.Errorf("the request is\n%s", req.Encode())
	}
	if got := blocks["ndjson answer"]; len(got) != 1 || got[0] != answer {
		t.Errorf("the answer is\n%s", answer)
	}
	d, _, _ := a.View(unit, doc)
	if got := blocks["json body"]; len(got) != 1 || !bytes.Equal(compact(t, got[0]), d.Raw()) {
		t.Errorf("the document is at version %d\n%s", d.Version, d.Raw())
	}
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	docs, _ := a.List(unit, "")
	for _, d := range docs {
		if share := fmt.Sprintf("%016x", d.Sum()); !bytes.Contains(text, []byte(share)) {
			t.Errorf("the share of %s at version %d is %s", d.ID, d.Version, share)
		}
	}
}
