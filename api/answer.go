package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"thidua/sync"
)

const (
	holdUpTo    = 32 << 10 // bytes of lines that are sent with their length
	stopAfter   = 16 << 20 // bytes of lines after which the rest is for the next request
	packAt      = 16 << 10 // bytes of lines that wait for the compressor at most
	leastGzip   = 400      // bytes of lines that compression may make shorter
	gzipHeader  = 24       // bytes that saying so takes
	guessedGzip = 0.33     // of its size a text comes to, before any was measured
)

// errGone: the phone is no longer there, or the server gave up.
var errGone = errors.New("nobody reads the answer any more")

// An answer is the sink of a pull. It compresses the lines and flushes the
// compressor at cursor lines, so that a phone whose connection is cut can read
// up to the last of them. A flush costs some twenty bytes, so the segments are
// kept near one size as sent, which is learned from the segments before.
type answer struct {
	hand    func([]byte) bool // takes a part, before it returns; false: no more
	gzips   *gzipPool
	gzip    *gzip.Writer // nil until something is compressed
	accepts bool         // the phone reads gzip
	packed  bool         // the answer is gzip
	handed  bool         // a part of it is out
	segment float64      // bytes of a segment as sent

	lines []byte       // not compressed yet
	ready bytes.Buffer // not handed over yet
	total int          // bytes of lines
	since int          // bytes of lines since the last flush
	took  int          // bytes sent for those, as far as they are compressed
	ratio float64      // bytes sent for a byte of lines
}

func newAnswer(gzips *gzipPool, accepts bool, segment int) *answer {
	out := &answer{gzips: gzips, accepts: accepts, segment: float64(segment), ratio: 1}
	if accepts {
		out.ratio = guessedGzip
	}
	return out
}

// Line implements hub.Sink.
func (out *answer) Line(l *sync.Line) error {
	before := len(out.lines)
	out.lines = l.Append(out.lines)
	out.total += len(out.lines) - before
	out.since += len(out.lines) - before
	switch {
	case l.Cursor != nil && float64(out.since)*out.ratio >= 0.8*out.segment:
		return out.flush()
	case len(out.lines) >= packAt: // a segment that cannot be closed yet
		if err := out.pack(); err != nil {
			return err
		}
		return out.emit()
	}
	return nil
}

// Full implements hub.Sink.
func (out *answer) Full() bool { return float64(out.since)*out.ratio >= out.segment }

// Stop implements hub.Sink.
func (out *answer) Stop() bool { return out.total >= stopAfter }

// pack compresses the lines that wait.
func (out *answer) pack() error {
	before := out.ready.Len()
	defer func() { out.took += out.ready.Len() - before }()
	lines := out.lines
	out.lines = out.lines[:0]
	if !out.accepts {
		_, err := out.ready.Write(lines)
		return err
	}
	if out.gzip == nil {
		z, err := out.gzips.writer(&out.ready)
		if err != nil {
			return err
		}
		out.gzip, out.packed = z, true
	}
	_, err := out.gzip.Write(lines)
	return err
}

// flush makes everything so far readable for the phone.
func (out *answer) flush() error {
	if err := out.pack(); err != nil {
		return err
	}
	if out.gzip != nil {
		before := out.ready.Len()
		if err := out.gzip.Flush(); err != nil {
			return err
		}
		out.took += out.ready.Len() - before
		out.ratio = (out.ratio + float64(out.took)/float64(out.since)) / 2
	}
	out.since, out.took = 0, 0
	return out.emit()
}

// emit hands over what is ready, once the answer is too long to hold back.
func (out *answer) emit() error {
	if out.ready.Len() == 0 || !out.handed && out.total <= holdUpTo {
		return nil
	}
	out.handed = true
	if !out.hand(out.ready.Bytes()) {
		return errGone
	}
	out.ready.Reset()
	return nil
}

// finish ends the answer. If nothing was handed over, all of it is ready then,
// compressed only if that is shorter.
func (out *answer) finish() error {
	plain := out.lines
	if out.gzip == nil && (!out.accepts || len(plain) < leastGzip) {
		_, err := out.ready.Write(plain)
		return errors.Join(err, out.rest())
	}
	whole := out.gzip == nil
	if err := out.pack(); err != nil {
		return err
	}
	if out.gzip != nil {
		if err := out.gzip.Close(); err != nil {
			return err
		}
	}
	if whole && out.ready.Len()+gzipHeader >= len(plain) {
		out.packed = false
		out.ready.Reset()
		out.ready.Write(plain)
	}
	return out.rest()
}

// rest hands over the end of an answer of which the beginning is out.
func (out *answer) rest() error {
	if !out.handed {
		return nil
	}
	return out.emit()
}

// release gives the compressor back. The answer must not be used afterwards.
func (out *answer) release() {
	if out.gzip != nil {
		out.gzips.writers.Put(out.gzip)
		out.gzip = nil
	}
}

// An answerBody is the body of a long answer, read by the server as fast as
// the connection takes it.
type answerBody struct {
	next   func() ([]byte, bool)
	failed func() error
	done   func()
	part   []byte // not read yet
	sent   int
}

// fill gets the next part and reports whether there is one.
func (b *answerBody) fill() bool {
	part, ok := b.next()
	b.part = part
	return ok
}

// Read implements io.Reader. After an error the server closes the connection
// without the mark that ends a body.
func (b *answerBody) Read(p []byte) (int, error) {
	for len(b.part) == 0 {
		if !b.fill() {
			if err := b.failed(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
	}
	n := copy(p, b.part)
	b.part = b.part[n:]
	b.sent += n
	return n, nil
}

// Close implements io.Closer; the server calls it in every case.
func (b *answerBody) Close() error {
	b.done()
	return nil
}
