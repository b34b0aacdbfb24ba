package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/sqlite"
	"thidua/sync"
)

// tokens returns the push tokens of a phone's person.
func (p *phone) tokens(t *testing.T) []hub.PushToken {
	t.Helper()
	tokens, err := p.w.store.Tokens(t.Context(), []sync.PersonID{p.session.Person})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func (p *phone) register(t *testing.T, token string) {
	t.Helper()
	p.w.call(t, p, http.MethodPut, "/v1/push-token", map[string]any{"token": token}).want(t, http.StatusNoContent)
}

func TestATokenIsOfTheDeviceThatTellsItUntilItTellsAnother(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, grant(emulation.UnitStaff, "u1"))
	p.register(t, "one")
	p.register(t, "two")
	got := p.tokens(t)
	if len(got) != 1 || got[0].Token != "two" || got[0].Device != p.session.Device || got[0].Platform != "android" || got[0].Set == 0 {
		t.Fatalf("%+v", got)
	}
	w.call(t, p, http.MethodDelete, "/v1/push-token", nil).want(t, http.StatusNoContent)
	w.call(t, p, http.MethodDelete, "/v1/push-token", nil).want(t, http.StatusNoContent)
	if got := p.tokens(t); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestATokenThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t)
	for _, token := range []string{"", "a b", "a\nb", "mã", strings.Repeat("x", maxToken+1)} {
		w.send(t, p, http.MethodPut, "/v1/push-token", fmt.Appendf(nil, "{\"token\":%q}", token), nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	}
	if got := p.tokens(t); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestSigningOutAndBeingRevokedDropTheToken(t *testing.T) {
	w := newWorld(t)
	admin, one, two := w.phone(t, grant(emulation.Admin, "")), w.phone(t), w.phone(t)
	one.register(t, "one")
	two.register(t, "two")
	w.call(t, one, http.MethodPost, "/v1/sign-out", nil).want(t, http.StatusNoContent)
	w.call(t, admin, http.MethodDelete, "/v1/devices/"+string(two.session.Device), nil).want(t, http.StatusNoContent)
	if a, b := one.tokens(t), two.tokens(t); len(a)+len(b) != 0 {
		t.Fatalf("%+v %+v", a, b)
	}
}

func TestATestNoticeReachesTheInboxAndTheDevicesOfTheAdministratorWhoAsks(t *testing.T) {
	w := newWorld(t)
	admin, staff := w.phone(t, grant(emulation.Admin, "")), w.phone(t, grant(emulation.UnitStaff, "u1"))
	admin.register(t, "token")
	w.call(t, staff, http.MethodPost, "/v1/notices/test", nil).problem(t, http.StatusForbidden, hub.CodeForbidden)
	r := w.call(t, admin, http.MethodPost, "/v1/notices/test", nil)
	r.want(t, http.StatusAccepted)
	var told struct {
		Notice  sync.DocID
		Devices int
	}
	r.decode(t, &told)
	inbox := sync.UserScope(admin.session.Person)
	docs, err := w.store.Documents(t.Context(), inbox, []sync.DocID{told.Notice})
	if err != nil || len(docs) != 1 || docs[0].Type != emulation.TypeNotice || docs[0].Body()["vi"] == "" || told.Devices != 1 {
		t.Fatalf("%+v, %v, %v", told, docs, err)
	}
	if counts, _, err := w.store.Queue(t.Context()); err != nil || counts[hub.PushWaiting] != 1 {
		t.Fatalf("%v, %v", counts, err)
	}
}

func TestMetricsAreForWhoeverHasTheirToken(t *testing.T) {
	none := newWorld(t)
	admin := none.phone(t, grant(emulation.Admin, ""))
	none.call(t, admin, http.MethodGet, "/metrics", nil).problem(t, http.StatusNotFound, hub.CodeNotFound)

	const token = "a token of metrics"
	w := newWorld(t, func(cfg *Config) { cfg.Metrics = token })
	admin = w.phone(t, grant(emulation.Admin, ""))
	admin.register(t, "token")
	w.call(t, admin, http.MethodPost, "/v1/notices/test", nil).want(t, http.StatusAccepted)
	w.call(t, admin, http.MethodGet, "/metrics", nil).problem(t, http.StatusUnauthorized, hub.CodeUnauthenticated)
	w.call(t, nil, http.MethodGet, "/metrics", nil).problem(t, http.StatusUnauthorized, hub.CodeUnauthenticated)
	r := w.call(t, &phone{w: w, session: sessionView{Access: token}}, http.MethodGet, "/metrics", nil)
	r.want(t, http.StatusOK)
	for _, line := range []string{"thidua_push_enabled 1\n", "thidua_push_messages{state=\"waiting\"} 1\n", "thidua_push_sent_total 0\n"} {
		if !strings.Contains(string(r.body), line) {
			t.Errorf("no %q in\n%s", line, r.body)
		}
	}
}

func TestATestNoticeIsSentAtOnceAtNightToo(t *testing.T) {
	w := newWorld(t)
	w.clock.pass(7 * time.Hour) // 22:00
	admin := w.phone(t, grant(emulation.Admin, ""))
	admin.register(t, "token")
	w.call(t, admin, http.MethodPost, "/v1/notices/test", nil).want(t, http.StatusAccepted)
	if _, next, err := w.store.Queue(t.Context()); err != nil || next != w.clock.milli.Load() {
		t.Fatalf("it waits for %d ms, %v", next-w.clock.milli.Load(), err)
	}
}

// racing is a store before whose noting of a token something else happens.
type racing struct {
	*sqlite.Store
	before func()
}

func (r *racing) PutToken(ctx context.Context, t hub.PushToken) error {
	r.before()
	return r.Store.PutToken(ctx, t)
}

func TestADeviceRevokedWhileItTellsItsTokenHasNone(t *testing.T) {
	slow := &racing{}
	w := newWorld(t, func(cfg *Config) {
		var err error
		cfg.Push, err = push.New(push.Config{
			Hub: cfg.Hub, Domain: emulation.New(), Store: slow, Logs: slow, People: slow, Now: cfg.Now, Log: cfg.Log,
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	p := w.phone(t, grant(emulation.UnitStaff, "u1"))
	slow.Store, slow.before = w.store, func() {
		if err := w.auth.RevokeDevice(t.Context(), auth.Actor{Author: sync.Author{Person: sync.Server}}, p.session.Device); err != nil {
			t.Error(err)
		}
	}
	w.call(t, p, http.MethodPut, "/v1/push-token", map[string]any{"token": "one"}).problem(t, http.StatusUnauthorized, hub.CodeDeviceRevoked)
	if got := p.tokens(t); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestRemindersAreShownToThoseWhoOverseeThemPageByPage(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c1", "u1", "u2")
	w.settle(t, "c2", "u3")
	w.put(t, sync.Org, hub.Put{Doc: name("2026"), Type: emulation.TypePeriod, Body: sync.Object{
		"code": "2026", "kind": "year", "title": "Năm 2026", "from": "2026-01-01", "to": "2026-12-31",
		"milestones": sync.Object{"r": sync.Object{"kind": "registration", "due": "2026-03-16"}},
	}})
	u1, u3 := w.phone(t, grant(emulation.UnitStaff, "u1")), w.phone(t, grant(emulation.UnitStaff, "u3"))
	admin, officer := w.phone(t, grant(emulation.Admin, "")), w.phone(t, grant(emulation.Officer, "c1"))
	if err := w.push.Step(t.Context()); err != nil { // it is 2 March, 15:00: the first are due
		t.Fatal(err)
	}
	list := func(p *phone, from int64, after string, limit int) []reminderView {
		to := w.clock.now().AddDate(0, 1, 0).UnixMilli()
		r := w.call(t, p, http.MethodGet, fmt.Sprintf("/v1/reminders?from=%d&to=%d&after=%s&limit=%d", from, to, url.QueryEscape(after), limit), nil)
		r.want(t, http.StatusOK)
		var answer struct{ Reminders []reminderView }
		r.decode(t, &answer)
		return answer.Reminders
	}
	begin := w.clock.now().AddDate(0, 0, -1).UnixMilli()
	states := map[string]int{}
	var all []reminderView
	for from, after := begin, ""; ; {
		rows := list(admin, from, after, 1)
		if len(rows) == 0 {
			break
		}
		all = append(all, rows...)
		states[rows[0].State]++
		from, after = rows[0].Due, rows[0].Key
	}
	// For both people: T-14 told, T-3 and the day after to come.
	if len(all) != 6 || states[hub.PushSent] != 2 || states["due"] != 4 {
		t.Errorf("%d rows: %v\n%+v", len(all), states, all)
	}
	for _, row := range list(officer, begin, "", 200) {
		if row.Person == u3.session.Person || row.Person != u1.session.Person {
			t.Errorf("the officer of another cluster sees %+v", row)
		}
	}
	w.call(t, u1, http.MethodGet, "/v1/reminders?from=0&to=1", nil).problem(t, http.StatusForbidden, hub.CodeForbidden)
	w.call(t, admin, http.MethodGet, "/v1/reminders?from=2&to=1", nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	w.call(t, admin, http.MethodGet, fmt.Sprintf("/v1/reminders?from=0&to=%d", 400*24*time.Hour.Milliseconds()), nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}

func TestAnOfficerSeesWhatIsAboutTheOwnClustersToldToTheirPeopleHoweverMuchElseThereIs(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c1", "u1")
	w.settle(t, "c2", "u2")
	w.put(t, sync.Org, hub.Put{Doc: name("left"), Type: emulation.TypeMembership, Body: sync.Object{
		"unit": string(name("u3")), "cluster": string(name("c1")), "from": "2025-01-01", "to": "2025-12-31",
	}})
	over := grant(emulation.UnitStaff, "u1")
	over.To = w.clock.milli.Load()
	both, gone := w.phone(t, grant(emulation.UnitStaff, "u1"), grant(emulation.UnitStaff, "u2")), w.phone(t, over)
	left, admin, officer := w.phone(t, grant(emulation.UnitStaff, "u3")), w.phone(t, grant(emulation.Admin, "")), w.phone(t, grant(emulation.Officer, "c1"))
	var told []hub.Told
	tell := func(due int64, to *phone, scope sync.Scope) {
		key := fmt.Sprintf("sheet_due/%s/%d/%s", scope, due, to.session.Person)
		told = append(told, hub.Told{Key: key, Kind: "sheet_due", Person: to.session.Person, Due: due, State: hub.PushSent, At: due})
	}
	desk := sync.UnitDesk(name("u1"))
	tell(1, both, desk)
	for due := range int64(1200) {
		tell(2+due, both, sync.UnitDesk(name("u2")))
	}
	tell(2000, gone, desk)
	tell(2001, left, sync.UnitDesk(name("u3")))
	tell(2002, admin, desk)
	tell(2003, both, sync.ClusterScope(name("c1")))
	tell(2004, both, sync.Org)
	if err := w.store.Record(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	r := w.call(t, officer, http.MethodGet, "/v1/reminders?from=0&to=3000&limit=3", nil)
	r.want(t, http.StatusOK)
	var answer struct{ Reminders []reminderView }
	r.decode(t, &answer)
	var due []int64
	for _, row := range answer.Reminders {
		due = append(due, row.Due)
	}
	if !slices.Equal(due, []int64{1, 2003, 2004}) {
		t.Errorf("the officer sees what was due at %v", due)
	}
}
