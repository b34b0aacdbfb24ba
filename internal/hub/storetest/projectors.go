package storetest

import (
	"context"
	"fmt"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// A projector completes a projection from its watermark, one store call a
// step, and is done when it finds nothing left to do or has moved the
// watermark once.
type projector struct {
	store hub.Store
	scope sync.Scope
	batch int // commits at a time

	next    func(context.Context) error
	writes  bool // so does the next step
	from    hub.Mark
	commits []sync.Commit
	docs    []*sync.Document
	done    bool
}

func newProjector(store hub.Store, scope sync.Scope, batch int) *projector {
	p := &projector{store: store, scope: scope, batch: batch}
	p.next = p.readMark
	return p
}

func (p *projector) reads() bool { return !p.writes }

func (p *projector) step(ctx context.Context) (bool, error) {
	if err := p.next(ctx); err != nil {
		return false, fmt.Errorf("projector: %w", err)
	}
	return p.done, nil
}

func (p *projector) readMark(ctx context.Context) error {
	marks, err := p.store.Marks(ctx, []sync.Scope{p.scope})
	p.from, p.next = marks[p.scope], p.readCommits
	return err
}

func (p *projector) readCommits(ctx context.Context) (err error) {
	p.commits, err = p.store.Commits(ctx, p.scope, p.from.Seq, p.batch)
	p.done, p.next = len(p.commits) == 0, p.readDocuments
	return err
}

func (p *projector) readDocuments(ctx context.Context) error {
	var ids []sync.DocID
	for _, c := range p.commits {
		for _, ch := range c.Changes {
			ids = append(ids, ch.Doc)
		}
	}
	stored, err := p.store.Documents(ctx, p.scope, ids)
	p.docs, p.next, p.writes = foldAll(stored, p.commits), p.writeDocuments, true
	return err
}

func (p *projector) writeDocuments(ctx context.Context) error {
	p.next = p.writeMark
	return p.store.Project(ctx, p.scope, p.docs, hub.Mark{})
}

func (p *projector) writeMark(ctx context.Context) error {
	last := p.commits[len(p.commits)-1]
	p.done = true
	return p.store.Project(ctx, p.scope, nil, hub.Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum})
}

// foldAll returns documents after some commits, in order of id. A stored one
// may be ahead of the watermark: what it has seen is not done again.
func foldAll(stored []*sync.Document, commits []sync.Commit) []*sync.Document {
	docs := map[sync.DocID]*sync.Document{}
	before := map[sync.DocID]int64{}
	for _, d := range stored {
		docs[d.ID], before[d.ID] = d, d.Version
	}
	for _, c := range commits {
		for _, ch := range c.Changes {
			if c.Seq > before[ch.Doc] {
				docs[ch.Doc] = sync.Fold(docs[ch.Doc], c.Scope, ch, c.Seq)
			}
		}
	}
	var all []*sync.Document
	for _, d := range docs {
		all = append(all, d)
	}
	byID(all)
	return all
}

// complete projects all that is left.
func complete(ctx context.Context, store hub.Store, scope sync.Scope) error {
	for {
		p := newProjector(store, scope, 100)
		for !p.done {
			if _, err := p.step(ctx); err != nil {
				return err
			}
		}
		if len(p.commits) == 0 {
			return nil
		}
	}
}

// projected returns an error unless the documents of a scope are exactly those
// of the log up to its end, and the watermark is there.
func projected(ctx context.Context, store hub.Store, l *logbook) error {
	marks, err := store.Marks(ctx, []sync.Scope{l.scope})
	if err != nil {
		return err
	}
	if marks[l.scope] != l.head {
		return fmt.Errorf("the watermark is %+v, the log ends at %+v", marks[l.scope], l.head)
	}
	got, err := store.Changed(ctx, l.scope, 0, l.head.Seq, 1<<20)
	if err != nil {
		return err
	}
	byID(got)
	return equal(got, l.sorted())
}

func equal(got, want []*sync.Document) error {
	if g, w := fmt.Sprintf("%v", look(got)), fmt.Sprintf("%v", look(want)); g != w {
		return fmt.Errorf("the documents are %s, not %s", shorten(g), shorten(w))
	}
	return nil
}

// story is a log in which some documents change again and again.
func story(scope sync.Scope) *logbook {
	l, x, y, z := newLogbook(scope), docID("x"), docID("y"), docID("z")
	l.change(create(x, "minutes", sync.Object{"n": int64(1)}), create(y, "minutes", sync.Object{"n": int64(1)}))
	l.change(edit(x, "/n", int64(1), int64(2)), create(z, "minutes", sync.Object{}))
	l.change(edit(x, "/m", nil, int64(3)), edit(y, "/n", int64(1), int64(3)), sync.Change{Doc: z, Type: "minutes", By: -1, Delete: true})
	return l
}

func (z size) stoppedProjector(t *testing.T, store hub.Store) {
	ctx := t.Context()
	n := 0
	for batch := 1; batch <= z.batches; batch++ {
		for before := range 3 {
			for writes := 0; writes <= 4; writes++ {
				n++
				l := story(unit(fmt.Sprint(n)))
				appendAll(t, store, l.commits...)
				for range before { // whole batches by somebody who went on
					p := newProjector(store, l.scope, batch)
					for !p.done {
						_, err := p.step(ctx)
						must(t, err)
					}
				}
				p := newProjector(store, l.scope, batch)
				for range 3 {
					if !p.done {
						_, err := p.step(ctx)
						must(t, err)
					}
				}
				mark := watermark(t, store, l.scope)
				for i := 0; i < min(writes, len(p.docs)); i++ {
					must(t, store.Project(ctx, l.scope, p.docs[i:i+1], hub.Mark{}))
				}
				same(t, "watermark of the one that stopped", watermark(t, store, l.scope), mark)
				must(t, complete(ctx, store, l.scope))
				if err := projected(ctx, store, l); err != nil {
					t.Fatalf("batches of %d, %d done, stopped after %d writes: %v", batch, before, writes, err)
				}
			}
		}
	}
}

