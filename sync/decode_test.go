package sync

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsNoBodyIsSaidWhy(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n) }
	for _, c := range []struct {
		name, text string
		code       Code
	}{
		{"not JSON", `nonsense`, CodeSyntax},
		{"cut off", `{"a":`, CodeSyntax},
		{"more than one value", `{} {}`, CodeSyntax},
		{"no object", `[1]`, CodeInvalidType},
		{"64 levels", nested(64), CodeTooDeep},
		{"ten thousand levels", nested(10_000), CodeTooDeep},
		{"as deep as may be", nested(MaxDepth), ""},
		{"one level more", nested(MaxDepth + 1), CodeTooDeep},
		{"null", `{"a":null}`, CodeNull},
		{"a name twice", `{"a":1,"a":1}`, CodeSyntax},
		{"a dollar in a key", `{"$set":1}`, CodeBadKey},
		{"a dot in a key", `{"a.b":1}`, CodeBadKey},
		{"__proto__", `{"__proto__":1}`, CodeBadKey},
		{"no key", `{"":1}`, CodeBadKey},
		{"a long key", `{"` + strings.Repeat("k", MaxKey+1) + `":1}`, CodeBadKey},
		{"beyond 2^53", `{"a":9007199254740992}`, CodeBadNumber},
		{"a huge number", `{"a":` + strings.Repeat("9", 5000) + `}`, CodeBadNumber},
		{"a fraction", `{"a":1.5}`, CodeBadNumber},
		{"an exponent", `{"a":1e3}`, CodeBadNumber},
		{"NaN", `{"a":NaN}`, CodeSyntax},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", CodeSyntax},
		{"half a surrogate pair", `{"a":"\ud800"}`, CodeSyntax},
		{"a list in a list", `{"a":[[1]]}`, CodeNestedArray},
		{"an empty entry in a list", `{"a":[{}]}`, CodeEmptyObject},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, f := ParseObject([]byte(c.text))
			if (f == nil) != (c.code == "") || f != nil && f.Code != c.code {
				t.Fatalf("fault %v, want %q", f, c.code)
			}
		})
	}
}

func TestAMutationThatCannotBeReadStillHasItsName(t *testing.T) {
	w := newWorld(t)
	id := w.id()
	rest := fmt.Sprintf(`"doc":%q,"id":%q,"scope":%q,"type":"note"}`, theDoc, id, w.scope)
	deep := strings.Repeat("/a", MaxDepth)
	for _, c := range []struct {
		name, text string
		code       Code
	}{
		{"null in its body", `{"create":{"a":null},` + rest, CodeNull},
		{"too deep a body", `{"create":` + strings.Repeat(`{"a":`, 64) + `1` + strings.Repeat(`}`, 64) + `,` + rest, CodeTooDeep},
		{"a name twice", `{"base":1,"base":1,` + rest, CodeSyntax},
		{"invalid UTF-8", "{\"create\":{\"a\":\"\xff\"}," + rest, CodeSyntax},
		{"a body too deep by its path", `{"edits":{"` + deep + `":[null,{"b":1}]},` + rest, CodeTooDeep},
		{"an unknown field", `{"now":1,` + rest, CodeUnknownField},
		{"no act", `{` + rest, CodeBadMutation},
		{"two acts", `{"create":{},"delete":"` + string(HashOf("x")) + `",` + rest, CodeBadMutation},
		{"no hash", `{"delete":"x",` + rest, CodeBadMutation},
		{"no edits", `{"edits":{},` + rest, CodeBadMutation},
		{"overlapping paths", `{"edits":{"/a":[1,2],"/a-b":[1,2],"/a/c":[1,2]},` + rest, CodeOverlap},
		{"a path that is none", `{"edits":{"a":[1,2]},` + rest, CodeBadPath},
		{"a negative base", `{"base":-1,"create":{},` + rest, CodeBadMutation},
		{"too large", `{"create":{"a":"` + strings.Repeat("x", MaxMutation) + `"},` + rest, CodeMutationLarge},
		{"too large a body", `{"create":{"a":"` + strings.Repeat("x", MaxBody) + `"},` + rest, CodeBodyLarge},
		{"too large in normal form", `{"edits":{"/text":[null,"` + strings.Repeat("\U0001D160", MaxMutation/8) + `"]},` + rest, CodeMutationLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := w.create("note", `{}`)
			req, f := DecodeRequest([]byte(`{"mutations":[` + c.text + `,` + string(good.Encode()) + `]}`))
			if f != nil || len(req.Mutations) != 2 || req.Mutations[1].Fault != nil {
				t.Fatalf("one bad mutation spoils the request: %v", f)
			}
			m := req.Mutations[0]
			if m.Fault == nil || m.Fault.Code != c.code {
				t.Fatalf("fault %v, want %s", m.Fault, c.code)
			}
			if m.ID != id || m.Doc != theDoc || m.Scope != w.scope || m.Type != "note" {
				t.Fatalf("its name is lost: %+v", m)
			}
			w := newWorld(t)
			if r := w.one(an, m); r.Outcome != Rejected || r.Code != c.code {
				t.Fatalf("receipt %+v", r)
			}
		})
	}
}

