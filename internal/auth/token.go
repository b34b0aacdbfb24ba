package auth

import (
	"context"
	"errors"
	stdsync "sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"thidua/internal/hub"
	"thidua/sync"
)

const (
	algorithm     = "EdDSA"
	maxTokenSize  = 1024 // bytes; ours are about 300
	cachedTokens  = 8192
	tokenRejected = "the access token is not one of ours"
)

// An Identity is what a valid access token says. It says nothing about whether
// the device was revoked since; see Authenticate.
type Identity struct {
	Person  sync.PersonID
	Device  sync.DeviceID
	Expires int64 // milliseconds since 1970 UTC
}

// claims are those of an access token, in seconds where they are times. They
// are spelled out rather than jwt.RegisteredClaims because that writes the
// audience as a list.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Device   string `json:"dev"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

func (c *claims) GetIssuer() (string, error)              { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)             { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)  { return jwt.ClaimStrings{c.Audience}, nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.Issued, 0)), nil
}

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) {
	if c.Expires == 0 {
		return nil, nil
	}
	return jwt.NewNumericDate(time.Unix(c.Expires, 0)), nil
}

// tokens issues and verifies access tokens.
type tokens struct {
	keys     *keyring
	now      func() time.Time
	issuer   string
	audience string
	life     time.Duration
	parser   *jwt.Parser

	// Verified tokens are remembered, because a phone presents the same one
	// many times and a signature costs more than the rest of the check.
	mu   stdsync.RWMutex
	seen map[string]verified
}

type verified struct {
	Identity
	until int64 // when it stops being accepted
}

func newTokens(cfg Config, keys *keyring) *tokens {
	return &tokens{
		keys:     keys,
		now:      cfg.Now,
		issuer:   cfg.Issuer,
		audience: cfg.Audience,
		life:     cfg.AccessLife,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{algorithm}),
			jwt.WithIssuer(cfg.Issuer),
			jwt.WithAudience(cfg.Audience),
			jwt.WithExpirationRequired(),
			jwt.WithLeeway(leeway),
			jwt.WithTimeFunc(cfg.Now),
			jwt.WithStrictDecoding(),
		),
		seen: make(map[string]verified),
	}
}

// issue returns a new access token and when it expires, in milliseconds.
func (t *tokens) issue(ctx context.Context, person sync.PersonID, device sync.DeviceID) (string, int64, error) {
	sub, ok := Compact(sync.ID(person))
	dev, ok2 := Compact(sync.ID(device))
	if !ok || !ok2 {
		return "", 0, hub.E(hub.CodeInternal, "a person or a device has no valid id")
	}
	k, err := t.keys.signer(ctx)
	if err != nil {
		return "", 0, err
	}
	now := t.now()
	expires := now.Add(t.life).Unix()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{
		Issuer: t.issuer, Audience: t.audience, Subject: sub, Device: dev,
		Issued: now.Unix(), Expires: expires,
	})
	token.Header = map[string]any{"alg": algorithm, "kid": k.ID} // no typ: bytes on the wire
	signed, err := token.SignedString(k.private)
	if err != nil {
		return "", 0, &hub.Error{Code: hub.CodeInternal, Detail: "sign an access token", Err: err}
	}
	return signed, expires * 1000, nil
}

// Verify returns what an access token says if it is genuine and has not
// expired. Codes: token_expired, unauthenticated, unavailable. Most callers want
// Authenticate, which also knows of revoked devices.
func (a *Auth) Verify(ctx context.Context, token string) (Identity, error) {
	return a.tokens.verify(ctx, token)
}

func (t *tokens) verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > maxTokenSize {
		return Identity{}, hub.E(hub.CodeUnauthenticated, tokenRejected)
	}
	t.mu.RLock()
	v, ok := t.seen[token]
	t.mu.RUnlock()
	if !ok {
		var err error
		if v, err = t.parse(ctx, token); err != nil {
			return Identity{}, err
		}
		t.remember(token, v)
	}
	if t.now().UnixMilli() >= v.until {
		return Identity{}, hub.E(hub.CodeTokenExpired, "the access token has expired")
	}
	return v.Identity, nil
}

// parse verifies a token from scratch.
func (t *tokens) parse(ctx context.Context, token string) (verified, error) {
	var c claims
	var k key
	var failed error // of the store, which must not look like a bad token
	_, err := t.parser.ParseWithClaims(token, &c, func(parsed *jwt.Token) (any, error) {
		id, _ := parsed.Header["kid"].(string)
		var ok bool
		k, ok, failed = t.keys.verifier(ctx, id)
		if failed != nil || !ok {
			return nil, jwt.ErrTokenUnverifiable
		}
		return k.public(), nil
	})
	switch {
	case failed != nil:
		return verified{}, failed
	case onlyExpired(err):
		return verified{}, &hub.Error{Code: hub.CodeTokenExpired, Detail: "the access token has expired", Err: err}
	case err != nil:
		return verified{}, &hub.Error{Code: hub.CodeUnauthenticated, Detail: tokenRejected, Err: err}
	}
	person, ok := Expand(c.Subject)
	device, ok2 := Expand(c.Device)
	if !ok || !ok2 {
		return verified{}, hub.E(hub.CodeUnauthenticated, tokenRejected)
	}
	id := Identity{Person: sync.PersonID(person), Device: sync.DeviceID(device), Expires: c.Expires * 1000}
	return verified{id, min(id.Expires+leeway.Milliseconds(), k.Expires)}, nil
}

// onlyExpired reports whether nothing but its age is wrong with a token: its
// phone shall refresh, and not sign in anew.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) &&
		!errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer)
}

func (t *tokens) remember(token string, v verified) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.seen) >= cachedTokens {
		// Every phone's next request costs one verification; simpler than
		// keeping an order, and as good while a token lives for minutes.
		clear(t.seen)
	}
	t.seen[token] = v
}
