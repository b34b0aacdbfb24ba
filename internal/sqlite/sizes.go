package sqlite

import (
	"context"
	"database/sql"
)

const selectSizes = `SELECT name, sum(pgsize) FROM dbstat GROUP BY name`

// Sizes returns how many bytes of the file each table and each index takes, by
// its name; what is free is left out. It reads the whole file.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	sizes := map[string]int64{}
	err := s.rows(ctx, selectSizes, func(rows *sql.Rows) error {
		var name string
		var bytes int64
		if err := rows.Scan(&name, &bytes); err != nil {
			return err
		}
		sizes[name] = bytes
		return nil
	})
	return sizes, wrap(err, "sizes")
}
