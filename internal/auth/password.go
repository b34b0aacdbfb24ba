package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"thidua/internal/hub"
)

const (
	minPassword = 8 // bytes, NFC
	maxPassword = 256
	saltSize    = 16
	hashSize    = 32
)

// A cost is the work of one argon2id hash.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// defaultCost is what new hashes cost: the smaller of the settings OWASP
// recommends, because hub servers are small and sign-in is rare. A password
// hashed at another cost is hashed again when it is next used.
func defaultCost() cost { return cost{memory: 19 * 1024, time: 2, threads: 1} }

// A hasher hashes passwords, at most one a core at a time: a burst of sign-ins
// waits instead of taking all memory.
type hasher struct {
	cost  cost
	slots chan struct{}
}

func newHasher(c cost) *hasher {
	return &hasher{cost: c, slots: make(chan struct{}, runtime.NumCPU())}
}

// normalPassword returns a password in the one form that is hashed, NFC, since
// keyboards disagree on how to write "ế".
func normalPassword(password string) (string, error) {
	// Normalising can shrink a text to a third at most; longer is not even read.
	if len(password) > 4*maxPassword || !utf8.ValidString(password) {
		return "", hub.E(hub.CodeInvalid, "a password is %d to %d bytes of UTF-8", minPassword, maxPassword)
	}
	password = norm.NFC.String(password)
	if len(password) < minPassword || len(password) > maxPassword {
		return "", hub.E(hub.CodeInvalid, "a password is %d to %d bytes of UTF-8", minPassword, maxPassword)
	}
	return password, nil
}

// hash returns a password's argon2id hash in PHC form.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	password, err := normalPassword(password)
	if err != nil {
		return "", err
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails, by its contract
	sum, err := h.derive(ctx, h.cost, password, salt, hashSize)
	if err != nil {
		return "", err
	}
	return formatPHC(h.cost, salt, sum), nil
}

// verify reports whether a password has the hash phc, and whether it ought to
// be hashed anew. For an empty phc, of somebody unknown or without a password,
// it does the same work and says no, so that time does not tell who exists.
func (h *hasher) verify(ctx context.Context, phc, password string) (ok, stale bool, err error) {
	normal, err := normalPassword(password)
	if err != nil {
		return false, false, nil // it cannot be anybody's
	}
	c, salt, want, valid := parsePHC(phc)
	if !valid {
		c, salt, want = h.cost, make([]byte, saltSize), make([]byte, hashSize)
	}
	sum, err := h.derive(ctx, c, normal, salt, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(sum, want) == 1 && valid
	return ok, ok && (c != h.cost || len(want) != hashSize || len(salt) != saltSize), nil
}

func (h *hasher) derive(ctx context.Context, c cost, password string, salt []byte, size uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, unavailable("hash a password", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, size), nil
}

func formatPHC(c cost, salt, sum []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.memory, c.time, c.threads, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

// parsePHC reads what formatPHC wrote. It refuses costs no release of this
// package ever had use for, so that a damaged row cannot take the machine down.
func parsePHC(phc string) (c cost, salt, sum []byte, ok bool) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil || n != 3 {
		return c, nil, nil, false
	}
	if c.memory < 8 || c.memory > 1<<20 || c.time < 1 || c.time > 64 || c.threads < 1 {
		return c, nil, nil, false
	}
	enc := base64.RawStdEncoding.Strict()
	salt, err := enc.DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return c, nil, nil, false
	}
	sum, err = enc.DecodeString(parts[5])
	if err != nil || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, false
	}
	return c, salt, sum, true
}
