package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	stdsync "sync"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// Logs is what is read of the logs beside the hub; hub.Store has the contract
// of its methods.
type Logs interface {
	// Scopes returns up to limit scopes that have a log, in order, after a given one.
	Scopes(ctx context.Context, after sync.Scope, limit int) ([]sync.Scope, error)
	// Heads returns the last commit of each of the scopes that has any.
	Heads(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]hub.Mark, error)
	// Commits returns up to limit commits of a scope after a sequence number, in order.
	Commits(ctx context.Context, scope sync.Scope, after int64, limit int) ([]sync.Commit, error)
	// Kept returns conflicts and rejections.
	Kept(ctx context.Context, filter hub.KeptFilter) ([]*sync.Document, error)
}

// People knows who there is; auth.Store has the contract.
type People interface {
	// People returns up to limit people in order of login, after a login.
	People(ctx context.Context, after string, limit int) ([]hub.Person, error)
}

// Config is what New needs. Zero values mean the defaults named here.
type Config struct {
	Hub    *hub.Hub          // required
	Domain *emulation.Domain // required; that of the hub
	Store  Store             // required
	Logs   Logs              // required; those the hub keeps
	People People            // required
	Now    func() time.Time  // required
	Log    *slog.Logger      // required; never sees texts, tokens or personal data

	// Sender sends the messages; nil leaves them to processes that have one.
	Sender *Sender

	Every  time.Duration // between looks at the calendar and at every log; 1 min
	Gather time.Duration // from a change until a phone is told to sync, for more to come in; 2 s
	Apart  time.Duration // at least between two such messages to one phone; 30 s
}

func (c *Config) complete() error {
	if c.Hub == nil || c.Domain == nil || c.Store == nil || c.Logs == nil || c.People == nil || c.Now == nil || c.Log == nil {
		return errors.New("push: Hub, Domain, Store, Logs, People, Now and Log are required")
	}
	if c.Every < 0 || c.Gather < 0 || c.Apart < 0 {
		return errors.New("push: Every, Gather and Apart are not negative")
	}
	for _, d := range []struct {
		at *time.Duration
		to time.Duration
	}{{&c.Every, time.Minute}, {&c.Gather, 2 * time.Second}, {&c.Apart, 30 * time.Second}} {
		if *d.at == 0 {
			*d.at = d.to
		}
	}
	return nil
}

// A Push tells people what they should know. Any number of them, in any number
// of processes, may work on one Store. Step is not for use by several at once,
// nor beside Run; everything else is.
type Push struct {
	cfg      Config
	owner    string // names this one in leases
	texts    *texts
	tastes   tastes
	calendar map[sync.DocID]page
	swept    map[sync.Scope]int64 // heads that were followed up to
	woken    map[sync.Scope]int64 // up to where phones were told to sync
	digested int64                // until when digests need no other look
	pruned   int64                // when messages were last pruned
}

// New returns a Push, or what is wrong with its configuration.
func New(c Config) (*Push, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	texts, err := loadTexts()
	if err != nil {
		return nil, fmt.Errorf("push: texts: %w", err)
	}
	return &Push{
		cfg: c, owner: newOwner(), texts: texts, calendar: map[sync.DocID]page{}, swept: map[sync.Scope]int64{}, woken: map[sync.Scope]int64{},
	}, nil
}

func (p *Push) milli() int64 { return p.cfg.Now().UnixMilli() }

// settling is from a change until its log is followed: for all that comes in
// such a time it is looked once who there is.
const settling = 200 * time.Millisecond

// Run follows what is appended, tells what falls due and sends messages until
// ctx ends; then it leaves the calendar to others. What fails is logged and
// tried again.
func (p *Push) Run(ctx context.Context) error {
	if p.cfg.Sender != nil {
		var sending stdsync.WaitGroup
		sending.Go(func() { p.cfg.Sender.Run(ctx) })
		defer sending.Wait()
	}
	moved := p.cfg.Hub.Listen()
	defer moved.Close()
	tick, settled := time.NewTimer(0), time.NewTimer(settling)
	defer tick.Stop()
	defer settled.Stop()
	var changes <-chan struct{} // nil while changes settle
	for {
		var err error
		select {
		case <-ctx.Done():
			p.release(ctx)
			return nil
		case <-changes:
			changes = nil
			settled.Reset(settling)
		case <-settled.C:
			changes = moved.C
			err = p.follow(ctx, moved.Take())
		case <-tick.C:
			err = p.Step(ctx)
			tick.Reset(p.cfg.Every)
		}
		if err != nil && ctx.Err() == nil {
			p.cfg.Log.Error("push", "err", err)
		}
	}
}

const (
	leaseName = "push"
	leaseLife = 5 * time.Minute // longer than a step takes
	giveBack  = 2 * time.Second // to give the lease back
	keep      = 90 * 24 * time.Hour
)

// release gives the lease back, if this process has it, so that whoever comes
// next need not wait until it runs out.
func (p *Push) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBack)
	defer cancel()
	now := p.milli()
	if _, err := p.cfg.Store.Lease(ctx, leaseName, p.owner, now, now); err != nil {
		p.cfg.Log.Warn("push: the lease is not given back", "err", err)
	}
}

// Step does once what has to be done from time to time, unless another process
// does: it follows every log to its end, tells what is due, and removes what is
// long done. That another process takes over in the middle harms nothing, for
// each part may be done any number of times.
func (p *Push) Step(ctx context.Context) error {
	now := p.milli()
	mine, err := p.cfg.Store.Lease(ctx, leaseName, p.owner, now, now+leaseLife.Milliseconds())
	if err != nil || !mine {
		return err
	}
	a, err := p.look(ctx)
	if err != nil {
		return err
	}
	errs := []error{p.silence(ctx, a.disabled), p.sweep(ctx), p.plan(ctx, a)}
	if now-p.pruned >= time.Hour.Milliseconds() {
		errs = append(errs, p.cfg.Store.Prune(ctx, now-keep.Milliseconds()))
		p.pruned = now
	}
	return errors.Join(errs...)
}

// silence drops the tokens of people who were disabled: what waits for them,
// maybe for the morning, is not sent any more.
func (p *Push) silence(ctx context.Context, people []sync.PersonID) error {
	for some := range slices.Chunk(people, peoplePage) {
		tokens, err := p.cfg.Store.Tokens(ctx, some)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if err := p.cfg.Store.DropToken(ctx, t.Device, t.Token); err != nil {
				return err
			}
		}
	}
	return nil
}
