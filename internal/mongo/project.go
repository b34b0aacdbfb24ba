package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedMark is the watermark of a scope, as a document of the collection marks.
type storedMark struct {
	Scope    string `bson:"_id"`
	Seq      int64  `bson:"seq"`
	Hash     string `bson:"hash"`
	Checksum int64  `bson:"checksum"` // the 64 bits as a signed number
}

func storeMark(scope sync.Scope, m hub.Mark) storedMark {
	return storedMark{Scope: string(scope), Seq: m.Seq, Hash: string(m.Hash), Checksum: int64(m.Checksum)}
}

func (m storedMark) mark() hub.Mark {
	return hub.Mark{Seq: m.Seq, Hash: sync.Hash(m.Hash), Checksum: uint64(m.Checksum)}
}

// Marks implements hub.Store.
func (s *Store) Marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	marks := make(map[sync.Scope]hub.Mark, len(scopes))
	if len(scopes) == 0 {
		return marks, ctx.Err()
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: scopes}}}}
	if len(scopes) == 1 {
		filter = bson.D{{Key: "_id", Value: string(scopes[0])}} // what the wire server for tests need not scan for
	}
	found, err := all[storedMark](ctx, s, s.marks, filter, options.Find())
	if err != nil {
		return nil, fmt.Errorf("mongo: marks: %w", ended(ctx, err))
	}
	for _, m := range found {
		marks[sync.Scope(m.Scope)] = m.mark()
	}
	return marks, nil
}

// Project implements hub.Store: the documents first, and only when all are
// stored the mark.
func (s *Store) Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark hub.Mark) error {
	err := ctx.Err()
	var rows []storedDocument
	if err == nil {
		rows, err = storeDocuments(scope, docs)
	}
	if err == nil {
		err = s.project(ctx, scope, rows, mark)
	}
	if err != nil {
		return fmt.Errorf("mongo: project %s to %d: %w", scope, mark.Seq, ended(ctx, err))
	}
	return nil
}

func (s *Store) project(ctx context.Context, scope sync.Scope, rows []storedDocument, mark hub.Mark) error {
	if err := s.put(ctx, newest(rows)); err != nil || mark == (hub.Mark{}) {
		return err
	}
	return s.raise(ctx, storeMark(scope, mark))
}

// newest returns of each document the row of the highest version.
func newest(rows []storedDocument) []storedDocument {
	at := make(map[string]int, len(rows))
	var kept []storedDocument
	for _, row := range rows {
		i, ok := at[row.Key]
		switch {
		case !ok:
			at[row.Key] = len(kept)
			kept = append(kept, row)
		case row.Version > kept[i].Version:
			kept[i] = row
		}
	}
	return kept
}

// maxTurns bounds how often a write that another process interfered with is
// done again; each time that process got something done.
const maxTurns = 100

// put stores documents, each unless the stored version is as new. An insert
// that finds the key taken and an update that finds nothing both prove
// nothing: another process may be at the same. A document is done only when it
// was written here, or when what is stored was seen to be as new.
func (s *Store) put(ctx context.Context, rows []storedDocument) error {
	fresh, known := divide(rows, func(row storedDocument) bool { // a document of which the whole body is new is usually a new document
		return slices.Contains(row.Touched, storedTouched{Version: row.Version})
	})
	for range maxTurns {
		taken, err := s.create(ctx, fresh)
		if err != nil {
			return err
		}
		known = append(known, taken...)
		all, err := s.replace(ctx, known)
		if err != nil || all {
			return err
		}
		stored, err := s.versions(ctx, known)
		if err != nil {
			return err
		}
		known = slices.DeleteFunc(known, func(row storedDocument) bool { return stored[row.Key] >= row.Version })
		fresh, known = divide(known, func(row storedDocument) bool { return stored[row.Key] == 0 })
	}
	return errors.New("other projectors were faster every time")
}

func divide(rows []storedDocument, first func(storedDocument) bool) (a, b []storedDocument) {
	for _, row := range rows {
		if first(row) {
			a = append(a, row)
		} else {
			b = append(b, row)
		}
	}
	return a, b
}

// create inserts documents and returns those that are there already.
func (s *Store) create(ctx context.Context, rows []storedDocument) (taken []storedDocument, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err = s.documents.InsertMany(ctx, rows, options.InsertMany().SetOrdered(false))
	var refused mongo.BulkWriteException
	if !errors.As(err, &refused) || refused.WriteConcernError != nil {
		return nil, err
	}
	for _, one := range refused.WriteErrors {
		if !mongo.IsDuplicateKeyError(one.WriteError) {
			return nil, fmt.Errorf("document %s: the server answers %d", rows[one.Index].Key, one.Code)
		}
		taken = append(taken, rows[one.Index])
	}
	return taken, nil
}

// replace stores documents in the place of older versions, and reports whether
// it did so for all of them.
func (s *Store) replace(ctx context.Context, rows []storedDocument) (bool, error) {
	if len(rows) == 0 {
		return true, nil
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	writes := make([]mongo.WriteModel, len(rows))
	for i, row := range rows {
		writes[i] = mongo.NewReplaceOneModel().SetReplacement(row).SetFilter(bson.D{
			{Key: "_id", Value: row.Key}, {Key: "scope", Value: row.Scope}, {Key: "version", Value: bson.D{{Key: "$lt", Value: row.Version}}},
		})
	}
	result, err := s.documents.BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return false, err
	}
	return result.MatchedCount == int64(len(rows)), nil
}

// versions returns those of the documents that are stored, by key.
func (s *Store) versions(ctx context.Context, rows []storedDocument) (map[string]int64, error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.Key
	}
	found, err := all[storedDocument](ctx, s, s.documents, bson.D{{Key: "scope", Value: rows[0].Scope}, {Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
		options.Find().SetProjection(bson.D{{Key: "version", Value: 1}}))
	versions := make(map[string]int64, len(found))
	for _, row := range found {
		versions[row.Key] = row.Version
	}
	return versions, err
}

// raise moves a watermark forward unless it is there or beyond.
func (s *Store) raise(ctx context.Context, mark storedMark) error {
	for range maxTurns {
		if raised, err := s.replaceMark(ctx, mark); err != nil || raised {
			return err
		}
		if made, err := s.createMark(ctx, mark); err != nil || made {
			return err
		}
		stored, err := one[storedMark](ctx, s, s.marks, mark.Scope)
		if err == nil && stored.Seq >= mark.Seq {
			return nil
		}
		if err != nil && !errors.Is(err, hub.ErrNotFound) {
			return err
		}
	}
	return errors.New("other projectors were faster every time")
}

func (s *Store) replaceMark(ctx context.Context, mark storedMark) (bool, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	result, err := s.marks.ReplaceOne(ctx, bson.D{{Key: "_id", Value: mark.Scope}, {Key: "seq", Value: bson.D{{Key: "$lt", Value: mark.Seq}}}}, mark)
	return err == nil && result.MatchedCount > 0, err
}

func (s *Store) createMark(ctx context.Context, mark storedMark) (bool, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := s.marks.InsertOne(ctx, mark)
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, err
}
