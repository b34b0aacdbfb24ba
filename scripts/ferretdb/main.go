// Command ferretdb is a MongoDB wire server for tests, for machines that have
// no mongod: FerretDB with its SQLite handler, behind a relay that lets one
// writing command through at a time. FerretDB reads and then writes without a
// transaction around both, so that two guarded updates at once could both find
// what they ask for; a MongoDB would let one of them win, and tests rely on it. The
// relay also corrects the code of an error.
//
// Its only line on standard output is the address, printed once it answers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		stop()
		os.Exit(1)
	}
}

// run serves until ctx ends, or until stdin does unless --stay is given: a
// server that a test started never outlives it, however the test ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("ferretdb", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", "", "where the data is kept; without it, a temporary directory that is removed in the end")
	addr := flags.String("addr", "127.0.0.1:0", "where to listen")
	stay := flags.Bool("stay", false, "go on when standard input ends")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "ferretdb-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(*dir)) }()
	} else if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}
	debug.SetGCPercent(400) // it reads everything for most queries; a third of that would be collecting garbage
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !*stay {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel()
		}()
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.DiscardHandler),
		Handler:   "sqlite",
		SQLiteURL: "file:" + strings.TrimSuffix(*dir, "/") + "/",
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	behind := strings.TrimSuffix(strings.TrimPrefix(server.MongoDBURI(), "mongodb://"), "/") // waits until it listens
	fmt.Fprintf(stdout, "mongodb://%s/\n", listener.Addr())
	(&relay{behind: behind}).serve(ctx, listener)
	return <-done
}
