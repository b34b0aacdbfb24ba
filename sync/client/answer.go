package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

const (
	maxLine     = 8 << 20 // bytes of one line of an answer
	maxUnstored = 1 << 20 // bytes of lines that wait to be stored together
)

// errCut: the answer stopped before its end line.
var errCut = errors.New("connection cut")

// A heard line is one line of an answer, or why there is none.
type heard struct {
	line sync.Line
	size int
	err  error
}

// answer stores an answer as it comes. Reading goes on while the disk is
// written to, and all segments that have come in meanwhile are stored together.
func (x *exchange) answer(lines <-chan heard) error {
	var (
		steps    []func(*bbolt.Tx) error // whole segments, drops and resets that are not stored yet
		unstored int
		seg      segment
	)
	store := func() error {
		err := x.store(steps)
		steps, unstored = nil, 0
		return err
	}
	for {
		var h heard
		select {
		case h = <-lines:
		default:
			if len(steps) > 0 {
				if err := store(); err != nil {
					return err
				}
			}
			h = <-lines
		}
		if h.err != nil {
			if err := store(); err != nil { // with acknowledgements that no segment followed
				return err
			}
			return h.err
		}
		unstored += h.size
		switch l := h.line; {
		case l.Ack != nil:
			x.acks = append(x.acks, l.Ack)
		case l.Scope != nil:
			seg = segment{scope: l.Scope.Scope}
		case l.Doc != nil:
			seg.docs = append(seg.docs, *l.Doc)
		case l.Cursor != nil && seg.scope != "":
			closed := segment{scope: seg.scope, docs: seg.docs, cursor: *l.Cursor}
			seg.docs = nil
			steps = append(steps, func(tx *bbolt.Tx) error { return x.take(tx, closed) })
		case l.Drop != "":
			steps = append(steps, func(tx *bbolt.Tx) error { return x.drop(tx, l.Drop) })
		case l.Reset != "":
			steps = append(steps, func(tx *bbolt.Tx) error { return x.reset(tx, l.Reset) })
		case l.End != nil:
			steps = append(steps, func(tx *bbolt.Tx) error { return x.finish(tx, l.End) })
			return store()
		}
		if unstored > maxUnstored && len(steps) > 0 {
			if err := store(); err != nil {
				return err
			}
		}
	}
}

// listen reads lines until the end line, an error, or until nobody listens.
// Then it reads on to the end of the body, so that the connection can be used again.
func listen(in io.Reader, lines chan<- heard, done <-chan struct{}) {
	r := bufio.NewReaderSize(in, 64<<10)
	tell := func(h heard) bool {
		select {
		case lines <- h:
			return h.err == nil
		case <-done:
			return false
		}
	}
	for {
		raw, err := readLine(r)
		if err != nil {
			tell(heard{err: fmt.Errorf("%w: %w", errCut, err)})
			return
		}
		line, err := sync.DecodeLine(raw)
		if err != nil {
			tell(heard{err: err})
			return
		}
		if !tell(heard{line: line, size: len(raw)}) {
			return
		}
		if line.End != nil {
			_, _ = io.CopyN(io.Discard, r, 1)
			return
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte{'\n'}), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err // a line without its end is none
		case len(line) > maxLine:
			return nil, fmt.Errorf("a line of more than %d bytes", maxLine)
		}
	}
}

// store writes the acknowledgements that came in and then the steps, all in one transaction.
func (x *exchange) store(steps []func(*bbolt.Tx) error) error {
	if len(x.acks) == 0 && len(steps) == 0 {
		return nil
	}
	err := x.client.db.Update(func(tx *bbolt.Tx) error {
		if err := x.settle(tx); err != nil {
			return err
		}
		for _, step := range steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		if len(x.passed) == 0 {
			return nil
		}
		return archiveWhere(tx, x.now, func(s sync.Scope, seq int64) bool { return seq <= x.passed[s] })
	})
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	x.acks = nil
	clear(x.passed)
	for _, scope := range x.audited {
		x.client.audited[scope] = true
	}
	return nil
}

