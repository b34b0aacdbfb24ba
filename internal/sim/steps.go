package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// take carries out one step of a plan.
func (w *world) take(s step) {
	w.choice = s
	if s.kind == release {
		w.still()
		able := w.gate.able()
		if len(able) == 0 {
			return
		}
		f := w.armed
		w.armed = none
		w.let(able[s.a%len(able)], f)
		return
	}
	w.clock.Add(1)
	w.log(s.String())
	p := w.phones[s.a%len(w.phones)]
	server := w.servers[s.a%len(w.servers)]
	switch s.kind {
	case fail:
		w.armed = failed + fault(s.a)%(faults-failed)
	case double:
		w.doubled = true
	case act:
		w.must(p.act(s.b, s.c, s.c/16+s.b))
	case syncNow:
		p.startSync()
	case cut:
		w.cutPhone(p)
	case killPhone:
		w.must(p.kill(nil))
	case backUpPhone:
		w.must(p.takeBackup())
	case restorePhone:
		w.must(p.restore())
	case setClock:
		w.setClock(p, s.b)
	case pass:
		w.pass([]time.Duration{time.Millisecond, 200 * time.Millisecond, 4 * time.Second, 3 * time.Hour}[s.b%4])
	case killServer:
		w.killServer(server, s.b)
	case sweep:
		w.sweep(server)
	case grant:
		w.changeGrant(s)
	case resolve:
		w.resolve(s)
	case failOver:
		w.met["lost in failover"] += w.db.failOver()
	case backUpStore:
		w.saved = w.db.backup()
	case restoreStore:
		w.restoreStore()
	}
	w.still()
}

// cutPhone breaks the connection that a phone has, wherever it stands.
func (w *world) cutPhone(p *phone) {
	for _, o := range w.gate.of(p.process) {
		if strings.Contains(o.label, " request ") {
			w.let(o, failed)
			return
		}
	}
}

// setClock lets a phone's clock jump, by minutes, days or years, either way.
func (w *world) setClock(p *phone, n int) {
	by := []time.Duration{time.Minute, 26 * time.Hour, 3 * 365 * 24 * time.Hour}[n%3] * time.Duration(1+n/8%5)
	if n/4%2 == 0 {
		by = -by
	}
	p.skew += by
	if by.Abs() > 24*time.Hour {
		p.lineage.jumped = true
	}
}

// pass lets time pass; what has a deadline may miss it.
func (w *world) pass(d time.Duration) {
	for _, p := range w.phones {
		if s := p.process.sync; s != nil {
			s.waited = true
		}
	}
	time.Sleep(d)
}

// killServer kills a process, or starts one that was killed. A write that was
// on its way may arrive all the same, later.
func (w *world) killServer(s *server, n int) {
	if !s.up() {
		w.must(s.start())
		return
	}
	s.store.dead.Store(true) // first, so that who is told goes no further
	if writes := w.gate.of(s.store); len(writes) > 0 && n%2 == 0 {
		w.gate.release(writes[n/2%len(writes)], late)
	}
	s.kill()
}

func (w *world) sweep(s *server) {
	if s.up() && (s.sweeps == nil || s.sweeps.done) {
		s.sweeps = s.run(w.label("sweep"), sweepPasses, func(ctx context.Context, h *hub.Hub) error { return h.Sweep(ctx) })
	}
}

// sweepPasses reports whether nothing but the store is why a sweep failed.
func sweepPasses(err error) bool {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(many.Unwrap(), func(err error) bool { return !unavailable(err) })
	}
	return unavailable(err)
}

// changeGrant hands out a grant or takes it back.
func (w *world) changeGrant(s step) {
	server := w.servers[s.a%len(w.servers)]
	if !server.up() {
		return
	}
	put := w.grantOf(s.b%people, s.b/people%2, s.b/6%3 == 0)
	if s.c%2 == 0 {
		put.Body = nil
	}
	w.store(server, "grant", []hub.Put{put})
}

// resolve lets the admin decide an open conflict as it was a moment ago.
func (w *world) resolve(s step) {
	server := w.servers[s.a%len(w.servers)]
	open := w.db.majority.kept(hub.KeptFilter{Type: sync.TypeConflict, State: sync.StateOpen, Limit: 1 << 20})
	if !server.up() || len(open) == 0 {
		return
	}
	conflict := open[s.b%len(open)]
	dec := decide(conflict, s.c)
	refused := func(err error) bool { return hub.CodeOf(err) != hub.CodeInternal }
	server.run(w.label("resolve"), refused, func(ctx context.Context, h *hub.Hub) error {
		_, err := h.Resolve(ctx, admin(), conflict.Scope, dec)
		return err
	})
}

// decide takes the present value everywhere, the sides of one mutation where
// it has any, or a value of the admin's own.
func decide(conflict *sync.Document, n int) sync.Decision {
	items, _ := conflict.Body()["items"].(sync.Object)
	dec := sync.Decision{Conflict: conflict.ID, Version: conflict.Version, Choices: map[sync.Pointer]sync.Choice{}, Reason: "so it was"}
	var mutations []string
	for _, key := range sortedKeys(items) {
		it, _ := items[key].(sync.Object)
		sides, _ := it["sides"].(sync.Object)
		mutations = append(mutations, sortedKeys(sides)...)
	}
	var chosen string
	if n%3 != 0 && len(mutations) > 0 {
		chosen = mutations[n/3%len(mutations)]
	}
	for _, v := range items {
		it, _ := v.(sync.Object)
		path, _ := it["path"].(string)
		choice := sync.Choice{Take: sync.TakePresent}
		sides, _ := it["sides"].(sync.Object)
		if _, has := sides[chosen]; has {
			choice = sync.Choice{Take: sync.TakeSide, Side: sync.MutationID(chosen)}
		} else if n%5 == 0 && path == "/title" {
			choice = sync.Choice{Take: sync.TakeValue, Value: fmt.Sprintf("decided %d", n)}
		}
		dec.Choices[sync.Pointer(path)] = choice
	}
	return dec
}

// restoration is how long a restoration takes: longer than the servers' clocks
// differ. Were a lost commit made again in the same millisecond it would have
// the same hash, and a cursor of the lost history would name it.
const restoration = 4 * time.Second

// restoreStore stops all servers, sets the store back to its backup and starts
// them again. Writes that were on their way are gone.
func (w *world) restoreStore() {
	if w.saved == nil {
		return
	}
	for _, s := range w.servers {
		if s.up() {
			s.kill()
		}
	}
	w.still()
	for _, o := range w.gate.of(nil) {
		if strings.HasPrefix(o.label, "late s") {
			w.gate.remove(o)
		}
	}
	w.met["restored store"]++
	w.check.setBack(w.saved)
	w.db.restore(w.saved)
	w.pass(restoration)
	w.still()
	for _, p := range w.phones {
		w.must(p.owe())
	}
	for _, s := range w.servers {
		w.must(s.start())
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
