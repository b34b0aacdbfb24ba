package sync

import (
	"bytes"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A mutationDecoder reads a mutation field by field and stops at the first fault.
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
		depth := strings.Count(string(e.Path), "/") // where the values stand in the body
		if e.Was, f = d.seen(depth); f != nil {
			return f
		}
		if e.Now, f = d.nullable(depth); f != nil {
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
func (d *mutationDecoder) seen(depth int) (Value, *Fault) {
	if d.dec.PeekKind() != '{' {
		return d.nullable(depth)
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
	v, f := sub.value(depth)
	d.normalised = d.normalised || sub.normalised
	return v, f
}

func (d *mutationDecoder) nullable(depth int) (Value, *Fault) {
	if d.dec.PeekKind() == 'n' {
		_, err := d.dec.ReadToken()
		if err != nil {
			return nil, syntax(err)
		}
		return nil, nil
	}
	return d.value(depth)
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
