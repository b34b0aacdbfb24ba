package emulation

import (
	"slices"
	"strings"
	"testing"

	"thidua/sync"
)

// changed is a change of a document at some paths.
func changed(d *sync.Document, edits ...sync.Edit) sync.Change {
	return sync.Change{Doc: d.ID, Type: d.Type, Edits: edits}
}

func created(d *sync.Document) sync.Change {
	return sync.Change{Doc: d.ID, Type: d.Type, Create: d.Body()}
}

func turn(d *sync.Document, from, to string) sync.Change {
	return changed(d, edit("/state", from, to)...)
}

func filed(scope sync.Scope, d *sync.Document) *sync.Document {
	return sync.NewDocument(d.ID, d.Type, scope, d.Version, d.Body())
}

func TestWhatACommitMeansToPeople(t *testing.T) {
	deskU, clusterC := sync.UnitDesk(uid("u")), sync.ClusterScope(uid("c"))
	sheet := func(state string, edits ...sync.Edit) *sync.Document {
		return filed(deskU, paper(TypeSheet, "u", 5, sync.Apply(sheetBody("u", state), edits)))
	}
	meeting := func(scope sync.Scope, day, state string) *sync.Document {
		return sync.NewDocument(uid("m"), TypeMeeting, scope, 5, sync.Set(meetingBody(state), "/held_on", day))
	}
	ranking := func(scope sync.Scope, state string) *sync.Document {
		return sync.NewDocument(uid("r"), TypeRanking, scope, 5, sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "seq": int64(1), "state": state})
	}
	year := season().Find(TypePeriod, uid("2022"))
	term := func(y int, head, deputy string) *sync.Document {
		return sync.NewDocument(TermID(uid("c"), y), TypeTerm, sync.Org, 5, sync.Object{"cluster": string(uid("c")), "year": int64(y), "head": string(uid(head)), "deputy": string(uid(deputy))})
	}
	conflict := func(state string) *sync.Document {
		side := func(name string) sync.Object { return sync.Object{"value": int64(1), "author": string(uid(name))} }
		return sync.NewDocument(uid("k"), sync.TypeConflict, deskU, 5, sync.Object{
			"about": string(uid("x")), "state": state, "opened": noon,
			"items": sync.Object{"p": sync.Object{"sides": sync.Object{"1": side("staff u"), "2": side("staff v"), "3": side("staff u")}}},
		})
	}
	rejection := sync.NewDocument(uid("k"), sync.TypeRejection, deskU, 5, sync.Object{"about": string(uid("x")), "state": "open", "opened": noon, "author": string(uid("staff u"))})
	verification := func(points int64) *sync.Document {
		body := sync.Object{"sheet": string(SheetID(uid("u"), uid("2022"))), "sheet_version": int64(1), "unit": string(uid("u")), "period": string(uid("2022")), "criteria": string(uid("criteria")), "state": "sent"}
		return sync.NewDocument(VerificationID(SheetID(uid("u"), uid("2022"))), TypeVerification, deskU, 5, sync.Set(body, "/entries", sync.Object{"I-1": sync.Object{"verified": points}}))
	}
	late := sync.Edit{Path: "/extended_to", Now: "2022-12-20"}
	closed := []sync.Edit{{Path: "/state", Now: "closed"}}

	for _, c := range []struct {
		name   string
		author string
		at     string // "" is noon of 1 July
		scope  sync.Scope
		change sync.Change
		docs   []*sync.Document
		org    *sync.Reference // nil is the season
		want   []string
	}{
		{"a sheet is submitted", "leader u", "", deskU, turn(sheet("submitted"), "draft", "submitted"), []*sync.Document{sheet("submitted")}, nil, []string{
			"07-01 12:00 cross_check_assigned leader v", "07-01 12:00 cross_check_assigned leader w", "07-01 12:00 cross_check_assigned staff v", "07-01 12:00 cross_check_assigned staff w",
		}},
		{"one of a closed period", "leader u", "", deskU, turn(sheet("submitted"), "draft", "submitted"), []*sync.Document{sheet("submitted")}, season(closed...), []string{}},
		{"a sheet that is gone since", "leader u", "", deskU, turn(sheet("submitted"), "draft", "submitted"), nil, nil, []string{}},
		{"a sheet is scored", "leader u", "", deskU, changed(sheet(""), edit("/entries/I-1/self", nil, int64(1))...), []*sync.Document{sheet("")}, nil, []string{}},
		{"a sheet is withdrawn", "leader u", "", deskU, turn(sheet("draft"), "submitted", "draft"), []*sync.Document{sheet("draft")}, nil, []string{}},
		{"a sheet is returned at night", "officer", "2022-12-05 22:00", deskU, turn(sheet("returned", late), "submitted", "returned"), []*sync.Document{sheet("returned", late)}, nil, []string{
			"12-06 06:30 sheet_returned leader u", "12-06 06:30 sheet_returned staff u",
		}},
		{"a sheet was returned, and is submitted again by now", "officer", "", deskU, turn(sheet("submitted", late), "submitted", "returned"), []*sync.Document{sheet("submitted", late)}, nil, []string{}},
		{"a sheet was submitted, and is returned by now", "leader u", "", deskU, turn(sheet("returned", late), "draft", "submitted"), []*sync.Document{sheet("returned", late)}, nil, []string{}},
		{"a sheet is cross-checked", "staff v", "", deskU, turn(sheet("cross_checked"), "submitted", "cross_checked"), []*sync.Document{sheet("cross_checked")}, nil, []string{
			"07-01 12:00 explanation_requested leader u", "07-01 12:00 explanation_requested staff u",
		}},
		{"a sheet is verified otherwise", "officer", "", deskU, turn(sheet("verified"), "cross_checked", "verified"), []*sync.Document{sheet("verified"), verification(4000)}, nil, []string{
			"07-01 12:00 official_differs leader u", "07-01 12:00 official_differs staff u",
		}},
		{"a sheet is verified as it is", "officer", "", deskU, turn(sheet("verified"), "cross_checked", "verified"), []*sync.Document{sheet("verified"), verification(5000)}, nil, []string{}},
		{"a verification is sent before", "officer", "", deskU, created(verification(4000)), []*sync.Document{sheet("cross_checked"), verification(4000)}, nil, []string{}},
		{"a verification is sent after", "officer", "", deskU, created(verification(4000)), []*sync.Document{sheet("verified"), verification(4000)}, nil, []string{
			"07-01 12:00 official_differs leader u", "07-01 12:00 official_differs staff u",
		}},
		{"a meeting is called", "officer", "", clusterC, created(meeting(clusterC, "2022-07-20", "")), []*sync.Document{meeting(clusterC, "2022-07-20", "")}, nil, []string{
			"07-01 12:00 meeting_called leader u", "07-01 12:00 meeting_called leader v", "07-01 12:00 meeting_called leader w",
			"07-01 12:00 meeting_called staff u", "07-01 12:00 meeting_called staff v", "07-01 12:00 meeting_called staff w",
		}},
		{
			"a unit's meeting is called for today, at five in the morning", "staff u", "2022-07-01 05:00", sync.UnitScope(uid("u")), created(meeting(sync.UnitScope(uid("u")), "2022-07-01", "")),
			[]*sync.Document{meeting(sync.UnitScope(uid("u")), "2022-07-01", "")},
			nil,
			[]string{"07-01 05:00 meeting_called leader u"},
		},
		{"a meeting of the past is recorded", "officer", "", clusterC, created(meeting(clusterC, "2022-06-30", "")), []*sync.Document{meeting(clusterC, "2022-06-30", "")}, nil, []string{}},
		{
			"a meeting is moved", "staff u", "", sync.UnitScope(uid("u")), changed(meeting(sync.UnitScope(uid("u")), "2022-07-20", ""), edit("/held_on", "2022-07-10", "2022-07-20")...),
			[]*sync.Document{meeting(sync.UnitScope(uid("u")), "2022-07-20", "")},
			nil,
			[]string{"07-01 12:00 meeting_moved leader u"},
		},
		{
			"a meeting is given a place", "staff u", "", sync.UnitScope(uid("u")), changed(meeting(sync.UnitScope(uid("u")), "2022-07-20", ""), edit("/place", nil, "hall")...),
			[]*sync.Document{meeting(sync.UnitScope(uid("u")), "2022-07-20", "")},
			nil,
			[]string{},
		},
		{"a ranking is announced", "staff v", "", clusterC, created(ranking(clusterC, "announced")), []*sync.Document{ranking(clusterC, "announced")}, nil, []string{
			"07-01 12:00 ranking_announced leader u", "07-01 12:00 ranking_announced leader v", "07-01 12:00 ranking_announced leader w",
			"07-01 12:00 ranking_announced officer", "07-01 12:00 ranking_announced staff u", "07-01 12:00 ranking_announced staff w",
		}},
		{"a draft of a ranking is made", "staff v", "", sync.ClusterDesk(uid("c")), created(ranking(sync.ClusterDesk(uid("c")), "provisional")), []*sync.Document{ranking(clusterC, "provisional")}, nil, []string{}},
		{"criteria are replaced", "admin", "", sync.Org, changed(year, edit("/criteria", string(uid("old")), string(uid("criteria")))...), []*sync.Document{year}, nil, []string{
			"07-01 12:00 criteria_changed leader u", "07-01 12:00 criteria_changed leader v", "07-01 12:00 criteria_changed leader w", "07-01 12:00 criteria_changed officer",
			"07-01 12:00 criteria_changed staff u", "07-01 12:00 criteria_changed staff v", "07-01 12:00 criteria_changed staff w", "07-01 12:00 criteria_changed stranger",
		}},
		{"criteria are given", "admin", "", sync.Org, changed(year, edit("/criteria", nil, string(uid("criteria")))...), []*sync.Document{year}, nil, []string{}},
		{
			"a cluster's own period is reopened", "admin", "", sync.Org, turn(year, "closed", "open"),
			[]*sync.Document{orgDoc(TypePeriod, "2022", sync.Set(year.Body(), "/cluster", string(uid("d"))))},
			nil,
			[]string{"07-01 12:00 period_reopened stranger"},
		},
		{"a period is opened", "admin", "", sync.Org, turn(year, "planned", "open"), []*sync.Document{year}, nil, []string{}},
		{"a term is decided", "admin", "", sync.Org, created(term(2023, "u", "v")), []*sync.Document{term(2023, "u", "v")}, nil, []string{
			"07-01 12:00 term_handover leader u", "07-01 12:00 term_handover leader v", "07-01 12:00 term_handover leader w",
			"07-01 12:00 term_handover staff u", "07-01 12:00 term_handover staff v", "07-01 12:00 term_handover staff w",
		}},
		{
			"a term of next year but one is decided otherwise", "admin", "", sync.Org, changed(term(2024, "u", "u"), edit("/head", string(uid("w")), string(uid("u")))...),
			[]*sync.Document{term(2024, "u", "u")},
			nil,
			[]string{"07-01 12:00 term_handover leader u", "07-01 12:00 term_handover leader w", "07-01 12:00 term_handover staff u", "07-01 12:00 term_handover staff w"},
		},
		{"a term has a note", "admin", "", sync.Org, changed(term(2023, "u", "v"), edit("/note", nil, "x")...), []*sync.Document{term(2023, "u", "v")}, nil, []string{}},
		{"a term of the past is entered", "admin", "", sync.Org, created(term(2021, "u", "v")), []*sync.Document{term(2021, "u", "v")}, nil, []string{}},
		{"a conflict is settled", "officer", "", deskU, turn(conflict("settled"), "open", "settled"), []*sync.Document{conflict("settled")}, nil, []string{
			"07-01 12:00 conflict_settled staff u", "07-01 12:00 conflict_settled staff v",
		}},
		{"by one of its authors", "staff v", "", deskU, turn(conflict("settled"), "open", "settled"), []*sync.Document{conflict("settled")}, nil, []string{"07-01 12:00 conflict_settled staff u"}},
		{"a conflict is opened", "staff u", "", deskU, created(conflict("open")), []*sync.Document{conflict("open")}, nil, []string{}},
		{"something is refused", "staff u", "", deskU, created(rejection), []*sync.Document{rejection}, nil, []string{"07-01 12:00 rejection_kept staff u"}},
		{"something is deleted", "staff u", "", clusterC, sync.Change{Doc: uid("m"), Type: TypeMeeting, Delete: true}, []*sync.Document{meeting(clusterC, "2022-07-20", "")}, nil, []string{}},
	} {
		commit := &sync.Commit{Scope: c.scope, Seq: 5, Author: sync.PersonID(uid(c.author)), At: noon, Changes: []sync.Change{c.change}}
		if c.at != "" {
			commit.At = clock(t, c.at)
		}
		docs, org := map[sync.DocID]*sync.Document{}, c.org
		for _, d := range c.docs {
			docs[d.ID] = d
		}
		if org == nil {
			org = season()
		}
		expect(t, c.name, heard(New().Tidings(commit, docs, org, crowd()), crowd()), c.want)
	}
}

