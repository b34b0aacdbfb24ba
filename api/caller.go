package api

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
)

// A handler answers somebody who is signed in.
type handler = func(c *fiber.Ctx, who auth.Actor) error

// as serves a handler to whoever is signed in, within the rate of their device.
func (a *API) as(handle handler) fiber.Handler {
	return a.alsoWiped(func(c *fiber.Ctx, who auth.Actor) error {
		if who.Wiped {
			return hub.E(hub.CodeDeviceWiped, "this device may only sync, and then forgets everything")
		}
		return handle(c, who)
	})
}

// alsoWiped is as, for devices too that are to be wiped.
func (a *API) alsoWiped(handle handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token := bearer(c)
		if token == "" {
			return hub.E(hub.CodeUnauthenticated, "an access token is required")
		}
		// The signature comes first, then the rate, and only then the store is asked.
		id, err := a.auth.Verify(c.UserContext(), token)
		if err != nil {
			return err
		}
		if wait := a.limit.Take(string(id.Device)); wait > 0 {
			return &hub.Error{Code: hub.CodeRateLimited, Detail: "too many requests of this device", RetryAfter: wait}
		}
		who, err := a.auth.Authenticate(c.UserContext(), token)
		if err != nil {
			return err
		}
		return handle(c, who)
	}
}

// bearer returns the access token of a request, "" if it has none.
func bearer(c *fiber.Ctx) string {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func callerOf(who auth.Actor) hub.Caller {
	return hub.Caller{Author: who.Author, UploadOnly: who.UploadOnly}
}

// address returns where a request comes from: of the addresses its trusted
// proxies report, the last that is not one of theirs. What stands before it may
// have been written by anybody.
func (a *API) address(c *fiber.Ctx) string {
	from := c.Context().RemoteIP().String()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && a.trusted(from); i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		from = hop
	}
	return from
}

func (a *API) trusted(ip string) bool {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	for _, p := range a.cfg.Proxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
