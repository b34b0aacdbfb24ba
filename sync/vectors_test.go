package sync

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the shared test vectors instead of checking them")

// The vectors are what every implementation of the phone must agree on: this
// package writes them, js/test and client read them. One case is one line.
func TestTheSharedVectorsAreWhatThisPackageSays(t *testing.T) {
	files := map[string][]Object{
		"canonical": canonicalVectors(t), "hash": hashVectors(t), "pointer": pointerVectors(), "patch": patchVectors(t), "diff": diffVectors(),
		"merge": mergeVectors(), "checksum": checksumVectors(), "segments": segmentVectors(t), "words": wordVectors(t),
	}
	sums := Object{}
	for name, cases := range files {
		text := []byte("[\n")
		for i, c := range cases {
			if i > 0 {
				text = append(text, ",\n"...)
			}
			text = append(text, Canonical(c)...)
		}
		text = append(text, "\n]\n"...)
		sums[name] = string(hashBytes(text))
		compareVectors(t, name, text)
	}
	// An implementation that finds its own mistakes in a file must not pass because a case was taken out.
	compareVectors(t, "sums", append(Canonical(sums), '\n'))
}

func compareVectors(t *testing.T, name string, text []byte) {
	t.Helper()
	file := filepath.Join("testdata", "vectors", name+".json")
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, text) {
		t.Errorf("%s is not what this package says; go test ./sync -run Vectors -update writes it anew", file)
	}
}

func canonicalVectors(t *testing.T) (cases []Object) {
	for _, text := range []string{
		`{}`, `{"b":1,"a":2,"a-b":3,"Z_":4,"0":5,"10":6,"9":7}`, `{"n":-9007199254740991,"m":9007199254740991,"z":0,"minus":-0}`,
		`{"t":"\"\\/\b\t\n\f\r\u0000\u001f\u007f\u2028\ud834\udd1e"}`, `{"t":"Cộng hòa xã hội"}`, `{"t":"Ho\u0323p ti\u00ea\u0301ng"}`,
		`{"empty":{},"in":{"side":{}},"list":[]}`, `{"list":[1,"a",true,{"k":[false]}]}`, `{"kept":{"empty":{},"is":"not"}}`,
		`{"a":null}`, `{"a":1.5}`, `{"a":9007199254740992}`, `{"a":[[1]]}`, `{"a":[{}]}`, `{"_a":1}`, `{"a b":1}`, `{"` + strings.Repeat("k", 65) + `":1}`, `{"":1}`, `{"đ":1}`, `{"__proto__":1}`,
		deepText(MaxDepth), deepText(MaxDepth + 1), `{"t":"` + strings.Repeat("ộ", 30_000) + `"}`,
	} {
		c := Object{"text": text}
		body, _, fault := ParseObject([]byte(text))
		if fault == nil && len(Canonical(body)) > MaxBody {
			fault = &Fault{Code: CodeBodyLarge}
		}
		if fault != nil {
			c["code"] = string(fault.Code)
		} else {
			c["canonical"], c["bytes"] = string(Canonical(body)), int64(len(Canonical(body)))
		}
		cases = append(cases, c)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		body := vectorBody(r)
		text, err := json.Marshal(body) // escapes otherwise than canonical JSON does
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, Object{"text": string(text), "canonical": string(Canonical(body)), "bytes": int64(len(Canonical(body)))})
	}
	return cases
}

func deepText(levels int) string {
	return strings.Repeat(`{"d":`, levels) + "1" + strings.Repeat("}", levels)
}

