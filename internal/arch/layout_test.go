package arch

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// topLevel is all a newcomer meets in the root listing, files beginning with
// a dot aside.
var topLevel = []string{
	"Dockerfile", "LICENSE", "README.md", "api", "cmd", "docker-compose.yml", "go.mod", "go.sum", "internal", "scripts", "sync",
}

// strays returns the names at the top level that are neither in the house
// plan nor ignored, and the planned ones that are missing.
func strays(names, ignored []string) (extra, missing []string) {
	for _, name := range names {
		known := name[0] == '.' || slices.Contains(topLevel, name)
		if !known && !slices.ContainsFunc(ignored, func(pattern string) bool {
			match, err := filepath.Match(pattern, name)
			return err == nil && match
		}) {
			extra = append(extra, name)
		}
	}
	for _, name := range topLevel {
		if !slices.Contains(names, name) {
			missing = append(missing, name)
		}
	}
	return extra, missing
}

func TestTopLevelIsTheHousePlan(t *testing.T) {
	if extra, missing := strays(append(slices.Clone(topLevel[1:]), ".ci", "pkg", "data"), []string{"data"}); !slices.Equal(extra, []string{"pkg"}) || !slices.Equal(missing, topLevel[:1]) {
		t.Fatalf("the rule sees extra %q and missing %q", extra, missing)
	}
	extra, missing := strays(listing(t), ignored(t))
	if len(extra) > 0 {
		t.Errorf("not in the house plan: %q", extra)
	}
	if len(missing) > 0 {
		t.Errorf("in the house plan but missing: %q", missing)
	}
}

func listing(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// ignored returns the patterns of .gitignore that can match at the top level.
func ignored(t *testing.T) (patterns []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if line := strings.Trim(lines.Text(), "/"); line != "" && line[0] != '#' {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

// executables are run by people and by CI, so they must have the bit.
var executables = []string{".ci/run", "scripts/test", "scripts/crash", "scripts/simulate", "scripts/js", "scripts/node", "scripts/web", "scripts/e2e", "scripts/screens"}

func TestScriptsCanBeRun(t *testing.T) {
	for _, name := range executables {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode()&fs.FileMode(0o111) == 0 {
			t.Errorf("%s is not executable", name)
		}
	}
}
