package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
)

// deadline bounds an operation, however patient its caller is.
func (s *Store) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}

// all reads what a query finds, within the deadline of one operation.
func all[T any](ctx context.Context, s *Store, c *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder) ([]T, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	cursor, err := c.Find(ctx, filter, opts)
	if err != nil {
		return nil, err
	}
	var found []T
	err = cursor.All(ctx, &found)
	return found, err
}

// one reads the document of an identifier; hub.ErrNotFound if there is none.
func one[T any](ctx context.Context, s *Store, c *mongo.Collection, id string) (found T, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = hub.ErrNotFound
	}
	return found, err
}

// insertOne adds a document; hub.ErrExists if a unique key of it is taken.
func (s *Store) insertOne(ctx context.Context, c *mongo.Collection, document any) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := c.InsertOne(ctx, document)
	if mongo.IsDuplicateKeyError(err) {
		return hub.ErrExists
	}
	return err
}

// swap sets fields of the document that a filter finds, which begins with its
// _id; hub.ErrChanged if it no longer is as the filter says, hub.ErrNotFound if
// there is none, hub.ErrExists if a unique key is another's.
func (s *Store) swap(ctx context.Context, c *mongo.Collection, filter, set bson.D) error {
	inner, cancel := s.deadline(ctx)
	defer cancel()
	result, err := c.UpdateOne(inner, filter, bson.D{{Key: "$set", Value: set}})
	switch {
	case mongo.IsDuplicateKeyError(err):
		return hub.ErrExists
	case err != nil || result.MatchedCount > 0:
		return err
	}
	id, _ := filter[0].Value.(string)
	if _, err := one[bson.Raw](ctx, s, c, id); err != nil {
		return err
	}
	return hub.ErrChanged
}

// page reads up to limit documents in order of a text, from the first greater one.
func page[T any](ctx context.Context, s *Store, c *mongo.Collection, key, after string, limit int) ([]T, error) {
	if limit <= 0 { // which the server takes for no limit
		return nil, ctx.Err()
	}
	return all[T](ctx, s, c, bson.D{{Key: key, Value: bson.D{{Key: "$gt", Value: after}}}}, options.Find().SetSort(bson.D{{Key: key, Value: 1}}).SetLimit(int64(limit)))
}
