package auth

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"thidua/internal/hub"
	"thidua/sync"
)

const maxName = 128 // bytes

// A Session is what a phone keeps to stay signed in. Times are milliseconds
// since 1970 UTC. The refresh token belongs where backups do not reach: two
// phones with the same one sign each other out.
type Session struct {
	Person         sync.PersonID
	Device         sync.DeviceID
	Access         string // sent with each request
	AccessExpires  int64
	Refresh        string // for the next Refresh only
	RefreshExpires int64
	UploadOnly     bool // the person is disabled, see Actor
}

// A Phone is a device as it introduces itself when it signs in.
type Phone struct {
	// ID is a version 7 UUID the phone made once. Signing in again with it
	// revives a device that was signed out, so that what it sent before is
	// still known as sent. Empty: the server makes one (browsers, tools).
	ID       sync.DeviceID
	Name     string // up to 128 bytes
	Platform string // "android", "ios", "web" or "cli"
}

// normal returns the phone in the form that is stored.
func (p Phone) normal(milli int64) (Phone, error) {
	if p.ID == "" {
		p.ID = sync.DeviceID(makeID(milli))
	}
	if _, ok := sync.ID(p.ID).Milli(); !ok {
		return p, hub.E(hub.CodeInvalid, "a device id is a version 7 UUID in lower case")
	}
	p.Name = strings.TrimSpace(norm.NFC.String(p.Name))
	if len(p.Name) > maxName || !utf8.ValidString(p.Name) {
		return p, hub.E(hub.CodeInvalid, "a device name is at most %d bytes of UTF-8", maxName)
	}
	switch p.Platform {
	case "android", "ios", "web", "cli":
		return p, nil
	}
	return p, hub.E(hub.CodeInvalid, "the platform is one of android, ios, web, cli")
}

// SignInRequest is a sign-in by password.
type SignInRequest struct {
	Login    string
	Password string
	Phone    Phone
	IP       string // where it comes from, for the rate limits
}

// SignIn signs a device in by password, whatever state it was in before; its
// earlier refresh tokens are void. An unknown login, one without a password and
// a wrong password are answered alike. Codes: bad_credentials, forbidden
// (disabled, or the device is somebody else's), invalid, rate_limited, unavailable.
func (a *Auth) SignIn(ctx context.Context, r SignInRequest) (Session, error) {
	ip := addressKey(r.IP)
	if err := a.signInIP.check(ip); err != nil {
		return Session{}, err
	}
	phone, err := r.Phone.normal(a.milli())
	if err != nil {
		return Session{}, err
	}
	login, valid := normalLogin(r.Login)
	if !valid {
		login = "" // nobody's: the work below is done all the same
	}
	if err := a.signInLogin.check(login + " " + ip); err != nil {
		return Session{}, err
	}
	p, err := a.store.PersonByLogin(ctx, login)
	if errors.Is(err, hub.ErrNotFound) {
		p = hub.Person{}
	} else if err != nil {
		return Session{}, unavailable("read person", err)
	}
	ok, stale, err := a.passwords.verify(ctx, p.Password, r.Password)
	if err != nil {
		return Session{}, err
	}
	if !ok {
		return Session{}, hub.E(hub.CodeBadCredentials, "login or password is wrong")
	}
	if p.Disabled {
		return Session{}, hub.E(hub.CodeForbidden, "the person is disabled")
	}
	if stale {
		if p, err = a.rehash(ctx, p, r.Password); err != nil {
			return Session{}, err
		}
	}
	return a.open(ctx, p, phone, nil)
}

// rehash stores a password anew at the present cost. That somebody else changes
// the person meanwhile is no reason to refuse: the next sign-in will do it.
func (a *Auth) rehash(ctx context.Context, p hub.Person, password string) (hub.Person, error) {
	hash, err := a.passwords.hash(ctx, password)
	if err != nil {
		return p, err
	}
	next := p
	next.Password = hash
	if err := a.store.UpdatePerson(ctx, p, next); err != nil {
		if errors.Is(err, hub.ErrChanged) {
			return p, nil
		}
		return p, unavailable("update person", err)
	}
	return next, nil
}

// open signs a phone in as p. For a redeemed code the first seed follows from the
// code, so that redeeming it again after a lost answer leads to the same state.
func (a *Auth) open(ctx context.Context, p hub.Person, phone Phone, c *redemption) (Session, error) {
	for range attempts {
		old, err := a.store.Device(ctx, phone.ID)
		found := err == nil
		switch {
		case err != nil && !errors.Is(err, hub.ErrNotFound):
			return Session{}, unavailable("read device", err)
		case found && old.Person != p.ID:
			return Session{}, foreignDevice()
		}
		next, seed := a.renew(old, p, phone, c)
		if found && c != nil {
			if s := c.seed(old); old.Revoked == 0 && sameDigest(old.Current, digest(s)) {
				next, seed = old, s // redeemed by this phone already
			} else if c.repeated && max(old.Seen, old.Revoked) >= c.used {
				return Session{}, hub.E(hub.CodeCodeInvalid, "the code was used, and its session too")
			}
		}
		if found {
			err = a.store.UpdateDevice(ctx, old, next)
		} else {
			err = a.store.CreateDevice(ctx, next)
		}
		if errors.Is(err, hub.ErrChanged) || errors.Is(err, hub.ErrExists) {
			continue
		}
		if err != nil {
			return Session{}, unavailable("store device", err)
		}
		return a.session(ctx, p, next, seed)
	}
	return Session{}, contended("sign in")
}

// renew returns a device as it is after signing in, with the seed of its tokens.
func (a *Auth) renew(old hub.Device, p hub.Person, phone Phone, c *redemption) (hub.Device, []byte) {
	now := a.milli()
	d := hub.Device{
		ID: phone.ID, Person: p.ID, Name: phone.Name, Platform: phone.Platform,
		Created: old.Created, Seen: now, Expires: now + a.cfg.IdleLife.Milliseconds(),
		Secret: randomBytes(secretSize),
	}
	defaultTo(&d.Created, now)
	seed := randomBytes(seedSize)
	if c != nil {
		seed = c.seed(d)
	}
	d.Current = digest(seed)
	return d, seed
}

// session issues the tokens of a device whose state is stored.
func (a *Auth) session(ctx context.Context, p hub.Person, d hub.Device, seed []byte) (Session, error) {
	access, expires, err := a.tokens.issue(ctx, p.ID, d.ID)
	if err != nil {
		return Session{}, err
	}
	return Session{
		Person: p.ID, Device: d.ID,
		Access: access, AccessExpires: expires,
		Refresh: newRefreshToken(d, seed).String(), RefreshExpires: d.Expires,
		UploadOnly: p.Disabled,
	}, nil
}

func foreignDevice() *hub.Error {
	return hub.E(hub.CodeForbidden, "the device is signed in as somebody else")
}
