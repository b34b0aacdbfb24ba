package sync

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A Line of an answer to a sync request. Exactly one of the pointers is set,
// or the line is of a kind the reader does not know and may skip.
//
// An answer is acknowledgements, then for each scope that moved a scope line,
// documents in order of version and cursor lines that close segments, then an
// end line. No end line means that the connection was cut; what stands before
// the last complete cursor line of a scope is kept.
type Line struct {
	Ack    *Ack
	Scope  *ScopeLine
	Doc    *DocLine
	Cursor *CursorLine
	Drop   Scope // is no longer the reader's
	Reset  Scope // the cursor is from a history this server does not have: begin anew, beside
	End    *End
}

// An Ack answers one mutation.
type Ack struct {
	Mutation  MutationID
	Outcome   Outcome
	Seq       int64 // of the commit that holds the receipt; 0 if there is none
	Duplicate bool  // sent before: this is the outcome it had then
	Code      Code
	Message   Text
	Kept      DocID // the conflict or rejection that keeps it
	Scope     Scope // where that is, if not in the mutation's scope
	Index     int   // of the mutation in the request, where it has no identifier
}

// A ScopeLine says which scope the lines that follow belong to and from which
// floor the sets in them are computed.
type ScopeLine struct {
	Scope Scope
	Floor int64
}

// A DocLine brings one document to a version: whole (Body), by new values for
// some paths (Set, where nil removes), or Gone.
type DocLine struct {
	Doc     DocID
	Version int64
	Type    string
	Body    Object
	Set     map[Pointer]Value
	Gone    bool
}

// A CursorLine closes a segment. Exact, the replica of the scope must have
// the checksum.
type CursorLine struct {
	Cursor   Cursor
	Exact    bool
	Checksum uint64
}

// End closes an answer. More says that there is more to fetch already.
type End struct {
	More    bool
	Now     int64 // server time, milliseconds since 1970
	BackOff int64 // milliseconds to wait before the next request, if the server is busy
}

// Patch returns the line that brings a phone's document up to date, given
// that all the phone holds is as of floor or newer, and false if the phone
// has nothing to learn. Mine are the versions at which only mutations the
// phone sent in this very request, all of them applied to the letter, changed it.
func Patch(d *Document, floor int64, mine map[int64]bool) (DocLine, bool) {
	line := DocLine{Doc: d.ID, Version: d.Version}
	set := map[Pointer]Value{}
	whole, news := false, false
	for p, v := range d.Touched {
		if max(v, -v) <= floor || mine[v] {
			continue
		}
		news = true
		if p == "" { // replaced, or paths of others are among those forgotten
			whole = true
			break
		}
		set[p] = nil
	}
	switch {
	case !news:
		return line, false
	case d.Gone:
		line.Gone = true
		return line, true
	case !whole && floor > 0:
		size := 0
		for p := range set {
			v := Get(d.Body(), p)
			set[p] = v
			size += len(p) + 8 + len(Canonical(v))
		}
		if size < len(d.raw) {
			line.Set = set
			return line, true
		}
	}
	return Whole(d), true
}

// Whole returns the line that gives a phone a document it may not have at all.
func Whole(d *Document) DocLine {
	line := DocLine{Doc: d.ID, Version: d.Version, Gone: d.Gone}
	if !d.Gone {
		line.Type, line.Body = d.Type, d.Body()
	}
	return line
}

// Onto returns the document after the line, nil if it is gone, and false if
// the line cannot be applied to what is there: then the whole is needed. A
// line of the very version of what is there is applied: the phone's own change
// may have made that version, on top of what the line tells of others.
func (l DocLine) Onto(present *Document, scope Scope) (*Document, bool) {
	switch {
	case present != nil && present.Version > l.Version:
		return present, true
	case l.Gone:
		return nil, true
	case l.Body != nil:
		return NewDocument(l.Doc, l.Type, scope, l.Version, l.Body), true
	case present == nil:
		return nil, false
	}
	body := present.Body()
	for _, p := range sortedPaths(l.Set) {
		body = Set(body, p, l.Set[p])
	}
	return NewDocument(l.Doc, present.Type, scope, l.Version, body), true
}

