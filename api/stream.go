package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// stream tells a phone which of its scopes move, and nothing of what they
// hold. It ends when the access token does: the phone comes again with a new one.
func (a *API) stream(c *fiber.Ctx, who auth.Actor) error {
	if who.UploadOnly {
		return hub.E(hub.CodeForbidden, "nothing is sent to a disabled person")
	}
	if who.Wiped { // it will hear why when it syncs
		c.Response().Header.SetContentType("text/event-stream")
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.SendString("event: moved\ndata: {\"scopes\":[]}\n\n")
	}
	token := bearer(c)
	id, err := a.auth.Verify(c.UserContext(), token)
	if err != nil {
		return err
	}
	sub, err := a.hub.Wake(c.UserContext(), callerOf(who))
	if err != nil {
		return err
	}
	left := time.UnixMilli(id.Expires).Sub(a.cfg.Now())
	s := &stream{
		a: a, token: token, sub: sub, part: []byte(":\n\n"),
		beat: time.NewTicker(a.cfg.Heartbeat), recheck: time.NewTicker(a.cfg.Recheck), expiry: time.NewTimer(left),
	}
	s.ctx, s.end = context.WithCancel(a.serving)
	if !a.streams.add(id.Device, s) {
		s.release()
		return &hub.Error{Code: hub.CodeUnavailable, Detail: "too many streams", RetryAfter: time.Minute}
	}
	method, route, began := c.Method(), c.Route().Path, a.cfg.Now()
	s.done = func() {
		a.streams.remove(id.Device, s)
		a.logRequest(method, route, http.StatusOK, began, s.sent)
	}
	header := &c.Response().Header
	header.SetContentType("text/event-stream")
	header.Set(fiber.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies that gather answers would hold events back
	c.Status(http.StatusOK).Response().SetBodyStream(s, -1)
	return nil
}

// A stream is the body of one such answer: reading it waits for something to say.
type stream struct {
	a       *API
	ctx     context.Context
	end     context.CancelFunc
	token   string
	sub     *hub.Subscription
	beat    *time.Ticker
	recheck *time.Ticker
	expiry  *time.Timer
	part    []byte // not read yet
	sent    int
	done    func()
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.part) == 0 {
		var more bool
		if s.part, more = s.wait(); !more {
			return 0, io.EOF
		}
	}
	n := copy(p, s.part)
	s.part = s.part[n:]
	s.sent += n
	return n, nil
}

// wait returns what is to be said next, maybe nothing, and false at the end.
func (s *stream) wait() ([]byte, bool) {
	select {
	case <-s.ctx.Done():
		return nil, false
	case <-s.expiry.C:
		return nil, false
	case <-s.beat.C:
		return []byte(":\n\n"), true
	case <-s.sub.C:
		return moved(s.sub.Take()), true
	case <-s.recheck.C:
		return s.again()
	}
}

// again subscribes anew, since grants, memberships and the device may have
// changed, and misses nothing in between.
func (s *stream) again() ([]byte, bool) {
	ctx, cancel := context.WithTimeout(s.ctx, s.a.cfg.Work)
	defer cancel()
	who, err := s.a.auth.Authenticate(ctx, s.token)
	if err != nil || who.UploadOnly || who.Wiped {
		return nil, false
	}
	sub, err := s.a.hub.Wake(ctx, callerOf(who))
	if err != nil {
		return nil, false
	}
	s.sub.Close()
	missed := s.sub.Take()
	s.sub = sub
	return moved(missed), true
}

// moved returns the event that names scopes.
func moved(scopes []sync.Scope) []byte {
	if len(scopes) == 0 {
		return nil
	}
	data, err := encode(struct {
		Scopes []sync.Scope `json:"scopes"`
	}{scopes})
	if err != nil {
		return nil
	}
	return append(append([]byte("event: moved\ndata: "), data...), '\n')
}

// Close implements io.Closer; the server calls it when the connection has ended.
func (s *stream) Close() error {
	s.release()
	s.done()
	return nil
}

func (s *stream) release() {
	if s.end != nil {
		s.end()
	}
	s.sub.Close()
	s.beat.Stop()
	s.recheck.Stop()
	s.expiry.Stop()
}
