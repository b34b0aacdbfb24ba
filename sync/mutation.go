package sync

import (
	"bytes"

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
	Base   int64  // version of the document its author saw; what its author could know
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
	if fault == nil && d.normalised && len(m.Encode()) > MaxMutation { // normal form may be longer
		fault = &Fault{Code: CodeMutationLarge}
	}
	if fault != nil {
		return salvage(raw, fault)
	}
	m.Normalised, m.Raw = d.normalised, nil
	return m
}

// salvage returns what names a mutation that cannot be judged, so that it is
// kept beside what it was about and answered by its identifier.
func salvage(raw []byte, fault *Fault) Mutation {
	m := Mutation{Fault: fault, Raw: raw}
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return m
	}
	for dec.PeekKind() == '"' {
		tok, err := dec.ReadToken()
		if err != nil {
			break
		}
		name := tok.String()
		if dec.PeekKind() != '"' {
			if dec.SkipValue() != nil {
				break
			}
			continue
		}
		if tok, err = dec.ReadToken(); err != nil {
			break
		}
		switch s := tok.String(); {
		case name == "id" && m.ID == "" && ValidID(s):
			m.ID = MutationID(s)
		case name == "doc" && m.Doc == "" && ValidID(s):
			m.Doc = DocID(s)
		case name == "scope" && m.Scope == "" && Scope(s).Kind() != "":
			m.Scope = Scope(s)
		case name == "type" && m.Type == "":
			m.Type = s
		}
	}
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
