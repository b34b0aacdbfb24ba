package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"thidua/sync"
)

// A Problem is the server's answer to a request it could not serve as a whole.
type Problem struct {
	Status     int       // of HTTP
	Code       sync.Code // "" if it was not the server that answered
	Message    sync.Text // for people
	Detail     string    // for developers
	RetryAfter time.Duration
}

// Codes of problems that decide how to go on.
const (
	codeTokenExpired sync.Code = "token_expired"
)

// Error implements error.
func (p *Problem) Error() string {
	return fmt.Sprintf("server answered %d %s: %s", p.Status, p.Code, p.Detail)
}

// Is makes every refusal to know the phone an ErrSignedOut.
func (p *Problem) Is(target error) bool {
	return target == ErrSignedOut && p.Status == http.StatusUnauthorized
}

const maxProblem = 64 << 10 // bytes

// problemOf reads the body of an answer that is not the one asked for.
func problemOf(resp *http.Response, body io.Reader) error {
	p := &Problem{Status: resp.StatusCode, Detail: resp.Status}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	in, err := inflate(resp, body)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxProblem))
	if err != nil {
		return fmt.Errorf("%w: %w", errCut, err) // what it was about is not known
	}
	var said struct {
		Code   sync.Code `json:"code"`
		Detail string    `json:"detail"`
		VI     string    `json:"vi"`
		EN     string    `json:"en"`
	}
	if json.Unmarshal(raw, &said) == nil && said.Code != "" {
		p.Code, p.Detail, p.Message = said.Code, said.Detail, sync.Text{VI: said.VI, EN: said.EN}
	}
	return p
}

// retriable reports whether an error is one of the network, or a server's that
// will pass: the same request may succeed later.
func retriable(err error) bool {
	var p *Problem
	if errors.As(err, &p) {
		return p.Status == http.StatusTooManyRequests || p.Status >= 500
	}
	var u *url.Error
	var n net.Error
	return !errors.Is(err, context.Canceled) && (errors.Is(err, errCut) || errors.As(err, &u) || errors.As(err, &n))
}
