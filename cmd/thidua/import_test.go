package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/sync"
)

func TestGeneratedClusterIsExportedAndImportedAgain(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	out, _, err := command(t, "", "generate", "--data", data, "--seed", "3", "--clusters", "1", "--units", "7", "--activity")
	if err != nil || !strings.Contains(out, "documents") {
		t.Fatal(out, err)
	}
	if _, _, err := command(t, "a good long password\n", "user", "add", "--data", data, "--login", "quan-tri", "--name", "Quản trị"); err != nil {
		t.Fatal(err)
	}
	const cluster = "G3-T01-C01"
	for _, what := range []string{"matrix", "ranking", "trackers", "awards", "units", "people", "criteria"} {
		to := filepath.Join(dir, what+".xlsx")
		if out, _, err := command(t, "", "export", "--data", data, "--what", what, "--cluster", cluster, "--period", cluster+"-2026", "--to", to); err != nil {
			t.Fatal(what, out, err)
		}
	}
	for what, want := range map[string]string{
		"units":    "Đơn vị, Cụm, Thành viên cụm: đã nhập / imported 0 mới / new, 0 đổi / changed, 16 như cũ / same\n", // 7 units, the department, a cluster, 7 memberships
		"criteria": "Bộ tiêu chí, Tiêu chí: đã nhập / imported 0 mới / new, 0 đổi / changed, 1 như cũ / same\n",
		"people":   "Người dùng: đã nhập / imported 0 mới / new, 0 đổi / changed, 1 như cũ / same\n",
	} {
		out, _, err := command(t, "", "import", "--data", data, "--file", filepath.Join(dir, what+".xlsx"))
		if diff := cmp.Diff(want, out); diff != "" || err != nil {
			t.Error(what, err, diff)
		}
	}
	other := t.TempDir()
	file := filepath.Join(dir, "units.xlsx")
	for _, step := range []struct{ flag, want string }{
		{"--dry-run", "sẽ nhập / would import 16 mới"}, {"--dry-run", "16 mới"}, {"--dry-run=false", "đã nhập / imported 16 mới"}, {"--dry-run=false", "0 mới / new, 0 đổi / changed, 16 như cũ"},
	} {
		if out, _, err := command(t, "", "import", "--data", other, "--file", file, step.flag); err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%s: %s %v", step.flag, out, err)
		}
	}
	// Nobody's right can refer to what is not there.
	if out, _, err := command(t, "", "import", "--data", t.TempDir(), "--file", filepath.Join(dir, "people.xlsx")); err != nil || !strings.Contains(out, "1 mới") {
		t.Error(out, err)
	}
}

func TestSheetsWithProblemsAreNotImportedAndSayWhere(t *testing.T) {
	data, other := t.TempDir(), t.TempDir()
	file := filepath.Join(data, "people.xlsx")
	unit := string(sync.NameID("unit", "G3-T01-C01-U01"))
	for _, args := range [][]string{
		{"generate", "--data", data, "--seed", "3", "--clusters", "1", "--units", "7"},
		{"user", "add", "--data", data, "--login", "hoa", "--name", "Hoa", "--role", "unit_staff", "--subject", unit},
		{"user", "add", "--data", data, "--login", "lan", "--name", "Lan"},
		{"export", "--data", data, "--what", "people", "--to", file},
	} {
		if _, _, err := command(t, "\n", args...); err != nil {
			t.Fatal(args, err)
		}
	}
	for _, args := range [][]string{{"--dry-run"}, nil} {
		out, _, err := command(t, "", append([]string{"import", "--data", other, "--file", file}, args...)...)
		if err == nil || !strings.Contains(err.Error(), "1 lỗi") || !strings.HasPrefix(out, "Người dùng!D3: «G3-T01-C01-U01»") || !strings.Contains(out, "[unknown_code]") {
			t.Error(out, err)
		}
	}
	// Lan, whose row has no problem, was not imported either.
	if _, _, err := command(t, "", "user", "code", "--data", other, "--login", "lan"); err == nil {
		t.Error("half of a sheet was imported")
	}
	if out, _, err := command(t, "", "import", "--data", data, "--file", file); err != nil || !strings.Contains(out, "2 như cũ / same") {
		t.Error(out, err)
	}
}

func TestImportAndExportSayWhatIsWrong(t *testing.T) {
	data := t.TempDir()
	text := filepath.Join(data, "a.csv")
	if err := os.WriteFile(text, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"import"}, "--file"},
		{[]string{"import", "--file", filepath.Join(data, "none.xlsx")}, "none.xlsx"},
		{[]string{"import", "--data", data, "--file", text}, "not an .xlsx"},
		{[]string{"export"}, "--to"},
		{[]string{"export", "--data", data, "--to", text, "--what", "poems"}, "poems"},
		{[]string{"export", "--data", data, "--to", text, "--what", "matrix", "--cluster", "Z"}, `no such cluster: "Z"`},
		{[]string{"generate", "--data", data, "--provinces", "1000"}, "provinces"},
	} {
		if _, _, err := command(t, "", c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("thidua %s: %v, want something about %q", strings.Join(c.args, " "), err, c.want)
		}
	}
}
