package sqlite

import (
	"context"
	"database/sql"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	deviceColumns = `SELECT id, person, name, platform, created, seen, revoked, wiped, current, previous, expires, secret FROM devices `
	selectDevice  = deviceColumns + `WHERE id = ?`
	selectDevices = deviceColumns + `WHERE person = ? ORDER BY id`
	existsDevice  = `SELECT 1 FROM devices WHERE id = ?`
	insertDevice  = `
INSERT INTO devices (id, person, name, platform, created, seen, revoked, wiped, current, previous, expires, secret)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateDevice = `
UPDATE devices SET name = ?, platform = ?, seen = ?, revoked = ?, wiped = ?, current = ?, previous = ?, expires = ?, secret = ?
WHERE id = ? AND current = ? AND previous = ? AND revoked = ? AND wiped = ?`
)

// CreateDevice adds a device; hub.ErrExists if the ID is taken.
func (s *Store) CreateDevice(ctx context.Context, d hub.Device) error {
	secret := blob(d.Secret)
	err := s.writer.submit(ctx, func(x *tx) error {
		if err := x.mustNotExist(existsDevice, string(d.ID)); err != nil {
			return err
		}
		_, err := x.exec(insertDevice, string(d.ID), string(d.Person), d.Name, d.Platform, d.Created, d.Seen, d.Revoked, d.Wiped,
			d.Current, d.Previous, d.Expires, secret)
		return err
	})
	return wrap(err, "create device %s", d.ID)
}

// Device returns a device by ID; hub.ErrNotFound if there is none.
func (s *Store) Device(ctx context.Context, id sync.DeviceID) (hub.Device, error) {
	var d hub.Device
	if err := s.row(ctx, selectDevice, []any{string(id)}, deviceDest(&d)...); err != nil {
		return hub.Device{}, wrap(err, "device %s", id)
	}
	return d, nil
}

// Devices returns the devices of a person in order of ID, revoked ones too.
func (s *Store) Devices(ctx context.Context, person sync.PersonID) ([]hub.Device, error) {
	var devices []hub.Device
	err := s.rows(ctx, selectDevices, func(rows *sql.Rows) error {
		var d hub.Device
		if err := rows.Scan(deviceDest(&d)...); err != nil {
			return err
		}
		devices = append(devices, d)
		return nil
	}, string(person))
	return devices, wrap(err, "devices of %s", person)
}

// UpdateDevice replaces everything but ID, Person and Created of the device
// old.ID if its Current, Previous, Revoked and Wiped still are what old holds; else
// hub.ErrChanged, or hub.ErrNotFound if there is no such device.
func (s *Store) UpdateDevice(ctx context.Context, old, next hub.Device) error {
	secret := blob(next.Secret)
	err := s.writer.submit(ctx, func(x *tx) error {
		n, err := x.exec(updateDevice, next.Name, next.Platform, next.Seen, next.Revoked, next.Wiped, next.Current, next.Previous,
			next.Expires, secret, string(old.ID), old.Current, old.Previous, old.Revoked, old.Wiped)
		return x.swapped(n, err, existsDevice, string(old.ID))
	})
	return wrap(err, "update device %s", old.ID)
}

// swapped turns the answer to a compare-and-swap into an error: nil if it took
// place, hub.ErrChanged if the row, which exists finds, is there all the same.
func (x *tx) swapped(n int64, err error, exists string, key string) error {
	if err != nil || n > 0 {
		return err
	}
	x.dirty = false // the statement changed no row
	there, err := x.exists(exists, key)
	switch {
	case err != nil:
		return err
	case there:
		return hub.ErrChanged
	}
	return hub.ErrNotFound
}

func deviceDest(d *hub.Device) []any {
	return []any{
		(*string)(&d.ID), (*string)(&d.Person), &d.Name, &d.Platform, &d.Created, &d.Seen, &d.Revoked, &d.Wiped,
		&d.Current, &d.Previous, &d.Expires, &d.Secret,
	}
}

// blob returns a copy that is not nil: nil and empty are the same, and a
// column that may not be NULL takes only the latter.
func blob(b []byte) []byte { return append([]byte{}, b...) }
