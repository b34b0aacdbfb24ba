package storetest

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"thidua/internal/hub"
	"thidua/sync"
)

// Identity is what package auth asks of a store. The contract of each method
// is stated there; these are the headings.
type Identity interface {
	// CreatePerson adds a person.
	CreatePerson(ctx context.Context, p hub.Person) error
	// Person returns a person by ID.
	Person(ctx context.Context, id sync.PersonID) (hub.Person, error)
	// PersonByLogin returns a person by login.
	PersonByLogin(ctx context.Context, login string) (hub.Person, error)
	// People returns people by login, page by page.
	People(ctx context.Context, after string, limit int) ([]hub.Person, error)
	// UpdatePerson replaces a person that still is as read.
	UpdatePerson(ctx context.Context, old, next hub.Person) error
	// CreateDevice adds a device.
	CreateDevice(ctx context.Context, d hub.Device) error
	// Device returns a device by ID.
	Device(ctx context.Context, id sync.DeviceID) (hub.Device, error)
	// Devices returns the devices of a person.
	Devices(ctx context.Context, person sync.PersonID) ([]hub.Device, error)
	// UpdateDevice replaces a device that still is as read.
	UpdateDevice(ctx context.Context, old, next hub.Device) error
	// CreateCode adds an enrolment code.
	CreateCode(ctx context.Context, c hub.EnrolmentCode) error
	// Code returns an enrolment code by hash.
	Code(ctx context.Context, hash string) (hub.EnrolmentCode, error)
	// Codes returns enrolment codes by hash, page by page.
	Codes(ctx context.Context, after string, limit int) ([]hub.EnrolmentCode, error)
	// RedeemCode uses an enrolment code up.
	RedeemCode(ctx context.Context, hash string, device sync.DeviceID, milli int64) error
	// SigningKeys returns all signing keys.
	SigningKeys(ctx context.Context) ([]hub.SigningKey, error)
	// CreateSigningKey adds a signing key.
	CreateSigningKey(ctx context.Context, k hub.SigningKey) error
}

// RunIdentity checks an implementation of what auth asks of a store. The open
// function returns a store that is empty, and arranges for it to be closed.
func RunIdentity(t *testing.T, open func(t *testing.T) Identity) {
	for _, c := range []struct {
		says  string
		check func(t *testing.T, store Identity)
	}{
		{"a person is swapped only as read", personSwapped},
		{"a device is swapped only as read", deviceSwapped},
		{"a code is redeemed once", codeRedeemedOnce},
		{"codes come in order of hash", codesInOrder},
		{"signing keys come in order", signingKeysInOrder},
	} {
		t.Run(c.says, func(t *testing.T) { c.check(t, open(t)) })
	}
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, not %v", what, err, want)
	}
}