func hashVectors(t *testing.T) (cases []Object) {
	for _, v := range []Value{nil, true, "", "Họp quý", int64(-1), []any{}, Object{"a": "b"}, strings.Repeat("x", LongWas-2), strings.Repeat("x", LongWas-1), strings.Repeat("ộ", LongWas/3)} {
		cases = append(cases, Object{"value": v, "hash": string(HashOf(v)), "seen": wireWas(Seen(v))})
	}
	for _, parts := range [][]string{{"unit"}, {"sheet", "019cac0f-2680-7001-9490-066b778935b0", "2026"}, {"", "tiêu chí"}, {}} {
		list := []any{}
		for _, p := range parts {
			list = append(list, p)
		}
		cases = append(cases, Object{"parts": list, "name": string(NameID(parts...))})
	}
	for i, milli := range []int64{0, 1772413260000, 1<<48 - 1} {
		id := MakeID(milli, uint16(4095*i), 0x0123456789abcdef)
		if back, ok := id.Milli(); !ok || back != milli {
			t.Fatalf("%s is of %d", id, back)
		}
		cases = append(cases, Object{"milli": milli, "counter": int64(4095 * i), "random": "0123456789abcdef", "id": string(id)})
	}
	return cases
}

func pointerVectors() (cases []Object) {
	body := Object{"a": Object{"b": Object{"c": int64(1)}, "d": "x"}, "list": []any{int64(1)}, "s": "text"}
	for _, p := range []Pointer{"", "/a", "/a/b/c", "/a/b/c/d", "/a/x", "/list", "/list/0", "/s/t", "/zz", "/toString"} {
		v, blocked := lookup(body, p)
		cases = append(cases, Object{"get": body, "path": string(p), "is": v, "blocked": blocked})
		for _, now := range []Value{nil, int64(7), Object{"k": "v"}, Object{}} {
			cases = append(cases, Object{"set": body, "path": string(p), "to": now, "is": Set(body, p, now)})
		}
	}
	for _, p := range []Pointer{"", "/", "a", "/a", "/a/", "/a//b", "/a b", "/_a", "/a_", "/a~1b", Pointer(strings.Repeat("/a", MaxDepth)), Pointer(strings.Repeat("/a", MaxDepth+1))} {
		cases = append(cases, Object{"valid": string(p), "is": p.Valid()})
		for _, q := range []Pointer{"/a", "/a/b", "/ab", "/a-b"} {
			cases = append(cases, Object{"outer": string(p), "inner": string(q), "is": p.Contains(q)})
		}
	}
	return cases
}

func diffVectors() (cases []Object) {
	typ := testSchema().Types["note"]
	r := rand.New(rand.NewPCG(2, 2))
	for range 150 {
		a := vectorBody(r)
		b := a
		for range r.IntN(5) {
			b = vectorChange(r, b)
		}
		edits, sent := []any{}, []any{}
		for _, e := range Diff(a, b, typ.Atomic) {
			edits = append(edits, wireEdit(e))
			e.Was = Seen(e.Was)
			sent = append(sent, wireEdit(e))
		}
		cases = append(cases, Object{"a": a, "b": b, "atomic": []any{"/place"}, "edits": edits, "sent": sent})
	}
	return cases
}

func mergeVectors() (cases []Object) {
	typ := testSchema().Types["note"]
	r := rand.New(rand.NewPCG(3, 3))
	for range 250 {
		base := vectorBody(r)
		mine, theirs := base, base
		for range 1 + r.IntN(4) {
			mine, theirs = vectorChange(r, mine), vectorChange(r, theirs)
		}
		edits := Diff(base, mine, typ.Atomic)
		if r.IntN(4) == 0 && base["people"] != nil { // an app that edits whole objects
			edits = []Edit{{Path: "/people", Was: base["people"], Now: mine["people"]}}
		}
		c := Object{"body": theirs, "atomic": []any{"/place"}}
		var out judged
		wire := []any{}
		for _, e := range edits {
			if r.IntN(3) == 0 {
				e.Was = Seen(e.Was)
			}
			wire = append(wire, wireEdit(e))
			judge(theirs, e, typ.Atomic, &out)
		}
		c["edits"], c["divided"], c["after"] = wire, out.divided, Apply(theirs, out.applied)
		for name, list := range map[string][]Edit{"applied": out.applied, "merged": out.merged, "clashes": out.clashes} {
			all := []any{}
			for _, e := range list {
				all = append(all, wireEdit(e))
			}
			c[name] = all
		}
		cases = append(cases, c)
	}
	return cases
}

