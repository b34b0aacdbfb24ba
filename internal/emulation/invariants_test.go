package emulation

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"thidua/sync"
)

// One property for each invariant of the domain, in its order.

func TestInvariant1MaximaAddUpWhenCriteriaArePublished(t *testing.T) {
	typ := New().Schema().Types[TypeCriteria]
	rapid.Check(t, func(t *rapid.T) {
		b := sync.Object{"code": "T", "version": int64(1), "title": "T", "state": "published"}
		var total int64
		sections, criteria := sync.Object{}, sync.Object{}
		for i := range rapid.IntRange(1, 4).Draw(t, "sections") {
			var most int64
			name := "S" + strconv.Itoa(i)
			for j := range rapid.IntRange(1, 4).Draw(t, "criteria") {
				points := rapid.Int64Range(0, 5000).Draw(t, "max")
				code := name + "-" + strconv.Itoa(j)
				criteria[code] = sync.Object{"section": name, "order": int64(j), "code": code, "title": "c", "type": CriterionJudged, "max": points}
				most += points
			}
			sections[name] = sync.Object{"order": int64(i), "title": "s", "max": most}
			total += most
		}
		b["total"], b["sections"], b["criteria"] = total, sections, criteria
		if fault := typ.Validate(b); fault != nil {
			t.Fatalf("it adds up, but: %v", fault)
		}
		which := rapid.SampledFrom(keys(criteria)).Draw(t, "changed")
		wrong := sync.Set(b, sync.Pointer("/criteria").Join(which).Join("max"), num(obj(criteria, which), "max")+1)
		if fault := typ.Validate(wrong); fault == nil || fault.Code != CodeSumsDiffer {
			t.Fatalf("it does not add up: %v", fault)
		}
		if fault := typ.Validate(sync.Set(wrong, "/state", "draft")); fault != nil {
			t.Fatalf("a draft may be unfinished: %v", fault)
		}
	})
}

func TestInvariant2ScoresLieWithinTheMaximumAndAreNeverClamped(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		points := rapid.Int64Range(-100, 7000).Draw(rt, "points")
		d := newDesk(t)
		d.does(person("p", grant(UnitStaff, "u")), sync.Mutation{Create: sheetBody("u", "")})
		r := d.does(person("p", grant(UnitStaff, "u")), sync.Mutation{Edits: edit("/entries/I-1/self", int64(5000), points)})
		stands := num(obj(obj(d.sheet().Body(), "entries"), "I-1"), "self")
		switch fits := points >= 0 && points <= 6000; {
		case fits && (r.Outcome != sync.Applied && r.Outcome != sync.Merged || stands != points):
			rt.Fatalf("%d became %d: %+v", points, stands, r)
		case !fits && (r.Outcome != sync.Rejected || stands != 5000):
			rt.Fatalf("%d became %d: %+v", points, stands, r)
		}
		for stage, author := range map[string]sync.Author{"cross": person("q", grant(ClusterDeputy, "c")), "recheck": person("q", grant(ClusterDeputy, "c")), "verified": person("q", grant(Officer, "c"))} {
			typ, scope := TypeReview, sync.ClusterDesk(uid("c"))
			if stage == "verified" {
				typ, scope = TypeVerification, sync.UnitDesk(uid("u"))
			}
			a := act(author, scope, typ, reviewBody("u"), edit("/entries/I-1/"+stage, nil, points))
			if got := New().Allow(a).Verdict == sync.Allow; got != (points >= 0 && points <= 6000) {
				rt.Fatalf("%s %d: %v", stage, points, got)
			}
		}
	})
}

func TestInvariant3AUnitHasOneLiveSheetAPeriod(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		for i := range rapid.IntRange(1, 5).Draw(rt, "sheets") {
			author := person("p"+strconv.Itoa(i), grant(UnitStaff, "u"))
			id := rapid.SampledFrom([]sync.DocID{SheetID(uid("u"), uid("2022")), uid("other"), SheetID(uid("v"), uid("2022"))}).Draw(rt, "id")
			d.made++
			draft := sync.NewDraft(sync.DraftConfig{State: d.state, Rules: New(), Org: organisation(), Author: author, Received: noon})
			draft.Judge(sync.Mutation{ID: sync.MutationID(sync.MakeID(noon, d.made, 1)), Scope: d.state.Scope, Type: TypeSheet, Doc: id, Create: sheetBody("u", "")})
			d.state = draft.Next(draft.Seal(nil))
		}
		live := 0
		for _, doc := range d.state.Docs {
			if doc.Type == TypeSheet && !doc.Gone {
				live++
			}
		}
		if live > 1 {
			rt.Fatalf("%d sheets", live)
		}
	})
}

