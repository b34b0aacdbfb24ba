package hub

import (
	"context"
	"fmt"
	"maps"

	"thidua/sync"
)

// A Sink takes the lines of an answer on their way to a phone. The hub holds
// nothing of the store open while it writes.
type Sink interface {
	// Line adds a line.
	Line(l *sync.Line) error
	// Full reports whether enough stands since the last cursor line that the
	// segment should be closed.
	Full() bool
	// Stop reports whether the answer is long enough to end it, with more to fetch.
	Stop() bool
}

// settleRounds is how often a pull follows a scope that moves while it reads
// before it leaves the rest to the next request.
const settleRounds = 3

// Pull writes what the phone lacks: for each scope it may read, the documents
// that changed after its cursor, in segments, and the end.
func (h *Hub) Pull(ctx context.Context, c Caller, req *sync.Request, p *Pushed, out Sink) error {
	var readable []sync.Scope
	if p.org != nil && !c.UploadOnly {
		readable = h.domain.Readable(c.Author, h.milli(), p.org)
	} else {
		var err error
		if readable, err = h.Readable(ctx, c); err != nil {
			return err
		}
	}
	for _, scope := range keys(cursorScopes(req)) {
		if !contains(readable, scope) && !c.UploadOnly {
			if err := out.Line(&sync.Line{Drop: scope}); err != nil {
				return err
			}
		}
	}
	marks, err := h.marksNow(ctx, without(readable, p.marks))
	if err != nil {
		return err
	}
	maps.Copy(marks, p.marks)
	more := false
	for _, scope := range readable {
		if out.Stop() {
			more = true
			break
		}
		left, err := h.pullScope(ctx, scope, marks[scope], req, p.mine[scope], out)
		if err != nil {
			return err
		}
		more = more || left
	}
	return out.Line(&sync.Line{End: &sync.End{More: more, Now: h.milli()}})
}

// without returns the scopes that are no key of known.
func without(scopes []sync.Scope, known map[sync.Scope]Mark) []sync.Scope {
	rest := make([]sync.Scope, 0, len(scopes))
	for _, s := range scopes {
		if _, ok := known[s]; !ok {
			rest = append(rest, s)
		}
	}
	return rest
}

func cursorScopes(req *sync.Request) map[sync.Scope]bool {
	set := make(map[sync.Scope]bool, len(req.Cursors))
	for s := range req.Cursors {
		set[s] = true
	}
	return set
}

// marks returns the watermarks of scopes, after completing the projections
// that some other process left behind.
func (h *Hub) marks(ctx context.Context, scopes []sync.Scope) (map[sync.Scope]Mark, error) {
	heads, err := h.store.Heads(ctx, scopes)
	if err != nil {
		return nil, unavailable("read heads", err)
	}
	marks, err := h.store.Marks(ctx, scopes)
	if err != nil {
		return nil, unavailable("read watermarks", err)
	}
	behind := false
	for _, scope := range keys(heads) { // in order, so that a simulation can repeat it
		if marks[scope].Seq < heads[scope].Seq {
			behind = true
			if err := h.project(ctx, scope, heads[scope]); err != nil {
				return nil, err
			}
		}
	}
	if behind {
		if marks, err = h.store.Marks(ctx, scopes); err != nil {
			return nil, unavailable("read watermarks", err)
		}
	}
	return marks, nil
}

// A pull of one scope.
type pull struct {
	h     *Hub
	scope sync.Scope
	out   Sink
	floor int64 // what sets are computed from
	pos   int64 // everything that last changed up to here is sent
	old   int64 // tombstones up to here are no news: the phone is new and has only what it sent itself
	mine  map[sync.DocID]map[int64]bool
	need  map[sync.DocID]bool // wanted whole
}

func (h *Hub) pullScope(ctx context.Context, scope sync.Scope, mark Mark, req *sync.Request, mine *own, out Sink) (more bool, err error) {
	cur, held := req.Cursors[scope]
	if cur.Seq > 0 {
		ours, err := h.ours(ctx, scope, cur, mark)
		if err != nil {
			return false, err
		}
		if !ours {
			return false, out.Line(&sync.Line{Reset: scope})
		}
	}
	need := req.Need[scope]
	if held && len(need) == 0 && cur.Seq == mark.Seq && cur.Floor == mark.Seq {
		return false, nil
	}
	if err := out.Line(&sync.Line{Scope: &sync.ScopeLine{Scope: scope, Floor: cur.Floor}}); err != nil {
		return false, err
	}
	if mine != nil && len(need) == 0 && cur.Floor == cur.Seq && mine.first == cur.Seq+1 && mine.last == mark.Seq {
		return false, out.Line(exact(mark)) // nothing happened but what the phone did itself
	}
	pl := &pull{h: h, scope: scope, out: out, floor: cur.Floor, pos: cur.Seq, need: map[sync.DocID]bool{}}
	if cur.Seq == 0 {
		pl.old = mark.Seq
	}
	for _, id := range need {
		pl.need[id] = true
	}
	if mine != nil {
		pl.mine = mine.docs
	}
	if err := pl.whole(ctx, need, mark); err != nil {
		return false, err
	}
	return pl.run(ctx, mark)
}

