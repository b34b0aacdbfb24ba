package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	stdsync "sync"
	"testing"
)

// module is the import path of the repository's root.
const module = "thidua"

// root is the repository's root as seen from this package.
const root = "../.."

// A source is one parsed Go file.
type source struct {
	name  string // slash-separated, from the root: "sync/edit.go"
	dir   string // "sync"
	test  bool   // a _test.go file
	lines int
	fset  *token.FileSet
	file  *ast.File
}

// A rule returns what it objects to, one sentence each, starting with the place.
type rule func([]source) []string

// A sample is a small file a rule must object to, or must let pass.
type sample struct {
	name string
	text string
}

// hold shows that the rule objects to each of bad and to none of good, and
// then that the repository keeps it.
func hold(t *testing.T, r rule, bad, good []sample) {
	t.Helper()
	for _, s := range bad {
		if len(r([]source{parse(t, s)})) == 0 {
			t.Errorf("the rule misses this violation:\n// %s\n%s", s.name, s.text)
		}
	}
	for _, s := range good {
		if objections := r([]source{parse(t, s)}); len(objections) > 0 {
			t.Errorf("the rule objects to what is allowed: %q\n// %s\n%s", objections, s.name, s.text)
		}
	}
	sources, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	for _, objection := range r(sources) {
		t.Error(objection)
	}
}

func parse(t *testing.T, s sample) source {
	t.Helper()
	src, err := parseFile(s.name, []byte(s.text))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func parseFile(name string, text []byte) (source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		name:  name,
		dir:   path.Dir(name),
		test:  strings.HasSuffix(name, "_test.go"),
		lines: fset.File(file.Pos()).LineCount(),
		fset:  fset,
		file:  file,
	}, nil
}

// repository parses every Go file of the module, once. Directories the go
// command ignores and modules nested in this one are left out.
var repository = stdsync.OnceValues(func() ([]source, error) {
	var sources []source
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enter(file, entry.Name())
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		src, err := parseFile(filepath.ToSlash(name), text)
		if err != nil {
			return err
		}
		sources = append(sources, src)
		return nil
	})
	if err == nil && len(sources) < 10 {
		err = fmt.Errorf("only %d Go files under %s: the rules would hold for want of anything to check", len(sources), root)
	}
	return sources, err
})

// enter returns fs.SkipDir for a directory that is not part of the module.
func enter(dir, name string) error {
	if dir == root {
		return nil
	}
	if name[0] == '.' || name[0] == '_' || slices.Contains([]string{"testdata", "node_modules", "vendor", "data"}, name) {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// at names a place in a source for an objection.
func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(node.Pos()).Line)
}

// imports yields each import of the file with its path.
func (s source) imports(yield func(*ast.ImportSpec, string) bool) {
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil && !yield(spec, name) {
			return
		}
	}
}

// own returns the directory of one of the repository's own packages.
func own(importPath string) (dir string, ok bool) {
	return strings.CutPrefix(importPath, module+"/")
}

// within reports whether name is base or lies below it.
func within(name, base string) bool {
	return name == base || strings.HasPrefix(name, base+"/")
}