// led is the organisation with u as head and v as deputy of cluster c in 2022.
func led() *sync.Reference {
	org := organisation()
	docs := []*sync.Document{sync.NewDocument(TermID(uid("c"), 2022), TypeTerm, sync.Org, 1, sync.Object{
		"cluster": string(uid("c")), "year": int64(2022), "head": string(uid("u")), "deputy": string(uid("v")),
	})}
	for typ := range New().Schema().Types {
		docs = append(docs, org.Of(typ)...)
	}
	return sync.NewReference(1, docs)
}

func TestInvariant4NobodyCrossChecksTheOwnUnit(t *testing.T) {
	org, d := led(), New()
	authors := map[string]sync.Author{
		"staff of u": person("p", grant(UnitStaff, "u")), "leader of v": person("p", grant(UnitLeader, "v")), "head by grant": person("p", grant(ClusterHead, "c")),
		"deputy by grant": person("p", grant(ClusterDeputy, "c")), "head by grant and of w": person("p", grant(ClusterHead, "c"), grant(UnitStaff, "w")),
	}
	own := map[string]map[string]bool{
		"staff of u": {"u": true}, "leader of v": {"v": true}, "head by grant": {"u": true}, "deputy by grant": {"v": true},
		"head by grant and of w": {"u": true, "w": true},
	}
	for name, author := range authors {
		for _, unit := range []string{"u", "v", "w"} {
			review := act(author, sync.ClusterDesk(uid("c")), TypeReview, nil, edit("", nil, reviewBody(unit)))
			check := act(author, sync.UnitDesk(uid(unit)), TypeSheet, sheetBody(unit, "submitted"), edit("/state", "submitted", "cross_checked"))
			for what, a := range map[string]sync.Act{"review": review, "cross-check": check} {
				a.Org = org
				got := d.Allow(a)
				if want := own[name][unit]; want != (got.Code == CodeOwnSheet) || want == (got.Verdict == sync.Allow) {
					t.Errorf("%s, %s of %s: %+v", name, what, unit, got)
				}
			}
		}
	}
}

func TestInvariant5ATermHasTwoDifferentMembersAndOneNameAYear(t *testing.T) {
	d := New()
	rapid.Check(t, func(t *rapid.T) {
		units := []string{"", "u", "v", "w", "x"}
		head, deputy := rapid.SampledFrom(units).Draw(t, "head"), rapid.SampledFrom(units).Draw(t, "deputy")
		year := rapid.SampledFrom([]int64{2022, 2023}).Draw(t, "year")
		b := sync.Object{"cluster": string(uid("c")), "year": year}
		member := map[string]bool{"": true, "u": true, "v": true, "w": year == 2022}
		if head != "" {
			b["head"] = string(uid(head))
		}
		if deputy != "" {
			b["deputy"] = string(uid(deputy))
		}
		a := act(person("p", grant(Admin, "")), sync.Org, TypeTerm, nil, edit("", nil, b))
		got := d.Allow(a).Verdict == sync.Allow && d.Schema().Types[TypeTerm].Validate(b) == nil
		if want := member[head] && member[deputy] && (head == "" || head != deputy); got != want {
			t.Fatalf("%s and %s in %d: %v", head, deputy, year, got)
		}
		a.Doc = uid("another name")
		if d.Allow(a).Verdict == sync.Allow {
			t.Fatal("a second term of the same year")
		}
	})
}

// drawSheets draws a sheet for some of the members of cluster c.
func drawSheets(t *rapid.T) []*sync.Document {
	var docs []*sync.Document
	for i, u := range []string{"u", "v", "w", "x"} {
		if rapid.Bool().Draw(t, u) {
			docs = append(docs, paper(TypeSheet, u, int64(i+1), scored(u, rapid.SampledFrom([]int64{4000, 5000}).Draw(t, "points"))))
		}
	}
	return docs
}

