package emulation

import (
	"testing"

	"pgregory.net/rapid"

	"thidua/sync"
)

func uid(name string) sync.DocID { return sync.DocID(sync.NameID("test", name)) }

// noon of 1 July 2022: the year that the units u, v and w spend in cluster c.
const noon = int64(1656651600000)

const day = int64(86_400_000)

func orgDoc(typ, name string, body sync.Object) *sync.Document {
	return sync.NewDocument(uid(name), typ, sync.Org, 1, body)
}

func criteriaBody() sync.Object {
	return sync.Object{
		"code": "T", "version": int64(1), "title": "T", "total": int64(10000), "bonus_cap": int64(1000), "penalty_floor": int64(-500), "state": "published",
		"tie_break": []any{TieBase, TieFirst, TiePenalties, TieBallots},
		"sections": sync.Object{
			"I": sync.Object{"order": int64(1), "title": "I", "max": int64(6000)}, "II": sync.Object{"order": int64(2), "title": "II", "max": int64(4000)},
		},
		"criteria": sync.Object{
			"I-1":  sync.Object{"section": "I", "order": int64(1), "code": "I.1", "title": "a", "type": "judged", "max": int64(6000)},
			"II-1": sync.Object{"section": "II", "order": int64(1), "code": "II.1", "title": "b", "type": "judged", "max": int64(4000), "bonus_max": int64(2000), "penalty_max": int64(1000)},
		},
	}
}

// organisation is a cluster c of the units u, v and w, another, d, of x, and
// the year 2022 with its criteria; 2021 is closed.
func organisation() *sync.Reference {
	docs := []*sync.Document{
		orgDoc(TypeCluster, "c", sync.Object{"code": "c", "kind": "cluster", "name": "C"}),
		orgDoc(TypeCluster, "d", sync.Object{"code": "d", "kind": "bloc", "name": "D"}),
		orgDoc(TypeCriteria, "criteria", criteriaBody()),
		orgDoc(TypePeriod, "2022", sync.Object{
			"code": "2022", "kind": "year", "title": "2022", "from": "2022-01-01", "to": "2022-12-31", "criteria": string(uid("criteria")), "state": "open",
			"milestones": sync.Object{"m": sync.Object{"kind": TrackSheet, "due": "2022-12-01"}},
		}),
		orgDoc(TypePeriod, "2021", sync.Object{"code": "2021", "kind": "year", "title": "2021", "from": "2021-01-01", "to": "2021-12-31", "state": "closed"}),
	}
	for _, m := range []struct{ unit, cluster, to string }{{"u", "c", "2023-12-31"}, {"v", "c", "2023-12-31"}, {"w", "c", "2022-12-31"}, {"x", "d", "2023-12-31"}} {
		docs = append(docs,
			orgDoc(TypeUnit, m.unit, sync.Object{"code": m.unit, "names": sync.Object{"n": sync.Object{"name": "Unit " + m.unit}}}),
			orgDoc(TypeMembership, m.unit+m.cluster, sync.Object{"unit": string(uid(m.unit)), "cluster": string(uid(m.cluster)), "from": "2022-01-01", "to": m.to}))
	}
	return sync.NewReference(1, docs)
}

func person(name string, grants ...sync.Grant) sync.Author {
	return sync.Author{Person: sync.PersonID(uid(name)), Device: sync.DeviceID(uid(name + "'s phone")), Grants: grants}
}

func grant(role sync.Role, subject string) sync.Grant {
	if subject == "" {
		return sync.Grant{Role: role}
	}
	return sync.Grant{Role: role, Subject: sync.ID(uid(subject))}
}

func sheetBody(unit, state string) sync.Object {
	b := sync.Object{
		"unit": string(uid(unit)), "period": string(uid("2022")), "cluster": string(uid("c")), "criteria": string(uid("criteria")),
		"entries": sync.Object{"I-1": sync.Object{"self": int64(5000)}},
	}
	if state != "" {
		b["state"] = state
	}
	return b
}

