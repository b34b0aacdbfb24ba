package hub_test

import (
	"context"
	"fmt"
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// push sends one mutation through a hub and returns what became of it.
func push(t testing.TB, h *hub.Hub, who hub.Caller, m sync.Mutation) sync.Ack {
	t.Helper()
	pushed, err := h.Push(context.Background(), who, &sync.Request{Mutations: []sync.Mutation{m}})
	if err != nil {
		t.Error(err)
		return sync.Ack{}
	}
	return pushed.Acks[0]
}

func TestAnAmendmentIsOneCommitOfThePersonOrNothing(t *testing.T) {
	w, p, scope := unitWorld(t)
	a, b := w.create(scope, sync.Object{"title": "một"}), w.create(scope, sync.Object{"title": "hai"})
	p.once(a, b)
	admin := w.admin()
	am := hub.Amendment{Scope: scope, Docs: []sync.DocID{a.Doc, b.Doc}, Reason: " theo  biên bản ", Check: hub.ByOverseer, Make: func(desk hub.Desk) ([]hub.Put, error) {
		var puts []hub.Put
		for _, id := range []sync.DocID{a.Doc, b.Doc} {
			puts = append(puts, hub.Put{Doc: id, Type: "note", Body: sync.Set(desk.Live(id).Body(), "/n", int64(9))})
		}
		return puts, nil
	}}
	c, err := w.hub.Amend(t.Context(), admin, am)
	w.must(err)
	if c.Author != admin.Person || c.Reason != "theo  biên bản" || len(c.Changes) != 2 {
		t.Fatalf("%+v", c)
	}
	if again, err := w.hub.Amend(t.Context(), admin, am); again != nil || err != nil {
		t.Fatalf("what is so already was amended again: %+v, %v", again, err)
	}
	silent, foreign, wrong := am, am, am
	silent.Reason = "\t"
	wrong.Make = func(desk hub.Desk) ([]hub.Put, error) {
		return []hub.Put{{Doc: a.Doc, Type: "note", Body: sync.Object{"title": "ba"}}, {Doc: b.Doc, Type: "note", Body: sync.Object{"colour": "đỏ"}}}, nil
	}
	head := len(w.log(scope))
	for code, try := range map[sync.Code]func() error{
		sync.CodeReason:       func() error { _, err := w.hub.Amend(t.Context(), admin, silent); return err },
		hub.CodeForbidden:     func() error { _, err := w.hub.Amend(t.Context(), p.who, foreign); return err },
		sync.CodeUnknownField: func() error { _, err := w.hub.Amend(t.Context(), admin, wrong); return err },
	} {
		if err := try(); hub.CodeOf(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
	if now := len(w.log(scope)); now != head {
		t.Errorf("a refused amendment left %d commits", now-head)
	}
}

func TestAMergeAndAnEditAtTheSameTimeLoseNothing(t *testing.T) {
	w, p, scope := unitWorld(t)
	admin := w.admin()
	other := w.newHub(w.open())
	merged, kept := 0, 0
	for round := range 15 {
		loser, winner := w.create(scope, sync.Object{"n": int64(1)}), w.create(scope, sync.Object{"n": int64(1)})
		p.once(loser, winner)
		edit := w.edit(scope, loser.Doc, "/tags/late", nil, fmt.Sprint("viết ", round))
		var ack sync.Ack
		var err error
		var both stdsync.WaitGroup
		both.Go(func() { ack = push(t, other, p.who, edit) })
		both.Go(func() {
			docs := w.documents(w.store, scope)
			_, err = w.hub.Merge(t.Context(), admin, scope, hub.Merging{
				Loser: loser.Doc, Winner: winner.Doc, LoserVersion: docs[loser.Doc].Version, WinnerVersion: docs[winner.Doc].Version, Reason: "trùng",
			})
		})
		both.Wait()
		docs := w.documents(w.store, scope)
		switch {
		case err == nil && ack.Code == hub.CodeMerged: // the merge came first
			merged++
			if got := docs[ack.Kept]; got == nil || got.Type != sync.TypeRejection {
				t.Fatalf("the edit is kept nowhere: %+v", ack)
			}
		case err == nil: // the edit did, and the merge saw it
			kept++
			if got := sync.Get(docs[winner.Doc].Body(), "/tags/late"); got != fmt.Sprint("viết ", round) {
				t.Fatalf("the edit is not in the one that stays: %v, %+v", got, ack)
			}
		case hub.CodeOf(err) == hub.CodeStale:
			kept++
			if got := sync.Get(docs[loser.Doc].Body(), "/tags/late"); ack.Outcome != sync.Applied || got == nil {
				t.Fatalf("%+v, %v", ack, got)
			}
		default:
			t.Fatal(err)
		}
		p.once()
	}
	t.Logf("the merge came first %d times, the edit %d times", merged, kept)
	w.log(scope)
}

func TestApplyingARejectionAgainOnlySettlesIt(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	p.once(m)
	p.once(w.edit(scope, m.Doc, "/title", nil, "refuse me"))
	ack := p.ack(0)
	wantAck(t, ack, sync.Rejected, "refused_by_rule")
	admin := w.admin()
	late := hub.Late{Rejection: ack.Kept, Version: ack.Seq, Present: 1, Reason: "cho phép"}
	if _, err := w.hub.Apply(t.Context(), admin, scope, late); hub.CodeOf(err) != "refused_by_rule" {
		t.Fatalf("what cannot be was applied: %v", err)
	}
	_, err := w.hub.Store(t.Context(), scope, admin.Person, []hub.Put{{Doc: m.Doc, Type: "note", Body: sync.Object{"n": int64(1), "title": "refuse me"}}})
	w.must(err)
	late.Present = w.documents(w.store, scope)[m.Doc].Version
	applied, err := w.hub.Apply(t.Context(), admin, scope, late)
	w.must(err)
	if applied.Document.Version != late.Present || sync.Get(applied.Rejection.Body(), "/decided/took") != "applied" || sync.Get(applied.Rejection.Body(), "/decided/version") != nil {
		t.Fatalf("%+v, %v", applied.Document, applied.Rejection.Body())
	}
	if _, err := w.hub.Dismiss(t.Context(), admin, scope, late); hub.CodeOf(err) != hub.CodeStale {
		t.Fatalf("settled twice: %v", err)
	}
	p.once()
	p.equal(scope)
	w.log(scope)
}
