package sqlite

import (
	"context"
	"database/sql"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	codeColumns = `SELECT hash, person, issuer, expires, used, device FROM codes `
	selectCode  = codeColumns + `WHERE hash = ?`
	selectCodes = codeColumns + `WHERE hash > ? ORDER BY hash LIMIT ?`
	existsCode  = `SELECT 1 FROM codes WHERE hash = ?`
	insertCode  = `INSERT INTO codes (hash, person, issuer, expires, used, device) VALUES (?, ?, ?, ?, ?, ?)`
	redeemCode  = `UPDATE codes SET used = ?1, device = ?2 WHERE hash = ?3 AND used = 0 AND expires > ?1`

	selectKeys = `SELECT id, private, not_before, expires FROM signing_keys ORDER BY not_before, id`
	existsKey  = `SELECT 1 FROM signing_keys WHERE id = ?`
	insertKey  = `INSERT INTO signing_keys (id, private, not_before, expires) VALUES (?, ?, ?, ?)`
)

// CreateCode adds an enrolment code; hub.ErrExists if the hash is taken.
func (s *Store) CreateCode(ctx context.Context, c hub.EnrolmentCode) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		if err := x.mustNotExist(existsCode, c.Hash); err != nil {
			return err
		}
		_, err := x.exec(insertCode, c.Hash, string(c.Person), string(c.Issuer), c.Expires, c.Used, string(c.Device))
		return err
	})
	return wrap(err, "create enrolment code")
}

// Code returns an enrolment code by hash, whether or not it is still good;
// hub.ErrNotFound if there is none.
func (s *Store) Code(ctx context.Context, hash string) (hub.EnrolmentCode, error) {
	var c hub.EnrolmentCode
	if err := s.row(ctx, selectCode, []any{hash}, codeDest(&c)...); err != nil {
		return hub.EnrolmentCode{}, wrap(err, "enrolment code")
	}
	return c, nil
}

// Codes returns up to limit enrolment codes in order of hash, from the first
// one whose hash is greater than after, used and expired ones too.
func (s *Store) Codes(ctx context.Context, after string, limit int) ([]hub.EnrolmentCode, error) {
	var codes []hub.EnrolmentCode
	err := s.rows(ctx, selectCodes, func(rows *sql.Rows) error {
		var c hub.EnrolmentCode
		if err := rows.Scan(codeDest(&c)...); err != nil {
			return err
		}
		codes = append(codes, c)
		return nil
	}, after, max(limit, 0))
	return codes, wrap(err, "enrolment codes")
}

func codeDest(c *hub.EnrolmentCode) []any {
	return []any{&c.Hash, (*string)(&c.Person), (*string)(&c.Issuer), &c.Expires, &c.Used, (*string)(&c.Device)}
}

// RedeemCode sets Used to milli and Device to device if the code is unused and
// expires after milli; else hub.ErrChanged, or hub.ErrNotFound if there is no
// such code. Of any number of callers exactly one gets nil.
func (s *Store) RedeemCode(ctx context.Context, hash string, device sync.DeviceID, milli int64) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		n, err := x.exec(redeemCode, milli, string(device), hash)
		return x.swapped(n, err, existsCode, hash)
	})
	return wrap(err, "redeem enrolment code")
}

// SigningKeys returns all signing keys in order of NotBefore, then ID.
func (s *Store) SigningKeys(ctx context.Context) ([]hub.SigningKey, error) {
	var keys []hub.SigningKey
	err := s.rows(ctx, selectKeys, func(rows *sql.Rows) error {
		var k hub.SigningKey
		if err := rows.Scan(&k.ID, &k.Private, &k.NotBefore, &k.Expires); err != nil {
			return err
		}
		keys = append(keys, k)
		return nil
	})
	return keys, wrap(err, "signing keys")
}

// CreateSigningKey adds a signing key; hub.ErrExists if the ID is taken.
func (s *Store) CreateSigningKey(ctx context.Context, k hub.SigningKey) error {
	private := blob(k.Private)
	err := s.writer.submit(ctx, func(x *tx) error {
		if err := x.mustNotExist(existsKey, k.ID); err != nil {
			return err
		}
		_, err := x.exec(insertKey, k.ID, private, k.NotBefore, k.Expires)
		return err
	})
	return wrap(err, "create signing key %s", k.ID)
}