func reviewBody(unit string) sync.Object {
	return sync.Object{
		"sheet": string(SheetID(uid(unit), uid("2022"))), "sheet_version": int64(1), "unit": string(uid(unit)), "period": string(uid("2022")),
		"cluster": string(uid("c")), "criteria": string(uid("criteria")), "entries": sync.Object{"I-1": sync.Object{"cross": int64(4000)}},
	}
}

func meetingBody(state string) sync.Object {
	b := sync.Object{"kind": "year_end", "title": "t", "held_on": "2022-12-16", "minutes": sync.Object{"b1": sync.Object{"order": int64(1), "text": "a"}}}
	if state != "" {
		b["state"] = state
	}
	return b
}

func edit(path string, was, now sync.Value) []sync.Edit {
	return []sync.Edit{{Path: sync.Pointer(path), Was: was, Now: now}}
}

// act returns an act on a present body (nil: a creation of the body in edits).
func act(author sync.Author, scope sync.Scope, typ string, present sync.Object, edits []sync.Edit) sync.Act {
	a := sync.Act{Author: author, Scope: scope, Type: New().Schema().Types[typ], Doc: uid("some document"), Edits: edits, Made: noon, Received: noon, Org: organisation()}
	about := present
	if present == nil {
		about, _ = edits[0].Now.(sync.Object)
	}
	if id, keyed := KeyOf(typ, about); keyed {
		a.Doc = id
	}
	if present != nil {
		a.Present = sync.NewDocument(a.Doc, typ, scope, 1, present)
	}
	return a
}

