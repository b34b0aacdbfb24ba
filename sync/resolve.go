package sync

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Choice decides one item of a conflict. Exactly one of the ways is taken:
// the present value stays, the value of one side is taken, or a new one is written.
type Choice struct {
	Take  string     // TakePresent, TakeSide or TakeValue
	Side  MutationID // with TakeSide
	Value Value      // with TakeValue; nil removes
}

// The ways to decide an item.
const (
	TakePresent = "present"
	TakeSide    = "side"
	TakeValue   = "value"
)

// A Decision settles a conflict.
type Decision struct {
	Conflict DocID
	Version  int64              // of the conflict as the person saw it
	Choices  map[Pointer]Choice // one for each item, by the item's path
	Reason   string             // required; at most MaxReason characters
}

// MaxReason is how many characters a reason may have.
const MaxReason = 1000

// Codes of decisions that cannot be carried out.
const (
	CodeNoConflict    Code = "no_conflict"
	CodeSettled       Code = "already_settled"
	CodeStaleDecision Code = "conflict_changed"
	CodeReason        Code = "reason_required"
	CodeUndecided     Code = "undecided"
	CodeSplitGroup    Code = "group_split"
	CodeNoSide        Code = "no_such_side"
)

// Resolve carries out a person's decision: it changes the document as chosen
// and settles the conflict, or does neither and says what is wrong. The
// draft's author is the person who decides. What a conflict shows as present
// is brought up to date whenever it changes, so the conflict's version guards
// against deciding on something no longer so.
func (d *Draft) Resolve(dec Decision) *Fault {
	conflict := d.Document(dec.Conflict)
	reason := norm.NFC.String(strings.ToValidUTF8(dec.Reason, ""))
	switch {
	case conflict == nil || conflict.Type != TypeConflict || conflict.Gone:
		return &Fault{Code: CodeNoConflict}
	case dec.Reason == "" || utf8.RuneCountInString(reason) > MaxReason:
		return &Fault{Code: CodeReason}
	}
	body := conflict.Body()
	if str(body, "state") != StateOpen {
		return &Fault{Code: CodeSettled}
	}
	joined := slices.ContainsFunc(d.kept, func(k *keeping) bool { return k.id == dec.Conflict })
	if conflict.Version != dec.Version || joined {
		return &Fault{Code: CodeStaleDecision}
	}
	about := DocID(str(body, "about"))
	chosen, settled, fault := choose(body, dec)
	if fault != nil {
		return fault
	}
	if fault := d.carryOut(about, str(body, "aboutType"), chosen); fault != nil {
		return fault
	}
	settled = Set(settled, "/state", StateSettled)
	settled = Set(settled, "/decided", Object{"by": string(d.author.Person), "at": d.received, "reason": reason})
	d.Put(dec.Conflict, TypeConflict, fit(settled))
	return nil
}

// choose turns choices into edits of the document and notes them in the conflict.
func choose(body Object, dec Decision) ([]Edit, Object, *Fault) {
	items := asObject(body["items"])
	var edits []Edit
	groups := map[string]bool{} // mutation → whether its side was taken
	for _, key := range sortedKeys(items) {
		it := asObject(items[key])
		path := Pointer(str(it, "path"))
		c, ok := dec.Choices[path]
		if !ok {
			return nil, nil, &Fault{Code: CodeUndecided, Path: path}
		}
		sides := asObject(it["sides"])
		choice := Object{"take": c.Take}
		switch c.Take {
		case TakePresent:
		case TakeValue:
			edits = append(edits, Edit{Path: path, Now: c.Value})
			if o, isObject := c.Value.(Object); c.Value != nil && (!isObject || len(o) > 0) {
				choice["value"] = c.Value
			}
		case TakeSide:
			s, ok := sides[string(c.Side)].(Object)
			if !ok {
				return nil, nil, &Fault{Code: CodeNoSide, Path: path}
			}
			now := s["value"]
			if empty, _ := s["empty"].(bool); empty {
				now = Object{}
			}
			edits = append(edits, Edit{Path: path, Now: now})
			choice["side"] = string(c.Side)
		default:
			return nil, nil, &Fault{Code: CodeUndecided, Path: path}
		}
		for id, v := range sides {
			if grouped, _ := asObject(v)["group"].(bool); !grouped {
				continue
			}
			taken := c.Take == TakeSide && c.Side == MutationID(id)
			if before, seen := groups[id]; seen && before != taken {
				return nil, nil, &Fault{Code: CodeSplitGroup, Path: path}
			}
			groups[id] = taken
		}
		body = Set(body, Pointer("/items/"+key+"/choice"), choice)
	}
	if len(dec.Choices) != len(items) {
		return nil, nil, &Fault{Code: CodeStaleDecision}
	}
	sort.Slice(edits, func(i, j int) bool { return edits[i].Path < edits[j].Path }) // what lies within comes after
	return edits, body, nil
}

// carryOut makes the chosen edits on the document the conflict is about.
func (d *Draft) carryOut(about DocID, typeName string, edits []Edit) *Fault {
	present := d.Document(about)
	live := present != nil && !present.Gone
	if len(edits) == 0 {
		return nil
	}
	typ := d.rules.Schema().Types[typeName]
	if typ == nil {
		return &Fault{Code: CodeUnknownType}
	}
	if fault := allowedFields(typ, present, edits); fault != nil {
		return fault
	}
	whole, parts := splitWhole(edits)
	var base Object
	switch {
	case whole != nil && whole.Now == nil:
		d.Remove(about)
		return nil
	case whole != nil:
		var ok bool
		if base, ok = whole.Now.(Object); !ok {
			return &Fault{Code: CodeInvalidType, Detail: "a body is an object"}
		}
	case present == nil:
		return &Fault{Code: CodeUnknownDoc}
	default:
		base = present.Body()
	}
	body := Apply(base, parts)
	if fault := typ.Validate(body); fault != nil {
		return fault
	}
	if len(Canonical(body)) > MaxBody {
		return &Fault{Code: CodeBodyLarge}
	}
	act := Act{
		Author: d.author, Scope: d.state.Scope, Type: typ, Doc: about, Present: present,
		Edits: edits, Made: d.received, Received: d.received, Decision: true, Org: d.org, Look: d.Look,
	}
	if ruling := d.rules.Allow(act); ruling.Verdict != Allow {
		return &Fault{Code: ruling.Code}
	}
	if !live {
		d.change(Change{Doc: about, Type: typeName, By: -1, Create: body})
		return nil
	}
	d.Put(about, typeName, body)
	return nil
}

// splitWhole separates an edit of the whole body from the rest.
func splitWhole(edits []Edit) (*Edit, []Edit) {
	var whole *Edit
	var parts []Edit
	for i, e := range edits {
		if e.Path == "" {
			whole = &edits[i]
			continue
		}
		parts = append(parts, e)
	}
	return whole, parts
}
