package push

import (
	"context"
	"maps"
	"slices"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// An audience is everybody who may be told something, as of one look, by what
// their grants are about.
type audience struct {
	people    []emulation.Listener // enabled; in order of login
	disabled  []sync.PersonID
	bySubject map[sync.ID][]int // indices of people; "" of those with a grant for all
	byPerson  map[sync.PersonID]int
}

// peoplePage is how many people are read at once.
const peoplePage = 500

// look returns who there is.
func (p *Push) look(ctx context.Context) (*audience, error) {
	a := &audience{bySubject: map[sync.ID][]int{}, byPerson: map[sync.PersonID]int{}}
	for after := ""; ; {
		people, err := p.cfg.People.People(ctx, after, peoplePage)
		if err != nil {
			return nil, err
		}
		for _, person := range people {
			switch {
			case !sync.ValidID(string(person.ID)):
			case person.Disabled:
				a.disabled = append(a.disabled, person.ID)
			default:
				a.add(person)
			}
		}
		if len(people) < peoplePage {
			return a, nil
		}
		after = people[len(people)-1].Login
	}
}

func (a *audience) add(person hub.Person) {
	i := len(a.people)
	a.people = append(a.people, emulation.Listener{Person: person.ID, Grants: person.Grants})
	a.byPerson[person.ID] = i
	for _, g := range person.Grants {
		if of := a.bySubject[g.Subject]; len(of) == 0 || of[len(of)-1] != i {
			a.bySubject[g.Subject] = append(of, i)
		}
	}
}

// around returns those who may have to do with a scope, in order, and maybe
// others: whoever has a grant for its unit or cluster, for a cluster or another
// member of a cluster of that unit, or for everything.
func (a *audience) around(scope sync.Scope, org *sync.Reference) []emulation.Listener {
	subjects := map[sync.ID]bool{"": true}
	switch scope.Kind() {
	case "org":
		return slices.Clone(a.people)
	case "user":
		if i, ok := a.byPerson[sync.PersonID(scope.Subject())]; ok {
			return []emulation.Listener{a.people[i]}
		}
		return nil
	case "unit", "unit:desk":
		subjects[scope.Subject()] = true
		for _, m := range org.Naming(emulation.TypeMembership, "unit", sync.DocID(scope.Subject())) {
			cluster, _ := m.Body()["cluster"].(string)
			addCircle(subjects, org, sync.DocID(cluster))
		}
	default:
		addCircle(subjects, org, sync.DocID(scope.Subject()))
	}
	found := map[int]bool{}
	for s := range subjects {
		for _, i := range a.bySubject[s] {
			found[i] = true
		}
	}
	listeners := make([]emulation.Listener, 0, len(found))
	for _, i := range slices.Sorted(maps.Keys(found)) {
		listeners = append(listeners, a.people[i])
	}
	return listeners
}

// with returns listeners and more people, as far as they are there.
func (a *audience) with(listeners []emulation.Listener, more map[sync.PersonID]bool) []emulation.Listener {
	for _, person := range slices.Sorted(maps.Keys(more)) {
		i, ok := a.byPerson[person]
		if ok && !slices.ContainsFunc(listeners, func(l emulation.Listener) bool { return l.Person == person }) {
			listeners = append(listeners, a.people[i])
		}
	}
	return listeners
}

// addCircle adds a cluster and the units that ever were its members.
func addCircle(subjects map[sync.ID]bool, org *sync.Reference, cluster sync.DocID) {
	subjects[sync.ID(cluster)] = true
	for _, unit := range everMembers(org, cluster) {
		subjects[sync.ID(unit)] = true
	}
}

// everMembers returns the units that ever were made members of a cluster, sorted.
func everMembers(org *sync.Reference, cluster sync.DocID) []sync.DocID {
	var units []sync.DocID
	for _, m := range org.Naming(emulation.TypeMembership, "cluster", cluster) {
		unit, _ := m.Body()["unit"].(string)
		units = append(units, sync.DocID(unit))
	}
	slices.Sort(units)
	return slices.Compact(units)
}

// readers returns the people whose phones hold a scope at a time.
func (a *audience) readers(domain *emulation.Domain, scope sync.Scope, at int64, org *sync.Reference) []sync.PersonID {
	var people []sync.PersonID
	for _, l := range a.around(scope, org) {
		if slices.Contains(domain.Readable(sync.Author{Person: l.Person, Grants: l.Grants}, at, org), scope) {
			people = append(people, l.Person)
		}
	}
	return people
}
