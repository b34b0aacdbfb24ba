package mongo_test

import (
	"testing"

	"thidua/internal/mongo/mongotest"
	"thidua/sync"
)

func TestSizesGrowWithWhatIsAppended(t *testing.T) {
	s := openAt(t, mongotest.URI(t))
	before, err := s.Sizes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 50_000)
	for i := range text {
		text[i] = 'a' + byte(i*i%23)
	}
	unit := sync.DocID(sync.NameID("unit"))
	c := sync.Commit{Scope: sync.UnitScope(unit), Seq: 1, Author: sync.PersonID(unit), Changes: []sync.Change{{Doc: unit, Type: "note", By: -1, Create: sync.Object{"text": string(text)}}}}
	if _, err := s.Append(t.Context(), []sync.Commit{c}, nil); err != nil {
		t.Fatal(err)
	}
	after, err := s.Sizes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after["commits"] <= before["commits"] {
		t.Errorf("commits take %d bytes, and %d with one more of %d", before["commits"], after["commits"], len(text))
	}
}
