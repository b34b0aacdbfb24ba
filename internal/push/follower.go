package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// sweep follows every log that has moved since this process last did.
func (p *Push) sweep(ctx context.Context) error {
	var errs []error
	for after := sync.Scope(""); ; {
		scopes, err := p.cfg.Logs.Scopes(ctx, after, scopePage)
		if err != nil || len(scopes) == 0 {
			return errors.Join(append(errs, err)...)
		}
		after = scopes[len(scopes)-1]
		heads, err := p.cfg.Logs.Heads(ctx, scopes)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		moved := slices.DeleteFunc(scopes, func(s sync.Scope) bool { return p.swept[s] == heads[s].Seq })
		if err := p.follow(ctx, moved); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, s := range moved {
			p.swept[s] = heads[s].Seq
		}
	}
}

// follow looks through the logs of scopes from where anybody last did.
func (p *Push) follow(ctx context.Context, scopes []sync.Scope) error {
	if len(scopes) == 0 {
		return nil
	}
	if p.audience == nil || p.milli()-p.audience.at >= p.cfg.Every.Milliseconds() {
		a, err := p.look(ctx)
		if err != nil {
			return err
		}
		p.audience = a
	}
	followed, err := p.cfg.Store.Followed(ctx, scopes)
	if err != nil {
		return err
	}
	var errs []error
	for _, scope := range scopes {
		if err := p.pursue(ctx, scope, followed[scope]); err != nil {
			errs = append(errs, fmt.Errorf("follow a log of %s: %w", scope.Kind(), err))
		}
	}
	return errors.Join(errs...)
}

// pursue tells what the commits of a scope after a sequence number mean to
// people, wakes phones, and only then notes how far it came: whoever dies on the
// way leaves it to be done again, by the same names.
func (p *Push) pursue(ctx context.Context, scope sync.Scope, from int64) error {
	for {
		commits, err := p.cfg.Logs.Commits(ctx, scope, from, commitPage)
		if err != nil || len(commits) == 0 {
			return err
		}
		to := commits[len(commits)-1].Seq
		commits = slices.DeleteFunc(commits, onlyNotices)
		if len(commits) > 0 {
			if err := p.convey(ctx, scope, commits); err != nil {
				return err
			}
		}
		if err := p.cfg.Store.Follow(ctx, scope, from, to); errors.Is(err, hub.ErrChanged) {
			return nil // another process is at it, and further
		} else if err != nil {
			return err
		}
		from = to
	}
}

// convey tells what commits of one scope mean to people, and wakes phones.
func (p *Push) convey(ctx context.Context, scope sync.Scope, commits []sync.Commit) error {
	org, err := p.cfg.Hub.Reference(ctx)
	if err != nil {
		return err
	}
	read, err := p.cfg.Hub.Read(ctx, []sync.Scope{scope})
	if err != nil {
		return err
	}
	docs := make(map[sync.DocID]*sync.Document, len(read[scope]))
	for _, d := range read[scope] {
		docs[d.ID] = d
	}
	for i := range commits {
		if err := p.announce(ctx, &commits[i], docs, org); err != nil {
			return err
		}
	}
	return p.wake(ctx, scope, commits, org)
}

// announce tells what one commit means to people.
func (p *Push) announce(ctx context.Context, c *sync.Commit, docs map[sync.DocID]*sync.Document, org *sync.Reference) error {
	listeners := p.audience.with(p.audience.around(c.Scope, org), authors(c, docs))
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

// authors returns who wrote what is kept in the conflicts and rejections that a
// commit changed, wherever they may have a right by now.
func authors(c *sync.Commit, docs map[sync.DocID]*sync.Document) map[sync.PersonID]bool {
	found := map[sync.PersonID]bool{}
	for _, ch := range c.Changes {
		if d := docs[ch.Doc]; d != nil && (ch.Type == sync.TypeConflict || ch.Type == sync.TypeRejection) {
			addAuthors(found, d.Body())
		}
	}
	return found
}

func addAuthors(found map[sync.PersonID]bool, o sync.Object) {
	for key, v := range o {
		switch v := v.(type) {
		case string:
			if key == "author" {
				found[sync.PersonID(v)] = true
			}
		case sync.Object:
			addAuthors(found, v)
		}
	}
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
func (p *Push) wake(ctx context.Context, scope sync.Scope, commits []sync.Commit, org *sync.Reference) error {
	now := p.milli()
	devices := map[sync.DeviceID]bool{}
	for i := range commits {
		if commits[i].At >= now-drowsy.Milliseconds() {
			devices[commits[i].Device] = true
		}
	}
	if p.cfg.Sender == nil || len(devices) == 0 {
		return nil
	}
	for people := range slices.Chunk(p.readers(scope, org), peoplePage) {
		tokens, err := p.cfg.Store.Tokens(ctx, people)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if len(devices) == 1 && devices[t.Device] {
				continue
			}
			m := hub.Message{
				ID: string(t.Device), Device: t.Device, Person: t.Person, Kind: "sync", State: hub.PushWaiting, At: now,
				Next: now + p.cfg.Gather.Milliseconds(), Expires: now + drowsy.Milliseconds(),
			}
			if err := p.cfg.Store.Arm(ctx, m, p.cfg.Apart.Milliseconds()); err != nil {
				return err
			}
		}
	}
	return nil
}
