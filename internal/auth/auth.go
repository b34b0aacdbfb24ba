// Package auth says who is talking. It signs people in by password or by a
// one-time enrolment code, gives each of their devices a short access token and
// a refresh token that rotates, and turns a presented access token into an
// Actor: the author the rest of the server judges. Everything it remembers is
// in a Store, so that several server processes on one store accept each other's
// tokens. DESIGN.md beside this file explains the refresh tokens.
package auth

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	maxAccessLife = 24 * time.Hour
	// attempts bounds how often a compare-and-swap is tried. Each failure means
	// that somebody else succeeded on the same row, which is somebody's phone.
	attempts = 16
)

// Config is what New needs. Zero values mean the defaults named here.
type Config struct {
	Store Store            // required
	Now   func() time.Time // required

	Issuer   string // of access tokens; "thidua"
	Audience string // of access tokens; "sync"

	AccessLife time.Duration // of an access token; 15 minutes, at most a day
	IdleLife   time.Duration // a device unused for so long is signed out; 90 days
	CodeLife   time.Duration // of an enrolment code issued without a life; 72 hours
	KeyPeriod  time.Duration // how long one key signs; 30 days

	Limits Limits

	// Manages reports whether an author may look after other people's
	// accounts at a time in milliseconds since 1970: add people, issue codes,
	// revoke devices. What roles mean is not this package's affair. Nil means
	// that nobody but sync.Server may.
	Manages func(author sync.Author, milli int64) bool

	// Revoked is told that a device was signed out or revoked, each time that is
	// asked for and each time a revoked device wants new tokens, so that what
	// failed is done later. Nil tells nobody.
	Revoked func(ctx context.Context, person sync.PersonID, device sync.DeviceID) error
}

// Limits are the rates at which attempts are answered. A zero Rate means the
// default named here.
type Limits struct {
	SignInIP    Rate // sign-ins from one address; 60 at once, then one a second
	SignInLogin Rate // sign-ins of one login from one address; 6 at once, then one in 20 s
	EnrolIP     Rate // enrolments from one address; 60 at once, then one in 2 s
	Refresh     Rate // refreshes of one device, genuine tokens only; 20 at once, then one in 5 s
	Keys        int  // addresses, logins and devices remembered per limiter; 50,000
}

// Auth is the use cases of this package. It is safe for concurrent use; one a process.
type Auth struct {
	store     Store
	now       func() time.Time
	cfg       Config
	passwords *hasher
	keys      *keyring
	tokens    *tokens

	signInIP, signInLogin, enrolIP, refresh *Limiter
}

// New returns an Auth, or an error that says what is wrong with cfg. It does
// not touch the store.
func New(cfg Config) (*Auth, error) {
	if cfg.Store == nil || cfg.Now == nil {
		return nil, errors.New("auth: Store and Now are required")
	}
	defaultTo(&cfg.Issuer, "thidua")
	defaultTo(&cfg.Audience, "sync")
	defaultTo(&cfg.AccessLife, 15*time.Minute)
	defaultTo(&cfg.IdleLife, 90*24*time.Hour)
	defaultTo(&cfg.CodeLife, 72*time.Hour)
	defaultTo(&cfg.KeyPeriod, 30*24*time.Hour)
	defaultTo(&cfg.Limits.SignInIP, Rate{Every: time.Second, Burst: 60})
	defaultTo(&cfg.Limits.SignInLogin, Rate{Every: 20 * time.Second, Burst: 6})
	defaultTo(&cfg.Limits.EnrolIP, Rate{Every: 2 * time.Second, Burst: 60})
	defaultTo(&cfg.Limits.Refresh, Rate{Every: 5 * time.Second, Burst: 20})
	if cfg.AccessLife < time.Second || cfg.AccessLife > maxAccessLife {
		return nil, errors.New("auth: AccessLife must be between a second and a day")
	}
	if cfg.IdleLife < cfg.AccessLife || cfg.KeyPeriod < time.Minute {
		return nil, errors.New("auth: IdleLife or KeyPeriod is too short")
	}
	if cfg.CodeLife < 0 || cfg.CodeLife > maxCodeLife {
		return nil, errors.New("auth: CodeLife must be at most 30 days")
	}
	if cfg.Manages == nil {
		cfg.Manages = func(sync.Author, int64) bool { return false }
	}
	if cfg.Revoked == nil {
		cfg.Revoked = func(context.Context, sync.PersonID, sync.DeviceID) error { return nil }
	}
	a := &Auth{
		store:     cfg.Store,
		now:       cfg.Now,
		cfg:       cfg,
		passwords: newHasher(defaultCost()),
		keys:      newKeyring(cfg.Store, cfg.Now, cfg.KeyPeriod),
	}
	a.tokens = newTokens(cfg, a.keys)
	for _, l := range []struct {
		to   **Limiter
		rate Rate
	}{
		{&a.signInIP, cfg.Limits.SignInIP},
		{&a.signInLogin, cfg.Limits.SignInLogin},
		{&a.enrolIP, cfg.Limits.EnrolIP},
		{&a.refresh, cfg.Limits.Refresh},
	} {
		limiter, err := NewLimiter(LimiterConfig{Rate: l.rate, Keys: cfg.Limits.Keys, Now: cfg.Now})
		if err != nil {
			return nil, err
		}
		*l.to = limiter
	}
	return a, nil
}

func defaultTo[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

func (a *Auth) milli() int64 { return a.now().UnixMilli() }

// manages reports whether by may look after other people's accounts now.
func (a *Auth) manages(by Actor) bool {
	if by.Author.Person == sync.Server {
		return true
	}
	return !by.UploadOnly && a.cfg.Manages(by.Author, a.milli())
}

// unavailable is the answer when the store fails. What the store said is for
// the log only.
func unavailable(doing string, err error) *hub.Error {
	return &hub.Error{Code: hub.CodeUnavailable, Detail: doing, Err: err}
}

// contended is the answer when a row kept changing under us.
func contended(doing string) *hub.Error {
	return hub.E(hub.CodeUnavailable, "%s: changed too often meanwhile", doing)
}

// find turns the answer of a Store's read into an answer to a caller.
func find[K, V any](ctx context.Context, read func(context.Context, K) (V, error), key K, what string) (V, error) {
	v, err := read(ctx, key)
	if errors.Is(err, hub.ErrNotFound) {
		return v, hub.E(hub.CodeNotFound, "no such %s", what)
	}
	if err != nil {
		return v, unavailable("read "+what, err)
	}
	return v, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, by its contract
	return b
}

func makeID(milli int64) sync.ID {
	b := randomBytes(10)
	return sync.MakeID(milli, binary.BigEndian.Uint16(b), binary.BigEndian.Uint64(b[2:]))
}
