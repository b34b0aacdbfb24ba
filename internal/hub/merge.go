package hub

import (
	"context"

	"thidua/sync"
)

// Codes of merging duplicates.
const (
	// CodeMerged refuses what a phone wrote into a document that was merged
	// into another; the rejection keeps it, and applying that re-aims it.
	CodeMerged sync.Code = "merged_into_another"
	// CodeMergeSame: a document cannot be merged into itself or another type.
	CodeMergeSame sync.Code = "merge_not_possible"
	// CodeMergeSettled: what was signed or submitted takes nothing in and is not given up.
	CodeMergeSettled sync.Code = "merge_after_signing"
	// CodeOpenConflict: conflicts about either document are decided first.
	CodeOpenConflict sync.Code = "merge_conflict_open"
)

// keyRedirect stands in the last body of a merged document, which is a
// tombstone: the identifier of the one it was merged into.
const keyRedirect = "redirect"

// A Merging makes one document out of two that record the same thing.
type Merging struct {
	Loser, Winner sync.DocID
	// Versions of both as the person saw them.
	LoserVersion, WinnerVersion int64
	// Choices decides every place where the two say different things: present
	// is the winner's value, side the loser's, value another. What only one of
	// them says is kept unless a choice says otherwise.
	Choices map[sync.Pointer]sync.Choice
	Reason  string
}

// Differences returns the edits that lead from one document to another of the
// same type, without its states and signatures, which never move. Those with
// both values have to be chosen when the two are merged.
func Differences(typ *sync.Type, winner, loser sync.Object) []sync.Edit {
	var found []sync.Edit
	for _, e := range sync.Diff(winner, loser, typ.Atomic) {
		if f := typ.Body.Fields[e.Path.Keys()[0]]; f == nil || f.Policy != sync.PolicyTransition {
			found = append(found, e)
		}
	}
	return found
}

// Merge carries a merging out, in one commit: the winner gets the chosen
// values, the loser becomes a tombstone that redirects to it, and a settled
// conflict about the loser tells phones where it went and keeps its values.
// What phones write into the loser later is refused with CodeMerged and kept.
// It returns the winner as it is then.
func (h *Hub) Merge(ctx context.Context, c Caller, scope sync.Scope, m Merging) (*sync.Document, error) {
	org, err := h.reference(ctx)
	if err != nil {
		return nil, err
	}
	if c.UploadOnly || !h.domain.Merges(c.Author, h.milli(), scope, org) {
		return nil, E(CodeForbidden, "only an overseer or the head of the cluster merges")
	}
	reason, err := reasonOf(m.Reason)
	if err != nil {
		return nil, err
	}
	open, err := h.store.About(ctx, scope, []sync.DocID{m.Loser, m.Winner})
	if err != nil {
		return nil, unavailable("read conflicts", err)
	}
	if len(open) > 0 {
		return nil, E(CodeOpenConflict, "a conflict about one of them is open")
	}
	var after *sync.Document
	j := &job{author: c.Author, reason: reason, docs: []sync.DocID{m.Loser, m.Winner, RedirectID(m.Loser)}}
	j.act = func(d *sync.Draft, _ map[sync.MutationID]StoredReceipt) error {
		if err := h.merge(d, m, decided(c.Person, h.milli(), reason)); err != nil {
			return coded(err)
		}
		after = d.Document(m.Winner)
		return nil
	}
	if _, err := h.do(ctx, scope, j); err != nil {
		return nil, err
	}
	return after, nil
}

// RedirectID returns the identifier of the settled conflict that tells where a
// document went when it was merged.
func RedirectID(loser sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID("duplicate", string(loser)))
}

// Redirect returns where a document went that was merged into another, "" if it was not.
func Redirect(d *sync.Document) sync.DocID {
	if d == nil || !d.Gone {
		return ""
	}
	to, _ := d.Body()[keyRedirect].(string)
	return sync.DocID(to)
}

