package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"thidua/internal/mongo/mongotest"
)

// opened opens a database that logs what it does.
func opened(t *testing.T, uri string) (*Store, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := Open(t.Context(), Config{URI: uri, Timeout: 20 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, &log
}

func version(t *testing.T, s *Store) int {
	t.Helper()
	schema, err := one[storedSchema](t.Context(), s, s.db.Collection(metaName), schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Version
}

func TestNewerSchemaIsRefused(t *testing.T) {
	uri := mongotest.URI(t)
	s, _ := opened(t, uri)
	if _, err := s.db.Collection(metaName).UpdateByID(t.Context(), schemaID, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: 99}}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{URI: uri, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "the database has schema 99, written by a newer program") {
		t.Errorf("opened, %v", err)
	}
}

// steps returns migrations that count how often each was taken.
func steps(n int, taken []int, mu *stdsync.Mutex, fails func(i int) error) []migration {
	list := make([]migration, n)
	for i := range list {
		list[i] = migration{says: fmt.Sprint("step ", i), do: func(context.Context, *Store, *slog.Logger) error {
			mu.Lock()
			defer mu.Unlock()
			taken[i]++
			return fails(i)
		}}
	}
	return list
}

func TestMigrationsAreTakenOnceAndGoOnWhereTheyFailed(t *testing.T) {
	s, log := opened(t, mongotest.URI(t))
	var mu stdsync.Mutex
	taken := make([]int, 3)
	broken := errors.New("broken")
	list := steps(3, taken, &mu, func(i int) error {
		if i == 2 && taken[i] == 1 {
			return broken
		}
		return nil
	})
	if err := s.migrate(t.Context(), list[:1]); err != nil {
		t.Fatal(err)
	}
	if err := s.migrate(t.Context(), list); !errors.Is(err, broken) {
		t.Fatalf("the failing step: %v", err)
	}
	if v := version(t, s); v != firstSchema+2 {
		t.Errorf("schema %d after a step failed", v)
	}
	for range 2 {
		if err := s.migrate(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	if v := version(t, s); v != firstSchema+3 || fmt.Sprint(taken) != "[1 1 2]" {
		t.Errorf("schema %d, steps taken %v times", v, taken)
	}
	for _, word := range []string{"migration begins", "migration done", "to=4", `step="step 2"`} {
		if !strings.Contains(log.String(), word) {
			t.Errorf("the log does not say %s", word)
		}
	}
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	uri := mongotest.URI(t)
	var mu stdsync.Mutex
	taken := make([]int, 2)
	list := steps(2, taken, &mu, func(int) error { return nil })
	var stores []*Store
	for range 3 {
		s, _ := opened(t, uri)
		stores = append(stores, s)
	}
	var wg stdsync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			if err := s.migrate(t.Context(), list); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if fmt.Sprint(taken) != "[1 1]" {
		t.Errorf("steps taken %v times", taken)
	}
}

func TestLockOfAKilledProcessExpires(t *testing.T) {
	uri := mongotest.URI(t)
	dead, _ := opened(t, uri)
	if err := dead.acquire(t.Context(), &lease{ID: leaseID, Owner: "dead"}); err != nil {
		t.Fatal(err)
	}
	s, _ := opened(t, uri)
	ctx, cancel := context.WithTimeout(t.Context(), 3*leaseLook)
	defer cancel()
	if err := s.locked(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the lock was had while another process held it: %v", err)
	}
	s.now = func() time.Time { return time.Now().Add(leaseTime + time.Second) }
	had := false
	if err := s.locked(t.Context(), func(context.Context) error { had = true; return nil }); err != nil || !had {
		t.Errorf("the lock was not had: %v", err)
	}
}

func TestSchemaIsStampedOnceByAll(t *testing.T) {
	uri := mongotest.URI(t)
	var wg stdsync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), Config{URI: uri, Timeout: 20 * time.Second, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, _ := opened(t, uri)
	if v := version(t, s); v != firstSchema+len(migrations()) {
		t.Errorf("schema %d", v)
	}
}
