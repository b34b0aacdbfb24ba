package hub_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"thidua/sync"
)

// codes returns the constants of type Code that a package's source declares.
func codes(t *testing.T, dir string) (found []sync.Code) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !isCode(spec.Type) {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					code, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					found = append(found, sync.Code(code))
				}
			}
			return true
		})
	}
	return found
}

func isCode(typ ast.Expr) bool {
	switch typ := typ.(type) {
	case *ast.Ident:
		return typ.Name == "Code"
	case *ast.SelectorExpr:
		return typ.Sel.Name == "Code"
	}
	return false
}

func TestEveryCodeHasASentenceInBothLanguages(t *testing.T) {
	w := newWorld(t)
	all := append(codes(t, "."), codes(t, filepath.Join("..", "..", "sync"))...)
	if len(all) < 50 {
		t.Fatalf("only %d codes were found", len(all))
	}
	seen := map[sync.Code]bool{}
	for _, code := range all {
		if seen[code] {
			t.Errorf("%s is declared twice", code)
		}
		seen[code] = true
		if m := w.hub.Message(code); m.VI == "" || m.EN == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
}
