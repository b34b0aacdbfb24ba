package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedDevice is a device as a document of the collection devices.
type storedDevice struct {
	ID       string `bson:"_id"`
	Person   string `bson:"person"`
	Name     string `bson:"name"`
	Platform string `bson:"platform"`
	Created  int64  `bson:"created"`
	Seen     int64  `bson:"seen"`
	Revoked  int64  `bson:"revoked"`
	Wiped    int64  `bson:"wiped,omitempty"`
	Current  string `bson:"current"`
	Previous string `bson:"previous"`
	Expires  int64  `bson:"expires"`
	Secret   []byte `bson:"secret"`
}

func (s storedDevice) device() hub.Device {
	return hub.Device{
		ID: sync.DeviceID(s.ID), Person: sync.PersonID(s.Person), Name: s.Name, Platform: s.Platform, Created: s.Created, Seen: s.Seen,
		Revoked: s.Revoked, Wiped: s.Wiped, Current: s.Current, Previous: s.Previous, Expires: s.Expires, Secret: s.Secret,
	}
}

// CreateDevice adds a device; hub.ErrExists if the ID is taken.
func (s *Store) CreateDevice(ctx context.Context, d hub.Device) error {
	return wrap(ctx, s.insertOne(ctx, s.devices, storedDevice{
		ID: string(d.ID), Person: string(d.Person), Name: d.Name, Platform: d.Platform, Created: d.Created, Seen: d.Seen,
		Revoked: d.Revoked, Wiped: d.Wiped, Current: d.Current, Previous: d.Previous, Expires: d.Expires, Secret: blob(d.Secret),
	}), "create device %s", d.ID)
}

// Device returns a device by ID; hub.ErrNotFound if there is none.
func (s *Store) Device(ctx context.Context, id sync.DeviceID) (hub.Device, error) {
	d, err := one[storedDevice](ctx, s, s.devices, string(id))
	return d.device(), wrap(ctx, err, "device %s", id)
}

// Devices returns the devices of a person in order of ID, revoked ones too.
func (s *Store) Devices(ctx context.Context, person sync.PersonID) ([]hub.Device, error) {
	found, err := all[storedDevice](ctx, s, s.devices, bson.D{{Key: "person", Value: string(person)}}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	devices := make([]hub.Device, len(found))
	for i, d := range found {
		devices[i] = d.device()
	}
	return devices, wrap(ctx, err, "devices of %s", person)
}

// UpdateDevice replaces everything but ID, Person and Created of the device
// old.ID if its Current, Previous, Revoked and Wiped still are what old holds; else
// hub.ErrChanged, or hub.ErrNotFound if there is no such device.
func (s *Store) UpdateDevice(ctx context.Context, old, next hub.Device) error {
	err := s.swap(ctx, s.devices,
		bson.D{{Key: "_id", Value: string(old.ID)}, {Key: "current", Value: old.Current}, {Key: "previous", Value: old.Previous}, {Key: "revoked", Value: old.Revoked}, {Key: "wiped", Value: wiped(old)}},
		bson.D{
			{Key: "name", Value: next.Name},
			{Key: "platform", Value: next.Platform},
			{Key: "seen", Value: next.Seen},
			{Key: "revoked", Value: next.Revoked},
			{Key: "wiped", Value: next.Wiped},
			{Key: "current", Value: next.Current},
			{Key: "previous", Value: next.Previous},
			{Key: "expires", Value: next.Expires},
			{Key: "secret", Value: blob(next.Secret)},
		})
	return wrap(ctx, err, "update device %s", old.ID)
}

// wiped returns what finds a device by its Wiped: zero is not stored by a
// creation, nor by what was written before there was such a field.
func wiped(d hub.Device) any {
	if d.Wiped == 0 {
		return bson.D{{Key: "$in", Value: bson.A{0, nil}}}
	}
	return d.Wiped
}

// blob returns bytes that are not nil, which BSON would make null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
