package api

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A deviceView is a device as its owner and administrators see it.
type deviceView struct {
	ID       sync.DeviceID `json:"id"`
	Name     string        `json:"name"`
	Platform string        `json:"platform"`
	Created  int64         `json:"created"`
	Seen     int64         `json:"seen"`
	Revoked  int64         `json:"revoked,omitempty"`
	Wiped    int64         `json:"wiped,omitempty"`   // when it was told to forget everything
	Current  bool          `json:"current,omitempty"` // it is the one that asks
}

// listDevices shows a person's devices: their own, or those of the person an
// administrator names.
func (a *API) listDevices(c *fiber.Ctx, who auth.Actor) error {
	person := who.Author.Person
	if named := c.Query("person"); named != "" {
		if !sync.ValidID(named) {
			return hub.E(hub.CodeInvalid, "person is a UUID in lower case")
		}
		person = sync.PersonID(named)
	}
	devices, err := a.auth.Devices(c.UserContext(), who, person)
	if err != nil {
		return err
	}
	views := make([]deviceView, len(devices))
	for i, d := range devices {
		views[i] = deviceView{
			ID: d.ID, Name: d.Name, Platform: d.Platform, Created: d.Created, Seen: d.Seen, Revoked: d.Revoked, Wiped: d.Wiped,
			Current: d.ID == who.Author.Device,
		}
	}
	return a.send(c, http.StatusOK, struct {
		Devices []deviceView `json:"devices"`
	}{views})
}

// revokeDevice signs a device out: from now on it may do nothing.
func (a *API) revokeDevice(c *fiber.Ctx, who auth.Actor) error {
	return a.endDevice(c, who, a.auth.RevokeDevice)
}

// wipeDevice signs a device out once it has handed over what it recorded.
func (a *API) wipeDevice(c *fiber.Ctx, who auth.Actor) error {
	return a.endDevice(c, who, a.auth.WipeDevice)
}

func (a *API) endDevice(c *fiber.Ctx, who auth.Actor, end func(context.Context, auth.Actor, sync.DeviceID) error) error {
	id := c.Params("id")
	if !sync.ValidID(id) {
		return hub.E(hub.CodeNotFound, "no such device")
	}
	if err := end(c.UserContext(), who, sync.DeviceID(id)); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
