package hub

import (
	"context"

	"thidua/sync"
)

// reference is the organisation's reference data, kept in memory and brought
// up to date, by what changed only, whenever its log has moved. Whoever has the
// turn may read from the store, so those who wait for it keep their deadlines.
type reference struct {
	turn chan struct{} // has room for the one whose turn it is
	docs map[sync.DocID]*sync.Document
	ref  *sync.Reference
	head Mark // what ref is as of
}

// reference returns the reference data as of now.
func (h *Hub) reference(ctx context.Context) (*sync.Reference, error) {
	head, err := h.orgHead(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case h.org.turn <- struct{}{}:
		defer func() { <-h.org.turn }()
	case <-ctx.Done():
		return nil, unavailable("wait for the reference data", ctx.Err())
	}
	if h.org.ref != nil && h.org.head.Seq > head.Seq {
		// Somebody was here with a newer head, or the store was set back.
		if head, err = h.orgHead(ctx); err != nil {
			return nil, err
		}
	}
	if h.org.ref != nil && h.org.head == head {
		return h.org.ref, nil
	}
	if err := h.project(ctx, sync.Org, head); err != nil {
		return nil, err
	}
	if h.org.ref == nil || h.org.head.Seq >= head.Seq {
		h.org.docs, h.org.head = map[sync.DocID]*sync.Document{}, Mark{}
	}
	mark, err := h.collect(ctx, sync.Org, h.org.docs, h.org.head.Seq, head)
	if err != nil {
		return nil, err
	}
	all := make([]*sync.Document, 0, len(h.org.docs))
	for _, d := range h.org.docs {
		all = append(all, d)
	}
	sortDocuments(all)
	h.org.head, h.org.ref = mark, sync.NewReference(mark.Seq, all)
	return h.org.ref, nil
}

func (h *Hub) orgHead(ctx context.Context) (Mark, error) {
	head, err := h.store.Head(ctx, sync.Org)
	if err != nil {
		return Mark{}, unavailable("read head of org", err)
	}
	return head, nil
}

// collectRounds is how often collect follows a scope that moves while it reads.
const collectRounds = 5

// collect brings documents of a scope, complete up to a version, to a mark up
// to which it is projected, or to a later one if they move meanwhile. It
// returns which: a document that moved beyond the mark while it was looked for
// would otherwise be missed. Of a scope that does not stand still some
// documents are newer than the mark; none is older, and none is missing.
func (h *Hub) collect(ctx context.Context, scope sync.Scope, docs map[sync.DocID]*sync.Document, after int64, mark Mark) (Mark, error) {
	for round := 0; ; round++ {
		newest := mark.Seq
		err := h.eachChanged(ctx, scope, after, func(d *sync.Document) {
			docs[d.ID] = d
			newest = max(newest, d.Version)
		})
		if err != nil || newest == mark.Seq || round == collectRounds {
			return mark, err
		}
		after = mark.Seq
		marks, err := h.marks(ctx, []sync.Scope{scope})
		if err != nil {
			return Mark{}, err
		}
		mark = marks[scope]
	}
}

const pageSize = 200

// eachChanged calls f for every document of a scope with a version above after.
func (h *Hub) eachChanged(ctx context.Context, scope sync.Scope, after int64, f func(*sync.Document)) error {
	for {
		docs, full, err := h.page(ctx, scope, after)
		if err != nil {
			return err
		}
		for _, d := range docs {
			f(d)
			after = d.Version
		}
		if !full {
			return nil
		}
	}
}

// page returns documents by version after a version, never a part of those
// that one commit changed, and whether there may be more.
func (h *Hub) page(ctx context.Context, scope sync.Scope, after int64) ([]*sync.Document, bool, error) {
	for limit := pageSize; ; limit *= 2 {
		docs, err := h.store.Changed(ctx, scope, after, sync.MaxNumber, limit)
		if err != nil {
			return nil, false, unavailable("read documents", err)
		}
		if len(docs) < limit {
			return docs, false, nil
		}
		last := docs[len(docs)-1].Version
		whole := docs
		for len(whole) > 0 && whole[len(whole)-1].Version == last {
			whole = whole[:len(whole)-1]
		}
		if len(whole) > 0 {
			return whole, true, nil
		}
	}
}
