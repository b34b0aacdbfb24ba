package mongo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// asMark selects of a commit what a hub.Mark needs.
func asMark() bson.D {
	return bson.D{{Key: "scope", Value: 1}, {Key: "seq", Value: 1}, {Key: "hash", Value: 1}, {Key: "checksum", Value: 1}}
}

// Head implements hub.Store: one step down the index {scope, seq}.
func (s *Store) Head(ctx context.Context, scope sync.Scope) (hub.Mark, error) {
	found, err := all[storedCommit](ctx, s, s.commits, bson.D{{Key: "scope", Value: string(scope)}},
		options.Find().SetSort(bson.D{{Key: "seq", Value: -1}}).SetLimit(1).SetProjection(asMark()))
	if err != nil {
		return hub.Mark{}, fmt.Errorf("mongo: head of %s: %w", scope, ended(ctx, err))
	}
	if len(found) == 0 {
		return hub.Mark{}, nil
	}
	head := found[0].mark()
	s.ends.saw(scope, head)
	return head, nil
}

// Heads implements hub.Store. It begins at the watermarks, so that two queries
// do for any number of scopes; what is beyond them is little.
func (s *Store) Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	heads, err := s.heads(ctx, scopes)
	if err != nil {
		return nil, fmt.Errorf("mongo: heads: %w", ended(ctx, err))
	}
	return heads, nil
}

func (s *Store) heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error) {
	heads := map[sync.Scope]hub.Mark{}
	marks, err := s.Marks(ctx, scopes)
	if err != nil || len(scopes) == 0 {
		return heads, err
	}
	from := bson.A{}
	var unmarked []string
	for _, scope := range scopes {
		if mark, ok := marks[scope]; ok {
			from = append(from, bson.D{{Key: "scope", Value: string(scope)}, {Key: "seq", Value: bson.D{{Key: "$gte", Value: mark.Seq}}}})
		} else {
			unmarked = append(unmarked, string(scope))
		}
	}
	if len(unmarked) > 0 { // whether they have a log at all
		from = append(from, bson.D{{Key: "scope", Value: bson.D{{Key: "$in", Value: unmarked}}}, {Key: "seq", Value: 1}})
	}
	found, err := all[storedCommit](ctx, s, s.commits, bson.D{{Key: "$or", Value: from}}, options.Find().SetProjection(asMark()))
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		if scope := sync.Scope(c.Scope); c.Seq > heads[scope].Seq {
			heads[scope] = c.mark()
		}
	}
	for scope := range heads {
		if _, ok := marks[scope]; !ok {
			if heads[scope], err = s.Head(ctx, scope); err != nil {
				return nil, err
			}
		}
	}
	return heads, nil
}

// Commits implements hub.Store.
func (s *Store) Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error) {
	commits, err := s.read(ctx, bson.D{{Key: "scope", Value: string(scope)}, {Key: "seq", Value: bson.D{{Key: "$gt", Value: after}}}}, 1, limit)
	if err != nil {
		return nil, fmt.Errorf("mongo: commits of %s after %d: %w", scope, after, ended(ctx, err))
	}
	return commits, nil
}

// History implements hub.Store.
func (s *Store) History(ctx context.Context, scope sync.Scope, doc sync.DocID, before int64, limit int) ([]sync.Commit, error) {
	filter := bson.D{{Key: "scope", Value: string(scope)}, {Key: "changes.doc", Value: string(doc)}}
	if before != 0 {
		filter = append(filter, bson.E{Key: "seq", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	commits, err := s.read(ctx, filter, -1, limit)
	if err != nil {
		return nil, fmt.Errorf("mongo: history of %s in %s before %d: %w", doc, scope, before, ended(ctx, err))
	}
	return commits, nil
}

// read returns up to limit commits by sequence, ascending or descending.
func (s *Store) read(ctx context.Context, filter bson.D, order, limit int) ([]sync.Commit, error) {
	if limit <= 0 { // which the server takes for no limit
		return nil, ctx.Err()
	}
	found, err := all[storedCommit](ctx, s, s.commits, filter, options.Find().SetSort(bson.D{{Key: "seq", Value: order}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, err
	}
	commits := make([]sync.Commit, len(found))
	for i := range found {
		if commits[i], err = found[i].commit(); err != nil {
			return nil, err
		}
	}
	return commits, nil
}

// Receipts implements hub.Store. Should a mutation have receipts in two
// scopes, that of the earlier commit is the one.
func (s *Store) Receipts(ctx context.Context, device sync.DeviceID, ids []sync.MutationID) (map[sync.MutationID]hub.StoredReceipt, error) {
	receipts := map[sync.MutationID]hub.StoredReceipt{}
	asked := map[sync.MutationID]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	if len(asked) == 0 {
		return receipts, ctx.Err()
	}
	found, err := all[storedCommit](ctx, s, s.commits,
		bson.D{{Key: "device", Value: string(device)}, {Key: "receipts.mutation", Value: bson.D{{Key: "$in", Value: slices.Sorted(maps.Keys(asked))}}}},
		options.Find().SetProjection(bson.D{{Key: "scope", Value: 1}, {Key: "seq", Value: 1}, {Key: "author", Value: 1}, {Key: "at", Value: 1}, {Key: "receipts", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("mongo: receipts of device %s: %w", device, ended(ctx, err))
	}
	slices.SortFunc(found, func(a, b storedCommit) int {
		if a.At != b.At {
			return int(min(max(a.At-b.At, -1), 1))
		}
		return strings.Compare(a.Key, b.Key)
	})
	for _, c := range found {
		for _, stored := range c.Receipts {
			r := stored.receipt()
			if _, first := receipts[r.Mutation]; asked[r.Mutation] && !first {
				receipts[r.Mutation] = hub.StoredReceipt{Receipt: r, Scope: sync.Scope(c.Scope), Seq: c.Seq, Author: sync.PersonID(c.Author)}
			}
		}
	}
	return receipts, nil
}

// Scopes implements hub.Store: every log has one commit of number 1.
func (s *Store) Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	found, err := all[storedCommit](ctx, s, s.commits,
		bson.D{{Key: "seq", Value: 1}, {Key: "scope", Value: bson.D{{Key: "$gt", Value: string(after)}}}},
		options.Find().SetSort(bson.D{{Key: "scope", Value: 1}}).SetLimit(int64(limit)).SetProjection(bson.D{{Key: "scope", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("mongo: scopes after %q: %w", after, ended(ctx, err))
	}
	scopes := make([]sync.Scope, len(found))
	for i, c := range found {
		scopes[i] = sync.Scope(c.Scope)
	}
	return scopes, nil
}
