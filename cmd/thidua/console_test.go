package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"thidua/sync"
)

// A console is somebody at a screen who decides, over real HTTP.
type console struct {
	c      *council
	access string
}

// console signs a hand in at a screen.
func (h *hand) console() *console {
	h.c.t.Helper()
	code, _, err := h.c.srv.auth.IssueCode(h.c.t.Context(), operator, h.person, 0)
	h.c.must(err)
	s := &console{c: h.c}
	var session struct{ Access string }
	s.call(http.MethodPost, "/v1/enrol", map[string]any{
		"code": code, "device": sync.MakeID(h.c.now().UnixMilli(), 0, 1), "name": "Máy tính", "platform": "web",
	}, &session)
	s.access = session.Access
	return s
}

// call makes a request that must succeed and reads its answer.
func (s *console) call(method, path string, body, answer any) {
	s.c.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		s.c.must(err)
	}
	req, err := http.NewRequestWithContext(s.c.t.Context(), method, s.c.url+path, bytes.NewReader(raw))
	s.c.must(err)
	req.Header.Set("Content-Type", "application/json")
	if s.access != "" {
		req.Header.Set("Authorization", "Bearer "+s.access)
	}
	resp, err := (&http.Client{Transport: transport()}).Do(req)
	s.c.must(err)
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	s.c.must(err)
	if resp.StatusCode != http.StatusOK {
		s.c.t.Fatalf("%s %s: %s: %s", method, path, resp.Status, said)
	}
	s.c.must(json.Unmarshal(said, answer))
}

// A question is a conflict as the console shows it.
type question struct {
	Conflict struct {
		ID      sync.DocID
		Version int64
		Body    struct {
			State string
			Items map[string]struct {
				Path  sync.Pointer
				Code  sync.Code
				Sides map[string]any
			}
		}
	}
	Proposals []struct {
		Path     sync.Pointer
		Proposal sync.Proposal
	}
}

// asked returns the only conflict that is open about a document.
func (s *console) asked(scope sync.Scope, about sync.DocID) *question {
	s.c.t.Helper()
	var list struct {
		Conflicts []struct{ ID, About sync.DocID }
	}
	s.call(http.MethodGet, fmt.Sprintf("/v1/conflicts?type=conflict&state=open&scope=%s", scope), nil, &list)
	if len(list.Conflicts) != 1 || list.Conflicts[0].About != about {
		s.c.t.Fatalf("open are %+v", list.Conflicts)
	}
	q := &question{}
	s.call(http.MethodGet, fmt.Sprintf("/v1/conflicts/%s/%s", scope, list.Conflicts[0].ID), nil, q)
	return q
}

// decides settles a conflict by one choice for every item.
func (s *console) decides(scope sync.Scope, q *question, choice map[string]any) {
	s.c.t.Helper()
	choices := map[sync.Pointer]any{}
	for _, item := range q.Conflict.Body.Items {
		choices[item.Path] = choice
	}
	settled := &question{}
	s.call(http.MethodPost, fmt.Sprintf("/v1/conflicts/%s/%s/resolve", scope, q.Conflict.ID), map[string]any{
		"version": q.Conflict.Version, "reason": "Theo hồ sơ gốc.", "choices": choices,
	}, settled)
	if got := settled.Conflict.Body.State; got != sync.StateSettled {
		s.c.t.Fatalf("after the decision it is %s", got)
	}
}
