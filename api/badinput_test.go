package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// badInput is a server with one unit and a phone of it.
func badInput(t *testing.T) (*world, *phone) {
	t.Helper()
	w := newWorld(t)
	w.settle(t, "c", "u")
	return w, w.phone(t, grant(emulation.UnitStaff, "u"))
}

// mutation returns a mutation of the unit as text, with members added.
func (w *world) mutation(members string) []byte {
	return fmt.Appendf(nil, `{"mutations":[{"id":%q,"doc":%q,"scope":%q,%s}]}`, w.id(), w.id(), sync.UnitScope(name("u")), members)
}

// kept fails unless a request with one mutation is answered with a rejection
// of a code, with both sentences, and its author can read what was kept.
func (p *phone) kept(t *testing.T, body []byte, code sync.Code) sync.DocLine {
	t.Helper()
	r := p.raw(t, body)
	r.want(t, http.StatusOK)
	got := acks(r.lines(t))
	if len(got) != 1 || got[0].Outcome != sync.Rejected || got[0].Code != code || got[0].Message.VI == "" || got[0].Message.EN == "" {
		t.Fatalf("want rejected as %q with both sentences: %s", code, r.body)
	}
	scope := got[0].Scope
	if scope == "" {
		scope = sync.UnitScope(name("u"))
	}
	doc, ok := docs(p.sync(t, sync.Request{}))[scope][got[0].Kept]
	if !ok || doc.Type != sync.TypeRejection || doc.Body["code"] != string(code) {
		t.Fatalf("it is not kept in %s: %+v", scope, doc)
	}
	return doc
}

func TestWhatIsNotJSONIsRefused(t *testing.T) {
	_, p := badInput(t)
	for _, body := range []string{"", "x", "{", `{"clock":1}}`, `{"clock":1,"clock":2}`, "\x1f\x8b", "null x"} {
		r := p.raw(t, []byte(body))
		if r.status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", body, r.status, r.body)
		}
	}
	p.raw(t, []byte("{x")).problem(t, http.StatusBadRequest, sync.CodeSyntax)
}

func TestWrongTypesAreRefused(t *testing.T) {
	_, p := badInput(t)
	for _, body := range []string{`[]`, `7`, `null`, `{"clock":"now"}`, `{"cursors":[]}`, `{"cursors":{"org":1}}`, `{"mutations":{}}`, `{"need":{"org":{}}}`, `{"need":[]}`} {
		p.raw(t, []byte(body)).problem(t, http.StatusBadRequest, sync.CodeInvalidType)
	}
}

func TestAMutationOfTheWrongTypeIsKept(t *testing.T) {
	_, p := badInput(t)
	r := p.raw(t, []byte(`{"mutations":[7,"x",[],null]}`))
	r.want(t, http.StatusOK)
	got := acks(r.lines(t))
	if len(got) != 4 || !ended(r.lines(t)) {
		t.Fatalf("%s", r.body)
	}
	mine := docs(p.sync(t, sync.Request{}))[sync.UserScope(p.session.Person)]
	for i, a := range got {
		if a.Outcome != sync.Rejected || a.Index != i || a.Message.VI == "" || mine[a.Kept].Type != sync.TypeRejection {
			t.Errorf("ack %d: %+v, kept %+v", i, a, mine[a.Kept])
		}
	}
}

func TestUnknownFieldsAreRefusedOrKept(t *testing.T) {
	w, p := badInput(t)
	p.raw(t, []byte(`{"colour":"red"}`)).problem(t, http.StatusBadRequest, sync.CodeUnknownField)
	p.kept(t, w.mutation(`"colour":1,"type":"meeting","create":{"kind":"other"}`), sync.CodeUnknownField)
	p.kept(t, w.mutation(`"type":"meeting","create":{"kind":"other","title":"a","held_on":"2026-01-01","colour":"red"}`), sync.CodeUnknownField)
}

func TestSixtyFourLevelsAreKeptAsTooDeep(t *testing.T) {
	w, p := badInput(t)
	deep := strings.Repeat(`{"a":`, 64) + "1" + strings.Repeat("}", 64)
	p.kept(t, w.mutation(`"type":"meeting","create":`+deep), sync.CodeTooDeep)
	p.raw(t, []byte(`{"cursors":`+deep+`}`)).problem(t, http.StatusBadRequest, sync.CodeInvalidType)
	w.send(t, p, http.MethodPost, "/v1/refresh", []byte(deep), nil).problem(t, http.StatusBadRequest, sync.CodeUnknownField)
	p.raw(t, bytes.Repeat([]byte("["), 900_000)).problem(t, http.StatusBadRequest, sync.CodeInvalidType)
}

