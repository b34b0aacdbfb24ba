package auth

import (
	"context"
	"errors"

	"thidua/internal/hub"
	"thidua/sync"
)

// Devices returns the devices of a person in order of ID, revoked ones too,
// without what their tokens are checked by. A person may list their own,
// others if they manage accounts. Codes: forbidden, unavailable.
func (a *Auth) Devices(ctx context.Context, by Actor, person sync.PersonID) ([]hub.Device, error) {
	if !a.ownOrManages(by, person) {
		return nil, hub.E(hub.CodeForbidden, "may not list the devices of others")
	}
	devices, err := find(ctx, a.store.Devices, person, "person")
	if err != nil {
		return nil, err
	}
	for i := range devices {
		devices[i].Current, devices[i].Previous, devices[i].Secret = "", "", nil
	}
	return devices, nil
}

// SignOut revokes the device that makes the request. A disabled person may too.
func (a *Auth) SignOut(ctx context.Context, by Actor) error {
	return a.revoke(ctx, by.Author.Device)
}

// RevokeDevice signs a device out, for good or until somebody signs in on it
// again by password or code. Its access tokens are refused from the next request
// on. Revoking twice is no error. Codes: forbidden unless the device is the
// person's own or by manages accounts, not_found, unavailable.
func (a *Auth) RevokeDevice(ctx context.Context, by Actor, device sync.DeviceID) error {
	return a.end(ctx, by, device, a.revoke)
}

// WipeDevice has a device hand over what it has recorded at its next contact
// and then forget everything. One that was stolen is revoked instead: it may do
// nothing. Who is signed in on it signs in anew. Codes as of RevokeDevice.
func (a *Auth) WipeDevice(ctx context.Context, by Actor, device sync.DeviceID) error {
	return a.end(ctx, by, device, a.wipe)
}

func (a *Auth) end(ctx context.Context, by Actor, device sync.DeviceID, how func(context.Context, sync.DeviceID) error) error {
	d, err := find(ctx, a.store.Device, device, "device")
	if err != nil && hub.CodeOf(err) != hub.CodeNotFound {
		return err
	}
	// What is not there is nobody's: who may not look learns nothing of it.
	if !a.ownOrManages(by, d.Person) {
		return hub.E(hub.CodeForbidden, "may not revoke the devices of others")
	}
	if err != nil {
		return err
	}
	return how(ctx, device)
}

func (a *Auth) ownOrManages(by Actor, person sync.PersonID) bool {
	return by.Author.Person == person && !by.UploadOnly || a.manages(by)
}

func (a *Auth) revoke(ctx context.Context, device sync.DeviceID) error {
	for range attempts {
		d, err := find(ctx, a.store.Device, device, "device")
		if err != nil {
			return err
		}
		if d.Revoked == 0 {
			next := d
			next.Revoked = a.milli()
			err = a.swap(ctx, d, next)
		}
		if err == nil {
			if err := a.cfg.Revoked(ctx, d.Person, device); err != nil {
				return unavailable("tell that a device was revoked", err)
			}
		}
		if !errors.Is(err, hub.ErrChanged) {
			return err
		}
	}
	return contended("revoke device")
}

func (a *Auth) wipe(ctx context.Context, device sync.DeviceID) error {
	for range attempts {
		d, err := find(ctx, a.store.Device, device, "device")
		if err != nil || d.Revoked != 0 || d.Wiped != 0 {
			return err
		}
		next := d
		next.Wiped = a.milli()
		if err = a.swap(ctx, d, next); !errors.Is(err, hub.ErrChanged) {
			return err
		}
	}
	return contended("wipe device")
}
