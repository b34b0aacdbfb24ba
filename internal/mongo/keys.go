package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedCode is an enrolment code as a document of the collection codes.
type storedCode struct {
	Hash    string `bson:"_id"`
	Person  string `bson:"person"`
	Issuer  string `bson:"issuer"`
	Expires int64  `bson:"expires"`
	Used    int64  `bson:"used"`
	Device  string `bson:"device"`
}

func (s storedCode) code() hub.EnrolmentCode {
	return hub.EnrolmentCode{
		Hash: s.Hash, Person: sync.PersonID(s.Person), Issuer: sync.PersonID(s.Issuer), Expires: s.Expires, Used: s.Used, Device: sync.DeviceID(s.Device),
	}
}

// CreateCode adds an enrolment code; hub.ErrExists if the hash is taken.
func (s *Store) CreateCode(ctx context.Context, c hub.EnrolmentCode) error {
	return wrap(ctx, s.insertOne(ctx, s.codes, storedCode{
		Hash: c.Hash, Person: string(c.Person), Issuer: string(c.Issuer), Expires: c.Expires, Used: c.Used, Device: string(c.Device),
	}), "create enrolment code")
}

// Code returns an enrolment code by hash, whether or not it is still good;
// hub.ErrNotFound if there is none.
func (s *Store) Code(ctx context.Context, hash string) (hub.EnrolmentCode, error) {
	c, err := one[storedCode](ctx, s, s.codes, hash)
	return c.code(), wrap(ctx, err, "enrolment code")
}

// Codes returns up to limit enrolment codes in byte order of hash, from the
// first one whose hash is greater than after, used and expired ones too.
func (s *Store) Codes(ctx context.Context, after string, limit int) ([]hub.EnrolmentCode, error) {
	found, err := page[storedCode](ctx, s, s.codes, "_id", after, limit)
	codes := make([]hub.EnrolmentCode, len(found))
	for i, c := range found {
		codes[i] = c.code()
	}
	return codes, wrap(ctx, err, "enrolment codes")
}

// RedeemCode sets Used to milli and Device to device if the code is unused and
// expires after milli; else hub.ErrChanged, or hub.ErrNotFound if there is no
// such code. Of any number of callers exactly one gets nil.
func (s *Store) RedeemCode(ctx context.Context, hash string, device sync.DeviceID, milli int64) error {
	return wrap(ctx, s.swap(ctx, s.codes,
		bson.D{{Key: "_id", Value: hash}, {Key: "used", Value: int64(0)}, {Key: "expires", Value: bson.D{{Key: "$gt", Value: milli}}}},
		bson.D{{Key: "used", Value: milli}, {Key: "device", Value: string(device)}}), "redeem enrolment code")
}

// A storedKey is a signing key as a document of the collection keys.
type storedKey struct {
	ID        string `bson:"_id"`
	Private   []byte `bson:"private"`
	NotBefore int64  `bson:"notBefore"`
	Expires   int64  `bson:"expires"`
}

// SigningKeys returns all signing keys in order of NotBefore, then ID.
func (s *Store) SigningKeys(ctx context.Context) ([]hub.SigningKey, error) {
	found, err := all[storedKey](ctx, s, s.keys, bson.D{}, options.Find().SetSort(bson.D{{Key: "notBefore", Value: 1}, {Key: "_id", Value: 1}}))
	keys := make([]hub.SigningKey, len(found))
	for i, k := range found {
		keys[i] = hub.SigningKey(k)
	}
	return keys, wrap(ctx, err, "signing keys")
}

// CreateSigningKey adds a signing key; hub.ErrExists if the ID is taken.
func (s *Store) CreateSigningKey(ctx context.Context, k hub.SigningKey) error {
	return wrap(ctx, s.insertOne(ctx, s.keys, storedKey{ID: k.ID, Private: blob(k.Private), NotBefore: k.NotBefore, Expires: k.Expires}), "create signing key %s", k.ID)
}
