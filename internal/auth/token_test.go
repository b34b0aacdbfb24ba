package auth

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"thidua/internal/hub"
	"thidua/sync"
)

// forge signs claims that are right but for what change does.
func forge(t *testing.T, a *Auth, s Session, method jwt.SigningMethod, secret any, change func(jwt.MapClaims, map[string]any)) string {
	t.Helper()
	k, err := a.keys.signer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sub, _ := Compact(sync.ID(s.Person))
	dev, _ := Compact(sync.ID(s.Device))
	c := jwt.MapClaims{
		"iss": "thidua", "aud": "sync", "sub": sub, "dev": dev,
		"iat": a.now().Unix(), "exp": a.now().Add(time.Minute).Unix(),
	}
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = k.ID
	if change != nil {
		change(c, token.Header)
	}
	if secret == nil {
		secret = k.private
	}
	signed, err := token.SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// refused forges a token and expects the code.
func refused(t *testing.T, code sync.Code, change func(jwt.MapClaims, map[string]any)) {
	t.Helper()
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	_, err := a.Authenticate(context.Background(), forge(t, a, s, jwt.SigningMethodEdDSA, nil, change))
	want(t, err, code, "Authenticate")
}

func TestAForgeryThatChangesNothingIsAccepted(t *testing.T) { refused(t, "", nil) }

func TestATokenSignedWithThePublicKeyAsASecretIsRefused(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	k, _ := a.keys.signer(context.Background())
	_, err := a.Authenticate(context.Background(), forge(t, a, s, jwt.SigningMethodHS256, []byte(k.public()), nil))
	want(t, err, hub.CodeUnauthenticated, "HS256")
}

func TestATokenWithoutSignatureIsRefused(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	_, err := a.Authenticate(context.Background(), forge(t, a, s, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil))
	want(t, err, hub.CodeUnauthenticated, "alg none")
}

func TestATokenSignedByAnotherKeyIsRefused(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Authenticate(context.Background(), forge(t, a, s, jwt.SigningMethodEdDSA, other, nil))
	want(t, err, hub.CodeUnauthenticated, "another key")
}

func TestATokenForAnotherAudienceIsRefused(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(c jwt.MapClaims, _ map[string]any) { c["aud"] = "mail" })
}

func TestATokenOfAnotherIssuerIsRefused(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(c jwt.MapClaims, _ map[string]any) { c["iss"] = "other" })
}

func TestAnExpiredTokenIsRefusedAsExpired(t *testing.T) {
	refused(t, hub.CodeTokenExpired, func(c jwt.MapClaims, _ map[string]any) { c["exp"] = newClock().now().Unix() - 31 })
}

func TestAnExpiredTokenOfAnotherIssuerIsNotMerelyExpired(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(c jwt.MapClaims, _ map[string]any) { c["exp"], c["iss"] = 1, "other" })
}

func TestATokenWithoutExpiryIsRefused(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(c jwt.MapClaims, _ map[string]any) { delete(c, "exp") })
}

func TestATokenOfAnUnknownKeyIsRefused(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(_ jwt.MapClaims, h map[string]any) { h["kid"] = "nobody" })
}

func TestATokenNamingAnotherPersonsDeviceIsRefused(t *testing.T) {
	refused(t, hub.CodeUnauthenticated, func(c jwt.MapClaims, _ map[string]any) { c["sub"], _ = Compact(sync.ID(person(2))) })
}

func TestATokenOfARevokedDeviceIsRefused(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	actor, err := a.Authenticate(ctx, s.Access)
	want(t, err, "", "before")
	want(t, a.SignOut(ctx, actor), "", "SignOut")
	_, err = a.Authenticate(ctx, s.Access)
	want(t, err, hub.CodeDeviceRevoked, "after")
}

func TestADisabledPersonMayOnlyUpload(t *testing.T) {
	ctx, a := context.Background(), newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1, sync.Grant{Role: "admin", To: 5})
	want(t, a.SetDisabled(ctx, operator(), s.Person, true), "", "SetDisabled")
	actor, err := a.Authenticate(ctx, s.Access)
	want(t, err, "", "Authenticate")
	if !actor.UploadOnly || actor.Author.Device != s.Device || len(actor.Author.Grants) != 1 {
		t.Fatalf("got %+v, want UploadOnly with all grants, expired ones too", actor)
	}
	again, err := a.Refresh(ctx, s.Device, s.Refresh)
	want(t, err, "", "Refresh")
	if !again.UploadOnly {
		t.Fatal("a refreshed session of a disabled person is not UploadOnly")
	}
	want(t, a.SetGrants(ctx, actor, s.Person, nil), hub.CodeForbidden, "managing while disabled")
}

func TestAVerifiedTokenIsRememberedAndStillExpires(t *testing.T) {
	ctx, c := context.Background(), newClock()
	a := newAuth(t, newMemory(), c)
	s := enrolled(t, a, 1)
	first, err := a.Verify(ctx, s.Access)
	want(t, err, "", "first")
	a.tokens.parser = nil // only a remembered token verifies now
	second, err := a.Verify(ctx, s.Access)
	want(t, err, "", "second")
	if first != second || first.Person != s.Person || first.Expires != s.AccessExpires {
		t.Fatalf("got %+v, then %+v, want those of %+v", first, second, s)
	}
	c.pass(15*time.Minute + leeway - time.Second)
	_, err = a.Verify(ctx, s.Access)
	want(t, err, "", "within the leeway")
	c.pass(time.Second)
	_, err = a.Verify(ctx, s.Access)
	want(t, err, hub.CodeTokenExpired, "after the leeway")
}

