package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// wrap says what an error of a store is about; nil stays nil.
func wrap(ctx context.Context, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("mongo: %s: %w", fmt.Sprintf(format, args...), ended(ctx, err))
}

// ended makes an error that the end of a context caused say so.
func ended(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && err != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// refusedWhole reports whether a write certainly did nothing: it was never
// sent, or the server says why it will not do such a thing at all. Everything
// else, such as an answer from a server that is about to step down, leaves the
// outcome open.
func refusedWhole(err error) bool {
	if errors.As(err, new(topology.ServerSelectionError)) || errors.Is(err, mongo.ErrClientDisconnected) {
		return true
	}
	var command mongo.CommandError
	if !errors.As(err, &command) || command.HasErrorLabel("RetryableWriteError") || mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return false
	}
	switch command.Code {
	case 2, 9, 13, 14, 18, 59: // bad value, failed to parse, unauthorized, type mismatch, authentication failed, no such command
		return true
	}
	return false
}

// unsupported reports whether a server answers that it has no such thing:
// change streams, or indexes of a part of a collection.
func unsupported(err error) bool {
	var answer mongo.CommandError
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.Code {
	case 238, 40324, 40573: // not implemented, no such stage, only on replica sets
		return true
	}
	return false
}
