package hub

import (
	"context"

	"thidua/sync"
)

// Tell adds documents of the server's own to a scope, each unless it is there
// or ever was, and returns whether any was missing. Whoever else does the same
// at the same time, in whatever process, each is added once and nothing that
// people did to it is undone. Bodies must fit their types.
func (h *Hub) Tell(ctx context.Context, scope sync.Scope, puts []Put) (bool, error) {
	c, err := h.write(ctx, scope, sync.Server, puts, func(d *sync.Draft, p Put) {
		if d.Document(p.Doc) == nil {
			d.Put(p.Doc, p.Type, p.Body)
		}
	})
	return c != nil, err
}

// Read returns the live documents of scopes as of now. It is for the server's
// own work: what of them anybody is shown is the caller's affair.
func (h *Hub) Read(ctx context.Context, scopes []sync.Scope) (map[sync.Scope][]*sync.Document, error) {
	read := sources{}
	if err := h.read(ctx, scopes, nil, read); err != nil {
		return nil, err
	}
	docs := make(map[sync.Scope][]*sync.Document, len(read))
	for scope, s := range read {
		docs[scope] = s.docs
	}
	return docs, nil
}

// Find returns those of some documents that are live, by scope, as of now. Like
// Read it is for the server's own work.
func (h *Hub) Find(ctx context.Context, wanted map[sync.Scope][]sync.DocID) (map[sync.Scope][]*sync.Document, error) {
	marks, err := h.marks(ctx, keys(wanted))
	if err != nil {
		return nil, err
	}
	found := map[sync.Scope][]*sync.Document{}
	for _, scope := range keys(marks) { // nothing is where there is no log
		docs, err := h.store.Documents(ctx, scope, wanted[scope])
		if err != nil {
			return nil, unavailable("read documents", err)
		}
		for _, d := range docs {
			if !d.Gone {
				found[scope] = append(found[scope], d)
			}
		}
	}
	return found, nil
}
