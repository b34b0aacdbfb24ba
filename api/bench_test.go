package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestTheHeadersOfAnAnswerAreShort(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	for _, docs := range []int{0, 3, 100} {
		fill(t, w, "u", docs)
		c, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(c, "POST /v1/sync HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", p.session.Access); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(c)
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			head.WriteString(line)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes: %q", head.Len(), head.String())
		if head.Len() > 160 {
			t.Errorf("%d bytes of headers", head.Len())
		}
	}
}

// BenchmarkPush pushes single edits, one by one, over one connection to this
// machine: everything a request costs, the store included.
func BenchmarkPush(b *testing.B) {
	w := newWorld(b)
	w.settle(b, "c", "u")
	p := w.phone(b, grant(emulation.UnitStaff, "u"))
	requests := pushes(w, b.N)
	at := cursors(p.sync(b, sync.Request{}))
	b.ReportAllocs()
	b.ResetTimer()
	for _, m := range requests {
		r := sync.Request{Cursors: at, Mutations: m}
		req, err := http.NewRequest(http.MethodPost, w.url+"/v1/sync", strings.NewReader(string(r.Encode())))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.session.Access)
		resp, err := w.http.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(err, resp.StatusCode)
		}
		if err := resp.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPushWithoutHTTP does what BenchmarkPush does, as calls of the hub.
func BenchmarkPushWithoutHTTP(b *testing.B) {
	w := newWorld(b)
	w.settle(b, "c", "u")
	p := w.phone(b, grant(emulation.UnitStaff, "u"))
	at := cursors(p.sync(b, sync.Request{}))
	requests := pushes(w, b.N)
	ctx := context.Background()
	b.ReportAllocs()
	b.ResetTimer()
	for _, m := range requests {
		who, err := w.auth.Authenticate(ctx, p.session.Access)
		if err != nil {
			b.Fatal(err)
		}
		r := sync.Request{Cursors: at, Mutations: m}
		req, fault := sync.DecodeRequest(r.Encode())
		if fault != nil {
			b.Fatal(fault)
		}
		pushed, err := w.hub.Push(ctx, callerOf(who), &req)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.hub.Pull(ctx, callerOf(who), &req, pushed, newAnswer(w.api.gzips, false, 1000)); err != nil {
			b.Fatal(err)
		}
	}
}

// pushes returns a creation and edits of one field after it.
func pushes(w *world, n int) [][]sync.Mutation {
	m := w.create("u", meeting("0"))
	all := [][]sync.Mutation{{m}}
	for i := 1; i < n; i++ {
		all = append(all, []sync.Mutation{w.edit(m, 0, "/title", fmt.Sprint(i-1), fmt.Sprint(i))})
	}
	return all
}

// BenchmarkRequest is what HTTP, tokens and an empty answer cost without a push.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b)
	p := w.phone(b)
	r := sync.Request{Cursors: cursors(p.sync(b, sync.Request{}))}
	body := string(r.Encode())
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequest(http.MethodPost, w.url+"/v1/sync", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.session.Access)
		resp, err := w.http.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			b.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstSync packs a long answer: bytes as sent are reported.
func BenchmarkFirstSync(b *testing.B) {
	w := newWorld(b)
	w.settle(b, "c", "u")
	p := w.phone(b, grant(emulation.UnitStaff, "u"))
	fill(b, w, "u", 300)
	var sent, plain int
	for b.Loop() {
		r := w.send(b, p, http.MethodPost, "/v1/sync", []byte("{}"), nil)
		sent, plain = r.wire, len(r.body)
	}
	b.ReportMetric(float64(sent), "sentB")
	b.ReportMetric(float64(plain), "plainB")
}

var _ hub.Sink = (*answer)(nil)
