package storetest

import (
	"context"
	"fmt"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/hub"
	"thidua/sync"
)

// nobody acts in these tests.
const nobody = sync.PersonID("00000000-0000-7000-8000-000000000001")

func docID(parts ...string) sync.DocID           { return sync.DocID(sync.NameID(parts...)) }
func deviceID(parts ...string) sync.DeviceID     { return sync.DeviceID(sync.NameID(parts...)) }
func mutationID(parts ...string) sync.MutationID { return sync.MutationID(sync.NameID(parts...)) }
func unit(name string) sync.Scope                { return sync.UnitScope(docID("unit", name)) }

// A logbook builds the commits of one scope and knows what they lead to.
type logbook struct {
	scope   sync.Scope
	head    hub.Mark
	docs    map[sync.DocID]*sync.Document
	commits []sync.Commit
}

func newLogbook(scope sync.Scope) *logbook {
	return &logbook{scope: scope, docs: map[sync.DocID]*sync.Document{}}
}

// add completes a commit, which says who did what, so that it follows the log.
func (l *logbook) add(c sync.Commit) sync.Commit {
	c.Scope, c.Seq, c.Prev, c.Checksum = l.scope, l.head.Seq+1, l.head.Hash, l.head.Checksum
	if c.Author == "" {
		c.Author = nobody
	}
	for _, ch := range c.Changes {
		c.Checksum -= l.docs[ch.Doc].Sum()
		l.docs[ch.Doc] = sync.Fold(l.docs[ch.Doc], l.scope, ch, c.Seq)
		c.Checksum += l.docs[ch.Doc].Sum()
	}
	l.head = hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}
	l.commits = append(l.commits, c)
	return c
}

// change adds a commit by the server of some changes.
func (l *logbook) change(changes ...sync.Change) sync.Commit {
	return l.add(sync.Commit{Changes: changes})
}

func create(id sync.DocID, typ string, body sync.Object) sync.Change {
	return sync.Change{Doc: id, Type: typ, By: -1, Create: body}
}

func edit(id sync.DocID, path sync.Pointer, was, now sync.Value) sync.Change {
	return sync.Change{Doc: id, Type: "minutes", By: -1, Edits: []sync.Edit{{Path: path, Was: was, Now: now}}}
}

// sorted returns the documents of the log in order of id.
func (l *logbook) sorted() []*sync.Document {
	docs := make([]*sync.Document, 0, len(l.docs))
	for _, d := range l.docs {
		docs = append(docs, d)
	}
	byID(docs)
	return docs
}

func (l *logbook) ids() []sync.DocID {
	var ids []sync.DocID
	for _, d := range l.sorted() {
		ids = append(ids, d.ID)
	}
	return ids
}

func byID(docs []*sync.Document) {
	sort.Slice(docs, func(i, j int) bool { return docs[i].ID < docs[j].ID })
}

// seen is all that can be seen of a document.
type seen struct {
	ID      sync.DocID
	Type    string
	Scope   sync.Scope
	Version int64
	Gone    bool
	Touched map[sync.Pointer]int64
	Body    string
}

func look(docs []*sync.Document) []seen {
	all := make([]seen, len(docs))
	for i, d := range docs {
		all[i] = seen{d.ID, d.Type, d.Scope, d.Version, d.Gone, d.Touched, string(d.Raw())}
	}
	return all
}

// sameDocuments fails the test unless two lists of documents are equal.
func sameDocuments(t *testing.T, what string, got, want []*sync.Document) {
	t.Helper()
	if diff := cmp.Diff(look(want), look(got)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, shorten(diff))
	}
}

// sameCommits fails the test unless two lists of commits are equal.
func sameCommits(t *testing.T, what string, got, want []sync.Commit) {
	t.Helper()
	text := func(commits []sync.Commit) []string {
		all := make([]string, len(commits))
		for i := range commits {
			c := commits[i]
			all[i] = string(c.Encode())
		}
		return all
	}
	if diff := cmp.Diff(text(want), text(got)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, shorten(diff))
	}
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, shorten(diff))
	}
}

// shorten keeps a failure readable when a body of 256 KB is wrong.
func shorten(s string) string {
	if len(s) > 4000 {
		return s[:4000] + "…"
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// appendAll appends commits that nobody contests.
func appendAll(t *testing.T, store hub.Store, commits ...sync.Commit) {
	t.Helper()
	n, err := store.Append(t.Context(), commits, nil)
	must(t, err)
	same(t, "commits appended", n, len(commits))
}

// whole reads a log and returns it if it is one: numbers from 1 without a gap,
// each commit chained to the one before, checksums that follow from the
// changes, and the head where the log ends.
func whole(ctx context.Context, store hub.Store, scope sync.Scope) (*logbook, error) {
	commits, err := store.Commits(ctx, scope, 0, 1<<20)
	if err != nil {
		return nil, err
	}
	l := newLogbook(scope)
	for _, c := range commits {
		if l.add(bare(c)); c.Hash() != l.head.Hash {
			return nil, fmt.Errorf("commit %d of %s is not what follows the one before", c.Seq, scope)
		}
	}
	head, err := store.Head(ctx, scope)
	if err != nil {
		return nil, err
	}
	if head != l.head {
		return nil, fmt.Errorf("the head is %+v, the log ends at %+v", head, l.head)
	}
	return l, nil
}

// bare returns a commit that does not remember its encoding and hash.
func bare(c sync.Commit) sync.Commit {
	return sync.Commit{
		Scope: c.Scope, Seq: c.Seq, Prev: c.Prev, Author: c.Author, Device: c.Device, At: c.At, Offset: c.Offset,
		Reason: c.Reason, Receipts: c.Receipts, Changes: c.Changes, Checksum: c.Checksum,
	}
}
