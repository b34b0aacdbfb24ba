package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	stdsync "sync"
	"time"

	"thidua/internal/hub"
)

const (
	leeway       = 30 * time.Second // between the clocks of two processes
	reloadEvery  = time.Second
	reloadWithin = 5 * time.Second
	keyIDSize    = 6 // characters; a collision is refused by the store and drawn again
)

// A keyring is a process's view of the signing keys in the store. Whichever
// process first needs a younger key makes one; the others learn of it when they
// meet a token that names it.
type keyring struct {
	store  Store
	now    func() time.Time
	period time.Duration

	mu     stdsync.RWMutex
	keys   []key // in order of NotBefore
	loaded time.Time
	failed error // of the last load

	loading stdsync.Mutex // one load or creation at a time
}

type key struct {
	hub.SigningKey
	private ed25519.PrivateKey
}

func (k key) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

func newKeyring(store Store, now func() time.Time, period time.Duration) *keyring {
	return &keyring{store: store, now: now, period: period}
}

// verifier returns the key of an ID, if there is one that still verifies. It
// asks the store for an unknown one, at most once a second, so that invented
// key ids cost nothing. Its error means that the store could not be asked.
func (r *keyring) verifier(ctx context.Context, id string) (key, bool, error) {
	k, ok := r.find(id)
	if !ok {
		if err := r.refresh(ctx); err != nil {
			return key{}, false, err
		}
		k, ok = r.find(id)
	}
	return k, ok && r.now().UnixMilli() < k.Expires, nil
}

// signer returns the key to sign with now, making one if the newest is too old.
func (r *keyring) signer(ctx context.Context) (key, error) {
	if k, ok := r.current(); ok {
		return k, nil
	}
	r.loading.Lock()
	defer r.loading.Unlock()
	if k, ok := r.current(); ok {
		return k, nil
	}
	if err := r.load(ctx); err != nil {
		return key{}, err
	}
	for range attempts {
		if k, ok := r.current(); ok {
			return k, nil
		}
		if err := r.create(ctx); err != nil {
			return key{}, err
		}
	}
	return key{}, contended("make a signing key")
}

// public returns the keys that verify now, oldest first.
func (r *keyring) public(ctx context.Context) ([]key, error) {
	if err := r.refresh(ctx); err != nil {
		return nil, err
	}
	now := r.now().UnixMilli()
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(r.keys), func(k key) bool { return k.Expires <= now }), nil
}

func (r *keyring) find(id string) (key, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range r.keys {
		if k.ID == id {
			return k, true
		}
	}
	return key{}, false
}

// current returns the youngest key that signs now.
func (r *keyring) current() (key, bool) {
	now := r.now().UnixMilli()
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range slices.Backward(r.keys) {
		// A key dated ahead comes from a process whose clock is; it will do.
		if k.NotBefore-leeway.Milliseconds() <= now && now < k.NotBefore+r.period.Milliseconds() && now < k.Expires {
			return k, true
		}
	}
	return key{}, false
}

// refresh loads the keys unless that was done within the last second.
func (r *keyring) refresh(ctx context.Context) error {
	r.loading.Lock()
	defer r.loading.Unlock()
	r.mu.RLock()
	age, failed := r.now().Sub(r.loaded), r.failed
	r.mu.RUnlock()
	if age >= 0 && age < reloadEvery {
		return failed
	}
	return r.load(ctx)
}

// load reads the keys from the store. Its outcome concerns every request that
// waits for it, so one caller's going away does not end it.
func (r *keyring) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reloadWithin)
	defer cancel()
	stored, err := r.store.SigningKeys(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded, r.failed = r.now(), nil
	if err != nil {
		r.failed = unavailable("read signing keys", err)
		return r.failed
	}
	r.keys = r.keys[:0:0]
	for _, s := range stored {
		if len(s.Private) != ed25519.SeedSize {
			continue // nothing can have been signed with it
		}
		r.keys = append(r.keys, key{s, ed25519.NewKeyFromSeed(s.Private)})
	}
	slices.SortFunc(r.keys, byAge)
	return nil
}

// create makes a key. A token signed at the end of its period, by a process
// whose tokens live longest and whose clock is behind, outlives it nowhere.
func (r *keyring) create(ctx context.Context) error {
	seed := randomBytes(ed25519.SeedSize)
	private := ed25519.NewKeyFromSeed(seed)
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	now := r.now()
	k := key{private: private, SigningKey: hub.SigningKey{
		ID:        base64.RawURLEncoding.EncodeToString(sum[:])[:keyIDSize],
		Private:   seed,
		NotBefore: now.UnixMilli(),
		Expires:   now.Add(r.period + maxAccessLife + 2*leeway).UnixMilli(),
	}}
	err := r.store.CreateSigningKey(ctx, k.SigningKey)
	if errors.Is(err, hub.ErrExists) {
		return nil
	}
	if err != nil {
		return unavailable("make a signing key", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(slices.Clone(r.keys), k)
	slices.SortFunc(r.keys, byAge)
	return nil
}

func byAge(a, b key) int {
	if a.NotBefore != b.NotBefore {
		return int(min(max(a.NotBefore-b.NotBefore, -1), 1))
	}
	return strings.Compare(a.ID, b.ID)
}

// JWKS returns the public keys that verify access tokens now, as a JSON Web Key
// Set (RFC 7517, RFC 8037). Anyone may read it.
func (a *Auth) JWKS(ctx context.Context) ([]byte, error) {
	type jwk struct {
		Type      string `json:"kty"`
		Curve     string `json:"crv"`
		X         string `json:"x"`
		ID        string `json:"kid"`
		Algorithm string `json:"alg"`
		Use       string `json:"use"`
	}
	keys, err := a.keys.public(ctx)
	if err != nil {
		return nil, err
	}
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: make([]jwk, 0, len(keys))}
	for _, k := range keys {
		x := base64.RawURLEncoding.EncodeToString(k.public())
		set.Keys = append(set.Keys, jwk{"OKP", "Ed25519", x, k.ID, "EdDSA", "sig"})
	}
	b, err := json.Marshal(set)
	if err != nil {
		return nil, unavailable("write the key set", err)
	}
	return b, nil
}
