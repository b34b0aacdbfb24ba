package mongo

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The collections of the database.
const (
	commitsName   = "commits"
	documentsName = "documents"
	marksName     = "marks"
	peopleName    = "people"
	devicesName   = "devices"
	codesName     = "codes"
	keysName      = "keys"
	tokensName    = "tokens"
	toldName      = "told"
	messagesName  = "messages"
	followedName  = "followed"
	leasesName    = "leases"
	metaName      = "meta" // the schema's number, and the lock of migrations
)

// An index of a collection. Every query of this package but one of a few rows
// has one; DESIGN.md says which serves what.
type index struct {
	name   string
	keys   bson.D
	unique bool
	only   bson.D // what a document must be to be in it; nil: any
}

// indexes returns those of all collections, beside _id.
func indexes() map[string][]index {
	return map[string][]index{
		commitsName: {
			{name: "log", keys: bson.D{{Key: "scope", Value: 1}, {Key: "seq", Value: 1}}},
			{
				name: "receipts", keys: bson.D{{Key: "device", Value: 1}, {Key: "receipts.mutation", Value: 1}},
				only: bson.D{{Key: "device", Value: bson.D{{Key: "$exists", Value: true}}}},
			},
			{name: "history", keys: bson.D{{Key: "scope", Value: 1}, {Key: "changes.doc", Value: 1}, {Key: "seq", Value: -1}}},
			{name: "scopes", keys: bson.D{{Key: "scope", Value: 1}}, only: bson.D{{Key: "seq", Value: 1}}},
		},
		documentsName: {
			{name: "changed", keys: bson.D{{Key: "scope", Value: 1}, {Key: "version", Value: 1}, {Key: "id", Value: 1}}},
			{name: "about", keys: bson.D{{Key: "scope", Value: 1}, {Key: "body.about", Value: 1}}, only: openConflicts()},
			{
				name: "kept", keys: bson.D{{Key: "body.opened", Value: -1}, {Key: "id", Value: -1}},
				only: bson.D{{Key: "gone", Value: false}, {Key: "body.opened", Value: bson.D{{Key: "$exists", Value: true}}}},
			},
		},
		peopleName:  {{name: "login", keys: bson.D{{Key: "login", Value: 1}}, unique: true}},
		devicesName: {{name: "person", keys: bson.D{{Key: "person", Value: 1}, {Key: "_id", Value: 1}}}},
		tokensName: {
			{name: "person", keys: bson.D{{Key: "person", Value: 1}, {Key: "_id", Value: 1}}},
			{name: "token", keys: bson.D{{Key: "token", Value: 1}}, unique: true},
		},
		toldName: {{name: "due", keys: bson.D{{Key: "due", Value: 1}, {Key: "_id", Value: 1}}}},
		messagesName: {
			{name: "next", keys: bson.D{{Key: "state", Value: 1}, {Key: "next", Value: 1}, {Key: "_id", Value: 1}}},
			{name: "done", keys: bson.D{{Key: "state", Value: 1}, {Key: "at", Value: 1}}},
		},
	}
}

// ensure makes the indexes that are missing. A server that does not know
// indexes of a part of a collection does without those: none of them guards
// anything, they only make reading fast.
func (s *Store) ensure(ctx context.Context) error {
	var left []string
	for collection, list := range indexes() {
		for _, x := range list {
			err := s.ensureIndex(ctx, collection, x)
			if x.only != nil && unsupported(err) {
				left = append(left, collection+"."+x.name)
			} else if err != nil {
				return fmt.Errorf("index %s of %s: %w", x.name, collection, err)
			}
		}
	}
	if len(left) > 0 {
		slices.Sort(left)
		s.log.Warn("mongo: this server has no partial indexes, queries will be slow", "without", left)
	}
	return nil
}

// ensureIndex has no deadline of its own: of a large collection an index takes its time.
func (s *Store) ensureIndex(ctx context.Context, collection string, x index) error {
	opts := options.Index().SetName(x.name)
	if x.unique {
		opts.SetUnique(true)
	}
	if x.only != nil {
		opts.SetPartialFilterExpression(x.only)
	}
	_, err := s.db.Collection(collection).Indexes().CreateOne(ctx, mongo.IndexModel{Keys: x.keys, Options: opts})
	return err
}