func TestTidingsNameTheDayTheyAreAbout(t *testing.T) {
	at := func(state string, day string) []string {
		sheet := filed(sync.UnitDesk(uid("u")), paper(TypeSheet, "u", 5, sheetBody("u", state)))
		commit := &sync.Commit{Scope: sheet.Scope, Seq: 5, Author: sync.Server, At: clock(t, day), Changes: []sync.Change{turn(sheet, "x", state)}}
		var said []string
		for _, n := range New().Tidings(commit, map[sync.DocID]*sync.Document{sheet.ID: sheet}, season(), crowd()) {
			said = append(said, n.Kind+" "+n.Day+" until "+FormatTime(n.Until))
		}
		slices.Sort(said)
		return slices.Compact(said)
	}
	expect(t, "to cross-check", at("submitted", "2022-12-01 12:00"), []string{"cross_check_assigned 2022-12-10 until 11/12/2022 00:00"})
	expect(t, "to cross-check when it is over", at("submitted", "2022-12-11 12:00"), []string{"cross_check_assigned  until 18/12/2022 12:00"})
	expect(t, "to explain", at("cross_checked", "2022-12-05 12:00"), []string{"explanation_requested 2022-12-14 until 15/12/2022 00:00"})
	expect(t, "to submit again", at("returned", "2022-11-05 12:00"), []string{"sheet_returned 2022-12-01 until 02/12/2022 00:00"})
}

