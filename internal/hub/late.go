package hub

import (
	"context"

	"thidua/sync"
)

// CodeNotApplicable: a rejection holds nothing that can be applied for its
// author: a step or signature has to be taken again, or it cannot be read.
const CodeNotApplicable sync.Code = "not_applicable"

// A Late is a person's decision on a rejection.
type Late struct {
	Rejection sync.DocID
	Version   int64 // of the rejection as the person saw it
	Present   int64 // when applying: the version of the document it would change as the person saw it, 0 if there is none
	Reason    string
	Until     string // when applying reopens a sheet: the day (YYYY-MM-DD) until which it may be submitted again; may be empty
}

// An Applied says what applying a rejection did.
type Applied struct {
	Rejection *sync.Document // settled
	Document  *sync.Document // as it is now; nil if it was deleted
	Reopened  bool           // it was taken back to a state in which it can be edited
}

// Apply carries out, for its author, what was refused: the document gets the
// values whatever it says now, is taken back to a state in which it may be
// edited if that is why they were refused, and the rejection is settled. What
// was written into a document that has been merged since goes to the one it was
// merged into. The caller must oversee both the rejection's scope and the
// document's; an unchanged document that is applied to again only settles.
func (h *Hub) Apply(ctx context.Context, c Caller, scope sync.Scope, l Late) (Applied, error) {
	rejection, reason, err := h.openRejection(ctx, c, scope, l)
	if err != nil {
		return Applied{}, err
	}
	body := rejection.Body()
	target := rejection.Scope
	if s, elsewhere := body["scope"].(string); elsewhere {
		target = sync.Scope(s)
	}
	about, _ := body["about"].(string)
	doc, err := h.aim(ctx, target, sync.DocID(about))
	if err != nil {
		return Applied{}, err
	}
	var out Applied
	change := Amendment{Scope: target, Docs: []sync.DocID{doc}, Reason: reason, Check: ByOverseer, Make: func(desk Desk) ([]Put, error) {
		var put Put
		if put, out.Reopened, err = h.belated(body, doc, desk.Docs[doc], l, reason); err != nil {
			return nil, err
		}
		return []Put{put}, nil
	}}
	commit, err := h.Amend(ctx, c, change)
	if err != nil {
		return Applied{}, err
	}
	note := sync.Object{"took": "applied", "scope": string(target), "doc": string(doc)}
	if commit != nil {
		note["version"] = commit.Seq
	}
	if out.Reopened {
		note["reopened"] = true
	}
	if out.Rejection, err = h.settle(ctx, c, l, rejection, reason, note); err != nil {
		return Applied{}, err
	}
	if d, err := h.document(ctx, target, doc); err == nil && !d.Gone {
		out.Document = d
	}
	return out, nil
}

// Dismiss settles a rejection without doing what it holds, and returns it. The
// caller must oversee its scope.
func (h *Hub) Dismiss(ctx context.Context, c Caller, scope sync.Scope, l Late) (*sync.Document, error) {
	rejection, reason, err := h.openRejection(ctx, c, scope, l)
	if err != nil {
		return nil, err
	}
	return h.settle(ctx, c, l, rejection, reason, sync.Object{"took": "dismissed"})
}

// openRejection returns the rejection that a decision is about, with the
// decision's reason in normal form.
func (h *Hub) openRejection(ctx context.Context, c Caller, scope sync.Scope, l Late) (*sync.Document, string, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, "", err
	}
	if c.UploadOnly || !h.domain.Oversees(c.Author, h.milli(), scope, org) {
		return nil, "", E(CodeForbidden, "only an overseer of the scope decides its rejections")
	}
	reason, err := reasonOf(l.Reason)
	if err != nil {
		return nil, "", err
	}
	rejection, err := h.document(ctx, scope, l.Rejection)
	if err != nil {
		return nil, "", err
	}
	_, state, _, ok := rejection.About()
	switch {
	case !ok || rejection.Type != sync.TypeRejection || rejection.Gone:
		return nil, "", E(CodeNotFound, "no rejection of that identifier")
	case state != sync.StateOpen || rejection.Version != l.Version:
		return nil, "", E(CodeStale, "the rejection is not what was looked at")
	}
	return rejection, reason, nil
}

// maxRedirects bounds how often a document may have been merged into another.
const maxRedirects = 8

