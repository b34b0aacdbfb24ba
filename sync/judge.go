package sync

import (
	"cmp"
	"sort"
)

// Codes of outcomes that merging itself decides.
const (
	CodeAlready        Code = "already_there"       // merged: the document says so already
	CodeNormalised     Code = "normalised"          // merged: the text was brought to normal form
	CodeChanged        Code = "changed_by_another"  // conflict: somebody else changed the same place
	CodeDeletedEdited  Code = "deleted_and_edited"  // conflict: deleted here, edited there
	CodeBodyChanged    Code = "body_changed"        // conflict: what was signed or submitted is not what is there now
	CodeBuiltOnQueued  Code = "built_on_queued"     // conflict: its document waits for a decision itself
	CodeUnknownDoc     Code = "unknown_document"    // rejected: there is no such document in the scope, maybe because its creation was refused
	CodeIDReused       Code = "id_reused"           // rejected: that identifier was used for something else
	CodeForbiddenScope Code = "scope_forbidden"     // rejected: not a scope the author may write
	CodeOldSchema      Code = "schema_not_readable" // rejected: made by an app this server cannot read
)

// Judge decides one mutation and returns its receipt. Everything the mutation
// wanted is afterwards in the document, in a conflict or in a rejection.
func (d *Draft) Judge(m Mutation) Receipt {
	r := d.judge(&m)
	r.Mutation, r.Content, r.Doc = m.ID, m.Content(), m.Doc
	d.receipts = append(d.receipts, r)
	return r
}

// Refuse keeps a mutation as a rejection for a reason found outside.
func (d *Draft) Refuse(m Mutation, code Code) Receipt {
	r := d.reject(&m, nil, &Fault{Code: code})
	r.Mutation, r.Content, r.Doc = m.ID, m.Content(), m.Doc
	d.receipts = append(d.receipts, r)
	return r
}

// KeepRejected keeps a mutation that can have no receipt, because its
// identifier is none or belongs to another. It returns where it is kept.
func (d *Draft) KeepRejected(m Mutation, code Code) DocID {
	return d.reject(&m, nil, &Fault{Code: code}).Kept
}

func (d *Draft) judge(m *Mutation) Receipt {
	if m.Fault != nil {
		return d.reject(m, nil, m.Fault)
	}
	present := d.Document(m.Doc)
	typ, fault := d.typeOf(m, present)
	if fault != nil {
		if waiting := d.createQueued(m.Doc); present == nil && m.Create == nil && waiting != nil {
			if fault := allowedFields(waiting, nil, m.Edits); fault != nil {
				return d.reject(m, nil, fault)
			}
			return d.queue(m, nil, m.Edits, CodeBuiltOnQueued)
		}
		return d.reject(m, present, fault)
	}
	edits := m.Edits
	if m.Create != nil {
		edits = []Edit{{Now: m.Create}}
	}
	if fault := allowedFields(typ, present, edits); fault != nil {
		return d.reject(m, present, fault)
	}
	act := Act{
		Author: d.author, Scope: d.state.Scope, Type: typ, Doc: m.Doc, Present: present, Delete: m.Delete != "", Edits: edits, Base: m.Base, Made: m.Made(),
		Offset: d.offset, Received: d.received, Blocked: d.blocked(m.Doc), Org: d.org, Look: d.Look, committed: d.committed,
	}
	transition := m.Delete == "" && typ.transits(present, edits)
	if transition && present != nil && !present.Gone && allThere(present.Body(), edits) {
		return Receipt{Outcome: Merged, Code: cmp.Or(typ.Taken, CodeAlready)} // two people submit the same: the second is told it is done
	}
	switch ruling := d.rules.Allow(act); ruling.Verdict {
	case Refuse:
		return d.reject(m, present, &Fault{Code: ruling.Code})
	case Queue:
		return d.queue(m, present, edits, ruling.Code)
	}
	switch {
	case m.Delete != "":
		return d.delete(m, present)
	case m.Create != nil && (present == nil || present.Gone):
		return d.create(m, typ)
	case present.Gone:
		return d.queue(m, present, edits, CodeDeletedEdited)
	}
	return d.edit(m, typ, present, edits, transition)
}

// typeOf returns the type of the document a mutation is about.
func (d *Draft) typeOf(m *Mutation, present *Document) (*Type, *Fault) {
	name := m.Type
	switch {
	case present != nil && m.Create != nil && m.Type != present.Type:
		return nil, &Fault{Code: CodeTypeDiffers}
	case present != nil:
		name = present.Type
	case m.Create == nil:
		return nil, &Fault{Code: CodeUnknownDoc}
	}
	if name == TypeConflict || name == TypeRejection {
		return nil, &Fault{Code: CodeServerOnly}
	}
	schema := d.rules.Schema()
	typ := schema.Types[name]
	if typ == nil {
		return nil, &Fault{Code: CodeUnknownType}
	}
	if m.Schema > schema.Version {
		return nil, &Fault{Code: CodeOldSchema, Detail: "made by a newer app than this server knows"}
	}
	kind := d.state.Scope.Kind()
	for _, s := range typ.Scopes {
		if s == kind {
			return typ, nil
		}
	}
	return nil, &Fault{Code: CodeWrongScope}
}

