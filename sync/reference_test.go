package sync_test

import (
	"testing"

	"thidua/sync"
)

func TestReferenceFindsWhatIsLiveByNameAndByWhatItNames(t *testing.T) {
	id := func(name string) sync.DocID { return sync.DocID(sync.NameID("reference", name)) }
	about := func(of string) sync.Object { return sync.Object{"unit": string(id(of)), "note": "u"} }
	gone := sync.NewDocument(id("gone"), "membership", sync.Org, 3, about("u"))
	gone.Gone = true
	r := sync.NewReference(3, []*sync.Document{
		sync.NewDocument(id("u"), "unit", sync.Org, 1, sync.Object{"code": "U"}), gone,
		sync.NewDocument(id("first"), "membership", sync.Org, 1, about("u")), sync.NewDocument(id("other"), "membership", sync.Org, 2, about("v")),
		sync.NewDocument(id("second"), "membership", sync.Org, 2, about("u")), sync.NewDocument(id("term"), "term", sync.Org, 2, about("u")),
	})
	if d := r.Find("unit", id("u")); d == nil || d.ID != id("u") {
		t.Errorf("found %v", d)
	}
	if r.Find("term", id("u")) != nil || r.Find("membership", id("gone")) != nil || (*sync.Reference)(nil).Find("unit", id("u")) != nil {
		t.Error("found what is of another type, gone, or in nothing")
	}
	got := r.Naming("membership", "unit", id("u"))
	if len(got) != 2 || got[0].ID != id("first") || got[1].ID != id("second") {
		t.Errorf("naming the unit: %v", got)
	}
	if len(r.Naming("membership", "note", "u")) != 0 || len((*sync.Reference)(nil).Naming("membership", "unit", id("u"))) != 0 {
		t.Error("a text is no identifier")
	}
}
