package sqlite

import (
	"context"
	"database/sql"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	takeToken = `DELETE FROM tokens WHERE token = ? AND device <> ?`
	putToken  = `
INSERT INTO tokens (device, person, platform, token, set_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (device) DO UPDATE SET person = excluded.person, platform = excluded.platform, token = excluded.token, set_at = excluded.set_at`
	dropToken    = `DELETE FROM tokens WHERE device = ? AND token = ?`
	selectTokens = `
SELECT t.device, t.person, t.platform, t.token, t.set_at
FROM (SELECT DISTINCT value AS person FROM json_each(?)) p CROSS JOIN tokens t ON t.person = p.person ORDER BY t.device`

	insertTold = `
INSERT INTO told (key, kind, person, subject, due, state, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING`
	toldColumns    = `SELECT t.key, t.kind, t.person, t.subject, t.due, t.state, t.reason, t.at `
	selectRecorded = toldColumns + `FROM (SELECT DISTINCT value AS key FROM json_each(?)) k CROSS JOIN told t ON t.key = k.key`
	selectTold     = toldColumns + `FROM told t WHERE (t.due, t.key) > (?, ?) AND t.due < ? ORDER BY t.due, t.key LIMIT ?`

	selectFollowed = `
SELECT f.scope, f.seq FROM (SELECT DISTINCT value AS scope FROM json_each(?)) s CROSS JOIN followed f ON f.scope = s.scope`
	beginFollowing = `INSERT INTO followed (scope, seq) VALUES (?1, ?3) ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq WHERE seq = ?2`
	goOnFollowing  = `UPDATE followed SET seq = ?3 WHERE scope = ?1 AND seq = ?2`

	takeLease = `
INSERT INTO leases (name, owner, until) VALUES (?1, ?2, ?4)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE owner = ?2 OR until <= ?3`
)

// PutToken replaces the token of a device, and takes it from any other device
// that had it.
func (s *Store) PutToken(ctx context.Context, t hub.PushToken) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		if _, err := x.exec(takeToken, t.Token, string(t.Device)); err != nil {
			return err
		}
		_, err := x.exec(putToken, string(t.Device), string(t.Person), t.Platform, t.Token, t.Set)
		return err
	})
	return wrap(err, "put push token of %s", t.Device)
}

// DropToken removes the token of a device, if it still is this one.
func (s *Store) DropToken(ctx context.Context, device sync.DeviceID, token string) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		_, err := x.exec(dropToken, string(device), token)
		return err
	})
	return wrap(err, "drop push token of %s", device)
}

// Tokens returns those of the devices of some people, in order of device.
func (s *Store) Tokens(ctx context.Context, people []sync.PersonID) ([]hub.PushToken, error) {
	var tokens []hub.PushToken
	err := s.rows(ctx, selectTokens, func(rows *sql.Rows) error {
		var t hub.PushToken
		err := rows.Scan((*string)(&t.Device), (*string)(&t.Person), &t.Platform, &t.Token, &t.Set)
		tokens = append(tokens, t)
		return err
	}, list(people))
	return tokens, wrap(err, "push tokens")
}

// Record adds records; one whose key is there is left as it is.
func (s *Store) Record(ctx context.Context, told []hub.Told) error {
	if len(told) == 0 {
		return ctx.Err()
	}
	rows := make([][]any, len(told))
	for i, t := range told {
		rows[i] = []any{t.Key, t.Kind, string(t.Person), string(t.Subject), t.Due, t.State, string(t.Reason), t.At}
	}
	err := s.writer.submit(ctx, func(x *tx) error { return x.each(insertTold, rows) })
	return wrap(err, "record what was told")
}

// each runs a changing statement for some rows.
func (x *tx) each(query string, rows [][]any) error {
	for _, row := range rows {
		if _, err := x.exec(query, row...); err != nil {
			return err
		}
	}
	return nil
}

// Recorded returns the records of some keys, by key.
func (s *Store) Recorded(ctx context.Context, keys []string) (map[string]hub.Told, error) {
	found, err := s.told(ctx, selectRecorded, list(keys))
	if err != nil {
		return nil, wrap(err, "what was told")
	}
	told := make(map[string]hub.Told, len(found))
	for _, t := range found {
		told[t.Key] = t
	}
	return told, nil
}

// Told returns up to limit records whose Due is at least from and below to,
// by Due and then key, after (from, afterKey) in that order.
func (s *Store) Told(ctx context.Context, from, to int64, afterKey string, limit int) ([]hub.Told, error) {
	told, err := s.told(ctx, selectTold, from, afterKey, to, max(limit, 0))
	return told, wrap(err, "what was told")
}

// told runs a statement that selects toldColumns.
func (s *Store) told(ctx context.Context, query string, args ...any) ([]hub.Told, error) {
	var told []hub.Told
	err := s.rows(ctx, query, func(rows *sql.Rows) error {
		var t hub.Told
		err := rows.Scan(&t.Key, &t.Kind, (*string)(&t.Person), (*string)(&t.Subject), &t.Due, &t.State, (*string)(&t.Reason), &t.At)
		told = append(told, t)
		return err
	}, args...)
	return told, err
}

// Followed returns up to where the logs of some scopes were looked through, by
// scope.
func (s *Store) Followed(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]int64, error) {
	followed := make(map[sync.Scope]int64, len(scopes))
	err := s.rows(ctx, selectFollowed, func(rows *sql.Rows) error {
		var scope string
		var seq int64
		err := rows.Scan(&scope, &seq)
		followed[sync.Scope(scope)] = seq
		return err
	}, list(scopes))
	return followed, wrap(err, "followed")
}

// Follow moves that on from a sequence number (0: none) to another;
// hub.ErrChanged if it is not there any more.
func (s *Store) Follow(ctx context.Context, scope sync.Scope, from, to int64) error {
	query := goOnFollowing
	if from == 0 {
		query = beginFollowing
	}
	err := s.writer.submit(ctx, func(x *tx) error {
		n, err := x.exec(query, string(scope), from, to)
		if err == nil && n == 0 {
			x.dirty = false // the statement changed no row
			return hub.ErrChanged
		}
		return err
	})
	return wrap(err, "follow %s from %d", scope, from)
}

// Lease gives or renews a lease by name to an owner until a time, if nobody
// else has it beyond now, and reports whether the owner has it.
func (s *Store) Lease(ctx context.Context, name, owner string, now, until int64) (bool, error) {
	var rows int64
	err := s.writer.submit(ctx, func(x *tx) (err error) {
		rows, err = x.exec(takeLease, name, owner, now, until)
		return err
	})
	if err != nil { // the writer may be at it still
		return false, wrap(err, "lease %s", name)
	}
	return rows > 0, nil
}
