package sync

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sort"
	"strconv"
)

// A Document as of one version. Documents are never changed in place.
type Document struct {
	ID      DocID
	Type    string
	Scope   Scope
	Version int64 // sequence of the commit that last changed it
	Gone    bool  // deleted; the last body is kept for history and for restoring

	// Touched says at which version each path last changed; "" stands for the
	// whole body. A path whose ancestor was replaced later is not listed. A
	// negative version at "" means that paths which changed up to then are forgotten.
	Touched map[Pointer]int64

	raw  []byte // canonical body
	body Object // decoded from raw when first asked for
}

// MaxTouched is how many paths a document remembers. With more it forgets the
// older half, and whoever is as far behind is sent the whole body.
const MaxTouched = 400

// NewDocument returns a document with a body.
func NewDocument(id DocID, typ string, scope Scope, version int64, body Object) *Document {
	return &Document{ID: id, Type: typ, Scope: scope, Version: version, body: body, raw: Canonical(body), Touched: map[Pointer]int64{"": version}}
}

// LoadDocument completes a document read from a store with its canonical body,
// which is trusted and decoded when first asked for.
func LoadDocument(d Document, canonical []byte) *Document {
	d.raw, d.body = canonical, nil
	return &d
}

// Body returns the body, which the caller must not change. It is not safe to
// call for the first time from two goroutines.
func (d *Document) Body() Object {
	if d.body == nil {
		d.body = parseStored(d.raw)
	}
	return d.body
}

// Raw returns the canonical body.
func (d *Document) Raw() []byte { return d.raw }

// Hash returns the hash of the body: what a transition or deletion attests.
func (d *Document) Hash() Hash { return hashBytes(d.raw) }

// Sum is the document's share of its scope's checksum.
func (d *Document) Sum() uint64 {
	if d == nil || d.Gone {
		return 0
	}
	return Sum(d.ID, d.Version, d.raw)
}

// Sum returns the share of one live document in its scope's checksum, which is
// the sum of all shares modulo 2^64 and so does not depend on their order: the
// first eight bytes, big endian, of the SHA-256 of "id version body".
func Sum(id DocID, version int64, canonical []byte) uint64 {
	h := sha256.New()
	h.Write([]byte(id))
	h.Write([]byte{' '})
	h.Write(strconv.AppendInt(nil, version, 10))
	h.Write([]byte{' '})
	h.Write(canonical)
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// with returns the document after a change of its body at some paths.
func (d *Document) with(version int64, body Object, paths ...Pointer) *Document {
	next := &Document{ID: d.ID, Type: d.Type, Scope: d.Scope, Version: version, body: body}
	next.raw = appendCanonical(make([]byte, 0, len(d.raw)+256), body)
	next.Touched = make(map[Pointer]int64, len(d.Touched)+len(paths))
	for p, v := range d.Touched {
		next.Touched[p] = v
	}
	for _, p := range paths {
		for q := range next.Touched {
			if q != p && p.Contains(q) {
				delete(next.Touched, q)
			}
		}
		next.Touched[p] = version
	}
	if len(next.Touched) > MaxTouched {
		next.forget()
	}
	return next
}

// forget drops the paths that changed longest ago, all of a version together,
// and notes up to which version it did.
func (d *Document) forget() {
	versions := make([]int64, 0, len(d.Touched))
	for _, v := range d.Touched {
		versions = append(versions, max(v, -v))
	}
	slices.Sort(versions)
	upTo := versions[len(versions)-1-MaxTouched/2]
	maps.DeleteFunc(d.Touched, func(_ Pointer, v int64) bool { return max(v, -v) <= upTo })
	d.Touched[""] = -upTo
}

// touchedAt returns the version at which the value at p last changed, 0 if the
// document no longer knows.
func (d *Document) touchedAt(p Pointer) int64 {
	var last, forgotten int64
	for q, v := range d.Touched {
		if v < 0 {
			forgotten = -v
		} else if q.Overlaps(p) && v > last {
			last = v
		}
	}
	if last <= forgotten {
		return 0
	}
	return last
}

// Since returns the paths that changed after a version, sorted, and false if
// the whole body did, or may have.
func (d *Document) Since(version int64) ([]Pointer, bool) {
	if v, ok := d.Touched[""]; !ok || max(v, -v) > version {
		return nil, false
	}
	var paths []Pointer
	for p, v := range d.Touched {
		if v > version {
			paths = append(paths, p)
		}
	}
	sort.Slice(paths, func(i, j int) bool { return paths[i] < paths[j] })
	return paths, true
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
