package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// Documents implements hub.Store.
func (s *Store) Documents(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	if len(ids) == 0 {
		return nil, ctx.Err()
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = documentKey(scope, id)
	}
	docs, err := s.find(ctx, bson.D{{Key: "scope", Value: string(scope)}, {Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}}, options.Find())
	if err != nil {
		return nil, fmt.Errorf("mongo: documents of %s: %w", scope, ended(ctx, err))
	}
	return docs, nil
}

// Changed implements hub.Store.
func (s *Store) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error) {
	if limit <= 0 { // which the server takes for no limit
		return nil, ctx.Err()
	}
	docs, err := s.find(ctx,
		bson.D{{Key: "scope", Value: string(scope)}, {Key: "version", Value: bson.D{{Key: "$gt", Value: after}, {Key: "$lte", Value: upTo}}}},
		options.Find().SetSort(bson.D{{Key: "version", Value: 1}, {Key: "id", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, fmt.Errorf("mongo: changed in %s after %d: %w", scope, after, ended(ctx, err))
	}
	return docs, nil
}

// About implements hub.Store.
func (s *Store) About(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error) {
	if len(ids) == 0 {
		return nil, ctx.Err()
	}
	docs, err := s.find(ctx, append(bson.D{{Key: "scope", Value: string(scope)}, {Key: "body.about", Value: bson.D{{Key: "$in", Value: ids}}}}, openConflicts()...), options.Find())
	if err != nil {
		return nil, fmt.Errorf("mongo: open conflicts of %s: %w", scope, ended(ctx, err))
	}
	return docs, nil
}

// openConflicts is what an index of the documents is confined to, and so has
// to stand in the query.
func openConflicts() bson.D {
	return bson.D{{Key: "type", Value: sync.TypeConflict}, {Key: "body.state", Value: sync.StateOpen}, {Key: "gone", Value: false}}
}

// Kept implements hub.Store.
func (s *Store) Kept(ctx context.Context, f hub.KeptFilter) ([]*sync.Document, error) {
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	if limit < 0 {
		return nil, ctx.Err()
	}
	docs, err := s.find(ctx, kept(f), options.Find().SetSort(bson.D{{Key: "body.opened", Value: -1}, {Key: "id", Value: -1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, fmt.Errorf("mongo: kept documents: %w", ended(ctx, err))
	}
	return docs, nil
}

// kept returns the query for what a filter selects.
func kept(f hub.KeptFilter) bson.D {
	before := f.Before
	if before == 0 {
		before = sync.MaxNumber + 1
	}
	query := bson.D{
		{Key: "gone", Value: false},
		{Key: "body.opened", Value: bson.D{{Key: "$lte", Value: before}}}, // where to begin in the index; of those opened then:
		{Key: "$or", Value: bson.A{
			bson.D{{Key: "body.opened", Value: bson.D{{Key: "$lt", Value: before}}}},
			bson.D{{Key: "id", Value: bson.D{{Key: "$lt", Value: string(f.BeforeID)}}}},
		}},
	}
	if f.Type != "" {
		query = append(query, bson.E{Key: "type", Value: f.Type})
	} else {
		query = append(query, bson.E{Key: "type", Value: bson.D{{Key: "$in", Value: bson.A{sync.TypeConflict, sync.TypeRejection}}}})
	}
	if f.State != "" {
		query = append(query, bson.E{Key: "body.state", Value: f.State})
	}
	if len(f.Scopes) > 0 {
		query = append(query, bson.E{Key: "scope", Value: bson.D{{Key: "$in", Value: f.Scopes}}})
	}
	return query
}

func (s *Store) find(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder) ([]*sync.Document, error) {
	found, err := all[storedDocument](ctx, s, s.documents, filter, opts)
	if err != nil {
		return nil, err
	}
	docs := make([]*sync.Document, len(found))
	for i := range found {
		if docs[i], err = found[i].document(); err != nil {
			return nil, err
		}
	}
	return docs, nil
}
