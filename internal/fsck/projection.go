package fsck

import (
	"context"
	"errors"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// compare holds the stored documents against the fold of the log.
func (p *pass) compare() {
	for _, id := range sorted(p.stored) {
		s, d := p.stored[id], p.docs[id]
		m := &mend{version: s.version, doc: d}
		switch {
		case d == nil:
			p.find(DocumentGhost, s.version, id, m, "type %q", s.typ)
		case !s.right:
			p.find(DocumentDiffers, s.version, id, m, "type %q", d.Type)
		case s.version < p.dueAt[id]:
			p.find(DocumentStale, s.version, id, m, "the log has version %d", p.dueAt[id])
		}
	}
	for _, id := range sorted(p.dueAt) {
		if p.stored[id] == nil {
			p.find(DocumentMissing, p.dueAt[id], id, &mend{doc: p.docs[id]}, "type %q", p.docs[id].Type)
		}
	}
}

func sorted[V any](m map[sync.DocID]V) []sync.DocID {
	ids := make([]sync.DocID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// lists checks that the lists of conflicts and rejections have exactly the
// documents that were stored as such. What has moved since is left alone.
func (p *pass) lists(ctx context.Context) error {
	kept := map[sync.DocID]bool{} // to be listed by Kept
	open := map[sync.DocID]bool{} // to be listed by About
	abouts := map[sync.DocID]bool{}
	for id, s := range p.stored {
		if !s.right || p.docs[id] == nil || p.docs[id].Version != s.version {
			continue // a finding already, or moving
		}
		about, _, _, ok := p.docs[id].About()
		if ok {
			abouts[about] = true
		}
		if s.kept {
			kept[id] = true
		}
		if s.kept && s.open && s.typ == sync.TypeConflict {
			open[id] = true
		}
	}
	wrong := map[sync.DocID]bool{}
	filter := hub.KeptFilter{Scopes: []sync.Scope{p.scope}, Limit: listPage}
	for more := true; more; {
		docs, err := p.Store.Kept(ctx, filter)
		if err != nil {
			return err
		}
		p.listed(docs, kept, wrong)
		if more = len(docs) == listPage; more {
			last := docs[len(docs)-1]
			_, _, filter.Before, _ = last.About()
			filter.BeforeID = last.ID
		}
	}
	for ids := range slices.Chunk(sorted(abouts), listPage) {
		docs, err := p.Store.About(ctx, p.scope, ids)
		if err != nil {
			return err
		}
		p.listed(docs, open, wrong)
	}
	for _, left := range []map[sync.DocID]bool{kept, open} {
		for id := range left {
			wrong[id] = true
		}
	}
	return p.misplaced(ctx, wrong)
}

// listed takes what a list has from what it should have, and notes what it
// should not have.
func (p *pass) listed(docs []*sync.Document, want, wrong map[sync.DocID]bool) {
	for _, d := range docs {
		if !want[d.ID] && p.stored[d.ID] != nil {
			wrong[d.ID] = true
		}
		delete(want, d.ID)
	}
}

// misplaced tells which of the documents that a list was wrong about have not
// moved since they were read.
func (p *pass) misplaced(ctx context.Context, wrong map[sync.DocID]bool) error {
	for ids := range slices.Chunk(sorted(wrong), listPage) {
		docs, err := p.Store.Documents(ctx, p.scope, ids)
		if err != nil {
			return err
		}
		for _, d := range docs {
			s := p.stored[d.ID]
			if s.right && s.version == d.Version && s.version == p.docs[d.ID].Version {
				p.find(ListDiffers, s.version, d.ID, &mend{version: s.version, doc: d}, "type %q", s.typ)
			}
		}
	}
	return nil
}

// mendRounds is how often a repair begins again because a server wrote meanwhile.
const mendRounds = 3

// repair mends what can be and marks the findings that are gone afterwards.
func (c *checker) repair(ctx context.Context, scope sync.Scope, found []Finding) error {
	left := found
	for round := 0; round < mendRounds && slices.ContainsFunc(left, repairable); round++ {
		if err := c.mend(ctx, scope, left); err != nil {
			return err
		}
		p, err := c.examine(ctx, scope)
		if err != nil {
			return err
		}
		left = p.findings
	}
	still := map[place]bool{}
	for _, f := range left {
		still[f.place()] = true
	}
	for i := range found {
		found[i].Repaired = found[i].Repairable && !still[found[i].place()]
	}
	return nil
}

func repairable(f Finding) bool { return f.Repairable }

// mend writes documents first and the watermark after them, which says that
// they are there. Whatever has changed since it was looked at stays.
func (c *checker) mend(ctx context.Context, scope sync.Scope, found []Finding) error {
	for _, f := range found {
		if f.mend == nil || f.mend.mark {
			continue
		}
		err := c.Store.MendDocument(ctx, scope, f.Doc, f.mend.version, f.mend.doc)
		if errors.Is(err, hub.ErrChanged) {
			return nil // look again before anything else
		}
		if err != nil {
			return err
		}
	}
	for _, f := range found {
		if f.mend == nil || !f.mend.mark {
			continue
		}
		if err := c.Store.MendMark(ctx, scope, f.mend.from, f.mend.to); err != nil && !errors.Is(err, hub.ErrChanged) {
			return err
		}
	}
	return nil
}
