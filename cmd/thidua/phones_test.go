package main

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
	"thidua/sync/client"
)

// A hall is a real server process and the phones of cluster A around it.
type hall struct {
	t      *testing.T
	data   string
	addr   string
	server *process
	dir    string
	phones []*phone
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, data: t.TempDir(), addr: freeAddr(t), dir: t.TempDir()}
	codes := prepare(t, h.data)
	h.server = serveProcess(t, "sqlite", h.data, h.addr)
	t.Cleanup(func() { h.server.kill() })
	for i, p := range hands() {
		p.radio = &radio{base: transport()}
		h.phones = append(h.phones, &p)
		h.open(i)
		h.must(p.client.Enrol(t.Context(), codes[i], p.name))
		h.sync(i)
	}
	return h
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) file(i int) string { return filepath.Join(h.dir, fmt.Sprintf("phone-%d", i)) }

// open starts the app of a phone.
func (h *hall) open(i int) {
	h.t.Helper()
	var err error
	h.phones[i].client, err = client.Open(client.Config{
		Path: h.file(i), URL: "http://" + h.addr, HTTP: &http.Client{Transport: h.phones[i].radio}, Schema: emulation.New().Schema(), Attempts: 3,
	})
	h.must(err)
	c := h.phones[i].client
	h.t.Cleanup(func() { _ = c.Close() })
}

// restart ends the server as a power cut would and starts it again.
func (h *hall) restart() {
	h.server.kill()
	h.server = serveProcess(h.t, "sqlite", h.data, h.addr)
}

func (h *hall) sync(i int) client.Report {
	h.t.Helper()
	report, err := h.phones[i].client.Sync(h.t.Context())
	h.must(err)
	return report
}

func (h *hall) write(i int, doc string, path sync.Pointer, value sync.Value) {
	h.t.Helper()
	h.must(h.phones[i].write(entry{doc: doc, path: path, value: value}))
}

// meeting returns the minutes as a phone shows them.
func (h *hall) meeting(i int) sync.Object {
	h.t.Helper()
	d, _, err := h.phones[i].client.View(sync.ClusterScope(systems.Cluster("A")), systems.Meeting("A"))
	h.must(err)
	return d.Body()
}

// stored stops the server and calls do with its database.
func (h *hall) stored(do func(*server)) {
	h.t.Helper()
	h.server.kill()
	srv, err := open(h.t.Context(), settings{data: h.data, store: "sqlite", log: slog.New(slog.DiscardHandler)})
	h.must(err)
	do(srv)
	h.must(srv.close())
	h.server = serveProcess(h.t, "sqlite", h.data, h.addr)
}

// equal compares every body phones hold with the server's, once what the
// server derives has settled and they have fetched it. What it tells people
// meanwhile they fetch as well; a difference stands once no log has moved since.
func (h *hall) equal(phones ...int) {
	h.t.Helper()
	h.stored(func(srv *server) { h.must(srv.hub.Sweep(h.t.Context())) })
	var before map[sync.Scope]hub.Mark
	for {
		for _, i := range phones {
			h.sync(i)
		}
		differ, after := "", map[sync.Scope]hub.Mark{}
		h.stored(func(srv *server) {
			for _, i := range phones {
				differ += h.differs(srv, i, after)
			}
		})
		if differ == "" {
			return
		}
		if maps.Equal(before, after) {
			h.t.Fatal(differ)
		}
		before = after
	}
}

// differs says how a phone differs from the server, "" if it does not, and adds
// the heads of its scopes to others.
func (h *hall) differs(srv *server, i int, heads map[sync.Scope]hub.Mark) string {
	h.t.Helper()
	d := &demonstration{srv: srv, office: &office{caller: hub.Caller{Author: sync.Author{Grants: []sync.Grant{{Role: emulation.Admin}}}}}}
	p := *h.phones[i]
	p.person = h.person(i)
	held, err := p.client.Scopes()
	h.must(err)
	marks, err := srv.store.Heads(h.t.Context(), held)
	h.must(err)
	maps.Copy(heads, marks)
	same, scopes, err := d.same(h.t.Context(), &p)
	h.must(err)
	status, err := p.client.Status()
	h.must(err)
	switch {
	case !same || scopes != 5:
		return fmt.Sprintf("%s does not hold what the server has (%d scopes)\n", p.name, scopes)
	case !status.Synced():
		return fmt.Sprintf("%s is not in sync: %+v\n", p.name, status)
	}
	return ""
}

