package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/hub"
	"thidua/sync"
)

// Codes of errors that only HTTP has.
const (
	CodeMethod   sync.Code = "method_not_allowed"
	CodeEncoding sync.Code = "unsupported_encoding"
	CodeTimeout  sync.Code = "request_timeout"
)

// sentences are what people read for the codes above.
var sentences = map[sync.Code]sync.Text{
	CodeMethod:   {VI: "Địa chỉ này không nhận yêu cầu kiểu đó.", EN: "This address does not take requests of that method."},
	CodeEncoding: {VI: "Máy chủ không đọc được cách nén này.", EN: "The server cannot read this content encoding."},
	CodeTimeout:  {VI: "Yêu cầu gửi lên quá chậm. Hãy thử lại.", EN: "The request took too long to come in. Try again."},
}

// statuses is the one table of codes and statuses. 400 is for what cannot be
// read, 422 for what can but cannot be done: the engine's codes for decisions,
// and every code of the domain, which has its sentences there.
var statuses = map[sync.Code]int{
	CodeMethod:                http.StatusMethodNotAllowed,
	CodeEncoding:              http.StatusUnsupportedMediaType,
	CodeTimeout:               http.StatusRequestTimeout,
	hub.CodeBadCredentials:    http.StatusUnauthorized,
	hub.CodeCodeInvalid:       http.StatusUnprocessableEntity,
	hub.CodeDeviceRevoked:     http.StatusUnauthorized,
	hub.CodeDeviceWiped:       http.StatusUnauthorized,
	hub.CodeForbidden:         http.StatusForbidden,
	hub.CodeInternal:          http.StatusInternalServerError,
	hub.CodeInvalid:           http.StatusBadRequest,
	hub.CodeNotFound:          http.StatusNotFound,
	hub.CodeRateLimited:       http.StatusTooManyRequests,
	hub.CodeStale:             http.StatusConflict,
	hub.CodeTokenExpired:      http.StatusUnauthorized,
	hub.CodeTooLarge:          http.StatusRequestEntityTooLarge,
	hub.CodeTooOld:            http.StatusUpgradeRequired,
	hub.CodeUnauthenticated:   http.StatusUnauthorized,
	hub.CodeUnavailable:       http.StatusServiceUnavailable,
	sync.CodeTooManyCursors:   http.StatusRequestEntityTooLarge,
	sync.CodeTooManyMutations: http.StatusRequestEntityTooLarge,
	sync.CodeTooMany:          http.StatusRequestEntityTooLarge,
	sync.CodeSyntax:           http.StatusBadRequest,
	sync.CodeTooDeep:          http.StatusBadRequest,
	sync.CodeNull:             http.StatusBadRequest,
	sync.CodeBadKey:           http.StatusBadRequest,
	sync.CodeBadNumber:        http.StatusBadRequest,
	sync.CodeNestedArray:      http.StatusBadRequest,
	sync.CodeEmptyObject:      http.StatusBadRequest,
	sync.CodeInvalidType:      http.StatusBadRequest,
	sync.CodeUnknownField:     http.StatusBadRequest,
	sync.CodeBadFormat:        http.StatusBadRequest,
	sync.CodeBadID:            http.StatusBadRequest,
}

// status returns the status of a code: internal for one that has no sentence
// and so is none.
func (a *API) status(code sync.Code) int {
	if s, ok := statuses[code]; ok {
		return s
	}
	if a.hub.Message(code) != (sync.Text{}) {
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// A problem is an error as RFC 9457 has it, with a code for programs and a
// sentence for people in both languages.
type problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Code   sync.Code `json:"code"`
	Detail string    `json:"detail,omitempty"`
	VI     string    `json:"vi"`
	EN     string    `json:"en"`
}

// fail answers a request with a problem. It is also Fiber's error handler, for
// requests that never reach a route.
func (a *API) fail(c *fiber.Ctx, err error) error {
	e := asError(err)
	p := problem{Type: "about:blank", Status: a.status(e.Code), Code: e.Code, Detail: e.Detail}
	switch {
	case p.Status == http.StatusInternalServerError:
		a.log.Error("request failed", "code", e.Code, "err", err)
		p.Code, p.Detail = hub.CodeInternal, ""
	case e.Code == hub.CodeUnavailable:
		a.log.Warn("request failed", "doing", e.Detail, "err", e.Err)
		p.Detail = ""
		defaultTo(&e.RetryAfter, time.Second)
	}
	p.Title = http.StatusText(p.Status)
	text, ok := sentences[p.Code]
	if !ok {
		text = a.hub.Message(p.Code)
	}
	p.VI, p.EN = text.VI, text.EN
	if e.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(int64((e.RetryAfter+time.Second-1)/time.Second), 10))
	}
	if p.Status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	body, err := encode(p)
	if err != nil {
		return err
	}
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Response().Header.SetContentType("application/problem+json")
	return c.Status(p.Status).Send(body)
}

// asError returns what went wrong as an error with a code.
func asError(err error) hub.Error {
	var e *hub.Error
	if errors.As(err, &e) {
		return *e
	}
	var fault *sync.Fault
	if errors.As(err, &fault) {
		return hub.Error{Code: fault.Code, Detail: fault.Error()}
	}
	var f *fiber.Error
	if !errors.As(err, &f) {
		return hub.Error{Code: hub.CodeInternal, Err: err}
	}
	switch f.Code {
	case http.StatusNotFound:
		return hub.Error{Code: hub.CodeNotFound, Detail: "nothing is served at this address"}
	case http.StatusMethodNotAllowed:
		return hub.Error{Code: CodeMethod, Detail: "see the Allow header"}
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge:
		return hub.Error{Code: hub.CodeTooLarge, Detail: "the body or the headers are too large"}
	case http.StatusRequestTimeout:
		return hub.Error{Code: CodeTimeout}
	}
	return hub.Error{Code: hub.CodeInvalid, Detail: "not an HTTP request this server can read"}
}
