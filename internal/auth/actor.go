package auth

import (
	"context"
	"errors"

	"thidua/internal/hub"
	"thidua/sync"
)

// An Actor is who makes a request, as the store has it at that moment.
type Actor struct {
	// Author carries all grants of the person, also those not valid now: what
	// was made while a right held is judged by that right.
	Author sync.Author
	Login  string
	Name   string
	// UploadOnly is true for a disabled person: nothing may be read, and what
	// is sent is kept aside for somebody to decide.
	UploadOnly bool
	// Wiped is true for a device that is to hand over what it has recorded and
	// then forget everything: it may sync and nothing else, and is sent nothing.
	Wiped bool
}

// Authenticate returns who presents an access token. It reads the device and
// the person anew each time: revoking, disabling and granting hold from the next
// request on. Codes: those of Verify, and device_revoked.
func (a *Auth) Authenticate(ctx context.Context, token string) (Actor, error) {
	id, err := a.Verify(ctx, token)
	if err != nil {
		return Actor{}, err
	}
	d, err := a.store.Device(ctx, id.Device)
	if errors.Is(err, hub.ErrNotFound) || err == nil && d.Person != id.Person {
		return Actor{}, hub.E(hub.CodeUnauthenticated, "the device of this access token is not known")
	}
	if err != nil {
		return Actor{}, unavailable("read device", err)
	}
	if d.Revoked != 0 {
		return Actor{}, hub.E(hub.CodeDeviceRevoked, "this device was signed out")
	}
	p, err := a.store.Person(ctx, id.Person)
	if errors.Is(err, hub.ErrNotFound) {
		return Actor{}, hub.E(hub.CodeUnauthenticated, "the person of this access token is not known")
	}
	if err != nil {
		return Actor{}, unavailable("read person", err)
	}
	return Actor{
		Author:     sync.Author{Person: p.ID, Device: d.ID, Grants: p.Grants},
		Login:      p.Login,
		Name:       p.Name,
		UploadOnly: p.Disabled,
		Wiped:      d.Wiped != 0,
	}, nil
}
