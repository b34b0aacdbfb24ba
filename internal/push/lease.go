package push

import (
	"crypto/rand"
	"encoding/hex"
)

// newOwner returns a name by which a process holds leases: its own, and never
// that of the process it follows after a restart.
func newOwner() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
