package move

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// A pushStore keeps what package push needs, which states the contracts of the
// first of these methods.
type pushStore interface {
	PutToken(ctx context.Context, t hub.PushToken) error
	DropToken(ctx context.Context, device sync.DeviceID, token string) error
	Tokens(ctx context.Context, people []sync.PersonID) ([]hub.PushToken, error)
	Record(ctx context.Context, told []hub.Told) error
	Recorded(ctx context.Context, keys []string) (map[string]hub.Told, error)
	Told(ctx context.Context, from, to int64, afterKey string, limit int) ([]hub.Told, error)
	Followed(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]int64, error)
	Follow(ctx context.Context, scope sync.Scope, from, to int64) error

	// Messages returns up to limit messages in order of ID, from the first one
	// whose ID is greater than after.
	Messages(ctx context.Context, after string, limit int) ([]hub.Message, error)

	// PutMessage stores a message as it is, in the place of any of the same ID.
	PutMessage(ctx context.Context, m hub.Message) error

	// RemoveMessage removes a message if it is there.
	RemoveMessage(ctx context.Context, id string) error
}

// eachTold calls f for what was told, some records at a time, by when it was due.
func eachTold(ctx context.Context, s pushStore, f func([]hub.Told) error) error {
	for last := (hub.Told{Due: math.MinInt64}); ; {
		told, err := s.Told(ctx, last.Due, math.MaxInt64, last.Key, listPage)
		if err != nil || len(told) == 0 {
			return err
		}
		if err := f(told); err != nil {
			return err
		}
		last = told[len(told)-1]
	}
}

// missingTold returns those records that a store lacks.
func missingTold(ctx context.Context, s pushStore, told []hub.Told) ([]hub.Told, error) {
	keys := make([]string, len(told))
	for i, t := range told {
		keys[i] = t.Key
	}
	there, err := s.Recorded(ctx, keys)
	return slices.DeleteFunc(slices.Clone(told), func(t hub.Told) bool { return there[t.Key] == t }), err
}

// refusePush returns ErrOther if the target has told, sent or followed what
// the source has not: somebody serves from it.
func (m *mover) refusePush(ctx context.Context) error {
	err := eachTold(ctx, m.To, func(told []hub.Told) error {
		others, err := missingTold(ctx, m.From, told)
		if err == nil && len(others) > 0 {
			return fmt.Errorf("%w: told %s", ErrOther, others[0].Key)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := m.refuseMessages(ctx); err != nil {
		return err
	}
	return m.eachFollowed(ctx, m.To, func(scope sync.Scope, from, to int64) error {
		if to > from {
			return fmt.Errorf("%w: %s followed to %d", ErrOther, scope, to)
		}
		return nil
	})
}

// eachFollowed calls f for the scopes of a store with how far both stores
// followed each.
func (m *mover) eachFollowed(ctx context.Context, of Store, f func(scope sync.Scope, from, to int64) error) error {
	return eachScope(ctx, of, func(scopes []sync.Scope) error {
		from, err := m.From.Followed(ctx, scopes)
		if err != nil {
			return err
		}
		to, err := m.To.Followed(ctx, scopes)
		if err != nil {
			return err
		}
		for _, scope := range scopes {
			if err := f(scope, from[scope], to[scope]); err != nil {
				return err
			}
		}
		return nil
	})
}

// copyPush makes what the target keeps for push be what the source keeps. What
// was told is only ever added; of tokens and messages those go that have gone
// from the source since an earlier run.
func (m *mover) copyPush(ctx context.Context) error {
	err := eachPerson(ctx, m.From, func(p hub.Person) error { return m.copyTokens(ctx, p.ID) })
	if err != nil {
		return fmt.Errorf("push token: %w", err)
	}
	err = eachTold(ctx, m.From, func(told []hub.Told) error {
		missing, err := missingTold(ctx, m.To, told)
		if err != nil {
			return err
		}
		return m.To.Record(ctx, missing)
	})
	if err != nil {
		return fmt.Errorf("what was told: %w", err)
	}
	if err := m.copyMessages(ctx); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	err = m.eachFollowed(ctx, m.From, func(scope sync.Scope, from, to int64) error {
		if from == to {
			return nil
		}
		return m.To.Follow(ctx, scope, to, from)
	})
	if err != nil {
		return fmt.Errorf("followed: %w", err)
	}
	return nil
}

// tokens returns the push tokens of a person's devices in a store, by device.
func tokens(ctx context.Context, s pushStore, person sync.PersonID) (map[sync.DeviceID]hub.PushToken, error) {
	list, err := s.Tokens(ctx, []sync.PersonID{person})
	of := make(map[sync.DeviceID]hub.PushToken, len(list))
	for _, t := range list {
		of[t.Device] = t
	}
	return of, err
}

func (m *mover) copyTokens(ctx context.Context, person sync.PersonID) error {
	from, err := tokens(ctx, m.From, person)
	if err != nil {
		return err
	}
	to, err := tokens(ctx, m.To, person)
	if err != nil {
		return err
	}
	for device, t := range to {
		if _, ok := from[device]; !ok {
			if err := m.To.DropToken(ctx, device, t.Token); err != nil {
				return err
			}
		}
	}
	for device, t := range from {
		if to[device] != t {
			if err := m.To.PutToken(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyPush compares what both stores keep for push, and counts it; ErrBusy
// if it differs. The target was told nothing else: it was looked through before.
func (m *mover) verifyPush(ctx context.Context) error {
	m.report.Tokens, m.report.Told = 0, 0
	err := eachPerson(ctx, m.From, func(p hub.Person) error {
		from, err := tokens(ctx, m.From, p.ID)
		if err != nil {
			return err
		}
		to, err := tokens(ctx, m.To, p.ID)
		m.report.Tokens += len(to)
		if err != nil || !maps.Equal(from, to) {
			return differs(err, "push tokens of", p.Login)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = eachTold(ctx, m.From, func(told []hub.Told) error {
		m.report.Told += len(told)
		missing, err := missingTold(ctx, m.To, told)
		if err != nil || len(missing) > 0 {
			return differs(err, "what was told", "")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.verifyMessages(ctx); err != nil {
		return err
	}
	return m.eachFollowed(ctx, m.From, func(scope sync.Scope, from, to int64) error {
		if from != to {
			return differs(nil, "followed in", string(scope))
		}
		return nil
	})
}