func TestWhoMayDoWhat(t *testing.T) {
	deskU, unitU, clusterC, deskC := sync.UnitDesk(uid("u")), sync.UnitScope(uid("u")), sync.ClusterScope(uid("c")), sync.ClusterDesk(uid("c"))
	self := edit("/entries/I-1/self", int64(5000), int64(5500))
	text := edit("/minutes/b1/text", "a", "b")
	submit, withdraw := edit("/state", nil, "submitted"), append(edit("/state", "submitted", "draft"), edit("/state_reason", nil, "x")...)
	sheet, submitted := sheetBody("u", ""), sheetBody("u", "submitted")
	staffU, leaderU, staffV, staffX := person("p", grant(UnitStaff, "u")), person("p", grant(UnitLeader, "u")), person("p", grant(UnitStaff, "v")), person("p", grant(UnitStaff, "x"))
	headC, headD := person("p", grant(ClusterHead, "c")), person("p", grant(ClusterHead, "d"))
	headOfU := person("p", grant(ClusterHead, "c"), grant(UnitLeader, "u"))
	deputyC, officerC, officerD := person("p", grant(ClusterDeputy, "c")), person("p", grant(Officer, "c")), person("p", grant(Officer, "d"))
	administrator, nobody := person("p", grant(Admin, "")), person("p")

	for _, c := range []struct {
		name   string
		act    sync.Act
		refuse sync.Code // "" means allowed
	}{
		{"staff scores its unit's sheet", act(staffU, deskU, TypeSheet, sheet, self), ""},
		{"staff creates its unit's sheet", act(staffU, deskU, TypeSheet, nil, edit("", nil, sheet)), ""},
		{"staff of another unit does not", act(staffV, deskU, TypeSheet, sheet, self), CodeForbidden},
		{"nobody does not", act(nobody, deskU, TypeSheet, sheet, self), CodeForbidden},
		{"head does not score a sheet", act(headC, deskU, TypeSheet, sheet, self), CodeForbidden},
		{"admin does not score a sheet", act(administrator, deskU, TypeSheet, sheet, self), CodeForbidden},
		{"leader submits", act(leaderU, deskU, TypeSheet, sheet, submit), ""},
		{"leader submits with a last score", act(leaderU, deskU, TypeSheet, sheet, append(append([]sync.Edit{}, self...), submit...)), ""},
		{"staff does not submit", act(staffU, deskU, TypeSheet, sheet, submit), CodeForbidden},
		{"submitted sheet is closed", act(staffU, deskU, TypeSheet, submitted, self), CodeWithdrawFirst},
		{"what is there already is no edit", act(staffU, deskU, TypeSheet, submitted, edit("/entries/I-1/self", int64(1), int64(5000))), ""},
		{"the like, created on another phone", act(staffU, deskU, TypeSheet, submitted, edit("", nil, sheet)), ""},
		{"no-op of a stranger tells nothing", act(nobody, deskU, TypeSheet, submitted, edit("/entries/I-1/self", int64(1), int64(5000))), CodeForbidden},
		{"leader withdraws", act(leaderU, deskU, TypeSheet, submitted, withdraw), ""},
		{"leader withdraws and edits", act(leaderU, deskU, TypeSheet, submitted, append(append([]sync.Edit{}, self...), withdraw...)), ""},
		{"leader withdraws without a reason", act(leaderU, deskU, TypeSheet, submitted, edit("/state", "submitted", "draft")), sync.CodeReason},
		{"reason of another time", act(leaderU, deskU, TypeSheet, sync.Set(submitted, "/state_reason", "x"), edit("/state", "submitted", "draft")), sync.CodeReason},
		{"blank reason", act(leaderU, deskU, TypeSheet, submitted, append(edit("/state", "submitted", "draft"), edit("/state_reason", nil, " ")...)), sync.CodeReason},
		{"staff does not withdraw", act(staffU, deskU, TypeSheet, submitted, withdraw), CodeForbidden},
		{"head cross-checks", act(headC, deskU, TypeSheet, submitted, edit("/state", "submitted", "cross_checked")), ""},
		{"head of another cluster does not", act(headD, deskU, TypeSheet, submitted, edit("/state", "submitted", "cross_checked")), CodeForbidden},
		{"head does not cross-check the own unit", act(headOfU, deskU, TypeSheet, submitted, edit("/state", "submitted", "cross_checked")), CodeOwnSheet},
		{"officer returns with a reason", act(officerC, deskU, TypeSheet, submitted, append(edit("/state", "submitted", "returned"), edit("/state_reason", nil, "x")...)), ""},
		{"cross-checked sheet takes no score", act(staffU, deskU, TypeSheet, sheetBody("u", "cross_checked"), self), CodeCrossChecked},
		{"cross-checked sheet takes an explanation", act(staffU, deskU, TypeSheet, sheetBody("u", "cross_checked"), edit("/entries/I-1/explanation", nil, "x")), ""},
		{"locked sheet takes nothing", act(staffU, deskU, TypeSheet, sheetBody("u", "locked"), self), CodeLate},
		{"locked sheet is not deleted", deletion(act(staffU, deskU, TypeSheet, sheetBody("u", "locked"), nil)), CodeLate},
		{"draft is deleted", deletion(act(staffU, deskU, TypeSheet, sheet, nil)), ""},
		{"nothing skips a state", act(leaderU, deskU, TypeSheet, sheet, edit("/state", nil, "verified")), CodeNoSuchStep},
		{"sheet keeps its unit", act(staffU, deskU, TypeSheet, sheet, edit("/period", string(uid("2022")), string(uid("2021")))), CodeFixedField},
		{"sheet keeps its criteria", act(staffU, deskU, TypeSheet, sheet, edit("/criteria", string(uid("criteria")), string(uid("easier")))), CodeForbidden},
		{"review keeps its criteria", act(deputyC, deskC, TypeReview, reviewBody("u"), edit("/criteria", string(uid("criteria")), string(uid("easier")))), CodeFixedField},
		{"admin transfers no sheet of a unit that stayed", act(administrator, deskU, TypeSheet, submitted, edit("/cluster", string(uid("c")), string(uid("d")))), CodeNotMember},
		{"sheet of a cluster the unit was not in", act(staffU, deskU, TypeSheet, nil, edit("", nil, sync.Set(sheet, "/cluster", string(uid("d"))))), CodeNotMember},
		{"closed ballot", act(staffU, clusterC, TypeMeeting, sync.Set(meetingBody(""), "/ballots/b", sync.Object{"kind": "head", "subject": "s", "closed": true}), edit("/ballots/b/subject", "s", "x")), CodeBallotClosed},
		{"another ballot", act(staffU, clusterC, TypeMeeting, sync.Set(meetingBody(""), "/ballots/b", sync.Object{"kind": "head", "subject": "s", "closed": true}), edit("/ballots/c", nil, sync.Object{"kind": "head", "subject": "s"})), ""},
		{"recheck after the review was sent", act(deputyC, deskC, TypeReview, sync.Set(reviewBody("u"), "/state", "sent"), edit("/entries/I-1/recheck", nil, int64(4500))), ""},
		{"cross-check after the review was sent", act(deputyC, deskC, TypeReview, sync.Set(reviewBody("u"), "/state", "sent"), edit("/entries/I-1/cross", int64(4000), int64(4500))), CodeSent},
		{"sheet of another unit", act(staffU, deskU, TypeSheet, nil, edit("", nil, sheetBody("v", ""))), CodeWrongSubject},
		{"sheet under a stolen name", renamed(act(staffU, deskU, TypeSheet, nil, edit("", nil, sheet)), SheetID(uid("v"), uid("2022"))), CodeWrongID},
		{"score over the maximum", act(staffU, deskU, TypeSheet, sheet, edit("/entries/I-1/self", int64(5000), int64(6001))), CodeScoreRange},
		{"bonus where there is none", act(staffU, deskU, TypeSheet, sheet, edit("/entries/I-1/bonus", nil, int64(1))), CodeScoreRange},
		{"criterion that is none", act(staffU, deskU, TypeSheet, sheet, edit("/entries/IX-9", nil, sync.Object{"self": int64(1)})), CodeCriterionUnknown},
		{"closed period", act(staffU, deskU, TypeRegistration, nil, edit("", nil, sync.Object{"unit": string(uid("u")), "period": string(uid("2021"))})), CodeLate},
		{"leader signs the pledge", act(leaderU, deskU, TypePledge, sync.Object{"unit": string(uid("u")), "period": string(uid("2022"))}, edit("/signatures/p", nil, sync.Object{"title": "t", "on": "2022-01-01"})), ""},
		{"staff does not sign", act(staffU, deskU, TypePledge, sync.Object{"unit": string(uid("u")), "period": string(uid("2022"))}, edit("/signatures/p", nil, sync.Object{"title": "t", "on": "2022-01-01"})), CodeForbidden},

		{"deputy reviews another unit", act(deputyC, deskC, TypeReview, nil, edit("", nil, reviewBody("u"))), ""},
		{"head does not review the own unit", act(headOfU, deskC, TypeReview, nil, edit("", nil, reviewBody("u"))), CodeOwnSheet},
		{"review hides no other sheet", act(headC, deskC, TypeReview, nil, edit("", nil, sync.Set(reviewBody("u"), "/unit", string(uid("v"))))), CodeWrongSubject},
		{"member does not review", act(leaderU, deskC, TypeReview, nil, edit("", nil, reviewBody("u"))), CodeForbidden},
		{"officer verifies", act(officerC, deskU, TypeVerification, nil, edit("", nil, reviewAs("verified"))), ""},
		{"officer of another cluster does not", act(officerD, deskU, TypeVerification, nil, edit("", nil, reviewAs("verified"))), CodeForbidden},
		{"unit does not verify itself", act(leaderU, deskU, TypeVerification, nil, edit("", nil, reviewAs("verified"))), CodeForbidden},

		{"staff writes its own meeting", act(staffU, unitU, TypeMeeting, meetingBody(""), text), ""},
		{"head does not write a unit's meeting", act(headC, unitU, TypeMeeting, meetingBody(""), text), CodeForbidden},
		{"member writes the cluster's minutes", act(staffU, clusterC, TypeMeeting, meetingBody(""), text), ""},
		{"stranger does not", act(staffX, clusterC, TypeMeeting, meetingBody(""), text), CodeForbidden},
		{"member does not sign", act(leaderU, clusterC, TypeMeeting, meetingBody(""), edit("/state", nil, "signed")), CodeForbidden},
		{"head signs", act(headC, clusterC, TypeMeeting, meetingBody(""), edit("/state", nil, "signed")), ""},
		{"signed minutes are closed", act(staffU, clusterC, TypeMeeting, meetingBody("signed"), text), CodeMinutesSigned},
		{"signed minutes take an addendum", act(staffU, clusterC, TypeMeeting, meetingBody("signed"), edit("/addenda/a", nil, sync.Object{"on": "2022-12-20", "text": "x"})), ""},
		{"signing more ballots than people", act(headC, clusterC, TypeMeeting, sync.Set(meetingBody(""), "/resolutions/r", sync.Object{"text": "x", "votes": votesBody(Tally{For: 1, Returned: 1, Issued: 1})}), edit("/state", nil, "signed")), CodeTallyOverPresent},
		{"head announces", act(headC, clusterC, TypeRanking, nil, edit("", nil, sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "seq": int64(1), "state": "announced"})), ""},
		{"officer does not announce", act(officerC, clusterC, TypeRanking, nil, edit("", nil, sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "seq": int64(1), "state": "announced"})), CodeForbidden},
		{"ranking of another cluster", act(headC, clusterC, TypeRanking, nil, edit("", nil, sync.Object{"cluster": string(uid("d")), "period": string(uid("2022")), "seq": int64(1)})), CodeWrongSubject},

		{"admin moves a unit", act(administrator, sync.Org, TypeMembership, nil, edit("", nil, sync.Object{"unit": string(uid("x")), "cluster": string(uid("c")), "from": "2023-01-01"})), ""},
		{"officer does not", act(officerC, sync.Org, TypeMembership, nil, edit("", nil, sync.Object{"unit": string(uid("x")), "cluster": string(uid("c")), "from": "2023-01-01"})), CodeForbidden},
		{"officer enters a dispatch", act(officerC, sync.Org, TypeDispatch, nil, edit("", nil, sync.Object{"number": "1", "date": "2022-01-01", "subject": "x"})), ""},
		{"published criteria stand", act(administrator, sync.Org, TypeCriteria, criteriaBody(), edit("/title", "T", "U")), CodePublished},
		{"head of a term is a member", act(administrator, sync.Org, TypeTerm, nil, edit("", nil, sync.Object{"cluster": string(uid("c")), "year": int64(2023), "head": string(uid("u")), "deputy": string(uid("x"))})), CodeNotMember},
		{"membership that ends before the term", act(administrator, sync.Org, TypeTerm, nil, edit("", nil, sync.Object{"cluster": string(uid("c")), "year": int64(2023), "head": string(uid("w"))})), CodeNotMember},
		{"term of two members", act(administrator, sync.Org, TypeTerm, nil, edit("", nil, sync.Object{"cluster": string(uid("c")), "year": int64(2023), "head": string(uid("u")), "deputy": string(uid("v"))})), ""},
		{"reader marks a notice read", act(nobody, sync.UserScope(sync.PersonID(uid("p"))), TypeNotice, sync.Object{"key": "k"}, edit("/read", nil, noon)), ""},
		{"but nobody else's", act(nobody, sync.UserScope(sync.PersonID(uid("q"))), TypeNotice, sync.Object{"key": "k"}, edit("/read", nil, noon)), CodeForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := sync.Ruling{Verdict: sync.Allow}
			if c.refuse != "" {
				want = sync.Ruling{Verdict: sync.Refuse, Code: c.refuse}
			}
			if got := New().Allow(c.act); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func deletion(a sync.Act) sync.Act { a.Delete = true; return a }

func renamed(a sync.Act, id sync.DocID) sync.Act { a.Doc = id; return a }

func reviewAs(field string) sync.Object {
	b := reviewBody("u")
	b["entries"] = sync.Object{"I-1": sync.Object{field: int64(4000)}}
	return b
}

func TestSheetByOtherCriteriaThanThePeriodsIsAQuestion(t *testing.T) {
	for _, a := range []sync.Act{
		act(person("p", grant(UnitStaff, "u")), sync.UnitDesk(uid("u")), TypeSheet, nil, edit("", nil, sync.Set(sheetBody("u", ""), "/criteria", string(uid("easier"))))),
		act(person("p", grant(ClusterDeputy, "c")), sync.ClusterDesk(uid("c")), TypeReview, nil, edit("", nil, sync.Set(reviewBody("u"), "/criteria", string(uid("easier"))))),
	} {
		if got := New().Allow(a); got != queue(CodeCriteriaReplaced) {
			t.Errorf("%s: %+v", a.Type.Name, got)
		}
	}
}

func TestSubmitWaitsForOpenConflicts(t *testing.T) {
	leader := person("p", grant(UnitLeader, "u"))
	a := act(leader, sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", ""), edit("/state", nil, "submitted"))
	a.Blocked = true
	if got := New().Allow(a); got != (sync.Ruling{Verdict: sync.Refuse, Code: CodeConflictOpen}) {
		t.Errorf("submit: %+v", got)
	}
	a = act(leader, sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", "submitted"), append(edit("/state", "submitted", "draft"), edit("/state_reason", nil, "x")...))
	a.Blocked = true
	if got := New().Allow(a); got.Verdict != sync.Allow {
		t.Errorf("withdraw: %+v", got)
	}
}

func TestRightThatEndedOnTheWayIsAQuestion(t *testing.T) {
	ended := person("p", sync.Grant{Role: UnitStaff, Subject: sync.ID(uid("u")), To: noon - day})
	of := func(made, offset int64, path string, now sync.Value) sync.Ruling {
		a := act(ended, sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", ""), edit(path, nil, now))
		a.Made, a.Offset = made, offset
		return New().Allow(a)
	}
	queue, forbidden := sync.Ruling{Verdict: sync.Queue, Code: CodeRightExpired}, sync.Ruling{Verdict: sync.Refuse, Code: CodeForbidden}
	if got := of(noon-2*day, 0, "/note", "x"); got != queue {
		t.Errorf("made while it held: %+v", got)
	}
	if got := of(noon-day/2, 0, "/note", "x"); got != forbidden {
		t.Errorf("made after it ended: %+v", got)
	}
	if got := of(noon-2*day, 3*day/2, "/note", "x"); got != forbidden {
		t.Errorf("made after it ended, by a clock that is behind: %+v", got)
	}
	if got := of(0, 0, "/note", "x"); got != forbidden {
		t.Errorf("made nobody knows when: %+v", got)
	}
	if got := of(noon-2*day, 0, "/entries/I-1/self", int64(9999)); got.Code != CodeScoreRange {
		t.Errorf("made while it held, but wrong: %+v", got)
	}
}

// The unit u leaves the cluster in the middle of the year: what its old head
// did is refused, whenever that was, and what others did waits as always.
func TestWhatAnOldHeadDidBeforeTheUnitMovedIsRefused(t *testing.T) {
	desk, step := sync.UnitDesk(uid("u")), edit("/state", "submitted", "cross_checked")
	submitted := sheetBody("u", "submitted")
	crossChecks := func(who sync.Author, org *sync.Reference, made int64) sync.Ruling {
		a := act(who, desk, TypeSheet, submitted, step)
		a.Made, a.Org = made, org
		return New().Allow(a)
	}
	head, officer := person("head", grant(ClusterHead, "c")), person("officer", grant(Officer, "c"))
	ended := person("ended", sync.Grant{Role: ClusterHead, Subject: sync.ID(uid("c")), To: noon - day})
	yesterday, refused := DayOf(noon-day), sync.Ruling{Verdict: sync.Refuse, Code: CodeUnitMoved}
	if got := crossChecks(head, moved(yesterday), noon-2*day); got != refused {
		t.Errorf("the old head, before the move: %+v", got)
	}
	review := act(head, sync.ClusterDesk(uid("c")), TypeReview, nil, edit("", nil, reviewBody("u")))
	review.Made, review.Org = noon-2*day, moved(yesterday)
	if got := New().Allow(review); got != refused {
		t.Errorf("a review by the old head, before the move: %+v", got)
	}
	waits := sync.Ruling{Verdict: sync.Queue, Code: CodeRightExpired}
	if got := crossChecks(ended, organisation(), noon-2*day); got != waits {
		t.Errorf("a head whose term ended, of a unit that stayed: %+v", got)
	}
	returned := act(officer, desk, TypeSheet, submitted, append(edit("/state", "submitted", "returned"), edit("/state_reason", nil, "Thiếu")...))
	returned.Made, returned.Org = noon-2*day, moved(yesterday)
	if got := New().Allow(returned); got != waits {
		t.Errorf("an officer, before the move: %+v", got)
	}
}

func TestServerMayDoEverything(t *testing.T) {
	a := act(sync.Author{Person: sync.Server}, sync.UnitDesk(uid("u")), TypeSheet, sheetBody("u", "locked"), edit("/note", nil, "x"))
	if got := New().Allow(a); got.Verdict != sync.Allow {
		t.Errorf("%+v", got)
	}
}

func TestReadableIsWhereOneIsSomething(t *testing.T) {
	orgs := []*sync.Reference{organisation(), led()}
	var scopes []sync.Scope
	for _, u := range []string{"u", "v", "w", "x"} {
		scopes = append(scopes, sync.UnitScope(uid(u)), sync.UnitDesk(uid(u)))
	}
	for _, c := range []string{"c", "d"} {
		scopes = append(scopes, sync.ClusterScope(uid(c)), sync.ClusterDesk(uid(c)))
	}
	scopes = append(scopes, sync.UserScope(sync.PersonID(uid("p"))), sync.UserScope(sync.PersonID(uid("q"))))
	roles := []sync.Role{UnitStaff, UnitLeader, ClusterHead, ClusterDeputy, Officer, Admin, "unknown"}
	rapid.Check(t, func(t *rapid.T) {
		org := rapid.SampledFrom(orgs).Draw(t, "organisation")
		a := person("p")
		for range rapid.IntRange(0, 4).Draw(t, "grants") {
			role := rapid.SampledFrom(roles).Draw(t, "role")
			g := sync.Grant{Role: role}
			switch role {
			case UnitStaff, UnitLeader:
				g.Subject = sync.ID(uid(rapid.SampledFrom([]string{"u", "v", "w", "x"}).Draw(t, "unit")))
			case ClusterHead, ClusterDeputy, Officer:
				g.Subject = sync.ID(uid(rapid.SampledFrom([]string{"c", "d"}).Draw(t, "cluster")))
			}
			g.From = rapid.SampledFrom([]int64{0, noon - day, noon + day}).Draw(t, "from")
			g.To = rapid.SampledFrom([]int64{0, noon, noon + 400*day}).Draw(t, "to")
			a.Grants = append(a.Grants, g)
		}
		at := rapid.SampledFrom([]int64{noon - 300*day, noon, noon + 300*day}).Draw(t, "at")
		readable := map[sync.Scope]bool{}
		last := sync.Scope("")
		for _, s := range New().Readable(a, at, org) {
			if s <= last {
				t.Fatalf("%q follows %q", s, last)
			}
			last, readable[s] = s, true
		}
		if !readable[sync.Org] {
			t.Fatal("org is for everyone")
		}
		for _, s := range scopes {
			if is := capacities(a, s, at, org)&^admin != 0; is != readable[s] {
				t.Fatalf("%s: readable %v, but being something there %v", s, readable[s], is)
			}
		}
	})
}

func TestOverseersAreAdminsAndTheClustersOfficers(t *testing.T) {
	d, org := New(), organisation()
	for _, c := range []struct {
		author sync.Author
		scope  sync.Scope
		want   bool
	}{
		{person("p", grant(Admin, "")), sync.UnitDesk(uid("u")), true},
		{person("p", grant(Admin, "")), "nonsense", false},
		{person("p", grant(Officer, "c")), sync.UnitDesk(uid("u")), true},
		{person("p", grant(Officer, "c")), sync.UnitDesk(uid("x")), false},
		{person("p", grant(Officer, "c")), sync.UnitScope(uid("u")), false},
		{person("p", grant(Officer, "d")), sync.ClusterScope(uid("c")), false},
		{person("p", grant(ClusterHead, "c")), sync.ClusterScope(uid("c")), false},
		{person("p", sync.Grant{Role: Admin, To: noon}), sync.Org, false},
	} {
		if got := d.Oversees(c.author, noon, c.scope, org); got != c.want {
			t.Errorf("%v in %s: %v", c.author.Grants, c.scope, got)
		}
	}
}