// sameIdentity fails the test unless two values are equal; nil and empty are.
func sameIdentity(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func personSwapped(t *testing.T, s Identity) {
	ctx := t.Context()
	an := hub.Person{
		ID: "1", Login: "an", Name: "Nguyễn Văn An", Password: "$argon2id$", Created: 5,
		Grants: []sync.Grant{{Role: "head", Subject: "u", From: 1, To: 2}, {Role: "officer"}},
	}
	binh := hub.Person{ID: "2", Login: "bình", Disabled: true}
	wants(t, "create", errors.Join(s.CreatePerson(ctx, an), s.CreatePerson(ctx, binh)), nil)
	wants(t, "same id", s.CreatePerson(ctx, hub.Person{ID: "1", Login: "new"}), hub.ErrExists)
	wants(t, "same login", s.CreatePerson(ctx, hub.Person{ID: "3", Login: "an"}), hub.ErrExists)

	next := an
	next.Login, next.Grants, next.Disabled, next.ID, next.Created = "an2", nil, true, "9", 9
	for what, change := range map[string]func(*hub.Person){
		"login": func(p *hub.Person) { p.Login = "x" }, "name": func(p *hub.Person) { p.Name = "x" }, "password": func(p *hub.Person) { p.Password = "x" },
		"disabled": func(p *hub.Person) { p.Disabled = true }, "grants": func(p *hub.Person) { p.Grants = p.Grants[:1] },
	} {
		old := an
		change(&old)
		wants(t, "another "+what, s.UpdatePerson(ctx, old, next), hub.ErrChanged)
	}
	taken := next
	taken.Login = "bình"
	wants(t, "login of another", s.UpdatePerson(ctx, an, taken), hub.ErrExists)
	wants(t, "nobody", s.UpdatePerson(ctx, hub.Person{ID: "7"}, next), hub.ErrNotFound)
	wants(t, "update", s.UpdatePerson(ctx, an, next), nil)
	next.ID, next.Created = an.ID, an.Created

	got, err := s.Person(ctx, "1")
	wants(t, "read", err, nil)
	sameIdentity(t, "person", got, next)
	got, err = s.PersonByLogin(ctx, "bình")
	wants(t, "read by login", err, nil)
	sameIdentity(t, "person by login", got, binh)
	_, err = s.PersonByLogin(ctx, "an")
	wants(t, "old login", err, hub.ErrNotFound)
	_, err = s.Person(ctx, "3")
	wants(t, "no such person", err, hub.ErrNotFound)
	people, err := s.People(ctx, "", 10)
	wants(t, "people", err, nil)
	sameIdentity(t, "people", people, []hub.Person{next, binh})
	people, err = s.People(ctx, "an2", 1)
	wants(t, "people", err, nil)
	sameIdentity(t, "people after the first", people, []hub.Person{binh})
}

func deviceSwapped(t *testing.T, s Identity) {
	ctx := t.Context()
	phone := hub.Device{ID: "b", Person: "1", Name: "máy của An", Platform: "android", Created: 1, Seen: 2, Current: "c", Previous: "p", Expires: 3, Secret: []byte{0, 1, 255}}
	tablet := hub.Device{ID: "a", Person: "1", Revoked: 7}
	wants(t, "create", errors.Join(s.CreateDevice(ctx, phone), s.CreateDevice(ctx, tablet), s.CreateDevice(ctx, hub.Device{ID: "c", Person: "2"})), nil)
	wants(t, "same id", s.CreateDevice(ctx, phone), hub.ErrExists)

	next := phone
	next.Name, next.Platform, next.Seen, next.Revoked, next.Current, next.Previous, next.Expires, next.Secret = "n", "ios", 20, 21, "d", "c", 30, nil
	for what, change := range map[string]func(*hub.Device){
		"current": func(d *hub.Device) { d.Current = "x" }, "previous": func(d *hub.Device) { d.Previous = "x" }, "revoked": func(d *hub.Device) { d.Revoked = 1 }, "wiped": func(d *hub.Device) { d.Wiped = 1 },
	} {
		old := phone
		change(&old)
		wants(t, "another "+what, s.UpdateDevice(ctx, old, next), hub.ErrChanged)
	}
	wants(t, "no device", s.UpdateDevice(ctx, hub.Device{ID: "z"}, next), hub.ErrNotFound)
	old := phone
	old.Seen, old.Name = 99, "not compared"
	wants(t, "update", s.UpdateDevice(ctx, old, next), nil)
	got, err := s.Device(ctx, "b")
	wants(t, "read", err, nil)
	sameIdentity(t, "device", got, next)
	_, err = s.Device(ctx, "z")
	wants(t, "no device", err, hub.ErrNotFound)
	devices, err := s.Devices(ctx, "1")
	wants(t, "devices", err, nil)
	sameIdentity(t, "devices", devices, []hub.Device{tablet, next})
}

func codeRedeemedOnce(t *testing.T, s Identity) {
	ctx := t.Context()
	code := hub.EnrolmentCode{Hash: "h", Person: "1", Issuer: "2", Expires: 100}
	wants(t, "create", s.CreateCode(ctx, code), nil)
	wants(t, "same hash", s.CreateCode(ctx, code), hub.ErrExists)
	wants(t, "too late", s.RedeemCode(ctx, "h", "d", 100), hub.ErrChanged)
	wants(t, "no code", s.RedeemCode(ctx, "x", "d", 1), hub.ErrNotFound)
	_, err := s.Code(ctx, "x")
	wants(t, "no code", err, hub.ErrNotFound)
	var winners atomic.Int64
	var wg stdsync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch err := s.RedeemCode(ctx, "h", sync.DeviceID(fmt.Sprint(i)), int64(10+i)); {
			case err == nil:
				winners.Add(1)
			case !errors.Is(err, hub.ErrChanged):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := s.Code(ctx, "h")
	wants(t, "read", err, nil)
	if winners.Load() != 1 || got.Device == "" || fmt.Sprint(got.Used-10) != string(got.Device) {
		t.Errorf("%d winners, %+v", winners.Load(), got)
	}
}

func codesInOrder(t *testing.T, s Identity) {
	ctx := t.Context()
	codes := []hub.EnrolmentCode{{Hash: "a", Person: "1", Issuer: "2", Expires: 9}, {Hash: "b", Used: 3, Device: "d"}, {Hash: "c"}}
	for _, i := range []int{2, 0, 1} {
		wants(t, "create", s.CreateCode(ctx, codes[i]), nil)
	}
	got, err := s.Codes(ctx, "", 2)
	wants(t, "codes", err, nil)
	sameIdentity(t, "the first two", got, codes[:2])
	got, err = s.Codes(ctx, "b", 2)
	wants(t, "codes", err, nil)
	sameIdentity(t, "after the second", got, codes[2:])
}

func signingKeysInOrder(t *testing.T, s Identity) {
	ctx := t.Context()
	keys := []hub.SigningKey{{ID: "z", Private: []byte{1}, NotBefore: 1, Expires: 9}, {ID: "a", NotBefore: 2}, {ID: "b", NotBefore: 2}}
	for _, i := range []int{2, 0, 1} {
		wants(t, "create", s.CreateSigningKey(ctx, keys[i]), nil)
	}
	wants(t, "same id", s.CreateSigningKey(ctx, keys[0]), hub.ErrExists)
	got, err := s.SigningKeys(ctx)
	wants(t, "read", err, nil)
	sameIdentity(t, "keys", got, keys)
}
