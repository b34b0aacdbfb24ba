package hub

import (
	"context"
	stdsync "sync"

	"thidua/sync"
)

// reference is the organisation's reference data, kept in memory and brought
// up to date, by what changed only, whenever its log has moved.
type reference struct {
	mu   stdsync.Mutex
	docs map[sync.DocID]*sync.Document
	ref  *sync.Reference
}

// reference returns the reference data as of now.
func (h *Hub) reference(ctx context.Context) (*sync.Reference, error) {
	marks, err := h.store.Heads(ctx, []sync.Scope{sync.Org})
	if err != nil {
		return nil, unavailable("read head of org", err)
	}
	head := marks[sync.Org]
	h.org.mu.Lock()
	defer h.org.mu.Unlock()
	if h.org.ref != nil && h.org.ref.Seq == head.Seq {
		return h.org.ref, nil
	}
	if err := h.project(ctx, sync.Org, head); err != nil {
		return nil, err
	}
	if h.org.ref == nil || h.org.ref.Seq > head.Seq { // the beginning, or a store set back
		h.org.docs, h.org.ref = map[sync.DocID]*sync.Document{}, sync.NewReference(0, nil)
	}
	err = h.eachChanged(ctx, sync.Org, h.org.ref.Seq, head.Seq, func(d *sync.Document) { h.org.docs[d.ID] = d })
	if err != nil {
		return nil, err
	}
	all := make([]*sync.Document, 0, len(h.org.docs))
	for _, d := range h.org.docs {
		all = append(all, d)
	}
	sortDocuments(all)
	h.org.ref = sync.NewReference(head.Seq, all)
	return h.org.ref, nil
}

const pageSize = 200

// eachChanged calls f for every document of a scope with a version in (after, upTo].
func (h *Hub) eachChanged(ctx context.Context, scope sync.Scope, after, upTo int64, f func(*sync.Document)) error {
	for {
		docs, full, err := h.page(ctx, scope, after, upTo)
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
func (h *Hub) page(ctx context.Context, scope sync.Scope, after, upTo int64) ([]*sync.Document, bool, error) {
	for limit := pageSize; ; limit *= 2 {
		docs, err := h.store.Changed(ctx, scope, after, upTo, limit)
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