// ours reports whether a cursor names a commit of this log.
func (h *Hub) ours(ctx context.Context, scope sync.Scope, cur sync.Cursor, mark Mark) (bool, error) {
	if cur.Seq == mark.Seq {
		return cur.Names(mark.Hash), nil
	}
	if cur.Seq > mark.Seq {
		return false, nil
	}
	if hash, ok := h.recent.before(scope, cur.Seq, mark); ok {
		return cur.Names(hash), nil
	}
	hash, err := h.hashAt(ctx, scope, cur.Seq)
	return err == nil && cur.Names(hash), err
}

func (h *Hub) hashAt(ctx context.Context, scope sync.Scope, seq int64) (sync.Hash, error) {
	commits, err := h.store.Commits(ctx, scope, seq-1, 1)
	if err != nil {
		return "", unavailable("read commit", err)
	}
	if len(commits) == 0 || commits[0].Seq != seq {
		return "", unavailable("read commit", fmt.Errorf("log has no commit %d", seq))
	}
	return commits[0].Hash(), nil
}

// whole sends the documents a phone asked for, as far as they are not on
// their way anyway.
func (pl *pull) whole(ctx context.Context, ids []sync.DocID, mark Mark) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := pl.h.store.Documents(ctx, pl.scope, ids)
	if err != nil {
		return unavailable("read documents", err)
	}
	for _, d := range docs {
		if d.Version > min(pl.pos, mark.Seq) {
			continue // run will meet it
		}
		line := sync.Whole(d)
		if err := pl.out.Line(&sync.Line{Doc: &line}); err != nil {
			return err
		}
	}
	return nil
}

// run sends documents by version until the scope stands still. A document
// that changes meanwhile moves behind the position and is met there; what it
// lacked before is not forgotten, because sets are computed from the floor,
// which only an exact end raises.
func (pl *pull) run(ctx context.Context, mark Mark) (more bool, err error) {
	for round := 0; ; round++ {
		// The page holds documents beyond the mark as well: their presence shows
		// that something moved away from where it would have been met.
		docs, full, err := pl.h.page(ctx, pl.scope, pl.pos)
		if err != nil {
			return false, err
		}
		moved := false
		for i, d := range docs {
			if d.Version > mark.Seq {
				moved = true
				break
			}
			if err := pl.send(d); err != nil {
				return false, err
			}
			if i+1 < len(docs) && docs[i+1].Version == d.Version {
				continue
			}
			pl.pos = d.Version
			if d.Version < mark.Seq && pl.out.Full() {
				if err := pl.close(ctx); err != nil {
					return false, err
				}
				if pl.out.Stop() {
					return true, nil
				}
			}
		}
		if full && !moved {
			continue
		}
		pl.pos = mark.Seq
		if !moved {
			return false, pl.out.Line(exact(mark))
		}
		cur := sync.At(mark.Seq, mark.Hash)
		cur.Floor = pl.floor
		if err := pl.out.Line(&sync.Line{Cursor: &sync.CursorLine{Cursor: cur}}); err != nil {
			return false, err
		}
		if round >= settleRounds {
			return false, nil
		}
		marks, err := pl.h.marks(ctx, []sync.Scope{pl.scope})
		if err != nil {
			return false, err
		}
		mark = marks[pl.scope]
	}
}

// exact is the cursor line of a replica that is as of a mark.
func exact(mark Mark) *sync.Line {
	return &sync.Line{Cursor: &sync.CursorLine{Cursor: sync.At(mark.Seq, mark.Hash), Exact: true, Checksum: mark.Checksum}}
}

// send writes the line for a document, if the phone has anything to learn.
func (pl *pull) send(d *sync.Document) error {
	if _, own := pl.mine[d.ID]; d.Gone && d.Version <= pl.old && !own {
		return nil
	}
	line, news := sync.Patch(d, pl.floor, pl.mine[d.ID])
	if pl.need[d.ID] {
		line, news = sync.Whole(d), true
	}
	if !news {
		return nil
	}
	return pl.out.Line(&sync.Line{Doc: &line})
}

// close ends a segment at the position.
func (pl *pull) close(ctx context.Context) error {
	hash, err := pl.h.hashAt(ctx, pl.scope, pl.pos)
	if err != nil {
		return err
	}
	cur := sync.At(pl.pos, hash)
	cur.Floor = pl.floor
	return pl.out.Line(&sync.Line{Cursor: &sync.CursorLine{Cursor: cur}})
}
