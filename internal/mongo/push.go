package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// errTurns is why a write was given up that others were faster than every time.
var errTurns = errors.New("other processes were faster every time")

// A storedToken is a push token as a document of the collection tokens.
type storedToken struct {
	Device   string `bson:"_id"`
	Person   string `bson:"person"`
	Platform string `bson:"platform"`
	Token    string `bson:"token"`
	Set      int64  `bson:"set"`
}

// PutToken replaces the token of a device, and takes it from any other device
// that had it: the index of tokens is unique, so of several that want it at
// once the last one has it.
func (s *Store) PutToken(ctx context.Context, t hub.PushToken) error {
	stored := storedToken{Device: string(t.Device), Person: string(t.Person), Platform: t.Platform, Token: t.Token, Set: t.Set}
	return wrap(ctx, s.putToken(ctx, stored), "put push token of %s", t.Device)
}

func (s *Store) putToken(ctx context.Context, t storedToken) error {
	for range maxTurns {
		others := bson.D{{Key: "token", Value: t.Token}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: t.Device}}}}
		if err := s.remove(ctx, s.tokens, others); err != nil {
			return err
		}
		if err := s.store(ctx, s.tokens, t.Device, t); !errors.Is(err, hub.ErrExists) {
			return err
		}
	}
	return errTurns
}

// store puts a document in the place of any with its identifier; hub.ErrExists
// if a unique key of it is taken, or somebody inserted the same meanwhile.
func (s *Store) store(ctx context.Context, c *mongo.Collection, id string, document any) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := c.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}}, document, options.Replace().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return hub.ErrExists
	}
	return err
}

// remove deletes what a filter finds.
func (s *Store) remove(ctx context.Context, c *mongo.Collection, filter bson.D) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := c.DeleteMany(ctx, filter)
	return err
}

// DropToken removes the token of a device, if it still is this one.
func (s *Store) DropToken(ctx context.Context, device sync.DeviceID, token string) error {
	return wrap(ctx, s.remove(ctx, s.tokens, bson.D{{Key: "_id", Value: string(device)}, {Key: "token", Value: token}}), "drop push token of %s", device)
}

