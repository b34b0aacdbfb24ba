package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"thidua/internal/hub"
)

// quotaWait is how long FCM wants to be left alone by a message that met a limit,
// if it does not say.
const quotaWait = time.Minute

// longestWait bounds what a service may ask for: a message that waits for days
// because of one wrong header would be as good as lost.
const longestWait = 6 * time.Hour

// FCMConfig says how to reach Firebase Cloud Messaging. Credentials and Now are required.
type FCMConfig struct {
	Credentials []byte // a service account's key file (JSON)
	Now         func() time.Time
	// Endpoint is where messages go instead of Google's service, with "/v1"; for tests.
	Endpoint string
}

// FCM sends messages through the HTTP v1 interface of Firebase Cloud Messaging.
type FCM struct {
	client *messaging.Client
	access *access
	now    func() time.Time
}

// NewFCM returns it, or what is wrong with the credentials on the face of it
// (ErrCredentials). It does not use the network; Check does.
func NewFCM(c FCMConfig) (*FCM, error) {
	if c.Now == nil {
		return nil, errors.New("push: Now is required")
	}
	access, project, err := newAccess(c.Credentials)
	if err != nil {
		return nil, err
	}
	options := []option.ClientOption{option.WithHTTPClient(&http.Client{Transport: access})}
	if c.Endpoint != "" {
		options = append(options, option.WithEndpoint(c.Endpoint))
	}
	app, err := firebase.NewApp(context.Background(), &firebase.Config{ProjectID: project}, options...)
	if err != nil {
		return nil, fmt.Errorf("push: Firebase: %w", err)
	}
	client, err := app.Messaging(context.Background())
	if err != nil {
		return nil, fmt.Errorf("push: Firebase: %w", err)
	}
	return &FCM{client: client, access: access, now: c.Now}, nil
}

// Check asks Google whether it accepts the credentials: nil if so, ErrCredentials
// if not, another error if it cannot be asked now.
func (f *FCM) Check(ctx context.Context) error {
	_, err := f.access.token(ctx)
	return err
}

// Send implements Service. The device's app decides by the message's identifier
// that one sent twice is shown once.
func (f *FCM) Send(ctx context.Context, to hub.PushToken, m hub.Message) Outcome {
	if _, err := f.client.Send(ctx, compose(to, m, f.now())); err != nil {
		return f.judge(err, to.Platform)
	}
	return Outcome{Verdict: Delivered}
}

// judge turns what the SDK reports into what is to be done. The error codes of
// FCM are asked for before the general ones of Google's services, which are coarser.
func (f *FCM) judge(err error, platform string) Outcome {
	answer := errorutils.HTTPResponse(err)
	if answer == nil {
		// The answer was not one of FCM's; whether it has the message is not known.
		return Outcome{Verdict: Later, Code: codeUnspecified}
	}
	later := Outcome{Verdict: Later, After: retryAfter(answer.Header, f.now())}
	switch {
	case messaging.IsUnregistered(err):
		return Outcome{Verdict: Dead, Code: codeUnregistered}
	case messaging.IsSenderIDMismatch(err):
		return Outcome{Verdict: Dead, Code: codeSenderMismatch}
	case messaging.IsThirdPartyAuthError(err):
		return Outcome{Verdict: Halted, Code: codeThirdPartyAuth, Platform: platform, Detail: err.Error()}
	case messaging.IsQuotaExceeded(err), answer.StatusCode == http.StatusTooManyRequests:
		later.Code = codeQuotaExceeded
		if later.After == 0 {
			later.After = quotaWait
		}
		return later
	case messaging.IsUnavailable(err), answer.StatusCode == http.StatusServiceUnavailable, answer.StatusCode == http.StatusBadGateway:
		later.Code = codeUnavailable
		return later
	case messaging.IsInternal(err):
		later.Code = codeInternal
		return later
	case answer.StatusCode == http.StatusGatewayTimeout:
		later.Code = codeTimeout
		return later
	case messaging.IsInvalidArgument(err), errorutils.IsInvalidArgument(err):
		return Outcome{Verdict: Refused, Code: codeInvalidArgument}
	case answer.StatusCode == http.StatusUnauthorized:
		return Outcome{Verdict: Halted, Code: codeUnauthenticated, Detail: err.Error()}
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusNotFound:
		return Outcome{Verdict: Halted, Code: codeForbidden, Detail: err.Error()}
	case answer.StatusCode >= http.StatusInternalServerError:
		later.Code = codeInternal
		if !errorutils.IsInternal(err) {
			later.Code = codeUnspecified
		}
		return later
	default:
		return Outcome{Verdict: Refused, Code: codeUnspecified}
	}
}

// retryAfter returns how long an answer asks to be left alone, in seconds or
// until a date; 0 if it does not.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}
