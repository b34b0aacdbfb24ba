package systems

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A way is a step into a state, or a field of its own, and who takes or writes it.
type way struct {
	to string
	by sync.Role
}

// A plan says how people make a document: who creates it, in its first state;
// who then writes what the creator has no right to; and the steps that follow.
type plan struct {
	by    sync.Role
	apart []way
	steps []way
}

// plans returns the plan for every type and kind of scope the systems use.
func plans() map[[2]string]plan {
	const staff, leader, head, officer, admin = emulation.UnitStaff, emulation.UnitLeader, emulation.ClusterHead, emulation.Officer, emulation.Admin
	return map[[2]string]plan{
		{emulation.TypeUnit, "org"}:       {by: admin},
		{emulation.TypeUnitLink, "org"}:   {by: admin},
		{emulation.TypeCluster, "org"}:    {by: admin},
		{emulation.TypeMembership, "org"}: {by: admin},
		{emulation.TypeTerm, "org"}:       {by: admin},
		{emulation.TypeDispatch, "org"}:   {by: officer},
		{emulation.TypeCriteria, "org"}:   {by: admin, steps: []way{{"published", admin}}},
		{emulation.TypePeriod, "org"}:     {by: admin, steps: []way{{"open", officer}, {"cross_check", officer}, {"conference", officer}}},

		{emulation.TypeRegistration, "unit:desk"}: {by: staff, steps: []way{{"registered", leader}}},
		{emulation.TypePledge, "unit:desk"}:       {by: staff, apart: []way{{"signatures", leader}}, steps: []way{{"signed", leader}}},
		{emulation.TypeReport, "unit:desk"}:       {by: staff, steps: []way{{"filed", leader}}},
		{emulation.TypeIndicator, "unit:desk"}:    {by: staff},
		{emulation.TypeSheet, "unit:desk"}:        {by: staff},

		{emulation.TypeIndicator, "unit"}: {by: staff},
		{emulation.TypeMeeting, "unit"}:   {by: staff, steps: []way{{"signed", leader}}},
		{emulation.TypeAward, "unit"}:     {by: staff, steps: []way{{"decided", leader}}},
		{emulation.TypeHandover, "unit"}:  {by: staff},

		{emulation.TypeMovement, "cluster"}:       {by: head},
		{emulation.TypeMeeting, "cluster"}:        {by: staff, steps: []way{{"signed", head}}},
		{emulation.TypeHandover, "cluster"}:       {by: officer},
		{emulation.TypeRecommendation, "cluster"}: {by: officer, steps: []way{{"carried", head}}},
		{emulation.TypeAward, "cluster:desk"}:     {by: officer, steps: []way{{"voted", head}, {"proposed", head}}},
	}
}

// A people is what the people of the five systems have written so far, and the
// rules it passed.
type people struct {
	rules   *emulation.Domain
	reasons map[[3]string]bool // by type, from and to: the step must state a reason
	org     []*sync.Document
	days    map[sync.DocID]string // of meetings, and of the meetings that review a period
	seq     int64
}

func text(body sync.Object, field string) string { s, _ := body[field].(string); return s }

