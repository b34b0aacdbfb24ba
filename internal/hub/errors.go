package hub

import (
	"errors"
	"fmt"
	"time"

	"thidua/sync"
)

// What a store answers instead of a value. Callers test with errors.Is.
var (
	// ErrNotFound: there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists: a row with that key, or that unique name, is there already.
	ErrExists = errors.New("exists already")
	// ErrChanged: a compare-and-swap found something else than it expected.
	// Read again, decide again.
	ErrChanged = errors.New("changed meanwhile")
	// ErrTaken: another writer appended a commit of that number. Read what
	// came in, judge again.
	ErrTaken = errors.New("sequence number taken")
	// ErrBehind: commits are in the log, but not all of what they changed is
	// projected. Whoever needs the documents completes it.
	ErrBehind = errors.New("appended, not projected")
	// ErrUnknown: the store cannot tell whether a write took place. Resolve it by reading.
	ErrUnknown = errors.New("outcome unknown")
	// ErrUnsupported: the server behind the store cannot do that at all.
	ErrUnsupported = errors.New("not supported by this server")
)

// The codes of errors that concern a request as a whole. They are part of the
// contract with clients and are never renamed; api maps each to one status.
const (
	CodeBadCredentials  sync.Code = "bad_credentials"
	CodeCodeInvalid     sync.Code = "code_invalid"
	CodeDeviceRevoked   sync.Code = "device_revoked"
	CodeDeviceWiped     sync.Code = "device_wiped"
	CodeForbidden       sync.Code = "forbidden"
	CodeInternal        sync.Code = "internal"
	CodeInvalid         sync.Code = "invalid"
	CodeNotFound        sync.Code = "not_found"
	CodeRateLimited     sync.Code = "rate_limited"
	CodeStale           sync.Code = "stale"
	CodeTokenExpired    sync.Code = "token_expired"
	CodeTooLarge        sync.Code = "too_large"
	CodeTooOld          sync.Code = "app_too_old"
	CodeUnauthenticated sync.Code = "unauthenticated"
	CodeUnavailable     sync.Code = "unavailable"
)

// An Error is what a use case answers when a request as a whole cannot be
// served. Detail is a sentence for developers, free of personal data; people
// are shown the sentence that belongs to Code. Err is logged, never shown.
type Error struct {
	Code       sync.Code
	Detail     string
	RetryAfter time.Duration
	Err        error
}

// E returns an Error with a formatted detail; a %w in the format sets Err.
func E(code sync.Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Detail: err.Error(), Err: errors.Unwrap(err)}
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Detail }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of err, and CodeInternal for every error that has none.
func CodeOf(err error) sync.Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
