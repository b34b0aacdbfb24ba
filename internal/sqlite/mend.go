package sqlite

import (
	"context"
	"errors"
	"fmt"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	selectVersion  = `SELECT version FROM documents WHERE scope = ? AND id = ?`
	deleteDocument = `DELETE FROM documents WHERE scope = ? AND id = ?`
	selectMark     = `SELECT seq, hash, checksum FROM marks WHERE scope = ?`
	deleteMark     = `DELETE FROM marks WHERE scope = ?`
)

// MendDocument puts doc in the place of the stored document whose version is
// still version (0: none is stored); a nil doc removes it. hub.ErrChanged:
// another version is stored. It is for fsck, which repairs projections.
func (s *Store) MendDocument(ctx context.Context, scope sync.Scope, id sync.DocID, version int64, doc *sync.Document) error {
	var row []any
	var err error
	switch {
	case doc != nil && doc.ID != id:
		err = fmt.Errorf("document %s is another", doc.ID)
	case doc != nil:
		row, err = rowOf(scope, doc)
	}
	if err == nil {
		err = s.writer.submit(ctx, func(x *tx) error {
			var stored int64
			err := x.row(selectVersion, []any{string(scope), string(id)}, &stored)
			if err != nil && !errors.Is(err, hub.ErrNotFound) {
				return err
			}
			if stored != version {
				return hub.ErrChanged
			}
			if _, err := x.exec(deleteDocument, string(scope), string(id)); err != nil || row == nil {
				return err
			}
			_, err = x.exec(upsertDocument, row...)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("sqlite: mend document %s of %s: %w", id, scope, err)
	}
	return nil
}

// MendMark replaces the watermark from (zero: none is stored) by to (zero: it
// is removed). hub.ErrChanged: another is stored. It is for fsck, which repairs
// projections.
func (s *Store) MendMark(ctx context.Context, scope sync.Scope, from, to hub.Mark) error {
	err := s.writer.submit(ctx, func(x *tx) error {
		var m mark
		err := x.row(selectMark, []any{string(scope)}, &m.seq, &m.hash, &m.checksum)
		if err != nil && !errors.Is(err, hub.ErrNotFound) {
			return err
		}
		if m.mark() != from {
			return hub.ErrChanged
		}
		if _, err := x.exec(deleteMark, string(scope)); err != nil || to == (hub.Mark{}) {
			return err
		}
		_, err = x.exec(upsertMark, string(scope), to.Seq, string(to.Hash), int64(to.Checksum))
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: mend watermark of %s: %w", scope, err)
	}
	return nil
}
