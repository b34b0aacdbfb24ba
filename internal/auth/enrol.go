package auth

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	// crockford has no I, L, O and U: codes are read aloud and typed by hand.
	crockford   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeSize    = 10 // characters of 5 bits
	maxCodeLife = 30 * 24 * time.Hour
	// repeatWithin is how long a phone that redeemed a code may ask again.
	repeatWithin = 10 * time.Minute
)

// IssueCode returns a new enrolment code, as XXXXX-XXXXX, and when it expires in
// milliseconds since 1970. It signs one phone in as person, once. A life of zero
// means Config.CodeLife; 30 days is the longest. The code is not stored: it is
// shown now or never. Codes: forbidden unless by may manage accounts,
// not_found, invalid, unavailable.
func (a *Auth) IssueCode(ctx context.Context, by Actor, person sync.PersonID, life time.Duration) (string, int64, error) {
	if !a.manages(by) {
		return "", 0, hub.E(hub.CodeForbidden, "may not issue enrolment codes")
	}
	defaultTo(&life, a.cfg.CodeLife)
	if life < 0 || life > maxCodeLife {
		return "", 0, hub.E(hub.CodeInvalid, "a code lives at most 30 days")
	}
	p, err := find(ctx, a.store.Person, person, "person")
	if err != nil {
		return "", 0, err
	}
	if p.Disabled {
		return "", 0, hub.E(hub.CodeInvalid, "the person is disabled")
	}
	expires := a.now().Add(life).UnixMilli()
	for range attempts {
		code := makeCode()
		err := a.store.CreateCode(ctx, hub.EnrolmentCode{
			Hash: digest([]byte(code)), Person: person, Issuer: by.Author.Person, Expires: expires,
		})
		if err == nil {
			return code[:codeSize/2] + "-" + code[codeSize/2:], expires, nil
		}
		if !errors.Is(err, hub.ErrExists) {
			return "", 0, unavailable("store enrolment code", err)
		}
	}
	return "", 0, contended("issue a code")
}

// makeCode returns 50 random bits as 10 characters.
func makeCode() string {
	return base32.NewEncoding(crockford).WithPadding(base32.NoPadding).EncodeToString(randomBytes(7))[:codeSize]
}

// normalCode returns what somebody typed as the code they meant.
func normalCode(s string) (string, bool) {
	if len(s) > 64 {
		return "", false
	}
	var b strings.Builder
	for _, c := range strings.ToUpper(s) {
		switch c {
		case ' ', '\t', '\n', '\r', '\u00a0', '-', '–', '_', '.':
			continue
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if !strings.ContainsRune(crockford, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	return b.String(), b.Len() == codeSize
}

// EnrolRequest is a sign-in by enrolment code.
type EnrolRequest struct {
	Code  string // as typed
	Phone Phone  // with its ID: a repeated request is known by it
	IP    string // where it comes from, for the rate limits
}

// A redemption is a code that has been redeemed by the phone at hand.
type redemption struct {
	code     string
	used     int64 // when
	repeated bool  // it was not this request that redeemed it
}

// seed returns the first seed of a device that was signed in by the code.
func (r redemption) seed(d hub.Device) []byte { return keyed(d.Secret, "enrol", r.code) }

// Enrol signs a phone in by a code. The phone that redeemed a code may do so
// again within ten minutes, until it has refreshed its tokens: its answer may
// have been lost. Anyone else's attempt, an unknown, an expired and a used code
// are answered alike. Codes: code_invalid, forbidden (disabled, or the device is
// somebody else's; the code stays unused), invalid, rate_limited, unavailable.
func (a *Auth) Enrol(ctx context.Context, r EnrolRequest) (Session, error) {
	if err := a.enrolIP.check(addressKey(r.IP)); err != nil {
		return Session{}, err
	}
	if r.Phone.ID == "" {
		return Session{}, hub.E(hub.CodeInvalid, "a phone enrols with its device id")
	}
	phone, err := r.Phone.normal(a.milli())
	if err != nil {
		return Session{}, err
	}
	code, ok := normalCode(r.Code)
	if !ok {
		return Session{}, badCode()
	}
	stored, err := a.store.Code(ctx, digest([]byte(code)))
	if errors.Is(err, hub.ErrNotFound) {
		return Session{}, badCode()
	}
	if err != nil {
		return Session{}, unavailable("read enrolment code", err)
	}
	p, err := a.mayEnrol(ctx, stored, phone)
	if err != nil {
		return Session{}, err
	}
	done, err := a.redeem(ctx, stored, phone.ID)
	if err != nil {
		return Session{}, err
	}
	done.code = code
	return a.open(ctx, p, phone, &done)
}

// mayEnrol refuses before a code is used up for nothing.
func (a *Auth) mayEnrol(ctx context.Context, c hub.EnrolmentCode, phone Phone) (hub.Person, error) {
	if c.Used != 0 && c.Device != phone.ID {
		return hub.Person{}, badCode()
	}
	p, err := find(ctx, a.store.Person, c.Person, "person")
	if err != nil {
		return p, err
	}
	if p.Disabled {
		return p, hub.E(hub.CodeForbidden, "the person is disabled")
	}
	d, err := a.store.Device(ctx, phone.ID)
	if err != nil && !errors.Is(err, hub.ErrNotFound) {
		return p, unavailable("read device", err)
	}
	if err == nil && d.Person != p.ID {
		return p, foreignDevice()
	}
	return p, nil
}

// redeem uses a code up for a device, or finds that the device did so just before.
func (a *Auth) redeem(ctx context.Context, c hub.EnrolmentCode, device sync.DeviceID) (redemption, error) {
	now := a.milli()
	if c.Used == 0 {
		err := a.store.RedeemCode(ctx, c.Hash, device, now)
		if err == nil {
			return redemption{used: now}, nil
		}
		if !errors.Is(err, hub.ErrChanged) {
			return redemption{}, unavailable("redeem enrolment code", err)
		}
		// It has expired, or another request was faster.
		if c, err = a.store.Code(ctx, c.Hash); err != nil {
			return redemption{}, unavailable("read enrolment code", err)
		}
	}
	if c.Used == 0 || c.Device != device || now-c.Used >= repeatWithin.Milliseconds() {
		return redemption{}, badCode()
	}
	return redemption{used: c.Used, repeated: true}, nil
}

func badCode() *hub.Error {
	return hub.E(hub.CodeCodeInvalid, "the code is unknown, expired or used")
}
