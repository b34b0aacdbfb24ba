package sync

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// agreesWithOracle compares our canonical text with another implementation's.
func agreesWithOracle(t tester, v Value) {
	t.Helper()
	ours := Canonical(v)
	theirs := jsontext.Value(bytes.Clone(ours))
	if err := theirs.Canonicalize(); err != nil {
		t.Fatalf("%q is no JSON: %v", ours, err)
	}
	if !bytes.Equal(ours, theirs) {
		t.Fatalf("ours %q, canonical is %q", ours, theirs)
	}
}

func TestCanonicalTextIsThatOfTheStandard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := genObject(4).Draw(t, "object")
		o["s"] = rapid.String().Draw(t, "text")
		agreesWithOracle(t, o)
	})
}

func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1,"b":{"c":[true,"x",{"d":-9007199254740991}]}}`, `{"a":{}}`, `{"a":[{}]}`, `{"a":null}`, `{"a":1,"a":2}`, `{"$a":1}`, `{"a":1.5}`,
		`{"a":9007199254740992}`, "{\"a\":\"ho\u0323p\"}", "{\"a\":\"\xff\"}", `{"a":[[1]]}`, `{"__proto__":{"x":1}}`, strings.Repeat(`{"a":`, 64) + `1` + strings.Repeat(`}`, 64), `{"a":-0}`, `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, normalised, fault := ParseObject(raw)
		if fault != nil {
			return
		}
		agreesWithOracle(t, body)
		canonical := Canonical(body)
		again, more, fault := ParseObject(canonical)
		if fault != nil || more || !Equal(body, again) {
			t.Fatalf("%q becomes %q: %v", canonical, Canonical(again), fault)
		}
		if stored := LoadDocument(Document{}, canonical).Body(); !Equal(body, stored) {
			t.Fatalf("%q is %q when it comes from a store", canonical, Canonical(stored))
		}
		if !normalised {
			theirs := jsontext.Value(bytes.Clone(raw))
			if err := theirs.Canonicalize(); err != nil || !bytes.Equal(theirs, canonical) {
				t.Fatalf("%q read as %q, want %q (%v)", raw, canonical, theirs, err)
			}
		}
		if len(Diff(body, again, nil)) > 0 {
			t.Fatal("equal bodies differ")
		}
	})
}

