package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// maxLife keeps a life in milliseconds within a time.Duration; auth bounds it further.
const maxLife = int64(365 * 24 * time.Hour / time.Millisecond)

// issueCode makes an enrolment code for a person, which is shown now or never.
func (a *API) issueCode(c *fiber.Ctx, who auth.Actor) error {
	var in struct {
		Life int64 `json:"life"` // milliseconds; 0 is the server's default
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	id := c.Params("id")
	switch {
	case !sync.ValidID(id):
		return hub.E(hub.CodeNotFound, "no such person")
	case in.Life < 0 || in.Life > maxLife:
		return hub.E(hub.CodeInvalid, "life is in milliseconds")
	}
	code, expires, err := a.auth.IssueCode(c.UserContext(), who, sync.PersonID(id), time.Duration(in.Life)*time.Millisecond)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return a.send(c, http.StatusCreated, struct {
		Code    string `json:"code"`
		Expires int64  `json:"expires"`
	}{code, expires})
}
