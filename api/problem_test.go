package api

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// declaredCodes returns the values of all constants of type Code in a directory.
func declaredCodes(t *testing.T, dir string) (codes []sync.Code) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(strings.ToLower(spec.Names[0].Name), "code") {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, sync.Code(s))
			}
			return true
		})
	}
	return codes
}

func TestEveryCodeHasAStatusAndBothSentences(t *testing.T) {
	w := newWorld(t)
	var codes []sync.Code
	for _, dir := range []string{".", "../sync", "../internal/hub", "../internal/emulation"} {
		codes = append(codes, declaredCodes(t, dir)...)
	}
	if len(codes) < 80 {
		t.Fatalf("only %d codes found", len(codes))
	}
	for _, code := range codes {
		text, ok := sentences[code]
		if !ok {
			text = w.hub.Message(code)
		}
		if text.VI == "" || text.EN == "" {
			t.Errorf("%s lacks a sentence: %+v", code, text)
		}
		if s := w.api.status(code); s < 400 || s >= 500 && code != hub.CodeInternal && code != hub.CodeUnavailable {
			t.Errorf("%s is answered with %d", code, s)
		}
	}
	if w.api.status("never_heard_of") != http.StatusInternalServerError {
		t.Error("an unknown code is not internal")
	}
}

func TestUnknownErrorsAndPanicsAreInternalAndLoggedOnce(t *testing.T) {
	w := buildWorld(t, emulation.New())
	w.api.app.Add(fiber.MethodGet, "/panics", func(*fiber.Ctx) error { panic("secret one") })
	w.api.app.Add(fiber.MethodGet, "/fails", func(*fiber.Ctx) error { return errors.New("disk") })
	w.serve(t)
	for _, path := range []string{"/panics", "/fails"} {
		p := w.send(t, nil, http.MethodGet, path, nil, nil).problem(t, http.StatusInternalServerError, hub.CodeInternal)
		if p.Detail != "" {
			t.Errorf("%s tells %q", path, p.Detail)
		}
	}
	if log := w.log.String(); strings.Count(log, "request failed") != 2 || strings.Contains(log, "secret") {
		t.Errorf("%s", log)
	}
}

func TestAPanicWhileAnAnswerIsWrittenIsAnError(t *testing.T) {
	w := buildWorld(t, emulation.New())
	w.api.app.Add(fiber.MethodGet, "/early", func(c *fiber.Ctx) error {
		return w.api.reply(c, http.StatusOK, func(context.Context, *answer) error { panic("early") })
	})
	w.api.app.Add(fiber.MethodGet, "/late", func(c *fiber.Ctx) error {
		return w.api.reply(c, http.StatusOK, func(_ context.Context, out *answer) error {
			for range 10_000 {
				if err := out.Line(&sync.Line{Drop: "org"}); err != nil {
					return err
				}
			}
			panic("late")
		})
	})
	w.serve(t)
	w.send(t, nil, http.MethodGet, "/early", nil, nil).problem(t, http.StatusInternalServerError, hub.CodeInternal)
	if r := w.send(t, nil, http.MethodGet, "/late", nil, nil); r.status != http.StatusOK || !r.cut || ended(r.lines(t)) {
		t.Errorf("%d, cut %v", r.status, r.cut)
	}
}

func TestWhatIsNotServedIsAProblem(t *testing.T) {
	w := newWorld(t)
	w.send(t, nil, http.MethodGet, "/nothing", nil, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.send(t, nil, http.MethodGet, "/v1/sync/", nil, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodOptions} {
		r := w.api.app
		req, err := http.NewRequest(method, "/v1/sync", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := r.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, resp)
		got.problem(t, http.StatusMethodNotAllowed, CodeMethod)
		if got.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: %v", method, got.header)
		}
	}
	resp, err := w.http.Head(w.url + "/v1/sync/stream")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("%v %d", err, resp.StatusCode)
	}
}

func TestReadinessFailsWithTheStore(t *testing.T) {
	var w *world
	w = newWorld(t, func(c *Config) {
		c.Ready = func(ctx context.Context) error {
			_, err := w.hub.Reference(ctx)
			return err
		}
	})
	w.call(t, nil, http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
	p := w.phone(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	r := w.call(t, nil, http.MethodGet, "/readyz", nil)
	r.problem(t, http.StatusServiceUnavailable, hub.CodeUnavailable)
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.send(t, p, http.MethodPost, "/v1/sync", []byte("{}"), nil).problem(t, http.StatusServiceUnavailable, hub.CodeUnavailable)
	w.call(t, nil, http.MethodGet, "/healthz", nil).want(t, http.StatusOK)
}
