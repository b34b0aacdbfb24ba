// Package move copies everything from one store into another: the logs commit
// by commit to the letter, so that every hash, cursor and receipt stays what
// it was, the documents projected from them, people, devices, enrolment codes
// and signing keys, so that no phone notices, and what was told to whom and
// what waits to be sent, so that nobody is told twice. A move that was stopped,
// however, is begun again with the same words and continues where it was.
package move

import (
	"context"
	"errors"
	"fmt"

	"thidua/internal/auth"
	"thidua/internal/fsck"
	"thidua/internal/hub"
	"thidua/sync"
)

// A Store is all of what a server keeps, in a form that can be checked.
type Store interface {
	fsck.Store
	auth.Store
	pushStore
}

// Why a move is given up. Callers use errors.Is.
var (
	// ErrOther: the target holds what the source does not, and is left as it is.
	ErrOther = errors.New("the target holds something else than the source")
	// ErrBusy: the source was written to again and again while it was copied.
	ErrBusy = errors.New("the source is being written to; stop its servers and begin again")
)

// Config of a move. From and To are required; nobody may write to either.
type Config struct {
	From, To Store
	Commits  int            // most commits written at once; 0 is 200
	Bytes    int            // most bytes of commits and documents written at once, a single commit aside; 0 is 4 MiB
	Progress func(Progress) // called after every write, from the goroutine of Run; may be nil
}

// Progress says how far a move has come.
type Progress struct {
	Scopes, AllScopes int
	Commits, Bytes    int64 // copied by this run
}

// A Report says what the target holds after a move, and what it took.
type Report struct {
	Scopes  int   `json:"scopes"`
	Commits int64 `json:"commits"` // copied by this run
	Bytes   int64 `json:"bytes"`   // of those commits
	Late    int64 `json:"late"`    // how many of them were appended to the source meanwhile
	People  int   `json:"people"`
	Devices int   `json:"devices"`
	Codes   int   `json:"codes"`
	Keys    int   `json:"keys"`

	Tokens   int `json:"tokens"`   // of the push service
	Told     int `json:"told"`     // records of what was told, or not
	Messages int `json:"messages"` // to devices, sent or not
}

// How often heads are looked at for what came to the source meanwhile, and how
// many rows of a list are read at a time.
const (
	rounds   = 5
	listPage = 500
)

// A mover is one run.
type mover struct {
	Config
	report   Report
	progress Progress
}

// Run copies what the target lacks and then compares the two. It returns
// ErrOther before it has written anything if the target is not the beginning
// of a copy of the source, and ErrBusy if the source does not stand still;
// other errors are those of the stores. However it ended, it may be run again.
func Run(ctx context.Context, cfg Config) (Report, error) {
	m := &mover{Config: cfg}
	switch {
	case cfg.From == nil || cfg.To == nil:
		return m.report, errors.New("move: From and To are required")
	case cfg.Commits < 0 || cfg.Bytes < 0:
		return m.report, errors.New("move: Commits and Bytes are not negative")
	}
	if m.Commits == 0 {
		m.Commits = 200
	}
	if m.Bytes == 0 {
		m.Bytes = 4 << 20
	}
	if err := m.refuse(ctx); err != nil {
		return m.report, fmt.Errorf("move: %w", err)
	}
	for round := 0; ; round++ {
		before := m.report.Commits
		if err := m.copyPeople(ctx); err != nil {
			return m.report, fmt.Errorf("move: %w", err)
		}
		if err := m.copyPush(ctx); err != nil { // before the logs: it does not know of a commit that is not there
			return m.report, fmt.Errorf("move: %w", err)
		}
		if err := m.copyLogs(ctx); err != nil {
			return m.report, fmt.Errorf("move: %w", err)
		}
		if round > 0 {
			m.report.Late += m.report.Commits - before
		}
		err := m.verify(ctx)
		if err == nil {
			return m.report, nil
		}
		if !errors.Is(err, ErrBusy) || round == rounds {
			return m.report, fmt.Errorf("move: %w", err)
		}
	}
}

// tell reports progress.
func (m *mover) tell() {
	if m.Progress != nil {
		m.Progress(m.progress)
	}
}

// eachScope calls f for the scopes of a store, some at a time.
func eachScope(ctx context.Context, s hub.Store, f func([]sync.Scope) error) error {
	for after := sync.Scope(""); ; {
		scopes, err := s.Scopes(ctx, after, listPage)
		if err != nil {
			return err
		}
		if len(scopes) == 0 {
			return nil
		}
		if err := f(scopes); err != nil {
			return err
		}
		after = scopes[len(scopes)-1]
	}
}

// refuse returns ErrOther unless everything in the target is in the source:
// each of its logs the beginning of one, which equal hashes prove.
func (m *mover) refuse(ctx context.Context) error {
	err := eachScope(ctx, m.To, func(scopes []sync.Scope) error {
		heads, err := m.To.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		for _, scope := range scopes {
			head := heads[scope]
			commits, err := m.From.Commits(ctx, scope, head.Seq-1, 1)
			if err != nil {
				return err
			}
			if len(commits) == 0 || commits[0].Seq != head.Seq || commits[0].Hash() != head.Hash {
				return fmt.Errorf("%w: in %s at %d", ErrOther, scope, head.Seq)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.refusePeople(ctx); err != nil {
		return err
	}
	return m.refusePush(ctx)
}

// verify compares heads, watermarks, people and what push keeps; ErrBusy if
// they differ.
func (m *mover) verify(ctx context.Context) error {
	m.report.Scopes = 0
	err := eachScope(ctx, m.From, func(scopes []sync.Scope) error {
		from, err := m.From.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		to, err := m.To.Heads(ctx, scopes)
		if err != nil {
			return err
		}
		marks, err := m.To.Marks(ctx, scopes)
		if err != nil {
			return err
		}
		for _, scope := range scopes {
			if from[scope] != to[scope] || marks[scope] != to[scope] {
				return fmt.Errorf("%w: %s is at %d there, at %d here", ErrBusy, scope, from[scope].Seq, to[scope].Seq)
			}
		}
		m.report.Scopes += len(scopes)
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.verifyPeople(ctx); err != nil {
		return err
	}
	return m.verifyPush(ctx)
}
