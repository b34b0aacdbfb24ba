package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const rebuild = "run scripts/web and commit internal/web/dist"

// made is what a build wrote down: the sha256 of everything it was made from,
// by path from the repository's root, and of everything it made.
type made struct {
	Sources map[string]string `json:"sources"`
	Built   map[string]string `json:"built"`
}

func lastBuild(t *testing.T) (m made) {
	t.Helper()
	text, err := fs.ReadFile(built, "dist/sources.json")
	if err != nil {
		t.Fatalf("%v: %s", err, rebuild)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Sources) < 10 || len(m.Built) < 5 {
		t.Fatalf("a build of %d files from %d: %s", len(m.Built), len(m.Sources), rebuild)
	}
	return m
}

// sums returns the sha256 of every file below dir in fsys, by its path there.
func sums(t *testing.T, fsys fs.FS, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		sum := sha256.Sum256(text)
		found[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func same(t *testing.T, what string, was, is map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if is[name] != was[name] {
			t.Errorf("%s %s is another than the build has, or gone: %s", what, name, rebuild)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, known := was[name]; !known {
			t.Errorf("%s %s is newer than the build: %s", what, name, rebuild)
		}
	}
}

func TestTheBuiltAppIsWhatTheSourcesComeTo(t *testing.T) {
	m := lastBuild(t)
	root := os.DirFS("../..")
	is := map[string]string{}
	// Directories count as a whole, so that a source that was added is noticed; beside them files count one by one.
	whole := []string{"internal/web/app", "internal/web/shared", "sync/js/src"}
	for _, dir := range whole {
		maps.Copy(is, sums(t, root, dir))
	}
	for name := range m.Sources {
		if _, found := is[name]; found {
			continue
		}
		if text, err := fs.ReadFile(root, name); err == nil {
			sum := sha256.Sum256(text)
			is[name] = hex.EncodeToString(sum[:])
		}
	}
	same(t, "source", m.Sources, is)
}

func TestNobodyChangedWhatWasBuilt(t *testing.T) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "file", lastBuild(t).Built, sums(t, dist, "app"))
}

// shellBudget is what a phone may have to fetch before it can start without a
// network: the page, styles, scripts and the worker that keeps them, compressed.
const shellBudget = 120 << 10

func TestTheShellIsSmall(t *testing.T) {
	app, err := App()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	err = fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".html", ".js", ".css"}, path.Ext(name)) {
			return err
		}
		text, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(text); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		t.Logf("%-32s %7d bytes, %6d compressed", name, len(text), packed.Len())
		total += packed.Len()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > shellBudget {
		t.Errorf("the shell takes %d bytes compressed, more than %d", total, shellBudget)
	}
}

func TestThePageKeepsTheContentPolicy(t *testing.T) {
	app, err := App()
	if err != nil {
		t.Fatal(err)
	}
	page, err := fs.ReadFile(app, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{"<style", " style=", " onload=", "javascript:", "http://", "https://"} {
		if bytes.Contains(page, []byte(forbidden)) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	for _, script := range strings.Split(string(page), "<script")[1:] {
		if attributes, body, _ := strings.Cut(script, ">"); !strings.Contains(attributes, " src=") || !strings.HasPrefix(body, "</script>") {
			t.Error("the page has a script of its own")
		}
	}
}

func TestEverySourceIsShort(t *testing.T) {
	for _, dir := range []string{"app", "shared", "e2e", "test"} {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.Contains(".ts.tsx.css", filepath.Ext(name)) {
				return err
			}
			text, err := os.ReadFile(name)
			if n := bytes.Count(text, []byte("\n")); n > 500 {
				t.Errorf("%s: %d lines, more than 500", name, n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
