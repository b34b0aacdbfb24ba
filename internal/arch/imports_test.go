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

// arrows is the house plan: the packages of this module that each package may
// import outside its tests. A package must be listed before it can exist.
var arrows = map[string][]string{
	"sync":                        {},
	"sync/client":                 {"sync"},
	"internal/emulation":          {"sync"},
	"internal/emulation/systems":  {"sync", "internal/emulation"},
	"internal/emulation/generate": {"sync", "internal/emulation"},
	"internal/spreadsheet":        {"sync", "internal/emulation"},
	"internal/hub":                {"sync"},
	"internal/hub/storetest":      {"sync", "internal/hub"},
	"internal/sqlite":             {"sync", "internal/hub"},
	"internal/mongo":              {"sync", "internal/hub"},
	"internal/auth":               {"sync", "internal/hub"},
	"internal/mongo/mongotest":    {},
	"internal/fsck":               {"sync", "internal/hub"},
	"internal/move":               {"sync", "internal/hub", "internal/auth", "internal/fsck"},
	"internal/push":               {"sync", "internal/hub", "internal/emulation"},
	"internal/push/fcmtest":       {},
	"internal/web":                {},
	"api":                         {"sync", "internal/hub", "internal/emulation", "internal/auth", "internal/push", "internal/web"},
	"internal/arch":               {},
}

// wiring lists the directories whose packages put the others together and may
// import all of them. Nothing else imports these.
var wiring = []string{"cmd", "scripts", "internal/sim"}

// adapters never import one another, not even in tests.
var adapters = []string{"internal/sqlite", "internal/mongo", "internal/auth"}

func importsFollowTheArrows(sources []source) (objections []string) {
	object := func(s source, spec *ast.ImportSpec, why string) {
		objections = append(objections, fmt.Sprintf("%s: %s imports %s: %s", s.at(spec), s.dir, spec.Path.Value, why))
	}
	for _, s := range sources {
		if under(s.dir, wiring) {
			continue
		}
		allowed, listed := arrows[s.dir]
		if !listed {
			objections = append(objections, s.name+": package "+s.dir+" is not in the table of arrows")
			continue
		}
		for spec, name := range s.imports {
			to, ours := own(name)
			switch {
			case !ours || to == s.dir:
			case slices.Contains(adapters, s.dir) && slices.Contains(adapters, to):
				object(s, spec, "adapters do not know one another")
			case s.dir == "sync" && !slices.Contains(allowed, to):
				object(s, spec, "the engine and its tests stand alone")
			case s.test:
				// A test may use the real thing as a collaborator.
			case !slices.Contains(allowed, to):
				object(s, spec, "no such arrow in the house plan")
			}
		}
	}
	return objections
}

func TestImportsFollowTheArrows(t *testing.T) {
	hold(t, importsFollowTheArrows, []sample{
		{"sync/edit.go", `package sync; import _ "thidua/internal/hub"`},
		{"sync/edit_test.go", `package sync_test; import _ "thidua/internal/emulation"`},
		{"sync/client/phone.go", `package client; import _ "thidua/api"`},
		{"internal/hub/hub.go", `package hub; import _ "thidua/internal/sqlite"`},
		{"internal/hub/hub.go", `package hub; import _ "thidua/internal/hub/storetest"`},
		{"internal/sqlite/log.go", `package sqlite; import _ "thidua/internal/auth"`},
		{"internal/auth/token_test.go", `package auth; import _ "thidua/internal/sqlite"`},
		{"api/routes.go", `package api; import _ "thidua/internal/sqlite"`},
		{"api/routes.go", `package api; import _ "thidua/cmd/thidua"`},
		{"internal/util/util.go", `package util`},
	}, []sample{
		{"internal/sqlite/log.go", `package sqlite; import _ "thidua/internal/hub"; import _ "thidua/sync"`},
		{"internal/sqlite/log_test.go", `package sqlite; import _ "thidua/internal/hub/storetest"`},
		{"api/sync_test.go", `package api_test; import _ "thidua/api"; import _ "thidua/internal/sqlite"`},
		{"cmd/thidua/main.go", `package main; import _ "thidua/internal/sqlite"; import _ "thidua/api"`},
		{"sync/edit_test.go", `package sync_test; import _ "thidua/sync"`},
	})
}

// An owner says who may import a third-party module.
type owner struct {
	module string
	dirs   []string // packages at and below these; nil means any
	tests  bool     // only their tests, and packages that exist for tests
}

// owners lists every third-party module that may be imported directly.
var owners = []owner{
	{module: "github.com/gofiber/fiber/v2", dirs: []string{"api"}},
	{module: "github.com/valyala/fasthttp", dirs: []string{"api"}},
	{module: "github.com/golang-jwt/jwt/v5", dirs: []string{"internal/auth"}},
	{module: "modernc.org/sqlite", dirs: []string{"internal/sqlite"}},
	{module: "go.mongodb.org/mongo-driver/v2", dirs: []string{"internal/mongo"}},
	{module: "firebase.google.com/go/v4", dirs: []string{"internal/push"}},
	{module: "google.golang.org/api", dirs: []string{"internal/push"}},
	{module: "github.com/nicksnyder/go-i18n/v2", dirs: []string{"internal/push"}},
	{module: "github.com/xuri/excelize/v2", dirs: []string{"internal/spreadsheet"}},
	{module: "go.etcd.io/bbolt", dirs: []string{"sync/client"}},
	{module: "pgregory.net/rapid", tests: true},
	{module: "github.com/google/go-cmp", tests: true},
	{module: "github.com/getkin/kin-openapi", tests: true},
	{module: "github.com/go-json-experiment/json"},
	{module: "github.com/google/uuid"},
	{module: "github.com/klauspost/compress"},
	{module: "golang.org/x/crypto"},
	{module: "golang.org/x/oauth2", dirs: []string{"internal/push"}},
	{module: "golang.org/x/sync"},
	{module: "golang.org/x/text"},
	{module: "golang.org/x/time"},
}

