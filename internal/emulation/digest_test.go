package emulation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/sync"
)

func TestEveryKindOfNoticeIsListedOnceAndEveryLineOfTheTableHasOne(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "notice.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Notice") {
			kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, kind)
		}
		return true
	})
	expect(t, "kinds", Kinds(), declared)
	for _, line := range reminders() {
		if !slices.Contains(declared, line.kind) || line.whom.is == 0 || (len(line.before) == 0) != (line.useful > 0) {
			t.Errorf("%+v", line)
		}
		for i, n := range line.before {
			if n >= earliest || n < 1 || i > 0 && n >= line.before[i-1] {
				t.Errorf("%s: %v days before", line.kind, line.before)
			}
		}
	}
}

func TestWhoDecidesHearsOnceADayWhatWaits(t *testing.T) {
	conflict := func(name string, scope sync.Scope, opened string) *sync.Document {
		return sync.NewDocument(uid(name), sync.TypeConflict, scope, 1, sync.Object{"state": "open", "opened": clock(t, opened)})
	}
	open := []*sync.Document{
		conflict("1", sync.UnitDesk(uid("u")), "2022-07-01 07:00"), conflict("2", sync.ClusterScope(uid("c")), "2022-07-01 08:00"),
		conflict("3", sync.Org, "2022-06-01 08:00"), conflict("4", sync.UnitDesk(uid("x")), "2022-06-01 08:00"),
		sync.NewDocument(uid("5"), sync.TypeConflict, sync.Org, 1, sync.Object{"state": "settled", "opened": noon}),
		sync.NewDocument(uid("6"), sync.TypeRejection, sync.Org, 1, sync.Object{"state": "open", "opened": noon}),
	}
	people := append(crowd(), Listener{sync.PersonID(uid("early")), []sync.Grant{grant(Officer, "c")}, sync.Object{"quiet_to": int64(8 * 60), "muted": sync.Object{NoticeConflictsOpen: true}}})
	var told []string
	for _, n := range New().Digests(season(), people, open, clock(t, "2022-07-01 00:00"), clock(t, "2022-07-02 23:00")) {
		for _, name := range []string{"officer", "admin", "early"} {
			if n.Person == sync.PersonID(uid(name)) {
				told = append(told, FormatTime(n.Due)+" "+name+" "+FormatNumber(n.Args["n"])+" "+string(n.Skip))
			}
		}
	}
	slices.Sort(told)
	want := []string{
		"01/07/2022 07:30 admin 3 ", "01/07/2022 07:30 officer 1 ", "01/07/2022 08:00 early 1 muted",
		"02/07/2022 07:30 admin 4 ", "02/07/2022 07:30 officer 2 ", "02/07/2022 08:00 early 2 muted",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if got := New().Digests(season(), people, nil, 0, clock(t, "2022-07-02 23:00")); got != nil {
		t.Errorf("nothing waits: %v", got)
	}
}
