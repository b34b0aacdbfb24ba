package hub_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/hub"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// morning is when the tests begin, in milliseconds since 1970.
const morning = int64(1_760_000_000_000)

func text(s string) sync.Text { return sync.Text{VI: s, EN: s} }

// domain is a small organisation: notes live in units, a tracker of each unit
// in a cluster, and grants, in org, say whose a unit is.
type domain struct {
	copies   int // trackers of a unit beside the first
	schema   *sync.Schema
	trackers bool                       // who reads a unit reads its tracker
	rule     func(sync.Act) sync.Ruling // judges what the others let pass; may be nil
	computed atomic.Int64               // how many trackers were
	onDerive func(docs map[sync.Scope][]*sync.Document)
	asks     bool // about every note with a high number
	onAsk    func()
}

func newDomain() *domain {
	line, number := &sync.Field{Kind: sync.KindLine}, &sync.Field{Kind: sync.KindInt}
	object := func(fields map[string]*sync.Field) *sync.Field {
		return &sync.Field{Kind: sync.KindObject, Fields: fields}
	}
	return &domain{schema: &sync.Schema{Version: 1, Oldest: 1, Types: map[string]*sync.Type{
		"note": {Name: "note", Scopes: []string{"unit", "user"}, Body: object(map[string]*sync.Field{
			"title": line, "n": number, "text": {Kind: sync.KindText}, "tags": {Kind: sync.KindMap, Each: line},
		})},
		"grant": {Name: "grant", Scopes: []string{"org"}, Body: object(map[string]*sync.Field{
			"person": {Kind: sync.KindID, Required: true}, "unit": {Kind: sync.KindID}, "until": number,
		})},
		"tracker": {Name: "tracker", Scopes: []string{"cluster"}, Body: object(nil)},
	}}}
}

func (d *domain) Schema() *sync.Schema { return d.schema }

func (d *domain) Allow(a sync.Act) sync.Ruling {
	for _, e := range a.Edits {
		body, _ := e.Now.(sync.Object)
		switch {
		case e.Now == "refuse me" || body["title"] == "refuse me":
			return sync.Ruling{Verdict: sync.Refuse, Code: "refused_by_rule"}
		case e.Now == "break" || body["title"] == "break":
			panic("a mistake in a rule")
		case body["title"] == "only one" && a.Other(theOther(a.Doc)) != nil:
			return sync.Ruling{Verdict: sync.Refuse, Code: "refused_by_rule"}
		}
	}
	if d.rule != nil {
		return d.rule(a)
	}
	return sync.Ruling{}
}

func (d *domain) grants(person sync.PersonID, at int64, org *sync.Reference, f func(unit sync.DocID)) {
	for _, g := range org.Of("grant") {
		b := g.Body()
		if until, bounded := b["until"].(int64); b["person"] == string(person) && (!bounded || at < until) {
			unit, _ := b["unit"].(string)
			f(sync.DocID(unit))
		}
	}
}

func (d *domain) Readable(a sync.Author, at int64, org *sync.Reference) []sync.Scope {
	scopes := []sync.Scope{sync.Org, sync.UserScope(a.Person)}
	d.grants(a.Person, at, org, func(unit sync.DocID) {
		if unit != "" {
			scopes = append(scopes, sync.UnitScope(unit))
		}
		if d.trackers {
			scopes = append(scopes, sync.ClusterScope(unit))
		}
	})
	return scopes
}

// Oversees: who has a grant without a unit oversees everything.
func (d *domain) Oversees(a sync.Author, at int64, _ sync.Scope, org *sync.Reference) (yes bool) {
	d.grants(a.Person, at, org, func(unit sync.DocID) { yes = yes || unit == "" })
	return yes
}

func (d *domain) Merges(a sync.Author, at int64, scope sync.Scope, org *sync.Reference) bool {
	return d.Oversees(a, at, scope, org)
}

// Reopened: notes have no states.
func (d *domain) Reopened(_ *sync.Type, body sync.Object, _, _ string) (sync.Object, bool, sync.Code) {
	return body, false, ""
}

func (d *domain) Message(code sync.Code) (sync.Text, bool) {
	return text("refused"), code == "refused_by_rule"
}

func tracker(unit sync.Scope) sync.Target {
	return sync.Target{
		Scope: sync.ClusterScope(sync.DocID(unit.Subject())), Doc: sync.DocID(sync.NameID("tracker", string(unit))),
		Type: "tracker", Subject: string(unit),
	}
}