// sent returns the mutation of an identifier that is in the batch and not
// acknowledged; usually it is the next.
func (x *exchange) sent(id sync.MutationID) (*entry, sync.Mutation) {
	for i := range x.batch {
		e := x.batch[(x.acked+i)%len(x.batch)]
		if m := e.mutation(); m.ID == id && e.ack == nil {
			return e, m
		}
	}
	return nil, sync.Mutation{}
}

// settle notes the acknowledgements that came in.
func (x *exchange) settle(tx *bbolt.Tx) error {
	for _, ack := range x.acks {
		e, m := x.sent(ack.Mutation)
		if e == nil {
			x.client.cfg.Log("acknowledgement of %q, which was not sent", ack.Mutation)
			continue
		}
		if err := acknowledge(tx, e, ack, x.now); err != nil {
			return err
		}
		x.acked++
		x.report.count(ack)
		if ack.Outcome == sync.Applied && !ack.Duplicate { // a repeat is sent back like anybody's change
			x.own = append(x.own, own{mutation: m, seq: ack.Seq})
		}
	}
	return nil
}

// finish notes that an answer came to its end.
func (x *exchange) finish(tx *bbolt.Tx, end *sync.End) error {
	x.end = end
	for scope, ids := range x.needed {
		for _, in := range []string{inLive, inBeside} {
			r := openReplica(tx, in, scope)
			if r == nil {
				continue
			}
			for _, id := range ids { // asked for and not sent: there is no such document
				if err := r.need().Delete([]byte(id)); err != nil {
					return err
				}
			}
		}
	}
	if !end.More && !x.uploads() {
		if err := x.empty(tx); err != nil {
			return err
		}
		// What was acknowledged for a scope that this person may not read has no
		// cursor to wait for.
		err := archiveWhere(tx, x.now, func(s sync.Scope, _ int64) bool {
			return openReplica(tx, inLive, s) == nil && openReplica(tx, inBeside, s) == nil
		})
		if err != nil {
			return err
		}
		if err := x.missed(tx); err != nil {
			return err
		}
	}
	for _, in := range []string{inLive, inBeside} {
		for _, scope := range names(bucket(tx, in)) {
			if k, _ := openReplica(tx, in, scope).need().Cursor().First(); k != nil {
				x.again = true
			}
		}
	}
	if err := prune(tx, x.now-keepArchived.Milliseconds()); err != nil {
		return err
	}
	return putMeta(tx, metaContact, x.now)
}

// missed sends again what earlier answers acknowledged at places that the log,
// which was read to its end now, does not reach: the server has lost it. What
// this answer acknowledged is not doubted, so no server makes this go on for ever.
func (x *exchange) missed(tx *bbolt.Tx) error {
	for _, e := range x.waiting {
		m := e.mutation()
		scope := e.concerns(&m)
		live := openReplica(tx, inLive, scope)
		if live == nil || openReplica(tx, inBeside, scope) != nil || x.ignored[scope] || live.cursor().Seq >= e.ack.Seq {
			continue
		}
		if bucket(tx, inAcked).Get(orderKey(e.order)) == nil {
			continue
		}
		if err := sendAgain(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// empty completes replicas that grow beside and were asked for from the
// beginning of a log about which a whole answer had nothing to say.
func (x *exchange) empty(tx *bbolt.Tx) error {
	for _, scope := range names(bucket(tx, inBeside)) {
		r := openReplica(tx, inBeside, scope)
		if cur, asked := x.asked[scope]; r.begun() || x.begun[scope] || !asked || cur.Seq != 0 {
			continue
		}
		if err := r.close(sync.Cursor{}, true); err != nil {
			return err
		}
		if err := promote(tx, scope); err != nil {
			return err
		}
	}
	return nil
}
