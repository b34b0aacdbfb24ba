package hub_test

import (
	"slices"
	"testing"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/sync"
)

// A titled is a world with a note whose number may not change any more once
// the rules know since when it has a title.
type titled struct {
	*world
	phone *phone
	scope sync.Scope
	note  sync.DocID
	told  []int64 // what rules were told when they asked
	reads int     // how often the store was asked for commits of the scope
	fail  bool    // and fails
}

func newTitled(t *testing.T) *titled {
	w, p, scope := unitWorld(t)
	tw := &titled{world: w, phone: p, scope: scope}
	w.domain.rule = func(a sync.Act) sync.Ruling {
		if len(a.Edits) == 1 && a.Edits[0].Path == "/n" && a.Present.Touched["/title"] > a.Base {
			at := a.ChangedAt("/title")
			if tw.told = append(tw.told, at); at > 0 {
				return sync.Ruling{Verdict: sync.Refuse, Code: "refused_by_rule"}
			}
			return sync.Ruling{Verdict: sync.Queue, Code: "refused_by_rule"}
		}
		return sync.Ruling{}
	}
	m := w.create(scope, sync.Object{"n": int64(0)})
	tw.note = m.Doc
	p.once(m)
	return tw
}

// counted returns a hub whose reads of the scope's log are counted.
func (w *titled) counted() *hub.Hub {
	h, _ := w.faulty(func(c storetest.Call) storetest.Fault {
		if c.Op == "Commits" && c.Scope == w.scope {
			if w.reads++; w.fail {
				return storetest.Refused
			}
		}
		return storetest.None
	})
	return h
}

func (w *titled) title(s string) sync.Mutation { return w.edit(w.scope, w.note, "/title", nil, s) }

func (w *titled) number(n int64) sync.Mutation {
	return w.edit(w.scope, w.note, "/n", int64(0), n)
}

func (w *titled) push(h *hub.Hub, ms ...sync.Mutation) []sync.Ack {
	w.t.Helper()
	pushed, err := h.Push(w.t.Context(), w.phone.who, &sync.Request{Mutations: ms})
	w.must(err)
	return pushed.Acks
}

// at returns when the last commit of the scope was made.
func (w *titled) at() int64 {
	w.t.Helper()
	log := w.log(w.scope)
	return log[len(log)-1].At
}

func TestTheLogIsReadOnlyOnceRulesAskForIt(t *testing.T) {
	w := newTitled(t)
	h := w.counted()
	w.push(h, w.edit(w.scope, w.note, "/text", nil, "x"))
	w.reads = 0
	wantAck(t, w.push(h, w.title("một"))[0], sync.Applied, "")
	since := w.at()
	if w.reads > 0 {
		t.Fatalf("%d reads of the log for nothing", w.reads)
	}
	acks := w.push(h, w.number(1), w.number(2))
	for _, ack := range acks {
		wantAck(t, ack, sync.Rejected, "refused_by_rule")
	}
	if w.reads != 1 || !slices.Equal(w.told, []int64{0, 0, since, since}) {
		t.Fatalf("%d reads, told %v, want %d", w.reads, w.told, since)
	}
	w.log(w.scope)
}

func TestRulesAreToldOfACommitOfAnotherProcess(t *testing.T) {
	w := newTitled(t)
	h, other := w.counted(), w.newHub(w.open())
	w.push(h, w.edit(w.scope, w.note, "/text", nil, "x")) // from now on it remembers
	wantAck(t, w.push(other, w.title("một"))[0], sync.Applied, "")
	since := w.at()
	wantAck(t, w.push(h, w.number(1))[0], sync.Rejected, "refused_by_rule")
	if !slices.Equal(w.told, []int64{0, since}) {
		t.Fatalf("told %v, want %d", w.told, since)
	}
	w.log(w.scope)
}

func TestRulesAreToldOfACommitThatIsAppendedWithTheirs(t *testing.T) {
	w := newTitled(t)
	h := w.counted()
	ms := []sync.Mutation{w.title("một")}
	for range 50 { // more than one commit takes
		ms = append(ms, w.create(w.scope, sync.Object{"n": int64(1)}))
	}
	acks := w.push(h, append(ms, w.number(1))...)
	last := acks[len(acks)-1]
	wantAck(t, last, sync.Rejected, "refused_by_rule")
	since := w.log(w.scope)[acks[0].Seq-1].At
	if last.Seq == acks[0].Seq || !slices.Equal(w.told, []int64{since}) {
		t.Fatalf("told %v in commit %d, want %d of commit %d", w.told, last.Seq, since, acks[0].Seq)
	}
}

func TestNothingIsDecidedWhileTheLogCannotBeRead(t *testing.T) {
	w := newTitled(t)
	h := w.counted()
	w.push(h, w.title("một"))
	m := w.number(1)
	w.fail = true
	if _, err := h.Push(t.Context(), w.phone.who, &sync.Request{Mutations: []sync.Mutation{m}}); hub.CodeOf(err) != hub.CodeUnavailable {
		t.Fatalf("%v", err)
	}
	w.fail = false
	ack := w.push(h, m)[0]
	wantAck(t, ack, sync.Rejected, "refused_by_rule")
	if ack.Duplicate || len(w.log(w.scope)) != 3 {
		t.Fatalf("%+v", ack)
	}
}
