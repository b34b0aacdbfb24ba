package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func packed(t tester, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatalf("gzip: %v", err)
	}
	if err := z.Close(); err != nil {
		t.Fatalf("gzip: %v", err)
	}
	return b.Bytes()
}

func TestWhatOnePhoneRecordsAnotherGets(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	a, b := w.phone(t, grant(emulation.UnitStaff, "u")), w.phone(t, grant(emulation.UnitStaff, "u"))
	m := w.create("u", meeting("Hội nghị"))
	lines := a.sync(t, sync.Request{Clock: w.clock.milli.Load(), Mutations: []sync.Mutation{m}})
	if got := acks(lines); len(got) != 1 || got[0].Outcome != sync.Applied || got[0].Mutation != m.ID {
		t.Fatalf("acks: %+v", got)
	}
	if _, echoed := docs(lines)[m.Scope][m.Doc]; echoed || !ended(lines) {
		t.Fatalf("its own change came back, or the answer has no end")
	}
	got := docs(b.sync(t, sync.Request{}))[m.Scope][m.Doc]
	if !sync.Equal(got.Body, meeting("Hội nghị")) {
		t.Fatalf("the other phone got %+v", got)
	}
}

func TestARepeatedMutationIsAnsweredWithItsReceipt(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	req := sync.Request{Mutations: []sync.Mutation{w.create("u", meeting("Một"))}}
	first := acks(p.sync(t, req))[0]
	again := acks(p.sync(t, req))[0]
	if !again.Duplicate || again.Outcome != first.Outcome || again.Seq != first.Seq {
		t.Fatalf("first %+v, again %+v", first, again)
	}
}

func TestACompressedRequestIsRead(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	req := sync.Request{Mutations: []sync.Mutation{w.create("u", meeting("Nén"))}}
	for range 2 { // the second time with a decompressor that was used
		r := w.send(t, p, http.MethodPost, "/v1/sync", packed(t, req.Encode()), map[string]string{"Content-Encoding": "gzip"})
		r.want(t, http.StatusOK)
		if got := acks(r.lines(t)); len(got) != 1 || got[0].Outcome != sync.Applied {
			t.Fatalf("acks: %+v", got)
		}
	}
	for _, bad := range [][]byte{[]byte("{}"), packed(t, req.Encode())[:40]} {
		w.send(t, p, http.MethodPost, "/v1/sync", bad, map[string]string{"Content-Encoding": "gzip"}).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	}
	w.send(t, p, http.MethodPost, "/v1/sync", []byte("{}"), map[string]string{"Content-Encoding": "br"}).problem(t, http.StatusUnsupportedMediaType, CodeEncoding)
}

func TestSmallAnswersArePlainAndLongOnesCompressed(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	fill(t, w, "u", 40)
	long := p.raw(t, []byte("{}"))
	if long.header.Get("Content-Encoding") != "gzip" || long.wire*2 > len(long.body) {
		t.Errorf("a long answer: %v, %d of %d bytes", long.header, long.wire, len(long.body))
	}
	plain := w.send(t, p, http.MethodPost, "/v1/sync", []byte("{}"), map[string]string{"Accept-Encoding": "gzip;q=0"})
	if plain.header.Get("Content-Encoding") != "" || !reflect.DeepEqual(docs(plain.lines(t)), docs(long.lines(t))) {
		t.Error("without gzip another answer comes")
	}
	req := sync.Request{Cursors: cursors(long.lines(t))}
	short := p.raw(t, req.Encode())
	if short.header.Get("Content-Encoding") != "" || short.header.Get("Content-Length") == "" || len(short.lines(t)) != 1 {
		t.Errorf("nothing new: %v %s", short.header, short.body)
	}
}

// fill stores meetings of some KB in a unit, each in a commit of its own.
func fill(t tester, w *world, unit string, n int) {
	t.Helper()
	for i := range n {
		body := meeting(fmt.Sprintf("Hội nghị thứ %d", i))
		text := strings.Repeat(fmt.Sprintf("Đơn vị số %d báo cáo kết quả thực hiện nhiệm vụ %d; ", i, i*i), 40)
		body["minutes"] = sync.Object{"b1": sync.Object{"order": int64(1), "text": text}}
		w.put(t, sync.UnitScope(name(unit)), hub.Put{Doc: name(fmt.Sprint(unit, i)), Type: emulation.TypeMeeting, Body: body})
	}
}

