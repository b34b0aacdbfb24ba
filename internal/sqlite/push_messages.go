package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"thidua/internal/hub"
)

const (
	messageColumns = `id, device, person, kind, notice, title, body, urgent, expires, state, next, attempts, round, reason, at`
	insertMessage  = `INSERT INTO messages (` + messageColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) `
	enqueueMessage = insertMessage + `DO NOTHING`
	replaceMessage = insertMessage + `
DO UPDATE SET device = excluded.device, person = excluded.person, kind = excluded.kind, notice = excluded.notice,
	title = excluded.title, body = excluded.body, urgent = excluded.urgent, expires = excluded.expires, state = excluded.state,
	next = excluded.next, attempts = excluded.attempts, round = excluded.round, reason = excluded.reason, at = excluded.at`
	untaken    = `state = 'waiting' AND attempts = 0`
	armMessage = insertMessage + `
DO UPDATE SET device = excluded.device, person = excluded.person, kind = excluded.kind, notice = excluded.notice,
	title = excluded.title, body = excluded.body, urgent = excluded.urgent, expires = excluded.expires, state = excluded.state,
	next = iif(` + untaken + `, next, max(excluded.next, at + ?16, iif(state = 'waiting' AND reason <> '', next, 0))),
	attempts = 0, round = iif(` + untaken + `, round, round + 1), reason = iif(` + untaken + `, reason, excluded.reason),
	at = iif(` + untaken + `, at, excluded.at)`
	claimMessages = `
