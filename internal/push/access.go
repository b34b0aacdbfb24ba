package push

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"golang.org/x/sync/singleflight"
)

// ErrCredentials: they are not those of a service account, or Google refuses them.
var ErrCredentials = errors.New("the Firebase credentials are no good")

const (
	scope = "https://www.googleapis.com/auth/firebase.messaging"
	// tokenTimeout bounds the fetching of an access token, which many senders wait for.
	tokenTimeout = 10 * time.Second
	maxAnswer    = 64 << 10 // bytes of an answer that are read
)

// access is the HTTP transport under the SDK. It puts an access token on every
// request, and it makes every call one attempt: the SDK repeats what fails with a
// network error or with 503 in place, without jitter, and holds a sender as long as
// Retry-After says; the queue does that better, and does it across restarts. So
// network errors become answers here, and 503 becomes 502: these the SDK reports
// at once. Answers are read to their end, so that a connection cut in the middle
// is such an error too.
type access struct {
	source oauth2.TokenSource
	flight singleflight.Group
	next   http.RoundTripper
}

// newAccess returns it for a service account's key file, with the project's name.
func newAccess(credentials []byte) (a *access, project string, err error) {
	var file struct {
		Type    string `json:"type"`
		Project string `json:"project_id"`
		Key     string `json:"private_key"`
	}
	if err := json.Unmarshal(credentials, &file); err != nil {
		return nil, "", fmt.Errorf("%w: not JSON: %w", ErrCredentials, err)
	}
	if file.Type != "service_account" || file.Project == "" {
		return nil, "", fmt.Errorf("%w: not the key file of a service account: type %q, project_id %q", ErrCredentials, file.Type, file.Project)
	}
	block, _ := pem.Decode([]byte(file.Key))
	if block == nil {
		return nil, "", fmt.Errorf("%w: no private_key in PEM", ErrCredentials)
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, "", fmt.Errorf("%w: private_key: %w", ErrCredentials, err)
	}
	account, err := google.JWTConfigFromJSON(credentials, scope)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, "", errors.New("push: the standard transport was replaced")
	}
	next := standard.Clone()
	next.MaxIdleConnsPerHost = 64 // all senders go to one host
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: next, Timeout: tokenTimeout})
	return &access{source: account.TokenSource(ctx), next: next}, file.Project, nil
}

// token returns a valid access token. Many who need one at once fetch one.
func (a *access) token(ctx context.Context) (*oauth2.Token, error) {
	fetched := a.flight.DoChan("", func() (any, error) { return a.source.Token() })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case f := <-fetched:
		token, ok := f.Val.(*oauth2.Token)
		if f.Err != nil || !ok {
			return nil, noToken(f.Err)
		}
		return token, nil
	}
}

// noToken tells a refusal, which only an operator can put right, from a failure.
func noToken(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("push: no access token: %w", err)
	}
	status := answer.Response.StatusCode
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return fmt.Errorf("push: no access token: %s", answer.Response.Status)
	}
	var why struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(answer.Body, &why); err != nil {
		why.Error = answer.Response.Status
	}
	return fmt.Errorf("%w: refused: %s %s", ErrCredentials, why.Error, why.Description)
}

// RoundTrip implements http.RoundTripper. It returns no errors.
func (a *access) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.attempt(r)
	if err != nil {
		return unanswered(r, err), nil
	}
	if answer.StatusCode == http.StatusServiceUnavailable {
		answer.StatusCode = http.StatusBadGateway
	}
	return answer, nil
}

func (a *access) attempt(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	token, err := a.token(r.Context())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	token.SetAuthHeader(r)
	answer, err := a.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// unanswered stands for the answer that did not come.
func unanswered(r *http.Request, err error) *http.Response {
	status := http.StatusBadGateway
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, ErrCredentials):
		status = http.StatusUnauthorized
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		status = http.StatusGatewayTimeout
	}
	body, _ := json.Marshal(map[string]any{"error": map[string]any{"message": err.Error()}})
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}