func TestInvariant6RankingRowsAreTheMembersOnceAndTiesShareARank(t *testing.T) {
	org := organisation()
	rapid.Check(t, func(t *rapid.T) {
		r := Rank(org, uid("c"), uid("2022"), drawSheets(t))
		seen := map[sync.DocID]bool{}
		better := map[int64]int{} // total → how many have more
		for _, row := range r.Rows {
			if seen[row.Unit] {
				t.Fatalf("%s stands there twice", row.Name)
			}
			seen[row.Unit] = true
			for _, other := range r.Rows {
				if row.Score != nil && other.Score != nil && other.Score.Total > row.Score.Total {
					better[row.Score.Total]++
				}
			}
		}
		if len(seen) != 3 || !seen[uid("u")] || !seen[uid("v")] || !seen[uid("w")] {
			t.Fatalf("rows of %v", seen)
		}
		same := map[int64]int{}
		for _, row := range r.Rows {
			if row.Score != nil {
				same[row.Score.Total]++
			}
		}
		for _, row := range r.Rows {
			if row.Score == nil {
				if row.Rank != 0 {
					t.Fatalf("a rank without a score: %+v", row)
				}
				continue
			}
			if n := same[row.Score.Total]; row.Rank != better[row.Score.Total]/n+1 || (n > 1) != (row.Tie == TieShared) {
				t.Fatalf("%+v among %+v", row, r.Rows)
			}
		}
	})
}

func TestInvariant7ARankingNamesTheVersionsItUsedAndTurnsStaleWhenOneChanges(t *testing.T) {
	org := organisation()
	rapid.Check(t, func(t *rapid.T) {
		docs := drawSheets(t)
		r := Rank(org, uid("c"), uid("2022"), docs)
		if r.Stale(org, docs) || len(r.ChangedSince(r.Body(1))) != 0 {
			t.Fatal("stale at once")
		}
		for i, d := range docs {
			if d.Scope == sync.UnitDesk(uid("x")) {
				continue
			}
			later := append([]*sync.Document(nil), docs...)
			later[i] = sync.NewDocument(d.ID, d.Type, d.Scope, d.Version+10, d.Body())
			if !r.Stale(org, later) {
				t.Fatalf("the sheet of %s changed", d.Scope)
			}
			if changed := Rank(org, uid("c"), uid("2022"), later).ChangedSince(r.Body(1)); len(changed) != 1 || changed[0] != d.ID {
				t.Fatalf("changed since: %v", changed)
			}
		}
	})
}

func TestInvariant8ProposalsKeepToTheQuotaOrGiveAReason(t *testing.T) {
	d, head := New(), person("p", grant(ClusterHead, "c"))
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.IntRange(1, 16).Draw(t, "units")
		flags, percent := rapid.Int64Range(0, 2).Draw(t, "flags"), rapid.Int64Range(0, 100).Draw(t, "percent")
		docs := []*sync.Document{
			orgDoc(TypeCluster, "c", sync.Object{"quotas": sync.Object{"emulation_flag": sync.Object{"count": flags}, "merit_certificate": sync.Object{"percent": int64(20)}}}),
			orgDoc(TypePeriod, "2022", sync.Object{"from": "2022-01-01", "to": "2022-12-31", "quotas": sync.Object{"merit_certificate": sync.Object{"percent": percent}}}),
		}
		for i := range units {
			name := "unit" + strconv.Itoa(i)
			docs = append(docs, orgDoc(TypeMembership, name, sync.Object{"unit": string(uid(name)), "cluster": string(uid("c")), "from": "2022-01-01"}))
		}
		org := sync.NewReference(1, docs)
		want := max(0, int64(units)-flags) * percent / 100
		form, place := "merit_certificate", rapid.Int64Range(1, 20).Draw(t, "place")
		if rapid.Bool().Draw(t, "flag") {
			form, want = "emulation_flag", flags
		}
		b := sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "form": form, "place": place, "count": int64(1), "state": "voted"}
		proposed := func(b sync.Object) sync.Ruling {
			a := act(head, sync.ClusterDesk(uid("c")), TypeAward, b, edit("/state", "voted", "proposed"))
			a.Org = org
			return d.Allow(a)
		}
		if got := proposed(b); (got.Verdict == sync.Allow) != (place <= want) || place > want && got.Code != CodeQuotaExceeded {
			t.Fatalf("place %d of %d: %+v", place, want, got)
		}
		if got := proposed(sync.Set(b, "/override", "Thành tích đột xuất")); got.Verdict != sync.Allow {
			t.Fatalf("with a reason: %+v", got)
		}
		if got := proposed(sync.Set(b, "/place", nil)); got.Code != CodePlaceMissing {
			t.Fatalf("without a place: %+v", got)
		}
		a := act(head, sync.ClusterDesk(uid("c")), TypeAward, b, edit("/place", place, place+1))
		a.Org = org
		if got := d.Allow(a); got.Code != CodeFixedField {
			t.Fatalf("a place is taken for good: %+v", got)
		}
	})
}