// Onto returns the document after the phone's own mutation was applied to the
// letter by the commit of a sequence number, nil if that deleted it. The phone
// does this when its cursor passes the receipt, before the lines of that
// segment; several of its mutations may have come into one commit.
func (m *Mutation) Onto(present *Document, seq int64) *Document {
	switch {
	case present != nil && present.Version > seq:
		return present
	case m.Create != nil:
		return NewDocument(m.Doc, m.Type, m.Scope, seq, m.Create)
	case m.Delete != "" || present == nil:
		return nil
	}
	return NewDocument(m.Doc, present.Type, m.Scope, seq, Apply(present.Body(), m.Edits))
}

func sortedPaths(set map[Pointer]Value) []Pointer {
	keys := make(map[string]bool, len(set))
	for p := range set {
		keys[string(p)] = true
	}
	paths := make([]Pointer, 0, len(set))
	for _, k := range sortedKeys(keys) {
		paths = append(paths, Pointer(k))
	}
	return paths
}

// Append adds the line to b as JSON with a line feed.
func (l *Line) Append(b []byte) []byte {
	b = append(b, '{')
	switch {
	case l.Ack != nil:
		b = l.Ack.append(b)
	case l.Scope != nil:
		b = appendField(b, "scope", string(l.Scope.Scope))
		if l.Scope.Floor > 0 {
			b = appendField(b, "from", l.Scope.Floor)
		}
	case l.Doc != nil:
		b = l.Doc.append(b)
	case l.Cursor != nil:
		b = appendField(b, "cursor", l.Cursor.Cursor.String())
		if l.Cursor.Exact {
			b = appendField(b, "sum", fmt.Sprintf("%016x", l.Cursor.Checksum))
		}
	case l.Drop != "":
		b = appendField(b, "drop", string(l.Drop))
	case l.Reset != "":
		b = appendField(b, "reset", string(l.Reset))
	case l.End != nil:
		b = append(b, `"end":{"now":`...)
		b = strconv.AppendInt(b, l.End.Now, 10)
		if l.End.More {
			b = append(b, `,"more":true`...)
		}
		if l.End.BackOff > 0 {
			b = append(b, `,"backoff":`...)
			b = strconv.AppendInt(b, l.End.BackOff, 10)
		}
		b = append(b, "},"...)
	default:
		b = append(b, ' ')
	}
	b[len(b)-1] = '}'
	return append(b, '\n')
}

func (a *Ack) append(b []byte) []byte {
	b = appendField(b, "ack", string(a.Mutation))
	b = appendField(b, "outcome", string(a.Outcome))
	if a.Seq > 0 {
		b = appendField(b, "seq", a.Seq)
	}
	if a.Duplicate {
		b = appendField(b, "duplicate", true)
	}
	if a.Mutation == "" {
		b = appendField(b, "index", int64(a.Index))
	}
	if a.Code != "" {
		b = appendField(b, "code", string(a.Code))
	}
	if a.Message.VI != "" {
		b = appendField(b, "vi", a.Message.VI)
		b = appendField(b, "en", a.Message.EN)
	}
	if a.Kept != "" {
		b = appendField(b, "kept", string(a.Kept))
	}
	if a.Scope != "" {
		b = appendField(b, "in", string(a.Scope))
	}
	return b
}

func (l *DocLine) append(b []byte) []byte {
	b = appendField(b, "doc", string(l.Doc))
	b = appendField(b, "v", l.Version)
	switch {
	case l.Gone:
		return appendField(b, "gone", true)
	case l.Set != nil:
		o := make(Object, len(l.Set))
		for p, v := range l.Set {
			o[string(p)] = v
		}
		return appendField(b, "set", o)
	}
	b = appendField(b, "type", l.Type)
	return appendField(b, "body", l.Body)
}

