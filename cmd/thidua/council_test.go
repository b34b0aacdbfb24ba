package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
	"thidua/sync/client"
)

// A council is a cluster c of the units u, v and w in 2022 with a server behind
// real HTTP and phones, all on one clock that tests move. Unit v heads the
// cluster and w is its deputy; the sheet of a unit is due on 1 December with
// three days of grace.
type council struct {
	t     *testing.T
	srv   *server
	url   string
	dir   string
	start time.Time
	ahead atomic.Int64 // of the real clock, milliseconds
}

// A hand is somebody with a phone.
type hand struct {
	c      *council
	person sync.PersonID
	client *client.Client
	behind time.Duration // how far the phone's clock is
}

func key(name string) sync.DocID { return sync.DocID(sync.NameID("council", name)) }

func deskOf(unit string) sync.Scope { return sync.UnitDesk(key(unit)) }

func sheetOf(unit string) sync.DocID { return emulation.SheetID(key(unit), key("2022")) }

func onDay(day string) int64 {
	t, err := time.ParseInLocation("2006-01-02 15:04", day, time.FixedZone("UTC+7", 7*60*60))
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// newCouncil opens on a day, "2006-01-02 15:04" where the people are.
func newCouncil(t *testing.T, day string) *council {
	t.Helper()
	c := &council{t: t, dir: t.TempDir(), start: time.Now()}
	c.ahead.Store(onDay(day) - c.start.UnixMilli())
	var err error
	c.srv, err = open(t.Context(), settings{data: filepath.Join(c.dir, "server"), store: "sqlite", log: slog.New(slog.DiscardHandler), limits: demoLimits(), now: c.now})
	c.must(err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	c.must(err)
	c.url = "http://" + ln.Addr().String()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- c.srv.run(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = c.srv.close()
	})
	c.found()
	return c
}

func (c *council) now() time.Time {
	return time.UnixMilli(time.Now().UnixMilli() + c.ahead.Load())
}

// moveTo moves everybody's clock to a later day.
func (c *council) moveTo(day string) { c.ahead.Store(onDay(day) - time.Now().UnixMilli()) }

func (c *council) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// put stores a document as the office does.
func (c *council) put(scope sync.Scope, typ string, id sync.DocID, body sync.Object) {
	c.t.Helper()
	_, err := c.srv.hub.Store(c.t.Context(), scope, sync.Server, []hub.Put{{Doc: id, Type: typ, Body: body}})
	c.must(err)
}

// found stores what the cluster begins the year with.
func (c *council) found() {
	c.put(sync.Org, emulation.TypeCluster, key("c"), sync.Object{"code": "c", "kind": "cluster", "name": "Cụm 6", "quotas": sync.Object{"emulation_flag": sync.Object{"count": int64(1)}}})
	c.put(sync.Org, emulation.TypeCluster, key("d"), sync.Object{"code": "d", "kind": "cluster", "name": "Cụm 7"})
	for _, u := range []string{"u", "v", "w"} {
		c.put(sync.Org, emulation.TypeUnit, key(u), sync.Object{"code": u, "names": sync.Object{"n": sync.Object{"name": "Đơn vị " + u}}})
		c.member(u, "c", "2022-01-01", "")
	}
	c.criteria(1, 3000, 4000)
	c.put(sync.Org, emulation.TypePeriod, key("2022"), sync.Object{
		"code": "2022", "kind": "year", "title": "Năm 2022", "from": "2022-01-01", "to": "2022-12-31", "criteria": string(key("criteria-1")), "state": "open",
		"milestones": sync.Object{"m": sync.Object{"kind": emulation.TrackSheet, "due": "2022-12-01", "grace": int64(3)}},
	})
	c.put(sync.Org, emulation.TypeTerm, emulation.TermID(key("c"), 2022), sync.Object{
		"cluster": string(key("c")), "year": int64(2022), "head": string(key("v")), "deputy": string(key("w")),
	})
	for _, u := range []string{"u", "v", "w"} {
		c.put(deskOf(u), emulation.TypeSheet, sheetOf(u), sync.Object{
			"unit": string(key(u)), "period": string(key("2022")), "cluster": string(key("c")), "criteria": string(key("criteria-1")),
			"entries": sync.Object{"I-1": sync.Object{"self": int64(2000)}, "I-2": sync.Object{"self": int64(3500)}},
		})
	}
	c.put(cluster(), emulation.TypeMeeting, key("meeting"), sync.Object{
		"kind": "year_end", "title": "Hội nghị tổng kết", "held_on": "2022-11-20", "reviewed_period": string(key("2022")),
		"minutes": sync.Object{"b1": sync.Object{"order": int64(1), "text": "Khai mạc."}, "b2": sync.Object{"order": int64(2), "text": "Thảo luận."}},
	})
}

func cluster() sync.Scope { return sync.ClusterScope(key("c")) }

func clusterDesk() sync.Scope { return sync.ClusterDesk(key("c")) }

func (c *council) member(unit, of, from, to string) {
	body := sync.Object{"unit": string(key(unit)), "cluster": string(key(of)), "from": from}
	if to != "" {
		body["to"] = to
	}
	c.put(sync.Org, emulation.TypeMembership, key(unit+of), body)
}

// criteria publishes a version of the criteria, with the maxima of its two criteria.
func (c *council) criteria(version, first, second int64) {
	id := "criteria-" + string(rune('0'+version))
	criterion := func(code string, order, max int64) sync.Object {
		return sync.Object{"section": "I", "order": order, "code": code, "title": code, "type": "judged", "max": max}
	}
	c.put(sync.Org, emulation.TypeCriteria, key(id), sync.Object{
		"code": "T", "version": version, "title": "Bộ tiêu chí", "total": first + second, "state": "published",
		"sections": sync.Object{"I": sync.Object{"order": int64(1), "title": "I", "max": first + second}},
		"criteria": sync.Object{"I-1": criterion("I.1", 1, first), "I-2": criterion("I.2", 2, second)},
	})
}

// phone gives somebody with grants a phone and brings it up to date.
func (c *council) phone(name string, grants ...sync.Grant) *hand {
	c.t.Helper()
	p, err := c.srv.auth.AddPerson(c.t.Context(), operator, hub.Person{Login: name, Name: name, Grants: grants}, "")
	c.must(err)
	code, _, err := c.srv.auth.IssueCode(c.t.Context(), operator, p.ID, 0)
	c.must(err)
	h := &hand{c: c, person: p.ID}
	h.client, err = client.Open(client.Config{
		Path: filepath.Join(c.dir, name), URL: c.url, HTTP: &http.Client{Transport: transport()}, Schema: emulation.New().Schema(), Attempts: 2, Unflushed: true,
		Now: func() time.Time { return c.now().Add(-h.behind) },
	})
	c.must(err)
	c.t.Cleanup(func() { _ = h.client.Close() })
	c.must(h.client.Enrol(c.t.Context(), code, name))
	h.sync()
	return h
}

func (c *council) staff(name, unit string) *hand {
	return c.phone(name, sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(key(unit))})
}