UPDATE messages SET next = ?2, attempts = attempts + 1
WHERE id IN (SELECT id FROM messages WHERE state = 'waiting' AND next <= ?1 ORDER BY next, id LIMIT ?3)
RETURNING ` + messageColumns
	finishMessage  = `UPDATE messages SET state = ?, next = ?, reason = ?, at = ? WHERE id = ? AND round = ? AND attempts = ?`
	existsMessage  = `SELECT 1 FROM messages WHERE id = ?`
	countMessages  = `SELECT state, count(*), min(next) FROM messages GROUP BY state`
	pruneMessages  = `DELETE FROM messages WHERE at < ?1 AND (state <> 'waiting' OR expires < ?1)`
	selectMessages = `SELECT ` + messageColumns + ` FROM messages WHERE id > ? ORDER BY id LIMIT ?`
	deleteMessage  = `DELETE FROM messages WHERE id = ?`
)

// messageRow returns a message as arguments of insertMessage.
func messageRow(m hub.Message) []any {
	return []any{
		m.ID, string(m.Device), string(m.Person), m.Kind, string(m.Notice), m.Title, m.Body, m.Urgent, m.Expires,
		m.State, m.Next, m.Attempts, m.Round, string(m.Reason), m.At,
	}
}

// scanMessage appends the message of a row with messageColumns.
func scanMessage(messages *[]hub.Message) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var m hub.Message
		err := rows.Scan(&m.ID, (*string)(&m.Device), (*string)(&m.Person), &m.Kind, (*string)(&m.Notice), &m.Title, &m.Body, &m.Urgent, &m.Expires,
			&m.State, &m.Next, &m.Attempts, &m.Round, (*string)(&m.Reason), &m.At)
		*messages = append(*messages, m)
		return err
	}
}

// Enqueue adds messages; one whose ID is there is left as it is.
func (s *Store) Enqueue(ctx context.Context, messages []hub.Message) error {
	if len(messages) == 0 {
		return ctx.Err()
	}
	rows := make([][]any, len(messages))
	for i, m := range messages {
		rows[i] = messageRow(m)
	}
	err := s.writer.submit(ctx, func(x *tx) error { return x.each(enqueueMessage, rows) })
	return wrap(err, "enqueue messages")
}

// Arm adds silent messages, or makes those that are not waiting wait again:
// with the given fields, Attempts 0 and Round one higher, and Next no earlier
// than apart after At, nor than it was if the last attempt failed. Of one that
// nobody has taken since it was armed only Person and Expires are set; one
// that somebody is sending is armed all the same.
func (s *Store) Arm(ctx context.Context, messages []hub.Message, apart int64) error {
	if len(messages) == 0 {
		return ctx.Err()
	}
	rows := make([][]any, len(messages))
	for i, m := range messages {
		m.State, m.Attempts, m.Round = hub.PushWaiting, 0, 1
		rows[i] = append(messageRow(m), apart)
	}
	err := s.writer.submit(ctx, func(x *tx) error { return x.each(armMessage, rows) })
	return wrap(err, "arm messages")
}

// Claim takes up to limit waiting messages whose Next is not after now, the
// earliest first, by raising Next to until and Attempts by one. Of several
// callers each message is taken by one.
func (s *Store) Claim(ctx context.Context, now, until int64, limit int) ([]hub.Message, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	var messages []hub.Message
	err := s.writer.submit(ctx, func(x *tx) error {
		messages = nil
		return x.returning(claimMessages, scanMessage(&messages), now, until, limit)
	})
	if err != nil { // the writer may be at it still
		return nil, wrap(err, "claim messages")
	}
	slices.SortFunc(messages, func(a, b hub.Message) int { return strings.Compare(a.ID, b.ID) })
	return messages, nil
}

// returning runs a changing statement and hands every row it returns to scan.
func (x *tx) returning(query string, scan func(*sql.Rows) error, args ...any) error {
	stmt, err := x.prepared(query)
	if err != nil {
		return err
	}
	x.dirty = true
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// Finish sets State, Next, Reason and At of a claimed message; hub.ErrChanged
// if it was claimed or armed since, hub.ErrNotFound if it is gone.
func (s *Store) Finish(ctx context.Context, m hub.Message) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		n, err := x.exec(finishMessage, m.State, m.Next, string(m.Reason), m.At, m.ID, m.Round, m.Attempts)
		return x.swapped(n, err, existsMessage, m.ID)
	})
	return wrap(err, "finish message %s", m.ID)
}

// Queue returns how many messages are in each state, and Next of the earliest
// waiting one, 0 if none waits.
func (s *Store) Queue(ctx context.Context) (counts map[string]int, next int64, err error) {
	counts = map[string]int{}
	err = s.rows(ctx, countMessages, func(rows *sql.Rows) error {
		var state string
		var count int
		var first int64
		if err := rows.Scan(&state, &count, &first); err != nil {
			return err
		}
		counts[state] = count
		if state == hub.PushWaiting {
			next = first
		}
		return nil
	})
	return counts, next, wrap(err, "queue of messages")
}

// Prune removes messages whose At is before a time, those that wait only if
// their Expires is too.
func (s *Store) Prune(ctx context.Context, before int64) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		_, err := x.exec(pruneMessages, before)
		return err
	})
	return wrap(err, "prune messages")
}

// Messages returns up to limit messages in order of ID, from the first one
// whose ID is greater than after.
func (s *Store) Messages(ctx context.Context, after string, limit int) ([]hub.Message, error) {
	var messages []hub.Message
	err := s.rows(ctx, selectMessages, scanMessage(&messages), after, max(limit, 0))
	return messages, wrap(err, "messages")
}

// PutMessage stores a message as it is, in the place of any of the same ID. It
// is for a copy of a queue that nobody sends from.
func (s *Store) PutMessage(ctx context.Context, m hub.Message) error {
	row := messageRow(m)
	err := s.writer.submit(ctx, func(x *tx) error {
		_, err := x.exec(replaceMessage, row...)
		return err
	})
	return wrap(err, "put message %s", m.ID)
}

// RemoveMessage removes a message if it is there, whatever its state.
func (s *Store) RemoveMessage(ctx context.Context, id string) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		_, err := x.exec(deleteMessage, id)
		return err
	})
	return wrap(err, "remove message %s", id)
}