// DecodeLine reads a line as a phone gets it. Fields it does not know are skipped.
func DecodeLine(raw []byte) (Line, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	r := reader{dec: dec, key: func(string) bool { return true }, extra: 2 * MaxDepth, keep: true, nulls: true}
	v, f := r.value(0)
	if f == nil {
		f = r.end()
	}
	o, ok := v.(Object)
	if f != nil {
		return Line{}, fmt.Errorf("sync: a line of an answer cannot be read: %w", f)
	}
	if !ok {
		return Line{}, errors.New("sync: a line of an answer is an object")
	}
	return lineOf(o)
}

func lineOf(o Object) (Line, error) {
	switch {
	case has(o, "ack"):
		dup, _ := o["duplicate"].(bool)
		return Line{Ack: &Ack{
			Mutation: MutationID(str(o, "ack")), Outcome: Outcome(str(o, "outcome")), Seq: num(o, "seq"), Duplicate: dup, Index: int(num(o, "index")),
			Code: Code(str(o, "code")), Message: Text{str(o, "vi"), str(o, "en")}, Kept: DocID(str(o, "kept")), Scope: Scope(str(o, "in")),
		}}, nil
	case has(o, "scope"):
		return Line{Scope: &ScopeLine{Scope(str(o, "scope")), num(o, "from")}}, nil
	case has(o, "doc"):
		return docLineOf(o)
	case has(o, "cursor"):
		c, f := ParseCursor(str(o, "cursor"))
		if f != nil {
			return Line{}, fmt.Errorf("sync: cursor line: %w", f)
		}
		line := CursorLine{Cursor: c, Exact: has(o, "sum")}
		if line.Exact {
			sum, err := strconv.ParseUint(str(o, "sum"), 16, 64)
			if err != nil {
				return Line{}, fmt.Errorf("sync: cursor line: checksum: %w", err)
			}
			line.Checksum = sum
		}
		return Line{Cursor: &line}, nil
	case has(o, "drop"):
		return Line{Drop: Scope(str(o, "drop"))}, nil
	case has(o, "reset"):
		return Line{Reset: Scope(str(o, "reset"))}, nil
	case has(o, "end"):
		e := asObject(o["end"])
		more, _ := e["more"].(bool)
		return Line{End: &End{More: more, Now: num(e, "now"), BackOff: num(e, "backoff")}}, nil
	}
	return Line{}, nil
}

func docLineOf(o Object) (Line, error) {
	l := DocLine{Doc: DocID(str(o, "doc")), Version: num(o, "v"), Type: str(o, "type")}
	l.Gone, _ = o["gone"].(bool)
	body, isWhole := o["body"].(Object)
	set, isSet := o["set"].(Object)
	switch {
	case l.Gone:
	case isWhole:
		if hasNull(body) {
			return Line{}, errors.New("sync: document line: null in a body")
		}
		l.Body = body
	case isSet:
		l.Set = make(map[Pointer]Value, len(set))
		for k, v := range set {
			if p := Pointer(k); !p.Valid() {
				return Line{}, errors.New("sync: document line: bad path")
			} else if _, null := v.(null); null {
				l.Set[p] = nil
			} else if hasNull(v) {
				return Line{}, errors.New("sync: document line: null in a value")
			} else {
				l.Set[p] = v
			}
		}
	default:
		return Line{}, errors.New("sync: document line: neither body nor set nor gone")
	}
	if !ValidID(string(l.Doc)) || l.Version <= 0 {
		return Line{}, errors.New("sync: document line: bad identifier or version")
	}
	return Line{Doc: &l}, nil
}

// hasNull reports whether a null stands anywhere in what was read.
func hasNull(v Value) bool {
	switch v := v.(type) {
	case null:
		return true
	case Object:
		for _, w := range v {
			if hasNull(w) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasNull)
	}
	return false
}

func has(o Object, key string) bool { _, ok := o[key]; return ok }