func (h *Hub) merge(d *sync.Draft, m Merging, decided sync.Object) error {
	loser, winner := d.Document(m.Loser), d.Document(m.Winner)
	switch {
	case loser == nil || winner == nil:
		return E(CodeNotFound, "no such document in the scope")
	case loser.Version != m.LoserVersion || winner.Version != m.WinnerVersion || loser.Gone || winner.Gone:
		return E(CodeStale, "one of them has changed")
	case m.Loser == m.Winner || loser.Type != winner.Type:
		return E(CodeMergeSame, "two documents of one type")
	}
	typ := h.domain.Schema().Types[loser.Type]
	if typ == nil || typ.Keyed {
		return E(CodeMergeSame, "documents named after what they are about cannot be there twice")
	}
	if moved(typ, loser) {
		return E(CodeMergeSettled, "the signed one stays")
	}
	items, body, err := union(typ, winner, loser, m)
	if err != nil {
		return err
	}
	if fault := typ.Validate(body); fault != nil {
		return fault
	}
	if len(sync.Canonical(body)) > sync.MaxBody {
		return E(sync.CodeBodyLarge, "at most %d bytes", sync.MaxBody)
	}
	d.Put(m.Winner, winner.Type, body)
	d.Put(m.Loser, loser.Type, sync.Set(loser.Body(), "/"+keyRedirect, string(m.Winner)))
	d.Remove(m.Loser)
	record := sync.Object{
		"about": string(m.Loser), "aboutType": loser.Type, "state": sync.StateSettled, "opened": decided["at"], keyRedirect: string(m.Winner),
		"decided": decided,
	}
	if len(items) > 0 {
		record["items"] = items
	}
	if len(sync.Canonical(record)) > sync.MaxKept {
		delete(record, "items") // the tombstone's last body and the log have them too
	}
	d.Put(RedirectID(m.Loser), sync.TypeConflict, record)
	return nil
}

// moved reports whether a document has left the state it began in.
func moved(typ *sync.Type, d *sync.Document) bool {
	f := typ.Body.Fields["state"]
	state, _ := d.Body()["state"].(string)
	return f != nil && state != "" && len(f.Enum) > 0 && state != f.Enum[0]
}

// union returns the winner's body with what was chosen, and each difference
// with its choice as an item of a conflict.
func union(typ *sync.Type, winner, loser *sync.Document, m Merging) (items, body sync.Object, err error) {
	items, body = sync.Object{}, winner.Body()
	left := len(m.Choices)
	for _, e := range Differences(typ, winner.Body(), loser.Body()) {
		c, chosen := m.Choices[e.Path]
		if chosen {
			left--
		}
		switch {
		case !chosen && e.Was != nil && e.Now != nil:
			return nil, nil, &sync.Fault{Code: sync.CodeUndecided, Path: e.Path}
		case !chosen && e.Now != nil && !moved(typ, winner):
			c = sync.Choice{Take: sync.TakeSide}
		case !chosen:
			c = sync.Choice{Take: sync.TakePresent}
		}
		value := e.Was
		switch c.Take {
		case sync.TakeSide:
			value = e.Now
		case sync.TakeValue:
			value = c.Value
		}
		if !sync.Equal(value, e.Was) {
			if moved(typ, winner) {
				return nil, nil, E(CodeMergeSettled, "signed minutes take nothing in")
			}
			body = sync.Set(body, e.Path, value)
		}
		items[sync.PathKey(e.Path)] = itemOf(e, c, loser)
	}
	if left > 0 {
		return nil, nil, E(CodeStale, "a choice is about no difference")
	}
	return items, body, nil
}

// itemOf returns a difference as an item of a conflict, with the loser as its side.
func itemOf(e sync.Edit, c sync.Choice, loser *sync.Document) sync.Object {
	side := sync.Object{"version": loser.Version}
	if e.Now != nil {
		side["value"] = e.Now
	}
	choice := sync.Object{"take": c.Take}
	if c.Take == sync.TakeSide {
		choice["side"] = string(loser.ID)
	}
	if c.Take == sync.TakeValue && c.Value != nil {
		choice["value"] = c.Value
	}
	item := sync.Object{"path": string(e.Path), "code": "duplicate", "sides": sync.Object{string(loser.ID): side}, "choice": choice}
	if e.Was != nil {
		item["present"] = e.Was
	}
	return item
}
