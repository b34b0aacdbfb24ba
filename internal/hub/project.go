package hub

import (
	"context"
	"fmt"
	"sort"

	"thidua/sync"
)

// commitPage is how many commits are projected at a time.
const commitPage = 100

// project completes the projection of a scope up to a mark: every commit after
// the watermark, in order. Whoever needs the documents does it; that another
// process stopped half way, or does the same now, changes nothing.
func (h *Hub) project(ctx context.Context, scope sync.Scope, head Mark) error {
	marks, err := h.store.Marks(ctx, []sync.Scope{scope})
	if err != nil {
		return unavailable("read watermark", err)
	}
	mark := marks[scope]
	for mark.Seq < head.Seq {
		limit := int(min(commitPage, head.Seq-mark.Seq)) // what is beyond the head is not needed yet
		commits, err := h.store.Commits(ctx, scope, mark.Seq, limit)
		if err != nil {
			return unavailable("read commits", err)
		}
		if len(commits) == 0 {
			return unavailable("read commits", fmt.Errorf("log ends at %d, before its head %d", mark.Seq, head.Seq))
		}
		docs, err := h.fold(ctx, scope, commits)
		if err != nil {
			return err
		}
		last := &commits[len(commits)-1]
		mark = Mark{Seq: last.Seq, Hash: last.Hash(), Checksum: last.Checksum}
		if err := h.store.Project(ctx, scope, docs, mark); err != nil {
			return unavailable("project", err)
		}
	}
	return nil
}

// fold returns the documents that commits changed, as of the last of them. A
// document that is stored as newer was projected by somebody else and stays.
func (h *Hub) fold(ctx context.Context, scope sync.Scope, commits []sync.Commit) ([]*sync.Document, error) {
	ids := map[sync.DocID]bool{}
	for i := range commits {
		for _, ch := range commits[i].Changes {
			ids[ch.Doc] = true
		}
	}
	stored, err := h.store.Documents(ctx, scope, keys(ids))
	if err != nil {
		return nil, unavailable("read documents", err)
	}
	docs := map[sync.DocID]*sync.Document{}
	newest := map[sync.DocID]int64{}
	for _, d := range stored {
		docs[d.ID], newest[d.ID] = d, d.Version
	}
	for i := range commits {
		for _, ch := range commits[i].Changes {
			if newest[ch.Doc] < commits[i].Seq {
				docs[ch.Doc] = sync.Fold(docs[ch.Doc], scope, ch, commits[i].Seq)
			}
		}
	}
	changed := make([]*sync.Document, 0, len(docs))
	for id, d := range docs {
		if d != nil && d.Version > newest[id] {
			changed = append(changed, d)
		}
	}
	sortDocuments(changed)
	return changed, nil
}

func keys[K ~string, V any](set map[K]V) []K {
	list := make([]K, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}

func sortDocuments(docs []*sync.Document) {
	sort.Slice(docs, func(i, j int) bool {
		if docs[i].Version != docs[j].Version {
			return docs[i].Version < docs[j].Version
		}
		return docs[i].ID < docs[j].ID
	})
}