func FuzzDecodeMutation(f *testing.F) {
	w := newWorld(f)
	create, edit := w.create("note", `{"title":"họp"}`), w.edit("/count", `1`, `null`, "/people/a", `null`, `{"name":"A"}`)
	del := Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: HashOf(Object{}), Base: 3, Schema: 2, Attest: HashOf("x")}
	hashed := w.edit("/text", `{"#":"`+string(HashOf("x"))+`"}`, `"y"`)
	for _, m := range []Mutation{create, edit, del, hashed} {
		f.Add(m.Encode())
	}
	for _, seed := range []string{
		`{}`, `{"id":5}`, `{"edits":{"/a":[1]}}`, `{"edits":{"/a":[{"#":"x"},1]}}`, `{"id":"` + string(create.ID) + `","create":{"a":null}}`, `[`, `{"edits":{"/a":[1,2],"/a/b":[1,2]}}`,
		`{"create":` + strings.Repeat(`[`, 10_000), `{"edits":{"` + strings.Repeat("/a", 13) + `":[1,2]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := DecodeMutation(raw)
		if m.Fault != nil {
			if !bytes.Equal(m.Raw, raw) || m.ID != "" && !ValidID(string(m.ID)) || m.Create != nil || m.Edits != nil {
				t.Fatalf("%+v", m)
			}
			newWorld(t).one(an, m)
			return
		}
		encoded := m.Encode()
		again := DecodeMutation(encoded)
		again.Normalised = m.Normalised
		if diff := cmp.Diff(m, again); diff != "" {
			t.Fatalf("%q: %s", encoded, diff)
		}
		if !bytes.Equal(again.Encode(), encoded) || m.Content() != again.Content() || len(encoded) > MaxMutation+100 {
			t.Fatalf("%q encodes as %q", encoded, again.Encode())
		}
		theirs := jsontext.Value(bytes.Clone(encoded))
		if err := theirs.Canonicalize(); err != nil || !bytes.Equal(theirs, encoded) {
			t.Fatalf("%q is not canonical: %q %v", encoded, theirs, err)
		}
		w := newWorld(t)
		w.one(an, Mutation{ID: w.id(), Doc: m.Doc, Scope: w.scope, Type: "note", Create: Object{"title": "x"}})
		w.one(binh, m)
	})
}

func FuzzDecodeRequest(f *testing.F) {
	w := newWorld(f)
	req := Request{
		Schema: 3, Clock: 5, Cursors: map[Scope]Cursor{w.scope: At(7, HashOf("x")), Org: {}}, Mutations: []Mutation{w.edit("/count", `1`, `2`)},
		Need: map[Scope][]DocID{w.scope: {theDoc}},
	}
	f.Add(req.Encode())
	for _, seed := range []string{
		`{}`, `[]`, ``, `{"mutations":[{"id":1},5,null]}`, `{"clock":1e400}`, `{"cursors":{"org":"0","org":"0"}}`, `{"clock":1,"clock":2}`, `{"need":{"org":["x"]}}`,
		`{"mutations":[{"a":1,"a":2}]}`, "{\"mutations\":[{\"type\":\"\xff\"}]}", `{"mutations":[` + strings.Repeat(`[`, 10_000), `{"mutations":[}`, `{"schema":99999999999999999999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		req, fault := DecodeRequest(raw)
		if fault != nil {
			return
		}
		if len(req.Mutations) > MaxMutations || len(req.Cursors) > MaxCursors {
			t.Fatal("bounds are not held")
		}
		for i := range req.Mutations {
			if req.Mutations[i].Fault != nil {
				return // what cannot be read cannot be written either
			}
		}
		again, fault := DecodeRequest(req.Encode())
		if fault != nil {
			t.Fatalf("%q: %v", req.Encode(), fault)
		}
		if !bytes.Equal(again.Encode(), req.Encode()) {
			t.Fatalf("%q encodes as %q", req.Encode(), again.Encode())
		}
	})
}

func FuzzDecodeLine(f *testing.F) {
	w := newWorld(f)
	for _, l := range []Line{
		{Ack: &Ack{Mutation: w.id(), Outcome: Queued, Seq: 5, Duplicate: true, Code: CodeChanged, Message: Text{"vi", "en"}, Kept: theDoc, Scope: Org}},
		{Ack: &Ack{Outcome: Rejected, Index: 3}},
		{Scope: &ScopeLine{w.scope, 4}},
		{Doc: &DocLine{Doc: theDoc, Version: 3, Type: "note", Body: Object{"a": int64(1)}}},
		{Doc: &DocLine{Doc: theDoc, Version: 3, Set: map[Pointer]Value{"/a": nil, "/b": "x"}}},
		{Doc: &DocLine{Doc: theDoc, Version: 3, Gone: true}},
		{Cursor: &CursorLine{At(3, HashOf("x")), true, 77}},
		{Drop: w.scope},
		{Reset: w.scope},
		{End: &End{true, 5, 6}},
		{},
	} {
		f.Add(l.Append(nil))
	}
	f.Add([]byte(`{"doc":"` + string(theDoc) + `","v":1,"body":{"a":null}}`))
	f.Add([]byte(`{"doc":"` + string(theDoc) + `","v":1,"set":{"/a":{"b":null}}}`))
	f.Add([]byte(`{"new":"kind","of":{"line":null}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := DecodeLine(raw)
		if err != nil {
			return
		}
		encoded := l.Append(nil)
		again, err := DecodeLine(encoded)
		if err != nil {
			t.Fatalf("%q: %v", encoded, err)
		}
		if !bytes.Equal(again.Append(nil), encoded) {
			t.Fatalf("%q encodes as %q", encoded, again.Append(nil))
		}
	})
}

func FuzzDecodeCommit(f *testing.F) {
	w, _, _ := clash(f)
	w.judge(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Delete: w.doc().Hash()})
	for _, raw := range w.log {
		f.Add(raw)
	}
	f.Add([]byte(`{"checksum":"0","changes":[{"edits":{"":5}},7],"receipts":[null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := DecodeCommit(raw)
		if err != nil {
			return
		}
		if c.Hash() != hashBytes(raw) {
			t.Fatal("the hash is not that of what was read")
		}
		var doc *Document
		for _, ch := range c.Changes {
			doc = Fold(doc, c.Scope, ch, c.Seq)
		}
		fresh := func(c Commit) *Commit { c.raw, c.hash = nil, ""; return &c }
		encoded := fresh(c).Encode()
		again, err := DecodeCommit(encoded)
		if err != nil {
			t.Fatalf("%q: %v", encoded, err)
		}
		if !bytes.Equal(fresh(again).Encode(), encoded) {
			t.Fatalf("%q encodes as %q", encoded, fresh(again).Encode())
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"0", "5.0123456789abcdef", "5.3.0123456789abcdef", "5.0.0123456789abcdef", "05.0123456789abcdef", "", "1.2.3.4", "-1.0123456789abcdef", "9007199254740993.0123456789abcdef"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, fault := ParseCursor(s)
		if fault != nil {
			return
		}
		if c.String() != s || c.Floor > c.Seq || c.Seq < 0 {
			t.Fatalf("%q is read as %+v and written as %q", s, c, c.String())
		}
	})
}
