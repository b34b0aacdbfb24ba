// Package fcmtest is a stand-in for Firebase Cloud Messaging, for tests: an HTTP
// server that issues access tokens to the account it made up, refuses what the
// HTTP v1 interface would refuse, answers as a test decides, and remembers which
// messages it took.
package fcmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// project is the name of the account's project, and by it of the path.
const project = "thidua-test"

// maxRequest is how many bytes of a request are read.
const maxRequest = 64 << 10

// A Push is one message that was asked to be sent.
type Push struct {
	Token    string
	Collapse string // the tag of a notification, the collapse key of one without
	Silent   bool   // it shows nothing
	Urgent   bool   // at the high priority for Android
	Title    string
	Body     string
	Data     map[string]string
	TTL      time.Duration // for Android
	Attempt  int           // 1 for the first with this token and collapse identifier
}

// A Server stands in for the service. It is safe for use by many goroutines.
type Server struct {
	http    *httptest.Server
	account *account
	shapes  map[string]map[string]string
	done    chan struct{}

	mu       sync.Mutex
	decide   func(Push) Answer
	attempts map[[2]string]int
	accepted []Push
	requests int
}

// New starts a server, which takes every message that is well made until Decide
// says otherwise. Close it.
func New() (*Server, error) {
	s := &Server{shapes: shapes(), done: make(chan struct{}), attempts: map[[2]string]int{}}
	mux := http.NewServeMux()
	s.http = httptest.NewServer(mux)
	var err error
	if s.account, err = newAccount(s.http.URL + "/token"); err != nil {
		s.http.Close()
		return nil, err
	}
	mux.Handle("POST /token", s.account)
	mux.HandleFunc("POST /v1/projects/{project}/{method}", s.send)
	return s, nil
}

// Close stops the server. Requests it holds are cut.
func (s *Server) Close() {
	close(s.done)
	s.http.CloseClientConnections()
	s.http.Close()
}

// Endpoint is where to send messages instead of Google's, for push.FCMConfig.
func (s *Server) Endpoint() string { return s.http.URL + "/v1" }

// Credentials is the key file of the account that this server, and no other, accepts.
func (s *Server) Credentials() []byte { return slices.Clone(s.account.file) }

// Decide has a function say what is answered to each well-made request from now
// on; nil takes all. It is called by many goroutines.
func (s *Server) Decide(f func(Push) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decide = f
}

// Accepted returns the messages that were taken, in the order they were.
func (s *Server) Accepted() []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// Requests returns how many well-made requests to send came in, whatever was answered.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	if !s.account.knows(r.Header.Get("Authorization")) {
		refusal{status: http.StatusUnauthorized, canonical: "UNAUTHENTICATED", message: "Request had invalid authentication credentials."}.write(w)
		return
	}
	if r.PathValue("project") != project || r.PathValue("method") != "messages:send" {
		refusal{status: http.StatusNotFound, canonical: "NOT_FOUND", message: "Requested entity was not found."}.write(w)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		malformed("", err.Error()).write(w)
		return
	}
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		malformed("", "Content-Type "+kind).write(w)
		return
	}
	message, field, wrong := s.check(body)
	if wrong != "" {
		malformed(field, wrong).write(w)
		return
	}
	p, answer := s.judge(outline(message))
	s.answer(w, r, p, answer)
}

// judge counts a request and asks what to answer.
func (s *Server) judge(p Push) (Push, Answer) {
	s.mu.Lock()
	s.requests++
	key := [2]string{p.Token, p.Collapse}
	s.attempts[key]++
	p.Attempt = s.attempts[key]
	decide := s.decide
	s.mu.Unlock()
	if decide == nil {
		return p, Answer{}
	}
	return p, decide(p)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, p Push, a Answer) {
	if a.Hold != nil {
		select {
		case <-a.Hold:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
	if a.Cut == CutBefore {
		cut(w, "")
		return
	}
	if a.refusal.status != 0 {
		if a.RetryAfter != "" {
			w.Header().Set("Retry-After", a.RetryAfter)
		}
		a.refusal.write(w)
		return
	}
	s.mu.Lock()
	s.accepted = append(s.accepted, p)
	name := fmt.Sprintf("projects/%s/messages/%d", project, len(s.accepted))
	s.mu.Unlock()
	switch a.Cut {
	case CutAfter:
		cut(w, "")
	case CutWithin:
		cut(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\": \"proj")
	default:
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		json.NewEncoder(w).Encode(map[string]string{"name": name})
	}
}

// cut closes the connection after some bytes.
func cut(w http.ResponseWriter, after string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, after)
	conn.Close()
}
