package push

import (
	"context"
	"time"

	"thidua/internal/hub"
	"thidua/sync"
)

// A Service hands messages over to devices; FCM is the real one.
type Service interface {
	// Send hands one message over for the device that has a token, and says what
	// became of it. It tries once and returns soon after ctx ends. Handing the same
	// message over again replaces on the device what was shown the first time.
	Send(ctx context.Context, to hub.PushToken, m hub.Message) Outcome
}

// A Verdict says what is to be done after a Service was asked to send a message.
type Verdict int

const (
	// Delivered: the service has it. Nothing more is to be done.
	Delivered Verdict = iota
	// Dead: the token leads nowhere any more. It is dropped.
	Dead
	// Later: it may or may not have arrived. It is sent again after a while.
	Later
	// Refused: the service will never take this message.
	Refused
	// Halted: nothing can be sent before an operator has put something right.
	Halted
)

// An Outcome is what a Service says of one message.
type Outcome struct {
	Verdict  Verdict
	Code     sync.Code     // unless Delivered: why
	After    time.Duration // Later: not before
	Platform string        // Halted: the only one concerned, "" if all are
	Detail   string        // Halted: what the operator needs to know; never content or a token
}

// Why a message was not sent, or not yet. Those that FCM documents are its error
// codes in lower case.
const (
	CodeExpired         sync.Code = "expired"                // it waited until it was of no use
	CodeNoToken         sync.Code = "no_token"               // the device has none, or is another person's now
	codeUnregistered    sync.Code = "unregistered"           // the app was removed, or has another token by now
	codeSenderMismatch  sync.Code = "sender_id_mismatch"     // the token belongs to another project
	codeInvalidArgument sync.Code = "invalid_argument"       // the message or the token is malformed
	codeQuotaExceeded   sync.Code = "quota_exceeded"         // too many messages, for this device or in all
	codeUnavailable     sync.Code = "unavailable"            // overloaded, or out of reach
	codeInternal        sync.Code = "internal"               // the service failed
	codeTimeout         sync.Code = "timeout"                // no answer in time
	codeUnspecified     sync.Code = "unspecified_error"      // it did not say
	codeThirdPartyAuth  sync.Code = "third_party_auth_error" // the project lacks a good APNs or web push key
	codeUnauthenticated sync.Code = "unauthenticated"        // the credentials were refused
	codeForbidden       sync.Code = "permission_denied"      // they do not allow sending, or not for that project
)
