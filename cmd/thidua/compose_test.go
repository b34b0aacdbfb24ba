package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variables returns the names of the THIDUA_ variables that a pattern finds in a file.
func variables(t *testing.T, file, pattern string) []string {
	t.Helper()
	b, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(b), -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		t.Fatalf("%s has no variables like %s", file, pattern)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestComposeAndImageSetOnlyWhatServeReads(t *testing.T) {
	var read []string
	getenv := func(name string) string {
		read = append(read, name)
		return ""
	}
	env := environment{getenv: getenv, out: new(strings.Builder), err: new(strings.Builder)}
	if err := env.serve(t.Context(), []string{"-h"}); err == nil {
		t.Fatal("help is no error")
	}
	for file, pattern := range map[string]string{
		"docker-compose.yml": `(?m)^    (THIDUA_\w+): `, // of the server; the database's stand deeper
		"Dockerfile":         `[ V](THIDUA_\w+)=`,
	} {
		for _, name := range variables(t, file, pattern) {
			if !slices.Contains(read, name) {
				t.Errorf("%s sets %s, which serve does not read", file, name)
			}
		}
	}
}

func TestExampleEnvironmentNamesEverySecretOfCompose(t *testing.T) {
	want := variables(t, "docker-compose.yml", `\$\{(\w+):\?`)
	got := variables(t, ".env.example", `(?m)^(\w+)=$`)
	if !slices.Equal(got, want) {
		t.Errorf(".env.example has %v, docker-compose.yml wants %v", got, want)
	}
}
