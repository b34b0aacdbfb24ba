package api

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"thidua/sync"
)

// worthPacking is from how many bytes on an answer is compressed.
const worthPacking = 1024

// send answers with a JSON value.
func (a *API) send(c *fiber.Ctx, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Response().Header.SetContentType("application/json")
	if len(body) >= worthPacking && acceptsGzip(c) {
		if body, err = a.gzips.pack(body); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentEncoding, "gzip")
	}
	return c.Status(status).Send(body)
}

// encode returns v as JSON, with keys in order and nothing escaped for HTML.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return out.Bytes(), err
}

// acceptsGzip reports whether an answer may be compressed.
func acceptsGzip(c *fiber.Ctx) bool { return accepts(c, "gzip") }

// accepts reports whether a request takes an answer in a content coding.
func accepts(c *fiber.Ctx, wanted string) bool {
	for _, coding := range strings.Split(c.Get(fiber.HeaderAcceptEncoding), ",") {
		name, weight, weighted := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), wanted) {
			continue
		}
		if !weighted {
			return true
		}
		_, q, _ := strings.Cut(weight, "=")
		f, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return err == nil && f > 0
	}
	return false
}

// A documentView is a document as the console gets it.
type documentView struct {
	ID      sync.DocID     `json:"id"`
	Scope   sync.Scope     `json:"scope"`
	Type    string         `json:"type"`
	Version int64          `json:"version"`
	Gone    bool           `json:"gone,omitempty"`
	Body    jsontext.Value `json:"body,omitzero"`
}

func viewOf(d *sync.Document) *documentView {
	v := &documentView{ID: d.ID, Scope: d.Scope, Type: d.Type, Version: d.Version, Gone: d.Gone}
	if !d.Gone {
		v.Body = jsontext.Value(d.Raw())
	}
	return v
}
