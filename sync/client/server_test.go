package client_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	stdsync "sync"
	"time"

	"thidua/sync"
)

// server is the real thing in small: one log for each scope, receipts, the
// engine's own judgement, and the answer of the protocol, all in memory.
type server struct {
	mu       stdsync.Mutex
	clock    *clock
	logs     map[sync.Scope]*ledger
	receipts map[string]stored // device and mutation
	readable map[sync.PersonID][]sync.Scope
	devices  map[sync.DeviceID]*session
	people   map[string]sync.PersonID // by enrolment code
	issued   int

	perSegment int                               // versions between cursor lines
	most       int                               // mutations a request may have; 0: any number
	lie        func(sync.Scope, uint64) uint64   // a checksum that is wrong
	withhold   func(sync.DocLine) (keep bool)    // lines that are lost on the way
	twist      func(*sync.DocLine) *sync.DocLine // changes a line on the way
	mute       sync.Scope                        // of which answers say nothing
	status     int                               // of every answer to sync; 0 is 200
	seen       []sync.Request
}

type ledger struct {
	state   *sync.State
	commits []*sync.Commit
}

type stored struct {
	sync.Receipt
	scope sync.Scope
	seq   int64
}

type session struct {
	person            sync.PersonID
	access            string
	expires           int64
	current, previous string
	revoked           bool
}

func newServer(c *clock) *server {
	return &server{
		clock: c, logs: map[sync.Scope]*ledger{}, receipts: map[string]stored{}, readable: map[sync.PersonID][]sync.Scope{},
		devices: map[sync.DeviceID]*session{}, people: map[string]sync.PersonID{}, perSegment: 3,
	}
}

type rules struct{}

func (rules) Schema() *sync.Schema { return testSchema() }
func (rules) Allow(a sync.Act) sync.Ruling {
	if !a.Delete && len(a.Edits) > 0 {
		for _, e := range a.Edits {
			if s, ok := e.Now.(string); ok && strings.HasPrefix(s, "forbidden") {
				return sync.Ruling{Verdict: sync.Refuse, Code: "not_yours"}
			}
		}
	}
	return sync.Ruling{}
}

func testSchema() *sync.Schema {
	text := &sync.Field{Kind: sync.KindText}
	return &sync.Schema{Version: 1, Oldest: 1, Types: map[string]*sync.Type{"note": {
		Name: "note", Scopes: []string{"unit", "user"},
		Body: &sync.Field{Kind: sync.KindObject, Fields: map[string]*sync.Field{
			"title": text, "text": {Kind: sync.KindText, Length: 100_000}, "score": {Kind: sync.KindInt},
			"state":  {Kind: sync.KindEnum, Enum: []string{"draft", "sent"}, Policy: sync.PolicyTransition},
			"place":  {Kind: sync.KindObject, Policy: sync.PolicyAtomic, Fields: map[string]*sync.Field{"lat": {Kind: sync.KindInt}, "long": {Kind: sync.KindInt}}},
			"people": {Kind: sync.KindMap, Each: &sync.Field{Kind: sync.KindObject, Fields: map[string]*sync.Field{"name": text, "role": text}}},
		}},
	}}}
}

func (s *server) ledger(scope sync.Scope) *ledger {
	if s.logs[scope] == nil {
		s.logs[scope] = &ledger{state: sync.NewState(scope, 0, "", 0, nil)}
	}
	return s.logs[scope]
}

// forget puts the server's history of a scope back to an earlier commit, and
// with it the receipts, as a restored backup does. That takes a while, or what
// is lost could be made again with the same time and hash.
func (s *server) forget(scope sync.Scope, seq int64) {
	s.clock.advance(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.ledger(scope).commits[:seq]
	l := &ledger{state: sync.NewState(scope, 0, "", 0, nil)}
	docs := map[sync.DocID]*sync.Document{}
	for _, c := range old {
		for _, ch := range c.Changes {
			docs[ch.Doc] = sync.Fold(docs[ch.Doc], scope, ch, c.Seq)
		}
		l.commits = append(l.commits, c)
		l.state = sync.NewState(scope, c.Seq, c.Hash(), c.Checksum, slices.Collect(maps.Values(docs)))
	}
	s.logs[scope] = l
	maps.DeleteFunc(s.receipts, func(_ string, r stored) bool { return r.scope == scope && r.seq > seq })
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", s.clock.now().UTC().Format(http.TimeFormat))
	switch r.URL.Path {
	case "/v1/enrol", "/v1/refresh":
		s.signIn(w, r)
	case "/v1/schema":
		_ = json.NewEncoder(w).Encode(testSchema())
	case "/v1/sync/stream":
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ": still here\n\nevent: moved\ndata: {\"scopes\":[\"org\"]}\n\n")
	case "/v1/sync":
		s.serveSync(w, r)
	default:
		problem(w, 404, "not_found")
	}
}

