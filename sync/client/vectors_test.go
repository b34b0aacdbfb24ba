package client

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"thidua/sync"
)

// The vectors of ../testdata are written by package sync and read by the
// JavaScript client as well.
func TestSegmentsComeOutAsTheSharedVectorsSay(t *testing.T) {
	type document struct {
		ID      sync.DocID
		Type    string
		Version int64
		Body    string
	}
	var cases []struct {
		Scope         sync.Scope
		From, Cursor  string
		Before, After []document
		Own           []struct {
			Mutation string
			Seq      int64
		}
		Lines []string
		Need  []sync.DocID
	}
	raw, err := os.ReadFile("../testdata/vectors/segments.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for i, c := range cases {
		held := map[sync.DocID]*sync.Document{}
		for _, d := range c.Before {
			held[d.ID] = sync.LoadDocument(sync.Document{ID: d.ID, Type: d.Type, Scope: c.Scope, Version: d.Version}, []byte(d.Body))
		}
		folds, lines := map[sync.DocID][]own{}, map[sync.DocID][]sync.DocLine{}
		about := map[sync.DocID]bool{}
		from, _ := sync.ParseCursor(c.From)
		to, fault := sync.ParseCursor(c.Cursor)
		if fault != nil {
			t.Fatal(fault)
		}
		for _, o := range c.Own {
			if m := sync.DecodeMutation([]byte(o.Mutation)); o.Seq > from.Seq && o.Seq <= to.Seq {
				folds[m.Doc], about[m.Doc] = append(folds[m.Doc], own{mutation: m, seq: o.Seq}), true
			}
		}
		for _, text := range c.Lines {
			l, err := sync.DecodeLine([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			lines[l.Doc.Doc], about[l.Doc.Doc] = append(lines[l.Doc.Doc], *l.Doc), true
		}
		missing := 0
		for id := range about {
			after, whole := bring(held[id], c.Scope, folds[id], lines[id])
			if held[id] = after; after == nil {
				delete(held, id)
			}
			if !whole {
				missing++
			}
		}
		if len(held) != len(c.After) || missing != len(c.Need) {
			t.Fatalf("case %d: %d documents and %d to ask for, want %d and %d", i, len(held), missing, len(c.After), len(c.Need))
		}
		for _, want := range c.After {
			have := held[want.ID]
			if have == nil || have.Type != want.Type || have.Version != want.Version || !bytes.Equal(have.Raw(), []byte(want.Body)) {
				t.Fatalf("case %d: document %s came out otherwise", i, want.ID)
			}
		}
	}
}
