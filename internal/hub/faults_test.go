package hub_test

import (
	"context"
	"fmt"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// faulty returns a hub on a store that fails the calls that decide chooses.
func (w *world) faulty(decide func(storetest.Call) storetest.Fault) (*hub.Hub, *storetest.Faulty) {
	store := storetest.NewFaulty(w.store, decide)
	return w.newHub(store), store
}

// first chooses a fault for the first call of a method in a scope.
func first(op string, scope sync.Scope, fault storetest.Fault) func(storetest.Call) storetest.Fault {
	done := false
	return func(c storetest.Call) storetest.Fault {
		if done || c.Op != op || c.Scope != scope {
			return storetest.None
		}
		done = true
		return fault
	}
}

// What a phone sends must be in the log once, whatever becomes of the append,
// also if the answer of the server is lost on top and its field was edited again.
func TestAppendWithoutAnAnswerIsInTheLogOnce(t *testing.T) {
	for what, fault := range map[string]storetest.Fault{
		"refused": storetest.Refused, "written, answer lost": storetest.Lost, "lands late": storetest.Late, "cut": storetest.Cut,
	} {
		t.Run(what, func(t *testing.T) {
			w, p, scope := unitWorld(t)
			note := w.create(scope, sync.Object{"n": int64(1)})
			p.once(note)
			m := w.edit(scope, note.Doc, "/n", int64(1), int64(2))
			h, store := w.faulty(first("Append", scope, fault))
			p.record(m)
			failed := p.sync(h, &sink{}) != nil
			if fault == storetest.Refused || fault == storetest.Cut {
				if !failed {
					t.Fatal("a write that failed was acknowledged")
				}
			} else if failed {
				t.Fatal("the outcome was not found out")
			}
			w.must(store.Land(t.Context()))
			if !failed {
				p.queue = append(p.queue, m) // the acknowledgement is lost
			}
			p.record(w.edit(scope, note.Doc, "/n", int64(2), int64(3)))
			w.must(p.sync(h, &sink{}))
			wantAck(t, p.ack(0), sync.Applied, "")
			wantAck(t, p.ack(1), sync.Applied, "")
			if p.ack(0).Duplicate == failed {
				t.Fatalf("%+v", p.ack(0))
			}
			p.equal(scope)
			w.log(scope)
			if d := p.replica[scope][note.Doc]; len(p.replica[scope]) != 1 || d.Body()["n"] != int64(3) {
				t.Fatalf("%v", p.replica[scope])
			}
		})
	}
}

func TestAppendThatLandsBetweenRetriesIsInTheLogOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	var store *storetest.Faulty
	appends, landed := 0, make(chan error, 1)
	h, store := w.faulty(func(c storetest.Call) storetest.Fault {
		switch {
		case c.Op == "Append" && c.Scope == scope:
			if appends++; appends == 1 {
				return storetest.Late
			}
			go func() { landed <- store.Land(context.Background()) }() // races with the second attempt
		}
		return storetest.None
	})
	p.record(w.create(scope, sync.Object{"n": int64(1)}))
	w.must(p.sync(h, &sink{}))
	wantAck(t, p.ack(0), sync.Applied, "")
	w.must(<-landed)
	p.settle(h)
	p.equal(scope)
	if n := len(w.log(scope)); n != 1 {
		t.Fatalf("%d commits", n)
	}
}

func TestProjectorStoppedAnywhereIsFinishedByAnother(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.Refused, storetest.Cut, storetest.Lost, storetest.Late} {
		t.Run(fmt.Sprint("fault ", fault), func(t *testing.T) {
			w, p, scope := unitWorld(t)
			other := w.phone("an")
			broken, store := w.faulty(func(c storetest.Call) storetest.Fault {
				if c.Op == "Project" && c.Scope == scope {
					return fault
				}
				return storetest.None
			})
			note := w.create(scope, sync.Object{"n": int64(0)})
			for i := range int64(3) { // with every commit the projection falls further behind
				ms := []sync.Mutation{w.create(scope, sync.Object{"n": i}), w.create(scope, sync.Object{"title": "refuse me"})}
				if i == 0 {
					ms = append(ms, note)
				} else {
					ms = append(ms, w.edit(scope, note.Doc, "/n", i-1, i))
				}
				req := &sync.Request{Mutations: ms}
				pushed, err := broken.Push(t.Context(), p.who, req)
				if i == 0 && err != nil {
					t.Fatalf("what is in the log is not acknowledged: %v", err)
				}
				if err != nil { // this hub cannot get on; another does
					pushed, err = w.hub.Push(t.Context(), p.who, req)
				}
				w.must(err)
				wantAck(t, pushed.Acks[2], sync.Applied, "")
			}
			other.once()
			other.equal(scope)
			w.must(store.Land(t.Context())) // old documents and watermarks change nothing now
			other.once()
			other.equal(scope)
			w.log(scope)
		})
	}
}

// A write of the server's own that changes nothing leaves no commit that would
// tell whether the head it was judged at still was the head.
func TestNothingToWriteIsNotDecidedOnAnOldHead(t *testing.T) {
	w := newWorld(t)
	id := sync.DocID(w.id())
	put := func(h *hub.Hub, n int64) {
		t.Helper()
		_, err := h.Store(t.Context(), unit("a"), sync.Server, []hub.Put{{Doc: id, Type: "note", Body: sync.Object{"n": n}}})
		w.must(err)
	}
	other, _ := w.faulty(func(c storetest.Call) storetest.Fault {
		if c.Op == "Project" && c.Scope == unit("a") {
			return storetest.Refused
		}
		return storetest.None
	})
	put(w.hub, 1)
	put(other, 2) // in the log, not projected, and unknown to the first hub
	put(w.hub, 1)
	w.log(unit("a"))
	if n := w.documents(w.store, unit("a"))[id].Body()["n"]; n != int64(1) {
		t.Fatalf("n is %v", n)
	}
}

func TestStoreThatCannotBeReadIsUnavailable(t *testing.T) {
	for _, op := range []string{"Heads", "Head", "Receipts", "Documents", "About", "Marks", "Changed"} {
		w, p, scope := unitWorld(t)
		p.once(w.create(scope, sync.Object{"n": int64(1)}))
		fail := true
		h, _ := w.faulty(func(c storetest.Call) storetest.Fault {
			if fail && c.Op == op {
				return storetest.Refused
			}
			return storetest.None
		})
		p.end = nil
		p.record(w.create(scope, sync.Object{"n": int64(2)}))
		if err := p.sync(h, &sink{}); hub.CodeOf(err) != hub.CodeUnavailable {
			t.Fatalf("%s: %v", op, err)
		}
		if len(p.dropped) > 0 || p.end != nil {
			t.Fatalf("%s: a failed read took scopes away or ended the answer", op)
		}
		fail = false
		p.settle(h)
		p.equal(scope)
	}
}
