package emulation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"thidua/sync"
)

func TestEveryTypeIsWellFormed(t *testing.T) {
	schema := New().Schema()
	if schema.Version < schema.Oldest || schema.Oldest < 1 {
		t.Errorf("versions %d, %d", schema.Version, schema.Oldest)
	}
	kinds := map[string]bool{"org": true, "unit": true, "unit:desk": true, "cluster": true, "cluster:desk": true, "user": true}
	for name, typ := range schema.Types {
		if typ.Name != name || !sync.ValidKey(name) {
			t.Errorf("type %q is filed as %q", typ.Name, name)
		}
		if len(typ.Scopes) == 0 {
			t.Errorf("%s lives nowhere", name)
		}
		for _, s := range typ.Scopes {
			if !kinds[s] {
				t.Errorf("%s: no kind of scope %q", name, s)
			}
		}
		if typ.Body.Kind != sync.KindObject {
			t.Errorf("%s: body of kind %s", name, typ.Body.Kind)
		}
		if _, keyed := KeyOf(name, nil); keyed && !typ.Keyed {
			t.Errorf("%s has a key but is not keyed", name)
		}
		for _, k := range keyFields(name) {
			if f := typ.Body.Fields[k]; f == nil || !f.Required {
				t.Errorf("%s is named after %s, which is not required", name, k)
			}
		}
		wellFormed(t, name, typ.Body)
	}
}

func wellFormed(t *testing.T, at string, f *sync.Field) {
	t.Helper()
	if f.Title.VI == "" || f.Title.EN == "" {
		t.Errorf("%s lacks a title", at)
	}
	switch f.Kind {
	case sync.KindObject:
		if len(f.Fields) == 0 {
			t.Errorf("%s: an object without fields", at)
		}
		for k, below := range f.Fields {
			if !sync.ValidKey(k) {
				t.Errorf("%s: bad key %q", at, k)
			}
			wellFormed(t, at+"/"+k, below)
		}
	case sync.KindMap, sync.KindList:
		if f.Each == nil {
			t.Fatalf("%s: entries of no shape", at)
		}
		wellFormed(t, at+"/*", f.Each)
	case sync.KindEnum:
		seen := map[string]bool{}
		for _, v := range f.Enum {
			if v == "" || seen[v] {
				t.Errorf("%s: value %q", at, v)
			}
			seen[v] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s: no values", at)
		}
	}
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		t.Errorf("%s: bounds are reversed", at)
	}
}

func TestScoresTalliesAndStatesHaveTheirPolicies(t *testing.T) {
	schema := New().Schema()
	for _, c := range []struct {
		typ, path string
		want      sync.Policy
	}{
		{TypeSheet, "/entries/I-1/self", sync.PolicyJudge},
		{TypeSheet, "/entries/I-1/reason", sync.PolicyMerge},
		{TypeSheet, "/state", sync.PolicyTransition},
		{TypeReview, "/entries/I-1/cross", sync.PolicyJudge},
		{TypeVerification, "/entries/I-1/verified", sync.PolicyJudge},
		{TypeMeeting, "/minutes/b1/text", sync.PolicyMerge},
		{TypeMeeting, "/resolutions/r1/votes", sync.PolicyAtomic},
		{TypeMeeting, "/ballots/b1/tally", sync.PolicyAtomic},
		{TypePledge, "/signatures", sync.PolicyTransition},
		{TypeRanking, "/rows", sync.PolicyAtomic},
		{TypeTracker, "/n", sync.PolicyServer},
		{TypeNotice, "/vi", sync.PolicyServer},
		{TypeNotice, "/read", sync.PolicyMerge},
	} {
		f, _ := schema.Types[c.typ].Field(sync.Pointer(c.path))
		if f == nil || f.Policy != c.want {
			t.Errorf("%s%s: field %+v, want policy %q", c.typ, c.path, f, c.want)
		}
	}
}

