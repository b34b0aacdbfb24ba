package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thidua/sync"
	"thidua/sync/client"
)

func TestADayOfflineTakesOneRequest(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "Họp giao ban", "score": int64(1)})
	a.sync()
	if r := b.sync(); r.Requests != 1 || r.Documents != 1 {
		t.Fatalf("first pull: %+v", r)
	}
	for i := range 20 {
		a.set(doc, "/score", int64(i+2))
		a.create(sync.Object{"title": "note", "score": int64(i)})
	}
	b.set(doc, "/title", "Họp")
	b.sync()
	r := a.sync()
	if r.Requests != 1 || r.Cuts != 0 || r.Rebuilds != 0 || r.Acks[sync.Applied] != 40 || !r.Verified[unit] {
		t.Fatalf("report: %+v", r)
	}
	if a.get(doc, "/score") != int64(21) || a.get(doc, "/title") != "Họp" {
		t.Fatal("one of two edits is missing")
	}
	a.equal()
	b.sync()
	b.equal()
	if r := a.sync(); r.Requests != 1 || r.Documents != 0 {
		t.Fatalf("a request with nothing to say: %+v", r)
	}
}

func TestRecordingNeedsNoNetworkAndNoSignIn(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := &phone{w: w, t: t, path: filepath.Join(w.dir, "new.db"), link: &link{to: w.server}}
	p.open()
	doc := p.create(sync.Object{"title": "first"})
	p.set(doc, "/text", "more")
	if _, err := p.Sync(context.Background()); !errors.Is(err, client.ErrSignedOut) {
		t.Fatalf("sync signed out: %v", err)
	}
	p.reopen()
	d, pending, err := p.View(unit, doc)
	if err != nil || !pending || string(d.Raw()) != `{"text":"more","title":"first"}` {
		t.Fatalf("view after reopening: %v %v %v", d, pending, err)
	}
	p.must(p.Enrol(context.Background(), "code-b", "phone"))
	p.sync()
	p.equal()
}

func TestADocumentDeletedOfflineLeavesTheView(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	p.sync()
	p.must(p.Delete(unit, doc))
	if d, pending, _ := p.View(unit, doc); d != nil || !pending {
		t.Fatalf("deleted and visible: %v %v", d, pending)
	}
	if err := p.Update(unit, doc, func(b sync.Object) sync.Object { return b }); !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("edit of a deleted document: %v", err)
	}
	if err := p.Delete(unit, doc); !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("second deletion: %v", err)
	}
	p.sync()
	p.equal()
}

func TestTheSameFieldChangedTwiceBecomesAConflictOnBothPhones(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "x", "text": strings.Repeat("long ", 100)})
	a.sync()
	b.sync()
	a.set(doc, "/text", "mine")
	b.set(doc, "/text", "yours")
	a.sync()
	if r := b.sync(); r.Conflicts() != 1 || r.Requests != 1 {
		t.Fatalf("report: %+v", r)
	}
	a.sync()
	a.equal()
	b.equal()
	for _, p := range []*phone{a, b} {
		open, err := p.Conflicts()
		if err != nil || len(open) != 1 || p.get(doc, "/text") != "mine" {
			t.Fatalf("conflicts: %v %v", open, err)
		}
	}
}

func TestARefusedMutationLeavesTheViewAndStaysListed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	p.sync()
	p.set(doc, "/title", "forbidden words")
	if r := p.sync(); r.Rejections() != 1 {
		t.Fatalf("report: %+v", r)
	}
	refused, err := p.Refused()
	if err != nil || len(refused) != 1 || refused[0].Ack.Code != "not_yours" || refused[0].Ack.Message.EN == "" ||
		refused[0].Mutation.Edits[0].Now != "forbidden words" {
		t.Fatalf("refused: %+v %v", refused, err)
	}
	if p.get(doc, "/title") != "x" {
		t.Fatal("what was refused is still shown")
	}
	p.equal()
}

func TestATransitionAttestsTheBodyItsAuthorSaw(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	doc := a.create(sync.Object{"title": "x", "state": "draft"})
	a.sync()
	b.sync()
	send := func(p *phone) {
		p.must(p.Transition(unit, doc, func(body sync.Object) sync.Object { return sync.Set(body, "/state", "sent") }))
	}
	a.set(doc, "/title", "another") // seen by a, not by b
	send(a)
	send(b)
	if r := a.sync(); r.Acks[sync.Applied] != 2 {
		t.Fatalf("transition on top of an own edit: %+v", r)
	}
	if r := b.sync(); r.Acks[sync.Merged] != 1 {
		t.Fatalf("the second to submit is told that it is done: %+v", r)
	}
	b.equal()
	b.must(b.Transition(unit, doc, func(body sync.Object) sync.Object { return sync.Set(body, "/state", "draft") }))
	a.set(doc, "/title", "changed under it")
	a.sync()
	if r := b.sync(); r.Conflicts() != 1 {
		t.Fatalf("a transition of a body that is no longer there: %+v", r)
	}
	b.equal()
}

