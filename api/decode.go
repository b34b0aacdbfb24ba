package api

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"thidua/internal/hub"
	"thidua/sync"
)

// maxJSON bounds the body of every request but a sync.
const maxJSON = 64 << 10

// decode reads the body of a request strictly into v: one JSON value, no
// unknown or repeated fields, valid UTF-8. Details never quote what was sent.
func decode(c *fiber.Ctx, v any) error {
	if len(c.Request().Header.ContentEncoding()) > 0 {
		return hub.E(CodeEncoding, "only a sync request may be compressed")
	}
	raw := c.Request().Body()
	if len(raw) > maxJSON {
		return hub.E(hub.CodeTooLarge, "at most %d bytes", maxJSON)
	}
	err := json.Unmarshal(raw, v, json.RejectUnknownMembers(true))
	var wrong *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrUnknownName):
		return hub.E(sync.CodeUnknownField, "a field is not part of this request")
	case errors.As(err, &wrong):
		return hub.E(sync.CodeSyntax, "not one JSON value without repeated names in valid UTF-8")
	}
	return hub.E(sync.CodeInvalidType, "a field has the wrong type")
}

// place returns the scope and document that a path names. What cannot exist is
// not found, like what does not.
func place(c *fiber.Ctx) (sync.Scope, sync.DocID, error) {
	scope, err := url.PathUnescape(c.Params("scope"))
	id := c.Params("id")
	if err != nil || sync.Scope(scope).Kind() == "" || !sync.ValidID(id) {
		return "", "", hub.E(hub.CodeNotFound, "no such document in the scope")
	}
	return sync.Scope(scope), sync.DocID(id), nil
}

// number reads a query parameter that is a count or a place in a listing; 0 if
// it is absent.
func number(c *fiber.Ctx, name string) (int64, error) {
	s := c.Query(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > sync.MaxNumber {
		return 0, hub.E(hub.CodeInvalid, "%s is a whole number", name)
	}
	return n, nil
}

// page reads the query parameters of a listing.
func page(c *fiber.Ctx) (before int64, limit int, err error) {
	before, err = number(c, "before")
	if err != nil {
		return 0, 0, err
	}
	n, err := number(c, "limit")
	return before, int(min(n, hub.MaxPage)), err
}

// oneOf reads a query parameter that is one of some words, or absent.
func oneOf(c *fiber.Ctx, name string, words ...string) (string, error) {
	s := c.Query(name)
	if s == "" {
		return "", nil
	}
	for _, w := range words {
		if s == w {
			return s, nil
		}
	}
	return "", hub.E(hub.CodeInvalid, "%s is not one of its values", name)
}
