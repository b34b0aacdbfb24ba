package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
	"thidua/sync/client"
)

// eachStore runs a test on every store that production may stand on.
func eachStore(t *testing.T, test func(t *testing.T, store string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite") })
	t.Run("mongodb", func(t *testing.T) { test(t, mongotest.URI(t)) })
}

// few returns the second of two numbers of phones if the store is the wire
// server of scripts/ferretdb, which reads a whole collection for most queries.
func few(store string, many, few int64) int64 {
	if store != "sqlite" && os.Getenv("MONGODB_URI") == "" {
		return few
	}
	return many
}

// setting returns a number from the environment, by which a script makes a
// test longer or replays it.
func setting(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// A district is several server processes on one database, and the phones of
// cluster A, whose every request goes to any of the servers.
type district struct {
	t       *testing.T
	store   string
	data    string
	addrs   []string
	servers []*process
	phones  []*handset

	sent atomic.Int64 // requests
}

// A handset is one of the phones.
type handset struct {
	client *client.Client
	person sync.PersonID
	unit   string
	random *rand.Rand
	writes int               // recorded
	own    map[string]string // what this phone alone writes: block of the minutes → text
}

// newDistrict stores system A and signs phones in.
func newDistrict(t *testing.T, store string, servers, phones int, random *rand.Rand) *district {
	t.Helper()
	d := &district{t: t, store: store, data: t.TempDir()}
	codes := d.populate(phones, random)
	for range servers {
		d.addrs = append(d.addrs, freeAddr(t))
	}
	for _, addr := range d.addrs {
		d.servers = append(d.servers, serveProcess(t, store, d.data, addr))
	}
	t.Cleanup(func() {
		for _, p := range d.servers {
			p.kill()
		}
	})
	dir := t.TempDir()
	for i, p := range d.phones {
		var err error
		p.client, err = client.Open(client.Config{
			Path: filepath.Join(dir, fmt.Sprintf("phone-%d", i)), URL: "http://" + d.addrs[i%servers], Schema: emulation.New().Schema(), Attempts: 1000,
			HTTP: &http.Client{Transport: &roamer{base: transport(), district: d, random: rand.New(rand.NewPCG(random.Uint64(), 0))}},
		})
		d.must(err)
		t.Cleanup(func() { _ = p.client.Close() })
		d.must(p.client.Enrol(t.Context(), codes[i], fmt.Sprintf("Máy %d", i)))
		d.sync(p)
	}
	return d
}

func (d *district) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// populate makes the cluster and its people, and returns an enrolment code for each phone.
func (d *district) populate(phones int, random *rand.Rand) []string {
	d.t.Helper()
	ctx := d.t.Context()
	srv, err := open(ctx, settings{data: d.data, store: d.store, log: slog.New(slog.DiscardHandler)})
	d.must(err)
	defer func() { d.must(srv.close()) }()
	for _, s := range systems.Load() {
		if s.Code == "A" {
			d.must(srv.loadSystem(ctx, s))
		}
	}
	d.must(srv.hub.Sweep(ctx))
	units := []string{"tho-xuan", "yen-dinh", "thieu-hoa", "dong-son", "vinh-loc"}
	var codes []string
	for i := range phones {
		unit := units[i%len(units)]
		p, err := srv.auth.AddPerson(ctx, operator, hub.Person{
			Login: fmt.Sprintf("p%d", i), Name: fmt.Sprintf("Người %d", i), Grants: []sync.Grant{{Role: emulation.UnitStaff, Subject: sync.ID(systems.Unit(unit))}},
		}, "")
		d.must(err)
		code, _, err := srv.auth.IssueCode(ctx, operator, p.ID, 0)
		d.must(err)
		codes = append(codes, code)
		d.phones = append(d.phones, &handset{person: p.ID, unit: unit, random: rand.New(rand.NewPCG(random.Uint64(), uint64(i))), own: map[string]string{}})
	}
	return codes
}

// A roamer sends each request to one of the servers.
type roamer struct {
	base     http.RoundTripper
	district *district
	mu       stdsync.Mutex
	random   *rand.Rand
}

// RoundTrip implements http.RoundTripper.
func (r *roamer) RoundTrip(req *http.Request) (*http.Response, error) {
	r.district.sent.Add(1)
	r.mu.Lock()
	to := r.district.addrs[r.random.IntN(len(r.district.addrs))]
	r.mu.Unlock()
	req = req.Clone(req.Context())
	req.URL.Host, req.Host = to, to
	return r.base.RoundTrip(req)
}

// sync syncs a phone, over whatever happens to the servers.
func (d *district) sync(p *handset) {
	d.t.Helper()
	if _, err := p.client.Sync(d.t.Context()); err != nil {
		d.t.Errorf("sync: %v", err)
	}
}

// write records something on a phone: mostly its own block of the minutes or
// something new, now and then what others write too.
func (d *district) write(n int, p *handset) error {
	p.writes++
	cluster := sync.ClusterScope(systems.Cluster("A"))
	text := fmt.Sprintf("Máy %d, lần %d.", n, p.writes)
	update := func(path sync.Pointer, value sync.Value) error {
		return p.client.Update(cluster, systems.Meeting("A"), func(body sync.Object) sync.Object { return sync.Set(body, path, value) })
	}
	switch x := p.random.IntN(20); {
	case x == 0: // shared by all: most of these clash
		return update("/minutes/b3/text", text)
	case x < 4:
		_, err := p.client.Create(cluster, emulation.TypeMovement, "", sync.Object{"title": text, "period": string(systems.Period("A", "2022"))})
		return err
	case x < 8: // shared by the phones of one unit
		scope, doc := sync.UnitDesk(systems.Unit(p.unit)), emulation.SheetID(systems.Unit(p.unit), systems.Period("A", "2022"))
		return p.client.Update(scope, doc, func(body sync.Object) sync.Object { return sync.Set(body, "/note", text) })
	}
	block := fmt.Sprintf("k%d-%d", n, p.random.IntN(3))
	_, there := p.own[block]
	p.own[block] = text
	if !there {
		return update(sync.Pointer("/minutes/"+block), sync.Object{"order": int64(100 + n), "text": text})
	}
	return update(sync.Pointer("/minutes/"+block+"/text"), text)
}

// A verdict says what was found in the end.
type verdict struct {
	recorded, inLog, lost, doubled, conflicts int
}

// check stops the servers, compares everything from outside and starts them
// again. All phones must have synced.
func (d *district) check() (v verdict) {
	d.t.Helper()
	ctx := d.t.Context()
	for _, p := range d.servers {
		p.kill()
	}
	srv, err := open(ctx, settings{data: d.data, store: d.store, log: slog.New(slog.DiscardHandler)})
	d.must(err)
	d.must(srv.hub.Sweep(ctx)) // what a killed process left to be derived
	report, err := fsck.Check(ctx, fsck.Config{Store: srv.store, Schema: srv.domain.Schema()})
	d.must(err)
	for _, f := range report.Findings {
		d.t.Errorf("fsck: %+v", f)
	}
	v = d.receipts(srv)
	d.must(srv.close())
	for i, addr := range d.addrs {
		d.servers[i] = serveProcess(d.t, d.store, d.data, addr)
	}
	for _, p := range d.phones { // what was derived
		d.sync(p)
	}
	srv, err = open(ctx, settings{data: d.data, store: d.store, log: slog.New(slog.DiscardHandler)})
	d.must(err)
	defer func() { d.must(srv.close()) }()
	d.replicas(srv)
	return v
}

// receipts counts the mutations of the phones in all logs.
func (d *district) receipts(srv *server) (v verdict) {
	ctx := d.t.Context()
	seen := map[sync.MutationID]int{}
	scopes, err := srv.store.Scopes(ctx, "", 10_000)
	d.must(err)
	for _, scope := range scopes {
		commits, err := srv.store.Commits(ctx, scope, 0, 1_000_000)
		d.must(err)
		for _, c := range commits {
			for _, r := range c.Receipts {
				if seen[r.Mutation]++; seen[r.Mutation] > 1 {
					v.doubled++
				}
				switch r.Outcome {
				case sync.Queued:
					v.conflicts++
				case sync.Rejected:
					d.t.Errorf("refused: %s", r.Code)
				}
			}
		}
	}
	for _, p := range d.phones {
		v.recorded += p.writes
	}
	v.inLog = len(seen)
	v.lost = v.recorded - v.inLog
	return v
}

// replicas compares what every phone holds with the server, body by body, and
// what it alone wrote with what it wrote last.
func (d *district) replicas(srv *server) {
	d.t.Helper()
	admin := hub.Caller{Author: sync.Author{Grants: []sync.Grant{{Role: emulation.Admin}}}}
	for n, p := range d.phones {
		scopes, err := p.client.Scopes()
		d.must(err)
		for _, scope := range scopes {
			caller := admin
			if scope.Kind() == "user" {
				caller = hub.Caller{Author: sync.Author{Person: p.person}}
			}
			theirs, err := srv.hub.Live(d.t.Context(), caller, scope)
			d.must(err)
			mine, err := p.client.List(scope, "")
			d.must(err)
			slices.SortFunc(theirs, func(a, b *sync.Document) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
			if !slices.EqualFunc(mine, theirs, func(a, b *sync.Document) bool {
				return a.ID == b.ID && a.Version == b.Version && bytes.Equal(a.Raw(), b.Raw())
			}) {
				d.t.Errorf("phone %d does not hold what the server has in a scope of kind %s", n, scope.Kind())
			}
		}
		meeting, _, err := p.client.View(sync.ClusterScope(systems.Cluster("A")), systems.Meeting("A"))
		d.must(err)
		for block, text := range p.own {
			if got := sync.Get(meeting.Body(), sync.Pointer("/minutes/"+block+"/text")); got != text {
				d.t.Errorf("phone %d wrote %q last; it shows %v", n, text, got)
			}
		}
		if s, err := p.client.Status(); err != nil || !s.Synced() {
			d.t.Errorf("phone %d is not in sync: %+v, %v", n, s, err)
		}
	}
}

// killOne kills a server process once some more requests were sent, and a
// moment later, and starts it again.
func (d *district) killOne(random *rand.Rand, done <-chan struct{}) {
	which, after, moment := random.IntN(len(d.servers)), d.sent.Load()+1+random.Int64N(int64(2*len(d.phones))), time.Duration(random.IntN(20))*time.Millisecond
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for d.sent.Load() < after {
		select {
		case <-done:
			after = 0
		case <-tick.C:
		}
	}
	<-time.After(moment)
	d.servers[which].kill()
	d.servers[which] = serveProcess(d.t, d.store, d.data, d.addrs[which])
}

func TestServersKilledUnderLoadLoseAndDoubleNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		rounds, seed := setting(t, "THIDUA_TEST_ROUNDS", few(store, 4, 2)), setting(t, "THIDUA_TEST_SEED", time.Now().UnixNano())
		t.Logf("THIDUA_TEST_SEED=%d", seed)
		random := rand.New(rand.NewPCG(uint64(seed), 0))
		d := newDistrict(t, store, 2, int(few(store, 12, 4)), random)
		for range rounds {
			done := make(chan struct{})
			var pushing stdsync.WaitGroup
			for n, p := range d.phones {
				pushing.Go(func() {
					for range 3 {
						if err := d.write(n, p); err != nil {
							t.Error(err)
						}
						d.sync(p)
					}
				})
			}
			go func() { pushing.Wait(); close(done) }()
			d.killOne(random, done)
			<-done
			if t.Failed() {
				return
			}
		}
		for _, p := range d.phones {
			d.sync(p)
		}
		v := d.check()
		t.Logf("%d rounds: %d mutations recorded, %d in the logs, %d conflicts, %d lost, %d doubled", rounds, v.recorded, v.inLog, v.conflicts, v.lost, v.doubled)
		if v.lost != 0 || v.doubled != 0 {
			t.Errorf("%+v", v)
		}
	})
}

