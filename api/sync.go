package api

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// sync takes what a phone recorded and sends it what it lacks. Whatever goes
// wrong before the first part of the answer is on its way is a problem; after
// that the answer ends without an end line, as if the connection had been cut.
func (a *API) sync(c *fiber.Ctx, who auth.Actor) error {
	req, err := a.syncRequest(c)
	if err != nil {
		return err
	}
	caller := callerOf(who)
	pushed, err := a.hub.Push(c.UserContext(), caller, &req)
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case who.Wiped:
		status = http.StatusGone
	case max(req.Schema, 1) < a.hub.Schema().Oldest && !who.UploadOnly:
		status = http.StatusUpgradeRequired
	}
	return a.reply(c, status, func(ctx context.Context, out *answer) error {
		for i := range pushed.Acks {
			if err := out.Line(&sync.Line{Ack: &pushed.Acks[i]}); err != nil {
				return err
			}
		}
		if status != http.StatusOK {
			return out.Line(&sync.Line{End: &sync.End{Now: a.cfg.Now().UnixMilli()}})
		}
		return a.hub.Pull(ctx, caller, &req, pushed, out)
	})
}

// syncRequest reads the body as it was sent: Fiber would inflate it without a limit.
func (a *API) syncRequest(c *fiber.Ctx) (req sync.Request, err error) {
	read := func(raw []byte) error {
		var fault *sync.Fault
		if req, fault = sync.DecodeRequest(raw); fault != nil {
			return fault
		}
		return nil
	}
	body := c.Request().Body()
	switch coding := c.Request().Header.ContentEncoding(); {
	case len(coding) == 0 || bytes.EqualFold(coding, []byte("identity")):
		err = read(body)
	case bytes.EqualFold(coding, []byte("gzip")):
		err = a.gzips.inflate(body, sync.MaxRequest, read)
	default:
		err = hub.E(CodeEncoding, "the body is plain or gzip")
	}
	return req, err
}

// reply sends the lines that produce writes: with their length if they are
// few, otherwise bit by bit while they are produced.
//
// The producer is a coroutine: it runs when there is room for more, first in
// the handler and then, if the answer is long, where the server copies the body
// to the connection. So a short answer costs no second goroutine, a slow phone
// stops the reading from the store, and an error there ends the connection
// instead of looking like the end of the answer.
func (a *API) reply(c *fiber.Ctx, status int, produce func(ctx context.Context, out *answer) error) error {
	ctx, cancel := context.WithCancel(a.serving) // outlives the handler
	out := newAnswer(a.gzips, acceptsGzip(c), a.cfg.Segment)
	var failed error
	next, stop := iter.Pull(func(yield func([]byte) bool) {
		out.hand = yield
		failed = a.carefully(func() error { return produce(ctx, out) })
		if failed == nil {
			failed = out.finish()
		}
	})
	body := &answerBody{next: next, failed: func() error { return failed }}
	body.done = func() { stop(); cancel(); out.release() }

	more := body.fill()
	if failed != nil {
		body.done()
		return failed
	}
	header := &c.Response().Header
	header.SetContentType("application/x-ndjson")
	if out.packed {
		header.Set(fiber.HeaderContentEncoding, "gzip")
	}
	c.Status(status)
	if !more {
		c.Response().SetBody(out.ready.Bytes())
		body.done()
		return nil
	}
	method, route, began := c.Method(), c.Route().Path, a.cfg.Now()
	done := body.done
	body.done = func() {
		done()
		if failed != nil && !errors.Is(failed, errGone) {
			a.log.Error("answer cut short", "err", failed)
		}
		a.logRequest(method, route, status, began, body.sent)
	}
	c.Response().SetBodyStream(body, -1)
	return nil
}

// carefully runs f and turns a panic into an error: where a body is copied to
// the connection nobody else would.
func (a *API) carefully(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.logPanic(p)
			err = hub.E(hub.CodeInternal, "the answer failed")
		}
	}()
	return f()
}
