package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/mongo"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// What a province writes, by which ten years are reckoned. A unit scores a
// sheet of 40 criteria (points, a remark, evidence), returns to a third of
// them, and has it cross-checked and verified; holds six meetings with twenty
// present, fifteen blocks of minutes saved three times, resolutions and
// ballots; registers, pledges and reports. What the server derives and what
// has to be decided comes on top.
const (
	provinceUnits = 1500
	provinceYears = 10

	unitDocuments = 1 + 1 + 1 + 1 + 1 + // registration, pledge, sheet, review, verification
		6 + 2 + 4 + 10 + 5 // meetings, reports, movements and indicators, awards and handovers, conflicts
	unitEdits = 40*3*4/3 + 40*2 + 40*2 + // the sheet, its review, its verification
		6*(20+15*3+10+5) + // meetings
		2*8*4 + 20 + // reports, registration and pledge
		150 + // trackers, decisions
		2*60 // notices: to write one and to mark it read takes about as much as an edit each

	editsACommit = 5 // a phone in coverage sends what was recorded since its last contact
)

// A sized store says what takes how much room.
type sized interface {
	hub.Store
	Sizes(ctx context.Context) (map[string]int64, error)
}

// growth measures how much room documents and edits take, and reckons from it
// what ten years of a province will.
func growth(ctx context.Context, b *bench) error {
	store, err := sqlite.Open(sqlite.Config{Path: filepath.Join(b.dir, "growth.sqlite")})
	if err != nil {
		return err
	}
	if err := errors.Join(b.grow(ctx, "SQLite", store, 1000, 6000), store.Close()); err != nil {
		return err
	}
	return b.withMongo(ctx, func(store *mongo.Store) error {
		s, ok := any(store).(sized)
		if !ok {
			b.report("MongoDB", "the store does not tell what takes how much room")
			return nil
		}
		return b.grow(ctx, "MongoDB", s, 60, 60)
	})
}

// grow writes documents and then edits, in commits of several sizes, through
// the hub into one store.
func (b *bench) grow(ctx context.Context, name string, store sized, documents, edits int) error {
	g, err := newGrower(store)
	if err != nil {
		return err
	}
	before, err := store.Sizes(ctx)
	if err != nil {
		return err
	}
	text := int64(0)
	for range documents {
		n, err := g.create(ctx)
		if err != nil {
			return err
		}
		text += n
	}
	after, err := store.Sizes(ctx)
	if err != nil {
		return err
	}
	aDocument := float64(total(after)-total(before)) / float64(documents)
	b.report(name+": bytes a document", "%.0f, of which its text %.0f", aDocument, float64(text)/float64(documents))
	b.dominant(after, before)
	anEdit := 0.0
	for _, batch := range []int{1, editsACommit, 20} {
		before = after
		for range edits / batch {
			if err := g.edit(ctx, batch); err != nil {
				return err
			}
		}
		if after, err = store.Sizes(ctx); err != nil {
			return err
		}
		each := float64(total(after)-total(before)) / float64(edits)
		b.report(fmt.Sprintf("%s: bytes for 1,000 edits, %d in a commit", name, batch), "%.0f", 1000*each)
		b.dominant(after, before)
		if batch == editsACommit {
			anEdit = each
		}
	}
	b.report("a unit and year", "%d documents, %d edits", unitDocuments, unitEdits)
	years := provinceUnits * provinceYears * (unitDocuments*aDocument + unitEdits*anEdit)
	b.report(fmt.Sprintf("%s: %d years of %d units", name, provinceYears, provinceUnits), "%.1f GB", years/1e9)
	return nil
}

// total adds sizes up.
func total(sizes map[string]int64) (n int64) {
	for _, size := range sizes {
		n += size
	}
	return n
}

// dominant prints what grew most.
func (b *bench) dominant(after, before map[string]int64) {
	grown := total(after) - total(before)
	names := slices.Collect(maps.Keys(after))
	slices.SortFunc(names, func(x, y string) int { return int(after[y] - before[y] - after[x] + before[x]) })
	for _, name := range names[:min(5, len(names))] {
		b.report("    "+name, "%3.0f %%", 100*float64(after[name]-before[name])/float64(max(grown, 1)))
	}
}

// A grower is staff of some units, who write minutes like those of every other case.
type grower struct {
	hub    *hub.Hub
	random *rand.Rand
	count  uint16
	made   []grown
}

type grown struct {
	unit sync.ID
	doc  sync.DocID
	body sync.Object
}

func newGrower(store hub.Store) (*grower, error) {
	h, err := hub.New(hub.Config{Store: store, Domain: emulation.New(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	return &grower{hub: h, random: newRandom()}, err
}

func (g *grower) id() sync.ID {
	g.count++
	return sync.MakeID(time.Now().UnixMilli(), g.count, g.random.Uint64())
}

// create records one meeting and returns the bytes of its text.
func (g *grower) create(ctx context.Context) (int64, error) {
	d := grown{unit: sync.NameID("unit", fmt.Sprint(len(g.made)%20)), doc: sync.DocID(g.id()), body: meeting(g.random)}
	g.made = append(g.made, d)
	err := g.push(ctx, d.unit, sync.Mutation{
		ID: sync.MutationID(g.id()), Doc: d.doc, Scope: sync.UnitScope(sync.DocID(d.unit)), Type: emulation.TypeMeeting, Create: d.body,
	})
	return int64(len(sync.Canonical(d.body))), err
}

// edit changes a meeting at some places, in one request.
func (g *grower) edit(ctx context.Context, n int) error {
	d := &g.made[g.random.IntN(len(g.made))]
	var mutations []sync.Mutation
	for range n {
		path, now := change(g.random, d.body)
		mutations = append(mutations, sync.Mutation{
			ID: sync.MutationID(g.id()), Doc: d.doc, Scope: sync.UnitScope(sync.DocID(d.unit)),
			Edits: []sync.Edit{{Path: path, Was: sync.Get(d.body, path), Now: now}},
		})
		d.body = sync.Set(d.body, path, now)
	}
	return g.push(ctx, d.unit, mutations...)
}

// push sends mutations, all of which must be applied.
func (g *grower) push(ctx context.Context, unit sync.ID, mutations ...sync.Mutation) error {
	author := sync.Author{
		Person: sync.PersonID(sync.NameID("person", string(unit))), Device: sync.DeviceID(sync.NameID("device", string(unit))),
		Grants: []sync.Grant{{Role: emulation.UnitStaff, Subject: unit}},
	}
	pushed, err := g.hub.Push(ctx, hub.Caller{Author: author}, &sync.Request{Mutations: mutations})
	if err != nil {
		return err
	}
	for _, ack := range pushed.Acks {
		if ack.Outcome != sync.Applied && ack.Outcome != sync.Merged {
			return fmt.Errorf("an edit is %s: %s", ack.Outcome, ack.Code)
		}
	}
	return nil
}