func (d *domain) Targets(changed sync.Scope, _ *sync.Reference) []sync.Target {
	if changed.Kind() != "unit" {
		return nil
	}
	targets := []sync.Target{tracker(changed)}
	if d.asks {
		targets = append(targets, sync.Target{Scope: changed, Doc: sync.DocID(sync.NameID("questions", string(changed))), Type: sync.TypeConflict, Subject: string(changed)})
	}
	for i := range d.copies {
		t := targets[0]
		t.Doc = sync.DocID(sync.NameID("copy", string(changed), strconv.Itoa(i)))
		targets = append(targets, t)
	}
	return targets
}

func (d *domain) Sources(t sync.Target, _ *sync.Reference) []sync.Scope {
	return []sync.Scope{sync.Scope(t.Subject)}
}

// theOther returns the one other note that there may not be beside one.
func theOther(note sync.DocID) sync.DocID {
	for i, id := range []sync.DocID{"only 1", "only 2"} {
		if note == sync.DocID(sync.NameID(string(id))) {
			return sync.DocID(sync.NameID([]string{"only 2", "only 1"}[i]))
		}
	}
	return ""
}

func (d *domain) Questions(t sync.Target, docs map[sync.Scope][]*sync.Document, _ *sync.Reference) []sync.Question {
	if d.onAsk != nil {
		d.onAsk()
	}
	var questions []sync.Question
	for _, doc := range docs[t.Scope] {
		if n, _ := doc.Body()["n"].(int64); n > 100 {
			id := sync.NameID("question", string(doc.ID))
			questions = append(questions, sync.Question{ID: sync.DocID(id), About: doc.ID, Version: doc.Version, Code: "too_many", Answers: []sync.Answer{
				{ID: sync.MutationID(sync.NameID("less", string(id))), Edits: []sync.Edit{{Path: "/n", Was: n, Now: int64(100)}}},
			}})
		}
	}
	return questions
}

func (d *domain) Derive(t sync.Target, docs map[sync.Scope][]*sync.Document, _ *sync.Reference) sync.Object {
	d.computed.Add(1)
	if d.onDerive != nil {
		d.onDerive(docs)
	}
	notes, total := int64(0), int64(0)
	for _, doc := range docs[sync.Scope(t.Subject)] {
		if doc.Type == "note" {
			n, _ := doc.Body()["n"].(int64)
			notes, total = notes+1, total+n
		}
	}
	if notes == 0 {
		return nil
	}
	return sync.Object{"notes": notes, "total": total}
}

// A world is a database file, hubs on it and people.
type world struct {
	t      testing.TB
	path   string
	store  hub.Store
	domain *domain
	hub    *hub.Hub
	ids    atomic.Uint64
	clock  atomic.Int64
	still  atomic.Bool // time stands still
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "store.db"), domain: newDomain()}
	w.clock.Store(morning)
	w.store = w.open()
	w.hub = w.newHub(w.store)
	return w
}

// open opens the world's file as another process would.
func (w *world) open() *sqlite.Store {
	store, err := sqlite.Open(sqlite.Config{Path: w.path, Busy: 20 * time.Second})
	w.must(err)
	w.t.Cleanup(func() {
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return store
}

func (w *world) newHub(store hub.Store) *hub.Hub {
	h, err := hub.New(hub.Config{
		Store: store, Domain: w.domain, Now: w.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Poll: time.Millisecond,
	})
	w.must(err)
	return h
}

func (w *world) now() time.Time {
	if w.still.Load() {
		return time.UnixMilli(w.clock.Load())
	}
	return time.UnixMilli(w.clock.Add(1))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) id() sync.ID {
	n := w.ids.Add(1)
	return sync.MakeID(w.clock.Load(), uint16(n), n)
}

// unit returns the scope of a unit.
func unit(name string) sync.Scope { return sync.UnitScope(sync.DocID(sync.NameID("unit", name))) }

// person returns somebody's identifier.
func person(name string) sync.PersonID { return sync.PersonID(sync.NameID("person", name)) }

// grant lets a person read and write a unit, until a time if that is not 0.
func (w *world) grant(who string, unit sync.Scope, until int64) {
	w.t.Helper()
	body := sync.Object{"person": string(person(who))}
	if unit != "" {
		body["unit"] = string(unit.Subject())
	}
	if until != 0 {
		body["until"] = until
	}
	_, err := w.hub.Store(context.Background(), sync.Org, sync.Server, []hub.Put{{Doc: grantID(who, unit), Type: "grant", Body: body}})
	w.must(err)
}

func (w *world) revoke(who string, unit sync.Scope) {
	w.t.Helper()
	_, err := w.hub.Store(context.Background(), sync.Org, sync.Server, []hub.Put{{Doc: grantID(who, unit), Type: "grant"}})
	w.must(err)
}

func grantID(who string, unit sync.Scope) sync.DocID {
	return sync.DocID(sync.NameID("grant", who, string(unit)))
}

// phone returns a new phone of a person.
func (w *world) phone(who string) *phone {
	return &phone{
		w: w, who: hub.Caller{Author: sync.Author{Person: person(who), Device: sync.DeviceID(w.id())}},
		cursors: map[sync.Scope]sync.Cursor{}, replica: map[sync.Scope]replica{}, need: map[sync.Scope]map[sync.DocID]bool{}, sums: map[sync.Scope]uint64{},
	}
}

// create, edit and remove make mutations.
func (w *world) create(scope sync.Scope, body sync.Object) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: sync.DocID(w.id()), Scope: scope, Type: "note", Create: body}
}

