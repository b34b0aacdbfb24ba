package sync

import "strings"

// A Pointer names a place in a body: a JSON Pointer (RFC 6901) of object keys.
// Keys hold neither "/" nor "~", so nothing is ever escaped. "" is the whole body.
type Pointer string

// Keys returns the keys of a pointer, outermost first.
func (p Pointer) Keys() []string {
	if p == "" {
		return nil
	}
	return strings.Split(string(p[1:]), "/")
}

// Join returns the pointer to a key below p.
func (p Pointer) Join(key string) Pointer { return p + "/" + Pointer(key) }

// Contains reports whether q is p or lies below p.
func (p Pointer) Contains(q Pointer) bool {
	return strings.HasPrefix(string(q), string(p)) && (len(p) == len(q) || q[len(p)] == '/')
}

// Overlaps reports whether one of p and q contains the other.
func (p Pointer) Overlaps(q Pointer) bool { return p.Contains(q) || q.Contains(p) }

// Valid reports whether p names a place below the body: at least one key, each valid.
func (p Pointer) Valid() bool {
	if p == "" || p[0] != '/' {
		return false
	}
	keys := p.Keys()
	if len(keys) > MaxDepth {
		return false
	}
	for _, k := range keys {
		if !ValidKey(k) {
			return false
		}
	}
	return true
}

// Get returns the value at p in a body, nil if there is none.
func Get(body Object, p Pointer) Value {
	v, _ := lookup(body, p)
	return v
}

// lookup is Get that tells absent from unreachable: blocked means that a value
// that is no object stands in the way.
func lookup(body Object, p Pointer) (v Value, blocked bool) {
	v = body
	rest := string(p)
	for rest != "" {
		o, ok := v.(Object)
		if !ok {
			return nil, v != nil
		}
		key := rest[1:]
		rest = ""
		if i := strings.IndexByte(key, '/'); i >= 0 {
			key, rest = key[:i], key[i:]
		}
		v = o[key]
		if v == nil {
			return nil, false
		}
	}
	return v, false
}

// Set returns a body with the value at p replaced, or removed if v is nil.
// Objects on the way are made as needed (a value that is no object is
// replaced by one), and objects left empty vanish. At "" it returns v itself.
func Set(body Object, p Pointer, v Value) Object {
	if p == "" {
		o, _ := v.(Object)
		if o == nil {
			o = Object{}
		}
		return o
	}
	o, _ := set(body, p.Keys(), v).(Object)
	if o == nil {
		o = Object{}
	}
	return o
}

func set(at Value, keys []string, v Value) Value {
	if len(keys) == 0 {
		if o, ok := v.(Object); ok && len(o) == 0 {
			return nil
		}
		return v
	}
	old, _ := at.(Object)
	below := set(old[keys[0]], keys[1:], v)
	if below == nil && old == nil {
		if o, isObject := at.(Object); at != nil && !isObject && o == nil {
			return at // removing below something that is no object changes nothing
		}
		return nil
	}
	o := make(Object, len(old)+1)
	for k, w := range old {
		o[k] = w
	}
	if below == nil {
		delete(o, keys[0])
	} else {
		o[keys[0]] = below
	}
	if len(o) == 0 {
		return nil
	}
	return o
}
