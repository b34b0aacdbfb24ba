package emulation

import (
	"slices"
	"strings"
	"testing"

	"thidua/sync"
)

// actors are people with one role each, who have nothing to do with unit u
// or cluster c otherwise; by what they may act as there.
func actors() map[string]sync.Author {
	return map[string]sync.Author{
		"staff": person("q", grant(UnitStaff, "u")), "leader": person("q", grant(UnitLeader, "u")), "member": person("q", grant(UnitStaff, "v")),
		"head": person("q", grant(ClusterDeputy, "c")), "officer": person("q", grant(Officer, "c")), "admin": person("q", grant(Admin, "")),
		"owner": person("p"),
	}
}

func scopeOf(kind string) sync.Scope {
	switch kind {
	case "unit":
		return sync.UnitScope(uid("u"))
	case "unit:desk":
		return sync.UnitDesk(uid("u"))
	case "cluster":
		return sync.ClusterScope(uid("c"))
	case "cluster:desk":
		return sync.ClusterDesk(uid("c"))
	case "user":
		return sync.UserScope(sync.PersonID(uid("p")))
	}
	return sync.Org
}

// bodyIn is a body of a type in a state that no value stands in the way of.
func bodyIn(typ, state string) sync.Object {
	b := sync.Object{}
	switch typ {
	case TypeSheet:
		b = sheetBody("u", "")
	case TypeReview, TypeVerification:
		b = reviewBody("u")
	case TypeRegistration, TypePledge, TypeReport, TypeIndicator:
		b = sync.Object{"unit": string(uid("u")), "period": string(uid("2022")), "kind": "year_end", "code": "x"}
	case TypeTerm:
		b = sync.Object{"cluster": string(uid("c")), "year": int64(2022)}
	case TypeRanking:
		b = sync.Object{"cluster": string(uid("c")), "period": string(uid("2022")), "seq": int64(1)}
	case TypePreferences:
		b = sync.Object{"person": string(uid("p"))}
	case TypeRecommendation:
		b = sync.Object{"cluster": string(uid("c")), "period": string(uid("2022"))}
	}
	if state != "" {
		b["state"] = state
	}
	return b
}

// at returns a place that a pattern is for.
func at(pattern string) string { return strings.ReplaceAll(pattern, "*", "I-1") }

// TestEveryCellOfTheMatrixIsWhatTheRulesSay tries role × type × state × field and
// role × type × state × state: what the matrix has is allowed, and nothing else is.
func TestEveryCellOfTheMatrixIsWhatTheRulesSay(t *testing.T) {
	// Of unit u, which has just joined another cluster as well.
	d, org := New(), with(organisation(), belongs("u", "d", DayOf(noon), ""))
	cells := map[[4]string]Cell{}
	for _, c := range d.Matrix() {
		cells[[4]string{c.Type, c.Scope, c.State, c.Capacity}] = c
	}
	tried := 0
	for _, typ := range types() {
		for _, kind := range typ.Scopes {
			for _, state := range states(typ) {
				for name, author := range actors() {
					as := name
					if kind == "cluster" && (name == "staff" || name == "leader") {
						as = "member"
					}
					cell := cells[[4]string{typ.Name, kind, state, as}]
					scope, body := scopeOf(kind), bodyIn(typ.Name, state)
					id, keyed := KeyOf(typ.Name, body)
					if !keyed {
						id = uid("some document")
					}
					present := sync.NewDocument(id, typ.Name, scope, 1, body)
					on := func(edits []sync.Edit) sync.Act {
						return sync.Act{
							Author: author, Scope: scope, Type: d.schema.Types[typ.Name], Doc: id, Present: present, Edits: edits,
							Base: 1, Made: noon, Received: noon, Org: org,
						}
					}
					allowed := func(a sync.Act) bool {
						tried++
						return d.Allow(a).Verdict == sync.Allow
					}
					for _, path := range everyPath(d, typ) {
						value := string(uid("v"))
						if path == "/cluster" {
							value = string(uid("d"))
						}
						got := allowed(on(edit(at(path), sync.Get(body, sync.Pointer(at(path))), value)))
						if want := d.below(cell.Write, path); got != want {
							t.Errorf("%s of %s in %s, %q: writes %s: %v, the matrix says %v", name, typ.Name, kind, state, path, got, want)
						}
					}
					if got := allowed(deletion(on(nil))); got != cell.Delete {
						t.Errorf("%s of %s in %s, %q: deletes: %v, the matrix says %v", name, typ.Name, kind, state, got, cell.Delete)
					}
					for _, to := range states(typ) {
						if to == state {
							continue
						}
						i := slices.IndexFunc(cell.Steps, func(turn Turn) bool { return turn.To == to })
						step := edit("/state", state, to)
						if typ.Name == TypePeriod && state == "closed" {
							step = append(step, edit("/reopened", nil, int64(1))...)
						}
						silent := allowed(on(step))
						reasoned := allowed(on(append(step, edit("/state_reason", nil, "x")...)))
						if want := i >= 0 && !cell.Steps[i].Reason; silent != want {
							t.Errorf("%s of %s in %s: from %q to %q without a reason: %v, the matrix says %v", name, typ.Name, kind, state, to, silent, want)
						}
						if want := i >= 0; reasoned != want {
							t.Errorf("%s of %s in %s: from %q to %q with a reason: %v, the matrix says %v", name, typ.Name, kind, state, to, reasoned, want)
						}
					}
				}
			}
		}
	}
	if tried < 5000 {
		t.Errorf("only %d acts were tried", tried)
	}
}

// everyPath returns every field of a type but its state, and what any table
// names below one.
func everyPath(_ *Domain, typ *sync.Type) []string {
	var paths []string
	for k, f := range typ.Body.Fields {
		if k != "state" && k != "unit" && k != "cluster" && f.Policy != sync.PolicyServer {
			paths = append(paths, "/"+k)
		}
	}
	for _, r := range rights() {
		if r.typ == typ.Name && r.path != "" {
			paths = append(paths, r.path)
		}
	}
	for _, l := range locks() {
		if l.typ == typ.Name {
			paths = append(paths, l.open...)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
