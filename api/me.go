package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/sync"
)

// showMe tells a phone whose it is and what that person may do. The phone keeps
// the answer, so that its screens offer the right things without a network.
func (a *API) showMe(c *fiber.Ctx, who auth.Actor) error {
	grants := who.Author.Grants
	if grants == nil {
		grants = []sync.Grant{} // a list all the same
	}
	return a.send(c, http.StatusOK, struct {
		Person     sync.PersonID `json:"person"`
		Device     sync.DeviceID `json:"device"`
		Name       string        `json:"name"`
		Login      string        `json:"login,omitempty"`
		UploadOnly bool          `json:"uploadOnly,omitempty"`
		Grants     []sync.Grant  `json:"grants"`
	}{who.Author.Person, who.Author.Device, who.Name, who.Login, who.UploadOnly, grants})
}
