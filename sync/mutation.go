package sync

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A Mutation is one act of one device on one document: exactly one of Create,
// Edits and Delete is set. Once sent it is never changed, and it may be sent
// any number of times.
type Mutation struct {
	ID     MutationID // UUIDv7: the time in it is when it was made, by the device's clock
	Doc    DocID
	Scope  Scope
	Type   string // of the document; needed for Create
	Base   int64  // version of the document its author saw; evidence only
	Schema int    // version of the schema its author's app knew; 0 is 1
	Create Object
	Edits  []Edit
	Delete Hash // of the body its author saw and wants gone
	Attest Hash // of the body a transition or signature is about, before it

	Normalised bool   // the text sent was brought to normal form: tell the sender what it became
	Fault      *Fault // it cannot be read; what can be is set
	Raw        []byte // as sent, for keeping when Fault is set
}

// Bounds of a mutation and codes for what exceeds them.
const (
	MaxMutation = 160 << 10 // bytes as sent
	MaxEdits    = 500
	MaxRaw      = 64 << 10 // bytes kept of a mutation that cannot be read

	CodeMutationLarge Code = "mutation_too_large"
	CodeTooManyEdits  Code = "too_many_edits"
	CodeBadID         Code = "bad_id"
	CodeBadMutation   Code = "bad_mutation"
	CodeBadPath       Code = "bad_path"
	CodeOverlap       Code = "paths_overlap"
)

// Made returns when the mutation was made by its device's clock, in
// milliseconds since 1970; 0 if its identifier does not say.
func (m *Mutation) Made() int64 {
	at, _ := ID(m.ID).Milli()
	return at
}

// Content returns the hash that tells two mutations of one identifier apart.
func (m *Mutation) Content() Hash {
	if m.Fault != nil {
		return hashBytes(m.Raw)
	}
	return hashBytes(m.Encode())
}

// Encode returns the mutation as it is sent: canonical JSON.
func (m *Mutation) Encode() []byte {
	b := []byte(`{`)
	if m.Attest != "" {
		b = appendField(b, "attest", string(m.Attest))
	}
	if m.Base != 0 {
		b = appendField(b, "base", m.Base)
	}
	if m.Create != nil {
		b = appendField(b, "create", m.Create)
	}
	if m.Delete != "" {
		b = appendField(b, "delete", string(m.Delete))
	}
	b = appendField(b, "doc", string(m.Doc))
	if m.Edits != nil {
		b = append(b, `"edits":{`...)
		for i, e := range m.Edits {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, string(e.Path))
			b = append(b, ":["...)
			if h, ok := e.Was.(WasHash); ok {
				b = append(b, `{"#":"`...)
				b = append(b, h...)
				b = append(b, `"}`...)
			} else {
				b = appendCanonical(b, e.Was)
			}
			b = append(b, ',')
			b = appendCanonical(b, e.Now)
			b = append(b, ']')
		}
		b = append(b, "},"...)
	}
	b = appendField(b, "id", string(m.ID))
	if m.Schema > 1 {
		b = appendField(b, "schema", int64(m.Schema))
	}
	b = appendField(b, "scope", string(m.Scope))
	if m.Type != "" {
		b = appendField(b, "type", m.Type)
	}
	b[len(b)-1] = '}'
	return b
}

func appendField(b []byte, name string, v Value) []byte {
	b = appendText(b, name)
	b = append(b, ':')
	b = appendCanonical(b, v)
	return append(b, ',')
}

// DecodeMutation reads a mutation as sent. It always returns one: if Fault is
// set it cannot be judged, only kept; then ID is set if that could be read.
func DecodeMutation(raw []byte) Mutation {
	m := Mutation{Raw: raw}
	d := mutationDecoder{reader: reader{key: ValidKey}, m: &m}
	fault := &Fault{Code: CodeMutationLarge}
	if len(raw) <= MaxMutation {
		fault = d.decode(raw)
	}
	if fault == nil {
		fault = m.check()
	}
	if fault != nil {
		m = Mutation{ID: m.ID, Doc: m.Doc, Scope: m.Scope, Type: m.Type, Base: m.Base, Fault: fault, Raw: raw}
		if !ValidID(string(m.ID)) {
			m.ID = ""
		}
		if !ValidID(string(m.Doc)) {
			m.Doc = ""
		}
		return m
	}
	m.Normalised, m.Raw = d.normalised, nil
	return m
}

