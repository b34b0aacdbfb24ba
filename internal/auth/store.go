package auth

import (
	"context"

	"thidua/internal/hub"
	"thidua/sync"
)

// A Store keeps people, devices, enrolment codes and signing keys. Every method
// touches one row, so no transaction is needed, and any number of server
// processes may share one Store: what must not race is a compare-and-swap.
//
// Reads return hub.ErrNotFound for a row that is not there, creations return
// hub.ErrExists for one that is, updates return hub.ErrChanged when the row no
// longer is what the caller read and hub.ErrNotFound when there is none; callers
// use errors.Is. An update that returned nil is durable and seen by every later
// read. Values passed in and returned are not shared with the Store. Nil and
// empty slices are the same.
type Store interface {
	// CreatePerson adds a person; hub.ErrExists if the ID or the login is taken.
	CreatePerson(ctx context.Context, p hub.Person) error

	// Person returns a person by ID.
	Person(ctx context.Context, id sync.PersonID) (hub.Person, error)

	// PersonByLogin returns a person by exact login.
	PersonByLogin(ctx context.Context, login string) (hub.Person, error)

	// People returns up to limit people in byte order of login, from the first
	// one whose login is greater than after.
	People(ctx context.Context, after string, limit int) ([]hub.Person, error)

	// UpdatePerson replaces Login, Name, Password, Disabled and Grants of the
	// person old.ID, if all of these still are what old holds. ID and Created
	// never change. Returns hub.ErrExists if next.Login belongs to somebody else.
	UpdatePerson(ctx context.Context, old, next hub.Person) error

	// CreateDevice adds a device; hub.ErrExists if the ID is taken.
	CreateDevice(ctx context.Context, d hub.Device) error

	// Device returns a device by ID.
	Device(ctx context.Context, id sync.DeviceID) (hub.Device, error)

	// Devices returns the devices of a person in order of ID, revoked ones too.
	Devices(ctx context.Context, person sync.PersonID) ([]hub.Device, error)

	// UpdateDevice replaces everything but ID, Person and Created of the device
	// old.ID, if its Current, Previous, Revoked and Wiped still are what old
	// holds. The other fields are not compared.
	UpdateDevice(ctx context.Context, old, next hub.Device) error

	// CreateCode adds an enrolment code; hub.ErrExists if the hash is taken.
	CreateCode(ctx context.Context, c hub.EnrolmentCode) error

	// Code returns an enrolment code by hash, whether or not it is still good.
	Code(ctx context.Context, hash string) (hub.EnrolmentCode, error)

	// RedeemCode sets Used to milli and Device to device, if the code is unused
	// and its Expires is greater than milli; otherwise hub.ErrChanged. Of any
	// number of callers exactly one gets nil.
	RedeemCode(ctx context.Context, hash string, device sync.DeviceID, milli int64) error

	// Codes returns up to limit enrolment codes in byte order of hash, from the
	// first one whose hash is greater than after, used and expired ones too.
	Codes(ctx context.Context, after string, limit int) ([]hub.EnrolmentCode, error)

	// SigningKeys returns all signing keys in order of NotBefore, then ID.
	SigningKeys(ctx context.Context) ([]hub.SigningKey, error)

	// CreateSigningKey adds a signing key; hub.ErrExists if the ID is taken.
	CreateSigningKey(ctx context.Context, k hub.SigningKey) error
}