func TestAHundredMegabytesFromAHundredKilobytesAreNotInflated(t *testing.T) {
	w, p := badInput(t)
	bomb := packed(t, append([]byte(`{"mutations":["`), bytes.Repeat([]byte("a"), 100<<20)...))
	if len(bomb) > 150<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	w.send(t, p, http.MethodPost, "/v1/sync", bomb, map[string]string{"Content-Encoding": "gzip"}).problem(t, http.StatusRequestEntityTooLarge, hub.CodeTooLarge)
	w.send(t, nil, http.MethodPost, "/v1/enrol", bomb, map[string]string{"Content-Encoding": "gzip"}).problem(t, http.StatusUnsupportedMediaType, CodeEncoding)
	w.send(t, nil, http.MethodPost, "/v1/enrol", make([]byte, maxJSON+1), nil).problem(t, http.StatusRequestEntityTooLarge, hub.CodeTooLarge)
}

func TestAMillionMutationsAreTooMany(t *testing.T) {
	w, p := badInput(t)
	body := packed(t, []byte(`{"mutations":[`+strings.Repeat("{},", 999_999)+`{}]}`))
	w.send(t, p, http.MethodPost, "/v1/sync", body, map[string]string{"Content-Encoding": "gzip"}).problem(t, http.StatusRequestEntityTooLarge, sync.CodeTooManyMutations)
	if got := docs(p.sync(t, sync.Request{})); len(got[sync.UserScope(p.session.Person)]) != 0 {
		t.Error("something of it was kept")
	}
}

func TestARequestOverTheLimitAsSentIsRefused(t *testing.T) {
	_, p := badInput(t)
	p.raw(t, bytes.Repeat([]byte(" "), 1<<20+1)).problem(t, http.StatusRequestEntityTooLarge, hub.CodeTooLarge)
}

