package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
)

// loadSystem stores the documents of a system, one commit a scope.
func (s *server) loadSystem(ctx context.Context, sys systems.System) error {
	var order []sync.Scope
	puts := map[sync.Scope][]hub.Put{}
	for _, seed := range sys.Docs {
		if puts[seed.Scope] == nil {
			order = append(order, seed.Scope)
		}
		puts[seed.Scope] = append(puts[seed.Scope], hub.Put{Doc: seed.Doc, Type: seed.Type, Body: seed.Body})
	}
	for _, scope := range order {
		if _, err := s.hub.Store(ctx, scope, sync.Server, puts[scope]); err != nil {
			return fmt.Errorf("system %s: %w", sys.Code, err)
		}
	}
	return nil
}

// An office is where the admin sits: a browser, so to speak, on the API.
type office struct {
	url, login, password string
	access               string
	caller               hub.Caller
}

// openOffice adds the admin and signs in over HTTP.
func (d *demonstration) openOffice(ctx context.Context) error {
	o := &office{url: d.url, login: "quan-tri", password: rand.Text()[:12]}
	p, err := d.srv.auth.AddPerson(ctx, operator, hub.Person{Login: o.login, Name: "Quản trị", Grants: []sync.Grant{{Role: emulation.Admin}}}, o.password)
	if err != nil {
		return err
	}
	o.caller = hub.Caller{Author: sync.Author{Person: p.ID, Grants: p.Grants}}
	var session struct {
		Access string `json:"access"`
	}
	err = o.call(ctx, http.MethodPost, "/v1/sign-in", map[string]any{
		"login": o.login, "password": o.password, "device": string(sync.MakeID(time.Now().UnixMilli(), 0, 1)), "name": "Máy tính văn phòng", "platform": "web",
	}, &session)
	o.access, d.office = session.Access, o
	return err
}

// call makes one request and decodes the answer.
func (o *office) call(ctx context.Context, method, path string, body, into any) error {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, o.url+path, in)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if o.access != "" {
		req.Header.Set("Authorization", "Bearer "+o.access)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, raw)
	}
	return json.Unmarshal(raw, into)
}

// A conflictView is what the API tells of a conflict.
type conflictView struct {
	ID      sync.DocID `json:"id"`
	Scope   sync.Scope `json:"scope"`
	Version int64      `json:"version"`
	Body    struct {
		About     sync.DocID `json:"about"`
		AboutType string     `json:"aboutType"`
		Items     map[string]struct {
			Path    sync.Pointer `json:"path"`
			Code    sync.Code    `json:"code"`
			Base    any          `json:"base"`
			Present any          `json:"present"`
			Sides   map[sync.MutationID]struct {
				Author sync.PersonID `json:"author"`
				Value  any           `json:"value"`
			} `json:"sides"`
		} `json:"items"`
	} `json:"body"`
}

// list returns the open conflicts, each as the API shows it.
func (o *office) list(ctx context.Context) ([]conflictView, error) {
	var page struct {
		Conflicts []conflictView `json:"conflicts"`
	}
	if err := o.call(ctx, http.MethodGet, "/v1/conflicts?type=conflict&state=open&limit=100", nil, &page); err != nil {
		return nil, err
	}
	views := make([]conflictView, 0, len(page.Conflicts))
	for _, c := range page.Conflicts {
		var shown struct {
			Conflict conflictView `json:"conflict"`
		}
		if err := o.call(ctx, http.MethodGet, "/v1/conflicts/"+url.PathEscape(string(c.Scope))+"/"+string(c.ID), nil, &shown); err != nil {
			return nil, err
		}
		views = append(views, shown.Conflict)
	}
	return views, nil
}

// resolve decides a conflict.
func (o *office) resolve(ctx context.Context, c conflictView, choices map[sync.Pointer]any, reason string) error {
	var settled json.RawMessage
	return o.call(ctx, http.MethodPost, "/v1/conflicts/"+url.PathEscape(string(c.Scope))+"/"+string(c.ID)+"/resolve",
		map[string]any{"version": c.Version, "reason": reason, "choices": choices}, &settled)
}
