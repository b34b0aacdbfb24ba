// Package mongo is the store for production: logs, documents, people and
// devices in a MongoDB, shared by any number of server processes. It needs no
// transactions and nothing that a standalone MongoDB 4.4 lacks; a replica set
// makes what was answered for survive the loss of a machine, and lets changes
// be watched; a sharded cluster divides by scope. DESIGN.md tells what rests
// on what.
//
// [Store] implements hub.Store, hub.Watcher and, by its methods alone, what
// auth and push ask for.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"thidua/internal/hub"
)

var (
	_ hub.Store   = (*Store)(nil)
	_ hub.Watcher = (*Store)(nil)
)

// A Config says which database to open and how.
type Config struct {
	URI       string           // mongodb://… or mongodb+srv://…
	Database  string           // "" is the one that URI names, or else thidua
	Timeout   time.Duration    // of every operation, if its context allows more; 0 is 10 s
	Selection time.Duration    // how long to look for a server that can serve an operation; 0 is 2 s
	Now       func() time.Time // nil is time.Now
	Log       *slog.Logger     // progress of migrations; nil is slog.Default
}

// A Store is an open database. Its methods may be called at the same time.
type Store struct {
	client  *mongo.Client
	db      *mongo.Database
	timeout time.Duration
	now     func() time.Time
	log     *slog.Logger

	commits, documents, marks, people, devices, codes, keys *mongo.Collection
	tokens, told, messages, followed, leases                *mongo.Collection

	ends ends
}

// Open connects to a server, makes what is missing of collections and indexes,
// and brings the schema up to date. It fails if no server answers. Close must
// be called in the end.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Timeout < 0 || cfg.Selection < 0 {
		return nil, errors.New("mongo: open: a negative time")
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Selection == 0 {
		cfg.Selection = 2 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	address, err := connstring.ParseAndValidate(cfg.URI)
	if err != nil {
		return nil, fmt.Errorf("mongo: open: %w", err)
	}
	if cfg.Database == "" {
		cfg.Database = address.Database
	}
	if cfg.Database == "" {
		cfg.Database = "thidua"
	}
	// The driver's own timeout of calls stays off: each has a deadline. Only a
	// change stream has none; if its line dies silently, the driver's heartbeat,
	// which waits no longer than for a connection, finds out and cuts it.
	opts := options.Client().ApplyURI(cfg.URI).SetAppName("thidua").SetConnectTimeout(cfg.Timeout).
		SetServerSelectionTimeout(cfg.Selection).SetReadPreference(readpref.Primary())
	opts.Timeout = nil
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("mongo: open: %w", err)
	}
	s := &Store{client: client, timeout: cfg.Timeout, now: cfg.Now, log: cfg.Log}
	if err := s.start(ctx, cfg.Database); err != nil {
		return nil, errors.Join(fmt.Errorf("mongo: open: %w", err), s.Close())
	}
	return s, nil
}

// start chooses concerns that suit the server and prepares the database.
func (s *Store) start(ctx context.Context, database string) error {
	replicated, err := s.replicated(ctx)
	if err != nil {
		return err
	}
	// What was answered for survives a failover, and so does what was read. A
	// single server has no majority; there the journal is what counts.
	opts := options.Database().SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary())
	durable := writeconcern.Majority()
	if !replicated {
		opts.SetReadConcern(readconcern.Local())
		durable = writeconcern.W1()
	}
	journal := true
	durable.Journal = &journal
	s.db = s.client.Database(database, opts.SetWriteConcern(durable))
	for name, collection := range map[string]**mongo.Collection{
		commitsName: &s.commits, documentsName: &s.documents, marksName: &s.marks,
		peopleName: &s.people, devicesName: &s.devices, codesName: &s.codes, keysName: &s.keys,
		tokensName: &s.tokens, toldName: &s.told, messagesName: &s.messages, followedName: &s.followed, leasesName: &s.leases,
	} {
		*collection = s.db.Collection(name)
	}
	return s.prepare(ctx)
}

// replicated reports whether the server belongs to a replica set, or stands
// before some.
func (s *Store) replicated(ctx context.Context) (bool, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	var hello struct {
		SetName string `bson:"setName"`
		Msg     string `bson:"msg"` // "isdbgrid": a router of a sharded cluster
	}
	err := s.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	return hello.SetName != "" || hello.Msg != "", err
}

// Close ends all connections. Calls that come later fail.
func (s *Store) Close() error {
	ctx, cancel := s.deadline(context.Background())
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("mongo: close: %w", err)
	}
	return nil
}
