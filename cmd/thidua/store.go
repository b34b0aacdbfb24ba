package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"thidua/internal/mongo"
	"thidua/internal/move"
	"thidua/internal/push"
	"thidua/internal/sqlite"
)

// A store keeps everything a server keeps, and can be checked, mended and moved.
type store interface {
	move.Store
	push.Store
	// Close lets go of the database. Nothing may be using the store any more.
	Close() error
}

const storeUsage = "kho dữ liệu: sqlite hoặc mongodb://… / store: sqlite (in --data) or mongodb://…"

// openStore opens a store by its name: sqlite, which is a file in the data
// directory, or the address of a MongoDB server with the name of the database.
func openStore(ctx context.Context, name, data string, log *slog.Logger) (store, error) {
	switch {
	case name == "sqlite":
		if err := os.MkdirAll(data, 0o700); err != nil {
			return nil, fmt.Errorf("data directory: %w", err)
		}
		s, err := sqlite.Open(sqlite.Config{Path: databaseFile(data)})
		if err != nil {
			return nil, err
		}
		return s, nil
	case strings.HasPrefix(name, "mongodb://"), strings.HasPrefix(name, "mongodb+srv://"):
		s, err := mongo.Open(ctx, mongo.Config{URI: name, Now: time.Now, Log: log})
		if err != nil {
			return nil, fmt.Errorf("%w; is the MongoDB of --store running, and may this user use it?", err)
		}
		return s, nil
	}
	return nil, errors.New("no such store; use --store sqlite or --store mongodb://HOST:PORT/DATABASE")
}

// databaseFile is where the embedded store is in a data directory.
func databaseFile(data string) string { return filepath.Join(data, "thidua.sqlite") }
