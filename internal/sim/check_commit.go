package sim

import (
	"errors"
	"fmt"
	"strings"

	"thidua/sync"
)

// commit checks the next commit of a log: that it follows, that every value it
// replaces is named, that nothing kept is lost, and that what its receipts say
// became of each mutation is what happened.
func (c *checker) commit(b *book, commit *sync.Commit) error {
	prev, sum := sync.Hash(""), uint64(0)
	if n := len(b.hashes); n > 0 {
		prev, sum = b.hashes[n-1], b.sums[n-1]
	}
	if commit.Seq != b.head()+1 || commit.Prev != prev {
		return errors.New("does not follow the one before it")
	}
	back, err := sync.DecodeCommit(commit.Encode())
	if err != nil || back.Hash() != commit.Hash() {
		return fmt.Errorf("does not come back from the store as it was: %w", err)
	}
	j := &judgement{commit: commit, after: map[sync.DocID]*sync.Document{}, book: b}
	for i := range commit.Receipts {
		if err := j.upTo(i); err != nil {
			return err
		}
		r := &commit.Receipts[i]
		if err := c.receipt(commit, r); err != nil {
			return err
		}
		j.states = append(j.states, j.doc(r.Doc))
	}
	if err := j.upTo(len(commit.Receipts)); err != nil {
		return err
	}
	for i := range commit.Receipts {
		r := &commit.Receipts[i]
		m, sent := c.mutations[receiptKey{commit.Device, r.Mutation}]
		if !sent {
			return fmt.Errorf("mutation %s was never sent", r.Mutation)
		}
		if err := j.became(i, r, &m); err != nil {
			return fmt.Errorf("mutation %s, %s: %w", r.Mutation, r.Outcome, err)
		}
	}
	for id, d := range j.after {
		if _, is, _, ok := d.About(); ok && is == sync.StateSettled {
			c.w.met["settled"]++
		}
		if d.Type == typeBoard {
			c.w.met["derived"]++
		}
		sum += d.Sum() - b.docs[id].Sum()
		b.docs[id] = d
		if b.versions[id] == nil {
			b.versions[id] = map[int64]*sync.Document{}
		}
		b.versions[id][commit.Seq] = d
	}
	if sum != commit.Checksum {
		return fmt.Errorf("checksum %x instead of %x", commit.Checksum, sum)
	}
	b.hashes, b.sums = append(b.hashes, commit.Hash()), append(b.sums, sum)
	return nil
}

// receipt notes where a mutation was taken up: once. Only where the right to
// write in its scope changed while it was judged by two servers at once may it
// be in that scope's log and, as refused, in its author's own.
func (c *checker) receipt(commit *sync.Commit, r *sync.Receipt) error {
	key, at := receiptKey{commit.Device, r.Mutation}, place{commit.Scope, commit.Seq, r.Outcome}
	if places := c.receipts[key]; len(places) > 0 {
		refused := at
		if places[0].scope.Kind() == "user" {
			refused = places[0]
		}
		if len(places) > 1 || places[0].scope == at.scope || refused.scope != sync.UserScope(commit.Author) || refused.outcome != sync.Rejected {
			return fmt.Errorf("mutation %s is in the log of %s at %d already", r.Mutation, places[0].scope, places[0].seq)
		}
	}
	c.receipts[key] = append(c.receipts[key], at)
	c.w.met[string(r.Outcome)]++
	return nil
}

// A judgement is a commit that is folded change by change.
type judgement struct {
	commit *sync.Commit
	book   *book
	after  map[sync.DocID]*sync.Document // changed so far
	states []*sync.Document              // of each receipt's document, when it was decided
	next   int                           // change
}

func (j *judgement) doc(id sync.DocID) *sync.Document {
	if d, changed := j.after[id]; changed {
		return d
	}
	return j.book.docs[id]
}

// upTo folds the changes that the receipts up to one caused, and what the
// server did in between.
func (j *judgement) upTo(receipt int) error {
	for ; j.next < len(j.commit.Changes); j.next++ {
		ch := j.commit.Changes[j.next]
		if ch.By > receipt {
			return nil
		}
		before := j.doc(ch.Doc)
		if err := named(before, ch); err != nil {
			return fmt.Errorf("change of %s: %w", ch.Doc, err)
		}
		after := sync.Fold(before, j.commit.Scope, ch, j.commit.Seq)
		if after == nil {
			return fmt.Errorf("change of %s, which is not there", ch.Doc)
		}
		if err := keeps(before, after); err != nil {
			return fmt.Errorf("change of %s: %w", ch.Doc, err)
		}
		j.after[ch.Doc] = after
	}
	return nil
}

// named checks that a change says what it replaces.
func named(before *sync.Document, ch sync.Change) error {
	switch {
	case ch.Delete && (before == nil || before.Gone):
		return errors.New("deletes what is not there")
	case ch.Create != nil && before != nil && !before.Gone:
		return errors.New("creates what is there, so that values vanish")
	}
	for _, e := range ch.Edits {
		if was := sync.Get(before.Body(), e.Path); !sync.Equal(was, e.Was) {
			return fmt.Errorf("replaces %v at %s and says it was %v", was, e.Path, e.Was)
		}
	}
	return nil
}

