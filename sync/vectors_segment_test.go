package sync

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// segmentVectors are answers as a phone with own mutations in the very request
// gets them from a server where others have been busy, cut here and there. What
// has to come out is what the server has.
func segmentVectors(t *testing.T) (cases []Object) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(7, seed))
		m := &model{world: newWorld(t), receipts: map[DeviceID]map[MutationID]stored{}, made: map[MutationID]Mutation{}}
		p := &phone{author: author("an"), base: map[DocID]*Document{}}
		for range 12 {
			for range r.IntN(3) {
				m.someone(r, author("binh"), m.state.Docs, nil)
			}
			var own []any
			mine := m.someone(r, p.author, p.base, &own)
			cases = append(cases, m.segment(t, r, p, own, mine))
		}
	}
	unknown := DocLine{Doc: theDoc, Version: 3, Set: map[Pointer]Value{"/title": "a"}}
	cases = append(cases, Object{
		"scope": "org", "from": "2.00000000000000aa", "before": []any{}, "own": []any{}, "lines": []any{wireLine(t, unknown)},
		"cursor": "3.00000000000000bb", "after": []any{}, "need": []any{string(theDoc)},
	})
	return cases
}

// someone commits up to three mutations of one device that sees the documents
// given. Those applied to the letter are told in own, with their sequence.
func (m *model) someone(r *rand.Rand, a Author, sees map[DocID]*Document, own *[]any) map[DocID]map[int64]bool {
	d := m.draft(a)
	seen := map[DocID]*Document{}
	for id, doc := range sees {
		seen[id] = doc
	}
	for range r.IntN(4) {
		mut := Mutation{ID: m.id(), Doc: modelDoc(r.IntN(3)), Scope: m.scope}
		present := seen[mut.Doc]
		switch {
		case present == nil || present.Gone:
			mut.Type, mut.Create = "note", vectorBody(r)
			seen[mut.Doc] = NewDocument(mut.Doc, "note", m.scope, 0, mut.Create)
		case r.IntN(8) == 0:
			mut.Delete = present.Hash()
			seen[mut.Doc] = nil
		default:
			after := vectorChange(r, present.Body())
			if mut.Edits = Diff(present.Body(), after, m.rules.schema.Types["note"].Atomic); len(mut.Edits) == 0 {
				continue
			}
			seen[mut.Doc] = NewDocument(mut.Doc, "note", m.scope, 0, after)
		}
		if rec := d.Judge(mut); own != nil && rec.Outcome == Applied {
			*own = append(*own, Object{"mutation": string(mut.Encode()), "seq": d.Seq()})
		}
	}
	if c := m.seal(d); c != nil {
		return m.note(&phone{author: a}, c)
	}
	return nil
}

// segment lets the phone have an answer, whole or cut, and tells all of it.
func (m *model) segment(t *testing.T, r *rand.Rand, p *phone, own []any, mine map[DocID]map[int64]bool) Object {
	to := At(m.state.Seq, m.state.Hash)
	if docs := m.news(p.cursor.Floor); len(docs) > 1 && r.IntN(4) == 0 {
		if v := docs[r.IntN(len(docs)-1)].Version; v > p.cursor.Seq && v < m.state.Seq {
			to = Cursor{Seq: v, Floor: p.cursor.Floor, Hash: strings.Repeat("a", 16)}
		}
	}
	c := Object{"scope": string(m.scope), "from": p.cursor.String(), "before": wireDocuments(p.base), "need": []any{}}
	lines, told := []any{}, []any{}
	for _, d := range m.news(p.cursor.Floor) {
		if d.Version > to.Seq {
			break
		}
		if line, news := Patch(d, p.cursor.Floor, mine[d.ID]); news {
			lines = append(lines, wireLine(t, line))
		}
	}
	told = append(told, own...)
	c["own"], c["lines"], c["cursor"] = told, lines, to.String()
	if to.Floor == to.Seq {
		c["sum"] = fmt.Sprintf("%016x", m.state.Checksum)
	}
	after := map[DocID]*Document{}
	for id, d := range p.base {
		after[id] = d
	}
	for id, d := range m.state.Docs {
		if d.Version <= to.Seq {
			after[id] = d
		}
	}
	p.base, p.cursor = map[DocID]*Document{}, to
	for id, d := range after {
		if !d.Gone {
			p.base[id] = d
		}
	}
	c["after"] = wireDocuments(p.base)
	return c
}

// vectorBody returns a body of type note by chance.
func vectorBody(r *rand.Rand) Object {
	body := Object{"title": "Họp"}
	for range r.IntN(7) {
		body = vectorChange(r, body)
	}
	return body
}

// vectorChange sets or removes one place of a body.
func vectorChange(r *rand.Rand, body Object) Object {
	word := func() string { return []string{"a", "b", "c"}[r.IntN(3)] }
	text := func() string {
		return []string{"", "họp", "\"\\\n\u0001<&>", "96,5 %", "𝄢", strings.Repeat("dài ", 60)}[r.IntN(6)]
	}
	places := []struct {
		at Pointer
		v  Value
	}{
		{"/title", word()},
		{"/count", r.Int64N(4)},
		{Pointer("/people/" + word() + "/name"), word()},
		{Pointer("/people/" + word() + "/present"), r.IntN(2) == 0},
		{Pointer("/people/" + word()), Object{"name": word()}},
		{Pointer("/cells/" + word()), text()},
		{"/place", Object{"name": word(), "room": r.Int64N(4)}},
		{"/days", []any{fmt.Sprintf("2022-12-1%d", r.IntN(4))}},
		{"/people", nil},
	}
	p := places[r.IntN(len(places))]
	if r.IntN(5) == 0 {
		p.v = nil
	}
	if next := Set(body, p.at, p.v); len(next) > 0 {
		return next
	}
	return body
}

func wireWas(v Value) Value {
	if h, ok := v.(WasHash); ok {
		return Object{"#": string(h)}
	}
	return v
}

// wireEdit is path, was and now; null is absent. An array in it is given as its text, since arrays hold none.
func wireEdit(e Edit) Object {
	return Object{"path": string(e.Path), "was": wireWas(e.Was), "now": e.Now}
}

func wireDocument(d *Document) Value {
	if d == nil {
		return nil
	}
	return Object{"id": string(d.ID), "type": d.Type, "version": d.Version, "body": string(d.Raw())}
}

func wireDocuments(docs map[DocID]*Document) []any {
	byID, list := map[string]*Document{}, []any{}
	for id, d := range docs {
		byID[string(id)] = d
	}
	for _, id := range sortedKeys(byID) {
		list = append(list, wireDocument(byID[id]))
	}
	return list
}

func wireLine(t *testing.T, l DocLine) string {
	t.Helper()
	line := Line{Doc: &l}
	return strings.TrimSuffix(string(line.Append(nil)), "\n")
}