// forTests lists the packages that exist for tests though their files are not
// named so.
var forTests = []string{"internal/hub/storetest", "internal/mongo/mongotest", "internal/push/fcmtest", "internal/sim", "scripts"}

func thirdPartyCodeHasOneOwner(sources []source) (objections []string) {
	for _, s := range sources {
		for spec, name := range s.imports {
			first, _, _ := strings.Cut(name, "/")
			if !strings.Contains(first, ".") {
				continue // ours or the standard library's
			}
			i := slices.IndexFunc(owners, func(o owner) bool { return within(name, o.module) })
			switch {
			case i < 0:
				objections = append(objections, fmt.Sprintf("%s: %s has no entry in the table of owners", s.at(spec), name))
			case owners[i].dirs != nil && !under(s.dir, owners[i].dirs):
				objections = append(objections, fmt.Sprintf("%s: %s belongs to %s", s.at(spec), name, strings.Join(owners[i].dirs, ", ")))
			case owners[i].tests && !s.test && !under(s.dir, forTests):
				objections = append(objections, fmt.Sprintf("%s: %s is for tests", s.at(spec), name))
			}
		}
	}
	return objections
}

func TestThirdPartyCodeHasOneOwner(t *testing.T) {
	hold(t, thirdPartyCodeHasOneOwner, []sample{
		{"internal/hub/hub.go", `package hub; import _ "github.com/gofiber/fiber/v2"`},
		{"cmd/thidua/serve.go", `package main; import _ "github.com/gofiber/fiber/v2/middleware/recover"`},
		{"cmd/thidua/serve_test.go", `package main; import _ "modernc.org/sqlite"`},
		{"api/token.go", `package api; import _ "github.com/golang-jwt/jwt/v5"`},
		{"sync/edit.go", `package sync; import _ "pgregory.net/rapid"`},
		{"api/routes.go", `package api; import _ "example.com/new/thing"`},
		{"internal/sqlite/log.go", `package sqlite; import _ "modernc.org/sqlitefork"`},
	}, []sample{
		{"api/routes.go", `package api; import _ "github.com/gofiber/fiber/v2"`},
		{"sync/edit_test.go", `package sync; import _ "pgregory.net/rapid"`},
		{"internal/hub/storetest/race.go", `package storetest; import _ "pgregory.net/rapid"`},
		{"sync/edit.go", `package sync; import _ "github.com/go-json-experiment/json/jsontext"; import _ "strings"`},
	})
}

// impure lists what the engine's files must not import, nor anything below:
// each brings I/O, a clock, chance or concurrency. Times and durations are
// int64 milliseconds there.
var impure = []string{
	"bufio", "context", "crypto/rand", "database", "embed", "io/fs", "io/ioutil", "log", "math/rand", "net", "os",
	"path/filepath", "plugin", "runtime", "syscall", "testing", "time", "unsafe",
}

func engineIsPure(sources []source) (objections []string) {
	for _, s := range sources {
		if s.dir != "sync" || s.test {
			continue
		}
		object := func(node ast.Node, what string) {
			objections = append(objections, fmt.Sprintf("%s: the engine has %s", s.at(node), what))
		}
		for spec, name := range s.imports {
			if under(name, impure) {
				object(spec, "no use for "+name)
			}
			if name == "sync" && (spec.Name == nil || spec.Name.Name != "stdsync") {
				object(spec, `the name "sync" itself; import the standard one as stdsync`)
			}
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.GoStmt:
				object(n, "no goroutines")
			case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
				object(n, "no channels")
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					object(n, "no channels")
				}
			}
			return true
		})
	}
	return objections
}

func TestEngineIsPure(t *testing.T) {
	hold(t, engineIsPure, []sample{
		{"sync/a.go", `package sync; import _ "context"`},
		{"sync/a.go", `package sync; import _ "time"`},
		{"sync/a.go", `package sync; import _ "net/http"`},
		{"sync/a.go", `package sync; import _ "database/sql"`},
		{"sync/a.go", `package sync; import _ "math/rand/v2"`},
		{"sync/a.go", `package sync; import "sync"; var mu sync.Mutex`},
		{"sync/a.go", `package sync; func f() { go f() }`},
		{"sync/a.go", `package sync; var c chan int`},
		{"sync/a.go", `package sync; func f() { select {} }`},
	}, []sample{
		{"sync/a.go", `package sync; import stdsync "sync"; import _ "strings"; var mu stdsync.Mutex`},
		{"sync/a_test.go", `package sync; import _ "testing"; import _ "time"`},
		{"sync/client/a.go", `package client; import _ "net/http"; func f() { go f() }`},
	})
}

// under reports whether name is one of bases or lies below one.
func under(name string, bases []string) bool {
	return slices.ContainsFunc(bases, func(base string) bool { return within(path.Clean(name), base) })
}
