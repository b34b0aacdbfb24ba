package systems

import (
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A System is the data of one report.
type System struct {
	Code  string // "A" to "E"
	Title sync.Text
	Docs  []Seed // reference data first
}

// A Seed is a document to be stored.
type Seed struct {
	Scope sync.Scope
	Type  string
	Doc   sync.DocID
	Body  sync.Object
}

// Load returns the five systems in order. Identifiers follow from names, so
// loading twice stores nothing new.
func Load() []System {
	return []System{systemA(), systemB(), systemC(), systemD(), systemE()}
}

// example marks what no report says and only serves to compute with.
const example = "Dữ liệu ví dụ, không có trong nguồn."

func named(parts ...string) sync.DocID {
	return sync.DocID(sync.NameID(append([]string{"system"}, parts...)...))
}

// Unit returns the identifier of a unit by the name it has in this package:
// "tho-xuan", "thieu-hoa" and so on; see the tables of the systems.
func Unit(slug string) sync.DocID { return named("unit", slug) }

// Cluster returns the identifier of the cluster of system "A", "B" or "C".
func Cluster(system string) sync.DocID { return named("cluster", system) }

// Period returns the identifier of a period of a system: "2022" and "2023" of
// A, "2016-1" and "2016" of B, "2021" and "2022" of C, "2021" of D, "2015-2020" of E.
func Period(system, code string) sync.DocID { return named("period", system, code) }

// Meeting returns the identifier of the meeting of a system.
func Meeting(system string) sync.DocID { return named("meeting", system) }

// Criteria returns the identifier of system A's set of criteria.
func Criteria() sync.DocID { return named("criteria", "A") }

// Dispatch returns the identifier of system C's dispatch.
func Dispatch() sync.DocID { return named("dispatch", "C") }

// MembersA returns the names, for Unit, of the members of cluster A, in the order of the report.
func MembersA() []string {
	var slugs []string
	for _, m := range membersA() {
		slugs = append(slugs, m.slug)
	}
	return slugs
}

// A builder collects the documents of one system.
type builder struct {
	system string
	docs   []Seed
}

func (b *builder) add(scope sync.Scope, typ string, id sync.DocID, body sync.Object) {
	b.docs = append(b.docs, Seed{Scope: scope, Type: typ, Doc: id, Body: body})
}

// keyed adds a document that is named after what it is about.
func (b *builder) keyed(scope sync.Scope, typ string, body sync.Object) {
	id, _ := emulation.KeyOf(typ, body)
	b.add(scope, typ, id, body)
}

func (b *builder) org(typ string, id sync.DocID, body sync.Object) { b.add(sync.Org, typ, id, body) }

// A unit as a report names it. The code is our own; it holds no place name.
type unit struct{ slug, kind, name string }

func (b *builder) units(units ...unit) {
	for i, u := range units {
		b.org(emulation.TypeUnit, Unit(u.slug), sync.Object{
			"code": b.system + "-" + strconv.Itoa(len(b.docs)+1), "kind": u.kind, "status": "active",
			"names": sync.Object{"n1": sync.Object{"name": units[i].name}},
		})
	}
}

// link records who manages a unit.
func (b *builder) link(child, parent, note string) {
	body := sync.Object{"child": string(Unit(child)), "parent": string(Unit(parent)), "kind": "manages"}
	if note != "" {
		body["note"] = note
	}
	b.org(emulation.TypeUnitLink, named("link", child, parent), body)
}

// members makes units members of the system's cluster. The reports do not say
// since when; the beginning of the first year they speak of is assumed.
func (b *builder) members(from string, units ...unit) {
	for _, u := range units {
		b.org(emulation.TypeMembership, named("membership", b.system, u.slug), sync.Object{
			"unit": string(Unit(u.slug)), "cluster": string(Cluster(b.system)), "from": from,
		})
	}
}

func (b *builder) period(code, kind, title, from, to string, more sync.Object) {
	body := sync.Object{"code": b.system + "-" + code, "kind": kind, "title": title, "from": from, "to": to}
	for k, v := range more {
		body[k] = v
	}
	b.org(emulation.TypePeriod, Period(b.system, code), body)
}

func (b *builder) term(year int, more sync.Object) {
	body := sync.Object{"cluster": string(Cluster(b.system)), "year": int64(year), "meeting": string(Meeting(b.system))}
	for k, v := range more {
		body[k] = v
	}
	b.keyed(sync.Org, emulation.TypeTerm, body)
}

// milestones are keyed by their kind.
func milestones(due map[string]string) sync.Object {
	o := sync.Object{}
	for kind, day := range due {
		m := sync.Object{"kind": kind}
		if day != "" {
			m["due"] = day
		}
		o[kind] = m
	}
	return o
}

// blocks are minutes in order.
func blocks(headingsAndTexts ...[2]string) sync.Object {
	o := sync.Object{}
	for i, b := range headingsAndTexts {
		o["b"+strconv.Itoa(i+1)] = sync.Object{"order": int64(i + 1), "heading": b[0], "text": b[1]}
	}
	return o
}

// attendee is somebody by role and unit; unit may be "".
func attendee(role, slug, title string, persons int64) sync.Object {
	o := sync.Object{"role": role, "title": title, "present": true}
	if slug != "" {
		o["unit"] = string(Unit(slug))
	}
	if persons > 1 {
		o["persons"] = persons
	}
	return o
}
