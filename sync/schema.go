package sync

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Schema is the set of document types one version of the software knows. It
// is the one place where the shape of bodies and the policy of each field are
// declared; engine, phones and console read it.
type Schema struct {
	Version int              `json:"version"` // of the newest shape
	Oldest  int              `json:"oldest"`  // oldest version an app may still pull with
	Types   map[string]*Type `json:"types"`
}

// A Type of document.
type Type struct {
	Name   string   `json:"name"`
	Title  Text     `json:"title"`
	Scopes []string `json:"scopes"` // kinds of scope it may live in (Scope.Kind)
	Keyed  bool     `json:"keyed"`  // its identifier is a NameID of what it is about
	Body   *Field   `json:"body"`   // of kind Map is not allowed at the top: always an Object

	// Taken is told, as a success, to whoever takes a step that somebody has
	// taken before; CodeAlready where it is "".
	Taken Code `json:"-"`

	// Check states rules across fields; it sees bodies that fit Body.
	Check func(body Object) *Fault `json:"-"`
}

// A Kind is the shape of a value.
type Kind string

// The kinds of value a field may have.
const (
	KindObject Kind = "object" // fixed fields
	KindMap    Kind = "map"    // a keyed set: entries of one shape by key
	KindList   Kind = "list"   // ordered, replaced as a whole
	KindText   Kind = "text"   // prose, several lines
	KindLine   Kind = "line"   // one line
	KindInt    Kind = "int"
	KindBool   Kind = "bool"
	KindDate   Kind = "date" // YYYY-MM-DD, a day where the people are
	KindTime   Kind = "time" // milliseconds since 1970 UTC
	KindID     Kind = "id"   // of a document, person or device
	KindEnum   Kind = "enum"
	KindHash   Kind = "hash" // SHA-256, of a file or body
)

// A Policy says what happens when two people change the same field.
type Policy string

// The policies of a field. Every policy compares values, never times.
const (
	// PolicyMerge is a fact: equal values merge, different ones are queued for a person.
	PolicyMerge Policy = ""
	// PolicyJudge is a judgement (a score, a tally): as PolicyMerge, and while a
	// conflict on it is open nothing may be built on the document.
	PolicyJudge Policy = "judge"
	// PolicyServer is written by the server alone.
	PolicyServer Policy = "server"
	// PolicyAtomic is an object, or any value, compared and replaced as a whole.
	PolicyAtomic Policy = "atomic"
	// PolicyTransition is a state or a signature: all-or-nothing with the rest of
	// its mutation, which attests the body its author saw.
	PolicyTransition Policy = "transition"
)

// A Field of a body.
type Field struct {
	Kind     Kind              `json:"kind"`
	Title    Text              `json:"title,omitzero"`
	Policy   Policy            `json:"policy,omitempty"`
	Required bool              `json:"required,omitempty"`
	Fields   map[string]*Field `json:"fields,omitempty"` // of an object
	Each     *Field            `json:"each,omitempty"`   // of a map or list
	Enum     []string          `json:"enum,omitempty"`
	Min      *int64            `json:"min,omitempty"`
	Max      *int64            `json:"max,omitempty"`
	Length   int               `json:"length,omitempty"` // most characters, or most entries; 0 is the kind's default
}

// Default bounds where a field states none.
const (
	DefaultLine    = 300    // characters
	DefaultText    = 10_000 // characters
	DefaultEntries = 1_000
)

// Codes of faults in bodies.
const (
	CodeInvalidType   Code = "invalid_type"
	CodeUnknownField  Code = "unknown_field"
	CodeRequired      Code = "required"
	CodeTooLong       Code = "too_long"
	CodeTooMany       Code = "too_many_entries"
	CodeOutOfRange    Code = "out_of_range"
	CodeNotInEnum     Code = "not_in_enum"
	CodeBadFormat     Code = "bad_format"
	CodeServerOnly    Code = "server_only"
	CodeInsideAtomic  Code = "inside_atomic"
	CodeUnknownType   Code = "unknown_type"
	CodeWrongScope    Code = "wrong_scope"
	CodeTypeDiffers   Code = "type_differs"
	CodeNoAttestation Code = "attestation_missing"
)

// Field returns the field at a path of the type, nil if it has none there.
// Atomic reports whether an ancestor of the path is atomic.
func (t *Type) Field(p Pointer) (f *Field, insideAtomic bool) {
	f = t.Body
	for _, k := range p.Keys() {
		if f.Policy == PolicyAtomic {
			insideAtomic = true
		}
		if f = f.below(k); f == nil {
			return nil, insideAtomic
		}
	}
	return f, insideAtomic
}

// under reports whether the field at a path, or one that holds it, has a policy.
func (t *Type) under(policy Policy, p Pointer) bool {
	f := t.Body
	for _, k := range p.Keys() {
		if f == nil || f.Policy == policy {
			break
		}
		f = f.below(k)
	}
	return f != nil && f.Policy == policy
}

// below returns the field of a key of an object or map, nil if there is none.
func (f *Field) below(key string) *Field {
	switch f.Kind {
	case KindObject:
		return f.Fields[key]
	case KindMap:
		return f.Each
	}
	return nil
}

// Atomic reports whether the value at a path is merged as a whole.
func (t *Type) Atomic(p Pointer) bool {
	f, inside := t.Field(p)
	return inside || f != nil && f.Policy == PolicyAtomic
}

// Validate reports the first thing wrong with a body, in order of path.
func (t *Type) Validate(body Object) *Fault {
	if f := t.Body.Validate("", body); f != nil {
		return f
	}
	if t.Check != nil {
		return t.Check(body)
	}
	return nil
}