func TestARequestThatIsNoneIsRefusedAsAWhole(t *testing.T) {
	many := func(n int, one string) string { return strings.Repeat(one+",", n-1) + one }
	for _, c := range []struct {
		name, text string
		code       Code
	}{
		{"not JSON", `nonsense`, CodeSyntax},
		{"nothing", ``, CodeInvalidType},
		{"a list", `[]`, CodeInvalidType},
		{"an unknown field", `{"x":1}`, CodeUnknownField},
		{"a name twice", `{"clock":1,"clock":1}`, CodeSyntax},
		{"brackets that do not match", `{"mutations":[}`, CodeSyntax},
		{"too many mutations", `{"mutations":[` + many(MaxMutations+1, `1`) + `]}`, CodeTooManyMutations},
		{"a clock beyond 2^53", `{"clock":9007199254740993}`, CodeBadNumber},
		{"a cursor that is none", `{"cursors":{"org":"x"}}`, CodeBadFormat},
		{"two cursors of one scope", `{"cursors":{"org":"0","org":"0"}}`, CodeSyntax},
		{"need that is no list", `{"need":{"org":1}}`, CodeInvalidType},
		{"need without identifiers", `{"need":{"org":["x"]}}`, CodeBadID},
		{"too much need", `{"need":{"org":[` + many(MaxNeed+1, `"`+string(theDoc)+`"`) + `]}}`, CodeTooMany},
		{"ten thousand levels", `{"mutations":` + strings.Repeat(`[`, 10_000), CodeSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, f := DecodeRequest([]byte(c.text)); f == nil || f.Code != c.code {
				t.Fatalf("fault %v, want %s", f, c.code)
			}
		})
	}
}

func TestWhatWasSentIsKeptAsTextThatEveryReaderReadsAlike(t *testing.T) {
	for _, raw := range [][]byte{
		[]byte("ho\u0323p"), []byte("\xff\xfe"), bytes.Repeat([]byte{1}, MaxRaw), bytes.Repeat([]byte("\U0001D160"), MaxRaw/4), bytes.Repeat([]byte(`"ế`), MaxRaw),
	} {
		w := newWorld(t)
		r := w.one(an, Mutation{ID: w.id(), Doc: theDoc, Scope: w.scope, Fault: &Fault{Code: CodeSyntax}, Raw: raw})
		kept := w.state.Docs[r.Kept]
		if _, normalised, f := ParseObject(kept.Raw()); f != nil || normalised {
			t.Fatalf("normalised %t, fault %v", normalised, f)
		}
		if text := str(kept.Body(), "raw"); text == "" || len(Canonical(text)) > MaxRaw+2 {
			t.Fatalf("%d bytes kept", len(text))
		}
	}
}

func TestAnUnreadableMutationWithoutANameIsKept(t *testing.T) {
	w := newWorld(t)
	m := DecodeMutation([]byte(`{"id":"x"}`))
	d := w.draft(an)
	id := d.KeepRejected(m, m.Fault.Code)
	w.seal(d)
	if kept := w.state.Docs[id]; kept == nil || str(kept.Body(), "raw") != `{"id":"x"}` || len(w.log) != 1 {
		t.Fatal("it is not kept")
	}
}
