package fsck_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/sync"
)

// openHub wires a hub with the domain on a store that holds the five systems.
func openHub(t *testing.T, store hub.Store) *hub.Hub {
	t.Helper()
	h, err := hub.New(hub.Config{Store: store, Domain: emulation.New(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, sys := range systems.Load() {
		puts := map[sync.Scope][]hub.Put{}
		for _, seed := range sys.Docs {
			puts[seed.Scope] = append(puts[seed.Scope], hub.Put{Doc: seed.Doc, Type: seed.Type, Body: seed.Body})
		}
		for scope, list := range puts {
			if _, err := h.Store(t.Context(), scope, sync.Server, list); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// A writer is a phone that edits one meeting with everybody else, makes and
// removes movements of its own, and sometimes sends what is refused.
type writer struct {
	hub    *hub.Hub
	caller hub.Caller
	scope  sync.Scope
	random *rand.Rand
	count  uint16
}

func (w *writer) id() sync.ID {
	w.count++
	return sync.MakeID(int64(w.count), w.count, w.random.Uint64())
}

func (w *writer) send(ctx context.Context, mutations ...sync.Mutation) error {
	_, err := w.hub.Push(ctx, w.caller, &sync.Request{Mutations: mutations})
	return err
}

func (w *writer) write(ctx context.Context, meeting sync.DocID) error {
	edit := sync.Mutation{
		ID: sync.MutationID(w.id()), Doc: meeting, Scope: w.scope,
		Edits: []sync.Edit{{Path: "/summoned", Was: int64(w.random.IntN(3)), Now: int64(w.random.IntN(3))}},
	}
	made := sync.Mutation{
		ID: sync.MutationID(w.id()), Doc: sync.DocID(w.id()), Scope: w.scope, Type: "meeting",
		Create: sync.Object{"kind": "other", "title": "Họp", "held_on": "2021-12-01"},
	}
	bad := sync.Mutation{ID: sync.MutationID(w.id()), Doc: sync.DocID(w.id()), Scope: w.scope, Type: "meeting", Create: sync.Object{"kind": "none"}}
	return w.send(ctx, edit, made, bad, edit)
}

func TestNothingIsFoundWhileEightWritersWrite(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	path := filepath.Join(t.TempDir(), "store.db")
	h := openHub(t, openAt(t, path))
	scope := sync.ClusterScope(systems.Cluster("A"))
	meeting := docID("busy meeting")
	var writers []*writer
	for i := range 8 {
		name := fmt.Sprint(i)
		writers = append(writers, &writer{
			hub: h, scope: scope, random: rand.New(rand.NewPCG(seed, uint64(i))),
			caller: hub.Caller{Author: sync.Author{
				Person: sync.PersonID(sync.NameID("person", name)), Device: sync.DeviceID(sync.NameID("device", name)),
				Grants: []sync.Grant{{Role: emulation.Officer, Subject: sync.ID(systems.Cluster("A"))}},
			}},
		})
	}
	err := writers[0].send(t.Context(), sync.Mutation{
		ID: "00000000-0000-7000-8000-000000000001", Doc: meeting, Scope: scope, Type: "meeting",
		Create: sync.Object{"kind": "other", "title": "Hội nghị", "held_on": "2021-12-01", "summoned": int64(1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var writing stdsync.WaitGroup
	for _, w := range writers {
		writing.Go(func() {
			for range 40 {
				if err := w.write(t.Context(), meeting); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	looker := openAt(t, path) // as another process would
	rounds := 0
	for writes := true; writes; rounds++ {
		select {
		case <-done:
			writes = false
		default:
		}
		if r := check(t, looker, rounds%2 == 1); len(r.Findings) > 0 {
			t.Errorf("round %d, %d commits: %+v", rounds, r.Commits, r.Findings)
		}
	}
	r := check(t, looker, false)
	kept, err := looker.Kept(t.Context(), hub.KeptFilter{Scopes: []sync.Scope{scope}, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || len(kept) < 8 {
		t.Errorf("%d kept; %+v", len(kept), r.Findings)
	}
	t.Logf("%d rounds, %d commits, %d documents, %d of them kept", rounds, r.Commits, r.Documents, len(kept))
}

func TestRepairBesideWritersLosesNothing(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	store := damaged(t, `UPDATE documents SET body = '{}' WHERE id = @meeting`, `DELETE FROM documents WHERE id = @conflict`)
	log := &logbook{store: store, scope: house, docs: map[sync.DocID]*sync.Document{}}
	commits, err := store.Commits(t.Context(), house, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range commits {
		for _, ch := range commits[i].Changes {
			log.docs[ch.Doc] = sync.Fold(log.docs[ch.Doc], house, ch, commits[i].Seq)
		}
		log.head = hub.Mark{Seq: commits[i].Seq, Hash: commits[i].Hash(), Checksum: commits[i].Checksum}
	}
	random, stop, stopped := rand.New(rand.NewPCG(seed, 0)), make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		for i := 0; err == nil; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
				err = log.add(context.WithoutCancel(t.Context()), fmt.Sprint(i), edit(meeting, "/summoned", random.Int64N(1000)))
			}
		}
		stopped <- err
	}()
	for range 3 {
		if _, err := fsck.Check(t.Context(), fsck.Config{Store: store, Repair: true}); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if r := check(t, store, false); len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
}
