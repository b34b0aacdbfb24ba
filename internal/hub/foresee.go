package hub

import (
	"context"
	"slices"

	"thidua/sync"
)

// Foresee returns the document that a conflict is about as a decision would
// leave it, nil if there would be none, and changes nothing. Whoever may decide
// may foresee; the reason may be missing. It answers the codes of Resolve.
func (h *Hub) Foresee(ctx context.Context, c Caller, scope sync.Scope, dec sync.Decision) (*sync.Document, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	if c.UploadOnly || !h.domain.Oversees(c.Author, h.milli(), scope, org) {
		return nil, E(CodeForbidden, "only an overseer of the scope decides its conflicts")
	}
	conflict, err := h.document(ctx, scope, dec.Conflict)
	if err != nil {
		return nil, err
	}
	about, _, _, ok := conflict.About()
	if !ok {
		return nil, E(CodeNotFound, "no conflict of that identifier")
	}
	marks, err := h.marks(ctx, []sync.Scope{scope})
	if err != nil {
		return nil, err
	}
	if dec.Reason == "" {
		dec.Reason = "?" // it will be asked for when the decision is taken
	}
	mark, read := marks[scope], []sync.DocID{dec.Conflict, about}
	for {
		docs, err := h.store.Documents(ctx, scope, read)
		if err != nil {
			return nil, unavailable("read documents", err)
		}
		d := sync.NewDraft(sync.DraftConfig{
			State: sync.NewState(scope, mark.Seq, mark.Hash, mark.Checksum, docs), Rules: h.domain, Org: org, Author: c.Author, Received: h.milli(),
		})
		fault := d.Resolve(dec)
		unread := slices.DeleteFunc(d.Missed(), func(id sync.DocID) bool { return slices.Contains(read, id) })
		if len(unread) > 0 { // the rules look at more than was read
			read = append(read, unread...)
			continue
		}
		if fault != nil {
			return nil, decisionError(fault)
		}
		after := d.Document(about)
		if after == nil || after.Gone {
			return nil, nil
		}
		return after, nil
	}
}