// check finds what is wrong beyond the shape.
func (m *Mutation) check() *Fault {
	switch {
	case !ValidID(string(m.ID)):
		return &Fault{Code: CodeBadID, Detail: "id is a UUID in lower case"}
	case !ValidID(string(m.Doc)):
		return &Fault{Code: CodeBadID, Detail: "doc is a UUID in lower case"}
	case m.Base < 0 || m.Schema < 0:
		return &Fault{Code: CodeBadMutation, Detail: "base and schema are not negative"}
	case m.Create != nil && m.Type == "":
		return &Fault{Code: CodeBadMutation, Detail: "create needs the type"}
	case m.Delete != "" && !validHash(string(m.Delete)), m.Attest != "" && !validHash(string(m.Attest)):
		return &Fault{Code: CodeBadMutation, Detail: "a hash is a SHA-256 in hexadecimal"}
	}
	acts := 0
	for _, is := range []bool{m.Create != nil, m.Edits != nil, m.Delete != ""} {
		if is {
			acts++
		}
	}
	if acts != 1 {
		return &Fault{Code: CodeBadMutation, Detail: "one of create, edits and delete"}
	}
	if m.Create != nil && len(Canonical(m.Create)) > MaxBody {
		return &Fault{Code: CodeBodyLarge}
	}
	return checkPaths(m.Edits)
}

// checkPaths reports a path that is none, or two of which one contains the
// other. The edits are in order of path, but "/a-b" stands between "/a" and
// "/a/c", so neighbours are not enough.
func checkPaths(edits []Edit) *Fault {
	if len(edits) > MaxEdits {
		return &Fault{Code: CodeTooManyEdits}
	}
	all := make(map[Pointer]bool, len(edits))
	for _, e := range edits {
		if !e.Path.Valid() {
			return &Fault{Code: CodeBadPath, Detail: "a path is /key/key…"}
		}
		all[e.Path] = true
	}
	for _, e := range edits {
		for i := 1; i < len(e.Path); i++ {
			if e.Path[i] == '/' && all[e.Path[:i]] {
				return &Fault{Code: CodeOverlap, Path: e.Path}
			}
		}
	}
	return nil
}

type mutationDecoder struct {
	reader
	m *Mutation
}

func (d *mutationDecoder) decode(raw []byte) *Fault {
	d.dec = jsontext.NewDecoder(bytes.NewReader(raw))
	if d.dec.PeekKind() != '{' {
		return &Fault{Code: CodeBadMutation, Detail: "a mutation is an object"}
	}
	_, _ = d.dec.ReadToken()
	for d.dec.PeekKind() != '}' {
		tok, err := d.dec.ReadToken()
		if err != nil {
			return syntax(err)
		}
		if f := d.field(tok.String()); f != nil {
			return f
		}
	}
	_, _ = d.dec.ReadToken()
	return d.end()
}

func (d *mutationDecoder) field(name string) *Fault {
	m := d.m
	switch name {
	case "id":
		return decodeText(d.dec, &m.ID)
	case "doc":
		return decodeText(d.dec, &m.Doc)
	case "scope":
		return decodeText(d.dec, &m.Scope)
	case "type":
		return decodeText(d.dec, &m.Type)
	case "delete":
		return decodeText(d.dec, &m.Delete)
	case "attest":
		return decodeText(d.dec, &m.Attest)
	case "base":
		return decodeInt(d.dec, &m.Base)
	case "schema":
		var n int64
		f := decodeInt(d.dec, &n)
		m.Schema = int(n)
		return f
	case "create":
		if d.dec.PeekKind() != '{' {
			return &Fault{Code: CodeBadMutation, Detail: "create is a body"}
		}
		v, f := d.value(0)
		m.Create, _ = v.(Object)
		return f
	case "edits":
		return d.edits()
	}
	return &Fault{Code: CodeUnknownField, Detail: "in a mutation"}
}

