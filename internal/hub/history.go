package hub

import (
	"context"

	"thidua/sync"
)

// MaxPage is the most rows a listing returns at once.
const MaxPage = 200

// History returns up to limit commits that changed a document, newest first,
// with sequence numbers below before (0: from the newest). The caller must
// hold or oversee the scope; otherwise CodeNotFound, as if there were none.
func (h *Hub) History(ctx context.Context, c Caller, scope sync.Scope, doc sync.DocID, before int64, limit int) ([]sync.Commit, error) {
	if err := h.look(ctx, c, scope); err != nil {
		return nil, err
	}
	commits, err := h.store.History(ctx, scope, doc, before, page(limit))
	if err != nil {
		return nil, unavailable("read history", err)
	}
	if len(commits) == 0 && before == 0 {
		return nil, E(CodeNotFound, "no such document in the scope")
	}
	return commits, nil
}

// maxStory bounds how many commits of one document Story returns.
const maxStory = 10_000

// Story returns every commit that changed a document, newest first, but no
// more than the newest 10,000. It is for whoever History is for.
func (h *Hub) Story(ctx context.Context, c Caller, scope sync.Scope, doc sync.DocID) ([]sync.Commit, error) {
	var all []sync.Commit
	before := int64(0)
	for len(all) < maxStory {
		commits, err := h.History(ctx, c, scope, doc, before, MaxPage)
		if err != nil {
			return nil, err
		}
		all = append(all, commits...)
		if len(commits) < MaxPage {
			break
		}
		before = commits[len(commits)-1].Seq
	}
	return all, nil
}

// Document returns a document as of now. The caller must hold or oversee the scope.
func (h *Hub) Document(ctx context.Context, c Caller, scope sync.Scope, id sync.DocID) (*sync.Document, error) {
	if err := h.look(ctx, c, scope); err != nil {
		return nil, err
	}
	return h.document(ctx, scope, id)
}

// Live returns the live documents of a scope as of now. The caller must hold
// or oversee it.
func (h *Hub) Live(ctx context.Context, c Caller, scope sync.Scope) ([]*sync.Document, error) {
	if err := h.look(ctx, c, scope); err != nil {
		return nil, err
	}
	marks, err := h.marks(ctx, []sync.Scope{scope})
	if err != nil {
		return nil, err
	}
	docs, _, err := h.live(ctx, scope, marks[scope])
	return docs, err
}

// Reference returns the reference data as of now; everybody may read it.
func (h *Hub) Reference(ctx context.Context) (*sync.Reference, error) { return h.reference(ctx) }

// Kept returns conflicts and rejections that the caller oversees or that are
// in scopes the caller holds, newest first.
func (h *Hub) Kept(ctx context.Context, c Caller, filter KeptFilter) ([]*sync.Document, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	if c.UploadOnly {
		return nil, nil
	}
	held := h.domain.Readable(c.Author, h.milli(), org)
	filter.Limit = page(filter.Limit)
	want := filter.Limit
	var found []*sync.Document
	for len(found) < want {
		docs, err := h.store.Kept(ctx, filter)
		if err != nil {
			return nil, unavailable("read conflicts", err)
		}
		for _, d := range docs {
			if contains(held, d.Scope) || h.domain.Oversees(c.Author, h.milli(), d.Scope, org) {
				found = append(found, d)
			}
		}
		if len(docs) < filter.Limit {
			break
		}
		last := docs[len(docs)-1]
		_, _, filter.Before, _ = last.About()
		filter.BeforeID = last.ID
	}
	return found[:min(len(found), want)], nil
}

// look answers CodeNotFound unless the caller may look into a scope.
func (h *Hub) look(ctx context.Context, c Caller, scope sync.Scope) error {
	ok, err := h.mayLook(ctx, c, scope)
	if err != nil {
		return err
	}
	if !ok {
		return E(CodeNotFound, "no such document in the scope")
	}
	return nil
}

func page(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}
