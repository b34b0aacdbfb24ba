package sync

import "sort"

// A conflict has one item for each place that clashes and in it a side for
// each mutation that wanted something else there:
//
//	{about, aboutType, state, opened,
//	 items: {<PathKey>: {path, code, base | baseHash, present, presentBy: {version, author, device, at},
//	         sides: {<mutation>: {value, author, device, made, offset, received, version, group}}}},
//	 decided: {by, at, reason}}
//
// An absent value is left out. The items of one group stand or fall together.

// A keeping is a conflict being opened or joined by a draft.
type keeping struct {
	id    DocID
	about DocID
	typ   string
	base  *Document // the conflict as it was; nil if it is new
	items map[string]*item
}

type item struct {
	path  Pointer
	code  Code
	base  Value
	sides []side
}

type side struct {
	mutation *Mutation
	value    Value
	group    bool
}

// PathKey returns the key of a conflict's item for a path.
func PathKey(p Pointer) string { return "p" + string(hashBytes([]byte(p))[:12]) }

// blocked reports whether a conflict about the document is open.
func (d *Draft) blocked(doc DocID) bool {
	return d.conflictAbout(doc) != nil
}

// conflictAbout returns the open conflict that a clash about a document joins.
func (d *Draft) conflictAbout(doc DocID) *keeping {
	for _, k := range d.kept {
		if k.about == doc {
			return k
		}
	}
	var found *Document
	for _, c := range d.state.Docs {
		if c.Type != TypeConflict || c.Gone {
			continue
		}
		if about, state, _, _ := c.About(); about == doc && state == StateOpen && len(c.raw) < MaxKept-MaxMutation {
			if found == nil || c.ID < found.ID {
				found = c
			}
		}
	}
	if found == nil {
		return nil
	}
	return &keeping{id: found.ID, about: doc, typ: str(found.Body(), "aboutType"), base: found, items: map[string]*item{}}
}

// createQueued reports whether the creation of a document waits in a conflict.
func (d *Draft) createQueued(doc DocID) bool {
	k := d.conflictAbout(doc)
	if k == nil {
		return false
	}
	key := PathKey("")
	return k.items[key] != nil || k.base != nil && Get(k.base.Body(), Pointer("/items/"+key)) != nil
}

// queue keeps a whole mutation in a conflict; its items stand or fall together.
func (d *Draft) queue(m *Mutation, present *Document, edits []Edit, code Code) Receipt {
	if m.Delete != "" {
		edits = []Edit{{}}
	}
	return d.keep(m, present, edits, code, true)
}

// clash keeps the edits of a mutation that could not be applied.
func (d *Draft) clash(m *Mutation, present *Document, edits []Edit) Receipt {
	return d.keep(m, present, edits, CodeChanged, false)
}

func (d *Draft) keep(m *Mutation, present *Document, edits []Edit, code Code, group bool) Receipt {
	k := d.conflictAbout(m.Doc)
	if k == nil {
		k = &keeping{id: DocID(NameID("conflict", string(m.Doc), string(d.author.Device), string(m.ID))), about: m.Doc, typ: m.Type, items: map[string]*item{}}
		if present != nil {
			k.typ = present.Type
		}
	}
	known := false
	for _, other := range d.kept {
		known = known || other == k
	}
	if !known {
		d.kept = append(d.kept, k)
	}
	for _, e := range edits {
		key := PathKey(e.Path)
		it := k.items[key]
		if it == nil {
			it = &item{path: e.Path, code: code, base: e.Was}
			k.items[key] = it
		}
		it.sides = append(it.sides, side{mutation: m, value: e.Now, group: group})
	}
	return Receipt{Outcome: Queued, Code: code, Kept: k.id}
}

// openConflicts returns the conflicts that the draft opens, joins, or whose
// document it changed, so that what they show as present must be brought up to date.
func (d *Draft) openConflicts() []*keeping {
	all := append([]*keeping(nil), d.kept...)
	joined := map[DocID]bool{}
	for _, k := range all {
		joined[k.id] = true
	}
	for _, c := range d.state.Docs {
		if c.Type != TypeConflict || joined[c.ID] || d.docs[c.ID] != nil {
			continue
		}
		about, state, _, _ := c.About()
		if state == StateOpen && d.docs[about] != nil {
			all = append(all, &keeping{id: c.ID, about: about, base: c, items: map[string]*item{}})
		}
	}
	for _, k := range all {
		if k.base == nil {
			continue
		}
		items, _ := k.base.Body()["items"].(Object)
		for key, v := range items {
			if k.items[key] == nil {
				o, _ := v.(Object)
				k.items[key] = &item{path: Pointer(str(o, "path"))}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	return all
}

// writeConflicts puts the conflicts of the draft into documents.
func (d *Draft) writeConflicts(origins map[int64]Origin) {
	for _, k := range d.openConflicts() {
		body := Object{"about": string(k.about), "state": StateOpen, "opened": d.received}
		put(body, "aboutType", k.typ)
		if k.base != nil {
			body = k.base.Body()
		}
		for _, key := range sortedKeys(k.items) {
			body = d.writeItem(body, k, key, origins)
		}
		d.Put(k.id, TypeConflict, body)
	}
	d.kept = nil
}

func (d *Draft) writeItem(body Object, k *keeping, key string, origins map[int64]Origin) Object {
	it := k.items[key]
	at := Pointer("/items/" + key)
	if Get(body, at) == nil {
		body = Set(body, at.Join("path"), string(it.path))
		body = Set(body, at.Join("code"), string(it.code))
		if h, ok := it.base.(WasHash); ok {
			body = Set(body, at.Join("baseHash"), string(h))
		} else {
			body = Set(body, at.Join("base"), it.base)
		}
	}
	for _, s := range it.sides {
		body = Set(body, at.Join("sides").Join(string(s.mutation.ID)), d.sideBody(s))
	}
	var present Value
	if doc := d.Document(k.about); doc != nil && !doc.Gone && it.path != "" {
		present = Get(doc.Body(), it.path)
	}
	version := d.presentVersion(k.about, it.path)
	if Equal(Get(body, at.Join("present")), present) && num(asObject(Get(body, at.Join("presentBy"))), "version") == version {
		return body
	}
	body = Set(body, at.Join("present"), present)
	by := Object{}
	if version > 0 {
		by["version"] = version
	}
	origin, ok := origins[version]
	if version == d.Seq() {
		origin, ok = Origin{d.author.Person, d.author.Device, d.received}, true
	}
	if ok {
		by["author"], by["at"] = string(origin.Author), origin.At
		put(by, "device", string(origin.Device))
	}
	return Set(body, at.Join("presentBy"), by)
}

func (d *Draft) sideBody(s side) Object {
	m := s.mutation
	o := Object{"author": string(d.author.Person), "received": d.received}
	put(o, "device", string(d.author.Device))
	if made := m.Made(); made != 0 {
		o["made"] = made
	}
	if d.offset != 0 {
		o["offset"] = d.offset
	}
	if m.Base != 0 {
		o["version"] = m.Base
	}
	if s.group {
		o["group"] = true
	}
	if s.value != nil {
		o["value"] = s.value
	}
	return o
}

// presentVersion returns the version at which the present value at a path of
// a document was written, 0 if that is not known.
func (d *Draft) presentVersion(doc DocID, p Pointer) int64 {
	present := d.Document(doc)
	if present == nil {
		return 0
	}
	return present.touchedAt(p)
}

func asObject(v Value) Object { o, _ := v.(Object); return o }
