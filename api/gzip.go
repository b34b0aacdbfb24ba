package api

import (
	"bytes"
	"compress/gzip"
	"io"
	stdsync "sync"

	"thidua/internal/hub"
)

// level of compression. Of 1,000 documents of 3 to 8 KB (5.67 MB of lines),
// flushed every 1,500 bytes, there remain 1,518 KB at level 6 and 1,512 KB at 7
// and at 9; another implementation of gzip gains 0.2 % on that.
const level = 7

// A gzipPool keeps compressors, of which each takes the better part of a
// megabyte, and decompressors for reuse.
type gzipPool struct {
	writers, readers, buffers stdsync.Pool
}

func newGzipPool() *gzipPool {
	return &gzipPool{buffers: stdsync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

// writer returns a compressor that writes to w; put it back when done.
func (p *gzipPool) writer(w io.Writer) (*gzip.Writer, error) {
	if z, ok := p.writers.Get().(*gzip.Writer); ok {
		z.Reset(w)
		return z, nil
	}
	return gzip.NewWriterLevel(w, level)
}

// pack returns b compressed.
func (p *gzipPool) pack(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := p.writer(&out)
	if err != nil {
		return nil, err
	}
	defer p.writers.Put(z)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflate hands what a body holds to use, which must not keep it. More than
// limit bytes are never inflated, whatever a body would come to.
func (p *gzipPool) inflate(body []byte, limit int, use func([]byte) error) error {
	z, ok := p.readers.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	defer p.readers.Put(z)
	if err := z.Reset(bytes.NewReader(body)); err != nil {
		return hub.E(hub.CodeInvalid, "the body is not gzip")
	}
	buf, ok := p.buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	defer p.buffers.Put(buf)
	buf.Reset()
	n, err := buf.ReadFrom(io.LimitReader(z, int64(limit)+1))
	if n > int64(limit) {
		return hub.E(hub.CodeTooLarge, "at most %d bytes when inflated", limit)
	}
	if err != nil {
		return hub.E(hub.CodeInvalid, "the body is damaged gzip")
	}
	return use(buf.Bytes())
}
