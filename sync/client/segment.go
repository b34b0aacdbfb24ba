package client

import (
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// A segment is what a cursor line of an answer closes.
type segment struct {
	scope  sync.Scope
	docs   []sync.DocLine
	cursor sync.CursorLine
}

// An own change is a mutation of the request being answered that was applied
// to the letter and for the first time, so that the answer does not bring it back.
type own struct {
	mutation sync.Mutation
	seq      int64
}

// Bounds of the loop guard: a replica is begun anew at most so often in this time.
const (
	guardTimes  = 3
	guardWithin = time.Hour
)

// What became of a segment.
type verdict int

const (
	inTheMiddle verdict = iota // more is to come, or asked for
	verified                   // the replica has the checksum the server named
	mismatch                   // it has not
)

// apply brings a replica over a segment. Folded are the own changes in the
// order of the queue; audit takes the checksum from the documents themselves.
func (r *replica) apply(seg segment, folded []own, audit bool) (verdict, error) {
	type news struct {
		folds []own
		lines []sync.DocLine
	}
	byDoc := map[sync.DocID]*news{}
	of := func(id sync.DocID) *news {
		if byDoc[id] == nil {
			byDoc[id] = &news{}
		}
		return byDoc[id]
	}
	from, to := r.cursor().Seq, seg.cursor.Cursor.Seq
	for _, f := range folded {
		if f.mutation.Scope == r.scope && f.seq > from && f.seq <= to {
			n := of(f.mutation.Doc)
			n.folds = append(n.folds, f)
		}
	}
	for _, l := range seg.docs {
		n := of(l.Doc)
		n.lines = append(n.lines, l)
	}
	for id, n := range byDoc {
		before := r.get(id)
		after, whole := bring(before, r.scope, n.folds, n.lines)
		if err := r.put(id, before, after); err != nil {
			return 0, err
		}
		if whole {
			if err := r.need().Delete([]byte(id)); err != nil {
				return 0, err
			}
		} else if err := r.need().Put([]byte(id), nil); err != nil {
			return 0, err
		}
	}
	if audit && seg.cursor.Exact {
		if err := r.recount(); err != nil {
			return 0, err
		}
	}
	v := inTheMiddle
	if k, _ := r.need().Cursor().First(); seg.cursor.Exact && k == nil {
		v = mismatch
		if r.sum == seg.cursor.Checksum {
			v = verified
		}
	}
	return v, r.close(seg.cursor.Cursor, v == verified)
}

// bring returns a document after own changes and lines, by version; whole is
// false if it cannot be known without asking for it.
//
// A line says how the document stands at its version except for what own
// changes did to it, so it goes on top of those up to there; whether it is news
// is told by the version the document had before any of them. Several own
// changes may have come into one commit.
func bring(before *sync.Document, scope sync.Scope, folds []own, lines []sync.DocLine) (after *sync.Document, whole bool) {
	known := int64(0)
	if before != nil {
		known = before.Version
	}
	after, whole = before, true
	fold := func(upTo int64) {
		for ; len(folds) > 0 && folds[0].seq <= upTo; folds = folds[1:] {
			f := &folds[0]
			if f.seq <= known {
				continue
			}
			if after == nil && f.mutation.Edits != nil {
				whole = false
			}
			after = f.mutation.Onto(asOf(after, f.seq-1), f.seq)
		}
	}
	for _, l := range lines {
		fold(l.Version)
		if l.Version <= known {
			continue
		}
		next, ok := l.Onto(asOf(after, l.Version-1), scope)
		if !ok {
			whole = false
			continue
		}
		after = next
		known = l.Version
		if l.Gone || l.Body != nil {
			whole = true
		}
	}
	fold(sync.MaxNumber)
	return after, whole
}

// asOf returns the document with a version that is not above a bound.
func asOf(d *sync.Document, version int64) *sync.Document {
	if d == nil || d.Version <= version {
		return d
	}
	return sync.NewDocument(d.ID, d.Type, d.Scope, version, d.Body())
}

// take stores a segment in the file's transaction and does what follows from
// it: own changes that are shown now are archived, a replica that grew beside
// takes its place, one that is wrong is begun anew.
func (x *exchange) take(tx *bbolt.Tx, seg segment) error {
	scope := seg.scope
	if x.ignored[scope] {
		return nil
	}
	in := inLive
	r := openReplica(tx, inBeside, scope)
	if r != nil {
		in = inBeside
	} else if r = openReplica(tx, inLive, scope); r == nil {
		var err error
		if r, err = newReplica(tx, inLive, scope); err != nil {
			return err
		}
	}
	result, err := r.apply(seg, x.own, in == inLive && !x.client.audited[scope])
	if err != nil {
		return fmt.Errorf("replica of %s: %w", scope, err)
	}
	x.segments++
	x.report.Documents += len(seg.docs)
	switch result {
	case verified:
		x.report.Verified[scope] = true
		x.audited = append(x.audited, scope)
		if in == inBeside {
			if err := promote(tx, scope); err != nil {
				return err
			}
			in = inLive
		}
	case mismatch:
		delete(x.report.Verified, scope)
		x.client.cfg.Log("replica of %s: checksum %016x instead of %016x at %s", scope, r.sum, seg.cursor.Checksum, seg.cursor.Cursor)
		x.ignored[scope] = true
		if _, err := x.rebuild(tx, scope); err != nil {
			return err
		}
	default:
		delete(x.report.Verified, scope)
	}
	if openReplica(tx, inBeside, scope) == nil { // else what was acknowledged stays in the view until that one is shown
		x.passed[scope] = seg.cursor.Cursor.Seq
	}
	return nil
}

// rebuild begins a replica of a scope beside the one that is shown. The loop
// guard stops what would never come to an end: then none is begun, and the old
// one stays, unverified.
func (x *exchange) rebuild(tx *bbolt.Tx, scope sync.Scope) (begun bool, err error) {
	var times, recent []int64
	guard := bucket(tx, inGuard)
	if raw := guard.Get([]byte(scope)); raw != nil {
		times = decodeTimes(raw)
	}
	for _, t := range times {
		if t > x.now-guardWithin.Milliseconds() && t <= x.now {
			recent = append(recent, t)
		}
	}
	if len(recent) >= guardTimes {
		x.report.Stuck[scope] = true
		x.client.cfg.Log("replica of %s was begun anew %d times in an hour and is left as it is", scope, len(recent))
		return false, removeReplica(tx, inBeside, scope)
	}
	if err := guard.Put([]byte(scope), encodeTimes(append(recent, x.now))); err != nil {
		return false, err
	}
	x.report.Rebuilds++
	x.again, x.begun[scope] = true, true
	_, err = newReplica(tx, inBeside, scope)
	return err == nil, err
}

// reset is told that the server's history of a scope is another one than the
// replica's: a new replica is begun, and what that server may never have heard
// of is sent again. Without a new replica the next answer would say the same, so
// both wait until one may be begun.
func (x *exchange) reset(tx *bbolt.Tx, scope sync.Scope) error {
	x.report.Resets++
	delete(x.report.Verified, scope)
	delete(x.passed, scope)
	if live := openReplica(tx, inLive, scope); live != nil {
		if err := live.close(live.cursor(), false); err != nil {
			return err
		}
	}
	begun, err := x.rebuild(tx, scope)
	if err != nil || !begun {
		return err
	}
	return requeue(tx, scope, x.now-keepArchived.Milliseconds())
}

// drop removes a scope that is no longer this person's. What is unsent stays in
// the queue and is still taken by the server.
func (x *exchange) drop(tx *bbolt.Tx, scope sync.Scope) error {
	x.report.Dropped[scope] = true
	delete(x.report.Verified, scope)
	delete(x.passed, scope)
	for _, in := range []string{inLive, inBeside} {
		if err := removeReplica(tx, in, scope); err != nil {
			return err
		}
	}
	return archiveWhere(tx, x.now, func(s sync.Scope, _ int64) bool { return s == scope })
}

func encodeTimes(times []int64) []byte {
	raw, err := json.Marshal(times)
	if err != nil {
		return nil // integers can be written
	}
	return raw
}

func decodeTimes(raw []byte) (times []int64) {
	if err := json.Unmarshal(raw, &times); err != nil {
		return nil
	}
	return times
}
