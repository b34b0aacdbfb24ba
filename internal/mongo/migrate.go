package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"thidua/internal/hub"
)

// A migration leads from one schema to the next. It must do no harm when it is
// done again after it was interrupted, and may not assume that it is alone:
// servers of the schema before may still be running.
type migration struct {
	says string // what it does, for the log
	do   func(ctx context.Context, s *Store, log *slog.Logger) error
}

// migrations returns what led to the present schema, in order. They are never
// edited, only added to. The first schema is what storing the first things
// makes.
func migrations() []migration { return nil }

// firstSchema is the number of a new database.
const firstSchema = 1

// A storedSchema says how a database is laid out.
type storedSchema struct {
	ID      string `bson:"_id"`
	Version int    `bson:"version"`
}

const schemaID = "schema"

// known returns an error if a program of other steps wrote the database.
func (c storedSchema) known(steps []migration) error {
	if latest := firstSchema + len(steps); c.Version > latest {
		return fmt.Errorf("the database has schema %d, written by a newer program; this one knows %d", c.Version, latest)
	}
	return nil
}

// prepare brings a database to the schema that migrations lead to and makes
// its indexes. Processes that start together do it one after the other.
func (s *Store) prepare(ctx context.Context) error {
	return s.migrate(ctx, migrations())
}

func (s *Store) migrate(ctx context.Context, steps []migration) error {
	meta := s.db.Collection(metaName)
	current, err := one[storedSchema](ctx, s, meta, schemaID)
	if errors.Is(err, hub.ErrNotFound) {
		current = storedSchema{ID: schemaID, Version: firstSchema + len(steps)}
		if err = s.insertOne(ctx, meta, current); errors.Is(err, hub.ErrExists) {
			current, err = one[storedSchema](ctx, s, meta, schemaID)
		}
	}
	if err != nil {
		return err
	}
	if err := current.known(steps); err != nil {
		return err
	}
	if current.Version < firstSchema+len(steps) {
		if err := s.locked(ctx, func(ctx context.Context) error { return s.upgrade(ctx, steps) }); err != nil {
			return err
		}
	}
	return s.ensure(ctx)
}

// upgrade takes the steps a database has not been through. The lock is held.
func (s *Store) upgrade(ctx context.Context, steps []migration) error {
	meta := s.db.Collection(metaName)
	current, err := one[storedSchema](ctx, s, meta, schemaID)
	if err == nil {
		err = current.known(steps) // it may be another by now
	}
	if err != nil {
		return err
	}
	for version := current.Version; version < firstSchema+len(steps); version++ {
		step := steps[version-firstSchema]
		log := s.log.With("to", version+1, "step", step.says)
		log.Info("mongo: migration begins")
		if err := step.do(ctx, s, log); err != nil {
			return fmt.Errorf("to schema %d: %w", version+1, err)
		}
		if err := s.swap(ctx, meta, bson.D{{Key: "_id", Value: schemaID}, {Key: "version", Value: version}}, bson.D{{Key: "version", Value: version + 1}}); err != nil {
			return fmt.Errorf("to schema %d: %w", version+1, err)
		}
		log.Info("mongo: migration done")
	}
	return nil
}

// A lease is the lock of migrations: held by one process until it gives it
// back, or stops prolonging it, as a killed one does.
type lease struct {
	ID    string `bson:"_id"`
	Owner string `bson:"owner"`
	Until int64  `bson:"until"` // milliseconds since 1970; zero: nobody's
}

const (
	leaseID   = "lock"
	leaseTime = 30 * time.Second // much more than clocks of servers differ
	leaseLook = 50 * time.Millisecond
)

// locked does something while no other process does such a thing. If the lock
// is lost on the way, the context ends.
func (s *Store) locked(ctx context.Context, do func(context.Context) error) error {
	mine := lease{ID: leaseID, Owner: bson.NewObjectID().Hex()}
	if err := s.acquire(ctx, &mine); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.prolong(ctx, &mine, cancel)
	}()
	err := do(ctx)
	if lost := context.Cause(ctx); err != nil && lost != nil {
		err = fmt.Errorf("%w: %w", lost, err)
	}
	cancel(nil)
	<-done
	return errors.Join(err, s.release(context.WithoutCancel(ctx), &mine))
}

// acquire waits until it has the lock.
func (s *Store) acquire(ctx context.Context, mine *lease) error {
	meta := s.db.Collection(metaName)
	look := time.NewTicker(leaseLook)
	defer look.Stop()
	for waiting := false; ; waiting = true {
		held, err := one[lease](ctx, s, meta, leaseID)
		now := s.now().UnixMilli()
		mine.Until = now + leaseTime.Milliseconds()
		switch {
		case errors.Is(err, hub.ErrNotFound):
			err = s.insertOne(ctx, meta, mine)
		case err != nil:
		case held.Until > now:
			err = hub.ErrExists
		default:
			err = s.swapLease(ctx, &held, mine)
		}
		if !errors.Is(err, hub.ErrExists) && !errors.Is(err, hub.ErrChanged) {
			return err
		}
		if !waiting {
			s.log.Info("mongo: another process migrates, waiting")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// prolong keeps the lock until ctx ends, or ends it if that fails.
func (s *Store) prolong(ctx context.Context, mine *lease, lost context.CancelCauseFunc) {
	tick := time.NewTicker(leaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next := *mine
		next.Until = s.now().UnixMilli() + leaseTime.Milliseconds()
		if err := s.swapLease(ctx, mine, &next); err != nil {
			lost(fmt.Errorf("the lock was lost: %w", err))
			return
		}
		*mine = next
	}
}

// release gives the lock back, unless another process has it by now.
func (s *Store) release(ctx context.Context, mine *lease) error {
	err := s.swapLease(ctx, mine, &lease{})
	if errors.Is(err, hub.ErrChanged) {
		return nil
	}
	return err
}

func (s *Store) swapLease(ctx context.Context, held, next *lease) error {
	return s.swap(ctx, s.db.Collection(metaName),
		bson.D{{Key: "_id", Value: leaseID}, {Key: "owner", Value: held.Owner}, {Key: "until", Value: held.Until}},
		bson.D{{Key: "owner", Value: next.Owner}, {Key: "until", Value: next.Until}})
}