func problem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":%d,"code":%q,"detail":"in a test"}`, status, code)
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	var said struct {
		Code, Refresh string
		Device        sync.DeviceID
	}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		problem(w, 400, "json_syntax")
		return
	}
	d := s.devices[said.Device]
	switch {
	case r.URL.Path == "/v1/enrol" && s.people[said.Code] != "":
		d = &session{person: s.people[said.Code]}
		s.devices[said.Device] = d
	case r.URL.Path == "/v1/enrol" || d == nil || d.revoked:
		problem(w, 401, "unauthenticated")
		return
	case said.Refresh == d.current:
		d.previous = d.current
	case said.Refresh != d.previous:
		d.revoked = true
		problem(w, 401, "device_revoked")
		return
	}
	s.issued++
	d.access, d.current = fmt.Sprintf("access-%d", s.issued), fmt.Sprintf("refresh-%d", s.issued)
	d.expires = s.clock.now().UnixMilli() + 600_000
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access": d.access, "refresh": d.current, "expires": d.expires, "person": d.person, "device": said.Device,
	})
}

func (s *server) serveSync(w http.ResponseWriter, r *http.Request) {
	author, ok := sync.Author{}, false
	for id, d := range s.devices {
		if "Bearer "+d.access == r.Header.Get("Authorization") && !d.revoked {
			author, ok = sync.Author{Person: d.person, Device: id}, d.expires > s.clock.now().UnixMilli()
			d.previous = "" // its successor is in use
		}
	}
	if !ok {
		problem(w, 401, "token_expired")
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(raw)); err == nil {
			raw, err = io.ReadAll(z)
		}
	}
	req, fault := sync.DecodeRequest(raw)
	if err != nil || fault != nil {
		problem(w, 400, "json_syntax")
		return
	}
	if s.most > 0 && len(req.Mutations) > s.most {
		problem(w, 413, "too_large")
		return
	}
	s.seen = append(s.seen, req)
	lines := s.handle(author, req)
	w.Header().Set("Content-Type", "application/x-ndjson")
	var out io.Writer = w
	if r.Header.Get("Accept-Encoding") == "gzip" && r.Header.Get("X-Plain") == "" {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		out = z
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	for _, l := range lines {
		_, _ = out.Write(l.Append(nil))
		if z, ok := out.(*gzip.Writer); ok && l.Cursor != nil {
			_ = z.Flush()
		}
	}
}

// handle is a whole request with its answer.
func (s *server) handle(author sync.Author, req sync.Request) []*sync.Line {
	acks, mine := s.judge(author, req)
	var lines []*sync.Line
	for _, a := range acks {
		lines = append(lines, &sync.Line{Ack: a})
	}
	end := &sync.Line{End: &sync.End{Now: s.clock.now().UnixMilli()}}
	if s.status != 0 {
		return append(lines, end)
	}
	readable := s.readable[author.Person]
	for _, scope := range slices.Sorted(maps.Keys(req.Cursors)) {
		if !slices.Contains(readable, scope) {
			lines = append(lines, &sync.Line{Drop: scope})
		}
	}
	for _, scope := range readable {
		if scope == s.mute {
			continue
		}
		at, held := req.Cursors[scope]
		lines = append(lines, s.lines(scope, at, held, req.Need[scope], mine[scope])...)
	}
	return append(lines, end)
}

type versions map[sync.DocID]map[int64]bool