// edits reads {path: [was, now], …} into order of path.
func (d *mutationDecoder) edits() *Fault {
	if d.dec.PeekKind() != '{' {
		return &Fault{Code: CodeBadMutation, Detail: "edits is an object"}
	}
	_, _ = d.dec.ReadToken()
	byPath := map[string]Edit{}
	for d.dec.PeekKind() != '}' {
		tok, err := d.dec.ReadToken()
		if err != nil {
			return syntax(err)
		}
		e := Edit{Path: Pointer(tok.String())}
		if d.dec.PeekKind() != '[' {
			return &Fault{Code: CodeBadMutation, Detail: "an edit is [was, now]"}
		}
		_, _ = d.dec.ReadToken()
		var f *Fault
		if e.Was, f = d.seen(); f != nil {
			return f
		}
		if e.Now, f = d.nullable(); f != nil {
			return f
		}
		if tok, err = d.dec.ReadToken(); err != nil || tok.Kind() != ']' {
			return &Fault{Code: CodeBadMutation, Detail: "an edit is [was, now]"}
		}
		if len(byPath) > MaxEdits {
			return &Fault{Code: CodeTooManyEdits}
		}
		byPath[string(e.Path)] = e
	}
	_, err := d.dec.ReadToken()
	if err != nil {
		return syntax(err)
	}
	d.m.Edits = make([]Edit, 0, len(byPath))
	for _, p := range sortedKeys(byPath) {
		d.m.Edits = append(d.m.Edits, byPath[p])
	}
	if len(d.m.Edits) == 0 {
		return &Fault{Code: CodeBadMutation, Detail: "edits is empty"}
	}
	return nil
}

// seen reads a value an author saw: null, a value, or {"#": hash}.
func (d *mutationDecoder) seen() (Value, *Fault) {
	if d.dec.PeekKind() != '{' {
		return d.nullable()
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, syntax(err)
	}
	in := jsontext.NewDecoder(bytes.NewReader(raw))
	_, _ = in.ReadToken()
	if tok, err := in.ReadToken(); err == nil && tok.Kind() == '"' && tok.String() == "#" {
		var h Hash
		if f := decodeText(in, &h); f != nil || !validHash(string(h)) {
			return nil, &Fault{Code: CodeBadMutation, Detail: "a hash is a SHA-256 in hexadecimal"}
		}
		if tok, err := in.ReadToken(); err != nil || tok.Kind() != '}' {
			return nil, &Fault{Code: CodeBadMutation, Detail: `a hash stands alone: {"#": hash}`}
		}
		return WasHash(h), nil
	}
	sub := reader{dec: jsontext.NewDecoder(bytes.NewReader(raw)), key: ValidKey}
	v, f := sub.value(1)
	d.normalised = d.normalised || sub.normalised
	return v, f
}

func (d *mutationDecoder) nullable() (Value, *Fault) {
	if d.dec.PeekKind() == 'n' {
		_, err := d.dec.ReadToken()
		if err != nil {
			return nil, syntax(err)
		}
		return nil, nil
	}
	return d.value(1)
}

func decodeText[T ~string](dec *jsontext.Decoder, to *T) *Fault {
	if dec.PeekKind() != '"' {
		return wrongKind(dec, "a text is expected")
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return syntax(err)
	}
	*to = T(tok.String())
	return nil
}

func decodeInt(dec *jsontext.Decoder, to *int64) *Fault {
	if dec.PeekKind() != '0' {
		return wrongKind(dec, "an integer is expected")
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return syntax(err)
	}
	v, f := integer(tok.String())
	if f != nil {
		return f
	}
	*to, _ = v.(int64)
	return nil
}

// wrongKind tells a value of another kind from text that is no JSON at all.
func wrongKind(dec *jsontext.Decoder, detail string) *Fault {
	if _, err := dec.ReadToken(); err != nil && err != io.EOF {
		return syntax(err)
	}
	return &Fault{Code: CodeInvalidType, Detail: detail}
}