// keeps checks that a conflict keeps all its sides and a rejection its mutation.
func keeps(before, after *sync.Document) error {
	if before == nil || before.Type != sync.TypeConflict && before.Type != sync.TypeRejection {
		return nil
	}
	if after.Gone {
		return errors.New("what was kept is deleted")
	}
	for _, name := range []string{"create", "edits", "delete", "raw"} {
		if !sync.Equal(before.Body()[name], after.Body()[name]) {
			return errors.New("what was refused is not what it was")
		}
	}
	items, _ := before.Body()["items"].(sync.Object)
	for key := range items {
		at := sync.Pointer("/items/" + key + "/sides")
		sides, _ := sync.Get(before.Body(), at).(sync.Object)
		for id, side := range sides {
			if !sync.Equal(side, sync.Get(after.Body(), at.Join(id))) {
				return fmt.Errorf("the side of %s is lost", id)
			}
		}
	}
	return nil
}

// became checks what became of a mutation.
func (j *judgement) became(i int, r *sync.Receipt, m *sync.Mutation) error {
	if r.Content != m.Content() {
		return errors.New("the receipt is of another content")
	}
	if r.Outcome == sync.Rejected {
		return j.rejected(r, m)
	}
	var own []sync.Change
	for _, ch := range j.commit.Changes {
		if ch.By == i {
			own = append(own, ch)
		}
	}
	if m.Delete != "" {
		if d := j.states[i]; r.Outcome == sync.Queued && j.kept(m, "", nil) || r.Outcome != sync.Queued && d != nil && d.Gone {
			return nil
		}
		return errors.New("the document is neither gone nor in question")
	}
	edits := m.Edits
	if m.Create != nil {
		edits = []sync.Edit{{Now: m.Create}}
	}
	if r.Outcome == sync.Applied && len(own) != 1 {
		return fmt.Errorf("%d changes", len(own))
	}
	for _, e := range edits {
		if !j.there(i, r, m, e.Path, e.Was, e.Now) {
			return fmt.Errorf("%v is not at %s", e.Now, e.Path)
		}
	}
	return nil
}

// there reports whether a value that a mutation wanted stands at its path, or
// is kept in a conflict; values that are merged key by key are looked for so.
func (j *judgement) there(i int, r *sync.Receipt, m *sync.Mutation, at sync.Pointer, was, now sync.Value) bool {
	if d := j.states[i]; d != nil && !d.Gone {
		if at == "" && sync.Equal(d.Body(), now) || at != "" && sync.Equal(sync.Get(d.Body(), at), now) {
			return true
		}
	}
	if r.Outcome == sync.Applied {
		return false
	}
	if r.Outcome == sync.Queued && j.kept(m, at, now) || m.Create != nil && at == "/state" {
		return true // a creation says where things begin, and they have begun
	}
	from, _ := was.(sync.Object)
	to, divisible := now.(sync.Object)
	if !divisible {
		return false
	}
	for _, key := range sortedKeys(from) {
		if _, stays := to[key]; !stays && !j.there(i, r, m, at.Join(key), from[key], nil) {
			return false
		}
	}
	for _, key := range sortedKeys(to) {
		if from[key] != nil && sync.Equal(from[key], to[key]) {
			continue
		}
		if !j.there(i, r, m, at.Join(key), from[key], to[key]) {
			return false
		}
	}
	return true
}

// kept reports whether a conflict of this commit keeps a value.
func (j *judgement) kept(m *sync.Mutation, at sync.Pointer, value sync.Value) bool {
	for _, d := range j.after {
		about, _, _, ok := d.About()
		if !ok || d.Type != sync.TypeConflict || about != m.Doc {
			continue
		}
		side, _ := sync.Get(d.Body(), sync.Pointer("/items/"+sync.PathKey(at)).Join("sides").Join(string(m.ID))).(sync.Object)
		if side == nil {
			continue
		}
		if o, isObject := value.(sync.Object); isObject && len(o) == 0 {
			return side["empty"] == true
		}
		if sync.Equal(side["value"], value) {
			return true
		}
	}
	return false
}

// rejected checks that what was refused is kept.
func (j *judgement) rejected(r *sync.Receipt, m *sync.Mutation) error {
	d := j.doc(r.Kept)
	if d == nil || d.Gone || d.Type != sync.TypeRejection {
		return errors.New("it is not kept")
	}
	body := d.Body()
	switch {
	case m.Create != nil:
		if sync.Equal(body["create"], m.Create) {
			return nil
		}
	case m.Delete != "":
		if body["delete"] == string(m.Delete) {
			return nil
		}
	default:
		edits, _ := body["edits"].(sync.Object)
		missing := []string{}
		for _, e := range m.Edits {
			if kept, _ := edits[sync.PathKey(e.Path)].(sync.Object); kept == nil || !sync.Equal(kept["now"], e.Now) {
				missing = append(missing, string(e.Path))
			}
		}
		if len(missing) == 0 {
			return nil
		}
		return fmt.Errorf("edits of %s are not kept", strings.Join(missing, ", "))
	}
	return errors.New("something else is kept")
}
