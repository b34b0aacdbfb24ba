package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	secretSize = 32
	seedSize   = sha256.Size
	nonceSize  = 16
	tagSize    = 16
)

// A refreshToken is a seed, which all successors of one token share, a nonce,
// which tells them apart, and a tag, by which the device's tokens are known even
// when they are long out of use. See DESIGN.md.
type refreshToken [seedSize + nonceSize + tagSize]byte

// newRefreshToken returns a token of a device with a given seed.
func newRefreshToken(d hub.Device, seed []byte) refreshToken {
	var t refreshToken
	copy(t[:], seed)
	copy(t[seedSize:], randomBytes(nonceSize))
	copy(t[seedSize+nonceSize:], t.tag(d))
	return t
}

// parseRefreshToken returns a token if it was once issued to the device.
func parseRefreshToken(d hub.Device, s string) (refreshToken, bool) {
	var t refreshToken
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(t) || len(d.Secret) != secretSize {
		return t, false
	}
	copy(t[:], b)
	return t, hmac.Equal(t[seedSize+nonceSize:], t.tag(d))
}

func (t refreshToken) String() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

func (t refreshToken) tag(d hub.Device) []byte {
	return keyed(d.Secret, "tag", string(d.ID), string(t[:seedSize+nonceSize]))[:tagSize]
}

// successor returns the seed of the tokens that may follow this one. Whoever
// has not seen this token cannot know it, whatever else they know.
func (t refreshToken) successor(d hub.Device) []byte {
	return keyed(d.Secret, "next", string(t[:]))
}

// keyed returns a MAC of parts: a label for its purpose, then values of which
// only the last may contain a zero byte.
func keyed(secret []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, secret)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// digest is the form in which the store keeps what must not be read from it.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func sameDigest(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Refresh returns new tokens for the refresh token a device got last. A phone
// keeps one request in flight, stores the new refresh token before it uses the
// new access token, and after a lost answer presents the old one again, as often
// as it likes. A token that was superseded means that two hold this device's
// tokens: the device is revoked. Codes: unauthenticated (not a token of this
// device), token_expired (unused too long), device_revoked, rate_limited,
// unavailable (try again). After the first three the phone signs in anew and
// loses nothing it has recorded.
func (a *Auth) Refresh(ctx context.Context, device sync.DeviceID, token string) (Session, error) {
	for attempt := range attempts {
		d, err := a.store.Device(ctx, device)
		if err != nil && !errors.Is(err, hub.ErrNotFound) {
			return Session{}, unavailable("read device", err)
		}
		t, ok := parseRefreshToken(d, token)
		if err != nil || !ok {
			return Session{}, hub.E(hub.CodeUnauthenticated, "not a refresh token of this device")
		}
		// Only what the device itself once got counts against its rate:
		// its id is no secret, and strangers must not keep it out.
		if attempt == 0 {
			if err := a.refresh.check(string(device)); err != nil {
				return Session{}, err
			}
		}
		s, err := a.rotate(ctx, d, t)
		if errors.Is(err, hub.ErrChanged) {
			continue
		}
		return s, err
	}
	return Session{}, contended("refresh")
}

// rotate judges a genuine token by the state d of its device. It returns
// hub.ErrChanged if that was no longer the state.
func (a *Auth) rotate(ctx context.Context, d hub.Device, t refreshToken) (Session, error) {
	now := a.milli()
	if d.Revoked != 0 {
		return Session{}, a.revoked(ctx, d, "this device was signed out")
	}
	if now >= d.Expires {
		return Session{}, hub.E(hub.CodeTokenExpired, "the device was not used for too long")
	}
	next := d
	seed := t.successor(d)
	switch used := digest(t[:]); {
	case sameDigest(d.Current, digest(t[:seedSize])):
		next.Previous, next.Current = used, digest(seed)
	case sameDigest(d.Previous, used):
		// Its answer was lost, or is still on the way to the same phone.
	default:
		next.Revoked = now
		if err := a.swap(ctx, d, next); err != nil {
			return Session{}, err
		}
		return Session{}, a.revoked(ctx, d, "a superseded refresh token was presented")
	}
	p, err := find(ctx, a.store.Person, d.Person, "person")
	if err != nil {
		return Session{}, err
	}
	next.Seen, next.Expires = now, now+a.cfg.IdleLife.Milliseconds()
	if err := a.swap(ctx, d, next); err != nil {
		return Session{}, err
	}
	return a.session(ctx, p, next, seed)
}

// revoked is the answer to a genuine token of a revoked device. Whoever has to
// know of the revocation is told, each time, in case it failed before.
func (a *Auth) revoked(ctx context.Context, d hub.Device, why string) error {
	if err := a.cfg.Revoked(ctx, d.Person, d.ID); err != nil {
		return unavailable("tell that a device was revoked", err)
	}
	return hub.E(hub.CodeDeviceRevoked, "%s", why)
}

// swap updates a device. It returns hub.ErrChanged as it is, to try again.
func (a *Auth) swap(ctx context.Context, old, next hub.Device) error {
	err := a.store.UpdateDevice(ctx, old, next)
	if err == nil || errors.Is(err, hub.ErrChanged) {
		return err
	}
	return unavailable("update device", err)
}
