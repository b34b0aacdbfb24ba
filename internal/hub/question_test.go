package hub_test

import (
	"context"
	stdsync "sync"
	"sync/atomic"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// asking is a unit with a note that the server has a question about.
func asking(t *testing.T) (w *world, p *phone, scope sync.Scope, note, question sync.DocID) {
	w, p, scope = unitWorld(t)
	w.domain.asks = true
	m := w.create(scope, sync.Object{"n": int64(900)})
	p.once(m)
	return w, p, scope, m.Doc, sync.DocID(sync.NameID("question", string(m.Doc)))
}

func (w *world) conflicts(scope sync.Scope) (all []*sync.Document) {
	w.t.Helper()
	for _, d := range w.documents(w.store, scope) {
		if d.Type == sync.TypeConflict {
			all = append(all, d)
		}
	}
	return all
}

func TestTwoHubsThatAskAtOnceOpenOneConflict(t *testing.T) {
	w, p, scope, note, question := asking(t)
	var both stdsync.WaitGroup
	both.Add(2)
	var looked atomic.Int64
	w.domain.onAsk = func() {
		if looked.Add(1) <= 2 { // until both have read
			both.Done()
			both.Wait()
		}
	}
	var wg stdsync.WaitGroup
	for _, h := range []*hub.Hub{w.newHub(w.open()), w.newHub(w.open())} {
		wg.Go(func() {
			if err := h.Sweep(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	open := w.conflicts(scope)
	if len(open) != 1 || open[0].ID != question || open[0].Body()["about"] != string(note) || len(w.log(scope)) != 2 {
		t.Fatalf("%d conflicts in %d commits: %+v", len(open), len(w.log(scope)), open)
	}
	p.once()
	p.equal(scope)
	if p.replica[scope][question] == nil {
		t.Error("the phone does not have it")
	}
}

func TestASettledQuestionStaysSettled(t *testing.T) {
	w, p, scope, note, question := asking(t)
	w.must(w.hub.Sweep(t.Context()))
	open := w.documents(w.store, scope)[question]
	_, err := w.hub.Resolve(t.Context(), w.admin(), scope, sync.Decision{
		Conflict: question, Version: open.Version, Reason: "giữ", Choices: map[sync.Pointer]sync.Choice{"/n": {Take: sync.TakePresent}},
	})
	w.must(err)
	p.once(w.edit(scope, note, "/title", nil, "khác")) // and it is looked at again
	before := len(w.log(scope))
	for _, h := range []*hub.Hub{w.hub, w.newHub(w.open())} {
		w.must(h.Sweep(t.Context()))
	}
	settled := w.documents(w.store, scope)[question]
	if len(w.log(scope)) != before || settled.Body()["state"] != sync.StateSettled || len(w.conflicts(scope)) != 1 {
		t.Fatalf("asked again: %v", settled.Body())
	}
}

func TestAQuestionThatACrashLeftUnaskedIsAskedByTheNextSweep(t *testing.T) {
	w, _, scope, _, question := asking(t)
	crashing, _ := w.faulty(func(c storetest.Call) storetest.Fault {
		if c.Op == "Append" && c.Scope == scope {
			return storetest.Refused
		}
		return storetest.None
	})
	if err := crashing.Sweep(t.Context()); err == nil || len(w.conflicts(scope)) != 0 {
		t.Fatalf("it did not fail: %v", err)
	}
	w.must(w.newHub(w.open()).Sweep(t.Context()))
	if open := w.conflicts(scope); len(open) != 1 || open[0].ID != question {
		t.Fatalf("%+v", open)
	}
}

// The rules look at another document of the scope, which no request is about.
func TestRulesSeeDocumentsThatNobodyReadForThem(t *testing.T) {
	for _, order := range [][2]string{{"only 1", "only 2"}, {"only 2", "only 1"}} {
		w, p, scope := unitWorld(t)
		create := func(name string) sync.Mutation {
			m := w.create(scope, sync.Object{"title": "only one"})
			m.Doc = sync.DocID(sync.NameID(name))
			return m
		}
		first, second := create(order[0]), create(order[1])
		if ack := push(t, w.hub, p.who, first); ack.Outcome != sync.Applied {
			t.Fatalf("%+v", ack)
		}
		other := w.newHub(w.open()) // another process, which has read nothing yet
		if ack := push(t, other, p.who, second); ack.Outcome != sync.Rejected || ack.Code != "refused_by_rule" {
			t.Errorf("%v: %+v", order, ack)
		}
		w.log(scope)
	}
}

func TestOfTwoProcessesThatMakeWhatExcludesEachOtherOneIsRefused(t *testing.T) {
	for range 10 {
		w, p, scope := unitWorld(t)
		var acks [2]sync.Ack
		var both stdsync.WaitGroup
		for i, name := range []string{"only 1", "only 2"} {
			m := w.create(scope, sync.Object{"title": "only one"})
			m.Doc = sync.DocID(sync.NameID(name))
			h := w.newHub(w.open())
			both.Go(func() { acks[i] = push(t, h, p.who, m) })
		}
		both.Wait()
		if (acks[0].Outcome == sync.Applied) == (acks[1].Outcome == sync.Applied) {
			t.Fatalf("%+v", acks)
		}
		w.log(scope)
	}
}
