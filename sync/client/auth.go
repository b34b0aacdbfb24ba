package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// ErrOtherPerson: the file holds the work of somebody else, who would be
// robbed of it. Use another file.
var ErrOtherPerson = errors.New("the replica belongs to another person")

// tokens are what the server gave this phone when it signed in or refreshed.
type tokens struct {
	Access  string        `json:"access"`
	Refresh string        `json:"refresh"`
	Expires int64         `json:"expires"` // of access, milliseconds by the server's clock
	Person  sync.PersonID `json:"person"`
	Device  sync.DeviceID `json:"device"`
	Offset  int64         `json:"offset"` // how far the phone's clock was behind the server's
}

// freshenBefore is how long before the end of an access token it is replaced.
const freshenBefore = 30 * time.Second

// Enrol signs the phone in by a code that an administrator handed out. Name is
// what people call the phone.
func (c *Client) Enrol(ctx context.Context, code, name string) error {
	return c.signIn(ctx, "/v1/enrol", map[string]string{"code": code, "name": name})
}

// SignIn signs the phone in by password.
func (c *Client) SignIn(ctx context.Context, login, password, name string) error {
	return c.signIn(ctx, "/v1/sign-in", map[string]string{"login": login, "password": password, "name": name})
}

// SignOut ends the session on the server and forgets the tokens. Replica and
// queue stay.
func (c *Client) SignOut(ctx context.Context) error {
	c.signing.Lock()
	defer c.signing.Unlock()
	t, err := c.tokens()
	if err != nil || t.Access == "" {
		return err
	}
	if _, _, err := c.call(ctx, http.MethodPost, "/v1/sign-out", t.Access, struct{}{}); err != nil && !errors.Is(err, ErrSignedOut) {
		return fmt.Errorf("sign out: %w", err)
	}
	t.Access, t.Refresh, t.Expires = "", "", 0
	return c.keep(t)
}

// Register tells the server under which token the push service reaches this
// phone. Whenever the service gives the app another one, it is told again.
func (c *Client) Register(ctx context.Context, token string) error {
	if err := c.freshen(ctx); err != nil {
		return fmt.Errorf("register for pushes: %w", err)
	}
	access, err := c.access()
	if err != nil {
		return err
	}
	if _, _, err := c.call(ctx, http.MethodPut, "/v1/push-token", access, map[string]string{"token": token}); err != nil {
		return fmt.Errorf("register for pushes: %w", err)
	}
	return nil
}

// Identity returns who is signed in with which device; both are "" before the
// first sign-in and stay after signing out.
func (c *Client) Identity() (sync.PersonID, sync.DeviceID, error) {
	t, err := c.tokens()
	return t.Person, t.Device, err
}

func (c *Client) signIn(ctx context.Context, path string, body map[string]string) error {
	c.signing.Lock()
	defer c.signing.Unlock()
	device, err := c.device()
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	body["device"], body["platform"] = string(device), c.cfg.Platform
	before, err := c.tokens()
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	t, err := c.fetchTokens(ctx, path, body)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if before.Person != "" && t.Person != before.Person {
		return fmt.Errorf("sign in: %w", ErrOtherPerson)
	}
	return c.keep(t)
}

// device returns the identifier of this installation. It is on disk before it
// is first used, so that repeating a sign-in whose answer was lost makes no
// second device.
func (c *Client) device() (id sync.DeviceID, err error) {
	fresh, err := c.ids.next()
	if err != nil {
		return "", err
	}
	err = c.db.Update(func(tx *bbolt.Tx) error {
		if err := getMeta(tx, metaDevice, &id); err != nil || id != "" {
			return err
		}
		id = sync.DeviceID(fresh)
		return putMeta(tx, metaDevice, id)
	})
	return id, err
}

// freshen replaces an access token that is about to expire.
func (c *Client) freshen(ctx context.Context) error {
	t, err := c.tokens()
	if err != nil {
		return err
	}
	if t.Refresh == "" {
		return ErrSignedOut
	}
	if t.Access != "" && c.milli()+t.Offset < t.Expires-freshenBefore.Milliseconds() {
		return nil
	}
	return c.refresh(ctx)
}

// refresh gets a new pair of tokens. The new refresh token is on disk before
// anything is used; if the answer is lost the old one is still there and is
// presented again, which the server allows until its successor has been used.
func (c *Client) refresh(ctx context.Context) error {
	c.signing.Lock()
	defer c.signing.Unlock()
	old, err := c.tokens()
	if err != nil {
		return err
	}
	if old.Refresh == "" {
		return ErrSignedOut
	}
	t, err := c.fetchTokens(ctx, "/v1/refresh", map[string]string{"device": string(old.Device), "refresh": old.Refresh})
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	return c.keep(t)
}

func (c *Client) fetchTokens(ctx context.Context, path string, body any) (t tokens, err error) {
	raw, header, err := c.call(ctx, http.MethodPost, path, "", body)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(raw, &t); err != nil || t.Access == "" || t.Refresh == "" {
		return t, fmt.Errorf("%s: the answer holds no tokens", path)
	}
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		t.Offset = at.UnixMilli() - c.milli()
	}
	return t, nil
}

func (c *Client) tokens() (t tokens, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error { return getMeta(tx, metaTokens, &t) })
	return t, err
}

func (c *Client) keep(t tokens) error {
	return c.db.Update(func(tx *bbolt.Tx) error { return putMeta(tx, metaTokens, t) })
}

func (c *Client) access() (string, error) {
	t, err := c.tokens()
	if err == nil && t.Access == "" {
		err = ErrSignedOut
	}
	return t.Access, err
}

const maxAnswer = 4 << 20 // bytes of an answer that is one JSON value

// call makes a request other than Sync's and returns the answer's body.
func (c *Client) call(ctx context.Context, method, path, token string, body any) ([]byte, http.Header, error) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, nil, err
		}
		in = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Stall)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, in)
	if err != nil {
		return nil, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return nil, nil, problemOf(resp, resp.Body)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errCut, err)
	}
	return raw, resp.Header, nil
}
