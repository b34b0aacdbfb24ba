package hub

import (
	"context"

	"thidua/sync"
)

// A Store keeps the logs of all scopes and the documents projected from them.
// It is shaped by what the hub needs and no more; internal/hub/storetest states
// and checks the contract for every implementation.
//
// The one promise everything rests on: Append is compare-and-swap. Of several
// writers, in whatever processes, that append a commit of the same scope and
// sequence, one succeeds and the others get ErrTaken. A commit is visible whole
// or not at all, together with its receipts, and stays for good once Append
// has returned without error.
//
// All methods are for the hub and for checking tools only; they may be called
// at the same time. They answer ctx.Err() when the context ends, and otherwise
// an error that wraps none of this package's when the store cannot be reached.
type Store interface {
	// Append adds commits of one scope, in order, in one durable write where
	// the store can. It returns how many are known to be in; the rest are not,
	// unless the error is ErrUnknown: then they may be, or may still land.
	// ErrTaken: somebody else has that number.
	//
	// Docs, if any, are the documents that the commits changed, as of the last of
	// them, for a scope that is projected up to the first: once the commits are
	// in, Append does with docs and the mark of the last commit what Project
	// does. ErrBehind: the commits are in, but that was not done, or only in part.
	Append(ctx context.Context, commits []sync.Commit, docs []*sync.Document) (int, error)

	// Head returns the last commit of a scope's log, without its content.
	Head(ctx context.Context, scope sync.Scope) (Mark, error)

	// Heads returns Head for each of the scopes that has any commit.
	Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]Mark, error)

	// Commits returns up to limit commits of a scope after a sequence number, in order.
	Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error)

	// History returns up to limit commits of a scope that changed a document,
	// with sequence numbers below before (0: no bound), newest first.
	History(ctx context.Context, scope sync.Scope, doc sync.DocID, before int64, limit int) ([]sync.Commit, error)

	// Receipts returns those stored for a device, by mutation.
	Receipts(ctx context.Context, device sync.DeviceID, ids []sync.MutationID) (map[sync.MutationID]StoredReceipt, error)

	// Project stores documents, each unless the stored version is as new, and
	// then raises the scope's watermark to mark unless it is as high. It may
	// stop after any of these writes; a caller repeats it from the watermark.
	// A zero mark leaves the watermark alone.
	Project(ctx context.Context, scope sync.Scope, docs []*sync.Document, mark Mark) error

	// Marks returns the watermarks of the scopes that have any: up to there
	// every commit is projected.
	Marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]Mark, error)

	// Documents returns those of the given documents that exist in a scope, gone ones too.
	Documents(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error)

	// Changed returns up to limit documents of a scope whose version is above
	// after and at most upTo, by version and then id, gone ones too.
	Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error)

	// About returns the open conflicts of a scope about any of the given documents.
	About(ctx context.Context, scope sync.Scope, ids []sync.DocID) ([]*sync.Document, error)

	// Kept returns conflicts and rejections of all scopes that are not gone,
	// the last opened first, those of one time by identifier, descending.
	Kept(ctx context.Context, filter KeptFilter) ([]*sync.Document, error)

	// Scopes returns up to limit scopes that have a log, in order, after a given one.
	Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error)
}

// A Watcher is a Store that can tell at once what any process appends. A hub on
// a Store that is none, or whose server offers nothing of the kind, asks for
// heads instead.
type Watcher interface {
	// Watch calls ready once it listens, and then moved for each commit that any
	// process appends, in the order of its log. It returns nil when ctx ends,
	// ErrUnsupported if the server cannot do it, and another error when the
	// stream breaks; what was appended since is for the caller to find out.
	Watch(ctx context.Context, ready func(), moved func(scope sync.Scope, seq int64)) error
}

// A Mark is a place in a log with what is known of the scope there.
type Mark struct {
	Seq      int64
	Hash     sync.Hash
	Checksum uint64
}

// A StoredReceipt is a receipt with where it was stored and whose it is.
type StoredReceipt struct {
	sync.Receipt
	Scope  sync.Scope
	Seq    int64
	Author sync.PersonID
}

// A KeptFilter selects conflicts and rejections. Zero fields select everything.
// The order is when they were opened, then their identifier, both descending;
// for the next page, Before and BeforeID are those of the last one of this page.
type KeptFilter struct {
	Type     string       // sync.TypeConflict or sync.TypeRejection
	State    string       // sync.StateOpen or sync.StateSettled
	Scopes   []sync.Scope // of any of these
	Before   int64        // only what comes after (Before, BeforeID) in that order: opened earlier, milliseconds,
	BeforeID sync.DocID   // or at that very time with a lesser identifier
	Limit    int          // 0 is 100
}
