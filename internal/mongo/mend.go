package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"thidua/internal/hub"
	"thidua/sync"
)

// MendDocument puts a document in the place of the stored one whose version
// still is version, 0 if none is stored; a nil document removes it. It returns
// hub.ErrChanged if another version is stored. It is for repairing a
// projection, which can only ever be wrong because of a mistake.
func (s *Store) MendDocument(ctx context.Context, scope sync.Scope, id sync.DocID, version int64, doc *sync.Document) error {
	key := documentKey(scope, id)
	var row *storedDocument
	if doc != nil {
		rows, err := storeDocuments(scope, []*sync.Document{doc})
		if err == nil && doc.ID != id {
			err = fmt.Errorf("document %s is another", doc.ID)
		}
		if err != nil {
			return wrap(ctx, err, "mend document %s", key)
		}
		row = &rows[0]
	}
	is := bson.D{{Key: "_id", Value: key}, {Key: "scope", Value: string(scope)}, {Key: "version", Value: version}}
	return wrap(ctx, mend(ctx, s, s.documents, key, is, version != 0, row), "mend document %s", key)
}

// MendMark replaces the watermark from, which is zero if there is none, by to,
// which is zero to remove it. It returns hub.ErrChanged if it is another.
func (s *Store) MendMark(ctx context.Context, scope sync.Scope, from, to hub.Mark) error {
	var row *storedMark
	if to != (hub.Mark{}) {
		mark := storeMark(scope, to)
		row = &mark
	}
	old := storeMark(scope, from)
	is := bson.D{{Key: "_id", Value: old.Scope}, {Key: "seq", Value: old.Seq}, {Key: "hash", Value: old.Hash}, {Key: "checksum", Value: old.Checksum}}
	return wrap(ctx, mend(ctx, s, s.marks, old.Scope, is, from != (hub.Mark{}), row), "mend the mark of %s", scope)
}

// mend makes a row what it should be, if it still is what it was: what the
// filter finds, or nothing.
func mend[T any](ctx context.Context, s *Store, c *mongo.Collection, key string, is bson.D, there bool, row *T) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	var done int64
	switch {
	case !there && row == nil:
		_, err := one[T](ctx, s, c, key)
		if errors.Is(err, hub.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	case !there:
		_, err := c.InsertOne(ctx, row)
		if err == nil || !mongo.IsDuplicateKeyError(err) {
			return err
		}
	case row == nil:
		result, err := c.DeleteOne(ctx, is)
		if err != nil {
			return err
		}
		done = result.DeletedCount
	default:
		result, err := c.ReplaceOne(ctx, is, row)
		if err != nil {
			return err
		}
		done = result.MatchedCount
	}
	if done == 0 {
		return hub.ErrChanged
	}
	return nil
}
