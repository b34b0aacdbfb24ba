package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/internal/mongo"
	"thidua/internal/move"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// What is moved: documents, created some to a commit, in a few scopes. There
// are few of either because the wire server goes through all for every query.
const (
	moveScopes   = 2
	moveCommit   = 50 // documents created by a commit
	mongoTimeout = 2 * time.Minute
)

// moveAll copies a database into MongoDB and back, with a stop half way, and
// has every stage checked.
func moveAll(ctx context.Context, b *bench) error {
	first, err := sqlite.Open(sqlite.Config{Path: filepath.Join(b.dir, "move-first.sqlite")})
	if err != nil {
		return err
	}
	defer first.Close()
	back, err := sqlite.Open(sqlite.Config{Path: filepath.Join(b.dir, "move-back.sqlite")})
	if err != nil {
		return err
	}
	defer back.Close()
	if err := fillLogs(ctx, first, b.documents/moveScopes); err != nil {
		return err
	}
	if err := b.checked(ctx, "SQLite", first); err != nil {
		return err
	}
	return b.withMongo(ctx, func(there *mongo.Store) error {
		if err := b.moveStopped(ctx, first, there); err != nil {
			return err
		}
		if err := b.timedMove(ctx, "SQLite → MongoDB, continued", first, there); err != nil {
			return err
		}
		if err := b.checked(ctx, "MongoDB", there); err != nil {
			return err
		}
		if err := b.timedMove(ctx, "MongoDB → SQLite", there, back); err != nil {
			return err
		}
		if err := b.checked(ctx, "SQLite again", back); err != nil {
			return err
		}
		return b.sameHeads(ctx, first, back)
	})
}

// fillLogs writes documents, each of them into every scope.
func fillLogs(ctx context.Context, store hub.Store, each int) error {
	random := newRandom()
	for i := range moveScopes {
		scope := sync.UnitScope(sync.DocID(sync.NameID("unit", fmt.Sprint(i))))
		var head hub.Mark
		for n := 0; n < each; n += moveCommit {
			c := sync.Commit{Scope: scope, Seq: head.Seq + 1, Prev: head.Hash, Checksum: head.Checksum, Author: sync.Server}
			var docs []*sync.Document
			for k := range moveCommit {
				ch := sync.Change{
					Doc: sync.DocID(sync.NameID("move", fmt.Sprint(i, n+k))), Type: emulation.TypeMeeting, By: -1,
					Create: sync.Object{"kind": "other", "held_on": "2021-12-01", "title": sentence(random, 9), "note": sentence(random, 30)},
				}
				d := sync.Fold(nil, scope, ch, c.Seq)
				c.Changes, docs, c.Checksum = append(c.Changes, ch), append(docs, d), c.Checksum+d.Sum()
			}
			if _, err := store.Append(ctx, []sync.Commit{c}, docs); err != nil {
				return err
			}
			head = hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}
		}
	}
	return nil
}

// moveStopped begins a move and stops it when half of the commits are there.
func (b *bench) moveStopped(ctx context.Context, from, to move.Store) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	began, copied := time.Now(), int64(0)
	_, err := move.Run(ctx, move.Config{From: from, To: to, Progress: func(p move.Progress) {
		if copied = p.Commits; copied >= int64(b.documents/moveCommit/2) {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the move was not stopped: %w", err)
	}
	b.report("SQLite → MongoDB, stopped", "%d commits, %.0f s", copied, time.Since(began).Seconds())
	return nil
}

func (b *bench) timedMove(ctx context.Context, what string, from, to move.Store) error {
	began := time.Now()
	r, err := move.Run(ctx, move.Config{From: from, To: to})
	if err != nil {
		return err
	}
	b.report(what, "%d commits, %.1f MB, %.0f s", r.Commits, float64(r.Bytes)/1e6, time.Since(began).Seconds())
	return nil
}

// checked has a store checked, with a sample of histories because the wire
// server is too slow for all, and misses its limit with any finding.
func (b *bench) checked(ctx context.Context, what string, store fsck.Store) error {
	began := time.Now()
	told := began
	r, err := fsck.Check(ctx, fsck.Config{Store: store, Schema: emulation.New().Schema(), Quick: true, Progress: func(p fsck.Progress) {
		if now := time.Now(); now.Sub(told) > 10*time.Second {
			told = now
			fmt.Printf("    %d documents, %d commits …\n", p.Documents, p.Commits)
		}
	}})
	if err != nil {
		return err
	}
	b.report(what+": fsck", "%d documents, %d commits, %d histories, %.0f s", r.Documents, r.Commits, r.Histories, time.Since(began).Seconds())
	b.atMost(what+": findings", float64(len(r.Findings)), 0, "")
	return nil
}

// sameHeads compares heads, with hashes and checksums.
func (b *bench) sameHeads(ctx context.Context, one, other hub.Store) error {
	scopes, err := one.Scopes(ctx, "", 2*moveScopes)
	if err != nil {
		return err
	}
	here, err := one.Heads(ctx, scopes)
	if err != nil {
		return err
	}
	there, err := other.Heads(ctx, scopes)
	if err != nil {
		return err
	}
	different := 0
	for _, s := range scopes {
		if here[s] != there[s] {
			different++
		}
	}
	b.atMost("heads, hashes or checksums that differ in the end", float64(different), 0, "")
	return nil
}

// withMongo calls do with an empty database on the server that is measured.
func (b *bench) withMongo(ctx context.Context, do func(*mongo.Store) error) error {
	uri, stop, err := mongoServer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if os.Getenv("MONGODB_URI") == "" {
		b.report("MongoDB", "the wire server for tests; its speed is its own")
	}
	store, err := mongo.Open(ctx, mongo.Config{URI: freshDatabase(uri), Timeout: mongoTimeout, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}
