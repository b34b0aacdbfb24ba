package fsck

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"thidua/internal/hub"
	"thidua/sync"
)

// How much is read at a time, and of how many documents and commits of a scope
// histories and receipts are looked up in a quick check.
const (
	scopePage    = 1000
	commitPage   = 100
	listPage     = 200
	documentPage = 500     // the first; later ones are as long as is good for their size
	pageBytes    = 4 << 20 // of bodies, about; a page is at most four times as much
	sample       = 4
)

// A pass is one look at a scope. The order of its reads is what makes it right
// while others write: the watermark, then the documents, then the head, then
// the log up to that head. What is stored is then at least as new as the
// watermark says, and no newer than the log that was read.
type pass struct {
	*checker
	scope    sync.Scope
	mark     hub.Mark // as stored; zero if there is none
	head     hub.Mark
	due      int64 // documents must be as new as the last change up to here
	stored   map[sync.DocID]*stored
	docs     map[sync.DocID]*sync.Document // the fold of the log up to the head
	dueAt    map[sync.DocID]int64          // the version a document had there
	changed  map[sync.DocID][]int64        // the commits that changed it
	authors  map[string]bool               // people and devices
	findings []Finding
	broken   bool // the log cannot be followed further

	commits, receipts, histories int64
}

// stored is what is remembered of a stored document.
type stored struct {
	version int64
	digest  [sha256.Size]byte
	right   bool // the log made exactly this, at this version
	typ     string
	kept    bool // a conflict or rejection that is not gone
	about   sync.DocID
	open    bool
}

func (p *pass) find(code sync.Code, seq int64, doc sync.DocID, m *mend, detail string, args ...any) {
	p.findings = append(p.findings, Finding{
		Code: code, Scope: p.scope, Seq: seq, Doc: doc, Detail: fmt.Sprintf(detail, args...), Says: sentence(code), Repairable: m != nil, mend: m,
	})
}

// examine takes one look at a scope.
func (c *checker) examine(ctx context.Context, scope sync.Scope) (*pass, error) {
	p := &pass{
		checker: c, scope: scope, stored: map[sync.DocID]*stored{}, docs: map[sync.DocID]*sync.Document{},
		dueAt: map[sync.DocID]int64{}, changed: map[sync.DocID][]int64{}, authors: map[string]bool{},
	}
	marks, err := c.Store.Marks(ctx, []sync.Scope{scope})
	if err != nil {
		return nil, err
	}
	p.mark = marks[scope]
	if err := p.scan(ctx); err != nil {
		if err = p.unreadable(ctx, DocumentsUnreadable, 0, err); err != nil {
			return nil, err
		}
	}
	if p.head, err = c.Store.Head(ctx, scope); err != nil {
		return nil, err
	}
	p.due = min(p.mark.Seq, p.head.Seq)
	if err := p.walk(ctx); err != nil {
		return nil, err
	}
	if p.broken || p.has(DocumentsUnreadable) {
		return p, nil
	}
	p.compare()
	if err := p.lists(ctx); err != nil {
		return nil, err
	}
	if p.has(HeadDiffers, ChecksumWrong, ChangeBaseless) {
		p.spoil()
	}
	return p, p.lookUp(ctx)
}

func (p *pass) has(codes ...sync.Code) bool {
	return slices.ContainsFunc(p.findings, func(f Finding) bool { return slices.Contains(codes, f.Code) })
}

// spoil makes nothing repairable: what follows from a log that is wrong itself
// is no better than what is stored.
func (p *pass) spoil() {
	for i := range p.findings {
		p.findings[i].Repairable, p.findings[i].mend = false, nil
	}
}

// unreadable turns an error into a finding if the store answers otherwise.
func (p *pass) unreadable(ctx context.Context, code sync.Code, seq int64, err error) error {
	if _, down := p.Store.Head(ctx, p.scope); down != nil || ctx.Err() != nil {
		return err
	}
	p.find(code, seq, "", nil, "%v", err)
	return nil
}

// scan reads all documents by version. One that moves meanwhile is met again
// further on: it never goes back. Small documents come in longer pages, for
// what a query costs does not depend on their size.
func (p *pass) scan(ctx context.Context) error {
	for after := int64(-sync.MaxNumber); ; {
		docs, full, err := p.page(ctx, after, p.limit)
		if err != nil {
			return err
		}
		bytes := 0
		for _, d := range docs {
			p.stored[d.ID] = newStored(d)
			after = d.Version
			bytes += len(d.Raw())
		}
		p.tell(p)
		if !full {
			return nil
		}
		switch {
		case bytes < pageBytes/2:
			p.limit *= 2
		case bytes > 2*pageBytes:
			p.limit = max(p.limit/2, 1)
		}
	}
}

// page returns documents by version after a version, never a part of those of
// one version, and whether there may be more.
func (p *pass) page(ctx context.Context, after int64, limit int) ([]*sync.Document, bool, error) {
	for ; ; limit *= 2 {
		docs, err := p.Store.Changed(ctx, p.scope, after, sync.MaxNumber, limit)
		if err != nil || len(docs) < limit {
			return docs, false, err
		}
		end := len(docs) - 1
		for end > 0 && docs[end-1].Version == docs[len(docs)-1].Version {
			end--
		}
		if end > 0 {
			return docs[:end], true, nil
		}
	}
}

func newStored(d *sync.Document) *stored {
	s := &stored{version: d.Version, digest: digest(d), typ: d.Type}
	if about, state, _, ok := d.About(); ok {
		s.kept, s.about, s.open = !d.Gone, about, state == sync.StateOpen
	}
	return s
}

// digest returns a hash of all that a document is but for its version.
func digest(d *sync.Document) (sum [sha256.Size]byte) {
	h := sha256.New()
	touched, _ := json.Marshal(d.Touched) // sorted; numbers by text can always be written
	fmt.Fprintf(h, "%s %t %s ", d.Type, d.Gone, touched)
	h.Write(d.Raw())
	h.Sum(sum[:0])
	return sum
}
