package sync

import (
	"slices"
	"sort"
	"strconv"
)

// A conflict has one item for each place that clashes and in it a side for
// each mutation that wanted something else there:
//
//	{about, aboutType, state, opened,
//	 items: {<PathKey>: {path, code, base | baseHash, present | presentHash, presentBy: {version, author, device, at},
//	         sides: {<mutation>: {value | empty, author, device, made, offset, received, version, group}},
//	         choice: {take, side, value | valueHash}}},
//	 decided: {by, at, reason}}
//
// An absent value is left out; empty tells a creation without any field from
// that. The items of one group stand or fall together. The value of every side
// is kept, whatever its length; what the document's history holds as well
// becomes a hash where it is long: a base always, the others if there is no room.

// A keeping is a conflict being opened or joined by a draft.
type keeping struct {
	id    DocID
	about DocID
	typ   string
	base  *Document // the conflict as it was; nil if it is new
	items map[string]*item
	size  int // the room it takes, 0 if that was not needed yet
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
	return len(d.conflictsAbout(doc)) > 0
}

// conflictsAbout returns the open conflicts about a document: those the draft
// opened or joined, then the others in order of identifier. More than one is
// open only where one has no room left.
func (d *Draft) conflictsAbout(doc DocID) []*keeping {
	var open []*keeping
	joined := map[DocID]bool{}
	for _, k := range d.kept {
		if k.about == doc {
			open = append(open, k)
			joined[k.id] = true
		}
	}
	first := len(open)
	for _, c := range d.state.Docs {
		if c.Type != TypeConflict || joined[c.ID] {
			continue
		}
		c = d.Document(c.ID) // it may have been settled just now
		if about, state, _, _ := c.About(); about == doc && state == StateOpen && !c.Gone {
			open = append(open, &keeping{
				id: c.ID, about: doc, typ: str(c.Body(), "aboutType"), base: c, items: map[string]*item{},
			})
		}
	}
	sort.Slice(open[first:], func(i, j int) bool { return open[first+i].id < open[first+j].id })
	return open
}

// createQueued returns the type of a document whose creation waits in a
// conflict, nil if none does.
func (d *Draft) createQueued(doc DocID) *Type {
	for _, k := range d.conflictsAbout(doc) {
		if k.has("") {
			return d.rules.Schema().Types[k.typ]
		}
	}
	return nil
}

// has reports whether the conflict has an item for a path.
func (k *keeping) has(p Pointer) bool {
	key := PathKey(p)
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

// keep puts edits into conflicts with room for them: those of a group into one,
// for which they may be too many, and others one by one, which always fit.
func (d *Draft) keep(m *Mutation, present *Document, edits []Edit, code Code, group bool) Receipt {
	together := 1
	if group {
		together = len(edits)
	}
	if group && headRoom+room(nil, edits) > MaxKept {
		return d.reject(m, present, &Fault{Code: CodeMutationLarge})
	}
	r := Receipt{Outcome: Queued, Code: code}
	for ; len(edits) > 0; edits = edits[together:] {
		k := d.keepingFor(m, present, edits[:together])
		k.size += room(k, edits[:together])
		for _, e := range edits[:together] {
			key := PathKey(e.Path)
			it := k.items[key]
			if it == nil {
				it = &item{path: e.Path, code: code, base: Seen(e.Was)}
				k.items[key] = it
			}
			it.sides = append(it.sides, side{mutation: m, value: e.Now, group: group})
		}
		if r.Kept == "" {
			r.Kept = k.id
		}
	}
	return r
}

// keepingFor returns the first open conflict with room for edits of a
// mutation, or opens one.
func (d *Draft) keepingFor(m *Mutation, present *Document, edits []Edit) *keeping {
	open := d.conflictsAbout(m.Doc)
	for _, k := range open {
		if k.size == 0 {
			k.size = sizeOf(k.base.Body())
		}
		if k.size+room(k, edits) <= MaxKept {
			if !slices.Contains(d.kept, k) {
				d.kept = append(d.kept, k)
			}
			return k
		}
	}
	name := []string{"conflict", string(m.Doc), string(d.author.Device), string(m.ID)}
	if len(open) > 0 {
		name = append(name, strconv.Itoa(len(open))) // of one mutation there may be several
	}
	k := &keeping{id: DocID(NameID(name...)), about: m.Doc, typ: m.Type, items: map[string]*item{}, size: headRoom}
	if present != nil {
		k.typ = present.Type
	} else if len(open) > 0 {
		k.typ = open[0].typ
	}
	d.kept = append(d.kept, k)
	return k
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
		if state == StateOpen && !c.Gone && d.docs[about] != nil {
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
		d.Put(k.id, TypeConflict, fit(body))
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
	if shows(asObject(Get(body, at)), present) && num(asObject(Get(body, at.Join("presentBy"))), "version") == version {
		return body
	}
	body = Set(body, at.Join("presentHash"), nil)
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
	if v, ok := s.value.(Object); ok && len(v) == 0 {
		o["empty"] = true
	} else if s.value != nil {
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

// shows reports whether an item shows a value as the present one.
func shows(it Object, present Value) bool {
	if h := str(it, "presentHash"); h != "" {
		return present != nil && Hash(h) == HashOf(present)
	}
	return Equal(it["present"], present)
}

func asObject(v Value) Object { o, _ := v.(Object); return o }
