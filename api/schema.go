package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/sync"
)

// A schemaAnswer is the document types as they are served. They never change
// while a program runs, so they are written and compressed once.
type schemaAnswer struct {
	plain, packed []byte
	tag           string
}

func newSchemaAnswer(s *sync.Schema, gzips *gzipPool) (schemaAnswer, error) {
	plain, err := encode(s)
	if err != nil {
		return schemaAnswer{}, err
	}
	packed, err := gzips.pack(plain)
	if err != nil {
		return schemaAnswer{}, err
	}
	sum := sha256.Sum256(plain)
	// A weak tag: it stands for the compressed and the plain form.
	return schemaAnswer{plain, packed, `W/"` + hex.EncodeToString(sum[:8]) + `"`}, nil
}

// showSchema serves the document types to anybody: an app needs them before
// anyone has signed in, and they hold nothing of anyone.
func (a *API) showSchema(c *fiber.Ctx) error {
	c.Set(fiber.HeaderETag, a.schema.tag)
	if c.Get(fiber.HeaderIfNoneMatch) == a.schema.tag {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Response().Header.SetContentType("application/json")
	if acceptsGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.schema.packed)
	}
	return c.Send(a.schema.plain)
}
