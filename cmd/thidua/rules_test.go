package main

import (
	"encoding/json"
	"strings"
	"testing"

	"thidua/internal/emulation"
	"thidua/sync"
)

// TestPrintedMatrixIsWhatTheRulesJudgeBy reads back what `thidua rules --json`
// prints and tries every cell of it: what is printed is allowed to the people
// it names, and to nobody who has no right at all.
func TestPrintedMatrixIsWhatTheRulesJudgeBy(t *testing.T) {
	out, _, err := command(t, "", "rules", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var book ruleBook
	if err := json.Unmarshal([]byte(out), &book); err != nil {
		t.Fatal(err)
	}
	if len(book.Matrix) < 100 || len(book.Deadlines) == 0 || len(book.Capacities) == 0 {
		t.Fatalf("%d cells, %d deadlines, %d capacities", len(book.Matrix), len(book.Deadlines), len(book.Capacities))
	}
	p := newProvince()
	domain := emulation.New()
	for _, cell := range book.Matrix {
		author, scope, body := p.person(cell.Capacity), p.scope(cell.Scope), p.body(cell.Type, cell.State)
		judge := func(a sync.Author, edits ...sync.Edit) sync.Ruling {
			doc := sync.DocID(sync.NameID("some document"))
			if id, keyed := emulation.KeyOf(cell.Type, body); keyed {
				doc = id
			}
			return domain.Allow(sync.Act{
				Author: a, Scope: scope, Type: domain.Schema().Types[cell.Type], Doc: doc, Present: sync.NewDocument(doc, cell.Type, scope, 1, body),
				Edits: edits, Base: 1, Made: p.now, Received: p.now, Org: p.org,
			})
		}
		for _, path := range cell.Write {
			at := sync.Pointer(strings.ReplaceAll(path, "*", "I-1"))
			e := sync.Edit{Path: at, Was: sync.Get(body, at), Now: string(p.unit)}
			if path == "/cluster" {
				e.Now = string(p.next)
			}
			if r := judge(author, e); r.Verdict != sync.Allow {
				t.Errorf("%+v: writing %s: %+v", cell, path, r)
			}
			if r := judge(sync.Author{Person: "nobody"}, e); r.Verdict != sync.Refuse {
				t.Errorf("%+v: nobody writes %s: %+v", cell, path, r)
			}
		}
		for _, turn := range cell.Steps {
			step := []sync.Edit{{Path: "/state", Was: body["state"], Now: turn.To}}
			if cell.Type == emulation.TypePeriod && turn.Back {
				step = append(step, sync.Edit{Path: "/reopened", Now: int64(1)})
			}
			if r := judge(author, step...); turn.Reason != (r == sync.Ruling{Verdict: sync.Refuse, Code: sync.CodeReason}) {
				t.Errorf("%+v: to %s without a reason: %+v", cell, turn.To, r)
			}
			if r := judge(author, append(step, sync.Edit{Path: "/state_reason", Now: "x"})...); r.Verdict != sync.Allow {
				t.Errorf("%+v: to %s: %+v", cell, turn.To, r)
			}
			if r := judge(sync.Author{Person: "nobody"}, step...); r.Verdict != sync.Refuse {
				t.Errorf("%+v: nobody takes the step to %s: %+v", cell, turn.To, r)
			}
		}
	}
}

func TestRulesArePrintedInBothLanguages(t *testing.T) {
	out, _, err := command(t, "", "rules")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Bảng tự chấm điểm · Score sheet (sheet)", "lãnh đạo đơn vị · leader of the unit", "→ draft  (ghi lý do / with a reason)", "Mốc thời gian / Deadlines"} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing says %q", want)
		}
	}
}

// A province is one unit u in one cluster c, which has just joined the next, with
// people who are one thing each.
type province struct {
	unit, other, cluster, next, period, criteria sync.DocID
	now                                          int64
	org                                          *sync.Reference
}

func newProvince() *province {
	id := func(name string) sync.DocID { return sync.DocID(sync.NameID("province", name)) }
	p := &province{unit: id("u"), other: id("v"), cluster: id("c"), next: id("d"), period: id("p"), criteria: id("s"), now: 1656651600000}
	of := func(typ, name string, body sync.Object) *sync.Document {
		return sync.NewDocument(id(name), typ, sync.Org, 1, body)
	}
	p.org = sync.NewReference(1, []*sync.Document{
		of(emulation.TypePeriod, "p", sync.Object{"from": "2022-01-01", "to": "2022-12-31"}),
		of(emulation.TypeCriteria, "s", sync.Object{"criteria": sync.Object{"I-1": sync.Object{"max": int64(1000)}}}),
		of(emulation.TypeMembership, "m1", sync.Object{"unit": string(p.unit), "cluster": string(p.cluster), "from": "2022-01-01"}),
		of(emulation.TypeMembership, "m3", sync.Object{"unit": string(p.unit), "cluster": string(p.next), "from": "2022-07-01"}),
		of(emulation.TypeMembership, "m2", sync.Object{"unit": string(p.other), "cluster": string(p.cluster), "from": "2022-01-01"}),
	})
	return p
}

func (p *province) person(capacity string) sync.Author {
	roles := map[string]sync.Grant{
		"staff": {Role: emulation.UnitStaff, Subject: sync.ID(p.unit)}, "leader": {Role: emulation.UnitLeader, Subject: sync.ID(p.unit)},
		"member": {Role: emulation.UnitStaff, Subject: sync.ID(p.other)}, "head": {Role: emulation.ClusterHead, Subject: sync.ID(p.cluster)},
		"officer": {Role: emulation.Officer, Subject: sync.ID(p.cluster)}, "admin": {Role: emulation.Admin},
	}
	a := sync.Author{Person: sync.PersonID(p.unit)}
	if g, granted := roles[capacity]; granted {
		a.Grants = []sync.Grant{g}
	}
	return a
}

func (p *province) scope(kind string) sync.Scope {
	subject := p.unit
	switch kind {
	case "org":
		return sync.Org
	case "user":
		return sync.UserScope(sync.PersonID(p.unit))
	case "cluster", "cluster:desk":
		subject = p.cluster
	}
	head, desk, found := strings.Cut(kind, ":")
	if found {
		return sync.Scope(head + ":" + string(subject) + ":" + desk)
	}
	return sync.Scope(head + ":" + string(subject))
}

// body is one of a type in a state, with what it has to be about.
func (p *province) body(typ, state string) sync.Object {
	all := sync.Object{
		"unit": string(p.unit), "cluster": string(p.cluster), "period": string(p.period), "criteria": string(p.criteria), "code": "x", "kind": "year_end",
		"sheet": string(emulation.SheetID(p.unit, p.period)), "year": int64(2022), "seq": int64(1), "person": string(p.unit),
	}
	b := sync.Object{}
	for k := range emulation.New().Schema().Types[typ].Body.Fields {
		if all[k] != nil {
			b[k] = all[k]
		}
	}
	if state != "" {
		b["state"] = state
	}
	return b
}
