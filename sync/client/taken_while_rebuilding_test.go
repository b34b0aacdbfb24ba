package client_test

import (
	"context"
	"testing"

	"thidua/sync"
)

func TestAScopeTakenAwayWhileItIsRebuiltIsDropped(t *testing.T) {
	w := newWorld(t, t.TempDir())
	p := w.phone(t, binh)
	p.create(sync.Object{"title": "x"})
	p.sync()
	w.forget(unit, 0)
	p.link.plan = func(n int, _ string) fault { return fault{refuse: n > 2} }
	if _, err := p.Sync(context.Background()); err == nil {
		t.Fatal("sync over a dead link succeeded")
	}
	if s, _ := p.Status(); len(s.Rebuilding) != 1 {
		t.Fatalf("status: %+v", s)
	}
	w.readable[binh] = []sync.Scope{sync.UserScope(binh)}
	p.link.plan = nil
	r := p.sync()
	s, _ := p.Status()
	if !r.Dropped[unit] || len(s.Rebuilding) != 0 || len(s.Scopes) != 1 || !s.Synced() {
		t.Fatalf("report %+v, status %+v", r, s)
	}
}

func TestAReplicaOfALogThatIsEmptyAgainIsComplete(t *testing.T) {
	w := newWorld(t, t.TempDir())
	a, b := w.phone(t, binh), w.phone(t, chau)
	a.create(sync.Object{"title": "x"})
	a.sync()
	b.sync()
	w.forget(unit, 0)
	r := b.sync()
	s, _ := b.Status()
	if r.Resets != 1 || len(s.Rebuilding) != 0 || !s.Synced() {
		t.Fatalf("report %+v, status %+v", r, s)
	}
	if docs, _ := b.List(unit, ""); len(docs) != 0 {
		t.Fatalf("%d documents of an empty log", len(docs))
	}
	a.sync()
	b.sync()
	b.equal()
}
