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

// Watch implements hub.Watcher by a change stream over the commits, of which
// only the keys are sent. Like every read it tells of what a majority has.
func (s *Store) Watch(ctx context.Context, ready func(), moved func(scope sync.Scope, seq int64)) error {
	err := s.watch(ctx, ready, moved)
	if ctx.Err() != nil {
		return nil
	}
	if unsupported(err) {
		err = fmt.Errorf("%w: %w", hub.ErrUnsupported, err)
	}
	return wrap(ctx, err, "watch")
}

func (s *Store) watch(ctx context.Context, ready func(), moved func(sync.Scope, int64)) error {
	stream, err := s.commits.Watch(ctx, mongo.Pipeline{
		{{Key: "$match", Value: bson.D{{Key: "operationType", Value: "insert"}}}},
		{{Key: "$project", Value: bson.D{{Key: "documentKey", Value: 1}}}}, // _id, the place in the stream, comes along
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := s.deadline(context.WithoutCancel(ctx))
		defer cancel()
		_ = stream.Close(ctx) // the server forgets an abandoned one by itself
	}()
	ready()
	for stream.Next(ctx) {
		var event struct {
			DocumentKey struct {
				Key string `bson:"_id"`
			} `bson:"documentKey"`
		}
		if err := stream.Decode(&event); err != nil {
			return err
		}
		scope, seq, err := keyedCommit(event.DocumentKey.Key)
		if err != nil {
			return err
		}
		moved(scope, seq)
	}
	if err := stream.Err(); err != nil {
		return err
	}
	return errors.New("the stream has ended")
}
