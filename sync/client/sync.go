package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"thidua/sync"
)

// A Report says what one call of Sync did, up to where it got.
type Report struct {
	Requests  int
	BytesUp   int64 // of request bodies as sent
	BytesDown int64 // of answer bodies as received

	Acks       map[sync.Outcome]int // by outcome; repeats included
	Duplicates int                  // acknowledged before, in an answer that was lost
	Documents  int                  // document lines stored
	Cuts       int                  // answers that had no end, and requests that had no answer
	Resets     int                  // scopes whose history on the server was another one
	Rebuilds   int                  // replicas begun anew

	Verified map[sync.Scope]bool // found equal to the server's by checksum
	Stuck    map[sync.Scope]bool // not equal, and begun anew too often to try again now
	Dropped  map[sync.Scope]bool // no longer this person's
}

// Conflicts returns how many mutations wait, at least in part, for a person.
func (r *Report) Conflicts() int { return r.Acks[sync.Queued] }

// Rejections returns how many mutations were refused.
func (r *Report) Rejections() int { return r.Acks[sync.Rejected] }

func (r *Report) count(ack *sync.Ack) {
	r.Acks[ack.Outcome]++
	if ack.Duplicate {
		r.Duplicates++
	}
}

// What Sync answers when trying again would not help.
var (
	// ErrSignedOut: the phone has to be signed in anew. Nothing recorded is lost.
	ErrSignedOut = errors.New("signed out")
	// ErrTooOld: the server took what was recorded, but this app is too old to be sent documents.
	ErrTooOld = errors.New("app too old")
	// ErrWiped: the device was signed out from the console. What was recorded
	// was taken, and everything is gone from the file.
	ErrWiped = errors.New("wiped")
)

// Waits between attempts.
const (
	shortWait   = 100 * time.Millisecond // while the network gives something now and then
	oftenTries  = 30                     // failures in a row after which waiting grows although it worked before
	longestWait = 5 * time.Second
	longestHint = time.Minute // most that a server may ask for before Sync gives up instead
)

// Sync sends what was recorded and fetches what is new until both sides agree,
// with exactly one request if nothing fails and one can hold it all. A cut
// connection is taken up again where it broke. The report is right even with
// an error, which is ErrSignedOut, ErrTooOld, ErrWiped, a *Problem, the context's, or the
// last of too many failures of the network in a row.
func (c *Client) Sync(ctx context.Context) (Report, error) {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	report := Report{
		Acks: map[sync.Outcome]int{}, Verified: map[sync.Scope]bool{}, Stuck: map[sync.Scope]bool{}, Dropped: map[sync.Scope]bool{},
	}
	err := c.converge(ctx, &report)
	if err != nil {
		err = fmt.Errorf("sync: %w", err)
	}
	return report, err
}

// An attempts keeps count of what failed in a row.
type attempts struct {
	failed     int
	idle       int  // answers in a row that came to their end and changed nothing though more was due
	progressed bool // since Sync began
	refreshed  bool // since the last answer
}

func (c *Client) converge(ctx context.Context, report *Report) error {
	tries := attempts{}
	if err := c.freshen(ctx); err != nil && !retriable(err) {
		return err
	}
	for {
		x, err := c.exchange(ctx, report)
		if x.progress() {
			tries.failed, tries.progressed = 0, true
		}
		if err == nil {
			tries.failed, tries.refreshed = 0, false
			c.batch = min(c.batch*2, maxBatch)
			done, err := c.settled(x)
			switch {
			case done && x.tooOld:
				return ErrTooOld
			case done && x.wiped:
				return errors.Join(ErrWiped, c.wipe())
			case done || err != nil:
				return err
			case x.progress() || x.again:
				tries.idle = 0
			default:
				if tries.idle++; tries.idle >= c.cfg.Attempts {
					return errors.New("the server answers but nothing moves")
				}
			}
			if err := c.wait(ctx, time.Duration(x.end.BackOff)*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		pause, err := c.recover(ctx, x, err, report, &tries)
		if err != nil {
			return err
		}
		if err := c.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// settled reports whether nothing is left to do after an answer that came to its end.
func (c *Client) settled(x *exchange) (bool, error) {
	if x.end.More && !x.uploads() || x.again {
		return false, nil
	}
	s, err := c.Status()
	return s.Unsent == 0, err
}

// recover decides how to go on after a failed request: how long to wait, or
// the error with which to give up.
func (c *Client) recover(ctx context.Context, x *exchange, err error, report *Report, tries *attempts) (time.Duration, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	var p *Problem
	switch {
	case errors.As(err, &p):
		return c.refused(ctx, x, p, tries)
	case !retriable(err):
		return 0, err
	}
	report.Cuts++
	c.cfg.Log("sync: %v", err)
	if len(x.batch) > 0 && x.acked == 0 {
		c.batch = max(1, len(x.batch)/2)
	}
	if x.progress() {
		return 0, nil
	}
	return c.failed(tries, err)
}

// refused decides how to go on after the server answered with a problem.
func (c *Client) refused(ctx context.Context, x *exchange, p *Problem, tries *attempts) (time.Duration, error) {
	switch {
	case p.Status == 401 && p.Code == codeTokenExpired && !tries.refreshed:
		tries.refreshed = true
		err := c.refresh(ctx)
		if err == nil {
			return 0, nil
		}
		if !retriable(err) {
			return 0, err
		}
		tries.refreshed = false
		return c.failed(tries, err)
	case p.Status == 413 && len(x.batch) > 1:
		c.batch = len(x.batch) / 2
		return 0, nil
	case p.Status == 429 || p.Status >= 500:
		if p.RetryAfter > longestHint {
			return 0, p
		}
		pause, err := c.failed(tries, p)
		return max(pause, p.RetryAfter), err
	}
	return 0, p
}

// failed counts a failure that brought nothing.
func (c *Client) failed(tries *attempts, err error) (time.Duration, error) {
	tries.failed++
	doublings := tries.failed
	if tries.progressed { // it worked a moment ago: ask often for a while, then ever less
		doublings = max(0, tries.failed-oftenTries)
	}
	if doublings >= c.cfg.Attempts {
		return 0, fmt.Errorf("%d attempts in a row failed, the last one: %w", tries.failed, err)
	}
	return c.jitter(min(shortWait<<min(doublings, 10), longestWait)), nil
}

func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	return c.cfg.Sleep(ctx, d)
}
