package sim

import (
	"maps"
	"slices"
	"strings"

	"thidua/internal/hub"
	"thidua/sync"
)

// A state is the content of the document database. Commits and documents in
// it are never changed in place, so a clone shares them.
type state struct {
	logs     map[sync.Scope][]sync.Commit
	receipts map[receiptKey]hub.StoredReceipt
	docs     map[sync.Scope]map[sync.DocID]*sync.Document
	marks    map[sync.Scope]hub.Mark
}

type receiptKey struct {
	device   sync.DeviceID
	mutation sync.MutationID
}

func newState() *state {
	return &state{
		logs: map[sync.Scope][]sync.Commit{}, receipts: map[receiptKey]hub.StoredReceipt{},
		docs: map[sync.Scope]map[sync.DocID]*sync.Document{}, marks: map[sync.Scope]hub.Mark{},
	}
}

func (s *state) clone() *state {
	c := &state{
		logs: make(map[sync.Scope][]sync.Commit, len(s.logs)), receipts: maps.Clone(s.receipts),
		docs: make(map[sync.Scope]map[sync.DocID]*sync.Document, len(s.docs)), marks: maps.Clone(s.marks),
	}
	for scope, log := range s.logs {
		c.logs[scope] = slices.Clone(log)
	}
	for scope, docs := range s.docs {
		c.docs[scope] = maps.Clone(docs)
	}
	return c
}

// insertCommit adds a commit under its number and reports whether that was
// free. A number is free only where the log ends: what comes before is there.
func (s *state) insertCommit(c sync.Commit) bool {
	log := s.logs[c.Scope]
	if c.Seq <= int64(len(log)) {
		return false
	}
	s.logs[c.Scope] = append(log, c)
	s.indexReceipts(c)
	return true
}

// indexReceipts makes the receipts of a commit findable; they are part of it.
func (s *state) indexReceipts(c sync.Commit) {
	for _, r := range c.Receipts {
		key := receiptKey{c.Device, r.Mutation}
		if _, there := s.receipts[key]; !there {
			s.receipts[key] = hub.StoredReceipt{Receipt: r, Scope: c.Scope, Seq: c.Seq, Author: c.Author}
		}
	}
}

// updateDocument replaces a document by a newer one; matched is false if there
// is none that is older.
func (s *state) updateDocument(d *sync.Document) (matched bool) {
	present := s.docs[d.Scope][d.ID]
	if present == nil || present.Version >= d.Version {
		return false
	}
	s.docs[d.Scope][d.ID] = d
	return true
}

// insertDocument adds a document unless there is one of its identifier.
func (s *state) insertDocument(d *sync.Document) bool {
	if s.docs[d.Scope] == nil {
		s.docs[d.Scope] = map[sync.DocID]*sync.Document{}
	}
	if s.docs[d.Scope][d.ID] != nil {
		return false
	}
	s.docs[d.Scope][d.ID] = d
	return true
}

// raiseMark moves a watermark forward; matched is false if there is none that is lower.
func (s *state) raiseMark(scope sync.Scope, m hub.Mark) (matched bool) {
	present, there := s.marks[scope]
	if !there || present.Seq >= m.Seq {
		return false
	}
	s.marks[scope] = m
	return true
}

// insertMark adds the watermark of a scope that has none.
func (s *state) insertMark(scope sync.Scope, m hub.Mark) bool {
	if _, there := s.marks[scope]; there {
		return false
	}
	s.marks[scope] = m
	return true
}

func (s *state) head(scope sync.Scope) hub.Mark {
	log := s.logs[scope]
	if len(log) == 0 {
		return hub.Mark{}
	}
	return markOf(&log[len(log)-1])
}

func markOf(c *sync.Commit) hub.Mark {
	return hub.Mark{Seq: c.Seq, Hash: c.Hash(), Checksum: c.Checksum}
}

func (s *state) commits(scope sync.Scope, after int64, limit int) []sync.Commit {
	log := s.logs[scope]
	from := min(max(after, 0), int64(len(log)))
	return slices.Clone(log[from:min(from+int64(max(limit, 0)), int64(len(log)))])
}

func (s *state) history(scope sync.Scope, doc sync.DocID, before int64, limit int) (found []sync.Commit) {
	for _, c := range slices.Backward(s.logs[scope]) {
		about := slices.ContainsFunc(c.Changes, func(ch sync.Change) bool { return ch.Doc == doc })
		if about && (before == 0 || c.Seq < before) && len(found) < limit {
			found = append(found, c)
		}
	}
	return found
}

// select returns documents that pass a filter, each a copy as a database would
// return it, in an order.
func (s *state) selectDocs(scope sync.Scope, keep func(*sync.Document) bool, order func(a, b *sync.Document) int) (found []*sync.Document) {
	for _, d := range s.docs[scope] {
		if keep(d) {
			found = append(found, fresh(d))
		}
	}
	slices.SortFunc(found, order)
	return found
}

func fresh(d *sync.Document) *sync.Document {
	return sync.LoadDocument(sync.Document{
		ID: d.ID, Type: d.Type, Scope: d.Scope, Version: d.Version, Gone: d.Gone, Touched: d.Touched,
	}, d.Raw())
}

func byVersion(a, b *sync.Document) int {
	if a.Version != b.Version {
		return int(a.Version - b.Version)
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

func byID(a, b *sync.Document) int { return strings.Compare(string(a.ID), string(b.ID)) }

// byOpened puts what was opened last first.
func byOpened(a, b *sync.Document) int {
	_, _, x, _ := a.About()
	_, _, y, _ := b.About()
	switch {
	case x > y:
		return -1
	case x < y:
		return 1
	}
	return strings.Compare(string(b.ID), string(a.ID))
}

func (s *state) kept(f hub.KeptFilter) (found []*sync.Document) {
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	for scope := range s.docs {
		if len(f.Scopes) > 0 && !slices.Contains(f.Scopes, scope) {
			continue
		}
		found = append(found, s.selectDocs(scope, func(d *sync.Document) bool {
			_, is, opened, ok := d.About()
			return ok && !d.Gone && (f.Type == "" || f.Type == d.Type) && (f.State == "" || f.State == is) &&
				(f.Before == 0 || opened < f.Before || opened == f.Before && d.ID < f.BeforeID)
		}, byOpened)...)
	}
	slices.SortFunc(found, byOpened)
	return found[:min(max(limit, 0), len(found))]
}

func (s *state) scopes(after sync.Scope, limit int) []sync.Scope {
	var found []sync.Scope
	for scope, log := range s.logs {
		if scope > after && len(log) > 0 {
			found = append(found, scope)
		}
	}
	slices.Sort(found)
	return found[:min(max(limit, 0), len(found))]
}
