package hub

import (
	"context"

	"thidua/sync"
)

// Resolve carries out a person's decision on a conflict of a scope: the
// document gets the chosen values and the conflict is settled, in one commit
// whose author is the person. It answers CodeNotFound, CodeForbidden,
// CodeStale if the conflict is not what the person saw any more, and the
// engine's codes for a decision that cannot stand.
func (h *Hub) Resolve(ctx context.Context, c Caller, scope sync.Scope, dec sync.Decision) (*sync.Commit, error) {
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
	j := &job{author: c.Author, reason: dec.Reason, docs: []sync.DocID{dec.Conflict, about}}
	j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
		if fault := d.Resolve(dec); fault != nil {
			return decisionError(fault)
		}
		return nil
	}
	return h.do(ctx, scope, j)
}

// decisionError tells why a decision was not carried out.
func decisionError(f *sync.Fault) error {
	switch f.Code {
	case sync.CodeNoConflict:
		return &Error{Code: CodeNotFound, Detail: f.Error()}
	case sync.CodeStaleDecision, sync.CodeSettled:
		return &Error{Code: CodeStale, Detail: f.Error()}
	}
	return &Error{Code: f.Code, Detail: f.Error()}
}

// document returns a document of a scope as of its head.
func (h *Hub) document(ctx context.Context, scope sync.Scope, id sync.DocID) (*sync.Document, error) {
	if _, err := h.marks(ctx, []sync.Scope{scope}); err != nil {
		return nil, err
	}
	docs, err := h.store.Documents(ctx, scope, []sync.DocID{id})
	if err != nil {
		return nil, unavailable("read document", err)
	}
	if len(docs) == 0 {
		return nil, E(CodeNotFound, "no such document in the scope")
	}
	return docs[0], nil
}

// A Put is a document of the server's own: reference data, imports.
type Put struct {
	Doc  sync.DocID
	Type string
	Body sync.Object // nil deletes it
}

// Store writes documents of the server's own into a scope, in commits as small
// as those of phones, and returns the last, nil if all is there already. Bodies
// must fit their types; if one does not, nothing is written. It is for commands
// and imports; who may call them is theirs to check.
func (h *Hub) Store(ctx context.Context, scope sync.Scope, author sync.PersonID, puts []Put) (*sync.Commit, error) {
	return h.write(ctx, scope, author, puts, func(d *sync.Draft, p Put) {
		if p.Body == nil {
			d.Remove(p.Doc)
		} else {
			d.Put(p.Doc, p.Type, p.Body)
		}
	})
}

// write does the work of Store: each document as do says.
func (h *Hub) write(ctx context.Context, scope sync.Scope, author sync.PersonID, puts []Put, do func(*sync.Draft, Put)) (*sync.Commit, error) {
	parts, err := h.parts(puts)
	if err != nil {
		return nil, err
	}
	jobs := make([]*job, len(parts))
	for i, part := range parts {
		jobs[i] = &job{author: sync.Author{Person: author}}
		for _, p := range part {
			jobs[i].docs = append(jobs[i].docs, p.Doc)
		}
		jobs[i].act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
			for _, p := range part {
				do(d, p)
			}
			return nil
		}
	}
	h.queue(scope, jobs...)
	var last *sync.Commit
	for _, j := range jobs {
		commit, err := h.wait(ctx, j)
		if err != nil {
			return last, err
		}
		if commit != nil {
			last = commit
		}
	}
	return last, nil
}

// parts checks documents of the server's own and cuts them into what goes into
// one commit each.
func (h *Hub) parts(puts []Put) ([][]Put, error) {
	schema := h.domain.Schema()
	var parts [][]Put
	size := 0
	for _, p := range puts {
		typ := schema.Types[p.Type]
		if typ == nil {
			return nil, E(CodeInvalid, "no type %q", p.Type)
		}
		if p.Body != nil {
			body, err := clean(p.Type, p.Body)
			if err != nil {
				return nil, err
			}
			if fault := typ.Validate(body); fault != nil {
				return nil, &Error{Code: CodeInvalid, Detail: p.Type + ": " + fault.Error()}
			}
			p.Body = body
		}
		bytes := len(sync.Canonical(p.Body))
		if n := len(parts); n == 0 || size+bytes > commitBytes || len(parts[n-1]) >= commitMutations {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], p)
		size += bytes
	}
	return parts, nil
}

// clean returns a body that the server's own code made as one that everybody
// can read back: in NFC, without what a body may not hold.
func clean(typ string, body sync.Object) (sync.Object, error) {
	cleaned, _, fault := sync.ParseObject(sync.Canonical(body))
	if fault != nil {
		return nil, &Error{Code: CodeInvalid, Detail: typ + ": " + fault.Error()}
	}
	return cleaned, nil
}
