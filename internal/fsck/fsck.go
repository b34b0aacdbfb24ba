// Package fsck checks a database from outside: that every log has no gap and
// is chained by its hashes, that each commit's checksum follows from what it
// changed, that documents and watermark are the fold of the log, that receipts,
// histories and lists of conflicts find what they should, and that what
// documents refer to exists. The log is the truth and is never touched; what
// is projected from it can be repaired. All of it may run beside servers that
// write.
package fsck

import (
	"context"
	"errors"

	"thidua/internal/hub"
	"thidua/sync"
)

// A Store is one that can be checked, and whose projections can be repaired.
// The methods beyond hub.Store are for this package alone.
type Store interface {
	hub.Store

	// MendDocument puts doc in the place of the stored document whose version is
	// still version (0: none is stored); a nil doc removes it. hub.ErrChanged:
	// another version is stored.
	MendDocument(ctx context.Context, scope sync.Scope, id sync.DocID, version int64, doc *sync.Document) error

	// MendMark replaces the watermark from (zero: none is stored) by to (zero: it
	// is removed). hub.ErrChanged: another is stored.
	MendMark(ctx context.Context, scope sync.Scope, from, to hub.Mark) error
}

// Config of a check. Store is required.
type Config struct {
	Store  Store
	Schema *sync.Schema // says which fields refer to documents; nil: references are not checked
	Repair bool         // mend what is projected
	// Quick looks up receipts and histories of a sample only. The logs, the
	// documents and the watermarks are checked in full all the same.
	Quick    bool
	Progress func(Progress) // called often, from the goroutine of Check; may be nil
}

// Progress says how far a check has come.
type Progress struct {
	Scopes, AllScopes  int
	Commits, Documents int64
}

// A Report is what a check found and how much it looked at.
type Report struct {
	Scopes     int       `json:"scopes"`
	Commits    int64     `json:"commits"`
	Documents  int64     `json:"documents"`
	Receipts   int64     `json:"receipts"`
	Histories  int64     `json:"histories"`
	References int64     `json:"references"`
	Findings   []Finding `json:"findings"`
}

// Open returns the findings that were not repaired.
func (r *Report) Open() []Finding {
	var open []Finding
	for _, f := range r.Findings {
		if !f.Repaired {
			open = append(open, f)
		}
	}
	return open
}

// Damaged reports whether anything is wrong that was not repaired. A reference
// to nothing is worth telling, but it is what somebody wrote: no damage.
func (r *Report) Damaged() bool {
	for _, f := range r.Findings {
		if !f.Repaired && f.Code != ReferenceMissing {
			return true
		}
	}
	return false
}

// A checker is one run of Check.
type checker struct {
	Config
	report    Report
	allScopes int
	scopes    map[sync.Scope]bool
	refs      references
	limit     int // documents read at a time, as was good so far
}

// Check looks at every scope that has a log when it begins. It holds one scope
// in memory at a time, and of all others 16 bytes a document. Errors are those
// of the store and of ctx; what is wrong with the data is in the report.
func Check(ctx context.Context, cfg Config) (Report, error) {
	if cfg.Store == nil {
		return Report{}, errors.New("fsck: Store is required")
	}
	c := &checker{Config: cfg, scopes: map[sync.Scope]bool{}, refs: newReferences(), limit: documentPage}
	c.report.Findings = []Finding{} // an empty list in JSON, not null
	all, err := c.list(ctx)
	if err != nil {
		return c.report, err
	}
	for _, scope := range all {
		if err := c.check(ctx, scope); err != nil {
			return c.report, err
		}
		c.report.Scopes++
		c.tell(nil)
	}
	if err := c.lostLogs(ctx); err != nil {
		return c.report, err
	}
	return c.report, c.dangling(ctx)
}

// list returns every scope with a log, that of reference data first: what most
// documents refer to is known then.
func (c *checker) list(ctx context.Context) ([]sync.Scope, error) {
	var all []sync.Scope
	for after, more := sync.Scope(""), true; more; {
		page, err := c.Store.Scopes(ctx, after, scopePage)
		if err != nil {
			return nil, err
		}
		for _, s := range page {
			c.scopes[s], after = true, s
			if s == sync.Org {
				all = append([]sync.Scope{s}, all...)
			} else {
				all = append(all, s)
			}
		}
		more = len(page) == scopePage
	}
	c.allScopes = len(all)
	return all, nil
}

// tell reports progress, with what a look that is not yet counted has read.
func (c *checker) tell(p *pass) {
	if c.Progress == nil {
		return
	}
	now := Progress{Scopes: c.report.Scopes, AllScopes: c.allScopes, Commits: c.report.Commits, Documents: c.report.Documents}
	if p != nil {
		now.Commits += p.commits
		now.Documents += int64(len(p.stored))
	}
	c.Progress(now)
}

// check examines one scope. What looks wrong is looked at once more before it
// is told: only what is found both times was not just moving. After a repair
// the scope is looked at again, and what is found then has not been repaired.
func (c *checker) check(ctx context.Context, scope sync.Scope) error {
	p, err := c.examine(ctx, scope)
	if err != nil {
		return err
	}
	c.count(p)
	found := p.findings
	if len(found) > 0 {
		if found, err = c.again(ctx, scope, found); err != nil {
			return err
		}
	}
	if c.Repair {
		if err := c.repair(ctx, scope, found); err != nil {
			return err
		}
	}
	c.report.Findings = append(c.report.Findings, found...)
	return nil
}

// again returns those findings that a second look shows too, with what it
// would take to mend them now.
func (c *checker) again(ctx context.Context, scope sync.Scope, found []Finding) ([]Finding, error) {
	before := map[place]bool{}
	for _, f := range found {
		before[f.place()] = true
	}
	p, err := c.examine(ctx, scope)
	if err != nil {
		return nil, err
	}
	var both []Finding
	for _, f := range p.findings {
		if before[f.place()] {
			both = append(both, f)
		}
	}
	return both, nil
}

// count adds what was looked at to the report.
func (c *checker) count(p *pass) {
	c.report.Commits += p.commits
	c.report.Receipts += p.receipts
	c.report.Histories += p.histories
	c.report.Documents += int64(len(p.stored))
	c.refs.collect(p, c.Schema)
}