func TestTablesSpeakOfTypesAndStatesThatExist(t *testing.T) {
	d := New()
	has := func(typ, state string) bool {
		body := d.schema.Types[typ]
		if body == nil || body.Body.Fields["state"] == nil {
			return false
		}
		return body.Body.Fields["state"].Validate("", state) == nil
	}
	for _, s := range steps() {
		if !has(s.typ, s.from) || !has(s.typ, s.to) || s.who == 0 {
			t.Errorf("step %+v", s)
		}
	}
	for _, l := range locks() {
		if _, told := d.Message(l.code); !has(l.typ, l.state) || !told {
			t.Errorf("lock %+v", l)
		}
	}
	lines := map[[3]string]bool{}
	for _, r := range rights() {
		lines[[3]string{r.typ, r.scope, r.path}] = true
	}
	if len(d.steps) != len(steps()) || len(d.locks) != len(locks()) || len(lines) != len(rights()) {
		t.Error("a table has the same line twice")
	}
	for _, s := range steps() {
		if s.is&why != 0 && d.schema.Types[s.typ].Body.Fields["state_reason"] == nil {
			t.Errorf("step %+v: nowhere to state its reason", s)
		}
	}
	for _, dl := range deadlines() {
		typ := d.schema.Types[dl.typ]
		at, _ := typ.Field(sync.Pointer(dl.path))
		if typ.Body.Fields["period"] == nil || dl.path != "" && at == nil || dl.to != "" && !has(dl.typ, dl.to) ||
			d.schema.Types[TypePeriod].Body.Fields["milestones"].Each.Fields["kind"].Validate("", dl.milestone) != nil {
			t.Errorf("deadline %+v", dl)
		}
	}
	for _, s := range seals() {
		if set := d.schema.Types[s.typ].Body.Fields[s.set]; set == nil || set.Each.Fields[s.mark] == nil || set.Each.Fields[s.mark].Kind != sync.KindBool {
			t.Errorf("seal %+v", s)
		}
	}
	for _, r := range rights() {
		typ, lives := d.schema.Types[r.typ], false
		for _, s := range typ.Scopes {
			lives = lives || s == r.scope
		}
		if !lives {
			t.Errorf("right %+v: the type does not live there", r)
		}
	}
	for name, typ := range d.schema.Types {
		for _, s := range typ.Scopes {
			if _, written := d.writers[place{name, s}]; !written && name != TypeTracker && name != TypeDuplicates && name != TypeReviewCopy {
				t.Errorf("nobody writes %s in %s", name, s)
			}
		}
	}
}

func TestEveryCodeHasASentenceInBothLanguages(t *testing.T) {
	d := New()
	codes := declaredCodes(t)
	if len(codes) < 20 {
		t.Fatalf("found only %d codes", len(codes))
	}
	for _, c := range codes {
		if m, ok := d.Message(c); !ok || m.VI == "" || m.EN == "" {
			t.Errorf("%s has no sentence", c)
		}
	}
	if len(codes) != len(d.messages) {
		t.Errorf("%d codes, %d sentences", len(codes), len(d.messages))
	}
	if _, ok := d.Message("nothing_of_ours"); ok {
		t.Error("a code of others has a sentence")
	}
}

// declaredCodes reads the constants of type sync.Code out of this package's source.
func declaredCodes(t *testing.T) []sync.Code {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []sync.Code
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") || len(spec.Values) != 1 {
				return true
			}
			lit, _ := spec.Values[0].(*ast.BasicLit)
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, sync.Code(text))
			return true
		})
	}
	return codes
}

func TestBodiesThatContradictThemselvesAreFaulty(t *testing.T) {
	schema := New().Schema()
	u, v := string(uid("u")), string(uid("v"))
	for _, c := range []struct {
		typ  string
		body sync.Object
		want sync.Code
	}{
		{TypeTerm, sync.Object{"cluster": v, "year": int64(2023), "head": u, "deputy": u}, CodeHeadIsDeputy},
		{TypeMembership, sync.Object{"unit": u, "cluster": v, "from": "2022-01-02", "to": "2022-01-01"}, CodeSpanReversed},
		{TypeUnitLink, sync.Object{"child": u, "parent": u, "kind": "manages"}, CodeSelfLink},
		{TypeAward, sync.Object{"form": "prize", "authority": "unknown", "recipients": "collective"}, CodeCountOrText},
		{TypeAward, sync.Object{"form": "prize", "authority": "unknown", "recipients": "collective", "count": int64(1), "count_text": "một"}, CodeCountOrText},
		{TypeMeeting, sync.Object{"kind": "other", "title": "t", "held_on": "2022-01-01", "resolutions": sync.Object{
			"r": sync.Object{"text": "x", "votes": votesBody(Tally{For: 5, Returned: 6, Issued: 6})},
		}}, CodeTallyWrong},
	} {
		if f := schema.Types[c.typ].Validate(c.body); f == nil || f.Code != c.want {
			t.Errorf("%s: fault %v, want %s", c.typ, f, c.want)
		}
	}
}

func votesBody(t Tally) sync.Object {
	return sync.Object{
		"for": t.For, "against": t.Against, "abstain": t.Abstain, "invalid": t.Invalid, "returned": t.Returned, "issued": t.Issued,
	}
}
