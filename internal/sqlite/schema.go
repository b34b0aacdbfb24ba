package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrations returns what led to the present schema, in order. The number of
// those a file has been through is its user_version. They are never edited,
// only added to. Times are milliseconds since 1970 UTC, hashes hexadecimal,
// JSON is text, checksums are their 64 bits as a signed number.
func migrations() []string {
	return []string{`
CREATE TABLE commits (
	scope    TEXT    NOT NULL,
	seq      INTEGER NOT NULL,
	hash     TEXT    NOT NULL,
	checksum INTEGER NOT NULL,
	body     TEXT    NOT NULL, -- sync.Commit.Encode
	UNIQUE (scope, seq)
);
CREATE TABLE receipts ( -- where the outcome of a mutation stands
	device   TEXT    NOT NULL,
	mutation TEXT    NOT NULL,
	scope    TEXT    NOT NULL,
	seq      INTEGER NOT NULL,
	position INTEGER NOT NULL, -- in the commit's list
	PRIMARY KEY (device, mutation)
) WITHOUT ROWID;
CREATE TABLE history ( -- which commits changed a document
	scope TEXT    NOT NULL,
	doc   TEXT    NOT NULL,
	seq   INTEGER NOT NULL,
	PRIMARY KEY (scope, doc, seq)
) WITHOUT ROWID;
CREATE TABLE marks (
	scope    TEXT    PRIMARY KEY,
	seq      INTEGER NOT NULL,
	hash     TEXT    NOT NULL,
	checksum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE documents (
	scope   TEXT    NOT NULL,
	id      TEXT    NOT NULL,
	version INTEGER NOT NULL,
	type    TEXT    NOT NULL,
	gone    INTEGER NOT NULL,
	about   TEXT,    -- of conflicts and rejections only, like the next two
	state   TEXT,
	opened  INTEGER,
	touched TEXT    NOT NULL, -- {pointer: version}
	body    TEXT    NOT NULL, -- canonical
	UNIQUE (scope, id)
);
CREATE INDEX documents_changed ON documents (scope, version, id);
CREATE INDEX documents_about ON documents (scope, about) WHERE type = 'conflict' AND state = 'open' AND gone = 0;
CREATE INDEX documents_kept ON documents (opened, id) WHERE opened IS NOT NULL AND gone = 0;
`, `
CREATE TABLE people (
	id       TEXT    PRIMARY KEY,
	login    TEXT    NOT NULL UNIQUE,
	name     TEXT    NOT NULL,
	password TEXT    NOT NULL,
	disabled INTEGER NOT NULL,
	grants   TEXT    NOT NULL, -- JSON
	created  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE devices (
	id       TEXT    PRIMARY KEY,
	person   TEXT    NOT NULL,
	name     TEXT    NOT NULL,
	platform TEXT    NOT NULL,
	created  INTEGER NOT NULL,
	seen     INTEGER NOT NULL,
	revoked  INTEGER NOT NULL,
	current  TEXT    NOT NULL,
	previous TEXT    NOT NULL,
	expires  INTEGER NOT NULL,
	secret   BLOB    NOT NULL
) WITHOUT ROWID;
CREATE INDEX devices_person ON devices (person, id);
CREATE TABLE codes (
	hash    TEXT    PRIMARY KEY,
	person  TEXT    NOT NULL,
	issuer  TEXT    NOT NULL,
	expires INTEGER NOT NULL,
	used    INTEGER NOT NULL,
	device  TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE signing_keys (
	id         TEXT    PRIMARY KEY,
	private    BLOB    NOT NULL,
	not_before INTEGER NOT NULL,
	expires    INTEGER NOT NULL
) WITHOUT ROWID;
`, `
ALTER TABLE devices ADD COLUMN wiped INTEGER NOT NULL DEFAULT 0;
`, `
CREATE TABLE tokens ( -- of the push service
	device   TEXT    PRIMARY KEY,
	person   TEXT    NOT NULL,
	platform TEXT    NOT NULL,
	token    TEXT    NOT NULL UNIQUE,
	set_at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_person ON tokens (person, device);
CREATE TABLE told (
	key     TEXT    PRIMARY KEY,
	kind    TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	subject TEXT    NOT NULL,
	due     INTEGER NOT NULL,
	state   TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX told_due ON told (due, key);
CREATE TABLE messages ( -- to devices
	id       TEXT    PRIMARY KEY,
	device   TEXT    NOT NULL,
	person   TEXT    NOT NULL,
	kind     TEXT    NOT NULL,
	notice   TEXT    NOT NULL,
	title    TEXT    NOT NULL,
	body     TEXT    NOT NULL,
	urgent   INTEGER NOT NULL,
	expires  INTEGER NOT NULL,
	state    TEXT    NOT NULL,
	next     INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	round    INTEGER NOT NULL,
	reason   TEXT    NOT NULL,
	at       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX messages_state ON messages (state, next, id);
CREATE INDEX messages_done ON messages (at) WHERE state <> 'waiting';
CREATE TABLE followed ( -- how far a log was looked through for what people should be told
	scope TEXT    PRIMARY KEY,
	seq   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE leases (
	name  TEXT    PRIMARY KEY,
	owner TEXT    NOT NULL,
	until INTEGER NOT NULL
) WITHOUT ROWID;
`}
}

// migrate brings a file to the present schema. Of two processes that open a
// new file at once one does it and the other waits.
func migrate(db *sql.DB) (err error) {
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := upgrade(ctx, conn, migrations()); err != nil {
		_, rollback := conn.ExecContext(ctx, "ROLLBACK")
		return fmt.Errorf("migrate: %w", errors.Join(err, rollback))
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func upgrade(ctx context.Context, conn *sql.Conn, steps []string) error {
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("the file has schema %d, written by a newer program; this one knows %d", version, len(steps))
	}
	for ; version < len(steps); version++ {
		if _, err := conn.ExecContext(ctx, steps[version]); err != nil {
			return fmt.Errorf("to schema %d: %w", version+1, err)
		}
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}
