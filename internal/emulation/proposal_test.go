package emulation

import (
	"testing"

	"pgregory.net/rapid"

	"thidua/sync"
)

// A proposing is the desk of cluster c with the engine judging by the rules,
// the period as often reopened as it says, and the cluster's rankings.
type proposing struct {
	t        tester
	state    *sync.State
	org      *sync.Reference
	rankings []*sync.Document
	made     uint16
}

type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func newProposing(t tester) *proposing {
	p := &proposing{t: t, state: sync.NewState(sync.ClusterDesk(uid("c")), 0, "", 0, nil)}
	p.reopen(0)
	return p
}

func (p *proposing) reopen(times int64) {
	year := organisation().Find(TypePeriod, uid("2022")).Body()
	p.org = with(organisation(), orgDoc(TypePeriod, "2022", sync.Set(year, "/reopened", times)),
		orgDoc(TypeCluster, "c", sync.Object{"code": "c", "kind": "cluster", "name": "C", "quotas": sync.Object{"emulation_flag": sync.Object{"count": int64(2)}}}))
}

// ranking enters a ranking of the cluster, or what becomes of it.
func (p *proposing) ranking(seq, reopened int64, state string) sync.DocID {
	id := RankingID(uid("c"), uid("2022"), seq)
	kept := []*sync.Document{sync.NewDocument(id, TypeRanking, sync.ClusterScope(uid("c")), 1, sync.Object{
		"cluster": string(uid("c")), "period": string(uid("2022")), "seq": seq, "reopened": reopened, "state": state,
	})}
	for _, d := range p.rankings {
		if d.ID != id {
			kept = append(kept, d)
		}
	}
	p.rankings = kept
	return id
}

func (p *proposing) draft(author sync.Author) *sync.Draft {
	return sync.NewDraft(sync.DraftConfig{State: p.state, Rules: New(), Org: p.org, Author: author, Received: noon})
}

func (p *proposing) seal(d *sync.Draft) bool {
	c := d.Seal(nil)
	if c != nil {
		p.state = d.Next(c)
	}
	return c != nil
}

func (p *proposing) does(m sync.Mutation) sync.Receipt {
	p.t.Helper()
	p.made++
	m.ID, m.Scope, m.Type = sync.MutationID(sync.MakeID(noon, p.made, uint64(p.made))), p.state.Scope, TypeAward
	draft := p.draft(person("head", grant(ClusterHead, "c")))
	r := draft.Judge(m)
	p.seal(draft)
	return r
}

// proposes gives a unit a place, on a ranking if there is one.
func (p *proposing) proposes(unit string, place, reopened int64, ranking sync.DocID) (sync.DocID, sync.Receipt) {
	p.t.Helper()
	b := sync.Object{
		"cluster": string(uid("c")), "period": string(uid("2022")), "unit": string(uid(unit)), "form": "emulation_flag", "authority": "provincial_committee",
		"recipients": "collective", "count": int64(1), "place": place, "reopened": reopened, "state": "voted",
	}
	if ranking != "" {
		b["ranking"] = string(ranking)
	}
	id, _ := KeyOf(TypeAward, b)
	return id, p.does(sync.Mutation{Doc: id, Create: b})
}

// derives asks what there is to ask, and reports whether that wrote anything.
func (p *proposing) derives() bool {
	p.t.Helper()
	target := questionsAt(uid("c"))
	draft := p.draft(sync.Author{Person: sync.Server})
	docs := map[sync.Scope][]*sync.Document{sync.ClusterScope(uid("c")): p.rankings}
	for _, d := range p.state.Docs {
		docs[target.Scope] = append(docs[target.Scope], d)
	}
	for _, q := range New().Questions(target, docs, p.org) {
		draft.Ask(q)
	}
	return p.seal(draft)
}

// open returns the open conflicts about a proposal.
func (p *proposing) open(about sync.DocID) (open []*sync.Document) {
	for _, d := range p.state.Docs {
		if on, state, _, ok := d.About(); ok && d.Type == sync.TypeConflict && on == about && state == sync.StateOpen {
			open = append(open, d)
		}
	}
	return open
}

// decides settles the one open conflict about a proposal: by the answer "keep"
// or "withdraw", or by leaving all as it is.
func (p *proposing) decides(about sync.DocID, answer string) {
	p.t.Helper()
	open := p.open(about)
	if len(open) != 1 {
		p.t.Fatalf("%d conflicts are open", len(open))
	}
	side := sync.MutationID(sync.NameID(answer, string(open[0].ID)))
	choices := map[sync.Pointer]sync.Choice{}
	items := obj(open[0].Body(), "items")
	for _, k := range keys(items) {
		path := sync.Pointer(str(obj(items, k), "path"))
		choices[path] = sync.Choice{Take: sync.TakePresent}
		if obj(obj(items, k), "sides")[string(side)] != nil {
			choices[path] = sync.Choice{Take: sync.TakeSide, Side: side}
		}
	}
	draft := p.draft(person("officer", grant(Officer, "c")))
	if fault := draft.Resolve(sync.Decision{Conflict: open[0].ID, Version: open[0].Version, Reason: "Theo biên bản", Choices: choices}); fault != nil {
		p.t.Fatalf("%s: %v", answer, fault)
	}
	p.seal(draft)
}

func (p *proposing) wantOpen(about sync.DocID, n int, when string) {
	p.t.Helper()
	if got := len(p.open(about)); got != n {
		p.t.Fatalf("%s: %d conflicts are open, want %d", when, got, n)
	}
	if p.derives() {
		p.t.Fatalf("%s: asked again", when)
	}
}