func TestManyPhonesOnThreeServersAndReadersThatFollow(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		lasts := time.Duration(setting(t, "THIDUA_TEST_SECONDS", 3)) * time.Second
		phones, seed := int(setting(t, "THIDUA_TEST_PHONES", few(store, 12, 4))), setting(t, "THIDUA_TEST_SEED", time.Now().UnixNano())
		t.Logf("THIDUA_TEST_SEED=%d", seed)
		const readers = 3
		d := newDistrict(t, store, 3, phones+readers, rand.New(rand.NewPCG(uint64(seed), 0)))

		follow, stop := d.follow(d.phones[phones:])
		end := time.Now().Add(lasts)
		var pushing stdsync.WaitGroup
		for n, p := range d.phones[:phones] {
			pushing.Go(func() {
				for time.Now().Before(end) && !t.Failed() {
					if err := d.write(n, p); err != nil {
						t.Error(err)
					}
					d.sync(p)
				}
			})
		}
		pushing.Wait()
		woken := follow()
		stop()
		for _, p := range d.phones {
			d.sync(p)
		}
		v := d.check()
		t.Logf("%d phones, %d readers woken %d times, %s: %d mutations (%.0f/s), %d conflicts, %d lost, %d doubled",
			phones, readers, woken, lasts, v.inLog, float64(v.inLog)/lasts.Seconds(), v.conflicts, v.lost, v.doubled)
		if v.lost != 0 || v.doubled != 0 {
			t.Errorf("%+v", v)
		}
	})
}

// follow lets readers sync whenever the server that their stream happens to be
// open to says that something moved. The first function returned waits until
// each was woken at least once and returns how often all were; the second ends it.
func (d *district) follow(readers []*handset) (woken func() int64, stop func()) {
	ctx, cancel := context.WithCancel(d.t.Context())
	var times atomic.Int64
	var following stdsync.WaitGroup
	first := make(chan struct{}, len(readers))
	for _, p := range readers {
		following.Go(func() {
			told := stdsync.OnceFunc(func() { first <- struct{}{} })
			err := p.client.Wake(ctx, func(scopes []sync.Scope) {
				if _, err := p.client.Sync(ctx); err != nil && ctx.Err() == nil {
					d.t.Errorf("a reader: %v", err)
				}
				if scopes != nil {
					times.Add(1)
					told()
				}
			})
			if err != nil && ctx.Err() == nil {
				d.t.Errorf("a reader was not told any more: %v", err)
			}
		})
	}
	woken = func() int64 {
		for range readers {
			<-first
		}
		return times.Load()
	}
	return woken, func() { cancel(); following.Wait() }
}
