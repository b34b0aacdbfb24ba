package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// A spec holds requests and answers to the contract.
type spec struct {
	doc   *openapi3.T
	paths []specPath
}

type specPath struct {
	template string
	pattern  *regexp.Regexp
	item     *openapi3.PathItem
}

var placeholder = regexp.MustCompile(`\\\{[a-z]+\\\}`)

func loadSpec(t tester) *spec {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatalf("the contract: %v", err)
	}
	s := &spec{doc: doc}
	for template, item := range doc.Paths.Map() {
		pattern := "^" + placeholder.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$"
		s.paths = append(s.paths, specPath{template, regexp.MustCompile(pattern), item})
	}
	return s
}

// operation returns the operation of a request, nil if the contract has none.
func (s *spec) operation(method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(path, "?")
	for _, p := range s.paths {
		if p.pattern.MatchString(path) {
			return p.item.GetOperation(method)
		}
	}
	return nil
}

// request fails unless a request fits the contract.
func (s *spec) request(t tester, method, path string, body []byte) {
	t.Helper()
	op := s.operation(method, path)
	if op == nil {
		t.Fatalf("%s %s is not in the contract", method, path)
	}
	_, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	for key, value := range values {
		p := op.Parameters.GetByInAndName("query", key)
		if p == nil {
			t.Fatalf("%s has no parameter %q in the contract", op.OperationID, key)
		}
		var v any = value[0]
		if p.Schema.Value.Type.Is("integer") {
			if err := json.Unmarshal([]byte(value[0]), &v); err != nil {
				t.Fatalf("parameter %s: %v", key, err)
			}
		}
		if err := p.Schema.Value.VisitJSON(v); err != nil {
			t.Fatalf("parameter %s of %s: %v", key, op.OperationID, err)
		}
	}
	switch {
	case op.RequestBody == nil && body != nil:
		t.Fatalf("%s takes no body in the contract", op.OperationID)
	case op.RequestBody != nil && (body != nil || op.RequestBody.Value.Required):
		s.fits(t, op.OperationID+" request", op.RequestBody.Value.Content["application/json"].Schema.Value, body)
	}
}

// answer fails unless an answer is one the contract has for the request.
func (s *spec) answer(t tester, method, path string, r *reply) {
	t.Helper()
	op := s.operation(method, path)
	if op == nil {
		return // nothing is promised, and callers look at the problem themselves
	}
	ref := op.Responses.Status(r.status)
	if ref == nil {
		t.Fatalf("%s has no answer %d in the contract: %s", op.OperationID, r.status, r.body)
	}
	if len(ref.Value.Content) == 0 {
		if len(r.body) > 0 {
			t.Fatalf("%s %d has a body that the contract has not", op.OperationID, r.status)
		}
		return
	}
	kind := r.header.Get("Content-Type")
	content := ref.Value.Content[kind]
	if content == nil {
		t.Fatalf("%s %d is %q, which is not in the contract", op.OperationID, r.status, kind)
	}
	switch kind {
	case "application/json", "application/problem+json":
		s.fits(t, op.OperationID+" answer", content.Schema.Value, r.body)
	case "application/x-ndjson":
		whole := r.body[:bytes.LastIndexByte(r.body, '\n')+1] // it may have been cut
		list := "[" + strings.TrimSuffix(strings.ReplaceAll(string(whole), "\n", ","), ",") + "]"
		s.fits(t, op.OperationID+" answer", content.Schema.Value, []byte(list))
	}
}

func (s *spec) fits(t tester, what string, schema *openapi3.Schema, raw []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v: %.200s", what, err, raw)
	}
	if err := schema.VisitJSON(v); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestTheContractIsValid(t *testing.T) {
	if err := loadSpec(t).doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestEveryRouteIsInTheContractAndTheOtherWayRound(t *testing.T) {
	w := newWorld(t)
	param := regexp.MustCompile(`:([a-z]+)`)
	var served, promised []string
	for _, r := range w.api.app.GetRoutes(true) {
		served = append(served, r.Method+" "+param.ReplaceAllString(r.Path, "{$1}"))
	}
	for template, item := range w.spec.doc.Paths.Map() {
		for method := range item.Operations() {
			promised = append(promised, method+" "+template)
		}
	}
	slices.Sort(served)
	slices.Sort(promised)
	if !slices.Equal(served, promised) {
		t.Fatalf("served\n%s\npromised\n%s", strings.Join(served, "\n"), strings.Join(promised, "\n"))
	}
}

func TestTheContractIsServed(t *testing.T) {
	w := newWorld(t)
	r := w.call(t, nil, http.MethodGet, "/openapi.yaml", nil)
	r.want(t, http.StatusOK)
	if !bytes.Equal(r.body, Contract()) {
		t.Error("another text is served")
	}
}