// allowedFields reports an edit of something only the server writes, of a part
// of what is replaced as a whole, or of no field at all.
func allowedFields(typ *Type, present *Document, edits []Edit) *Fault {
	for _, e := range edits {
		f, insideAtomic := typ.Field(e.Path)
		switch {
		case insideAtomic:
			return &Fault{Code: CodeInsideAtomic, Path: e.Path, Detail: "replace it as a whole"}
		case f == nil:
			return &Fault{Code: CodeUnknownField, Path: e.Path}
		case typ.touches(PolicyServer, present, e):
			return &Fault{Code: CodeServerOnly, Path: e.Path}
		}
	}
	return nil
}

// transits reports whether edits touch a state or a signature.
func (t *Type) transits(present *Document, edits []Edit) bool {
	for _, e := range edits {
		if e.Path == "" {
			continue // a creation states where things begin
		}
		if t.touches(PolicyTransition, present, e) {
			return true
		}
	}
	return false
}

// touches reports whether an edit is of something that has a policy, of a part
// of that, or of what holds it now or afterwards.
func (t *Type) touches(policy Policy, present *Document, e Edit) bool {
	if t.under(policy, e.Path) {
		return true
	}
	was := e.Was
	if _, isHash := was.(WasHash); isHash && present != nil {
		was = Get(present.Body(), e.Path) // if it is not what the author saw, nothing will be replaced
	}
	f, _ := t.Field(e.Path)
	return f.holds(policy, was) || f.holds(policy, e.Now)
}

func allThere(body Object, edits []Edit) bool {
	for _, e := range edits {
		if v, blocked := lookup(body, e.Path); blocked || !Equal(v, e.Now) {
			return false
		}
	}
	return true
}

func (d *Draft) delete(m *Mutation, present *Document) Receipt {
	switch {
	case present.Gone:
		return Receipt{Outcome: Merged, Code: CodeAlready}
	case present.Hash() != m.Delete:
		return d.queue(m, present, nil, CodeDeletedEdited)
	}
	d.change(Change{Doc: m.Doc, Type: present.Type, By: len(d.receipts), Delete: true})
	return Receipt{Outcome: Applied}
}

func (d *Draft) create(m *Mutation, typ *Type) Receipt {
	if fault := typ.Validate(m.Create); fault != nil {
		return d.reject(m, nil, fault)
	}
	d.change(Change{Doc: m.Doc, Type: typ.Name, By: len(d.receipts), Create: m.Create})
	if m.Normalised {
		return Receipt{Outcome: Merged, Code: CodeNormalised}
	}
	return Receipt{Outcome: Applied}
}

func (d *Draft) edit(m *Mutation, typ *Type, present *Document, edits []Edit, transition bool) Receipt {
	if transition && m.Attest == "" {
		return d.reject(m, present, &Fault{Code: CodeNoAttestation})
	}
	var out judged
	body := present.Body()
	for _, e := range edits {
		judge(body, e, typ.Atomic, &out)
	}
	if m.Create != nil {
		out.dropBeginnings(typ)
	}
	if transition && (m.Attest != present.Hash() || len(out.clashes) > 0) {
		return d.queue(m, present, edits, CodeBodyChanged)
	}
	if len(out.clashes) > MaxEdits {
		return d.reject(m, present, &Fault{Code: CodeTooManyEdits})
	}
	for _, e := range out.clashes {
		if fault := fits(typ, e); fault != nil {
			return d.reject(m, present, fault)
		}
	}
	if len(out.applied) > 0 {
		sort.Slice(out.applied, func(i, j int) bool { return out.applied[i].Path < out.applied[j].Path })
		ch := Change{Doc: m.Doc, Type: typ.Name, By: len(d.receipts), Edits: out.applied}
		after := Fold(present, d.state.Scope, ch, d.Seq())
		if fault := typ.Validate(after.Body()); fault != nil {
			return d.reject(m, present, fault)
		}
		if len(after.Raw()) > MaxBody {
			return d.reject(m, present, &Fault{Code: CodeBodyLarge})
		}
		d.record(ch, after)
	}
	switch {
	case len(out.clashes) > 0:
		return d.clash(m, present, out.clashes)
	case len(out.merged) > 0 || out.divided || m.Create != nil:
		return Receipt{Outcome: Merged, Code: CodeAlready}
	case m.Normalised:
		return Receipt{Outcome: Merged, Code: CodeNormalised}
	}
	return Receipt{Outcome: Applied}
}

// dropBeginnings takes the states out of what a creation does to a document
// that is there: it says where things begin, and that document began somewhere
// too. Whatever else needs an attestation is for a person, since a creation has none.
func (out *judged) dropBeginnings(typ *Type) {
	all := append(out.applied[:len(out.applied):len(out.applied)], out.clashes...)
	applied := len(out.applied)
	out.applied, out.clashes = nil, nil
	for i, e := range all {
		f, _ := typ.Field(e.Path)
		switch {
		case i >= applied && f != nil && f.Kind == KindEnum && f.Policy == PolicyTransition:
			out.merged = append(out.merged, e)
		case i < applied && !typ.touches(PolicyTransition, nil, e):
			out.applied = append(out.applied, e)
		default:
			out.clashes = append(out.clashes, e)
		}
	}
}

// fits reports whether a value that clashes could stand where its author wants it.
func fits(typ *Type, e Edit) *Fault {
	f, _ := typ.Field(e.Path)
	if f == nil {
		return &Fault{Code: CodeUnknownField, Path: e.Path}
	}
	if e.Now == nil {
		return nil
	}
	return f.Validate(e.Path, e.Now)
}