// watched is an actor after whose steps the watermark must not have fallen and
// every document must be as new as the watermark promises.
type watched struct {
	actor
	store hub.Store
	log   *logbook
	last  *int64
}

func (w watched) step(ctx context.Context) (bool, error) {
	done, err := w.actor.step(ctx)
	if err != nil {
		return done, err
	}
	marks, err := w.store.Marks(ctx, []sync.Scope{w.log.scope})
	if err != nil {
		return done, err
	}
	mark := marks[w.log.scope].Seq
	if mark < *w.last {
		return done, fmt.Errorf("the watermark fell from %d to %d", *w.last, mark)
	}
	*w.last = mark
	docs, err := w.store.Documents(ctx, w.log.scope, w.log.ids())
	if err != nil {
		return done, err
	}
	have := map[sync.DocID]int64{}
	for _, d := range docs {
		have[d.ID] = d.Version
	}
	for _, d := range foldAll(nil, w.log.commits[:mark]) {
		if have[d.ID] < d.Version {
			return done, fmt.Errorf("the watermark is %d, document %s of version %d, not %d", mark, d.ID, have[d.ID], d.Version)
		}
	}
	return done, nil
}

func (z size) projectorsInterleaved(t *testing.T, store hub.Store) {
	z.everySchedule(t, 1000, func(n int) ([]actor, func() error) {
		l := story(unit(fmt.Sprint(n)))
		appendAll(t, store, l.commits...)
		var last int64
		slow := watched{newProjector(store, l.scope, 1), store, l, &last}
		fast := watched{newProjector(store, l.scope, 100), store, l, &last}
		return []actor{slow, fast}, func() error {
			if err := complete(t.Context(), store, l.scope); err != nil {
				return err
			}
			return projected(t.Context(), store, l)
		}
	})
}

// A puller follows a scope as a phone does: it reads the watermark first, then
// pages of what changed since the last one up to there, and is at that
// watermark only when it has seen all pages.
type puller struct {
	store hub.Store
	scope sync.Scope
	floor int64 // everything up to here has been seen
	at    int64 // pages up to here have been read in this pass
	upTo  int64 // the watermark when this pass began
	limit int
	have  map[sync.DocID]*sync.Document
}

func (p *puller) reads() bool { return true }

func (p *puller) step(ctx context.Context) (bool, error) {
	if p.upTo == 0 {
		marks, err := p.store.Marks(ctx, []sync.Scope{p.scope})
		p.upTo, p.at = marks[p.scope].Seq, p.floor
		return p.upTo == p.floor, err
	}
	docs, err := p.store.Changed(ctx, p.scope, p.at, p.upTo, p.limit)
	if err != nil {
		return false, err
	}
	full := len(docs) == p.limit
	if full { // perhaps not all documents of the last version
		last := docs[len(docs)-1].Version
		for len(docs) > 0 && docs[len(docs)-1].Version == last {
			docs = docs[:len(docs)-1]
		}
		p.limit++
	}
	for _, d := range docs {
		if old := p.have[d.ID]; old == nil || old.Version < d.Version {
			p.have[d.ID] = d
		}
		p.at = d.Version
	}
	if full {
		return false, nil
	}
	p.floor, p.upTo = p.upTo, 0
	return true, nil
}

func (z size) noneMissed(t *testing.T, store hub.Store) {
	ids := []sync.DocID{docID("0"), docID("1"), docID("2"), docID("3")}
	z.everySchedule(t, 5000, func(n int) ([]actor, func() error) {
		l := newLogbook(unit(fmt.Sprint(n)))
		for _, id := range ids {
			l.change(create(id, "minutes", sync.Object{"n": int64(0)}))
		}
		must(t, store.Project(t.Context(), l.scope, l.sorted(), l.head))
		// The log moves on while the phone pulls: documents first, then the mark.
		var moves script
		for i := range 2 {
			l.change(edit(ids[i], "/n", int64(0), int64(1)), edit(ids[3], sync.Pointer(fmt.Sprint("/m", i)), nil, int64(1)))
			one, both, mark := []*sync.Document{l.docs[ids[i]]}, []*sync.Document{l.docs[ids[3]]}, l.head
			moves = append(moves,
				func(ctx context.Context) error { return store.Project(ctx, l.scope, one, hub.Mark{}) },
				func(ctx context.Context) error { return store.Project(ctx, l.scope, both, mark) })
		}
		phone := &puller{store: store, scope: l.scope, limit: 2, have: map[sync.DocID]*sync.Document{}}
		return []actor{phone, &moves}, func() error {
			for phone.floor < l.head.Seq {
				if _, err := phone.step(t.Context()); err != nil {
					return err
				}
			}
			var have []*sync.Document
			for _, d := range phone.have {
				have = append(have, d)
			}
			byID(have)
			return equal(have, l.sorted())
		}
	})
}

// A script is an actor that makes its calls one after the other.
type script []once

func (s *script) reads() bool { return false }

func (s *script) step(ctx context.Context) (bool, error) {
	err := (*s)[0](ctx)
	*s = (*s)[1:]
	return len(*s) == 0, err
}
