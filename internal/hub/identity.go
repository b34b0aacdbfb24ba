package hub

import (
	"thidua/sync"
)

// A Person may sign in. Login is unique, lower case, NFC. Password is an
// argon2id hash in PHC form, empty for people who only ever enrol phones.
// Times in this file are milliseconds since 1970 UTC.
type Person struct {
	ID       sync.PersonID
	Login    string
	Name     string
	Password string
	Disabled bool
	Grants   []sync.Grant
	Created  int64
}

// A Device is one installation of an app, signed in as one person. A revoked
// device may do nothing; a wiped one, and that of a disabled person, may only
// upload.
//
// Refresh tokens rotate: Previous is the hash of the one used last, which stays
// valid until one of its successors has been used, so that an answer lost on the
// way signs nobody out; Current is the hash of the seed those successors share.
type Device struct {
	ID       sync.DeviceID
	Person   sync.PersonID
	Name     string // as the phone calls itself
	Platform string // "android", "ios", "web", "cli"
	Created  int64
	Seen     int64 // last contact
	Revoked  int64 // zero while it is in use
	Wiped    int64 // when it was told to hand over what it has recorded and then forget everything; zero: it was not
	Current  string
	Previous string
	Expires  int64  // when Current and Previous stop being accepted
	Secret   []byte // tags this device's refresh tokens: tells an old one from a stranger's guess
}

// An EnrolmentCode signs one phone in, once, without a password.
type EnrolmentCode struct {
	Hash    string // of the code; the code itself is never stored
	Person  sync.PersonID
	Issuer  sync.PersonID
	Expires int64
	Used    int64 // zero until it is redeemed
	Device  sync.DeviceID
}

// A SigningKey signs access tokens from NotBefore on; it verifies until Expires.
type SigningKey struct {
	ID        string
	Private   []byte // Ed25519 seed
	NotBefore int64
	Expires   int64
}
