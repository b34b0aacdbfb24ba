package emulation

import (
	"testing"

	"pgregory.net/rapid"

	"thidua/sync"
)

func TestTouchesTellEveryValueADocumentEverHad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := []string{"a1", "a2", "b1"}
		var commits []sync.Commit
		body := sync.Object{"entries": sync.Object{}}
		last := rapid.Int64Range(1, 20).Draw(t, "commits")
		for seq := int64(1); seq <= last; seq++ {
			next := body
			for range rapid.IntRange(0, 3).Draw(t, "edits") {
				at := sync.Pointer("/entries").Join(rapid.SampledFrom(codes).Draw(t, "code")).Join(rapid.SampledFrom([]string{"self", "bonus"}).Draw(t, "field"))
				var now sync.Value
				if n := rapid.Int64Range(0, 5).Draw(t, "points"); n > 0 {
					now = n
				}
				next = sync.Set(next, at, now)
			}
			change := sync.Change{Doc: "d", Type: TypeSheet, By: -1, Edits: sync.Diff(body, next, nil)}
			if seq == 1 {
				change = sync.Change{Doc: "d", Type: TypeSheet, By: -1, Create: next}
			}
			changes := []sync.Change{{Doc: "other", By: -1, Delete: true}}
			if change.Create != nil || len(change.Edits) > 0 {
				changes = append(changes, change)
			}
			commits = append(commits, sync.Commit{Seq: seq, Author: "p", At: seq, Changes: changes})
			body = next
		}
		shuffled := rapid.Permutation(commits).Draw(t, "order")
		rebuilt := map[sync.Pointer]sync.Value{}
		for _, touch := range Touches(shuffled, "d", "entries") {
			if !sync.Equal(rebuilt[touch.Path], touch.Was) || sync.Equal(touch.Was, touch.Now) || touch.By != "p" || touch.At != touch.Seq {
				t.Fatalf("%s was %v when %+v", touch.Path, rebuilt[touch.Path], touch)
			}
			rebuilt[touch.Path] = touch.Now
		}
		for path, v := range rebuilt {
			if !sync.Equal(v, sync.Get(body, path)) {
				t.Fatalf("%s ends as %v, is %v", path, v, sync.Get(body, path))
			}
		}
		for path, v := range leaves(body) {
			if !sync.Equal(v, rebuilt[path]) {
				t.Fatalf("%s has no story", path)
			}
		}
	})
}
