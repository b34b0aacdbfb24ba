package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	stdsync "sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"thidua/internal/hub"
	"thidua/internal/hub/storetest"
	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

// A replica stands in for a member of a replica set, which the wire server for
// tests is not: it says yes to everything, remembers what it was asked, and
// streams changes.
type replica struct {
	t       *testing.T
	setName string
	changes chan bson.D // what the next getMore is answered

	mu    stdsync.Mutex
	asked map[string][]bson.Raw // by command and collection
}

func startReplica(t *testing.T, setName string) (*replica, string) {
	t.Helper()
	r := &replica{t: t, setName: setName, changes: make(chan bson.D, 10), asked: map[string][]bson.Raw{}}
	w := listen(t, r.serve)
	return r, "mongodb://" + w.addr + "/thidua"
}

func (r *replica) serve(conn net.Conn) {
	ended, end := context.WithCancel(context.Background())
	defer end()
	for {
		request, err := readMessage(conn)
		if err != nil {
			return
		}
		answer, err := request.answer(r.decide(ended, conn.LocalAddr().String(), request))
		if err != nil {
			r.t.Error(err)
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

func cursor(id int64, batch string, documents ...bson.D) bson.D {
	return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{{Key: "id", Value: id}, {Key: "ns", Value: "thidua.commits"}, {Key: batch, Value: append([]bson.D{}, documents...)}}}}
}

func (r *replica) decide(ctx context.Context, addr string, request message) bson.D {
	name, on := request.command()
	r.mu.Lock()
	r.asked[name+" "+on] = append(r.asked[name+" "+on], slices.Clone(request.body()))
	r.mu.Unlock()
	switch name {
	case "hello", "isMaster", "ismaster":
		hello := bson.D{
			{Key: "ok", Value: 1},
			{Key: "helloOk", Value: true},
			{Key: "isWritablePrimary", Value: true},
			{Key: "ismaster", Value: true},
			{Key: "minWireVersion", Value: 0},
			{Key: "maxWireVersion", Value: 21},
			{Key: "maxBsonObjectSize", Value: 1 << 24},
			{Key: "maxMessageSizeBytes", Value: 48000000},
			{Key: "maxWriteBatchSize", Value: 100000},
		}
		if r.setName != "" {
			hello = append(hello, bson.D{{Key: "setName", Value: r.setName}, {Key: "me", Value: addr}, {Key: "primary", Value: addr}, {Key: "hosts", Value: bson.A{addr}}}...)
		}
		return hello
	case "find":
		return cursor(0, "firstBatch")
	case "aggregate":
		if r.setName == "" {
			return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 40573}, {Key: "codeName", Value: "Location40573"}, {Key: "errmsg", Value: "only on replica sets"}}
		}
		return cursor(7, "firstBatch")
	case "getMore":
		select {
		case answer := <-r.changes:
			return answer
		case <-ctx.Done():
		}
		return cursor(7, "nextBatch")
	}
	return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 1}}
}

// last returns the last request of a command.
func (r *replica) last(command string) bson.Raw {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.asked[command]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

func inserted(scope sync.Scope, seq int64) bson.D {
	key := fmt.Sprintf("%s/%016d", scope, seq)
	return bson.D{
		{Key: "_id", Value: bson.D{{Key: "_data", Value: fmt.Sprint(seq)}}},
		{Key: "documentKey", Value: bson.D{{Key: "scope", Value: string(scope)}, {Key: "_id", Value: key}}}, // as on a sharded cluster
	}
}

func TestChangesAreStreamed(t *testing.T) {
	r, uri := startReplica(t, "rs0")
	store := openAt(t, uri)
	type move struct {
		Scope sync.Scope
		Seq   int64
	}
	var moves []move
	ready := false
	r.changes <- cursor(7, "nextBatch", inserted("unit:a", 7), inserted("unit:b:desk", 1))
	r.changes <- cursor(7, "nextBatch")
	r.changes <- cursor(7, "nextBatch", inserted("unit:a", 8))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := store.Watch(ctx, func() { ready = len(moves) == 0 }, func(scope sync.Scope, seq int64) {
		if moves = append(moves, move{scope, seq}); len(moves) == 3 {
			cancel()
		}
	})
	if err != nil || !ready {
		t.Errorf("ready %v, ended with %v", ready, err)
	}
	if diff := cmp.Diff([]move{{"unit:a", 7}, {"unit:b:desk", 1}, {"unit:a", 8}}, moves); diff != "" {
		t.Error(diff)
	}
	var asked struct {
		Pipeline []bson.Raw
	}
	if err := bson.Unmarshal(r.last("aggregate commits"), &asked); err != nil || len(asked.Pipeline) != 3 {
		t.Fatalf("asked %v, %v", r.last("aggregate commits"), err)
	}
	for i, want := range []string{`{"$changeStream": {}}`, `{"$match": {"operationType": "insert"}}`, `{"$project": {"documentKey": {"$numberInt":"1"}}}`} {
		if got := asked.Pipeline[i].String(); got != want {
			t.Errorf("stage %d is %s, not %s", i, got, want)
		}
	}
}

func TestStreamThatBreaksIsAnError(t *testing.T) {
	r, uri := startReplica(t, "rs0")
	store := openAt(t, uri)
	r.changes <- bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 280}, {Key: "codeName", Value: "ChangeStreamFatalError"}, {Key: "errmsg", Value: "the history is lost"}}
	if err := store.Watch(t.Context(), func() {}, func(sync.Scope, int64) {}); err == nil || errors.Is(err, hub.ErrUnsupported) {
		t.Errorf("ended with %v", err)
	}
}

func TestServerWithoutChangeStreamsSaysSo(t *testing.T) {
	_, single := startReplica(t, "")
	for what, uri := range map[string]string{"a single server": single, "the wire server": mongotest.URI(t)} {
		err := openAt(t, uri).Watch(t.Context(), func() { t.Errorf("%s: ready", what) }, func(sync.Scope, int64) {})
		if !errors.Is(err, hub.ErrUnsupported) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestConcernsSuitTheServer(t *testing.T) {
	for setName, want := range map[string]struct{ read, write string }{
		"rs0": {`{"level": "majority"}`, `{"w": "majority","j": true}`},
		"":    {`{"level": "local"}`, `{"w": {"$numberInt":"1"},"j": true}`},
	} {
		r, uri := startReplica(t, setName)
		store := openAt(t, uri+"?w=0&readPreference=secondary&readConcernLevel=available")
		if err := storetest.Extend(t.Context(), store, "unit:a", "phone"); err != nil {
			t.Fatal(err)
		}
		if got := r.last("find commits").Lookup("readConcern").String(); got != want.read {
			t.Errorf("set %q: reads with %s, not %s", setName, got, want.read)
		}
		if got := r.last("insert commits").Lookup("writeConcern").String(); got != want.write {
			t.Errorf("set %q: writes with %s, not %s", setName, got, want.write)
		}
		if mode, err := r.last("find commits").LookupErr("$readPreference", "mode"); err == nil && mode.StringValue() == "secondary" {
			t.Errorf("set %q: reads from a secondary", setName)
		}
	}
}
