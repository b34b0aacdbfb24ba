package fcmtest

import (
	"encoding/json"
	"net/http"
)

// An Answer is what a test has the server answer to a well-made request. The zero
// Answer takes the message.
type Answer struct {
	refusal    refusal
	RetryAfter string          // of a refusal: the header, "" for none
	Hold       <-chan struct{} // answer only when this is closed; the message is not taken if the sender goes first
	Cut        Cut
}

// A Cut says when the connection breaks.
type Cut int

const (
	// Whole: it does not.
	Whole Cut = iota
	// CutBefore: before the message is taken.
	CutBefore
	// CutAfter: the message is taken, nothing is answered.
	CutAfter
	// CutWithin: the message is taken, half of the answer is written.
	CutWithin
)

// refusal is an error as Google's interfaces write them.
type refusal struct {
	status    int
	canonical string // google.rpc.Code
	message   string
	fcm       string // google.firebase.fcm.v1.FcmError, "" for none
	field     string // google.rpc.BadRequest, "" for none
}

// Refuse answers with one of the error codes that FCM documents, by its name.
func Refuse(code string) Answer {
	r := refusal{fcm: code, status: http.StatusInternalServerError, canonical: "UNKNOWN", message: "An unknown error has occurred."}
	switch code {
	case "INVALID_ARGUMENT":
		r.status, r.canonical, r.message = http.StatusBadRequest, code, "The registration token is not a valid FCM registration token"
	case "UNREGISTERED":
		r.status, r.canonical, r.message = http.StatusNotFound, "NOT_FOUND", "Requested entity was not found."
	case "SENDER_ID_MISMATCH":
		r.status, r.canonical, r.message = http.StatusForbidden, "PERMISSION_DENIED", "SenderId mismatch"
	case "QUOTA_EXCEEDED":
		r.status, r.canonical, r.message = http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "Message rate exceeded"
	case "UNAVAILABLE":
		r.status, r.canonical, r.message = http.StatusServiceUnavailable, code, "The service is currently unavailable."
	case "INTERNAL":
		r.status, r.canonical, r.message = http.StatusInternalServerError, code, "Internal error encountered."
	case "THIRD_PARTY_AUTH_ERROR":
		r.status, r.canonical, r.message = http.StatusUnauthorized, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"
	}
	return Answer{refusal: r}
}

// Status answers with a status and no more than a proxy would say.
func Status(status int) Answer {
	return Answer{refusal: refusal{status: status}}
}

// Forbid answers that the account may not send messages for the project.
func Forbid() Answer {
	return Answer{refusal: refusal{
		status: http.StatusForbidden, canonical: "PERMISSION_DENIED",
		message: "Permission 'cloudmessaging.messages.create' denied on resource.",
	}}
}

func malformed(field, what string) refusal {
	return refusal{status: http.StatusBadRequest, canonical: "INVALID_ARGUMENT", message: what, field: field}
}

func (r refusal) write(w http.ResponseWriter) {
	if r.canonical == "" {
		http.Error(w, "<html><title>Error</title></html>", r.status)
		return
	}
	var details []any
	if r.field != "" {
		details = append(details, map[string]any{
			"@type":           "type.googleapis.com/google.rpc.BadRequest",
			"fieldViolations": []any{map[string]string{"field": r.field, "description": r.message}},
		})
	}
	if r.fcm != "" {
		details = append(details, map[string]string{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": r.fcm})
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(r.status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": r.status, "message": r.message, "status": r.canonical, "details": details,
	}})
}
