package hub

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"thidua/sync"
)

// A Check says what an amendment is held to, besides the shapes of bodies.
type Check int

// The checks.
const (
	ByRules    Check = iota // each document is judged like an act of the caller's phone
	ByOverseer              // the caller must oversee the scope, and may put in order what states forbid, but not what cannot be
	ByShape                 // the caller must oversee the scope; what the bodies say was checked by Make
)

// An Amendment is what a person does from a desk to several documents of one
// scope: one commit with a reason, or nothing.
type Amendment struct {
	Scope  sync.Scope
	Docs   []sync.DocID // what Make looks at
	Reason string       // required; at most sync.MaxReason characters
	Check  Check
	// Make returns what the documents become. It may be called several times,
	// each time with the documents as of the commit to be; its error, an *Error
	// or a *sync.Fault, is the caller's answer.
	Make func(Desk) ([]Put, error)
}

// A Desk is what an amendment is made from.
type Desk struct {
	Docs map[sync.DocID]*sync.Document // those of Amendment.Docs that exist, gone ones too
	Org  *sync.Reference
	By   sync.PersonID
	Now  int64 // milliseconds since 1970
}

// Live returns a document that is there and not gone, nil otherwise.
func (d Desk) Live(id sync.DocID) *sync.Document {
	if doc := d.Docs[id]; doc != nil && !doc.Gone {
		return doc
	}
	return nil
}

// Amend carries an amendment out and returns its commit, nil if all is as it
// should be already. It answers CodeForbidden, sync.CodeReason, the codes of
// Make and of bodies, and with ByRules those of the domain.
func (h *Hub) Amend(ctx context.Context, c Caller, am Amendment) (*sync.Commit, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	if c.UploadOnly || am.Check != ByRules && !h.domain.Oversees(c.Author, h.milli(), am.Scope, org) {
		return nil, E(CodeForbidden, "only an overseer of the scope does this")
	}
	reason, err := reasonOf(am.Reason)
	if err != nil {
		return nil, err
	}
	j := &job{author: c.Author, reason: reason, docs: am.Docs}
	j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
		org, err := h.reference(ctx)
		if err != nil {
			return err
		}
		puts, err := am.Make(deskOf(d, am.Docs, org, c.Person, h.milli()))
		for i := 0; i < len(puts) && err == nil; i++ {
			err = h.amend(d, c.Author, am, puts[i], org)
		}
		return coded(err)
	}
	return h.do(ctx, am.Scope, j)
}

// coded returns a fault as an Error, which all use cases answer with.
func coded(err error) error {
	var fault *sync.Fault
	if errors.As(err, &fault) {
		return &Error{Code: fault.Code, Detail: fault.Error()}
	}
	return err
}

// reasonOf returns a reason in normal form, or why it is none.
func reasonOf(s string) (string, error) {
	reason := strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(s, "")))
	if reason == "" || utf8.RuneCountInString(reason) > sync.MaxReason {
		return "", E(sync.CodeReason, "a reason of at most %d characters is required", sync.MaxReason)
	}
	return reason, nil
}

func deskOf(d *sync.Draft, ids []sync.DocID, org *sync.Reference, by sync.PersonID, now int64) Desk {
	desk := Desk{Docs: make(map[sync.DocID]*sync.Document, len(ids)), Org: org, By: by, Now: now}
	for _, id := range ids {
		if doc := d.Document(id); doc != nil {
			desk.Docs[id] = doc
		}
	}
	return desk
}

// amend makes one document what an amendment says, or says why it cannot be.
func (h *Hub) amend(d *sync.Draft, author sync.Author, am Amendment, p Put, org *sync.Reference) error {
	if p.Type == sync.TypeConflict || p.Type == sync.TypeRejection { // shaped by the engine, not by the schema
		d.Put(p.Doc, p.Type, p.Body)
		return nil
	}
	present := d.Document(p.Doc)
	if present != nil && present.Type != p.Type {
		return E(sync.CodeTypeDiffers, "another type of document has this identifier")
	}
	live := present != nil && !present.Gone
	if p.Body == nil && !live {
		return nil
	}
	act := sync.Act{
		Author: author, Scope: am.Scope, Type: h.domain.Schema().Types[p.Type], Doc: p.Doc, Present: present, Delete: p.Body == nil,
		Made: h.milli(), Received: h.milli(), Decision: am.Check == ByOverseer, Org: org, Look: d.Look,
	}
	if act.Type == nil {
		return E(sync.CodeUnknownType, "no type %q", p.Type)
	}
	if !act.Delete {
		body, err := clean(p.Type, p.Body)
		if err != nil {
			return err
		}
		if fault := act.Type.Validate(body); fault != nil {
			return fault
		}
		if len(sync.Canonical(body)) > sync.MaxBody {
			return E(sync.CodeBodyLarge, "at most %d bytes", sync.MaxBody)
		}
		if p.Body, act.Edits = body, []sync.Edit{{Now: body}}; live {
			act.Edits = sync.Diff(present.Body(), body, act.Type.Atomic)
		}
		if live && len(act.Edits) == 0 {
			return nil
		}
	}
	if am.Check != ByShape {
		if ruling := h.domain.Allow(act); ruling.Verdict != sync.Allow {
			return E(ruling.Code, "the rules refuse it")
		}
	}
	if act.Delete {
		d.Remove(p.Doc)
	} else {
		d.Put(p.Doc, p.Type, p.Body)
	}
	return nil
}
