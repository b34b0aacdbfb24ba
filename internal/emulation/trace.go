package emulation

import (
	"slices"
	"sort"

	"thidua/sync"
)

// A Touch is one time that somebody changed a value.
type Touch struct {
	Doc      sync.DocID      `json:"doc"`
	Type     string          `json:"type"`
	Scope    sync.Scope      `json:"scope"`
	Seq      int64           `json:"seq"` // of the commit
	Path     sync.Pointer    `json:"path"`
	Was      sync.Value      `json:"was,omitempty"`
	Now      sync.Value      `json:"now,omitempty"`
	By       sync.PersonID   `json:"by"`
	Device   sync.DeviceID   `json:"device,omitempty"`
	Mutation sync.MutationID `json:"mutation,omitempty"`
	Made     int64           `json:"made,omitempty"` // by the device's clock, milliseconds since 1970
	Offset   int64           `json:"offset,omitempty"`
	At       int64           `json:"at"` // when the server took it, milliseconds since 1970
	Reason   string          `json:"reason,omitempty"`
}

// Touches returns every change of a document below its top-level fields of the
// given names, all if there are none, oldest first. Commits are those of the
// document's history, in any order. A value that came or went with what holds
// it is a touch of its own, so that each leaf has its whole story.
func Touches(commits []sync.Commit, id sync.DocID, fields ...string) []Touch {
	ordered := append([]sync.Commit(nil), commits...)
	sort.Slice(ordered, func(i, j int) bool { return ordered[i].Seq < ordered[j].Seq })
	var touches []Touch
	body := sync.Object{}
	for i := range ordered {
		c := &ordered[i]
		for _, ch := range c.Changes {
			if ch.Doc != id {
				continue
			}
			before := body
			switch {
			case ch.Delete:
				body = sync.Object{}
			case ch.Edits != nil:
				body = sync.Apply(body, ch.Edits)
			default:
				body = ch.Create
			}
			was, now := leaves(before), leaves(body)
			for _, path := range pathsOf(was, now) {
				if isAmong(path, fields) && !sync.Equal(was[path], now[path]) {
					touches = append(touches, touchOf(c, ch, path, was[path], now[path]))
				}
			}
		}
	}
	return touches
}

func touchOf(c *sync.Commit, ch sync.Change, path sync.Pointer, was, now sync.Value) Touch {
	t := Touch{
		Doc: ch.Doc, Type: ch.Type, Scope: c.Scope, Seq: c.Seq, Path: path, Was: was, Now: now, By: c.Author, Device: c.Device,
		Offset: c.Offset, At: c.At, Reason: c.Reason,
	}
	if ch.By >= 0 && ch.By < len(c.Receipts) {
		t.Mutation = c.Receipts[ch.By].Mutation
		t.Made, _ = sync.ID(t.Mutation).Milli()
	}
	return t
}

// leaves returns a body as a flat map from pointer to value.
func leaves(body sync.Object) map[sync.Pointer]sync.Value {
	flat := map[sync.Pointer]sync.Value{}
	var walk func(at sync.Pointer, o sync.Object)
	walk = func(at sync.Pointer, o sync.Object) {
		for k, v := range o {
			if below, ok := v.(sync.Object); ok {
				walk(at.Join(k), below)
				continue
			}
			flat[at.Join(k)] = v
		}
	}
	walk("", body)
	return flat
}

// pathsOf returns the paths that are in either of two maps, sorted.
func pathsOf(a, b map[sync.Pointer]sync.Value) []sync.Pointer {
	paths := make([]sync.Pointer, 0, len(b))
	for p := range b {
		paths = append(paths, p)
	}
	for p := range a {
		if _, both := b[p]; !both {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// isAmong reports whether a path lies below one of some top-level fields; all do if there are none.
func isAmong(path sync.Pointer, fields []string) bool {
	return len(fields) == 0 || slices.Contains(fields, path.Keys()[0])
}

// LastTouches returns the newest touch of each path.
func LastTouches(touches []Touch) map[sync.Pointer]Touch {
	last := make(map[sync.Pointer]Touch, len(touches))
	for _, t := range touches {
		if seen, ok := last[t.Path]; !ok || t.Seq >= seen.Seq {
			last[t.Path] = t
		}
	}
	return last
}
