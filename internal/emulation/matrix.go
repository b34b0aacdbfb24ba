package emulation

import (
	"slices"
	"strings"

	"thidua/sync"
)

// A Cell of the permission matrix says what one capacity may do with documents
// of a type in one state, in one kind of scope. What has no cell may nobody do
// but the server.
type Cell struct {
	Type     string   `json:"type"`
	Scope    string   `json:"scope"`
	State    string   `json:"state,omitempty"` // "" for types without states
	Capacity string   `json:"capacity"`
	Write    []string `json:"write,omitempty"` // paths, each with what lies below; "*" is any one key
	Create   bool     `json:"create,omitempty"`
	Delete   bool     `json:"delete,omitempty"`
	Steps    []Turn   `json:"steps,omitempty"`
}

// A Turn is a step out of the cell's state.
type Turn struct {
	To     string `json:"to"`
	Reason bool   `json:"reason,omitempty"` // must be stated
	Back   bool   `json:"back,omitempty"`   // reopens
}

// A Capacity is what somebody is in relation to a scope, for people to read.
type Capacity struct {
	Name  string    `json:"name"`
	Title sync.Text `json:"title"`
	bit   capacity
}

// Capacities returns the capacities the matrix speaks of.
func Capacities() []Capacity {
	return []Capacity{
		{"staff", sync.Text{VI: "người của đơn vị", EN: "staff of the unit"}, staff},
		{"leader", sync.Text{VI: "lãnh đạo đơn vị", EN: "leader of the unit"}, leader},
		{"member", sync.Text{VI: "người của đơn vị thành viên", EN: "people of a member"}, member},
		{"head", sync.Text{VI: "trưởng, phó cụm", EN: "head or deputy"}, head},
		{"officer", sync.Text{VI: "chuyên viên cơ quan chỉ đạo", EN: "officer"}, officer},
		{"admin", sync.Text{VI: "quản trị", EN: "admin"}, admin},
		{"owner", sync.Text{VI: "chủ hộp thư", EN: "owner of the inbox"}, owner},
	}
}

// Matrix returns the permission matrix as the tables of workflow.go have it,
// in the order of types, scopes, states and capacities. What depends on values
// is not in it: ranges, quotas, deadlines, open conflicts, whose sheet it is.
func (d *Domain) Matrix() []Cell {
	var cells []Cell
	for _, t := range types() {
		for _, scope := range t.Scopes {
			for i, state := range states(t) {
				for _, c := range Capacities() {
					cell := d.cell(t, scope, state, c)
					cell.Create = i == 0 && c.holds(d.writer(place{t.Name, scope}, ""))
					if len(cell.Write)+len(cell.Steps) > 0 || cell.Create || cell.Delete {
						cells = append(cells, cell)
					}
				}
			}
		}
	}
	return cells
}

// states returns the states of a type, one without a name for a type that has none.
func states(t *sync.Type) []string {
	if f := t.Body.Fields["state"]; f != nil {
		return f.Enum
	}
	return []string{""}
}

// holds reports whether a line for some capacities is for this one. A leader is staff too.
func (c Capacity) holds(who capacity) bool {
	if c.bit == leader {
		return who&(leader|staff) != 0
	}
	return who&c.bit != 0
}

// in reports whether anybody has the capacity in a kind of scope.
func (c Capacity) in(scope string) bool {
	switch c.bit {
	case staff, leader:
		return scope == "unit" || scope == "unit:desk"
	case member:
		return scope == "cluster"
	case head:
		return scope == "cluster" || scope == "cluster:desk" || scope == "unit:desk"
	case officer:
		return scope != "unit" && scope != "user"
	case owner:
		return scope == "user"
	}
	return true
}

func (d *Domain) cell(t *sync.Type, scope, state string, c Capacity) Cell {
	cell := Cell{Type: t.Name, Scope: scope, State: state, Capacity: c.Name}
	if !c.in(scope) {
		return cell
	}
	at := place{t.Name, scope}
	l, locked := d.locks[standing{t.Name, state}]
	cell.Delete = !locked && c.holds(d.writer(at, ""))
	for _, path := range d.paths(t, at, l) {
		open := !locked
		for _, pattern := range l.open {
			open = open || matches(pattern, sync.Pointer(path))
		}
		if open && c.holds(d.writer(at, sync.Pointer(path))) && !d.below(cell.Write, path) {
			cell.Write = append(cell.Write, path)
		}
	}
	for _, s := range steps() { // in the order of the table
		if s.typ == t.Name && s.from == state && c.holds(s.who) {
			cell.Steps = append(cell.Steps, Turn{To: s.to, Reason: s.is&why != 0, Back: s.is&back != 0})
		}
	}
	return cell
}

// paths returns the places the tables tell apart: the fields people write after
// a document was created, and below them what a right or a lock names.
func (d *Domain) paths(t *sync.Type, at place, l lock) []string {
	var paths []string
	for _, k := range keys(t.Body.Fields) {
		path := sync.Pointer("/" + k)
		f := t.Body.Fields[k]
		if f.Policy == sync.PolicyServer || k == "state" || k == followed(at.scope) || t.Name == TypeAward && k == "place" || fixed(t, k) && !d.reserved(at, path) {
			continue
		}
		paths = append(paths, string(path))
		for _, r := range d.writers[at] {
			if r.path != string(path) && path.Contains(sync.Pointer(r.path)) {
				paths = append(paths, r.path)
			}
		}
		for _, pattern := range l.open {
			if pattern != string(path) && path.Contains(sync.Pointer(pattern)) {
				paths = append(paths, pattern)
			}
		}
	}
	return paths
}

// followed returns the field whose value follows from the kind of scope.
func followed(scope string) string {
	kind, _, _ := strings.Cut(scope, ":")
	return kind
}

// below reports whether a path lies below one that is in the list already.
func (*Domain) below(list []string, path string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return sync.Pointer(p).Contains(sync.Pointer(path)) })
}
