package sync

import (
	"sort"
)

// An Edit of one place in a body: the value its author saw there and the value
// it becomes. Nil is absent.
type Edit struct {
	Path Pointer
	Was  Value // may be a WasHash
	Now  Value
}

// WasHash stands for a long value that the author saw: its hash. On the wire
// it is {"#": "…"}; "#" cannot be a key of a body.
type WasHash Hash

// LongWas is the length of canonical text from which a value seen is sent as its hash.
const LongWas = 160

// Seen returns v as the first half of an edit: itself, or its hash where that is shorter.
func Seen(v Value) Value {
	if b := Canonical(v); len(b) > LongWas {
		return WasHash(hashBytes(b))
	}
	return v
}

// saw reports whether was is what v shows.
func saw(was, v Value) bool {
	if h, ok := was.(WasHash); ok {
		return v != nil && Hash(h) == HashOf(v)
	}
	return Equal(was, v)
}

// Diff returns the edits that lead from body a to body b, in order of path.
// Objects are compared key by key except where atomic says that the value at a
// path is one; a whole entry that appears or vanishes is one edit.
func Diff(a, b Object, atomic func(Pointer) bool) []Edit {
	var edits []Edit
	diff("", a, b, atomic, &edits)
	sort.Slice(edits, func(i, j int) bool { return edits[i].Path < edits[j].Path })
	return edits
}

func diff(at Pointer, a, b Object, atomic func(Pointer) bool, edits *[]Edit) {
	for k, v := range a {
		if _, ok := b[k]; !ok {
			*edits = append(*edits, Edit{Path: at.Join(k), Was: v})
		}
	}
	for k, w := range b {
		p := at.Join(k)
		v := a[k]
		from, isFrom := v.(Object)
		to, isTo := w.(Object)
		switch {
		case isFrom && isTo && (atomic == nil || !atomic(p)):
			diff(p, from, to, atomic, edits)
		case !Equal(v, w):
			*edits = append(*edits, Edit{Path: p, Was: v, Now: w})
		}
	}
}

// Apply returns a body with the edits' new values in place, whatever was there.
func Apply(body Object, edits []Edit) Object {
	for _, e := range edits {
		body = Set(body, e.Path, e.Now)
	}
	return body
}

// The judgement of one edit against the present body.
type judged struct {
	applied []Edit // Was is the value replaced
	merged  []Edit // was there already
	clashes []Edit // Was as the author sent it
	divided bool   // some edit was decided key by key: not applied to the letter
}

// judge decides an edit by value: what the author saw is there → applied; what
// the author wants is there → merged; else it clashes. An edit between objects
// is decided key by key unless the place is atomic, so that entries added on
// two phones unite.
func judge(body Object, e Edit, atomic func(Pointer) bool, out *judged) {
	cur, blocked := lookup(body, e.Path)
	switch {
	case !blocked && saw(e.Was, cur):
		e.Was = cur
		if Equal(cur, e.Now) {
			out.merged = append(out.merged, e)
			return
		}
		out.applied = append(out.applied, e)
	case !blocked && Equal(e.Now, cur):
		out.merged = append(out.merged, e)
	case !blocked && e.Now != nil && (cur != nil || e.Was == nil) && divisible(e.Was) && divisible(e.Now) && divisible(cur) && !atomic(e.Path):
		out.divided = true
		was, _ := e.Was.(Object)
		now, _ := e.Now.(Object)
		keys := make(map[string]bool, len(was)+len(now))
		for k := range was {
			keys[k] = true
		}
		for k := range now {
			keys[k] = true
		}
		sorted := make([]string, 0, len(keys))
		for k := range keys {
			sorted = append(sorted, k)
		}
		sort.Strings(sorted)
		for _, k := range sorted {
			if was[k] != nil && Equal(was[k], now[k]) {
				continue // the author left it as it was
			}
			judge(body, Edit{Path: e.Path.Join(k), Was: was[k], Now: now[k]}, atomic, out)
		}
	default:
		out.clashes = append(out.clashes, e)
	}
}

// divisible reports whether a value may be compared key by key.
func divisible(v Value) bool {
	_, ok := v.(Object)
	return ok || v == nil
}
