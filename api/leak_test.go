package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// members is who belongs where in the world of secrets.
var members = map[string][]string{"c0": {"u0", "u1"}, "c1": {"u2", "u3"}}

// A secret is a scope with a document, and maybe a conflict, that hold a word
// found nowhere else.
type secret struct {
	scope sync.Scope
	word  string
	doc   sync.DocID
	kept  sync.DocID
}

// secrets fills every kind of scope of every unit and cluster.
func secrets(t *testing.T, w *world) (all []secret) {
	t.Helper()
	victim := w.phone(t)
	scopes := []sync.Scope{sync.UserScope(victim.session.Person)}
	for _, c := range []string{"c0", "c1"} {
		w.settle(t, c, members[c]...)
		scopes = append(scopes, sync.ClusterScope(name(c)), sync.ClusterDesk(name(c)))
		for _, u := range members[c] {
			scopes = append(scopes, sync.UnitScope(name(u)), sync.UnitDesk(name(u)))
		}
	}
	for i, scope := range scopes {
		s := secret{scope: scope, word: fmt.Sprintf("bimat%dtamib", i), doc: name(string(scope))}
		w.put(t, scope, hub.Put{Doc: s.doc, Type: emulation.TypeMeeting, Body: meeting(s.word)})
		if scope.Kind() == "unit" {
			staff := w.phone(t, sync.Grant{Role: emulation.UnitStaff, Subject: scope.Subject()})
			m := sync.Mutation{ID: sync.MutationID(w.id()), Doc: s.doc, Scope: scope, Edits: []sync.Edit{{Path: "/title", Was: "x", Now: s.word + " khác"}}}
			s.kept = acks(staff.sync(t, sync.Request{Mutations: []sync.Mutation{m}}))[0].Kept
		}
		all = append(all, s)
	}
	return all
}

// permitted says, from the grants alone, what a phone may hold and what the
// console may show besides.
func permitted(p *phone, grants []sync.Grant, at int64) (held func(sync.Scope) bool, shown func(sync.Scope) bool) {
	set := map[sync.Scope]bool{sync.Org: true, sync.UserScope(p.session.Person): true}
	admin := false
	for _, g := range grants {
		if g.From != 0 && at < g.From || g.To != 0 && at >= g.To {
			continue
		}
		admin = admin || g.Role == emulation.Admin
		for c, units := range members {
			for _, u := range units {
				if (g.Role == emulation.UnitStaff || g.Role == emulation.UnitLeader) && g.Subject == sync.ID(name(u)) {
					set[sync.UnitScope(name(u))], set[sync.UnitDesk(name(u))], set[sync.ClusterScope(name(c))] = true, true, true
				}
				if (g.Role == emulation.ClusterHead || g.Role == emulation.ClusterDeputy || g.Role == emulation.Officer) && g.Subject == sync.ID(name(c)) {
					set[sync.ClusterScope(name(c))], set[sync.ClusterDesk(name(c))], set[sync.UnitDesk(name(u))] = true, true, true
				}
			}
		}
	}
	return func(s sync.Scope) bool { return set[s] }, func(s sync.Scope) bool { return admin || set[s] }
}

func drawGrants(t *rapid.T, now int64) []sync.Grant {
	one := rapid.Custom(func(t *rapid.T) sync.Grant {
		role := rapid.SampledFrom([]sync.Role{
			emulation.UnitStaff, emulation.UnitLeader, emulation.ClusterHead, emulation.ClusterDeputy, emulation.Officer, emulation.Admin, "unknown",
		}).Draw(t, "role")
		subject := rapid.SampledFrom([]string{"", "u0", "u1", "u2", "u3", "c0", "c1", "elsewhere"}).Draw(t, "subject")
		g := grant(role, subject)
		span := rapid.SampledFrom([][2]int64{{0, 0}, {now - 1000, 0}, {0, now + 1000}, {0, now}, {now - 1000, now - 1}, {now + 1, 0}}).Draw(t, "span")
		g.From, g.To = span[0], span[1]
		return g
	})
	return rapid.SliceOfN(one, 0, 3).Draw(t, "grants")
}

