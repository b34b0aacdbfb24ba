package sim

import (
	"fmt"

	"thidua/sync"
)

// end checks what must hold once all faults have ended and everybody has
// synced: every log is projected, what is derived is what follows, every phone
// has what its person may read and nothing else, and nothing that was recorded
// and not lost with a file is missing.
func (c *checker) end() error {
	st := c.w.db.majority
	for scope, b := range c.books {
		if st.marks[scope].Seq != b.head() {
			return fmt.Errorf("%s is projected up to %d of %d", scope, st.marks[scope].Seq, b.head())
		}
		if len(st.docs[scope]) != len(b.docs) {
			return fmt.Errorf("%s has %d documents, %d follow from its log", scope, len(st.docs[scope]), len(b.docs))
		}
	}
	for _, unit := range c.w.domain.units {
		for _, t := range c.w.domain.Targets(sync.UnitScope(unit), nil) {
			if err := c.derived(t); err != nil {
				return err
			}
		}
	}
	for _, p := range c.w.phones {
		if err := c.phone(p); err != nil {
			return err
		}
	}
	return nil
}

// derived checks a derived document against a computation of its own.
func (c *checker) derived(t sync.Target) error {
	docs := map[sync.Scope][]*sync.Document{}
	for _, scope := range c.w.domain.Sources(t, nil) {
		for _, d := range c.book(scope).docs {
			if !d.Gone {
				docs[scope] = append(docs[scope], d)
			}
		}
	}
	want := c.w.domain.Derive(t, docs, nil)
	have := c.book(t.Scope).docs[t.Doc]
	switch {
	case want == nil && (have == nil || have.Gone):
	case want == nil, have == nil, have.Gone, !sync.Equal(want, sync.Set(have.Body(), "/basis", nil)):
		return fmt.Errorf("%s of %s is %v, it should be %v", t.Type, t.Subject, have, want)
	}
	return nil
}

func (c *checker) phone(p *phone) error {
	if err := c.replicas(p); err != nil {
		return err
	}
	status, err := p.process.client.Status()
	if err != nil {
		return err
	}
	may := c.readings[len(c.readings)-1].scopes[p.person]
	for _, scope := range status.Scopes {
		if !may[scope] {
			return fmt.Errorf("%s still has %s, which is not its own any more", p.name, scope)
		}
		list, err := p.process.client.List(scope, "")
		if err != nil {
			return err
		}
		if live := c.book(scope).live(); len(list) != live {
			return fmt.Errorf("%s has %d documents of %s, there are %d", p.name, len(list), scope, live)
		}
	}
	if len(status.Scopes) != len(may) {
		return fmt.Errorf("%s has %d of the %d scopes of its person", p.name, len(status.Scopes), len(may))
	}
	for id, scope := range p.lineage.sent {
		key := receiptKey{p.device, id}
		if _, there := c.receipts[key]; there {
			continue
		}
		if _, was := c.gone[key]; !was {
			return fmt.Errorf("%s sent mutation %s of %s, which is in no log", p.name, id, scope)
		}
		if _, owed := p.lineage.owed[id]; owed && !p.lineage.jumped {
			return fmt.Errorf("%s did not send mutation %s of %s again, which a restored backup had lost", p.name, id, scope)
		}
	}
	return nil
}