func TestInvariant9ATallyAddsUpAndVotesAreNoMoreThanPeople(t *testing.T) {
	d, typ := New(), New().Schema().Types[TypeMeeting]
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 3)
		tally := Tally{For: n.Draw(t, "for"), Against: n.Draw(t, "against"), Abstain: n.Draw(t, "abstain"), Invalid: n.Draw(t, "invalid"), Returned: n.Draw(t, "returned"), Issued: n.Draw(t, "issued")}
		if rapid.Bool().Draw(t, "sound") {
			tally.Returned = tally.For + tally.Against + tally.Abstain + tally.Invalid
			tally.Issued += tally.Returned
		}
		present := rapid.Int64Range(1, 8).Draw(t, "present")
		b := sync.Set(meetingBody(""), "/ballots/b", sync.Object{"kind": "head", "subject": "s", "tally": votesBody(tally)})
		b = sync.Set(b, "/attendance/all", sync.Object{"role": "member", "present": true, "persons": present})
		adds := tally.For+tally.Against+tally.Abstain+tally.Invalid == tally.Returned && tally.Returned <= tally.Issued
		if fault := typ.Validate(b); (fault == nil) != adds {
			t.Fatalf("%+v: %v", tally, fault)
		}
		got := d.Allow(act(person("p", grant(ClusterHead, "c")), sync.ClusterScope(uid("c")), TypeMeeting, b, edit("/state", nil, "signed")))
		if (got.Verdict == sync.Allow) != (tally.Issued <= present) {
			t.Fatalf("%d issued, %d present: %+v", tally.Issued, present, got)
		}
	})
}

func TestInvariant10AScoreIsWhatThePhoneSentOrStandsInAVisibleConflict(t *testing.T) {
	staff, leader, deputy := person("p", grant(UnitStaff, "u")), person("q", grant(UnitLeader, "u")), person("r", grant(ClusterDeputy, "c"))
	const path = sync.Pointer("/entries/I-1/self")
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		d.does(staff, sync.Mutation{Create: sheetBody("u", "")})
		for range rapid.IntRange(1, 12).Draw(rt, "acts") {
			state := StateOf(New().Schema().Types[TypeSheet], d.sheet().Body())
			switch rapid.IntRange(0, 4).Draw(rt, "act") {
			case 0:
				d.does(leader, sync.Mutation{Edits: edit("/state", sync.Get(d.sheet().Body(), "/state"), "submitted"), Attest: d.sheet().Hash()})
			case 1:
				d.does(deputy, sync.Mutation{Edits: edit("/state", state, "cross_checked"), Attest: d.sheet().Hash()})
			default:
				was, now := rapid.SampledFrom([]int64{5000, 5100, 5200}).Draw(rt, "was"), rapid.Int64Range(4900, 6100).Draw(rt, "now")
				base := rapid.Int64Range(1, d.state.Seq).Draw(rt, "base")
				r := d.does(staff, sync.Mutation{Base: base, Edits: edit(string(path), was, now)})
				visible(rt, d, r, path, now)
			}
		}
	})
}

// visible fails unless a value that was sent stands in the sheet, in an open
// conflict, or in a rejection.
func visible(t *rapid.T, d *desk, r sync.Receipt, path sync.Pointer, sent int64) {
	switch r.Outcome {
	case sync.Applied, sync.Merged:
		if got := sync.Get(d.sheet().Body(), path); got != sent {
			t.Fatalf("%d became %v", sent, got)
		}
		return
	case sync.Queued:
		sides, _ := sync.Get(d.state.Docs[r.Kept].Body(), sync.Pointer("/items/"+sync.PathKey(path)+"/sides")).(sync.Object)
		for _, s := range sides {
			if s, _ := s.(sync.Object); s["value"] == sent {
				return
			}
		}
	case sync.Rejected:
		if sync.Get(d.state.Docs[r.Kept].Body(), sync.Pointer("/edits/"+sync.PathKey(path)+"/now")) == sent {
			return
		}
	}
	t.Fatalf("%d is nowhere: %+v", sent, r)
}
