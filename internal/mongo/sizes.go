package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Sizes returns how many bytes on disk each collection takes, and with the
// suffix " indexes" what its indexes take, as the server reckons them. It is
// for measuring growth.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	sizes := map[string]int64{}
	for _, name := range []string{
		commitsName, documentsName, marksName, peopleName, devicesName, codesName, keysName,
		tokensName, toldName, messagesName, followedName, leasesName,
	} {
		stats, err := s.stats(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("mongo: size of %s: %w", name, ended(ctx, err))
		}
		sizes[name], sizes[name+" indexes"] = stats.Storage, stats.Indexes
	}
	return sizes, nil
}

type collectionStats struct {
	Storage int64 `bson:"storageSize"`
	Indexes int64 `bson:"totalIndexSize"`
}

func (s *Store) stats(ctx context.Context, collection string) (stats collectionStats, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.db.RunCommand(ctx, bson.D{{Key: "collStats", Value: collection}}).Decode(&stats)
	return stats, err
}