func (c *council) leader(name, unit string) *hand {
	return c.phone(name, sync.Grant{Role: emulation.UnitLeader, Subject: sync.ID(key(unit))})
}

func (c *council) officer() *hand {
	return c.phone("officer", sync.Grant{Role: emulation.Officer, Subject: sync.ID(key("c"))})
}

func (c *council) admin() *hand { return c.phone("admin", sync.Grant{Role: emulation.Admin}) }

func (h *hand) sync() client.Report {
	h.c.t.Helper()
	report, err := h.client.Sync(h.c.t.Context())
	h.c.must(err)
	return report
}

// write records what a field becomes.
func (h *hand) write(scope sync.Scope, doc sync.DocID, path sync.Pointer, value sync.Value) {
	h.c.t.Helper()
	h.c.must(h.client.Update(scope, doc, func(b sync.Object) sync.Object { return sync.Set(b, path, value) }))
}

// step records a step, with its reason where there is one.
func (h *hand) step(scope sync.Scope, doc sync.DocID, to, reason string) {
	h.c.t.Helper()
	h.c.must(h.client.Transition(scope, doc, func(b sync.Object) sync.Object {
		if reason != "" {
			b = sync.Set(b, "/state_reason", reason)
		}
		return sync.Set(b, "/state", to)
	}))
}

func (h *hand) create(scope sync.Scope, typ string, doc sync.DocID, body sync.Object) sync.DocID {
	h.c.t.Helper()
	id, err := h.client.Create(scope, typ, doc, body)
	h.c.must(err)
	return id
}

// sends syncs a phone and compares what became of the last thing it recorded
// in a scope. It returns where that is kept, if it is.
func (h *hand) sends(scope sync.Scope, outcome sync.Outcome, code sync.Code) *sync.Document {
	h.c.t.Helper()
	h.sync()
	commits, err := h.c.srv.store.Commits(h.c.t.Context(), scope, 0, 100_000)
	h.c.must(err)
	var last sync.Receipt
	for _, commit := range commits {
		if n := len(commit.Receipts); n > 0 && commit.Author == h.person {
			last = commit.Receipts[n-1]
		}
	}
	if last.Outcome != outcome || last.Code != code {
		h.c.t.Fatalf("it became %s (%s), not %s (%s)", last.Outcome, last.Code, outcome, code)
	}
	if code != "" {
		if m := h.c.srv.hub.Message(code); m.VI == "" || m.EN == "" {
			h.c.t.Errorf("%s has no sentence", code)
		}
	}
	if last.Kept == "" {
		return nil
	}
	kept, err := h.client.Base(scope, last.Kept)
	h.c.must(err)
	if kept == nil {
		h.c.t.Fatalf("what is kept of it, %s, is not on the phone", last.Kept)
	}
	return kept
}

// sees syncs a phone and returns the document as it shows it, nil if it has none.
func (h *hand) sees(scope sync.Scope, doc sync.DocID) *sync.Document {
	h.c.t.Helper()
	h.sync()
	d, _, err := h.client.View(scope, doc)
	h.c.must(err)
	return d
}

// value syncs a phone and returns what it shows at a place.
func (h *hand) value(scope sync.Scope, doc sync.DocID, path sync.Pointer) sync.Value {
	h.c.t.Helper()
	d := h.sees(scope, doc)
	if d == nil {
		h.c.t.Fatalf("the phone has no %s", doc)
	}
	return sync.Get(d.Body(), path)
}

// side is the value that a conflict keeps for a place beside what is there.
func side(conflict *sync.Document, path sync.Pointer) sync.Value {
	sides, _ := sync.Get(conflict.Body(), sync.Pointer("/items/"+sync.PathKey(path)+"/sides")).(sync.Object)
	for _, s := range sides {
		s, _ := s.(sync.Object)
		return s["value"]
	}
	return nil
}
