package fsck

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"thidua/sync"
)

// references remembers every document there is, by the 16 bytes of its
// identifier, and what was referred to before it was met.
type references struct {
	known   map[[16]byte]bool
	pending []reference
	checked int64
	org     []sync.DocID // what a scope may be named after
	people  map[sync.PersonID]bool
}

// A reference is an identifier in the body of a document.
type reference struct {
	scope   sync.Scope
	doc     sync.DocID
	version int64
	path    sync.Pointer
	to      sync.DocID
}

func newReferences() references {
	return references{known: map[[16]byte]bool{}, people: map[sync.PersonID]bool{}}
}

func binary(id string) (b [16]byte) {
	_, _ = hex.Decode(b[:], []byte(strings.ReplaceAll(id, "-", ""))) // what is no identifier equals none
	return b
}

// collect adds what a pass found in the log of a scope. People and devices
// that act may be referred to as well.
func (r *references) collect(p *pass, schema *sync.Schema) {
	for id := range p.authors {
		r.known[binary(id)] = true
		if sync.ValidID(id) {
			r.people[sync.PersonID(id)] = true
		}
	}
	for id := range p.docs {
		r.known[binary(string(id))] = true
		if p.scope == sync.Org {
			r.org = append(r.org, id)
		}
	}
	if schema == nil {
		return
	}
	for _, id := range sorted(p.docs) {
		d := p.docs[id]
		t := schema.Types[d.Type]
		if t == nil || d.Gone {
			continue
		}
		eachID(t.Body, "", d.Body(), func(path sync.Pointer, to string) {
			r.checked++
			if !r.known[binary(to)] {
				r.pending = append(r.pending, reference{p.scope, id, d.Version, path, sync.DocID(to)})
			}
		})
		p.docs[id] = sync.LoadDocument(*d, d.Raw()) // forgets the decoded body
	}
}

// eachID calls f for every identifier in a value of a field.
func eachID(f *sync.Field, at sync.Pointer, v sync.Value, do func(at sync.Pointer, id string)) {
	if f == nil {
		return
	}
	switch v := v.(type) {
	case string:
		if f.Kind == sync.KindID {
			do(at, v)
		}
	case []any:
		for i, e := range v {
			eachID(f.Each, at.Join(strconv.Itoa(i)), e, do)
		}
	case sync.Object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			below := f.Each
			if f.Kind == sync.KindObject {
				below = f.Fields[k]
			}
			eachID(below, at.Join(k), v[k], do)
		}
	}
}

// dangling reports references to what exists nowhere. What was not met may
// have been made after its scope was read, so the store is asked again.
func (c *checker) dangling(ctx context.Context) error {
	c.report.References = c.refs.checked
	missing := map[sync.DocID]bool{}
	for _, r := range c.refs.pending {
		if !c.refs.known[binary(string(r.to))] {
			missing[r.to] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	all, err := c.list(ctx)
	if err != nil {
		return err
	}
	for _, scope := range all {
		for ids := range slices.Chunk(sorted(missing), listPage) {
			docs, err := c.Store.Documents(ctx, scope, ids)
			if err != nil {
				return err
			}
			for _, d := range docs {
				delete(missing, d.ID)
			}
		}
	}
	for _, r := range c.refs.pending {
		if missing[r.to] {
			c.report.Findings = append(c.report.Findings, Finding{
				Code: ReferenceMissing, Scope: r.scope, Seq: r.version, Doc: r.doc, Detail: string(r.path) + " → " + string(r.to), Says: sentence(ReferenceMissing),
			})
		}
	}
	return nil
}

// lostLogs looks for scopes that have a watermark but no log. A store lists
// scopes by their logs, so these are guessed: what reference data and people
// give their names to.
func (c *checker) lostLogs(ctx context.Context) error {
	var guesses []sync.Scope
	for _, id := range c.refs.org {
		guesses = append(guesses, sync.UnitScope(id), sync.UnitDesk(id), sync.ClusterScope(id), sync.ClusterDesk(id))
	}
	for id := range c.refs.people {
		guesses = append(guesses, sync.UserScope(id))
	}
	guesses = slices.DeleteFunc(guesses, func(s sync.Scope) bool { return c.scopes[s] })
	slices.Sort(guesses)
	for some := range slices.Chunk(guesses, scopePage) {
		marks, err := c.Store.Marks(ctx, some)
		if err != nil {
			return err
		}
		for _, scope := range some {
			if marks[scope].Seq == 0 {
				continue
			}
			head, err := c.Store.Head(ctx, scope)
			if err != nil {
				return err
			}
			if head.Seq == 0 {
				c.report.Findings = append(c.report.Findings, Finding{Code: LogMissing, Scope: scope, Seq: marks[scope].Seq, Says: sentence(LogMissing)})
			} else if err := c.check(ctx, scope); err != nil { // it began after the scopes were listed, or its beginning is gone
				return err
			}
		}
	}
	return nil
}
