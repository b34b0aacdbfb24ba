package hub_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	stdsync "sync"
	"testing"

	"pgregory.net/rapid"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// Eight writers, half of them in another process, and one phone that pulls all
// the time: it misses no document, and whenever it is exact it is right.
func TestPhoneThatPullsAllTheTimeMissesNothingOfEightWriters(t *testing.T) {
	w, p, scope := unitWorld(t)
	second := w.newHub(w.open())
	shared := w.fill(scope, 3)
	const writers, each = 8, 25
	done := make(chan struct{})
	var wg stdsync.WaitGroup
	for i := range writers {
		h := w.hub
		if i%2 == 1 {
			h = second
		}
		wg.Go(func() {
			who := w.phone("an").who
			for n := range int64(each) {
				ms := []sync.Mutation{
					w.create(scope, sync.Object{"n": n, "title": fmt.Sprint(i)}),
					w.edit(scope, shared[n%3], sync.Pointer(fmt.Sprintf("/tags/w%d-%d", i, n)), nil, "x"),
				}
				pushed, err := h.Push(context.Background(), who, &sync.Request{Mutations: ms})
				if err != nil {
					t.Error(err)
					return
				}
				for _, a := range pushed.Acks {
					if a.Outcome != sync.Applied {
						t.Errorf("%+v", a)
					}
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	for writing, n := true, 0; writing; n++ {
		select {
		case <-done:
			writing = false
		default:
		}
		h := w.hub
		if n%3 == 2 {
			h = second
		}
		w.must(p.sync(h, &sink{full: 7}))
	}
	p.settle(w.hub)
	p.equal(scope)
	w.log(scope)
	if n := len(p.replica[scope]); n != writers*each+len(shared) {
		t.Fatalf("%d documents", n)
	}
	for _, id := range shared {
		tags, _ := sync.Get(p.replica[scope][id].Body(), "/tags").(sync.Object)
		if len(tags) < writers*each/3-writers {
			t.Fatalf("%d tags", len(tags))
		}
	}
}

// drawFault chooses what becomes of a call, mostly nothing.
func drawFault(t *rapid.T) storetest.Fault {
	if rapid.IntRange(0, 11).Draw(t, "harm") > 0 {
		return storetest.None
	}
	return rapid.SampledFrom([]storetest.Fault{storetest.Refused, storetest.Lost, storetest.Late, storetest.Cut}).Draw(t, "fault")
}

// drawMutation makes a mutation of what a phone sees.
func drawMutation(t *rapid.T, p *phone, scope sync.Scope) sync.Mutation {
	var notes []*sync.Document
	for _, d := range p.w.documents(p.w.store, scope) { // in order: the same seed draws the same
		if mine := p.replica[scope][d.ID]; mine != nil && d.Type == "note" {
			notes = append(notes, mine)
		}
	}
	sortByID(notes)
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if len(notes) == 0 || kind == 0 {
		return p.w.create(scope, sync.Object{"n": rapid.Int64Range(0, 9).Draw(t, "n")})
	}
	d := rapid.SampledFrom(notes).Draw(t, "note")
	switch kind {
	case 1:
		return p.w.remove(scope, d)
	case 2:
		return p.w.edit(scope, d.ID, "/nowhere", nil, "x")
	case 3:
		return p.w.create(unit("z"), sync.Object{"n": int64(1)})
	}
	path := rapid.SampledFrom([]sync.Pointer{"/n", "/title", "/tags", "/tags/a", "/tags/b"}).Draw(t, "path")
	var now sync.Value
	switch path {
	case "/n":
		now = rapid.Int64Range(0, 9).Draw(t, "value")
	case "/tags":
		now = sync.Object{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"): "x"}
	default:
		if s := rapid.SampledFrom([]string{"", "x", "y", "refuse me"}).Draw(t, "value"); s != "" {
			now = s
		}
	}
	was := sync.Get(d.Body(), path)
	if sync.Equal(was, now) {
		return p.w.create(scope, sync.Object{"n": int64(1)})
	}
	return p.w.edit(scope, d.ID, path, was, now)
}

func sortByID(docs []*sync.Document) {
	for i := range docs {
		for j := i; j > 0 && docs[j].ID < docs[j-1].ID; j-- {
			docs[j], docs[j-1] = docs[j-1], docs[j]
		}
	}
}

// checks sets how many cases rapid tries, unless the command line says: every
// write here waits for the disk.
func checks(t *testing.T, n int) {
	t.Helper()
	if f := flag.Lookup("rapid.checks"); f == nil || f.Value.String() != f.DefValue {
		return
	} else if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
}

// Phones, hubs and faults at random: the log stays whole, every mutation is in
// it once, documents are what follows from it, and every phone comes to equal it.
func TestWhateverFailsNothingIsLostAndNothingIsThereTwice(t *testing.T) {
	checks(t, 30)
	w := newWorld(t)
	second := w.open()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		scope, who := unit(fmt.Sprint("round ", round)), fmt.Sprint("an ", round)
		w.grant(who, scope, 0)
		calm := true
		decide := func(c storetest.Call) storetest.Fault {
			if calm || c.Scope != scope && c.Scope != "" {
				return storetest.None
			}
			return drawFault(rt)
		}
		stores := []*storetest.Faulty{storetest.NewFaulty(w.store, decide), storetest.NewFaulty(second, decide)}
		hubs := []*hub.Hub{w.newHub(stores[0]), w.newHub(stores[1])}
		phones := []*phone{w.phone(who), w.phone(who), w.phone(who)}
		sent := map[sync.MutationID]bool{}
		for range rapid.IntRange(3, 14).Draw(rt, "requests") {
			p := rapid.SampledFrom(phones).Draw(rt, "phone")
			for range rapid.IntRange(0, 3).Draw(rt, "mutations") {
				m := drawMutation(rt, p, scope)
				sent[m.ID] = true
				p.record(m)
			}
			again := p.queue
			out := &sink{full: rapid.IntRange(0, 3).Draw(rt, "full"), cut: rapid.IntRange(0, 12).Draw(rt, "cut")}
			calm = false
			err := p.sync(rapid.SampledFrom(hubs).Draw(rt, "hub"), out)
			calm = true
			if err != nil && hub.CodeOf(err) != hub.CodeUnavailable {
				rt.Fatal(err)
			}
			if err == nil && rapid.IntRange(0, 4).Draw(rt, "acks lost") == 0 {
				p.queue = append(again[:len(again):len(again)], p.queue...)
			}
			if rapid.Bool().Draw(rt, "land") {
				for _, s := range stores {
					w.must(s.Land(context.Background()))
				}
			}
		}
		for i, p := range phones {
			p.settle(hubs[i%2])
		}
		for _, s := range stores {
			w.must(s.Land(context.Background()))
		}
		for i, p := range phones {
			p.settle(hubs[(i+1)%2])
			p.equal(scope)
		}
		for _, c := range append(w.log(scope), w.log(sync.UserScope(person(who)))...) {
			for _, r := range c.Receipts {
				delete(sent, r.Mutation)
			}
		}
		if len(sent) > 0 {
			rt.Fatalf("%d mutations are nowhere", len(sent))
		}
	})
}