// person finds whose a phone is by the user scope it holds.
func (h *hall) person(i int) sync.PersonID {
	h.t.Helper()
	scopes, err := h.phones[i].client.Scopes()
	h.must(err)
	for _, s := range scopes {
		if s.Kind() == "user" {
			return sync.PersonID(s.Subject())
		}
	}
	h.t.Fatal("the phone has no user scope")
	return ""
}

// outcomes counts the receipts in the log of a scope.
func (h *hall) outcomes(scope sync.Scope) map[sync.Outcome]int {
	h.t.Helper()
	counts := map[sync.Outcome]int{}
	h.stored(func(srv *server) {
		commits, err := srv.store.Commits(h.t.Context(), scope, 0, 1_000_000)
		h.must(err)
		for _, c := range commits {
			for _, r := range c.Receipts {
				counts[r.Outcome]++
			}
		}
	})
	return counts
}

func TestDifferentFieldsOfOneDocumentBothStand(t *testing.T) {
	h := newHall(t)
	h.write(0, "meeting", "/place", "Hội trường lớn")
	h.write(2, "meeting", "/reviewed", "Cả năm 2022")
	h.sync(0)
	h.sync(2)
	h.sync(0)
	for _, i := range []int{0, 2} {
		if m := h.meeting(i); m["place"] != "Hội trường lớn" || m["reviewed"] != "Cả năm 2022" {
			t.Errorf("phone %d shows %v, %v", i, m["place"], m["reviewed"])
		}
	}
	h.equal(0, 2)
}

func TestTheSameFieldWaitsInAConflictUntilSomebodyDecides(t *testing.T) {
	h := newHall(t)
	const path = sync.Pointer("/minutes/b3/text")
	before := sync.Get(h.meeting(0), path)
	h.write(0, "meeting", path, "Một.")
	h.write(2, "meeting", path, "Hai.")
	h.sync(0)
	if r := h.sync(2); r.Conflicts() != 1 {
		t.Fatalf("%+v", r)
	}
	h.sync(0)
	if got := sync.Get(h.meeting(2), path); got != "Một." {
		t.Errorf("the second phone shows %v, not the server's text", got)
	}
	open, err := h.phones[0].client.Conflicts()
	if err != nil || len(open) != 1 {
		t.Fatalf("the first phone sees %d conflicts, %v", len(open), err)
	}
	conflict := open[0]
	item := sync.Pointer("/items/" + sync.PathKey(path))
	get := func(p sync.Pointer) sync.Value { return sync.Get(conflict.Body(), item+p) }
	if get("/base") != before || get("/present") != "Một." {
		t.Errorf("the conflict shows %v and %v", get("/base"), get("/present"))
	}
	if get("/presentBy/author") != string(h.person(0)) || get("/presentBy/device") == nil || get("/presentBy/at") == nil {
		t.Errorf("who wrote what is there: %v", get("/presentBy"))
	}
	sides, _ := get("/sides").(sync.Object)
	var mutation sync.MutationID
	for id, v := range sides {
		side, _ := v.(sync.Object)
		mutation = sync.MutationID(id)
		if side["value"] != "Hai." || side["author"] != string(h.person(2)) || side["device"] == nil || side["made"] == nil || side["received"] == nil {
			t.Errorf("the other side: %v", side)
		}
	}
	h.stored(func(srv *server) {
		admin := hub.Caller{Author: sync.Author{Person: "admin", Grants: []sync.Grant{{Role: emulation.Admin}}}}
		_, err := srv.hub.Resolve(t.Context(), admin, conflict.Scope, sync.Decision{
			Conflict: conflict.ID, Version: conflict.Version, Reason: "Theo băng ghi âm.",
			Choices: map[sync.Pointer]sync.Choice{path: {Take: sync.TakeSide, Side: mutation}},
		})
		h.must(err)
	})
	for _, i := range []int{0, 2} {
		h.sync(i)
		if got := sync.Get(h.meeting(i), path); got != "Hai." {
			t.Errorf("after the decision phone %d shows %v", i, got)
		}
	}
	h.equal(0, 2)
}