// patchVectors are lines and own mutations put onto one document.
func patchVectors(t *testing.T) (cases []Object) {
	scope := UnitScope(DocID(NameID("unit")))
	r := rand.New(rand.NewPCG(4, 4))
	for i := range 120 {
		present := NewDocument(theDoc, "note", scope, 5, vectorBody(r))
		after := vectorChange(r, vectorChange(r, present.Body()))
		c := Object{"before": wireDocument(present)}
		var next *Document
		ok := true
		switch {
		case i%10 == 0:
			present, c["before"] = nil, nil
			line := DocLine{Doc: theDoc, Version: 9, Type: "note", Body: after}
			if i%20 == 0 {
				line = DocLine{Doc: theDoc, Version: 9, Set: map[Pointer]Value{"/title": "a"}}
			}
			c["line"] = wireLine(t, line)
			next, ok = line.Onto(nil, scope)
		case i%10 == 1:
			line := DocLine{Doc: theDoc, Version: 9, Gone: true}
			c["line"] = wireLine(t, line)
			next, ok = line.Onto(present, scope)
		case i%2 == 0:
			line := DocLine{Doc: theDoc, Version: 9, Set: map[Pointer]Value{}}
			for _, e := range Diff(present.Body(), after, nil) {
				line.Set[e.Path] = e.Now
			}
			c["line"] = wireLine(t, line)
			next, ok = line.Onto(present, scope)
		default:
			m := Mutation{ID: MutationID(NameID("mutation", fmt.Sprint(i))), Doc: theDoc, Scope: scope, Edits: Diff(present.Body(), after, nil)}
			switch {
			case i%10 == 3:
				m.Edits, m.Delete = nil, present.Hash()
			case i%10 == 5:
				m.Edits, m.Type, m.Create = nil, "note", after
				present, c["before"] = nil, nil
			case len(m.Edits) == 0:
				continue
			}
			c["mutation"], c["seq"] = string(m.Encode()), int64(9)
			next = m.Onto(present, 9)
		}
		c["after"], c["whole"] = wireDocument(next), ok
		cases = append(cases, c)
	}
	return cases
}

func checksumVectors() (cases []Object) {
	r := rand.New(rand.NewPCG(5, 5))
	for n := range 12 {
		docs, total := []any{}, uint64(0)
		for i := range n {
			d := NewDocument(DocID(NameID("sum", fmt.Sprint(i))), "note", Org, 1+r.Int64N(MaxNumber), vectorBody(r))
			w := wireDocument(d).(Object)
			w["share"] = fmt.Sprintf("%016x", d.Sum())
			docs = append(docs, w)
			total += d.Sum()
		}
		cases = append(cases, Object{"docs": docs, "sum": fmt.Sprintf("%016x", total)})
	}
	return cases
}

func wordVectors(t *testing.T) (cases []Object) {
	r := rand.New(rand.NewPCG(6, 6))
	words := []string{"họp", "quý", "bốn", "16/12/2022", "33.776", "96,5 %", "khen", "thưởng", "–", "(dự thảo)", "\n", "a", "𝄢", "\u200b", "đồng\u00a0ý"}
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteString([]string{" ", " ", ", ", ""}[r.IntN(4)])
		}
		return b.String()
	}
	change := func(s string) string {
		tokens := strings.SplitAfter(s, " ")
		for range r.IntN(3) {
			i := r.IntN(len(tokens))
			tokens[i] = []string{"", text(1), tokens[i] + text(2)}[r.IntN(3)]
		}
		return strings.Join(tokens, "")
	}
	add := func(base, ours, theirs string) {
		runs := []any{}
		for _, c := range DiffWords(base, ours) {
			runs = append(runs, Object{"kind": string(c.Kind), "text": c.Text})
		}
		raw, err := json.Marshal(MergeWords(base, ours, theirs))
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, Object{"base": base, "ours": ours, "theirs": theirs, "runs": runs, "proposal": object(t, string(raw))})
	}
	add("", "", "")
	add("", "a", "b")
	add("họp ngày 16/12/2022 tại hội trường", "họp ngày 17/12/2022 tại hội trường", "họp ngày 16/11/2022 tại hội trường A")
	for range 150 {
		base := text(r.IntN(14))
		add(base, change(base), change(base))
	}
	return cases
}
