package sync

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Phones edit, sync over connections that lose answers and are cut, are cloned
// and restored from backups, and a person decides now and then. In the end
// every phone equals the server, and nothing accepted has vanished.
func TestPhonesConvergeAndNothingAcceptedVanishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, len(m.phones)-1).Draw(t, "phone")
			p := m.phones[i]
			switch what := rapid.IntRange(0, 19).Draw(t, "step"); {
			case what < 9:
				m.act(p)
			case what < 13:
				m.sync(p, rapid.IntRange(0, 4).Draw(t, "uploads"), false, 1000)
			case what < 15:
				m.sync(p, rapid.IntRange(1, 4).Draw(t, "uploads"), true, 0)
			case what < 16:
				m.sync(p, 1000, false, rapid.IntRange(0, 5).Draw(t, "documents before the cut"))
			case what < 17:
				m.decide()
			case what < 18:
				m.backups[i] = p.clone()
			case what < 19:
				m.phones[i] = m.backups[i].clone()
			case len(m.phones) < 5:
				m.phones, m.backups = append(m.phones, p.clone()), append(m.backups, p.clone())
			}
		}
		m.settle()
		for _, p := range m.phones {
			sum := uint64(0)
			for id, d := range m.state.Docs {
				equalToServer(t, p.base[id], d)
			}
			for id, d := range p.base {
				if m.state.Docs[id] == nil {
					t.Fatalf("a phone has a document of its own: %s", d.Raw())
				}
				sum += d.Sum()
			}
			if sum != m.state.Checksum {
				t.Fatal("a replica that is right has another checksum")
			}
		}
		m.checkAccepted()
	})
}

// checkAccepted looks for every mutation that ever had a receipt: what was
// applied is in the log under its name, the rest in what keeps it.
func (m *model) checkAccepted() {
	named := map[MutationID]bool{}
	for _, raw := range m.log {
		c, err := DecodeCommit(raw)
		if err != nil {
			m.t.Fatalf("decode commit: %v", err)
		}
		for _, ch := range c.Changes {
			if ch.By >= 0 {
				named[c.Receipts[ch.By].Mutation] = true
			}
		}
	}
	for device, receipts := range m.receipts {
		for id, r := range receipts {
			made := m.made[id]
			if r.Content != made.Content() {
				m.t.Fatalf("the receipt of %s is of something else", id)
			}
			switch r.Outcome {
			case Applied:
				if !named[id] {
					m.t.Fatalf("%s was applied, but no change in the log is its", id)
				}
			case Queued:
				if !isSideOf(m.state.Docs[r.Kept], id, PersonID(m.person(device))) {
					m.t.Fatalf("%s waits in a conflict that does not hold it", id)
				}
			case Rejected:
				if kept := m.state.Docs[r.Kept]; kept == nil || str(kept.Body(), "mutation") != string(id) {
					m.t.Fatalf("%s was rejected and not kept", id)
				}
			}
		}
	}
}

func (m *model) person(device DeviceID) PersonID {
	for _, p := range m.phones {
		if p.author.Device == device {
			return p.author.Person
		}
	}
	return ""
}

func isSideOf(conflict *Document, id MutationID, person PersonID) bool {
	if conflict == nil {
		return false
	}
	for _, it := range asObject(conflict.Body()["items"]) {
		if s, ok := asObject(asObject(it)["sides"])[string(id)].(Object); ok && str(s, "author") == string(person) {
			return true
		}
	}
	return false
}

// In whatever order the mutations of several phones arrive: without clashes
// the document is the same, and with them nobody's value is lost and the
// places nobody clashed about are the same. Removals are left out: what was
// added to an entry before it is removed clashes, afterwards it is a new entry.
func TestTheOrderOfDeliveryDecidesOnlyWhatClashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genBody(t, "base")
		typ := testSchema().Types["note"]
		var ms []Mutation
		first := newWorld(t)
		for range 3 {
			edits := Diff(base, genChange(t, genChange(t, base)), typ.Atomic)
			edits = slices.DeleteFunc(edits, func(e Edit) bool { return e.Now == nil })
			if len(edits) > 0 {
				ms = append(ms, Mutation{ID: first.id(), Doc: theDoc, Scope: first.scope, Edits: edits})
			}
		}
		run := func(w *world, order []int) (body Object, disputed map[Pointer]bool) {
			w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Type: "note", Create: base})
			for _, i := range order {
				w.one(author([]string{"an", "binh", "chi"}[i]), ms[i])
			}
			disputed = map[Pointer]bool{}
			for _, c := range w.kept(TypeConflict) {
				for _, it := range asObject(c.Body()["items"]) {
					disputed[Pointer(str(asObject(it), "path"))] = true
				}
			}
			return w.doc().Body(), disputed
		}
		var order []int
		for i := range ms {
			order = append(order, i)
		}
		one, disputedOne := run(first, order)
		second := newWorld(t)
		second.next = 100
		two, disputedTwo := run(second, rapid.Permutation(order).Draw(t, "order"))
		if (len(disputedOne) == 0) != (len(disputedTwo) == 0) {
			t.Fatalf("one order clashes at %v, the other at %v", disputedOne, disputedTwo)
		}
		for _, e := range Diff(one, two, typ.Atomic) {
			open := false
			for _, disputed := range []map[Pointer]bool{disputedOne, disputedTwo} {
				for p := range disputed {
					open = open || p.Overlaps(e.Path)
				}
			}
			if !open {
				t.Fatalf("the order decides about %s, and nobody is asked: %s and %s", e.Path, Canonical(one), Canonical(two))
			}
		}
	})
}
