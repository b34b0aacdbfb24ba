package sync

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// An ID is a UUID in its canonical text form: 36 characters, lower case.
// Phones make version 7 identifiers (time ordered, see MakeID); identifiers
// that follow from what they name are version 8 (see NameID).
type ID string

// The kinds of identifier. They are distinct types so that one cannot be
// passed for another.
type (
	// DocID identifies a document in whatever scope it lives.
	DocID ID
	// MutationID identifies a mutation among those of one device.
	MutationID ID
	// DeviceID identifies one installation of an app on one phone.
	DeviceID ID
	// PersonID identifies somebody who may sign in.
	PersonID ID
)

// ValidID reports whether s is a UUID in canonical text form.
func ValidID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// MakeID returns a version 7 UUID (RFC 9562, 5.7) for a time in milliseconds
// since 1970, a counter of which the low 12 bits are used, and random bits of
// which the low 62 are used. A phone draws the random bits anew each time it
// opens its replica and counts from there: two clones of one phone never meet,
// and the identifiers of one batch differ in few bytes, which keeps requests small.
func MakeID(milli int64, counter uint16, random uint64) ID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(milli)<<16)
	b[6] = 0x70 | byte(counter>>8)&0x0f
	b[7] = byte(counter)
	binary.BigEndian.PutUint64(b[8:], random)
	b[8] = 0x80 | b[8]&0x3f
	return format(b)
}

// NameID returns a version 8 UUID that follows from what it names: two phones
// that create the thing of the same name offline create the same document.
func NameID(parts ...string) ID {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	var b [16]byte
	copy(b[:], sum[:16])
	b[6] = 0x80 | b[6]&0x0f
	b[8] = 0x80 | b[8]&0x3f
	return format(b)
}

// Milli returns the time a version 7 identifier was made, in milliseconds
// since 1970 by the clock of the device that made it, and whether it has one.
func (id ID) Milli() (int64, bool) {
	if !ValidID(string(id)) || id[14] != '7' {
		return 0, false
	}
	var b [8]byte
	if _, err := hex.Decode(b[2:], []byte(string(id[:8])+string(id[9:13]))); err != nil {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(b[:])), true
}

func format(b [16]byte) ID {
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return ID(s[:])
}
