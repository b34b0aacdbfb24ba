package push

import (
	"context"
	"slices"

	"thidua/internal/emulation"
	"thidua/sync"
)

// papers reads what Tidings looks at: the documents that a commit changed and
// that may mean something to people, and those they are compared with.
func (p *Push) papers(ctx context.Context, c *sync.Commit) (map[sync.DocID]*sync.Document, error) {
	var wanted []sync.DocID
	for _, ch := range c.Changes {
		switch ch.Type {
		case emulation.TypeSheet, emulation.TypeVerification, emulation.TypeMeeting, emulation.TypeRanking,
			emulation.TypePeriod, emulation.TypeTerm, sync.TypeConflict, sync.TypeRejection:
			wanted = append(wanted, ch.Doc)
		}
	}
	docs := map[sync.DocID]*sync.Document{}
	asked := map[sync.DocID]bool{}
	for len(wanted) > 0 {
		found, err := p.cfg.Hub.Find(ctx, map[sync.Scope][]sync.DocID{c.Scope: wanted})
		if err != nil {
			return nil, err
		}
		for _, id := range wanted {
			asked[id] = true
		}
		wanted = nil
		for _, d := range found[c.Scope] {
			docs[d.ID] = d
			wanted = append(wanted, compared(d)...)
		}
		wanted = slices.DeleteFunc(wanted, func(id sync.DocID) bool { return asked[id] })
	}
	return docs, nil
}

// compared returns the documents that one is compared with: what counts of a
// sheet follows from it, its verification and the review of its cluster.
func compared(d *sync.Document) []sync.DocID {
	field := func(key string) sync.DocID {
		id, _ := d.Body()[key].(string)
		return sync.DocID(id)
	}
	switch d.Type {
	case emulation.TypeSheet:
		return []sync.DocID{emulation.VerificationID(d.ID), emulation.ReviewCopyID(field("cluster"), d.ID)}
	case emulation.TypeVerification:
		return []sync.DocID{emulation.SheetID(field("unit"), field("period"))}
	}
	return nil
}

// authors returns who wrote what is kept in the conflicts and rejections that a
// commit changed, wherever they may have a right by now.
func authors(c *sync.Commit, docs map[sync.DocID]*sync.Document) map[sync.PersonID]bool {
	found := map[sync.PersonID]bool{}
	for _, ch := range c.Changes {
		if d := docs[ch.Doc]; d != nil && (ch.Type == sync.TypeConflict || ch.Type == sync.TypeRejection) {
			addAuthors(found, d.Body())
		}
	}
	return found
}

func addAuthors(found map[sync.PersonID]bool, o sync.Object) {
	for key, v := range o {
		switch v := v.(type) {
		case string:
			if key == "author" {
				found[sync.PersonID(v)] = true
			}
		case sync.Object:
			addAuthors(found, v)
		}
	}
}