func (s *server) judge(author sync.Author, req sync.Request) (acks []*sync.Ack, mine map[sync.Scope]versions) {
	drafts := map[sync.Scope]*sync.Draft{}
	var order []sync.Scope
	mine = map[sync.Scope]versions{}
	for _, m := range req.Mutations {
		key := string(author.Device) + string(m.ID)
		if r, ok := s.receipts[key]; ok && r.Content == m.Content() {
			acks = append(acks, ackOf(r.Receipt, m.Scope, r.scope, r.seq, true))
			continue
		}
		scope, refused := m.Scope, !slices.Contains(s.readable[author.Person], m.Scope)
		if refused {
			scope = sync.UserScope(author.Person)
		}
		if drafts[scope] == nil {
			order = append(order, scope)
			drafts[scope] = sync.NewDraft(sync.DraftConfig{
				State: s.ledger(scope).state, Rules: rules{}, Author: author, Received: s.clock.now().UnixMilli(),
			})
		}
		d := drafts[scope]
		var r sync.Receipt
		if refused {
			r = d.Refuse(m, sync.CodeForbiddenScope)
		} else {
			r = d.Judge(m)
		}
		s.receipts[key] = stored{r, scope, d.Seq()}
		acks = append(acks, ackOf(r, m.Scope, scope, d.Seq(), false))
	}
	for _, scope := range order {
		l, d := s.ledger(scope), drafts[scope]
		origins := map[int64]sync.Origin{}
		for _, seq := range d.Wants() {
			c := l.commits[seq-1]
			origins[seq] = sync.Origin{Author: c.Author, Device: c.Device, At: c.At}
		}
		c := d.Seal(origins)
		l.state = d.Next(c)
		l.commits = append(l.commits, c)
		mine[scope] = ownVersions(c)
	}
	return acks, mine
}

// ownVersions returns which documents a commit changed to the letter of its mutations.
func ownVersions(c *sync.Commit) versions {
	unlike := map[sync.DocID]bool{}
	for _, r := range c.Receipts {
		unlike[r.Doc] = unlike[r.Doc] || r.Outcome != sync.Applied
	}
	v := versions{}
	for _, ch := range c.Changes {
		unlike[ch.Doc] = unlike[ch.Doc] || ch.By < 0
		v[ch.Doc] = map[int64]bool{c.Seq: !unlike[ch.Doc]}
	}
	return v
}

func ackOf(r sync.Receipt, meant, scope sync.Scope, seq int64, duplicate bool) *sync.Ack {
	a := &sync.Ack{Mutation: r.Mutation, Outcome: r.Outcome, Seq: seq, Duplicate: duplicate, Code: r.Code, Kept: r.Kept}
	if r.Code != "" {
		a.Message = sync.Text{VI: "vì " + string(r.Code), EN: "because " + string(r.Code)}
	}
	if scope != meant {
		a.Scope = scope
	}
	return a
}

func (s *server) lines(scope sync.Scope, at sync.Cursor, held bool, need []sync.DocID, mine versions) []*sync.Line {
	l := s.ledger(scope)
	if at.Seq > 0 && (at.Seq > int64(len(l.commits)) || !at.Names(l.commits[at.Seq-1].Hash())) {
		return []*sync.Line{{Reset: scope}}
	}
	if held && at.Seq == l.state.Seq && at.Floor == at.Seq && len(need) == 0 {
		return nil
	}
	lines := []*sync.Line{{Scope: &sync.ScopeLine{Scope: scope, Floor: at.Floor}}}
	add := func(doc sync.DocLine) {
		if s.twist != nil {
			doc = *s.twist(&doc)
		}
		if s.withhold == nil || s.withhold(doc) {
			lines = append(lines, &sync.Line{Doc: &doc})
		}
	}
	for _, id := range need {
		if d := l.state.Docs[id]; d != nil {
			add(sync.Whole(d))
		}
	}
	var docs []*sync.Document
	for _, d := range l.state.Docs {
		if d.Version > at.Seq {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, func(a, b *sync.Document) int {
		return strings.Compare(fmt.Sprintf("%09d%s", a.Version, a.ID), fmt.Sprintf("%09d%s", b.Version, b.ID))
	})
	count := 0
	for i, d := range docs {
		if d.Gone && at.Seq == 0 {
			continue // a new phone never had it
		}
		if line, ok := sync.Patch(d, at.Floor, mine[d.ID]); ok {
			add(line)
		}
		if i+1 == len(docs) || docs[i+1].Version == d.Version {
			continue
		}
		if count++; count%s.perSegment == 0 {
			lines = append(lines, &sync.Line{Cursor: &sync.CursorLine{
				Cursor: sync.Cursor{Seq: d.Version, Floor: at.Floor, Hash: string(l.commits[d.Version-1].Hash()[:16])},
			}})
		}
	}
	sum := l.state.Checksum
	if s.lie != nil {
		sum = s.lie(scope, sum)
	}
	return append(lines, &sync.Line{Cursor: &sync.CursorLine{Cursor: sync.At(l.state.Seq, l.state.Hash), Exact: true, Checksum: sum}})
}
