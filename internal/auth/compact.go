package auth

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"thidua/sync"
)

// Compact returns the 16 bytes of an identifier as 22 characters of unpadded
// base64url, as access tokens carry it; every byte of them crosses a slow link
// with each request. It reports false for what is no identifier.
func Compact(id sync.ID) (string, bool) {
	if !sync.ValidID(string(id)) {
		return "", false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
	if err != nil {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(b), true
}

// Expand is the inverse of Compact. Exactly one text expands to an identifier.
func Expand(s string) (sync.ID, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 16 || len(s) != 22 {
		return "", false
	}
	h := hex.EncodeToString(b)
	return sync.ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]), true
}
