package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

func TestSigningInByPassword(t *testing.T) {
	w := newWorld(t)
	_, err := w.auth.AddPerson(context.Background(), operator(), hub.Person{Login: "an", Name: "An"}, "mật khẩu dài")
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]any{"login": "an", "password": "mật khẩu dài", "device": w.id(), "name": "Máy", "platform": "web"}
	r := w.call(t, nil, http.MethodPost, "/v1/sign-in", in)
	r.want(t, http.StatusOK)
	if r.header.Get("Cache-Control") != "no-store" {
		t.Error("tokens may be cached")
	}
	in["password"] = "mật khẩu sai"
	r = w.call(t, nil, http.MethodPost, "/v1/sign-in", in)
	r.problem(t, http.StatusUnauthorized, hub.CodeBadCredentials)
	if strings.Contains(w.log.String(), "mật khẩu") || strings.Contains(w.log.String(), "login=an") {
		t.Error("the log holds what was sent")
	}
	in["platform"] = "fridge"
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, nil, http.MethodPost, "/v1/sign-in", raw, nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}

func TestACodeSignsOnePhoneIn(t *testing.T) {
	w := newWorld(t)
	p, admin := w.phone(t), w.phone(t, grant(emulation.Admin, ""))
	codes := "/v1/people/" + string(p.session.Person) + "/codes"
	w.call(t, p, http.MethodPost, codes, map[string]any{}).problem(t, http.StatusForbidden, hub.CodeForbidden)
	r := w.call(t, admin, http.MethodPost, codes, map[string]any{"life": 60_000})
	r.want(t, http.StatusCreated)
	var said struct {
		Code    string
		Expires int64
	}
	r.decode(t, &said)
	if said.Expires != w.clock.milli.Load()+60_000 {
		t.Errorf("%s", r.body)
	}
	in := map[string]any{"code": strings.ToLower(said.Code), "device": w.id(), "platform": "android"}
	w.call(t, nil, http.MethodPost, "/v1/enrol", in).want(t, http.StatusOK)
	in["device"] = w.id()
	w.call(t, nil, http.MethodPost, "/v1/enrol", in).problem(t, http.StatusUnprocessableEntity, hub.CodeCodeInvalid)
	w.call(t, admin, http.MethodPost, "/v1/people/"+string(w.id())+"/codes", map[string]any{}).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.call(t, admin, http.MethodPost, "/v1/people/me/codes", map[string]any{}).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.call(t, admin, http.MethodPost, codes, map[string]any{"life": int64(90 * 24 * time.Hour / time.Millisecond)}).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}

func TestAnExpiredTokenIsRefreshed(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t)
	w.clock.pass(time.Hour)
	r := w.send(t, p, http.MethodPost, "/v1/sync", []byte("{}"), nil)
	r.problem(t, http.StatusUnauthorized, hub.CodeTokenExpired)
	if r.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%v", r.header)
	}
	in := map[string]any{"device": p.session.Device, "refresh": p.session.Refresh}
	r = w.call(t, nil, http.MethodPost, "/v1/refresh", in)
	r.want(t, http.StatusOK)
	r.decode(t, &p.session)
	p.sync(t, sync.Request{})
	in["refresh"] = "x"
	w.call(t, nil, http.MethodPost, "/v1/refresh", in).problem(t, http.StatusUnauthorized, hub.CodeUnauthenticated)
	w.send(t, nil, http.MethodPost, "/v1/refresh", []byte(`{"device":"x","refresh":"y"}`), nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
}