func TestAtomicValuesAreSentWhole(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x", "place": sync.Object{"lat": int64(1), "long": int64(2)}})
	p.set(doc, "/place/lat", int64(7))
	if r := p.sync(); r.Acks[sync.Applied] != 2 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
	for _, e := range w.seen[0].Mutations[1].Edits {
		if e.Path != "/place" {
			t.Fatalf("an edit inside an atomic value: %s", e.Path)
		}
	}
}

func TestTextIsBroughtToNFCWhenItIsWritten(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "Ho\u0323p"})
	p.set(doc, "/text", "bie\u0302n ba\u0309n")
	if p.get(doc, "/title") != "H\u1ecdp" || p.get(doc, "/text") != "bi\u00ean b\u1ea3n" {
		t.Fatal("text is not in NFC")
	}
	p.set(doc, "/title", "Ho\u0323p") // the same text
	if s, _ := p.Status(); s.Unsent != 2 {
		t.Fatalf("an edit that changes nothing was recorded: %+v", s)
	}
	if r := p.sync(); r.Acks[sync.Applied] != 2 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
}

func TestABodyThatCannotBeSentIsRefusedWhenRecorded(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	for name, body := range map[string]sync.Object{
		"large":  {"text": strings.Repeat("x", sync.MaxBody)},
		"key":    {"a.b": "x"},
		"null":   {"title": nil},
		"number": {"score": int64(1 << 60)},
	} {
		var fault *sync.Fault
		if _, err := p.Create(unit, "note", "", body); !errors.As(err, &fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, _ := p.Status(); s.Unsent != 0 {
		t.Fatalf("status: %+v", s)
	}
}

func TestIdentifiersNeverRepeatWhileTheClockStandsStill(t *testing.T) {
	w := newWorld(t, t.TempDir())
	seen := map[sync.DocID]bool{}
	p := w.phone(t, binh)
	for range 3 {
		for range 20 {
			seen[p.create(sync.Object{"title": "x"})] = true
		}
		p.reopen()
	}
	if len(seen) != 60 {
		t.Fatalf("%d different identifiers of 60", len(seen))
	}
}

func TestSyncWorksOverARealConnection(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.perSegment = 1
	srv := httptest.NewServer(w.server)
	t.Cleanup(srv.Close)
	c, err := client.Open(client.Config{Path: filepath.Join(t.TempDir(), "p.db"), URL: srv.URL, Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	p := &phone{Client: c, w: w, t: t}
	p.must(p.Enrol(context.Background(), "code-b", "phone"))
	p.must(p.FetchSchema(context.Background()))
	if p.Schema().Types["note"].Atomic("/place") != true {
		t.Fatal("the schema that was fetched is not the server's")
	}
	for range 30 {
		p.create(sync.Object{"title": "note", "text": strings.Repeat("words ", 200)})
	}
	r := p.sync()
	if r.Requests != 1 || r.BytesUp > 5000 || r.BytesUp == 0 || r.BytesDown == 0 {
		t.Fatalf("report: %+v", r)
	}
	p.equal()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var moved []sync.Scope
	_ = p.Wake(ctx, func(s []sync.Scope) {
		if moved = append(moved, s...); len(moved) > 0 {
			cancel()
		}
	})
	if len(moved) != 1 || moved[0] != sync.Org {
		t.Fatalf("woken for %q", moved)
	}
}

func TestAnAppThatIsTooOldStillUploads(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	doc := p.create(sync.Object{"title": "x"})
	w.status = http.StatusUpgradeRequired
	r, err := p.Sync(context.Background())
	if !errors.Is(err, client.ErrTooOld) || r.Acks[sync.Applied] != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if p.get(doc, "/title") != "x" {
		t.Fatal("what was uploaded is no longer shown")
	}
	w.status = 0
	p.sync()
	p.equal()
}

func TestAConfigurationWithoutPathOrServerIsRefused(t *testing.T) {
	for _, cfg := range []client.Config{{URL: "http://server.test"}, {Path: filepath.Join(t.TempDir(), "x"), URL: "nowhere"}} {
		if _, err := client.Open(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