func (w *world) edit(scope sync.Scope, doc sync.DocID, path sync.Pointer, was, now sync.Value) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: doc, Scope: scope, Edits: []sync.Edit{{Path: path, Was: was, Now: now}}}
}

func (w *world) remove(scope sync.Scope, d *sync.Document) sync.Mutation {
	return sync.Mutation{ID: sync.MutationID(w.id()), Doc: d.ID, Scope: scope, Delete: d.Hash()}
}

// documents returns all documents of a scope that the store has, by identifier.
func (w *world) documents(store hub.Store, scope sync.Scope) map[sync.DocID]*sync.Document {
	w.t.Helper()
	docs, err := store.Changed(context.Background(), scope, 0, sync.MaxNumber, 1<<20)
	w.must(err)
	all := make(map[sync.DocID]*sync.Document, len(docs))
	for _, d := range docs {
		all[d.ID] = d
	}
	return all
}

// log reads the log of a scope and fails unless it is whole: numbers without a
// gap, chained by hash, no receipt twice, checksums and documents as they
// follow from it.
func (w *world) log(scope sync.Scope) []sync.Commit {
	w.t.Helper()
	commits, err := w.store.Commits(context.Background(), scope, 0, 1<<20)
	w.must(err)
	prev := sync.Hash("")
	folded := map[sync.DocID]*sync.Document{}
	receipts := map[string]bool{}
	sum := uint64(0)
	for i := range commits {
		c := &commits[i]
		if c.Seq != int64(i)+1 || c.Prev != prev {
			w.t.Fatalf("commit %d of %s does not follow", c.Seq, scope)
		}
		prev = c.Hash()
		for _, r := range c.Receipts {
			key := fmt.Sprint(c.Device, r.Mutation)
			if receipts[key] {
				w.t.Fatalf("mutation %s has two receipts", r.Mutation)
			}
			receipts[key] = true
		}
		for _, ch := range c.Changes {
			sum -= folded[ch.Doc].Sum()
			folded[ch.Doc] = sync.Fold(folded[ch.Doc], scope, ch, c.Seq)
			sum += folded[ch.Doc].Sum()
		}
		if c.Checksum != sum {
			w.t.Fatalf("commit %d of %s has checksum %x, should be %x", c.Seq, scope, c.Checksum, sum)
		}
	}
	if _, err := w.hub.Live(context.Background(), w.admin(), scope); err != nil { // completes the projection
		w.t.Fatal(err)
	}
	stored := w.documents(w.store, scope)
	if len(stored) != len(folded) {
		w.t.Fatalf("%d documents are stored, %d follow from the log", len(stored), len(folded))
	}
	for id, d := range folded {
		if s := stored[id]; s == nil || s.Version != d.Version || s.Gone != d.Gone || string(s.Raw()) != string(d.Raw()) {
			w.t.Fatalf("document %s is stored as %+v instead of %+v", id, s, d)
		}
	}
	return commits
}

// admin oversees everything.
func (w *world) admin() hub.Caller {
	w.t.Helper()
	w.grant("admin", "", 0)
	return hub.Caller{Author: sync.Author{Person: person("admin"), Device: "00000000-0000-7000-8000-0000000000ad"}}
}