func TestATidingIsToldOnceACommitAndPerson(t *testing.T) {
	desk := sync.UnitDesk(uid("u"))
	sheet := filed(desk, paper(TypeSheet, "u", 5, sheetBody("u", "verified")))
	verification := sync.NewDocument(VerificationID(sheet.ID), TypeVerification, desk, 5, sync.Object{
		"sheet": string(sheet.ID), "unit": string(uid("u")), "period": string(uid("2022")), "criteria": string(uid("criteria")), "state": "sent",
		"entries": sync.Object{"I-1": sync.Object{"verified": int64(1)}},
	})
	docs := map[sync.DocID]*sync.Document{sheet.ID: sheet, verification.ID: verification}
	said := func(seq int64) []Notice {
		return New().Tidings(&sync.Commit{Scope: desk, Seq: seq, Author: sync.PersonID(uid("officer")), At: noon, Changes: []sync.Change{created(verification), turn(sheet, "rechecked", "verified")}}, docs, season(), crowd())
	}
	first, second := said(5), said(6)
	if len(first) != 2 || len(second) != 2 || first[0].Args["n"] != 1 {
		t.Fatalf("%+v", first)
	}
	for i := range first {
		if first[i].Key == second[i].Key || first[i].ID() == second[i].ID() || !strings.HasSuffix(first[i].Key, string(first[i].Person)) {
			t.Errorf("%s, %s", first[i].Key, second[i].Key)
		}
	}
}