// Validate reports the first thing wrong with a value that stands at a path.
func (f *Field) Validate(at Pointer, v Value) *Fault {
	bad := func(code Code, detail string) *Fault { return &Fault{Code: code, Path: at, Detail: detail} }
	switch f.Kind {
	case KindObject, KindMap:
		o, ok := v.(Object)
		if !ok {
			return bad(CodeInvalidType, "an object is expected")
		}
		if f.Kind == KindMap {
			return f.validateMap(at, o)
		}
		return f.validateObject(at, o)
	case KindList:
		a, ok := v.([]any)
		if !ok {
			return bad(CodeInvalidType, "a list is expected")
		}
		if len(a) > f.most(DefaultEntries) {
			return bad(CodeTooMany, "at most "+strconv.Itoa(f.most(DefaultEntries)))
		}
		for i, e := range a {
			if fault := f.Each.Validate(at.Join(strconv.Itoa(i)), e); fault != nil {
				return fault
			}
		}
		return nil
	case KindBool:
		if _, ok := v.(bool); !ok {
			return bad(CodeInvalidType, "true or false is expected")
		}
		return nil
	case KindInt, KindTime:
		n, ok := v.(int64)
		if !ok {
			return bad(CodeInvalidType, "an integer is expected")
		}
		if f.Min != nil && n < *f.Min || f.Max != nil && n > *f.Max {
			return bad(CodeOutOfRange, f.bounds())
		}
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return bad(CodeInvalidType, "a text is expected")
	}
	return f.validateText(at, s)
}

// validateObject and validateMap tell of the fault with the lowest key, without
// sorting keys: nearly always there is none.
func (f *Field) validateObject(at Pointer, o Object) *Fault {
	var first lowest
	for k, v := range o {
		if below := f.Fields[k]; below == nil {
			first.offer(k, &Fault{Code: CodeUnknownField, Path: at.Join(k)})
		} else if fault := below.Validate(at.Join(k), v); fault != nil {
			first.offer(k, fault)
		}
	}
	if first.fault != nil {
		return first.fault
	}
	for k, below := range f.Fields {
		if _, there := o[k]; below.Required && !there {
			first.offer(k, &Fault{Code: CodeRequired, Path: at.Join(k)})
		}
	}
	return first.fault
}

func (f *Field) validateMap(at Pointer, o Object) *Fault {
	if len(o) > f.most(DefaultEntries) {
		return &Fault{Code: CodeTooMany, Path: at, Detail: "at most " + strconv.Itoa(f.most(DefaultEntries))}
	}
	var first lowest
	for k, v := range o {
		if fault := f.Each.Validate(at.Join(k), v); fault != nil {
			first.offer(k, fault)
		}
	}
	return first.fault
}

// lowest keeps the fault with the lowest key of those it is offered.
type lowest struct {
	key   string
	fault *Fault
}

func (l *lowest) offer(key string, fault *Fault) {
	if l.fault == nil || key < l.key {
		l.key, l.fault = key, fault
	}
}

func (f *Field) validateText(at Pointer, s string) *Fault {
	bad := func(code Code, detail string) *Fault { return &Fault{Code: code, Path: at, Detail: detail} }
	switch f.Kind {
	case KindEnum:
		for _, e := range f.Enum {
			if s == e {
				return nil
			}
		}
		return bad(CodeNotInEnum, "one of "+strings.Join(f.Enum, ", "))
	case KindID:
		if !ValidID(s) {
			return bad(CodeBadFormat, "a UUID is expected")
		}
	case KindHash:
		if !validHash(s) {
			return bad(CodeBadFormat, "a SHA-256 in hexadecimal is expected")
		}
	case KindDate:
		if !validDate(s) {
			return bad(CodeBadFormat, "a date YYYY-MM-DD is expected")
		}
	case KindLine:
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return bad(CodeBadFormat, "one line is expected")
		}
		if utf8.RuneCountInString(s) > f.most(DefaultLine) {
			return bad(CodeTooLong, "at most "+strconv.Itoa(f.most(DefaultLine))+" characters")
		}
	default:
		if utf8.RuneCountInString(s) > f.most(DefaultText) {
			return bad(CodeTooLong, "at most "+strconv.Itoa(f.most(DefaultText))+" characters")
		}
	}
	return nil
}

// validDate reports whether s is a day of the calendar, YYYY-MM-DD.
func validDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	var year, month, day int
	for i, c := range []byte(s) {
		n := int(c) - '0'
		switch {
		case i == 4 || i == 7:
			continue
		case n < 0 || n > 9:
			return false
		case i < 4:
			year = year*10 + n
		case i < 7:
			month = month*10 + n
		default:
			day = day*10 + n
		}
	}
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day <= days
}

func (f *Field) most(otherwise int) int {
	if f.Length > 0 {
		return f.Length
	}
	return otherwise
}

func (f *Field) bounds() string {
	s := ""
	if f.Min != nil {
		s = "at least " + strconv.FormatInt(*f.Min, 10)
	}
	if f.Max != nil {
		s += " at most " + strconv.FormatInt(*f.Max, 10)
	}
	return strings.TrimSpace(s)
}

// holds reports whether a value that stands at field f has a part of a policy.
func (f *Field) holds(policy Policy, v Value) bool {
	if f == nil || v == nil {
		return false
	}
	if f.Policy == policy {
		return true
	}
	o, ok := v.(Object)
	if !ok {
		return false
	}
	for k, w := range o {
		if f.below(k).holds(policy, w) {
			return true
		}
	}
	return false
}