func TestRememberedTokensAreBounded(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	for i := range cachedTokens + 10 {
		a.tokens.remember(string(rune(i)), verified{})
	}
	if n := len(a.tokens.seen); n > cachedTokens {
		t.Fatalf("remembers %d tokens", n)
	}
}

func TestAnAccessTokenIsShort(t *testing.T) {
	a := newAuth(t, newMemory(), newClock())
	s := enrolled(t, a, 1)
	if n := len(s.Access); n > 300 {
		t.Errorf("an access token has %d bytes", n)
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(s.Access, ".")[0])
	if err != nil || strings.Contains(string(b), "typ") {
		t.Errorf("header %s (%v) has a typ", b, err)
	}
}

func TestKeyRotationKeepsOldTokensUntilTheyExpire(t *testing.T) {
	ctx, c, store := context.Background(), newClock(), newMemory()
	a := newAuth(t, store, c)
	s := enrolled(t, a, 1)
	c.pass(30*24*time.Hour - time.Minute)
	old, err := a.Refresh(ctx, s.Device, s.Refresh)
	want(t, err, "", "the last token of the old key")
	c.pass(time.Minute)
	young, err := a.Refresh(ctx, s.Device, old.Refresh)
	want(t, err, "", "the first token of the new key")
	if len(store.keys) != 2 {
		t.Fatalf("%d keys, want 2", len(store.keys))
	}
	for _, token := range []string{old.Access, young.Access} {
		_, err = newAuth(t, store, c).Verify(ctx, token)
		want(t, err, "", "after the rotation")
	}
	c.pass(14*time.Minute + leeway)
	_, err = newAuth(t, store, c).Verify(ctx, old.Access)
	want(t, err, hub.CodeTokenExpired, "the old token")
	_, err = newAuth(t, store, c).Verify(ctx, young.Access)
	want(t, err, "", "the new token")
	c.pass(25 * time.Hour)
	if n := keyCount(t, a); n != 1 {
		t.Fatalf("the key set has %d keys after the old one expired, want 1", n)
	}
}

func keyCount(t *testing.T, a *Auth) int {
	t.Helper()
	b, err := a.JWKS(context.Background())
	want(t, err, "", "JWKS")
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(b, &set); err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k["x"])
		if err != nil || len(x) != ed25519.PublicKeySize || k["kty"] != "OKP" || k["crv"] != "Ed25519" ||
			k["kid"] == "" || k["alg"] != "EdDSA" || k["use"] != "sig" || len(k) != 6 {
			t.Fatalf("not a public Ed25519 key: %v", k)
		}
	}
	return len(set.Keys)
}

func TestTwoProcessesAcceptEachOthersTokens(t *testing.T) {
	ctx, c, store := context.Background(), newClock(), newMemory()
	one, two := newAuth(t, store, c), newAuth(t, store, c)
	s := enrolled(t, one, 1)
	_, err := two.Authenticate(ctx, s.Access)
	want(t, err, "", "a token of the first at the second")
	c.pass(31 * 24 * time.Hour)
	s, err = two.Refresh(ctx, s.Device, s.Refresh)
	want(t, err, "", "Refresh at the second, which makes a key")
	_, err = one.Authenticate(ctx, s.Access)
	want(t, err, "", "a token of the second's new key at the first")
	if _, err = one.Refresh(ctx, s.Device, s.Refresh); err != nil || len(store.keys) != 2 {
		t.Fatalf("%d keys (%v), want the first process to sign with the second's", len(store.keys), err)
	}
}

func TestInventedKeyIDsDoNotLoadTheStore(t *testing.T) {
	ctx, c, store := context.Background(), newClock(), newMemory()
	a := newAuth(t, store, c)
	s := enrolled(t, a, 1)
	c.pass(time.Minute)
	before := store.reads
	bad := forge(t, a, s, jwt.SigningMethodEdDSA, nil, func(_ jwt.MapClaims, h map[string]any) { h["kid"] = "nobody" })
	for range 100 {
		_, err := a.Verify(ctx, bad)
		want(t, err, hub.CodeUnauthenticated, "Verify")
	}
	if n := store.reads - before; n != 1 {
		t.Fatalf("the keys were read %d times in one second", n)
	}
}

func TestExpandIsTheInverseOfCompact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := sync.MakeID(rapid.Int64Range(0, 1<<47).Draw(t, "milli"), rapid.Uint16().Draw(t, "n"), rapid.Uint64().Draw(t, "random"))
		s, ok := Compact(id)
		back, ok2 := Expand(s)
		if !ok || !ok2 || back != id || len(s) != 22 {
			t.Fatalf("%s became %q became %s", id, s, back)
		}
		if other, ok := Expand(rapid.StringMatching(`[A-Za-z0-9_\-]{22}`).Draw(t, "text")); ok {
			if text, ok := Compact(other); !ok || len(text) != 22 {
				t.Fatalf("%s does not compact", other)
			}
		}
	})
}

func FuzzVerifyNeverAcceptsWhatItDidNotIssue(f *testing.F) {
	c := newClock()
	a := newAuth(f, newMemory(), c)
	s := enrolled(f, a, 1)
	f.Add(s.Access)
	f.Add("..")
	f.Add(s.Access + "=")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := a.Verify(context.Background(), token); err == nil && token != s.Access {
			t.Fatalf("accepted %q", token)
		}
		if _, err := a.Refresh(context.Background(), s.Device, token); hub.CodeOf(err) != hub.CodeUnauthenticated {
			t.Fatalf("refresh with %q: %v", token, err)
		}
	})
}
