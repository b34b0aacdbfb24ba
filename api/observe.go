package api

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/hub"
)

// observe surrounds every request: it bounds the work on it, answers what its
// handler returns as an error or throws, and writes one line to the log, with
// the pattern of the route instead of the path, which may name people.
func (a *API) observe(c *fiber.Ctx) error {
	began := a.cfg.Now()
	ctx, cancel := context.WithTimeout(a.serving, a.cfg.Work)
	defer cancel()
	c.SetUserContext(ctx)
	if err := a.next(c); err != nil {
		if err := a.fail(c, err); err != nil {
			return err
		}
	}
	if c.Response().IsBodyStream() {
		return nil // logged when it ends
	}
	a.logRequest(c.Method(), c.Route().Path, c.Response().StatusCode(), began, len(c.Response().Body()))
	return nil
}

// next runs the handler and turns a panic into an error.
func (a *API) next(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.logPanic(p)
			err = hub.E(hub.CodeInternal, "the handler failed")
		}
	}()
	if len(c.Request().Body()) > a.cfg.Body {
		return hub.E(hub.CodeTooLarge, "at most %d bytes as sent", a.cfg.Body)
	}
	return c.Next()
}

func (a *API) logRequest(method, route string, status int, began time.Time, bytes int) {
	a.log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("method", method), slog.String("route", route), slog.Int("status", status),
		slog.Duration("took", a.cfg.Now().Sub(began)), slog.Int("bytes", bytes))
}

// logPanic writes where the program failed. The value thrown is left out: it
// may quote what somebody sent.
func (a *API) logPanic(any) {
	a.log.Error("panic", "stack", string(debug.Stack()))
}
