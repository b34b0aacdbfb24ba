package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// onMongo measures pushes and pulls on MongoDB: the server MONGODB_URI names, or
// the wire server of scripts/ferretdb, which has no indexes; there the figures
// say little about speed and no aim is set.
func onMongo(ctx context.Context, b *bench) error {
	uri, stop, err := mongoServer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	real := os.Getenv("MONGODB_URI") != ""
	for _, phones := range []int{8, 32} {
		if err := b.pushOnMongo(ctx, uri, phones, real); err != nil {
			return err
		}
	}
	few, many := 100, 1_000
	if real {
		few, many = 1_000, 100_000
	}
	s, err := b.startOn(ctx, freshDatabase(uri))
	if err != nil {
		return err
	}
	defer s.stop()
	ratio, err := s.pullBeside(ctx, b, few, many)
	if err != nil {
		return err
	}
	if real {
		b.atMost("ratio", ratio, 1.2, "×")
	} else {
		b.report("ratio", "%.2f × (no limit: this server scans)", ratio)
	}
	return nil
}

// pushOnMongo measures single pushes and the same commits inserted bare.
func (b *bench) pushOnMongo(ctx context.Context, uri string, n int, real bool) error {
	bare, err := bareInserts(ctx, "thidua/internal/mongo", fmt.Sprintf("/callers=%d", n), "MONGODB_URI="+uri)
	if err != nil {
		return err
	}
	s, err := b.startOn(ctx, freshDatabase(uri))
	if err != nil {
		return err
	}
	defer s.stop()
	phones, err := s.pushers(ctx, n)
	if err != nil {
		return err
	}
	rate, median, err := push(ctx, phones, 1, pushFor)
	if err != nil {
		return err
	}
	b.report(fmt.Sprintf("%d callers, bare inserts of such commits", n), "%.0f /s", bare)
	b.report(fmt.Sprintf("%d phones, acknowledged pushes", n), "%.0f /s, median %s", rate, median)
	if real {
		b.aim("pushes ÷ bare inserts", rate/bare, 0.5, "×")
	} else {
		b.report("pushes ÷ bare inserts", "%.3f × (no aim: this server scans)", rate/bare)
	}
	return nil
}

// freshDatabase returns the address of a database that is not there yet. It
// stays; a server that is measured is not one to keep.
func freshDatabase(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	u.Path = fmt.Sprintf("/thidua_bench_%d", time.Now().UnixNano())
	return u.String()
}

// mongoServer returns the address of a server, started here unless the
// environment names one.
func mongoServer(ctx context.Context) (uri string, stop func(), err error) {
	if uri := os.Getenv("MONGODB_URI"); uri != "" {
		return uri, func() {}, nil
	}
	cmd := exec.CommandContext(ctx, "go", "run", ".")
	cmd.Dir, cmd.Stderr = "scripts/ferretdb", os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = in.Close(); _ = cmd.Wait() } // it ends with its input
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, errors.Join(errors.New("scripts/ferretdb did not start; run this from the repository's root"), err)
	}
	return strings.TrimSpace(line), stop, nil
}
