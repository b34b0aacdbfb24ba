package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

const gzipFrom = 250 // bytes of a request from which it is compressed

// An exchange is one request with its answer. What take, reset and drop change
// is counted here; they run within transactions of the file.
type exchange struct {
	client *Client
	report *Report
	now    int64
	batch  []*entry // the mutations sent
	acks   []*sync.Ack
	own    []own

	waiting []*entry                    // acknowledged by earlier answers, and no cursor had passed it
	needed  map[sync.Scope][]sync.DocID // asked for
	asked   map[sync.Scope]sync.Cursor  // from where

	passed   map[sync.Scope]int64 // where the live replicas got to in this transaction
	ignored  map[sync.Scope]bool  // lines of a replica that was just begun anew come with the next answer
	begun    map[sync.Scope]bool  // replicas that were begun anew by this answer
	audited  []sync.Scope
	segments int  // stored
	acked    int  // stored
	again    bool // there is more to ask for
	end      *sync.End
	tooOld   bool
	wiped    bool // the device is to forget everything once its queue is empty
}

// uploads reports whether the server only takes, and sends no documents.
func (x *exchange) uploads() bool { return x.tooOld || x.wiped }

// progress reports whether anything of the exchange was kept.
func (x *exchange) progress() bool { return x.segments > 0 || x.acked > 0 }

// exchange sends one request and stores what comes of it. The error is a
// *Problem if the server answered with one, errCut or an error of the network
// if there was no answer to the end, and otherwise of the file.
func (c *Client) exchange(ctx context.Context, report *Report) (*exchange, error) {
	x := &exchange{client: c, report: report, now: c.milli(), ignored: map[sync.Scope]bool{}, begun: map[sync.Scope]bool{}, passed: map[sync.Scope]int64{}}
	req, err := x.request()
	if err != nil {
		return x, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := x.send(ctx, req.Encode())
	if err != nil {
		return x, err
	}
	defer resp.Body.Close()
	alarm := time.AfterFunc(c.cfg.Stall, func() { cancel(fmt.Errorf("%w: silence for %s", errCut, c.cfg.Stall)) })
	defer alarm.Stop()
	body := &countingReader{r: resp.Body, n: &report.BytesDown, read: func() { alarm.Reset(c.cfg.Stall) }}
	x.tooOld, x.wiped = resp.StatusCode == http.StatusUpgradeRequired, resp.StatusCode == http.StatusGone
	if resp.StatusCode != http.StatusOK && !(x.uploads() && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-ndjson")) {
		return x, problemOf(resp, body)
	}
	in, err := inflate(resp, body)
	if err != nil {
		return x, err
	}
	lines, done, ended := make(chan heard, 256), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		listen(in, lines, done)
	}()
	err = x.answer(lines)
	close(done)
	if err == nil {
		alarm.Reset(time.Second) // for the end of the body, so that the connection can be used again
	} else {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		cancel(err)
		_ = resp.Body.Close()
	}
	<-ended
	return x, err
}

// request builds the next request from the file.
func (x *exchange) request() (*sync.Request, error) {
	req := &sync.Request{Clock: x.now, Cursors: map[sync.Scope]sync.Cursor{}, Need: map[sync.Scope][]sync.DocID{}}
	if s := x.client.Schema(); s != nil {
		req.Schema = s.Version
	}
	err := x.client.db.View(func(tx *bbolt.Tx) (err error) {
		wanted := 0
		for _, scope := range names(bucket(tx, inLive)) {
			x.ask(req, openReplica(tx, inLive, scope), &wanted)
		}
		for _, scope := range names(bucket(tx, inBeside)) {
			delete(req.Need, scope)
			req.Cursors[scope] = sync.Cursor{} // or the server could not tell that the scope is no longer this person's
			x.ask(req, openReplica(tx, inBeside, scope), &wanted)
		}
		if x.waiting, err = entries(tx, inAcked, decodeEntry); err != nil {
			return err
		}
		x.batch, err = unsent(tx, x.client.batch)
		return err
	})
	for _, e := range x.batch {
		req.Mutations = append(req.Mutations, e.mutation())
	}
	x.needed, x.asked = req.Need, req.Cursors
	return req, err
}

func (x *exchange) ask(req *sync.Request, r *replica, wanted *int) {
	if r.begun() {
		req.Cursors[r.scope] = r.cursor()
	}
	_ = r.need().ForEach(func(k, _ []byte) error {
		if *wanted++; *wanted <= sync.MaxNeed {
			req.Need[r.scope] = append(req.Need[r.scope], sync.DocID(k))
		}
		return nil
	})
}

func (x *exchange) send(ctx context.Context, body []byte) (*http.Response, error) {
	c := x.client
	token, err := c.access()
	if err != nil {
		return nil, err
	}
	packed := c.pack(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+"/v1/sync", bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Encoding", "gzip") // set by hand: a cut answer must be readable up to the cut
	req.Header.Set("User-Agent", "")          // tells the server nothing, on a slow link
	if len(packed) != len(body) {
		req.Header.Set("Content-Encoding", "gzip")
	}
	x.report.Requests++
	x.report.BytesUp += int64(len(packed))
	return c.cfg.HTTP.Do(req)
}

// pack compresses what is long enough for it. Sync is held: the writer, which
// is large, serves one request after the other.
func (c *Client) pack(body []byte) []byte {
	if len(body) <= gzipFrom {
		return body
	}
	var b bytes.Buffer
	if c.packer == nil {
		w, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
		if err != nil {
			return body
		}
		c.packer = w
	}
	c.packer.Reset(&b)
	_, _ = c.packer.Write(body) // into memory
	_ = c.packer.Close()
	if b.Len() >= len(body) {
		return body
	}
	return b.Bytes()
}

func inflate(resp *http.Response, body io.Reader) (io.Reader, error) {
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	r, err := gzip.NewReader(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	return r, nil
}

type countingReader struct {
	r    io.Reader
	n    *int64
	read func()
}

// Read implements io.Reader. Only one goroutine calls it.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	c.read()
	return n, err
}