// aim follows a document to the one it was merged into.
func (h *Hub) aim(ctx context.Context, scope sync.Scope, id sync.DocID) (sync.DocID, error) {
	for range maxRedirects {
		d, err := h.document(ctx, scope, id)
		if CodeOf(err) == CodeNotFound {
			return id, nil // it is about to be created
		}
		if err != nil {
			return "", err
		}
		to := Redirect(d)
		if to == "" {
			return id, nil
		}
		id = to
	}
	return "", E(CodeNotApplicable, "merged too often")
}

// settle closes a rejection, saying what was done.
func (h *Hub) settle(ctx context.Context, c Caller, l Late, rejection *sync.Document, reason string, note sync.Object) (*sync.Document, error) {
	_, err := h.Amend(ctx, c, Amendment{Scope: rejection.Scope, Docs: []sync.DocID{l.Rejection}, Reason: reason, Check: ByOverseer, Make: func(desk Desk) ([]Put, error) {
		present := desk.Live(l.Rejection)
		if present == nil || present.Version != l.Version {
			return nil, E(CodeStale, "the rejection is not what was looked at")
		}
		body := sync.Set(present.Body(), "/state", sync.StateSettled)
		how := decided(c.Person, desk.Now, reason)
		for k, v := range note {
			how[k] = v
		}
		return []Put{{Doc: l.Rejection, Type: sync.TypeRejection, Body: sync.Set(body, "/decided", how)}}, nil
	}})
	if err != nil {
		return nil, err
	}
	return h.document(ctx, rejection.Scope, l.Rejection)
}

// decided is what a settled document says about who settled it.
func decided(by sync.PersonID, at int64, reason string) sync.Object {
	return sync.Object{"by": string(by), "at": at, "reason": reason}
}

// belated returns what a document becomes when a rejection is applied to it,
// and whether that takes it back to an earlier state.
func (h *Hub) belated(rejection sync.Object, id sync.DocID, present *sync.Document, l Late, reason string) (Put, bool, error) {
	var version int64
	if present != nil && !present.Gone {
		version = present.Version
	}
	if version != l.Present {
		return Put{}, false, E(CodeStale, "the document is not what was looked at")
	}
	name, _ := rejection["aboutType"].(string)
	if present != nil {
		name = present.Type
	}
	typ := h.domain.Schema().Types[name]
	if typ == nil || rejection["raw"] != nil {
		return Put{}, false, E(CodeNotApplicable, "it cannot be read")
	}
	if rejection["delete"] != nil {
		return Put{Doc: id, Type: name}, false, nil
	}
	var body sync.Object
	if version != 0 {
		body = present.Body()
	}
	edits, fault := refused(typ, rejection, body)
	if fault != nil {
		return Put{}, false, fault
	}
	if version == 0 {
		return Put{Doc: id, Type: name, Body: sync.Apply(body, edits)}, false, nil
	}
	back, reopened, code := h.domain.Reopened(typ, body, reason, l.Until)
	if code != "" {
		return Put{}, false, E(code, "it is not reopened for this")
	}
	return Put{Doc: id, Type: name, Body: sync.Apply(back, edits)}, reopened, nil
}

// refused returns the edits a rejection holds. A creation of what is there by
// now adds its fields, but not the state it began in.
func refused(typ *sync.Type, rejection, present sync.Object) ([]sync.Edit, *sync.Fault) {
	var edits []sync.Edit
	if held, ok := rejection["edits"].(sync.Object); ok {
		for _, key := range keys(held) {
			e, _ := held[key].(sync.Object)
			path, _ := e["path"].(string)
			edits = append(edits, sync.Edit{Path: sync.Pointer(path), Now: e["now"]})
		}
	} else {
		created, _ := rejection["create"].(sync.Object)
		for _, e := range sync.Diff(present, created, typ.Atomic) {
			if e.Now != nil {
				edits = append(edits, e)
			}
		}
	}
	var kept []sync.Edit
	for _, e := range edits {
		f := typ.Body.Fields[firstKey(e.Path)]
		step := f != nil && f.Policy == sync.PolicyTransition
		switch {
		case e.Path == "" || f == nil || step && rejection["edits"] != nil:
			return nil, &sync.Fault{Code: CodeNotApplicable, Path: e.Path, Detail: "a step has to be taken again"}
		case !step:
			kept = append(kept, e)
		}
	}
	return kept, nil
}

func firstKey(p sync.Pointer) string {
	if keys := p.Keys(); len(keys) > 0 {
		return keys[0]
	}
	return ""
}
