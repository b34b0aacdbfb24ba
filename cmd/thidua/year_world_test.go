package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A year is cluster y of the units n1 to n10 in 2023. Every unit has two
// phones, of its staff and of its leader, that are online on one day of every
// ten, drawn from the seed; those of the office are online every day. n1 heads
// the cluster and n2 is its deputy.
type year struct {
	*council
	today    string // YYYY-MM-DD
	bearers  []*bearer
	recorded int // by all phones
}

// A bearer is somebody with a phone and things to do in the course of the year.
type bearer struct {
	*hand
	y      *year
	name   string
	unit   int // 1 to 10; 0 is the office
	online map[string]bool
	always bool // online every day
	synced string
	done   map[string]bool
	acts   func(*bearer)
}

const seedVariable = "THIDUA_TEST_SEED"

// newYear opens on 2 January: the office has its phones and has published what
// the year goes by, and then everybody else gets one.
func newYear(t *testing.T) *year {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv(seedVariable); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d", seedVariable, seed)
	y := &year{council: newCouncil(t, "2023-01-02 08:00"), today: "2023-01-02"}
	y.put(sync.Org, emulation.TypeCluster, key("y"), sync.Object{
		"code": "y", "kind": "cluster", "name": "Cụm 10",
		"quotas": sync.Object{"emulation_flag": sync.Object{"count": int64(1)}, "merit_certificate": sync.Object{"percent": int64(20)}},
	})
	for i := range 10 {
		u := unitName(i + 1)
		y.put(sync.Org, emulation.TypeUnit, key(u), sync.Object{"code": u, "names": sync.Object{"n": sync.Object{"name": "Đơn vị " + u}}})
		y.member(u, "y", "2023-01-01", "")
	}
	y.put(sync.Org, emulation.TypeTerm, emulation.TermID(key("y"), 2023), sync.Object{
		"cluster": string(key("y")), "year": int64(2023), "head": string(key("n1")), "deputy": string(key("n2")),
	})
	over := sync.Grant{Role: emulation.Officer, Subject: sync.ID(key("y"))}
	admin := y.bearer("admin", 0, adminActs, over, sync.Grant{Role: emulation.Admin})
	y.bearer("officer", 0, officerActs, over)
	for _, b := range y.bearers {
		b.always = true
	}
	admin.acts(admin)
	admin.sync()
	draw := rand.New(rand.NewPCG(seed, 10))
	for i := 1; i <= 10; i++ {
		of := sync.ID(key(unitName(i)))
		for _, b := range []*bearer{
			y.bearer(fmt.Sprintf("staff %d", i), i, staffActs, sync.Grant{Role: emulation.UnitStaff, Subject: of}),
			y.bearer(fmt.Sprintf("leader %d", i), i, leaderActs, sync.Grant{Role: emulation.UnitLeader, Subject: of}),
		} {
			for ten := 0; ten < 40; ten++ {
				b.online[yearDay(ten*10+draw.IntN(10))] = true
			}
			b.misses(lastDay) // so that the term is over when n1's last word comes in
			if i%2 == 1 && i != 5 {
				b.misses(dueDay) // so that what is made on it comes in late
			}
		}
	}
	return y
}

func (y *year) bearer(name string, unit int, acts func(*bearer), grants ...sync.Grant) *bearer {
	b := &bearer{hand: y.phone(strings.ReplaceAll(name, " ", "-"), grants...), y: y, name: name, unit: unit, online: map[string]bool{}, done: map[string]bool{}, acts: acts}
	y.bearers = append(y.bearers, b)
	return b
}

func (y *year) named(name string) *bearer {
	y.t.Helper()
	for _, b := range y.bearers {
		if b.name == name {
			return b
		}
	}
	y.t.Fatalf("nobody is %s", name)
	return nil
}

func unitName(n int) string { return "n" + strconv.Itoa(n) }

func unitID(n int) sync.DocID { return key(unitName(n)) }

