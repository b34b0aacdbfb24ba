// Package mongotest finds a server for tests of what stands on package mongo:
// the one MONGODB_URI names, or else a wire server that it builds from
// scripts/ferretdb and starts, one for each test process.
package mongotest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// start is called once in a process.
var start = stdsync.OnceValues(serve)

// Server returns the address of a server, with no database. The test fails if
// there is none.
func Server(t testing.TB) string {
	t.Helper()
	if uri := os.Getenv("MONGODB_URI"); uri != "" {
		return uri
	}
	s, err := start()
	if err != nil {
		t.Fatalf("no MongoDB server for tests: %v", err)
	}
	return s.uri
}

// URI returns the address of a database that is empty and of this test alone.
// On a server that stays it is dropped when the test has ended.
func URI(t testing.TB) string {
	t.Helper()
	server := Server(t)
	name := "thidua_test_" + strings.ToLower(rand.Text()[:12])
	if os.Getenv("MONGODB_URI") != "" {
		t.Cleanup(func() {
			if err := drop(server, name); err != nil {
				t.Errorf("drop %s: %v", name, err)
			}
		})
	}
	return with(server, name)
}

// with returns the address of a database on a server whose address may name another.
func with(server, database string) string {
	address, query, _ := strings.Cut(server, "?")
	scheme, rest, _ := strings.Cut(address, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	if query != "" {
		query = "?" + query
	}
	return scheme + "://" + hosts + "/" + database + query
}

func drop(server, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		return err
	}
	return errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx))
}

// A server runs until its standard input ends: when this process does, however
// that comes about.
type server struct {
	uri   string
	stdin io.WriteCloser // or the garbage collector would close it
}

// serve builds and starts the wire server.
func serve() (server, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return server{}, errors.New("the source is not known")
	}
	dir := filepath.Join(filepath.Dir(here), "..", "..", "..", "scripts", "ferretdb")
	cmd := exec.Command("go", "run", ".") // the go command keeps what it has built
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return server{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return server{}, err
	}
	if err := cmd.Start(); err != nil {
		return server{}, err
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return server{}, fmt.Errorf("scripts/ferretdb did not start: %w", errors.Join(lines.Err(), cmd.Wait()))
	}
	return server{uri: lines.Text(), stdin: stdin}, nil
}
