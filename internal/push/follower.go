package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	stdsync "sync"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

const (
	scopePage  = 200
	commitPage = 100
	// stale is the age from which a commit is no news to anybody.
	stale = 3 * 24 * time.Hour
	// drowsy is how long a phone that cannot be reached is still to be told to sync.
	drowsy = 24 * time.Hour
)

// codeStale: it happened too long ago to be told.
const codeStale sync.Code = "stale"

// sweep follows every log.
func (p *Push) sweep(ctx context.Context) error {
	var errs []error
	for after := sync.Scope(""); ; {
		scopes, err := p.cfg.Logs.Scopes(ctx, after, scopePage)
		if err != nil || len(scopes) == 0 {
			return errors.Join(append(errs, err)...)
		}
		after = scopes[len(scopes)-1]
		errs = append(errs, p.follow(ctx, scopes))
	}
}

// follow looks through the logs of scopes from where anybody last did, those
// that have moved since this process last came to their end. First it asks how
// far they go, then who there is: whoever was given a right before a commit is
// known when it is looked at, and what comes later is left for the next time.
func (p *Push) follow(ctx context.Context, scopes []sync.Scope) error {
	if len(scopes) == 0 {
		return nil
	}
	heads, err := p.cfg.Logs.Heads(ctx, scopes)
	if err != nil {
		return err
	}
	moved := slices.DeleteFunc(scopes, func(s sync.Scope) bool { return p.swept[s] == heads[s].Seq })
	if len(moved) == 0 {
		return nil
	}
	followed, err := p.cfg.Store.Followed(ctx, moved)
	if err != nil {
		return err
	}
	who := stdsync.OnceValues(func() (*audience, error) { return p.look(ctx) })
	var errs []error
	for _, scope := range moved {
		if err := p.pursue(ctx, scope, followed[scope], heads[scope].Seq, who); err != nil {
			errs = append(errs, fmt.Errorf("follow a log of %s: %w", scope.Kind(), err))
			continue
		}
		p.swept[scope] = heads[scope].Seq
	}
	return errors.Join(errs...)
}

// pursue tells what the commits of a scope after a sequence number, up to
// another, mean to people, wakes phones, and only then notes how far it came:
// whoever dies on the way leaves it to be done again, by the same names.
func (p *Push) pursue(ctx context.Context, scope sync.Scope, from, head int64, who func() (*audience, error)) error {
	for from < head {
		commits, err := p.cfg.Logs.Commits(ctx, scope, from, int(min(commitPage, head-from)))
		if err != nil || len(commits) == 0 {
			return err
		}
		to := commits[len(commits)-1].Seq
		commits = slices.DeleteFunc(commits, onlyNotices)
		if len(commits) > 0 {
			if err := p.convey(ctx, scope, commits, who); err != nil {
				return err
			}
		}
		err = p.cfg.Store.Follow(ctx, scope, from, to)
		from = to
		if errors.Is(err, hub.ErrChanged) { // another process is at it; it may die before it is through
			var followed map[sync.Scope]int64
			followed, err = p.cfg.Store.Followed(ctx, []sync.Scope{scope})
			from = followed[scope]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// convey wakes phones, once, and tells what commits of one scope mean to
// people. What cannot be told holds up nothing else in them, and what comes
// after them until it is stale.
func (p *Push) convey(ctx context.Context, scope sync.Scope, commits []sync.Commit, who func() (*audience, error)) error {
	org, err := p.cfg.Hub.Reference(ctx)
	if err != nil {
		return err
	}
	a, err := who()
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(commits), func(c sync.Commit) bool { return c.Seq <= p.woken[scope] })
	if err := p.wake(ctx, scope, fresh, a, org); err != nil {
		return err
	}
	p.woken[scope] = commits[len(commits)-1].Seq
	var errs []error
	for i := range commits {
		errs = append(errs, p.announce(ctx, &commits[i], a, org))
	}
	return errors.Join(errs...)
}

// announce tells what one commit means to people.
func (p *Push) announce(ctx context.Context, c *sync.Commit, a *audience, org *sync.Reference) error {
	docs, err := p.papers(ctx, c)
	if err != nil || len(docs) == 0 {
		return err
	}
	listeners := a.with(a.around(c.Scope, org), authors(c, docs))
	tidings := func() []emulation.Notice { return p.cfg.Domain.Tidings(c, docs, org, listeners) }
	concerned := map[sync.PersonID]bool{}
	for _, n := range tidings() {
		concerned[n.Person] = true
	}
	if len(concerned) == 0 {
		return nil
	}
	// Most commits mean nothing to anybody, and preferences are many to read.
	listeners = slices.DeleteFunc(listeners, func(l emulation.Listener) bool { return !concerned[l.Person] })
	if err := p.prefer(ctx, listeners); err != nil {
		return err
	}
	notices := tidings()
	if c.At < p.milli()-stale.Milliseconds() {
		for i := range notices {
			notices[i].Skip = codeStale
		}
	}
	return p.tell(ctx, notices, listeners)
}

// onlyNotices reports whether all that a commit did was to tell notices; their
// messages say so themselves.
func onlyNotices(c sync.Commit) bool {
	return c.Author == sync.Server && c.Scope.Kind() == "user" && !slices.ContainsFunc(c.Changes, func(ch sync.Change) bool {
		return ch.Type != emulation.TypeNotice || ch.Create == nil
	})
}

// wake arms silent messages for the phones that hold a scope, but for the one
// whose own doing all of it is.
func (p *Push) wake(ctx context.Context, scope sync.Scope, commits []sync.Commit, a *audience, org *sync.Reference) error {
	now := p.milli()
	devices := map[sync.DeviceID]bool{}
	for i := range commits {
		if commits[i].At >= now-drowsy.Milliseconds() {
			devices[commits[i].Device] = true
		}
	}
	if len(devices) == 0 {
		return nil
	}
	for people := range slices.Chunk(a.readers(p.cfg.Domain, scope, now, org), peoplePage) {
		tokens, err := p.cfg.Store.Tokens(ctx, people)
		if err != nil {
			return err
		}
		var messages []hub.Message
		for _, t := range tokens {
			if len(devices) == 1 && devices[t.Device] {
				continue
			}
			messages = append(messages, hub.Message{
				ID: string(t.Device), Device: t.Device, Person: t.Person, Kind: "sync", State: hub.PushWaiting, At: now,
				Next: now + p.cfg.Gather.Milliseconds(), Expires: now + drowsy.Milliseconds(),
			})
		}
		if err := p.cfg.Store.Arm(ctx, messages, p.cfg.Apart.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}