func TestALongAnswerIsStreamedInSegmentsOfOneSize(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	fill(t, w, "u", 300)
	r := p.raw(t, []byte("{}"))
	r.want(t, http.StatusOK)
	lines := r.lines(t)
	if r.header.Get("Content-Length") != "" || !ended(lines) || len(docs(lines)[sync.UnitScope(name("u"))]) != 300 {
		t.Fatalf("%d lines, %d bytes, header %v", len(lines), r.wire, r.header)
	}
	segments := 0
	for _, l := range lines {
		if l.Cursor != nil {
			segments++
		}
	}
	if size := r.wire / segments; size < 500 || size > 1700 {
		t.Errorf("%d segments of %d bytes on average, want about 1,000", segments, size)
	}
}

func TestACutAnswerKeepsItsWholeSegments(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	fill(t, w, "u", 300)
	whole := docs(p.raw(t, []byte("{}")).lines(t))[sync.UnitScope(name("u"))]
	for _, at := range []int{3000, 9000, 15000} {
		lines := cutAnswer(t, w, p, at)
		kept, pending := 0, 0
		for _, l := range lines {
			switch {
			case l.Doc != nil && whole[l.Doc.Doc].Version == l.Doc.Version && sync.Equal(whole[l.Doc.Doc].Body, l.Doc.Body):
				pending++
			case l.Cursor != nil:
				kept, pending = kept+pending, 0
			}
		}
		if kept == 0 || ended(lines) {
			t.Errorf("cut after %d bytes: %d documents kept of %d lines, ended %v", at, kept, len(lines), ended(lines))
		}
		rest := sync.Request{Cursors: cursors(lines)}
		if got := len(docs(p.sync(t, rest))[sync.UnitScope(name("u"))]); got+kept < 300 || got >= 300 {
			t.Errorf("cut after %d bytes: kept %d, then got %d", at, kept, got)
		}
	}
}

// cutAnswer pulls from the beginning and hangs up after so many bytes.
func cutAnswer(t tester, w *world, p *phone, at int) []sync.Line {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	got := &limited{Conn: c, left: at}
	client := &http.Client{Transport: &http.Transport{
		DisableCompression: true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return got, nil },
	}}
	req, err := http.NewRequest(http.MethodPost, w.url+"/v1/sync", strings.NewReader("{}"))
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	req.Header.Set("Authorization", "Bearer "+p.session.Access)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("do: %v", err)
	}
	defer resp.Body.Close()
	r := read(t, resp)
	if !r.cut {
		t.Fatalf("the answer was not cut")
	}
	w.spec.answer(t, http.MethodPost, "/v1/sync", r)
	return r.lines(t)
}

// A limited connection ends after some bytes.
type limited struct {
	net.Conn
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		if err := l.Conn.Close(); err != nil {
			return 0, err
		}
		return 0, net.ErrClosed
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// oldApps is a domain whose oldest readable schema is the second.
type oldApps struct{ *emulation.Domain }

func (o oldApps) Schema() *sync.Schema {
	s := *o.Domain.Schema()
	s.Version, s.Oldest = 2, 2
	return &s
}

func TestTooOldAnAppMayOnlyUpload(t *testing.T) {
	w := newWorldOf(t, oldApps{emulation.New()})
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	m := w.create("u", meeting("Cũ"))
	req := sync.Request{Mutations: []sync.Mutation{m}}
	r := p.raw(t, req.Encode())
	r.want(t, http.StatusUpgradeRequired)
	lines := r.lines(t)
	if got := acks(lines); len(got) != 1 || got[0].Outcome != sync.Applied || !ended(lines) || len(docs(lines)) != 0 {
		t.Fatalf("%s", r.body)
	}
	newer := docs(p.sync(t, sync.Request{Schema: 2}))
	if newer[m.Scope][m.Doc].Body == nil {
		t.Error("what the old app sent is not there")
	}
}

func TestADisabledPersonMayOnlyUpload(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p := w.phone(t, grant(emulation.UnitStaff, "u"))
	m := w.create("u", meeting("Giữ lại"))
	seen := cursors(p.sync(t, sync.Request{}))
	if err := w.auth.SetDisabled(context.Background(), operator(), p.session.Person, true); err != nil {
		t.Fatal(err)
	}
	lines := p.sync(t, sync.Request{Cursors: seen, Mutations: []sync.Mutation{m}})
	got := acks(lines)
	if len(got) != 1 || got[0].Outcome != sync.Rejected || got[0].Kept == "" || len(docs(lines)) != 0 || len(lines) != 2 || !ended(lines) {
		t.Fatalf("%+v", lines)
	}
	admin := w.phone(t, grant(emulation.Admin, ""))
	path := fmt.Sprintf("/v1/conflicts/%s/%s", got[0].Scope, got[0].Kept)
	w.call(t, admin, http.MethodGet, path, nil).want(t, http.StatusOK)
	for _, path := range []string{path, "/v1/sync/stream"} {
		if r := w.call(t, p, http.MethodGet, path, nil); r.status < 400 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}