// Tokens returns those of the devices of some people, in order of device.
func (s *Store) Tokens(ctx context.Context, people []sync.PersonID) ([]hub.PushToken, error) {
	if len(people) == 0 {
		return nil, ctx.Err()
	}
	found, err := all[storedToken](ctx, s, s.tokens, bson.D{{Key: "person", Value: bson.D{{Key: "$in", Value: people}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	tokens := make([]hub.PushToken, len(found))
	for i, t := range found {
		tokens[i] = hub.PushToken{Device: sync.DeviceID(t.Device), Person: sync.PersonID(t.Person), Platform: t.Platform, Token: t.Token, Set: t.Set}
	}
	return tokens, wrap(ctx, err, "push tokens")
}

// A storedTold is a record of what was told, as a document of the collection told.
type storedTold struct {
	Key     string `bson:"_id"`
	Kind    string `bson:"kind"`
	Person  string `bson:"person"`
	Subject string `bson:"subject"`
	Due     int64  `bson:"due"`
	State   string `bson:"state"`
	Reason  string `bson:"reason"`
	At      int64  `bson:"at"`
}

func (t storedTold) told() hub.Told {
	return hub.Told{
		Key: t.Key, Kind: t.Kind, Person: sync.PersonID(t.Person), Subject: sync.DocID(t.Subject),
		Due: t.Due, State: t.State, Reason: sync.Code(t.Reason), At: t.At,
	}
}

// Record adds records; one whose key is there is left as it is.
func (s *Store) Record(ctx context.Context, told []hub.Told) error {
	rows := make([]storedTold, len(told))
	for i, t := range told {
		rows[i] = storedTold{
			Key: t.Key, Kind: t.Kind, Person: string(t.Person), Subject: string(t.Subject),
			Due: t.Due, State: t.State, Reason: string(t.Reason), At: t.At,
		}
	}
	return wrap(ctx, add(ctx, s, s.told, rows), "record what was told")
}

// add inserts documents; those whose identifiers are taken are left as they are.
func add[T any](ctx context.Context, s *Store, c *mongo.Collection, rows []T) error {
	if len(rows) == 0 {
		return ctx.Err()
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := c.InsertMany(ctx, rows, options.InsertMany().SetOrdered(false))
	return exceptDuplicates(err)
}

// exceptDuplicates returns the error of a bulk write, nil if all that is wrong is
// that something was there already.
func exceptDuplicates(err error) error {
	var refused mongo.BulkWriteException
	if !errors.As(err, &refused) || refused.WriteConcernError != nil {
		return err
	}
	for _, one := range refused.WriteErrors {
		if !mongo.IsDuplicateKeyError(one.WriteError) {
			return err
		}
	}
	return nil
}

// Recorded returns the records of some keys, by key.
func (s *Store) Recorded(ctx context.Context, keys []string) (map[string]hub.Told, error) {
	found, err := named[storedTold](ctx, s, s.told, keys)
	if err != nil {
		return nil, wrap(ctx, err, "what was told")
	}
	told := make(map[string]hub.Told, len(found))
	for _, t := range found {
		told[t.Key] = t.told()
	}
	return told, nil
}

// named reads the documents of some identifiers, in no order.
func named[T any, ID ~string](ctx context.Context, s *Store, c *mongo.Collection, ids []ID) ([]T, error) {
	switch len(ids) {
	case 0:
		return nil, ctx.Err()
	case 1: // what the wire server for tests need not scan for
		return all[T](ctx, s, c, bson.D{{Key: "_id", Value: string(ids[0])}}, options.Find())
	}
	return all[T](ctx, s, c, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}, options.Find())
}

// Told returns up to limit records whose Due is at least from and below to,
// by Due and then key, after (from, afterKey) in that order.
func (s *Store) Told(ctx context.Context, from, to int64, afterKey string, limit int) ([]hub.Told, error) {
	if limit <= 0 { // which the server takes for no limit
		return nil, ctx.Err()
	}
	found, err := all[storedTold](ctx, s, s.told, bson.D{
		{Key: "due", Value: bson.D{{Key: "$gte", Value: from}, {Key: "$lt", Value: to}}}, // where to begin in the index; of those due at from:
		{Key: "$or", Value: bson.A{
			bson.D{{Key: "due", Value: bson.D{{Key: "$gt", Value: from}}}},
			bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: afterKey}}}},
		}},
	}, options.Find().SetSort(bson.D{{Key: "due", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	told := make([]hub.Told, len(found))
	for i, t := range found {
		told[i] = t.told()
	}
	return told, wrap(ctx, err, "what was told")
}

// A storedFollowed says how far a log was looked through for what people
// should be told, as a document of the collection followed.
type storedFollowed struct {
	Scope string `bson:"_id"`
	Seq   int64  `bson:"seq"`
}

// Followed returns up to where the logs of some scopes were looked through, by
// scope.
func (s *Store) Followed(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]int64, error) {
	found, err := named[storedFollowed](ctx, s, s.followed, scopes)
	followed := make(map[sync.Scope]int64, len(found))
	for _, f := range found {
		followed[sync.Scope(f.Scope)] = f.Seq
	}
	return followed, wrap(ctx, err, "followed")
}

// Follow moves that on from a sequence number (0: none) to another;
// hub.ErrChanged if it is not there any more.
func (s *Store) Follow(ctx context.Context, scope sync.Scope, from, to int64) error {
	var err error
	if from == 0 {
		err = s.insertOne(ctx, s.followed, storedFollowed{Scope: string(scope), Seq: to})
	} else {
		err = s.swap(ctx, s.followed, bson.D{{Key: "_id", Value: string(scope)}, {Key: "seq", Value: from}}, bson.D{{Key: "seq", Value: to}})
	}
	if errors.Is(err, hub.ErrExists) || errors.Is(err, hub.ErrNotFound) {
		err = hub.ErrChanged
	}
	return wrap(ctx, err, "follow %s from %d", scope, from)
}

// Lease gives or renews a lease by name to an owner until a time, if nobody
// else has it beyond now, and reports whether the owner has it.
func (s *Store) Lease(ctx context.Context, name, owner string, now, until int64) (bool, error) {
	held, err := one[lease](ctx, s, s.leases, name)
	switch {
	case errors.Is(err, hub.ErrNotFound):
		err = s.insertOne(ctx, s.leases, lease{ID: name, Owner: owner, Until: until})
	case err == nil && held.Owner != owner && held.Until > now:
		err = hub.ErrChanged
	case err == nil:
		err = s.swap(ctx, s.leases, bson.D{{Key: "_id", Value: name}, {Key: "owner", Value: held.Owner}, {Key: "until", Value: held.Until}},
			bson.D{{Key: "owner", Value: owner}, {Key: "until", Value: until}})
	}
	if errors.Is(err, hub.ErrExists) || errors.Is(err, hub.ErrChanged) {
		return false, nil
	}
	return err == nil, wrap(ctx, err, "lease %s", name)
}
