// Package hub holds the use cases: it takes what phones recorded, has the
// engine judge it, appends it to the log of its scope, keeps the documents
// projected from the logs, and sends each phone what it lacks. Everything it
// needs from outside it declares as an interface: a Store, and the Domain,
// which says who may do what. Any number of hubs, in any number of processes,
// may work on one store.
package hub

import (
	"context"
	"fmt"
	"log/slog"
	stdsync "sync"
	"time"

	"thidua/sync"
)

// A Domain tells the hub who may read and do what, and what is derived from what.
type Domain interface {
	sync.Rules
	sync.Derivation
	// Readable returns the scopes an author's phones hold, at a time in milliseconds.
	Readable(a sync.Author, at int64, org *sync.Reference) []sync.Scope
	// Oversees reports whether an author may look into a scope and decide its
	// conflicts without having it on a phone.
	Oversees(a sync.Author, at int64, scope sync.Scope, org *sync.Reference) bool
	// Merges reports whether an author may merge two documents of a scope that
	// record the same thing.
	Merges(a sync.Author, at int64, scope sync.Scope, org *sync.Reference) bool
	// Reopened returns a body in the state in which it may be edited again, with
	// the reason and until when (YYYY-MM-DD, may be empty) noted, and whether
	// that is another state; a code says that documents in this state are not
	// reopened.
	Reopened(t *sync.Type, body sync.Object, reason, until string) (sync.Object, bool, sync.Code)
	// Message returns the sentence for a code, false if the domain has none.
	Message(code sync.Code) (sync.Text, bool)
}

// A Caller is who makes a request.
type Caller struct {
	sync.Author
	// UploadOnly: the person is disabled. What the phone still holds is taken
	// and kept for an admin; nothing is sent.
	UploadOnly bool
}

// Config of a Hub.
type Config struct {
	Store  Store
	Domain Domain
	Now    func() time.Time
	Log    *slog.Logger
	// Timeout bounds one grouped judgement with its append; zero is 10 s.
	Timeout time.Duration
	// Group is how many requests are judged and appended together at most; zero is 64.
	Group int
	// Poll is how often Run looks for what other processes appended, and how
	// long it waits before it repeats what failed; zero is 1 s.
	Poll time.Duration
	// Sweep is how often Run looks at every scope, for what nobody was waiting
	// for; zero is one minute.
	Sweep time.Duration
}

// A Hub serves requests. It is safe for use by many goroutines.
type Hub struct {
	store   Store
	domain  Domain
	now     func() time.Time
	log     *slog.Logger
	timeout time.Duration
	group   int
	poll    time.Duration
	sweep   time.Duration

	mu    stdsync.Mutex
	lanes map[sync.Scope]*lane // never removed: one small entry for each scope written to

	org     reference
	recent  recent
	waker   waker
	deriver deriver
}

// New returns a hub. Run must be running for derived documents to follow.
func New(c Config) (*Hub, error) {
	if c.Store == nil || c.Domain == nil || c.Now == nil || c.Log == nil {
		return nil, fmt.Errorf("hub: Store, Domain, Now and Log are required")
	}
	if c.Timeout < 0 || c.Group < 0 || c.Poll < 0 || c.Sweep < 0 {
		return nil, fmt.Errorf("hub: Timeout, Group, Poll and Sweep are not negative")
	}
	h := &Hub{
		store: c.Store, domain: c.Domain, now: c.Now, log: c.Log, timeout: c.Timeout, group: c.Group, poll: c.Poll, sweep: c.Sweep,
		lanes: map[sync.Scope]*lane{},
	}
	if h.timeout == 0 {
		h.timeout = 10 * time.Second
	}
	if h.group == 0 {
		h.group = 64
	}
	if h.poll == 0 {
		h.poll = time.Second
	}
	if h.sweep == 0 {
		h.sweep = time.Minute
	}
	h.org.turn = make(chan struct{}, 1)
	h.waker.seen = map[sync.Scope]int64{}
	h.deriver.swept = map[sync.Scope]int64{}
	h.deriver.wake = make(chan struct{}, 1)
	return h, nil
}

func (h *Hub) milli() int64 { return h.now().UnixMilli() }

// Schema returns the document types.
func (h *Hub) Schema() *sync.Schema { return h.domain.Schema() }

// Message returns the sentence for a code in both languages, empty if there is none.
func (h *Hub) Message(code sync.Code) sync.Text {
	if t, ok := h.domain.Message(code); ok {
		return t
	}
	return messages[code]
}

// Readable returns the scopes that a caller's phones hold now.
func (h *Hub) Readable(ctx context.Context, c Caller) ([]sync.Scope, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	if c.UploadOnly {
		return nil, nil
	}
	return h.domain.Readable(c.Author, h.milli(), org), nil
}

// mayLook reports whether a caller may read a scope, on a phone or as overseer.
func (h *Hub) mayLook(ctx context.Context, c Caller, scope sync.Scope) (bool, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return false, err
	}
	if c.UploadOnly {
		return false, nil
	}
	return contains(h.domain.Readable(c.Author, h.milli(), org), scope) || h.domain.Oversees(c.Author, h.milli(), scope, org), nil
}

func contains(scopes []sync.Scope, s sync.Scope) bool {
	for _, t := range scopes {
		if s == t {
			return true
		}
	}
	return false
}

// unavailable wraps an error of the store for whoever asked.
func unavailable(op string, err error) error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Code: CodeUnavailable, Detail: op, RetryAfter: time.Second, Err: fmt.Errorf("hub: %s: %w", op, err)}
}
