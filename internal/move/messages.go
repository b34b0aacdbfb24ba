package move

import (
	"context"
	"fmt"

	"thidua/internal/hub"
)

// eachMessage calls f for every message in either store, in order of ID, with
// what each has of it, nil if it has none.
func (m *mover) eachMessage(ctx context.Context, f func(from, to *hub.Message) error) error {
	from, to := queue{store: m.From}, queue{store: m.To}
	for {
		a, err := from.head(ctx)
		if err != nil {
			return err
		}
		b, err := to.head(ctx)
		if err != nil || a == nil && b == nil {
			return err
		}
		id := ""
		if a != nil && (b == nil || a.ID <= b.ID) {
			id = a.ID
		} else {
			id = b.ID
		}
		if err := f(from.pass(id), to.pass(id)); err != nil {
			return err
		}
	}
}

// A queue is the messages of a store, read page by page.
type queue struct {
	store pushStore
	page  []hub.Message
	after string
}

// head returns the first message that was not passed, nil at the end.
func (q *queue) head(ctx context.Context) (*hub.Message, error) {
	if len(q.page) == 0 {
		var err error
		if q.page, err = q.store.Messages(ctx, q.after, listPage); err != nil || len(q.page) == 0 {
			return nil, err
		}
	}
	return &q.page[0], nil
}

// pass goes beyond an ID that is no later than the head's and returns its
// message, nil if there is none. What is put there afterwards is not seen.
func (q *queue) pass(id string) *hub.Message {
	q.after = id
	if len(q.page) == 0 || q.page[0].ID != id {
		return nil
	}
	head := &q.page[0]
	q.page = q.page[1:]
	return head
}

// refuseMessages returns ErrOther if the target did more with a message than
// the source: somebody sends from it.
func (m *mover) refuseMessages(ctx context.Context) error {
	return m.eachMessage(ctx, func(from, to *hub.Message) error {
		if from != nil && to != nil && further(*to, *from) {
			return fmt.Errorf("%w: message %s", ErrOther, to.ID)
		}
		return nil
	})
}

// further reports whether more was done with a message here than there.
func further(here, there hub.Message) bool {
	switch {
	case here.Round != there.Round:
		return here.Round > there.Round
	case here.Attempts != there.Attempts:
		return here.Attempts > there.Attempts
	}
	return here.State != hub.PushWaiting && there.State == hub.PushWaiting
}

// copyMessages makes the messages of the target be those of the source. One
// that the source no longer has was sent long ago, and goes.
func (m *mover) copyMessages(ctx context.Context) error {
	return m.eachMessage(ctx, func(from, to *hub.Message) error {
		switch {
		case from == nil:
			return m.To.RemoveMessage(ctx, to.ID)
		case to == nil || *to != *from:
			return m.To.PutMessage(ctx, *from)
		}
		return nil
	})
}

// verifyMessages compares all messages and counts them; ErrBusy if they differ.
func (m *mover) verifyMessages(ctx context.Context) error {
	m.report.Messages = 0
	return m.eachMessage(ctx, func(from, to *hub.Message) error {
		m.report.Messages++
		switch {
		case from == nil:
			return differs(nil, "message", to.ID)
		case to == nil || *from != *to:
			return differs(nil, "message", from.ID)
		}
		return nil
	})
}
