package push

import (
	"context"

	"thidua/internal/hub"
	"thidua/sync"
)

// A Store keeps push tokens, what was told, the messages that wait to be sent,
// how far each log was looked through, and leases. Every method that changes
// something does so to one row at a time, without a transaction, and any number
// of server processes may share one Store. Errors are those of hub.Store;
// values passed in and returned are not shared with the Store.
type Store interface {
	// PutToken replaces the token of a device, and takes it from any other device that had it.
	PutToken(ctx context.Context, t hub.PushToken) error

	// DropToken removes the token of a device, if it still is this one.
	DropToken(ctx context.Context, device sync.DeviceID, token string) error

	// Tokens returns those of the devices of some people, in order of device.
	Tokens(ctx context.Context, people []sync.PersonID) ([]hub.PushToken, error)

	// Record adds records; one whose key is there is left as it is.
	Record(ctx context.Context, told []hub.Told) error

	// Recorded returns the records of some keys, by key.
	Recorded(ctx context.Context, keys []string) (map[string]hub.Told, error)

	// Told returns up to limit records whose Due is at least from and below to,
	// by Due and then key, after (from, afterKey) in that order.
	Told(ctx context.Context, from, to int64, afterKey string, limit int) ([]hub.Told, error)

	// Enqueue adds messages; one whose ID is there is left as it is.
	Enqueue(ctx context.Context, messages []hub.Message) error

	// Arm adds silent messages, or makes those that are not waiting wait again:
	// with the given fields, Attempts 0 and Round one higher, and Next no earlier
	// than apart after At, nor than it was if the last attempt failed. Of one that
	// nobody has taken since it was armed only Person and Expires are set; one
	// that somebody is sending is armed all the same.
	Arm(ctx context.Context, messages []hub.Message, apart int64) error

	// Claim takes up to limit waiting messages whose Next is not after now, the
	// earliest first, by raising Next to until and Attempts by one. Of several
	// callers each message is taken by one.
	Claim(ctx context.Context, now, until int64, limit int) ([]hub.Message, error)

	// Finish sets State, Next, Reason and At of a claimed message; hub.ErrChanged
	// if it was claimed or armed since, hub.ErrNotFound if it is gone.
	Finish(ctx context.Context, m hub.Message) error

	// Queue returns how many messages are in each state, and Next of the earliest waiting one, 0 if none waits.
	Queue(ctx context.Context) (counts map[string]int, next int64, err error)

	// Prune removes messages whose At is before a time, those that wait only if
	// their Expires is too.
	Prune(ctx context.Context, before int64) error

	// Followed returns up to where the logs of some scopes were looked through, by scope.
	Followed(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]int64, error)

	// Follow moves that on from a sequence number (0: none) to another;
	// hub.ErrChanged if it is not there any more.
	Follow(ctx context.Context, scope sync.Scope, from, to int64) error

	// Lease gives or renews a lease by name to an owner until a time, if nobody
	// else has it beyond now, and reports whether the owner has it.
	Lease(ctx context.Context, name, owner string, now, until int64) (bool, error)
}
