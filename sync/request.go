package sync

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// A Request is what a phone sends to POST /v1/sync.
type Request struct {
	Schema    int              // version of the schema the app knows; 0 is 1
	Clock     int64            // the phone's clock when it sent this, milliseconds since 1970
	Cursors   map[Scope]Cursor // where the replica of each scope stands; a scope left out is wanted from the beginning
	Mutations []Mutation
	Need      map[Scope][]DocID // documents wanted whole whatever the cursor says
}

// Bounds of a request.
const (
	MaxRequest   = 4 << 20 // bytes, inflated
	MaxMutations = 1000
	MaxCursors   = 500
	MaxNeed      = 500
)

// Codes of requests that cannot be read at all.
const (
	CodeTooManyMutations Code = "too_many_mutations"
	CodeTooManyCursors   Code = "too_many_cursors"
)

// DecodeRequest reads a request. A mutation in it that cannot be read does not
// spoil the others: it carries its Fault. That is why names and text are not
// looked at strictly here; DecodeMutation does.
func DecodeRequest(raw []byte) (Request, *Fault) {
	req := Request{Cursors: map[Scope]Cursor{}, Need: map[Scope][]DocID{}}
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return req, wrongKind(dec, "a request is an object")
	}
	_, _ = dec.ReadToken()
	seen := map[string]bool{}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return req, syntax(err)
		}
		name := tok.String()
		if seen[name] {
			return req, &Fault{Code: CodeSyntax, Detail: "a name stands twice in a request"}
		}
		seen[name] = true
		if f := req.field(name, dec); f != nil {
			return req, f
		}
	}
	_, _ = dec.ReadToken()
	r := reader{dec: dec}
	return req, r.end()
}

func (req *Request) field(name string, dec *jsontext.Decoder) *Fault {
	switch name {
	case "schema":
		var n int64
		f := decodeInt(dec, &n)
		req.Schema = int(n)
		return f
	case "clock":
		return decodeInt(dec, &req.Clock)
	case "cursors":
		return each(dec, '{', func(key string) *Fault {
			if len(req.Cursors) >= MaxCursors {
				return &Fault{Code: CodeTooManyCursors}
			}
			var s string
			if f := decodeText(dec, &s); f != nil {
				return f
			}
			if _, twice := req.Cursors[Scope(key)]; twice {
				return &Fault{Code: CodeSyntax, Detail: "two cursors of one scope"}
			}
			c, f := ParseCursor(s)
			if f != nil {
				return f
			}
			req.Cursors[Scope(key)] = c
			return nil
		})
	case "mutations":
		return each(dec, '[', func(string) *Fault {
			if len(req.Mutations) >= MaxMutations {
				return &Fault{Code: CodeTooManyMutations}
			}
			raw, err := dec.ReadValue()
			if err != nil {
				return syntax(err)
			}
			req.Mutations = append(req.Mutations, DecodeMutation(bytes.Clone(raw)))
			return nil
		})
	case "need":
		return req.need(dec)
	}
	return &Fault{Code: CodeUnknownField, Detail: "in a request"}
}

func (req *Request) need(dec *jsontext.Decoder) *Fault {
	count := 0
	return each(dec, '{', func(key string) *Fault {
		return each(dec, '[', func(string) *Fault {
			var id DocID
			if f := decodeText(dec, &id); f != nil {
				return f
			}
			if count++; count > MaxNeed {
				return &Fault{Code: CodeTooMany, Detail: "in need"}
			}
			if !ValidID(string(id)) {
				return &Fault{Code: CodeBadID, Detail: "in need"}
			}
			req.Need[Scope(key)] = append(req.Need[Scope(key)], id)
			return nil
		})
	})
}

// each reads an object or array, calling one for each member with its name.
func each(dec *jsontext.Decoder, kind jsontext.Kind, one func(key string) *Fault) *Fault {
	if dec.PeekKind() != kind {
		return wrongKind(dec, "an object or array is expected")
	}
	_, _ = dec.ReadToken()
	for {
		switch dec.PeekKind() {
		case '}', ']':
			_, _ = dec.ReadToken()
			return nil
		}
		key := ""
		if kind == '{' {
			tok, err := dec.ReadToken()
			if err != nil {
				return syntax(err)
			}
			key = tok.String()
		}
		if f := one(key); f != nil {
			return f
		}
	}
}

// Encode returns the request as JSON, with the mutations as given.
func (req *Request) Encode() []byte {
	b := []byte(`{`)
	if req.Clock != 0 {
		b = appendField(b, "clock", req.Clock)
	}
	if len(req.Cursors) > 0 {
		o := Object{}
		for s, c := range req.Cursors {
			o[string(s)] = c.String()
		}
		b = appendField(b, "cursors", o)
	}
	if len(req.Mutations) > 0 {
		b = append(b, `"mutations":[`...)
		for i := range req.Mutations {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, req.Mutations[i].Encode()...)
		}
		b = append(b, "],"...)
	}
	if len(req.Need) > 0 {
		o := Object{}
		for s, ids := range req.Need {
			list := make([]any, len(ids))
			for i, id := range ids {
				list[i] = string(id)
			}
			o[string(s)] = list
		}
		b = appendField(b, "need", o)
	}
	if req.Schema > 1 {
		b = appendField(b, "schema", int64(req.Schema))
	}
	if len(b) == 1 {
		return []byte(`{}`)
	}
	b[len(b)-1] = '}'
	return b
}