func TestAReopenedPeriodAsksAboutItsProposalsOnceEachTime(t *testing.T) {
	p := newProposing(t)
	first := p.ranking(1, 0, "announced")
	u, _ := p.proposes("u", 1, 0, first)
	p.wantOpen(u, 0, "the ranking stands")
	p.reopen(1)
	p.derives()
	p.wantOpen(u, 1, "reopened")
	if r := p.does(sync.Mutation{Doc: u, Edits: edit("/state", "voted", "proposed"), Attest: p.state.Docs[u].Hash()}); r.Code != CodeConflictOpen {
		t.Errorf("a step while it is asked: %+v", r)
	}
	second := p.ranking(2, 1, "announced")
	p.ranking(1, 0, "superseded")
	if p.derives(); len(p.open(u)) != 1 {
		t.Fatal("the ranking it was on is superseded as well: that is one question")
	}
	p.decides(u, "keep")
	if b := p.state.Docs[u].Body(); b["reopened"] != int64(1) || b["ranking"] != string(second) || b["state"] != "voted" {
		t.Errorf("kept as %v", b)
	}
	p.wantOpen(u, 0, "kept")
	p.reopen(2)
	p.derives()
	p.wantOpen(u, 1, "reopened again")
	p.decides(u, "nothing")
	p.wantOpen(u, 0, "left as it is")
	if b := p.state.Docs[u].Body(); b["reopened"] != int64(1) {
		t.Errorf("it became %v", b)
	}
}

func TestASupersededRankingAsksAboutWhatNamesIt(t *testing.T) {
	p := newProposing(t)
	first := p.ranking(1, 0, "announced")
	u, _ := p.proposes("u", 1, 0, first)
	v, _ := p.proposes("v", 2, 0, "")
	p.ranking(1, 0, "superseded")
	p.derives()
	p.wantOpen(u, 1, "superseded")
	p.wantOpen(v, 0, "it names no ranking")
	p.decides(u, "withdraw")
	if d := p.state.Docs[u]; !d.Gone {
		t.Errorf("withdrawn as %v", d.Body())
	}
	p.wantOpen(u, 0, "withdrawn")
	if _, r := p.proposes("w", 1, 0, ""); r.Outcome != sync.Applied {
		t.Errorf("its place is not free: %+v", r)
	}
}

func TestWhatIsDecidedAboutAProposalIsNotAskedAgain(t *testing.T) {
	for _, state := range []string{"decided", "rejected", "revoked"} {
		p := newProposing(t)
		u, _ := p.proposes("u", 1, 0, "")
		draft := p.draft(sync.Author{Person: sync.Server})
		draft.Put(u, TypeAward, sync.Set(p.state.Docs[u].Body(), "/state", state))
		p.seal(draft)
		p.reopen(1)
		p.derives()
		p.wantOpen(u, 0, state)
	}
}

func TestAnActThatWaitsForTheSameReasonIsNotAskedAboutBeside(t *testing.T) {
	p := newProposing(t)
	u, _ := p.proposes("u", 1, 0, "")
	p.reopen(1)
	if r := p.does(sync.Mutation{Doc: u, Edits: edit("/state", "voted", "proposed"), Attest: p.state.Docs[u].Hash()}); r.Outcome != sync.Queued || r.Code != CodeRankingStale {
		t.Fatalf("%+v", r)
	}
	p.derives()
	p.wantOpen(u, 1, "by the act")
}

func TestTwoPhonesThatGiveOneUnitTwoPlacesGiveItTheFirst(t *testing.T) {
	for _, order := range [][]int64{{1, 2}, {2, 1}} {
		p := newProposing(t)
		first, r := p.proposes("u", order[0], 0, "")
		if r.Outcome != sync.Applied {
			t.Fatalf("%+v", r)
		}
		if _, r := p.proposes("u", order[1], 0, ""); r.Outcome != sync.Rejected || r.Code != CodeProposedTwice {
			t.Errorf("order %v: %+v", order, r)
		}
		v, r := p.proposes("v", order[1], 0, "")
		if r.Outcome != sync.Applied {
			t.Errorf("order %v, another unit: %+v", order, r)
		}
		if r := p.does(sync.Mutation{Doc: v, Edits: edit("/unit", string(uid("v")), string(uid("u")))}); r.Code != CodeProposedTwice {
			t.Errorf("order %v, given to the unit afterwards: %+v", order, r)
		}
		if r := p.does(sync.Mutation{Doc: first, Delete: p.state.Docs[first].Hash()}); r.Outcome != sync.Applied {
			t.Fatalf("%+v", r)
		}
		if r := p.does(sync.Mutation{Doc: v, Edits: edit("/unit", string(uid("v")), string(uid("u")))}); r.Outcome != sync.Applied {
			t.Errorf("order %v, after the first went: %+v", order, r)
		}
	}
}

func TestInvariant8AUnitHasOnePlaceOfAForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newProposing(t)
		units := []string{"u", "v", "w"}
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			unit, place := rapid.SampledFrom(units).Draw(t, "unit"), rapid.SampledFrom([]int64{1, 2, 3, maxPlaces}).Draw(t, "place")
			id, _ := KeyOf(TypeAward, sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "form": "emulation_flag", "place": place})
			switch d := p.state.Docs[id]; {
			case d == nil || d.Gone:
				p.proposes(unit, place, 0, "")
			case rapid.Bool().Draw(t, "goes"):
				p.does(sync.Mutation{Doc: id, Delete: d.Hash()})
			default:
				p.does(sync.Mutation{Doc: id, Edits: edit("/unit", d.Body()["unit"], string(uid(unit)))})
			}
			places := map[any]int{}
			for _, d := range p.state.Docs {
				if d.Type == TypeAward && !d.Gone {
					places[d.Body()["unit"]]++
				}
			}
			for unit, n := range places {
				if n > 1 {
					t.Fatalf("%v has %d places", unit, n)
				}
			}
		}
	})
}
