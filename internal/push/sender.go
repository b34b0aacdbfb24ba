package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"thidua/internal/hub"
	"thidua/sync"
)

// SenderConfig says how a Sender works. Store, Service, Now and Log are required.
type SenderConfig struct {
	Store   Store
	Service Service
	Now     func() time.Time
	Log     *slog.Logger
	// Random draws from [0, 1) for the jitter, from many goroutines; nil is math/rand.
	Random func() float64
	// Batch is how many messages are taken at once; zero is 500.
	Batch int
	// Parallel is how many of them are being sent at any moment; zero is 32.
	Parallel int
	// Timeout bounds the sending of one message; zero is 10 s.
	Timeout time.Duration
	// Lease is for how long nobody else takes a message; zero is what the
	// slowest batch needs and a minute. It is longer than Timeout.
	Lease time.Duration
	// Pause is how long nothing is sent once the credentials were refused; zero is 5 min.
	Pause time.Duration
	// Poll is how often Run looks for messages that nobody told it of; zero is 2 s.
	Poll time.Duration
}

// A Sender sends the messages that wait in a Store. Any number may share one, in
// any number of processes: each message is claimed by one of them.
//
// A message is sent at least once. A process that dies after the service took a
// message and before Finish leaves it claimed; when the lease is over another
// sends it again, under the same collapse identifier, so that the device shows
// it once. Likewise when an answer is lost on the way.
type Sender struct {
	cfg     SenderConfig
	circuit circuit
	tally   tally
	woken   chan struct{}
}

// NewSender returns a sender; Run or Drain make it work.
func NewSender(c SenderConfig) (*Sender, error) {
	if c.Store == nil || c.Service == nil || c.Now == nil || c.Log == nil {
		return nil, errors.New("push: Store, Service, Now and Log are required")
	}
	if min(c.Batch, c.Parallel) < 0 || min(c.Timeout, c.Lease, c.Pause, c.Poll) < 0 {
		return nil, errors.New("push: numbers and durations are not negative")
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	c.Batch, c.Parallel = orDefault(c.Batch, 500), orDefault(c.Parallel, 32)
	c.Timeout = orDefault(c.Timeout, 10*time.Second)
	rounds := (c.Batch + c.Parallel - 1) / c.Parallel
	c.Lease = orDefault(c.Lease, time.Duration(rounds)*c.Timeout+time.Minute)
	c.Pause, c.Poll = orDefault(c.Pause, 5*time.Minute), orDefault(c.Poll, 2*time.Second)
	if c.Lease <= c.Timeout {
		return nil, fmt.Errorf("push: a lease of %v is over before one message is sent (%v)", c.Lease, c.Timeout)
	}
	return &Sender{cfg: c, woken: make(chan struct{}, 1)}, nil
}

// orDefault returns v, or what stands for its zero.
func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Run sends what there is to send until ctx ends; what is being sent then is
// still finished, which takes no longer than Timeout. Errors of the store are
// logged and tried again.
func (s *Sender) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		if _, err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("push: the messages to send cannot be had", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.woken:
		}
	}
}

// Wake makes Run look at once. Whoever enqueued or armed messages calls it.
func (s *Sender) Wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// Drain sends what is due and returns when nothing is, or nothing can be sent
// for now, with the number of messages it took.
func (s *Sender) Drain(ctx context.Context) (taken int, err error) {
	for ctx.Err() == nil {
		n, err := s.batch(ctx)
		taken += n
		if err != nil || n == 0 {
			return taken, err
		}
	}
	return taken, ctx.Err()
}

func (s *Sender) milli() int64 { return s.cfg.Now().UnixMilli() }

// batch claims some messages and deals with each.
func (s *Sender) batch(ctx context.Context) (int, error) {
	now := s.milli()
	limit := s.circuit.limit(now, s.cfg.Batch)
	if limit == 0 {
		return 0, nil
	}
	until := now + s.cfg.Lease.Milliseconds()
	messages, err := s.cfg.Store.Claim(ctx, now, until, limit)
	if err != nil || len(messages) == 0 {
		return 0, err
	}
	people := make([]sync.PersonID, 0, len(messages))
	seen := map[sync.PersonID]bool{}
	for _, m := range messages {
		if !seen[m.Person] {
			seen[m.Person] = true
			people = append(people, m.Person)
		}
	}
	tokens, err := s.tokens(ctx, people)
	if err != nil {
		return len(messages), err
	}
	var group errgroup.Group
	group.SetLimit(s.cfg.Parallel)
	for _, m := range messages {
		group.Go(func() error { return s.attend(ctx, m, tokens, until) })
	}
	return len(messages), group.Wait()
}

// holder is one person on one device: a message for somebody who used the
// device before must not reach who uses it now.
type holder struct {
	device sync.DeviceID
	person sync.PersonID
}