// drawMutation returns a mutation of a secret that knows what it must not know.
func drawMutation(t *rapid.T, w *world, s, other secret) sync.Mutation {
	m := sync.Mutation{ID: sync.MutationID(w.id()), Doc: s.doc, Scope: s.scope, Base: 1}
	if rapid.Bool().Draw(t, "made earlier") {
		m.ID = sync.MutationID(sync.MakeID(w.clock.milli.Load()-500, 1, uint64(w.count.Add(1))))
	}
	switch rapid.SampledFrom([]string{"edit", "create", "delete", "take"}).Draw(t, "act") {
	case "edit":
		m.Edits = []sync.Edit{{Path: "/held_on", Was: "2026-03-01", Now: "2026-03-09"}}
	case "create":
		m.Doc, m.Type, m.Create = sync.DocID(w.id()), emulation.TypeMeeting, meeting("mới")
	case "delete":
		m.Delete = sync.Hash(strings.Repeat("0", 64))
	default: // the identifier of another scope's document
		m.Doc, m.Type, m.Create = other.doc, emulation.TypeMeeting, meeting("chiếm")
	}
	return m
}

// drawRequest makes one random request and returns its answer; synced says
// that it was what a phone gets rather than what the console shows.
func drawRequest(t *rapid.T, w *world, p *phone, all []secret, stolen map[sync.Scope]sync.Cursor) (r *reply, synced bool) {
	s := rapid.SampledFrom(all).Draw(t, "secret")
	other := rapid.SampledFrom(all).Draw(t, "other")
	id := rapid.SampledFrom([]sync.DocID{s.doc, s.kept, other.doc}).Draw(t, "document")
	switch rapid.SampledFrom([]string{"sync", "document", "history", "conflict", "resolve", "list", "ranking"}).Draw(t, "request") {
	case "sync":
		req := sync.Request{Cursors: map[sync.Scope]sync.Cursor{}, Need: map[sync.Scope][]sync.DocID{s.scope: {s.doc}, other.scope: {s.doc}}}
		if rapid.Bool().Draw(t, "with cursor") {
			req.Cursors[s.scope] = stolen[s.scope]
		}
		for range rapid.IntRange(0, 3).Draw(t, "mutations") {
			req.Mutations = append(req.Mutations, drawMutation(t, w, s, other))
		}
		r := p.raw(t, req.Encode())
		r.want(t, http.StatusOK)
		return r, true
	case "document":
		return w.send(t, p, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s", s.scope, id), nil, nil), false
	case "history":
		return w.send(t, p, http.MethodGet, fmt.Sprintf("/v1/documents/%s/%s/history", s.scope, id), nil, nil), false
	case "conflict":
		return w.send(t, p, http.MethodGet, fmt.Sprintf("/v1/conflicts/%s/%s", s.scope, id), nil, nil), false
	case "resolve": // never a version there is: those who may decide shall not
		body := []byte(`{"version":999,"reason":"x","choices":{"/title":{"take":"present"}}}`)
		return w.send(t, p, http.MethodPost, fmt.Sprintf("/v1/conflicts/%s/%s/resolve", s.scope, id), body, nil), false
	case "list":
		return w.send(t, p, http.MethodGet, fmt.Sprintf("/v1/conflicts?scope=%s", s.scope), nil, nil), false
	}
	cluster := rapid.SampledFrom([]string{"c0", "c1"}).Draw(t, "cluster")
	return w.send(t, p, http.MethodGet, fmt.Sprintf("/v1/rankings?cluster=%s&period=%s", name(cluster), name("2026")), nil, nil), false
}

// contents returns the documents of a scope that people write, by identifier.
func contents(t tester, w *world, scope sync.Scope) map[sync.DocID]string {
	stored, err := w.store.Changed(context.Background(), scope, 0, sync.MaxNumber, 10_000)
	if err != nil {
		t.Fatalf("read %s: %v", scope, err)
	}
	found := map[sync.DocID]string{}
	for _, d := range stored {
		if d.Type != sync.TypeConflict && d.Type != sync.TypeRejection {
			found[d.ID] = fmt.Sprint(d.Version, d.Gone, string(d.Raw()))
		}
	}
	return found
}

func TestNobodyReadsOrWritesWhatIsNotTheirs(t *testing.T) {
	w := newWorld(t)
	all := secrets(t, w)
	stolen := map[sync.Scope]sync.Cursor{}
	for _, s := range all {
		head, err := w.store.Head(context.Background(), s.scope)
		if err != nil {
			t.Fatal(err)
		}
		stolen[s.scope] = sync.At(head.Seq, head.Hash)
	}
	leaks, reads := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		now := w.clock.milli.Load()
		grants := drawGrants(t, now)
		p := w.phone(t, grants...)
		held, shown := permitted(p, grants, now)
		before := map[sync.Scope]map[sync.DocID]string{}
		for _, s := range all {
			if !held(s.scope) {
				before[s.scope] = contents(t, w, s.scope)
			}
		}
		for range rapid.IntRange(1, 6).Draw(t, "requests") {
			r, synced := drawRequest(t, w, p, all, stolen)
			if r.status >= 500 {
				t.Fatalf("status %d: %s", r.status, r.body)
			}
			for _, s := range all {
				may := shown(s.scope)
				if synced {
					may = held(s.scope)
				}
				if there := bytes.Contains(r.body, []byte(s.word)); there && !may {
					leaks++
					t.Fatalf("%s leaks to %+v: %s", s.scope, grants, r.body)
				} else if there {
					reads++
				}
			}
		}
		for scope, was := range before {
			if is := contents(t, w, scope); !reflect.DeepEqual(is, was) {
				t.Fatalf("%s was changed by %+v:\n%v\n%v", scope, grants, was, is)
			}
		}
	})
	if reads == 0 {
		t.Errorf("nobody read anything, so the test shows nothing")
	}
}