func TestIdentifiersThatAreNotUUIDsAreKept(t *testing.T) {
	w, p := badInput(t)
	scope := sync.UnitScope(name("u"))
	for _, ids := range [][2]any{{"1", w.id()}, {w.id(), "../../etc"}, {"", ""}, {strings.ToUpper(string(w.id())), w.id()}} {
		body := fmt.Appendf(nil, `{"mutations":[{"id":%q,"doc":%q,"scope":%q,"type":"meeting","create":{}}]}`, ids[0], ids[1], scope)
		p.kept(t, body, sync.CodeBadID)
	}
	p.raw(t, []byte(`{"need":{"org":["1"]}}`)).problem(t, http.StatusBadRequest, sync.CodeBadID)
	for _, path := range []string{"/v1/documents/org/1", "/v1/documents/unit:1/" + string(name("u")), "/v1/conflicts/%00/x"} {
		w.send(t, p, http.MethodGet, path, nil, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	}
}

func TestKeysThatStoresGiveAMeaningAreKept(t *testing.T) {
	w, p := badInput(t)
	for _, key := range []string{"$where", "a.b", "__proto__", "", "a/b", strings.Repeat("k", 65)} {
		p.kept(t, w.mutation(fmt.Sprintf(`"type":"meeting","create":{%q:1}`, key)), sync.CodeBadKey)
		p.kept(t, w.mutation(fmt.Sprintf(`"edits":{"/minutes":[null,{%q:{"order":1}}]}`, key)), sync.CodeBadKey)
	}
	for _, path := range []string{"/$set", "/__proto__/x", "/a.b", "x"} {
		p.kept(t, w.mutation(fmt.Sprintf(`"edits":{%q:[null,1]}`, path)), sync.CodeBadPath)
	}
}

func TestIntegersBeyondWhatReadersKeepAreKept(t *testing.T) {
	w, p := badInput(t)
	for _, n := range []string{"9007199254740992", "-9007199254740992", "1e400", "1.5", "123456789012345678901234567890"} {
		p.kept(t, w.mutation(`"type":"meeting","create":{"summoned":`+n+`}`), sync.CodeBadNumber)
	}
	p.raw(t, []byte(`{"clock":9007199254740993}`)).problem(t, http.StatusBadRequest, sync.CodeBadNumber)
}

func TestNaNIsNotJSON(t *testing.T) {
	_, p := badInput(t)
	for _, n := range []string{"NaN", "Infinity", "-Infinity", "nan"} {
		p.raw(t, []byte(`{"clock":`+n+`}`)).problem(t, http.StatusBadRequest, sync.CodeSyntax)
		p.raw(t, []byte(`{"mutations":[{"create":{"a":`+n+`}}]}`)).problem(t, http.StatusBadRequest, sync.CodeSyntax)
	}
}

func TestInvalidUTF8IsNotTaken(t *testing.T) {
	w, p := badInput(t)
	p.kept(t, w.mutation("\"type\":\"meeting\",\"create\":{\"title\":\"\xff\xfe\"}"), sync.CodeSyntax)
	if r := p.raw(t, []byte("{\"cursors\":{\"\xff\":\"0\"}}")); r.lines(t)[0].Drop == "" {
		t.Errorf("a scope that is no text: %s", r.body)
	}
	p.kept(t, w.mutation(`"type":"meeting","create":{"title":"\ud800"}`), sync.CodeSyntax)
	w.send(t, nil, http.MethodPost, "/v1/sign-in", []byte("{\"login\":\"\xff\"}"), nil).problem(t, http.StatusBadRequest, sync.CodeSyntax)
}

func TestTextInAnotherNormalFormIsTakenAndSentBack(t *testing.T) {
	w, p := badInput(t)
	body := w.mutation("\"type\":\"meeting\",\"create\":{\"kind\":\"other\",\"held_on\":\"2026-01-01\",\"title\":\"Ho\u0323\u0302i nghi\u0323\"}")
	r := p.raw(t, body)
	r.want(t, http.StatusOK)
	got := acks(r.lines(t))
	if len(got) != 1 || got[0].Outcome != sync.Merged || got[0].Code != sync.CodeNormalised || got[0].Message.EN == "" {
		t.Fatalf("%s", r.body)
	}
	for _, d := range docs(r.lines(t))[sync.UnitScope(name("u"))] {
		if d.Body["title"] == "Hội nghị" {
			return
		}
	}
	t.Errorf("the text it became was not sent back: %s", r.body)
}

func TestABaseFromTheFutureIsEvidenceOnly(t *testing.T) {
	w, p := badInput(t)
	m := w.create("u", meeting("Một"))
	p.sync(t, sync.Request{Mutations: []sync.Mutation{m}})
	late := w.edit(m, 1_000_000, "/title", "Một", "Hai")
	other := w.edit(m, 1_000_000, "/title", "Chưa ai viết", "Ba")
	got := acks(p.sync(t, sync.Request{Mutations: []sync.Mutation{late, other}}))
	if len(got) != 2 || got[0].Outcome != sync.Applied || got[1].Outcome != sync.Queued || got[1].Message.VI == "" {
		t.Fatalf("%+v", got)
	}
	all := docs(p.sync(t, sync.Request{}))[m.Scope]
	if all[m.Doc].Body["title"] != "Hai" || all[got[1].Kept].Type != sync.TypeConflict {
		t.Errorf("%+v", all)
	}
	p.kept(t, w.mutation(`"base":-1,"type":"meeting","create":{}`), sync.CodeBadMutation)
}

func TestACursorBeyondTheHeadBringsAReset(t *testing.T) {
	w, p := badInput(t)
	fill(t, w, "u", 2)
	scope := sync.UnitScope(name("u"))
	for _, cursor := range []string{"3.0123456789abcdef", "9007199254740991.0123456789abcdef", "2.1.0123456789abcdef"} {
		r := p.raw(t, fmt.Appendf(nil, `{"cursors":{%q:%q}}`, scope, cursor))
		r.want(t, http.StatusOK)
		reset := false
		for _, l := range r.lines(t) {
			reset = reset || l.Reset == scope
		}
		if !reset || !ended(r.lines(t)) {
			t.Errorf("%s: %s", cursor, r.body)
		}
	}
	for _, cursor := range []string{"", "-1.0123456789abcdef", "1", "2.3.0123456789abcdef", "1.xyz"} {
		p.raw(t, fmt.Appendf(nil, `{"cursors":{%q:%q}}`, scope, cursor)).problem(t, http.StatusBadRequest, sync.CodeBadFormat)
	}
}

func TestAClockTenYearsOffIsEvidenceOnly(t *testing.T) {
	for _, years := range []int{-10, 10} {
		w, p := badInput(t)
		now := w.clock.now()
		wrong := now.AddDate(years, 0, 0).UnixMilli()
		m := w.create("u", meeting("Đồng hồ"))
		m.ID = sync.MutationID(sync.MakeID(wrong, 1, 1))
		got := acks(p.sync(t, sync.Request{Clock: wrong, Mutations: []sync.Mutation{m}}))
		if len(got) != 1 || got[0].Outcome != sync.Applied {
			t.Fatalf("%d years: %+v", years, got)
		}
		r := w.call(t, p, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s/history", m.Scope, m.Doc), nil)
		var said struct{ Commits []commitView }
		r.decode(t, &said)
		if c := said.Commits[0]; c.At != now.UnixMilli() || c.Offset != now.UnixMilli()-wrong || c.Author != p.session.Person {
			t.Errorf("%d years: %s", years, r.body)
		}
	}
}

func TestAScopeThatDoesNotExistTakesNothingAndKeepsAll(t *testing.T) {
	w, p := badInput(t)
	for _, scope := range []sync.Scope{"unit:x", "nowhere", "", sync.UnitScope(name("nobody's")), sync.UserScope("x")} {
		body := fmt.Appendf(nil, `{"mutations":[{"id":%q,"doc":%q,"scope":%q,"type":"meeting","create":{"title":"giữ"}}]}`, w.id(), w.id(), scope)
		if doc := p.kept(t, body, sync.CodeForbiddenScope); !sync.Equal(doc.Body["create"], sync.Object{"title": "giữ"}) {
			t.Errorf("%s: kept %+v", scope, doc.Body)
		}
	}
	r := p.raw(t, []byte(`{"cursors":{"unit:x":"0"},"need":{"nowhere":["`+string(w.id())+`"]}}`))
	r.want(t, http.StatusOK)
	if lines := r.lines(t); lines[0].Drop != "unit:x" {
		t.Errorf("%s", r.body)
	}
}
