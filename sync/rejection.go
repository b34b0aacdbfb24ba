package sync

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// reject keeps a mutation that is refused:
//
//	{about, aboutType, state, opened, code, path, detail, author, device, mutation, made, offset, version,
//	 create | edits: {<PathKey>: {path, was | wasHash, now}} | delete, attest | raw}
func (d *Draft) reject(m *Mutation, present *Document, fault *Fault) Receipt {
	id := DocID(NameID("rejection", string(d.author.Person), string(d.author.Device), string(m.ID), string(m.Content())))
	body := Object{"state": StateOpen, "opened": d.received, "code": string(fault.Code), "author": string(d.author.Person)}
	put(body, "about", string(m.Doc))
	typ := m.Type
	if present != nil {
		typ = present.Type
	}
	if d.rules.Schema().Types[typ] != nil {
		body["aboutType"] = typ
	}
	put(body, "path", string(fault.Path))
	put(body, "detail", fault.Detail)
	put(body, "device", string(d.author.Device))
	put(body, "mutation", string(m.ID))
	put(body, "attest", string(m.Attest))
	if made := m.Made(); made != 0 {
		body["made"] = made
	}
	if d.offset != 0 {
		body["offset"] = d.offset
	}
	if m.Base != 0 {
		body["version"] = m.Base
	}
	if s := m.Scope; s != d.state.Scope && s.Kind() != "" {
		body["scope"] = string(s) // kept elsewhere than it was meant for
	}
	switch {
	case m.Fault != nil:
		body["raw"] = rawText(m.Raw)
	case m.Create != nil:
		if len(m.Create) > 0 {
			body["create"] = m.Create
		}
	case m.Delete != "":
		body["delete"] = string(m.Delete)
	default:
		body["edits"] = editsBody(m.Edits)
	}
	if present := d.Document(id); present == nil {
		d.change(Change{Doc: id, Type: TypeRejection, By: -1, Create: body})
	}
	return Receipt{Outcome: Rejected, Code: fault.Code, Kept: id}
}

func editsBody(edits []Edit) Object {
	o := make(Object, len(edits))
	for _, e := range edits {
		one := Object{"path": string(e.Path)}
		if h, ok := e.Was.(WasHash); ok {
			one["wasHash"] = string(h)
		} else if e.Was != nil {
			one["was"] = e.Was
		}
		if e.Now != nil {
			one["now"] = e.Now
		}
		o[PathKey(e.Path)] = one
	}
	return o
}

// rawText returns the beginning of what was sent as text that may stand in a
// body: in NFC, and no longer there than MaxRaw.
func rawText(raw []byte) string {
	if len(raw) > MaxRaw {
		raw = raw[:MaxRaw]
	}
	s := norm.NFC.String(strings.ToValidUTF8(string(raw), "\uFFFD"))
	for size := len(Canonical(s)); size > MaxRaw+2; size = len(Canonical(s)) { // escapes make it longer
		end := len(s) - max(1, (size-MaxRaw)/6)
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return s
}