func TestDevicesAreListedAndRevoked(t *testing.T) {
	w := newWorld(t)
	p, admin := w.phone(t), w.phone(t, grant(emulation.Admin, ""))
	second := w.enrol(t, p.session.Person)
	list := func(as *phone, query string) (found []deviceView) {
		r := w.call(t, as, http.MethodGet, "/v1/devices"+query, nil)
		r.want(t, http.StatusOK)
		var said struct{ Devices []deviceView }
		r.decode(t, &said)
		return said.Devices
	}
	if got := list(p, ""); len(got) != 2 || got[0].Current == got[1].Current {
		t.Errorf("%+v", got)
	}
	if got := list(admin, "?person="+string(p.session.Person)); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	w.call(t, p, http.MethodGet, "/v1/devices?person="+string(admin.session.Person), nil).problem(t, http.StatusForbidden, hub.CodeForbidden)
	w.send(t, p, http.MethodGet, "/v1/devices?person=x", nil, nil).problem(t, http.StatusBadRequest, hub.CodeInvalid)
	w.call(t, p, http.MethodDelete, "/v1/devices/"+string(admin.session.Device), nil).problem(t, http.StatusForbidden, hub.CodeForbidden)
	w.call(t, p, http.MethodDelete, "/v1/devices/x", nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.call(t, p, http.MethodDelete, "/v1/devices/"+string(second.session.Device), nil).want(t, http.StatusNoContent)
	w.send(t, second, http.MethodPost, "/v1/sync", []byte("{}"), nil).problem(t, http.StatusUnauthorized, hub.CodeDeviceRevoked)
	w.call(t, p, http.MethodPost, "/v1/sign-out", map[string]any{}).want(t, http.StatusNoContent)
	w.call(t, p, http.MethodGet, "/v1/devices", nil).problem(t, http.StatusUnauthorized, hub.CodeDeviceRevoked)
}

func TestAWipedDeviceIsTakenFromAndSentNothing(t *testing.T) {
	w := newWorld(t)
	w.settle(t, "c", "u")
	p, stranger, admin := w.phone(t, grant(emulation.UnitStaff, "u")), w.phone(t), w.phone(t, grant(emulation.Admin, ""))
	wipe := "/v1/devices/" + string(p.session.Device) + "/wipe"
	w.call(t, stranger, http.MethodPost, wipe, nil).problem(t, http.StatusForbidden, hub.CodeForbidden)
	w.call(t, admin, http.MethodPost, "/v1/devices/x/wipe", nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	w.call(t, admin, http.MethodPost, wipe, nil).want(t, http.StatusNoContent)
	w.call(t, admin, http.MethodPost, wipe, nil).want(t, http.StatusNoContent)

	w.call(t, p, http.MethodGet, "/v1/devices", nil).problem(t, http.StatusUnauthorized, hub.CodeDeviceWiped)
	w.clock.pass(time.Hour)
	in := map[string]any{"device": p.session.Device, "refresh": p.session.Refresh}
	r := w.call(t, nil, http.MethodPost, "/v1/refresh", in) // what it holds is still wanted
	r.want(t, http.StatusOK)
	r.decode(t, &p.session)
	m := w.create("u", meeting("Chưa gửi"))
	req := sync.Request{Mutations: []sync.Mutation{m}}
	r = p.raw(t, req.Encode())
	r.want(t, http.StatusGone)
	lines := r.lines(t)
	if got := acks(lines); len(got) != 1 || got[0].Outcome != sync.Applied || !ended(lines) || len(docs(lines)) != 0 {
		t.Fatalf("%s", r.body)
	}
	heard := w.send(t, p, http.MethodGet, "/v1/sync/stream", nil, nil)
	heard.want(t, http.StatusOK)
	if !strings.HasPrefix(string(heard.body), "event: moved\n") {
		t.Errorf("a wiped device that listens is to sync, and hears %q", heard.body)
	}
	if found := docs(w.enrol(t, p.session.Person).sync(t, sync.Request{})); found[m.Scope][m.Doc].Body == nil {
		t.Error("another device of the same person is wiped too")
	}
}

func TestWithoutATokenNothingIsServed(t *testing.T) {
	w := newWorld(t)
	for _, header := range []string{"", "Bearer", "Basic YTpi", "Bearer x.y.z", "Bearer " + strings.Repeat("x", 3000)} {
		r := w.send(t, nil, http.MethodPost, "/v1/sync", []byte("{}"), map[string]string{"Authorization": header})
		r.problem(t, http.StatusUnauthorized, hub.CodeUnauthenticated)
	}
}

func TestADeviceIsLimitedAndToldWhenToComeAgain(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Rate = auth.Rate{Every: 2 * time.Second, Burst: 2} })
	p, other := w.phone(t), w.phone(t)
	p.sync(t, sync.Request{})
	p.sync(t, sync.Request{})
	r := w.send(t, p, http.MethodPost, "/v1/sync", []byte("{}"), nil)
	r.problem(t, http.StatusTooManyRequests, hub.CodeRateLimited)
	if r.header.Get("Retry-After") != "2" {
		t.Errorf("%v", r.header)
	}
	other.sync(t, sync.Request{})
	w.clock.pass(2 * time.Second)
	p.sync(t, sync.Request{})
}

func TestTheAddressIsTheLastThatNoTrustedProxyHas(t *testing.T) {
	proxied := buildWorld(t, emulation.New(), func(c *Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	direct := buildWorld(t, emulation.New())
	for _, w := range []*world{proxied, direct} {
		w.api.app.Add(fiber.MethodGet, "/address", func(f *fiber.Ctx) error { return f.SendString(w.api.address(f)) })
		w.serve(t)
	}
	for _, c := range []struct {
		w            *world
		header, want string
	}{
		{proxied, "", "127.0.0.1"},
		{proxied, "203.0.113.7", "203.0.113.7"},
		{proxied, "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{proxied, "203.0.113.7, 127.0.0.5", "203.0.113.7"},
		{proxied, "203.0.113.7, nonsense", "127.0.0.1"},
		{direct, "203.0.113.7", "127.0.0.1"},
	} {
		r := c.w.send(t, nil, http.MethodGet, "/address", nil, map[string]string{"X-Forwarded-For": c.header})
		if string(r.body) != c.want {
			t.Errorf("%q: %s, want %s", c.header, r.body, c.want)
		}
	}
}

func TestTheKeysVerifyTokens(t *testing.T) {
	w := newWorld(t)
	w.phone(t)
	r := w.call(t, nil, http.MethodGet, "/.well-known/jwks.json", nil)
	r.want(t, http.StatusOK)
	if !bytes.Contains(r.body, []byte(`"Ed25519"`)) {
		t.Errorf("%s", r.body)
	}
}

func TestTheSchemaIsServedOnce(t *testing.T) {
	w := newWorld(t)
	r := w.call(t, nil, http.MethodGet, "/v1/schema", nil)
	r.want(t, http.StatusOK)
	plain := w.send(t, nil, http.MethodGet, "/v1/schema", nil, map[string]string{"Accept-Encoding": "identity"})
	if !bytes.Equal(r.body, plain.body) || r.wire*3 > plain.wire {
		t.Errorf("%d bytes compressed, %d plain", r.wire, plain.wire)
	}
	again := w.send(t, nil, http.MethodGet, "/v1/schema", nil, map[string]string{"If-None-Match": r.header.Get("ETag")})
	again.want(t, http.StatusNotModified)
}