// at returns an hour of a day where the people are, in milliseconds since 1970.
func at(t *testing.T, day string, after time.Duration) int64 {
	t.Helper()
	midnight, err := time.ParseInLocation("2006-01-02", day, time.FixedZone("UTC+7", 7*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return midnight.Add(after).UnixMilli()
}

// when returns a plausible time to write a seed at: one second before what it
// is due by is over, else noon of the day it speaks of, or of its meeting.
func (p *people) when(t *testing.T, s Seed, founded string) int64 {
	t.Helper()
	if period := p.reference().Find(emulation.TypePeriod, sync.DocID(text(s.Body, "period"))); period != nil {
		if due, _ := sync.Get(period.Body(), sync.Pointer("/milestones/"+s.Type+"/due")).(string); due != "" {
			return at(t, due, 24*time.Hour-time.Second)
		}
	}
	for _, day := range []string{
		text(s.Body, "held_on"), text(s.Body, "date"), p.days[sync.DocID(text(s.Body, "meeting"))], p.days[sync.DocID(text(s.Body, "period"))], text(s.Body, "from"),
	} {
		if day != "" {
			return at(t, day, 12*time.Hour)
		}
	}
	return at(t, founded, 12*time.Hour)
}

func (p *people) reference() *sync.Reference { return sync.NewReference(p.seq, p.org) }

// author returns somebody with one grant: for the unit or cluster of the scope,
// for the host of a cluster's meeting, and as head by the term where it names one.
func (p *people) author(role sync.Role, s Seed, milli int64) sync.Author {
	subject, cluster := s.Scope.Subject(), sync.DocID(s.Scope.Subject())
	if s.Scope == sync.Org {
		subject = sync.ID(text(s.Body, "cluster"))
	}
	switch role {
	case emulation.Admin:
		subject = ""
	case emulation.UnitStaff:
		if s.Scope.Kind() == "cluster" {
			subject = sync.ID(text(s.Body, "host"))
		}
	case emulation.ClusterHead:
		if unit, _ := emulation.Leaders(p.reference(), cluster, emulation.TermYear(milli)); unit != "" {
			role, subject = emulation.UnitLeader, sync.ID(unit)
		}
	}
	return sync.Author{
		Person: sync.PersonID(sync.NameID("person", string(role), string(subject))), Device: sync.DeviceID(sync.NameID("device", string(role), string(subject))),
		Grants: []sync.Grant{{Role: role, Subject: subject}},
	}
}

// write has an act of one person judged and returns the document after it, nil
// and why if it was not allowed. A stranger must never get through with the same.
func (p *people) write(t *testing.T, s Seed, present *sync.Document, role sync.Role, milli int64, edits ...sync.Edit) (*sync.Document, sync.Code) {
	t.Helper()
	typ := p.rules.Schema().Types[s.Type]
	act := sync.Act{
		Author: p.author(role, s, milli), Scope: s.Scope, Type: typ, Doc: s.Doc, Present: present, Edits: edits,
		Made: milli, Received: milli, Org: p.reference(),
	}
	var before sync.Object
	if present != nil {
		act.Base, before = present.Version, present.Body()
	}
	if r := p.rules.Allow(act); r.Verdict != sync.Allow {
		return nil, r.Code
	}
	after := sync.Apply(before, edits)
	if fault := typ.Validate(after); fault != nil {
		return nil, fault.Code
	}
	act.Author.Grants = nil
	if r := p.rules.Allow(act); r != (sync.Ruling{Verdict: sync.Refuse, Code: emulation.CodeForbidden}) {
		t.Errorf("%s %s: somebody without a grant gets %+v", s.Type, s.Doc, r)
	}
	p.seq++
	return sync.NewDocument(s.Doc, s.Type, s.Scope, p.seq, after), ""
}

// lead takes a document from its creation to the state it has in the seed.
func (p *people) lead(t *testing.T, s Seed, how plan, founded string) (*sync.Document, sync.Code) {
	t.Helper()
	milli := p.when(t, s, founded)
	first := sync.Set(s.Body, "/state", nil)
	for _, w := range how.apart {
		first = sync.Set(first, sync.Pointer("").Join(w.to), nil)
	}
	d, code := p.write(t, s, nil, how.by, milli, sync.Edit{Now: first})
	for _, w := range how.apart {
		entries, _ := s.Body[w.to].(sync.Object)
		for key, entry := range entries {
			if code == "" {
				d, code = p.write(t, s, d, w.by, milli, sync.Edit{Path: sync.Pointer("").Join(w.to).Join(key), Now: entry})
			}
		}
	}
	typ := p.rules.Schema().Types[s.Type]
	want := emulation.StateOf(typ, s.Body)
	for _, w := range how.steps {
		if code != "" || emulation.StateOf(typ, d.Body()) == want {
			break
		}
		if day := p.days[s.Doc]; s.Type == emulation.TypePeriod && w.to != "open" {
			milli = at(t, day, 12*time.Hour) // it opens when it begins, and goes on when it is reviewed
		}
		edits := []sync.Edit{{Path: "/state", Was: d.Body()["state"], Now: w.to}}
		if p.reasons[[3]string{s.Type, emulation.StateOf(typ, d.Body()), w.to}] {
			edits = append(edits, sync.Edit{Path: "/state_reason", Was: d.Body()["state_reason"], Now: "Theo hồ sơ"})
		}
		d, code = p.write(t, s, d, w.by, milli, edits...)
	}
	return d, code
}

// The server imports the systems past the rules. Here people write all of them
// through the rules, one act after another. Trackers, copies of reviews and the
// like are derived and no part of the systems.
func TestEveryDocumentOfTheFiveSystemsIsWrittenByPeopleThroughTheRules(t *testing.T) {
	// What the rules keep people from writing, by type, system and why, with how
	// many documents: nothing.
	unreachable := map[[3]string]int{}

	p := &people{rules: emulation.New(), reasons: map[[3]string]bool{}, days: map[sync.DocID]string{}}
	for _, cell := range p.rules.Matrix() {
		for _, turn := range cell.Steps {
			p.reasons[[3]string{cell.Type, cell.State, turn.To}] = turn.Reason
		}
	}
	refused, unused, all := map[[3]string]int{}, plans(), plans()
	for _, system := range Load() {
		founded := "9999-12-31" // the first day it speaks of
		for _, s := range system.Docs {
			if s.Type == emulation.TypeMeeting {
				p.days[s.Doc], p.days[sync.DocID(text(s.Body, "reviewed_period"))] = text(s.Body, "held_on"), text(s.Body, "held_on")
			}
			if s.Type == emulation.TypePeriod {
				founded = min(founded, text(s.Body, "from"))
			}
		}
		for _, s := range system.Docs {
			kind := [2]string{s.Type, s.Scope.Kind()}
			how, planned := all[kind]
			if !planned {
				t.Errorf("system %s: nobody is to write a %s in a scope %q", system.Code, s.Type, kind[1])
				continue
			}
			delete(unused, kind)
			d, code := p.lead(t, s, how, founded)
			if code != "" {
				why := [3]string{s.Type, system.Code, string(code)}
				if refused[why]++; unreachable[why] == 0 {
					t.Errorf("system %s: %s %s: %s", system.Code, s.Type, s.Doc, code)
				}
				continue
			}
			if diff := cmp.Diff(sync.Set(s.Body, "/state_reason", nil), sync.Set(d.Body(), "/state_reason", nil)); diff != "" {
				t.Errorf("system %s: %s %s: (-seed +written)\n%s", system.Code, s.Type, s.Doc, diff)
			}
			if s.Scope == sync.Org {
				p.org = append(p.org, d)
			}
		}
	}
	if diff := cmp.Diff(unreachable, refused); diff != "" {
		t.Errorf("what people cannot write (-listed +refused):\n%s", diff)
	}
	if len(unused) > 0 {
		t.Errorf("plans that no document needs: %v", unused)
	}
}
