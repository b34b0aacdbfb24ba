package hub_test

import (
	"context"
	"math"
	stdsync "sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/hub"
	"thidua/sync"
)

// unitWorld is a world with a unit and the phone of one who may write it.
func unitWorld(t testing.TB) (*world, *phone, sync.Scope) {
	w := newWorld(t)
	w.grant("an", unit("a"), 0)
	return w, w.phone("an"), unit("a")
}

func wantAck(t testing.TB, got sync.Ack, outcome sync.Outcome, code sync.Code) {
	t.Helper()
	if got.Outcome != outcome || got.Code != code {
		t.Fatalf("acknowledged as %s (%s), not %s (%s)", got.Outcome, got.Code, outcome, code)
	}
	if code != "" && (got.Message.VI == "" || got.Message.EN == "") {
		t.Fatalf("no sentence for %s", code)
	}
}

func TestRepeatedMutationIsAnsweredWithItsStoredOutcome(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"title": "một"})
	p.once(m)
	first := p.ack(0)
	wantAck(t, first, sync.Applied, "")
	refused := w.create(scope, sync.Object{"title": "refuse me"})
	p.once(refused)
	firstRefused := p.ack(0)
	wantAck(t, firstRefused, sync.Rejected, "refused_by_rule")

	for what, h := range map[string]*hub.Hub{"the same hub": w.hub, "another process": w.newHub(w.open())} {
		p.record(m, refused)
		w.must(p.sync(h, &sink{}))
		for i, want := range []sync.Ack{first, firstRefused} {
			want.Duplicate, want.Index = true, i
			if diff := cmp.Diff(want, p.ack(i)); diff != "" {
				t.Fatalf("%s (-first +repeated):\n%s", what, diff)
			}
		}
	}
	if n := len(w.log(scope)); n != 2 {
		t.Fatalf("the log has %d commits", n)
	}
	p.equal(scope)
}

func TestOutcomeIsToldToItsAuthorOnly(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.grant("binh", scope, 0)
	m := w.create(scope, sync.Object{"title": "một"})
	p.once(m)
	other := w.phone("binh")
	other.who.Device = p.who.Device // handed over, or cloned
	other.once(m)
	wantAck(t, other.ack(0), sync.Rejected, sync.CodeIDReused)
	if other.ack(0).Seq != 0 {
		t.Fatal("the other's receipt is told")
	}
}

func TestSameIdentifierWithOtherContentIsRefusedAndKeptOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"title": "một"})
	p.once(m)
	m.Create = sync.Object{"title": "hai"}
	for range 3 { // there is no receipt, so the phone may well send it again
		p.once(m)
		wantAck(t, p.ack(0), sync.Rejected, sync.CodeIDReused)
	}
	kept := w.documents(w.store, scope)[p.ack(0).Kept]
	if kept == nil || sync.Get(kept.Body(), "/create/title") != "hai" {
		t.Fatalf("kept as %+v", kept)
	}
	if n := len(w.log(scope)); n != 2 {
		t.Fatalf("the log has %d commits", n)
	}
	p.equal(scope)
}

func TestMutationThatCannotBeReadIsKeptOnceHoweverOftenItComes(t *testing.T) {
	w, p, scope := unitWorld(t)
	raw := `{"id":"?","doc":"` + string(w.id()) + `","scope":"` + string(scope) + `","create":{"title":"Tiê` + "\u0301" + `ng"}}`
	for range 3 {
		req := &sync.Request{Mutations: []sync.Mutation{sync.DecodeMutation([]byte(raw))}}
		pushed, err := w.hub.Push(context.Background(), p.who, req)
		w.must(err)
		if ack := pushed.Acks[0]; ack.Outcome != sync.Rejected || ack.Kept == "" {
			t.Fatalf("%+v", ack)
		}
	}
	p.once()
	p.equal(scope)
	w.log(scope)
}

func TestTwoEqualMutationsInOneRequestAreOne(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	foreign := w.create(unit("z"), sync.Object{"n": int64(1)})
	p.once(m, m, foreign, foreign)
	wantAck(t, p.ack(0), sync.Applied, "")
	if second := p.ack(1); !second.Duplicate || second.Outcome != sync.Applied || second.Seq != p.ack(0).Seq {
		t.Fatalf("%+v", second)
	}
	if a, b := p.ack(2), p.ack(3); a.Scope != b.Scope || a.Seq != b.Seq || !b.Duplicate {
		t.Fatalf("%+v and %+v", a, b)
	}
	p.equal(scope)
}

func TestRequestSentTwiceAtOnceIsJudgedOnce(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	var wg stdsync.WaitGroup
	acks := make([]sync.Ack, 8)
	second := w.newHub(w.open())
	for i := range acks {
		h := w.hub
		if i%2 == 1 {
			h = second
		}
		wg.Go(func() {
			pushed, err := h.Push(context.Background(), p.who, &sync.Request{Mutations: []sync.Mutation{m}})
			if err != nil {
				t.Error(err)
				return
			}
			acks[i] = pushed.Acks[0]
		})
	}
	wg.Wait()
	fresh := 0
	for _, a := range acks {
		if a.Outcome != sync.Applied || a.Seq != 1 {
			t.Fatalf("%+v", a)
		}
		if !a.Duplicate {
			fresh++
		}
	}
	if n := len(w.log(scope)); n != 1 || fresh > 1 {
		t.Fatalf("%d commits, %d acknowledged as new", n, fresh)
	}
}

