package api

import (
	_ "embed" // for the contract

	"github.com/gofiber/fiber/v2"
)

//go:embed openapi.yaml
var contract []byte

// Contract returns the OpenAPI document of everything that is served.
func Contract() []byte { return contract }

// showContract serves it.
func (a *API) showContract(c *fiber.Ctx) error {
	c.Response().Header.SetContentType("application/yaml")
	return c.Send(contract)
}
