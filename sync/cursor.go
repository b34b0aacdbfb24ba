package sync

import (
	"strconv"
	"strings"
)

// A Cursor is a place in a scope's log as a phone holds it: a sequence number
// and the beginning of the hash of the commit that has it, so that a log that
// lost its end and grew another (a failover, a restored backup) is noticed.
//
// A phone in the middle of a long answer holds documents of different ages:
// everything that last changed up to Seq, while what has changed again since is
// at least as new as Floor. Caught up, Floor is Seq. What a phone is sent next
// is computed from Floor.
type Cursor struct {
	Seq   int64
	Floor int64
	Hash  string // the first 16 digits; "" at the beginning of a log
}

// At returns the cursor of a replica that is exactly as of a commit.
func At(seq int64, hash Hash) Cursor {
	if seq == 0 {
		return Cursor{}
	}
	return Cursor{Seq: seq, Floor: seq, Hash: string(hash[:16])}
}

// String returns the text form: "seq.hash", or "seq.floor.hash" in the middle
// of an answer, and "0" at the beginning of a log.
func (c Cursor) String() string {
	if c.Seq == 0 {
		return "0"
	}
	s := strconv.FormatInt(c.Seq, 10) + "."
	if c.Floor != c.Seq {
		s += strconv.FormatInt(c.Floor, 10) + "."
	}
	return s + c.Hash
}

// ParseCursor reads the text form of a cursor.
func ParseCursor(s string) (Cursor, *Fault) {
	bad := &Fault{Code: CodeBadFormat, Detail: "a cursor is what the server sent as one"}
	if s == "0" {
		return Cursor{}, nil
	}
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Cursor{}, bad
	}
	c := Cursor{Hash: parts[len(parts)-1]}
	var ok bool
	if c.Seq, ok = parseSeq(parts[0]); !ok || c.Seq == 0 || len(c.Hash) != 16 || !validHash(c.Hash+c.Hash+c.Hash+c.Hash) {
		return Cursor{}, bad
	}
	c.Floor = c.Seq
	if len(parts) == 3 {
		if c.Floor, ok = parseSeq(parts[1]); !ok || c.Floor >= c.Seq {
			return Cursor{}, bad
		}
	}
	return c, nil
}

// Names reports whether the cursor names a commit of that hash.
func (c Cursor) Names(h Hash) bool { return len(h) >= 16 && string(h[:16]) == c.Hash }

func parseSeq(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && n <= MaxNumber && strconv.FormatInt(n, 10) == s
}