// yearDay returns a day by its number, 1 January 2023 being 0.
func yearDay(n int) string {
	return time.Date(2023, time.January, 1+n, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
}

// misses has a phone that would be online on a day be so on the next.
func (b *bearer) misses(day string) {
	if b.online[day] {
		delete(b.online, day)
		b.online[emulation.DayOf(onDay(day+" 12:00")+(24*time.Hour).Milliseconds())] = true
	}
}

// live lets day after day pass, the last one not included. On each, everybody
// first records what is due by what the phone shows; then those who are online
// sync, record what they now see is due, and sync again.
func (y *year) live(until string) {
	y.t.Helper()
	for n := 1; yearDay(n) < until; n++ {
		y.today = yearDay(n)
		y.moveTo(y.today + " 08:00")
		for _, b := range y.bearers {
			b.acts(b)
		}
		y.moveTo(y.today + " 17:00")
		for _, b := range y.bearers {
			if b.always || b.online[y.today] {
				b.comesOnline()
			}
		}
	}
}

// comesOnline syncs and does what is to be done, until nothing is.
func (b *bearer) comesOnline() {
	b.y.t.Helper()
	for range 5 {
		b.sync()
		b.synced = b.y.today
		before := b.y.recorded
		if b.acts(b); b.y.recorded == before {
			return
		}
	}
	b.y.t.Errorf("%s: %s finds something to do again and again", b.y.today, b.name)
}

// duty is done once, on the first day from a given one on which do says so.
func (b *bearer) duty(from, what string, do func() bool) {
	if b.y.today >= from && !b.done[what] {
		b.done[what] = do()
	}
}

// view returns a document as the phone shows it and the state it is in there;
// nil and "" if the phone does not have it.
func (b *bearer) view(scope sync.Scope, doc sync.DocID) (d *sync.Document, state string, pending bool) {
	b.y.t.Helper()
	d, pending, err := b.client.View(scope, doc)
	b.y.must(err)
	if d == nil {
		return nil, "", pending
	}
	return d, emulation.StateOf(b.y.srv.domain.Schema().Types[d.Type], d.Body()), pending
}

func (b *bearer) write(scope sync.Scope, doc sync.DocID, path sync.Pointer, value sync.Value) {
	b.y.t.Helper()
	b.hand.write(scope, doc, path, value)
	b.y.recorded++
}

func (b *bearer) step(scope sync.Scope, doc sync.DocID, to, reason string) {
	b.y.t.Helper()
	b.hand.step(scope, doc, to, reason)
	b.y.recorded++
}

// change records a step together with what belongs to it.
func (b *bearer) change(scope sync.Scope, doc sync.DocID, values sync.Object) {
	b.y.t.Helper()
	b.y.must(b.client.Transition(scope, doc, func(body sync.Object) sync.Object {
		for field, v := range values {
			body[field] = v
		}
		return body
	}))
	b.y.recorded++
}

// creates records a new document under the identifier that follows from its
// body, if one does, else under one that follows from a name.
func (b *bearer) creates(scope sync.Scope, typ, name string, body sync.Object) sync.DocID {
	b.y.t.Helper()
	id, keyed := emulation.KeyOf(typ, body)
	if !keyed {
		id = key(name)
	}
	b.create(scope, typ, id, body)
	b.y.recorded++
	return id
}

func (y *year) cluster() sync.Scope { return sync.ClusterScope(key("y")) }

func (y *year) desk() sync.Scope { return sync.ClusterDesk(key("y")) }

// sheet returns where the sheet of a unit in a period is.
func (*year) sheet(unit int, period string) (sync.Scope, sync.DocID) {
	return sync.UnitDesk(unitID(unit)), emulation.SheetID(unitID(unit), key(period))
}

// settles decides, as the officer, the conflicts the phone shows in the way
// that a list of the right values says; the others stay.
func (b *bearer) settles(right map[sync.Pointer]sync.Value) {
	b.y.t.Helper()
	open, err := b.client.Conflicts()
	b.y.must(err)
	caller := hub.Caller{Author: sync.Author{Person: b.person, Grants: []sync.Grant{{Role: emulation.Officer, Subject: sync.ID(key("y"))}}}}
	for _, conflict := range open {
		choices := map[sync.Pointer]sync.Choice{}
		items, _ := conflict.Body()["items"].(sync.Object)
		for _, v := range items {
			item, _ := v.(sync.Object)
			path, _ := item["path"].(string)
			if choice, ok := choose(item, right[sync.Pointer(path)]); ok {
				choices[sync.Pointer(path)] = choice
			}
		}
		if b.done[string(conflict.ID)] || len(choices) != len(items) {
			continue
		}
		_, err := b.y.srv.hub.Resolve(b.y.t.Context(), caller, conflict.Scope, sync.Decision{
			Conflict: conflict.ID, Version: conflict.Version, Reason: "Đối chiếu hồ sơ gốc.", Choices: choices,
		})
		b.y.must(err)
		b.done[string(conflict.ID)] = true
	}
}

// choose takes what is right, wherever it stands in the item of a conflict: of
// whole documents the one with that text. It takes nothing if it stands nowhere.
func choose(item sync.Object, right sync.Value) (sync.Choice, bool) {
	if right == nil {
		return sync.Choice{}, false
	}
	if sync.Equal(item["present"], right) {
		return sync.Choice{Take: sync.TakePresent}, true
	}
	sides, _ := item["sides"].(sync.Object)
	for mutation, v := range sides {
		side, _ := v.(sync.Object)
		body, _ := side["value"].(sync.Object)
		if sync.Equal(side["value"], right) || body != nil && sync.Equal(body["text"], right) {
			return sync.Choice{Take: sync.TakeSide, Side: sync.MutationID(mutation)}, true
		}
	}
	return sync.Choice{}, false
}

// rest lets everything arrive everywhere: what was recorded, then what is
// derived from it.
func (y *year) rest() {
	y.t.Helper()
	for _, b := range y.bearers {
		b.sync()
	}
	y.must(y.srv.hub.Sweep(y.t.Context()))
	for _, b := range y.bearers {
		b.sync()
	}
}

// commits returns every commit of every log.
func (y *year) commits() (all []sync.Commit) {
	y.t.Helper()
	scopes, err := y.srv.store.Scopes(y.t.Context(), "", 10_000)
	y.must(err)
	for _, scope := range scopes {
		commits, err := y.srv.store.Commits(y.t.Context(), scope, 0, 1_000_000)
		y.must(err)
		all = append(all, commits...)
	}
	return all
}
