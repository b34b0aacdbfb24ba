package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"thidua/sync"
)

// Wake calls moved whenever the server says that scopes have moved, until the
// context ends, whose error it returns, or ErrSignedOut. A lost connection is
// made again; moved is then called with nil, because anything may have moved
// meanwhile. Nothing but names of scopes comes this way: call Sync to fetch.
func (c *Client) Wake(ctx context.Context, moved func([]sync.Scope)) error {
	for failed := 0; ; failed++ {
		err := c.listenOnce(ctx, func(scopes []sync.Scope) {
			failed = 0
			moved(scopes)
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var p *Problem
		if errors.As(err, &p) && p.Code == codeTokenExpired {
			err = c.refresh(ctx)
		}
		if err != nil && !retriable(err) {
			return fmt.Errorf("wake: %w", err)
		}
		if err := c.cfg.Sleep(ctx, c.jitter(min(shortWait<<min(failed, 10), longestWait))); err != nil {
			return err
		}
	}
}

// listenOnce reads one stream of server-sent events until it breaks.
func (c *Client) listenOnce(ctx context.Context, moved func([]sync.Scope)) error {
	if err := c.freshen(ctx); err != nil {
		return err
	}
	token, err := c.access()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.cfg.URL+"/v1/sync/stream", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return problemOf(resp, resp.Body)
	}
	moved(nil)
	// The server sends a comment now and then; silence means a dead connection.
	silence := 3 * c.cfg.Stall
	alarm := time.AfterFunc(silence, func() { cancel(errCut) })
	defer alarm.Stop()
	event := ""
	for in := bufio.NewScanner(resp.Body); in.Scan(); {
		alarm.Reset(silence)
		name, value, _ := strings.Cut(in.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case name == "event":
			event = value
		case name == "data" && event == "moved":
			var said struct {
				Scopes []sync.Scope `json:"scopes"`
			}
			if json.Unmarshal([]byte(value), &said) == nil && len(said.Scopes) > 0 {
				moved(said.Scopes)
			}
		case in.Text() == "":
			event = ""
		}
	}
	return errCut
}
