package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// Append implements hub.Store. Of several commits the first ones may be in and
// the rest not, if another writer comes in between or the server fails.
func (s *Store) Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	if len(commits) == 0 {
		return 0, nil
	}
	scope := commits[0].Scope
	n, err := s.append(ctx, commits, docs)
	if err != nil {
		return n, fmt.Errorf("mongo: append %s/%d: %w", scope, commits[0].Seq, ended(ctx, err))
	}
	return n, nil
}

func (s *Store) append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	scope := commits[0].Scope
	rows, err := storeCommits(commits)
	if err != nil {
		return 0, err
	}
	projected, err := storeDocuments(scope, docs)
	if err != nil {
		return 0, err
	}
	if err := s.follows(ctx, &commits[0]); err != nil {
		return 0, err
	}
	n, err := s.insert(ctx, rows)
	if n > 0 {
		s.ends.saw(scope, rows[n-1].mark())
	}
	if err != nil || len(docs) == 0 {
		return n, err
	}
	if err := s.project(ctx, scope, projected, rows[n-1].mark()); err != nil {
		return n, fmt.Errorf("%w: %w", hub.ErrBehind, err)
	}
	return n, nil
}

// storeCommits encodes commits, which must follow each other in one log.
func storeCommits(commits []sync.Commit) ([]storedCommit, error) {
	rows := make([]storedCommit, len(commits))
	for i := range commits {
		row, err := storeCommit(&commits[i])
		if err != nil {
			return nil, err
		}
		rows[i] = row
		if i == 0 {
			continue
		}
		if before := rows[i-1]; row.Scope != before.Scope || row.Seq != before.Seq+1 || row.Prev != before.Hash {
			return nil, fmt.Errorf("commit %d does not follow the one before it", i)
		}
	}
	return rows, nil
}

// follows returns nil if a commit follows the last one of its log, and
// hub.ErrTaken if that is not the last one any more. The unique key alone
// would let a gap appear. It reads nothing if this process appended or read
// the commit before.
func (s *Store) follows(ctx context.Context, c *sync.Commit) error {
	last := s.ends.of(c.Scope)
	if last.Seq < c.Seq-1 || c.Seq == 1 && last.Seq == 0 {
		var err error
		if last, err = s.Head(ctx, c.Scope); err != nil {
			return err
		}
	}
	switch {
	case c.Seq < 1:
		return errors.New("sequence numbers begin at 1")
	case c.Seq > last.Seq+1:
		return fmt.Errorf("the log ends at %d", last.Seq)
	case c.Seq <= last.Seq || c.Prev != last.Hash:
		return hub.ErrTaken
	}
	return nil
}

// insert writes commits in order and returns how many are known to be in.
func (s *Store) insert(ctx context.Context, rows []storedCommit) (int, error) {
	for in := 0; ; {
		n, err := s.insertMany(ctx, rows[in:])
		if in += n; in == len(rows) || !errors.Is(err, hub.ErrTaken) {
			return in, err
		}
		// Somebody has the number. If it is this very commit, an earlier attempt
		// of ours was carried out though its answer was lost.
		ours, lookErr := s.stored(ctx, rows[in])
		if lookErr != nil {
			return in, fmt.Errorf("%w: %w", hub.ErrUnknown, lookErr)
		}
		if !ours {
			return in, err
		}
		if in++; in == len(rows) {
			return in, nil
		}
	}
}

// stored reports whether a commit is in the log, and not another of its number.
func (s *Store) stored(ctx context.Context, row storedCommit) (bool, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err := s.commits.FindOne(ctx, bson.D{{Key: "_id", Value: row.Key}, {Key: "scope", Value: row.Scope}, {Key: "hash", Value: row.Hash}},
		options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

// insertMany is one command. Its error is hub.ErrTaken if the first commit
// that is not in found its number taken, and hub.ErrUnknown if the server gave
// no answer, or none that binds it.
func (s *Store) insertMany(ctx context.Context, rows []storedCommit) (int, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	_, err := s.commits.InsertMany(ctx, rows, options.InsertMany().SetOrdered(true))
	if err == nil {
		return len(rows), nil
	}
	var refused mongo.BulkWriteException
	switch {
	case errors.As(err, &refused) && refused.WriteConcernError == nil && len(refused.WriteErrors) > 0:
		first := refused.WriteErrors[0]
		if mongo.IsDuplicateKeyError(first.WriteError) {
			return first.Index, hub.ErrTaken
		}
		return first.Index, fmt.Errorf("commit %d: the server answers %d", first.Index, first.Code)
	case refusedWhole(err):
		return 0, err
	}
	return 0, fmt.Errorf("%w: %w", hub.ErrUnknown, err)
}