func TestLostAnswersNeitherDoubleNorConflict(t *testing.T) {
	cluster := sync.ClusterScope(systems.Cluster("A"))
	text := func(n int) sync.Value { return fmt.Sprintf("Lần %d.", n) }
	for _, c := range []struct {
		name    string
		before  func(*hall) // recorded before the answer is lost
		between func(*hall) // recorded before the retry
		want    map[sync.Outcome]int
		shows   sync.Value
	}{
		{"of an update", func(h *hall) { h.write(0, "meeting", "/minutes/b3/text", text(1)) }, func(*hall) {}, map[sync.Outcome]int{sync.Applied: 1}, text(1)},
		{
			"of an update edited again before the retry",
			func(h *hall) { h.write(0, "meeting", "/minutes/b3/text", text(1)) },
			func(h *hall) { h.write(0, "meeting", "/minutes/b3/text", text(2)) },
			map[sync.Outcome]int{sync.Applied: 2},
			text(2),
		},
		{
			"of five creations",
			func(h *hall) {
				for i := range 5 {
					_, err := h.phones[0].client.Create(cluster, emulation.TypeMovement, "", sync.Object{"title": fmt.Sprintf("Phong trào %d", i), "period": string(systems.Period("A", "2022"))})
					h.must(err)
				}
			},
			func(*hall) {},
			map[sync.Outcome]int{sync.Applied: 5},
			nil,
		},
	} {
		for _, restart := range []bool{false, true} {
			name := c.name
			if restart {
				name += ", the server restarted in between"
			}
			t.Run(name, func(t *testing.T) {
				h := newHall(t)
				c.before(h)
				h.phones[0].radio.set(func(r *radio) { r.lose = 3 })
				if _, err := h.phones[0].client.Sync(t.Context()); err == nil {
					t.Fatal("the answers were not lost")
				}
				if restart {
					h.restart()
				}
				c.between(h)
				h.phones[0].radio.set(func(r *radio) { r.lose = 0 })
				h.sync(0)
				h.sync(3)
				got := h.outcomes(cluster)
				if len(got) != len(c.want) || got[sync.Applied] != c.want[sync.Applied] {
					t.Errorf("receipts %v, want %v", got, c.want)
				}
				if c.shows != nil && sync.Get(h.meeting(3), "/minutes/b3/text") != c.shows {
					t.Errorf("another phone shows %v", sync.Get(h.meeting(3), "/minutes/b3/text"))
				}
				h.equal(0, 3)
			})
		}
	}
}

func TestPhoneCutAnywhereInAnAnswerAndKilledEndsEqual(t *testing.T) {
	h := newHall(t)
	for cut := int64(1); ; cut += 97 {
		h.write(0, "meeting", "/minutes/b3/text", fmt.Sprintf("Một, %d.", cut))
		h.write(2, "meeting", "/minutes/b4/text", fmt.Sprintf("Hai, %d.", cut))
		h.write(2, "sheet", "/note", fmt.Sprintf("Ba, %d.", cut))
		h.sync(0)
		// The connection dies after so many bytes and stays dead: the app is ended.
		h.phones[2].radio.set(func(r *radio) { r.cutAfter, r.dieAfter = cut, true })
		_, _ = h.phones[2].client.Sync(t.Context())
		h.must(h.phones[2].client.Close())
		h.phones[2].radio.set(func(r *radio) { r.cutAfter, r.dieAfter, r.offline = 0, false, false })
		h.open(2)
		report := h.sync(2)
		h.sync(0)
		if report.Rebuilds > 0 || report.Resets > 0 {
			t.Errorf("cut after %d bytes: the replica was begun anew", cut)
		}
		if cut > 1500 { // longer than any of these answers
			break
		}
	}
	h.equal(0, 2)
}

func TestPhoneRestoredFromABackupEndsEqual(t *testing.T) {
	h := newHall(t)
	h.must(h.phones[2].client.Close())
	backup, err := os.ReadFile(h.file(2))
	h.must(err)
	h.open(2)
	h.write(2, "meeting", "/minutes/b3/text", "Sau bản sao lưu.")
	h.sync(2)
	h.write(0, "meeting", "/place", "Nơi khác")
	h.sync(0)
	h.must(h.phones[2].client.Close())
	h.must(os.WriteFile(h.file(2), backup, 0o600))
	h.open(2)
	h.write(2, "meeting", "/minutes/b4/text", "Sau khi khôi phục.")
	h.sync(2)
	h.sync(0)
	m := h.meeting(0)
	if sync.Get(m, "/minutes/b3/text") != "Sau bản sao lưu." || sync.Get(m, "/minutes/b4/text") != "Sau khi khôi phục." {
		t.Errorf("the minutes are %v", m["minutes"])
	}
	h.equal(0, 2)
}

func TestADayOfflineTakesOneRequest(t *testing.T) {
	h := newHall(t)
	for i := range 20 {
		h.write(0, "meeting", "/minutes/b3/text", fmt.Sprintf("Lần %d.", i))
		h.write(2, "meeting", "/minutes/b4/text", fmt.Sprintf("Lần %d.", i))
	}
	h.sync(0)
	before := h.phones[2].radio.sent()
	h.sync(2)
	if n := h.phones[2].radio.sent() - before; n != 1 {
		t.Errorf("%d requests", n)
	}
	h.equal(2)
}
