package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is the length above which a file is two files.
const maxLines = 500

func filesAreShort(sources []source) (objections []string) {
	for _, s := range sources {
		if !s.test && s.lines > maxLines {
			objections = append(objections, fmt.Sprintf("%s: %d lines, more than %d", s.name, s.lines, maxLines))
		}
	}
	return objections
}

func TestFilesAreShort(t *testing.T) {
	long := "package sync\n" + strings.Repeat("\n", maxLines)
	hold(t, filesAreShort,
		[]sample{{"sync/edit.go", long}},
		[]sample{{"sync/edit_test.go", long}, {"sync/edit.go", long[:maxLines]}})
}

// unfinished matches the words that put work off.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func nothingIsPutOff(sources []source) (objections []string) {
	for _, s := range sources {
		for _, group := range s.file.Comments {
			for _, comment := range group.List {
				if word := unfinished.FindString(comment.Text); word != "" {
					objections = append(objections, fmt.Sprintf("%s: %s: do it now or open an issue", s.at(comment), word))
				}
			}
		}
	}
	return objections
}

func TestNothingIsPutOff(t *testing.T) {
	hold(t, nothingIsPutOff,
		[]sample{
			{"sync/a.go", "package sync // TODO: finish"},
			{"sync/a_test.go", "package sync\n/* and\nFIXME too */"},
		},
		[]sample{{"sync/a.go", "package sync // the mastodon's to-do list"}})
}

func noInit(sources []source) (objections []string) {
	for _, s := range sources {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				objections = append(objections, s.at(f)+": an init function: nothing happens before main asks for it")
			}
		}
	}
	return objections
}

func TestNothingHappensBeforeMain(t *testing.T) {
	hold(t, noInit,
		[]sample{{"sync/a.go", `package sync; func init() {}`}, {"sync/a_test.go", `package sync; func init() {}`}},
		[]sample{{"sync/a.go", `package sync; type t struct{}; func (t) init() {}`}})
}

// mayPanic lists functions outside tests that may call panic, as "file
// function", each with the reason why an error would be worse.
var mayPanic = map[string]string{}

func nothingPanics(sources []source) (objections []string) {
	for _, s := range sources {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			where := s.name
			if f, ok := decl.(*ast.FuncDecl); ok {
				where += " " + f.Name.Name
			}
			if mayPanic[where] != "" {
				continue
			}
			ast.Inspect(decl, func(node ast.Node) bool {
				if call, ok := node.(*ast.CallExpr); ok {
					if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" {
						objections = append(objections, fmt.Sprintf("%s: panic: return an error", s.at(call)))
					}
				}
				return true
			})
		}
	}
	return objections
}

func TestNothingPanics(t *testing.T) {
	hold(t, nothingPanics,
		[]sample{
			{"sync/a.go", `package sync; func f() { panic("no") }`},
			{"sync/a.go", `package sync; var f = func() { panic("no") }`},
		},
		[]sample{{"sync/a_test.go", `package sync; func f() { panic("no") }`}})
}

func testsDoNotSleep(sources []source) (objections []string) {
	for _, s := range sources {
		clock := ""
		for spec, name := range s.imports {
			if name == "time" {
				clock = "time"
				if spec.Name != nil {
					clock = spec.Name.Name
				}
			}
		}
		if !s.test || clock == "" {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			if sel, ok := node.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == clock {
					objections = append(objections, s.at(sel)+": a test that sleeps is slow or flaky: wait for the event")
				}
			}
			return true
		})
	}
	return objections
}

func TestTestsDoNotSleep(t *testing.T) {
	hold(t, testsDoNotSleep,
		[]sample{
			{"sync/a_test.go", `package sync; import "time"; func f() { time.Sleep(1) }`},
			{"sync/a_test.go", `package sync; import clock "time"; var f = clock.Sleep`},
		},
		[]sample{
			{"api/a.go", `package api; import "time"; func f() { time.Sleep(1) }`},
			{"sync/a_test.go", `package sync; import "time"; func f() { time.Now() }`},
		})
}

func testsAreNotSkipped(sources []source) (objections []string) {
	for _, s := range sources {
		if !s.test && !under(s.dir, forTests) {
			continue
		}
		ast.Walk(skips{s, nil, &objections}, s.file)
	}
	return objections
}

// skips looks for calls that skip a test. A property's draw may be skipped:
// rapid draws another, so parameters of type *rapid.T are known by name.
type skips struct {
	source
	draws      map[string]bool
	objections *[]string
}

// Visit implements ast.Visitor.
func (v skips) Visit(node ast.Node) ast.Visitor {
	switch n := node.(type) {
	case *ast.FuncType:
		return nil
	case *ast.FuncDecl:
		return v.in(n.Type)
	case *ast.FuncLit:
		return v.in(n.Type)
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
			break
		}
		if t, ok := sel.X.(*ast.Ident); ok && !v.draws[t.Name] {
			*v.objections = append(*v.objections, v.at(n)+": a skipped test tests nothing")
		}
	}
	return v
}

func (v skips) in(f *ast.FuncType) ast.Visitor {
	draws := map[string]bool{}
	maps.Copy(draws, v.draws)
	for _, field := range f.Params.List {
		for _, name := range field.Names {
			draws[name.Name] = isRapid(field.Type)
		}
	}
	v.draws = draws
	return v
}

func isRapid(expr ast.Expr) bool {
	star, ok := expr.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "rapid"
}

func TestTestsAreNotSkipped(t *testing.T) {
	hold(t, testsAreNotSkipped,
		[]sample{
			{"sync/a_test.go", `package sync; func TestA(t *testing.T) { t.Skip("later") }`},
			{"sync/a_test.go", `package sync; func FuzzA(f *testing.F) { f.Fuzz(func(t *testing.T, b []byte) { t.SkipNow() }) }`},
			{"sync/a_test.go", `package sync; func TestA(t *testing.T) { rapid.Check(t, func(r *rapid.T) { t.Skipf("x") }) }`},
			{"internal/hub/storetest/a.go", `package storetest; func Run(t *testing.T) { t.Skip() }`},
		},
		[]sample{{"sync/a_test.go", `package sync; func TestA(t *testing.T) { rapid.Check(t, func(t *rapid.T) { t.Skip("another") }) }`}})
}