func TestAnAnnouncedRankingIsForTheClusterAndAComputedOneForItsDesk(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c0", "u0", "u1")
	head, staff := w.phone(t, grant(emulation.ClusterHead, "c0")), w.phone(t, grant(emulation.UnitStaff, "u0"))
	stranger, admin := w.phone(t, grant(emulation.UnitStaff, "u2")), w.phone(t, grant(emulation.Admin, ""))
	path := fmt.Sprintf("/v1/rankings?cluster=%s&period=%s", name("c0"), name("2026"))
	w.call(t, staff, http.MethodGet, path, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	ranking := func(seq int64, state string) hub.Put {
		return hub.Put{Doc: name(fmt.Sprint("r", seq)), Type: emulation.TypeRanking, Body: sync.Object{
			"cluster": string(name("c0")), "period": string(name("2026")), "seq": seq, "state": state,
		}}
	}
	w.put(t, sync.ClusterScope(name("c0")), ranking(1, "superseded"), ranking(2, "announced"), ranking(3, "provisional"))
	get := func(p *phone) (v struct {
		Provisional bool
		Ranking     *emulation.Ranking
		Document    *struct{ ID sync.DocID }
	},
	) {
		r := w.call(t, p, http.MethodGet, path, nil)
		r.want(t, http.StatusOK)
		if err := json.Unmarshal(r.body, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := get(staff); v.Provisional || v.Document.ID != name("r2") {
		t.Errorf("%+v", v)
	}
	for _, p := range []*phone{head, admin} {
		v := get(p)
		units := []sync.DocID{name("u0"), name("u1")}
		slices.Sort(units)
		if !v.Provisional || len(v.Ranking.Rows) != 2 || v.Ranking.Rows[0].Unit != units[0] || v.Ranking.Rows[1].Unit != units[1] {
			t.Errorf("%+v", v)
		}
	}
	w.call(t, stranger, http.MethodGet, path, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.send(t, head, http.MethodGet, "/v1/rankings?cluster=x", nil, nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}
