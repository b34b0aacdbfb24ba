package sync

// checkKept holds that nothing of a mutation vanishes: what it wanted is in the
// document, or in the conflict or rejection its receipt names.
func (w *world) checkKept(d *Draft, before *Document, m *Mutation, r Receipt) {
	w.t.Helper()
	if r.Mutation != m.ID || r.Content != m.Content() || r.Doc != m.Doc {
		w.t.Fatalf("the receipt is of another mutation: %+v", r)
	}
	if r.Outcome == Rejected {
		w.checkRejected(d, m, r)
		return
	}
	doc := d.Document(m.Doc)
	edits := m.Edits
	switch {
	case m.Create != nil:
		edits = []Edit{{Now: m.Create}}
	case m.Delete != "":
		if r.Outcome != Queued && !doc.Gone {
			w.t.Fatalf("%s deletion, but the document lives", r.Outcome)
		}
		return
	}
	for _, e := range edits {
		var there Value
		if doc != nil && !doc.Gone {
			there = Get(doc.Body(), e.Path)
		}
		if r.Outcome == Applied && !Equal(there, e.Now) && !(e.Path == "" && len(m.Create) == 0) {
			w.t.Fatalf("applied, but at %q stands %s", e.Path, Canonical(there))
		}
		w.checkLeaves(d, m, r, e.Path, was(e, before), e.Now, there)
	}
}

// was returns what an edit replaces, leaf by leaf as far as that is known.
func was(e Edit, before *Document) Value {
	if _, isHash := e.Was.(WasHash); isHash && before != nil {
		return Get(before.Body(), e.Path)
	}
	return e.Was
}

// checkLeaves looks for each part of a value in the document and among the
// sides of the draft's conflicts. What its author left as it was is no edit.
func (w *world) checkLeaves(d *Draft, m *Mutation, r Receipt, at Pointer, was, now, there Value) {
	w.t.Helper()
	if Equal(now, there) || Equal(now, was) && at != "" || isSide(d, m, at, now) {
		return
	}
	if m.Create != nil && at == "/state" && there != nil {
		return // where a creation begins is dropped if the document has moved on
	}
	o, ok := now.(Object)
	if !ok || r.Outcome == Applied {
		w.t.Fatalf("%s %s: at %q the document has %s and no conflict keeps %s", r.Outcome, r.Code, at, Canonical(there), Canonical(now))
	}
	for _, k := range sortedKeys(o) {
		w.checkLeaves(d, m, r, at.Join(k), asObject(was)[k], o[k], asObject(there)[k])
	}
}

func isSide(d *Draft, m *Mutation, at Pointer, now Value) bool {
	for _, k := range d.conflictsAbout(m.Doc) {
		it := k.items[PathKey(at)]
		if it == nil {
			continue
		}
		for _, s := range it.sides {
			if s.mutation.ID == m.ID && Equal(s.value, now) {
				return true
			}
		}
	}
	return false
}

func (w *world) checkRejected(d *Draft, m *Mutation, r Receipt) {
	w.t.Helper()
	kept := d.Document(r.Kept)
	if kept == nil || kept.Type != TypeRejection {
		w.t.Fatalf("a rejection is not kept")
	}
	body := kept.Body()
	if str(body, "code") != string(r.Code) || str(body, "mutation") != string(m.ID) || str(body, "about") != string(m.Doc) {
		w.t.Fatalf("a rejection does not say what it is about: %s", kept.Raw())
	}
	switch {
	case m.Fault != nil:
		if str(body, "raw") == "" && len(m.Raw) > 0 {
			w.t.Fatalf("a rejection does not keep what was sent")
		}
	case m.Create != nil:
		if len(m.Create) > 0 && !Equal(body["create"], m.Create) {
			w.t.Fatalf("a rejection does not keep the creation")
		}
	case m.Delete != "":
		if str(body, "delete") != string(m.Delete) {
			w.t.Fatalf("a rejection does not keep the deletion")
		}
	default:
		if !Equal(body["edits"], editsBody(m.Edits)) {
			w.t.Fatalf("a rejection does not keep the edits")
		}
	}
}
