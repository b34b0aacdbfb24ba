package hub_test

import (
	stdsync "sync"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

func note(name, title string) hub.Put {
	return hub.Put{Doc: sync.DocID(sync.NameID("told", name)), Type: "note", Body: sync.Object{"title": title}}
}

func TestWhatManyTellAtOnceIsThereOnce(t *testing.T) {
	w := newWorld(t)
	scope := sync.UserScope(sync.PersonID(sync.NameID("person", "a")))
	var telling stdsync.WaitGroup
	for range 4 {
		h := w.newHub(w.open())
		telling.Go(func() {
			for _, name := range []string{"1", "2", "3"} {
				if _, err := h.Tell(t.Context(), scope, []hub.Put{note(name, "told")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	telling.Wait()
	commits, err := w.store.Commits(t.Context(), scope, 0, 100)
	w.must(err)
	if len(commits) != 3 {
		t.Errorf("%d commits for three documents", len(commits))
	}
	if added, err := w.hub.Tell(t.Context(), scope, []hub.Put{note("1", "told"), note("4", "told")}); err != nil || !added {
		t.Errorf("%v, %v", added, err)
	}
	if added, err := w.hub.Tell(t.Context(), scope, []hub.Put{note("1", "told"), note("4", "told")}); err != nil || added {
		t.Errorf("told again: %v, %v", added, err)
	}
}

func TestTellingAgainUndoesNothingThatWasDoneSince(t *testing.T) {
	w := newWorld(t)
	scope := sync.UserScope(sync.PersonID(sync.NameID("person", "a")))
	kept, removed := note("kept", "first"), note("removed", "first")
	_, err := w.hub.Tell(t.Context(), scope, []hub.Put{kept, removed})
	w.must(err)
	_, err = w.hub.Store(t.Context(), scope, sync.Server, []hub.Put{note("kept", "read"), {Doc: removed.Doc, Type: "note"}})
	w.must(err)
	if added, err := w.hub.Tell(t.Context(), scope, []hub.Put{kept, removed}); err != nil || added {
		t.Errorf("%v, %v", added, err)
	}
	read, err := w.hub.Read(t.Context(), []sync.Scope{scope})
	w.must(err)
	if docs := read[scope]; len(docs) != 1 || docs[0].Body()["title"] != "read" {
		t.Errorf("%v", docs)
	}
	found, err := w.hub.Find(t.Context(), map[sync.Scope][]sync.DocID{scope: {kept.Doc, removed.Doc}, sync.UnitScope(kept.Doc): {kept.Doc}})
	w.must(err)
	if len(found) != 1 || len(found[scope]) != 1 || found[scope][0].ID != kept.Doc {
		t.Errorf("%v", found)
	}
	gone, err := w.hub.Find(t.Context(), map[sync.Scope][]sync.DocID{scope: {removed.Doc}})
	w.must(err)
	if len(gone) != 0 {
		t.Errorf("%v", gone)
	}
}

func TestWhoeverListensHearsOfEveryScopeWithoutNamingAny(t *testing.T) {
	w := newWorld(t)
	heard := w.hub.Listen()
	defer heard.Close()
	scope := sync.UserScope(sync.PersonID(sync.NameID("person", "a")))
	_, err := w.hub.Tell(t.Context(), scope, []hub.Put{note("1", "told")})
	w.must(err)
	<-heard.C
	if moved := heard.Take(); len(moved) != 1 || moved[0] != scope {
		t.Errorf("%v", moved)
	}
}
