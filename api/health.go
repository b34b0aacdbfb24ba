package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/hub"
)

// showHealth says that the process runs.
func (a *API) showHealth(c *fiber.Ctx) error {
	return a.send(c, http.StatusOK, struct {
		OK bool `json:"ok"`
	}{true})
}

// showReadiness says whether requests can be served.
func (a *API) showReadiness(c *fiber.Ctx) error {
	if err := a.cfg.Ready(c.UserContext()); err != nil {
		return &hub.Error{Code: hub.CodeUnavailable, Detail: "not ready", Err: err}
	}
	return a.showHealth(c)
}