func TestMutationsAreJudgedInTheirOrderAndABadOneBlocksNone(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	orphan := w.create(scope, sync.Object{"title": "refuse me"})
	p.once(
		m,
		w.edit(scope, m.Doc, "/n", int64(1), int64(2)),
		w.edit(scope, m.Doc, "/nowhere", nil, "x"),
		orphan,
		w.edit(scope, orphan.Doc, "/n", nil, int64(1)),
		w.edit(scope, m.Doc, "/n", int64(2), int64(3)),
	)
	for i, want := range []sync.Outcome{sync.Applied, sync.Applied, sync.Rejected, sync.Rejected, sync.Rejected, sync.Applied} {
		if p.ack(i).Outcome != want || p.ack(i).Seq != 1 {
			t.Fatalf("%d is %+v", i, p.ack(i))
		}
	}
	p.equal(scope)
	if n := p.replica[scope][m.Doc].Body()["n"]; n != int64(3) {
		t.Fatalf("n is %v", n)
	}
}

func TestMistakeInARuleHarmsNobodyElse(t *testing.T) {
	w, p, scope := unitWorld(t)
	var wg stdsync.WaitGroup
	for i := range 10 {
		title, want := "fine", sync.Code("")
		if i%3 == 0 {
			title, want = "break", hub.CodeInternal
		}
		wg.Go(func() {
			_, err := w.hub.Push(context.Background(), p.who, &sync.Request{Mutations: []sync.Mutation{w.create(scope, sync.Object{"title": title})}})
			if want == "" && err != nil || want != "" && hub.CodeOf(err) != want {
				t.Errorf("%s: %v", title, err)
			}
		})
	}
	wg.Wait()
	w.log(scope)
}

func TestOneRequestMayConcernSeveralScopes(t *testing.T) {
	w, p, scope := unitWorld(t)
	w.grant("an", unit("b"), 0)
	mine := sync.UserScope(p.who.Person)
	p.once(w.create(scope, sync.Object{"n": int64(1)}), w.create(unit("b"), sync.Object{"n": int64(2)}), w.create(mine, sync.Object{"n": int64(3)}), w.create(scope, sync.Object{"n": int64(4)}))
	for i := range 4 {
		wantAck(t, p.ack(i), sync.Applied, "")
	}
	for s, n := range map[sync.Scope]int{scope: 2, unit("b"): 1, mine: 1} {
		p.equal(s)
		if len(p.replica[s]) != n {
			t.Fatalf("%d documents in %s", len(p.replica[s]), s)
		}
	}
}

func TestWhatMayNotBeWrittenIsKeptForItsAuthor(t *testing.T) {
	w, p, _ := unitWorld(t)
	m := w.create(unit("z"), sync.Object{"title": "không phải của tôi"})
	p.once(m)
	mine := sync.UserScope(p.who.Person)
	ack := p.ack(0)
	wantAck(t, ack, sync.Rejected, sync.CodeForbiddenScope)
	if ack.Scope != mine || ack.Kept == "" {
		t.Fatalf("%+v", ack)
	}
	p.equal(mine)
	if kept := p.replica[mine][ack.Kept]; kept == nil || sync.Get(kept.Body(), "/create/title") != "không phải của tôi" {
		t.Fatalf("kept as %+v", kept)
	}
	if len(w.log(unit("z"))) != 0 {
		t.Fatal("the scope was written")
	}
	p.once(m)
	if again := p.ack(0); !again.Duplicate || again.Scope != mine || again.Seq != ack.Seq {
		t.Fatalf("%+v", again)
	}
}

func TestWhatWasMadeWhileTheScopeWasReadableIsJudgedThere(t *testing.T) {
	w, p, scope := unitWorld(t)
	m := w.create(scope, sync.Object{"n": int64(1)})
	w.grant("an", scope, w.clock.Load()+1) // ends now
	w.clock.Add(1000)
	late := w.create(scope, sync.Object{"n": int64(2)})
	p.once(m, late)
	wantAck(t, p.ack(0), sync.Applied, "")
	wantAck(t, p.ack(1), sync.Rejected, sync.CodeForbiddenScope)
	if p.replica[scope] != nil {
		t.Fatal("the scope was sent")
	}
}

func TestEverythingOfADisabledPersonIsKept(t *testing.T) {
	w, p, scope := unitWorld(t)
	p.who.UploadOnly = true
	p.cursors[scope] = sync.At(1, sync.HashOf("x"))
	out := p.once(w.create(scope, sync.Object{"n": int64(1)}), w.create(unit("z"), sync.Object{"n": int64(2)}))
	for i := range 2 {
		wantAck(t, p.ack(i), sync.Rejected, "person_disabled")
	}
	if len(out.lines) != 1 || p.end == nil {
		t.Fatalf("sent %+v", out.lines)
	}
	if kept := w.documents(w.store, sync.UserScope(p.who.Person)); len(kept) != 2 {
		t.Fatalf("%d are kept", len(kept))
	}
}

func TestClockThatIsAbsurdlyWrongSpoilsNoLog(t *testing.T) {
	w, p, scope := unitWorld(t)
	for _, clock := range []int64{sync.MaxNumber, -sync.MaxNumber, math.MaxInt64, math.MinInt64} {
		m := w.create(scope, sync.Object{"title": "refuse me"})
		_, err := w.hub.Push(context.Background(), p.who, &sync.Request{Clock: clock, Mutations: []sync.Mutation{m}})
		w.must(err)
	}
	w.log(scope)
	p.once()
	p.equal(scope)
}
