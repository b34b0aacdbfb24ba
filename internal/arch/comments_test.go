package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// packagesAreIntroduced wants one file of each package, and only one, to
// introduce it in the words "Package x …", or "Command x …" for a main package.
func packagesAreIntroduced(sources []source) (objections []string) {
	introduced := map[string][]string{} // directory → files with a package comment
	for _, s := range sources {
		if s.test {
			continue
		}
		files := introduced[s.dir]
		introduced[s.dir] = files // known, even if nothing introduces it
		if s.file.Doc == nil {
			continue
		}
		introduced[s.dir] = append(files, s.name)
		opening := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			opening = "Command " + path.Base(s.dir) + " "
		}
		if !strings.HasPrefix(s.file.Doc.Text(), opening) {
			objections = append(objections, fmt.Sprintf("%s: the package comment does not begin with %q", s.name, opening))
		}
	}
	for dir, files := range introduced {
		if len(files) != 1 {
			objections = append(objections, fmt.Sprintf("%s: %d files have a package comment %v, want one", dir, len(files), files))
		}
	}
	slices.Sort(objections)
	return objections
}

func TestPackagesAreIntroduced(t *testing.T) {
	hold(t, packagesAreIntroduced,
		[]sample{
			{"sync/doc.go", "package sync"},
			{"sync/doc.go", "// Sync it.\npackage sync"},
			{"sync/doc.go", "// Package sync is detached.\n\npackage sync"},
			{"cmd/thidua/main.go", "// Package main is the program.\npackage main"},
		},
		[]sample{
			{"sync/doc.go", "// Package sync is the engine.\npackage sync"},
			{"cmd/thidua/main.go", "// Command thidua is the program.\npackage main"},
			{"sync/a_test.go", "package sync_test"},
		})
	twice := []source{
		parse(t, sample{"sync/a.go", "// Package sync is the engine.\npackage sync"}),
		parse(t, sample{"sync/b.go", "// Package sync is the engine.\npackage sync"}),
	}
	if len(packagesAreIntroduced(twice)) == 0 {
		t.Error("the rule misses a package introduced twice")
	}
}

// exportedNamesAreExplained wants a comment on every exported type, function,
// method, constant, variable and interface method. A group of constants,
// variables or types may share the comment of the group.
func exportedNamesAreExplained(sources []source) (objections []string) {
	for _, s := range sources {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			for _, name := range unexplained(decl) {
				objections = append(objections, fmt.Sprintf("%s: %s has no comment", s.at(name), name.Name))
			}
		}
	}
	return objections
}

func unexplained(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d.Recv) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			names = append(names, unexplainedSpec(spec, d)...)
		}
		return names
	}
	return nil
}

func unexplainedSpec(spec ast.Spec, group *ast.GenDecl) (names []*ast.Ident) {
	explained := group.Doc != nil
	switch sp := spec.(type) {
	case *ast.TypeSpec:
		if !explained && sp.Doc == nil && sp.Comment == nil && sp.Name.IsExported() {
			names = append(names, sp.Name)
		}
		if contract, ok := sp.Type.(*ast.InterfaceType); ok && sp.Name.IsExported() {
			for _, method := range contract.Methods.List {
				if method.Doc == nil && method.Comment == nil {
					names = append(names, exported(method.Names)...)
				}
			}
		}
	case *ast.ValueSpec:
		if !explained && sp.Doc == nil && sp.Comment == nil {
			names = append(names, exported(sp.Names)...)
		}
	}
	return names
}

func exported(names []*ast.Ident) []*ast.Ident {
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}

// exportedReceiver reports whether a method can be called from outside; a
// function, which has no receiver, always can.
func exportedReceiver(recv *ast.FieldList) bool {
	if recv == nil || len(recv.List) == 0 {
		return true
	}
	expr := recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return token.IsExported(e.Name)
		default:
			return true
		}
	}
}

func TestExportedNamesAreExplained(t *testing.T) {
	hold(t, exportedNamesAreExplained,
		[]sample{
			{"sync/a.go", `package sync; func Merge() {}`},
			{"sync/a.go", `package sync; type Edit struct{}`},
			{"sync/a.go", "package sync\n// Edit is one.\ntype Edit[T any] struct{}\nfunc (*Edit[T]) Apply() {}"},
			{"sync/a.go", `package sync; const Max = 1`},
			{"sync/a.go", `package sync; var a, B = 1, 2`},
			{"sync/a.go", "package sync\n// Store stores.\ntype Store interface{ Append() error }"},
		},
		[]sample{
			{"sync/a.go", "package sync\n// Merge merges.\nfunc Merge() {}\nfunc apply() {}"},
			{"sync/a.go", "package sync\n// The kinds.\nconst (\n\tA = 1\n\tB = 2\n)"},
			{"sync/a.go", "package sync\nconst (\n\tA = 1 // first\n)"},
			{"sync/a.go", `package sync; type edit struct{}; func (edit) String() string { return "" }`},
			{"sync/a_test.go", `package sync; func TestMerge() {}`},
		})
}
