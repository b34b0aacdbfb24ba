package main

import (
	"errors"
	"io"
	"net/http"
	stdsync "sync"
)

// A radio is the connection of a demonstration phone: an http.RoundTripper
// that can be without signal, lose answers and cut them in the middle.
type radio struct {
	base http.RoundTripper

	mu       stdsync.Mutex
	offline  bool
	lose     int   // answers still to lose
	cutAfter int64 // bytes of the next answer that arrive; 0 is all
	dieAfter bool  // no signal after that answer
	requests int   // sent, in all
	cuts     int
	lost     int
}

var (
	errNoSignal = errors.New("no signal")
	errCut      = errors.New("connection cut")
)

// RoundTrip implements http.RoundTripper.
func (r *radio) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	offline, lose, cut := r.offline, r.lose > 0, r.cutAfter
	if !offline {
		r.requests++
		if lose {
			r.lose--
			r.lost++
		}
		if cut > 0 {
			r.cutAfter, r.offline = 0, r.dieAfter
			r.cuts++
		}
	}
	r.mu.Unlock()
	if offline {
		return nil, errNoSignal
	}
	resp, err := r.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if lose { // the server has done its work; nobody hears of it
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, errCut
	}
	if cut > 0 {
		resp.Body = &cutBody{ReadCloser: resp.Body, left: cut}
	}
	return resp, nil
}

// set changes the connection.
func (r *radio) set(change func(*radio)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

// sent returns how many requests went out so far.
func (r *radio) sent() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// A cutBody ends with an error after some bytes.
type cutBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *cutBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errCut
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