func (s *Sender) tokens(ctx context.Context, people []sync.PersonID) (map[holder]hub.PushToken, error) {
	list, err := s.cfg.Store.Tokens(ctx, people)
	if err != nil {
		return nil, err
	}
	tokens := make(map[holder]hub.PushToken, len(list))
	for _, t := range list {
		tokens[holder{t.Device, t.Person}] = t
	}
	return tokens, nil
}

// attend does with one claimed message what is to be done with it. It goes on
// though ctx ends, so that what was sent is not sent again.
func (s *Sender) attend(ctx context.Context, m hub.Message, tokens map[holder]hub.PushToken, until int64) error {
	now := s.milli()
	to, known := tokens[holder{m.Device, m.Person}]
	pause, why := s.circuit.pause(to.Platform, now)
	switch {
	case ctx.Err() != nil:
		return s.wait(ctx, m, now, m.Reason)
	case now+s.cfg.Timeout.Milliseconds() > until:
		return nil // the next claim is near: two would send it
	case m.Expires <= now:
		return s.skip(ctx, m, CodeExpired)
	case !known:
		return s.skip(ctx, m, CodeNoToken)
	case pause > now:
		return s.wait(ctx, m, pause, why)
	}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Timeout)
	defer cancel()
	return s.settle(ctx, m, to, s.cfg.Service.Send(call, to, m))
}

// settle writes down what became of a message that was sent to a token.
func (s *Sender) settle(ctx context.Context, m hub.Message, to hub.PushToken, o Outcome) error {
	now := s.milli()
	if o.Verdict != Halted && o.Verdict != Later && s.circuit.close(to.Platform) {
		s.cfg.Log.Info("push: messages are sent again", "platform", to.Platform)
	}
	switch o.Verdict {
	case Delivered:
		s.tally.add(func(c *Counts) { c.Sent++ })
		return s.finish(ctx, m, hub.PushSent, m.Next, "")
	case Dead:
		return s.drop(ctx, m, to, o.Code)
	case Refused:
		s.cfg.Log.Warn("push: the service refuses a message", "code", o.Code, "kind", m.Kind, "platform", to.Platform, "message", m.ID)
		return s.skip(ctx, m, o.Code)
	case Halted:
		next := now + s.cfg.Pause.Milliseconds()
		if s.circuit.open(o.Platform, now, next, o.Code) {
			s.tally.add(func(c *Counts) { c.Halts++ })
			s.cfg.Log.Error("push: sending is stopped for a while: see to the credentials; messages keep waiting",
				"code", o.Code, "platform", o.Platform, "detail", o.Detail, "pause", s.cfg.Pause)
		}
		return s.wait(ctx, m, next, o.Code)
	default:
		return s.again(ctx, m, o)
	}
}

// again puts a message back for a later attempt, unless that is past its use.
func (s *Sender) again(ctx context.Context, m hub.Message, o Outcome) error {
	next := s.milli() + backoff(m.Attempts, o.After, s.cfg.Random()).Milliseconds()
	if next >= m.Expires {
		return s.skip(ctx, m, o.Code)
	}
	s.tally.add(func(c *Counts) { c.Retried++ })
	return s.wait(ctx, m, next, o.Code)
}

// drop removes a token that leads nowhere. If the device has told a new one
// meanwhile, the message is for that.
func (s *Sender) drop(ctx context.Context, m hub.Message, dead hub.PushToken, code sync.Code) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Timeout)
	defer cancel()
	if err := s.cfg.Store.DropToken(ctx, dead.Device, dead.Token); err != nil {
		return err
	}
	s.tally.add(func(c *Counts) { c.Dropped++ })
	tokens, err := s.tokens(ctx, []sync.PersonID{m.Person})
	if err != nil {
		return err
	}
	if _, renewed := tokens[holder{m.Device, m.Person}]; renewed {
		return s.again(ctx, m, Outcome{Code: code})
	}
	return s.skip(ctx, m, code)
}

func (s *Sender) skip(ctx context.Context, m hub.Message, code sync.Code) error {
	s.tally.add(func(c *Counts) { c.GivenUp[code]++ })
	return s.finish(ctx, m, hub.PushSkipped, m.Next, code)
}

func (s *Sender) wait(ctx context.Context, m hub.Message, next int64, code sync.Code) error {
	return s.finish(ctx, m, hub.PushWaiting, next, code)
}

// finish records it, unless the message was armed or claimed anew meanwhile, or
// is gone: then it is no longer ours to say.
func (s *Sender) finish(ctx context.Context, m hub.Message, state string, next int64, reason sync.Code) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Timeout)
	defer cancel()
	m.State, m.Next, m.Reason, m.At = state, next, reason, s.milli()
	err := s.cfg.Store.Finish(ctx, m)
	if errors.Is(err, hub.ErrChanged) || errors.Is(err, hub.ErrNotFound) {
		return nil
	}
	return err
}
