package emulation

import (
	"slices"
	"strings"

	"thidua/sync"
)

// A change is what an act would do to the present body: the edits that alter
// something, without those that say what is there already.
type change struct {
	after    sync.Object
	content  []sync.Edit // all but the step
	from, to string      // states; equal if no step is taken
	creates  bool
	reasoned bool // writes a reason for the step
}

func changeOf(act sync.Act) change {
	var before sync.Object
	gone := act.Present == nil || act.Present.Gone
	ch := change{creates: gone && slices.ContainsFunc(act.Edits, func(e sync.Edit) bool { return e.Path == "" })}
	if act.Present != nil && !ch.creates {
		before = act.Present.Body() // of a deleted document as it was: an edit does not begin it anew
	}
	ch.after = before
	var edits []sync.Edit
	for _, e := range act.Edits {
		if e.Path != "" {
			ch.after = sync.Set(ch.after, e.Path, e.Now)
			edits = append(edits, effect(before, e, act.Type)...)
			continue
		}
		body, _ := e.Now.(sync.Object)
		if !ch.creates {
			body = sync.Set(body, "/state", nil) // a creation that meets its like says where it began, not where it is
		}
		ch.after = overlay(before, body, act.Type, "")
		edits = sync.Diff(before, ch.after, act.Type.Atomic)
	}
	ch.from, ch.to = StateOf(act.Type, before), StateOf(act.Type, ch.after)
	for _, e := range edits {
		if e.Path == "/state" || e.Path == "/state_reason" && ch.from != ch.to {
			text, _ := e.Now.(string)
			ch.reasoned = ch.reasoned || e.Path == "/state_reason" && strings.TrimSpace(text) != ""
			continue
		}
		ch.content = append(ch.content, e)
	}
	return ch
}

// effect returns what an edit alters in a body, as narrowly as can be told.
func effect(before sync.Object, e sync.Edit, t *sync.Type) []sync.Edit {
	was := sync.Get(before, e.Path)
	if sync.Equal(was, e.Now) {
		return nil
	}
	from, isFrom := was.(sync.Object)
	to, isTo := e.Now.(sync.Object)
	if !isFrom || !isTo || t.Atomic(e.Path) {
		return []sync.Edit{{Path: e.Path, Was: was, Now: e.Now}}
	}
	below := sync.Diff(from, to, func(p sync.Pointer) bool { return t.Atomic(e.Path + p) })
	for i := range below {
		below[i].Path = e.Path + below[i].Path
	}
	return below
}

// overlay returns an object with another's entries on top, key by key where both have one.
func overlay(under, over sync.Object, t *sync.Type, at sync.Pointer) sync.Object {
	o := make(sync.Object, len(under)+len(over))
	for k, v := range under {
		o[k] = v
	}
	for k, v := range over {
		a, isA := o[k].(sync.Object)
		b, isB := v.(sync.Object)
		if isA && isB && !t.Atomic(at.Join(k)) {
			v = overlay(a, b, t, at.Join(k))
		}
		o[k] = v
	}
	return o
}

// entries returns the keys of the entries of a top-level set that change.
func (ch change) entries(field string) []string {
	seen := map[string]bool{}
	for _, e := range ch.content {
		path := e.Path.Keys()
		switch {
		case path[0] != field:
		case len(path) > 1:
			seen[path[1]] = true
		default:
			for k := range obj(ch.after, field) {
				seen[k] = true
			}
		}
	}
	return keys(seen)
}

// matches reports whether a path is, or lies below, a place written with "*" for any one key.
func matches(pattern string, p sync.Pointer) bool {
	if pattern == "" {
		return false
	}
	want, have := strings.Split(pattern[1:], "/"), p.Keys()
	if len(have) < len(want) {
		return false
	}
	for i, k := range want {
		if k != "*" && k != have[i] {
			return false
		}
	}
	return true
}
