package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/sync"
)

// A sessionView is what a phone keeps to stay signed in.
type sessionView struct {
	Person         sync.PersonID `json:"person"`
	Device         sync.DeviceID `json:"device"`
	Access         string        `json:"access"`
	Expires        int64         `json:"expires"` // of access
	Refresh        string        `json:"refresh"`
	RefreshExpires int64         `json:"refreshExpires"`
	UploadOnly     bool          `json:"uploadOnly,omitempty"`
}

func (a *API) sendSession(c *fiber.Ctx, s auth.Session) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return a.send(c, http.StatusOK, sessionView{
		Person: s.Person, Device: s.Device, Access: s.Access, Expires: s.AccessExpires,
		Refresh: s.Refresh, RefreshExpires: s.RefreshExpires, UploadOnly: s.UploadOnly,
	})
}

// A phoneFields is how a device introduces itself.
type phoneFields struct {
	Device   sync.DeviceID `json:"device"`
	Name     string        `json:"name"`
	Platform string        `json:"platform"`
}

func (p phoneFields) phone() auth.Phone {
	return auth.Phone{ID: p.Device, Name: p.Name, Platform: p.Platform}
}

func (a *API) signIn(c *fiber.Ctx) error {
	var in struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		phoneFields
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	s, err := a.auth.SignIn(c.UserContext(), auth.SignInRequest{
		Login: in.Login, Password: in.Password, Phone: in.phone(), IP: a.address(c),
	})
	if err != nil {
		return err
	}
	return a.sendSession(c, s)
}

func (a *API) enrol(c *fiber.Ctx) error {
	var in struct {
		Code string `json:"code"`
		phoneFields
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	s, err := a.auth.Enrol(c.UserContext(), auth.EnrolRequest{Code: in.Code, Phone: in.phone(), IP: a.address(c)})
	if err != nil {
		return err
	}
	return a.sendSession(c, s)
}

func (a *API) refresh(c *fiber.Ctx) error {
	var in struct {
		Device  sync.DeviceID `json:"device"`
		Refresh string        `json:"refresh"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if !sync.ValidID(string(in.Device)) {
		return hub.E(hub.CodeInvalid, "device is a UUID in lower case")
	}
	s, err := a.auth.Refresh(c.UserContext(), in.Device, in.Refresh)
	if err != nil {
		return err
	}
	return a.sendSession(c, s)
}

// signOut revokes the device that asks. A body is ignored.
func (a *API) signOut(c *fiber.Ctx, who auth.Actor) error {
	if err := a.auth.SignOut(c.UserContext(), who); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// showKeys serves the public keys of access tokens.
func (a *API) showKeys(c *fiber.Ctx) error {
	keys, err := a.auth.JWKS(c.UserContext())
	if err != nil {
		return err
	}
	c.Response().Header.SetContentType("application/json")
	c.Set(fiber.HeaderCacheControl, "max-age=300")
	return c.Send(keys)
}
