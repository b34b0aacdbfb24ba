package api

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/web"
	"thidua/sync"
)

func TestTheAppIsServedAsItWasBuilt(t *testing.T) {
	w := newWorld(t)
	app, err := web.App()
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		r := w.call(t, nil, http.MethodGet, "/app/"+name, nil)
		r.want(t, http.StatusOK)
		if !bytes.Equal(r.body, want) {
			t.Errorf("%s: other bytes are served", name)
		}
		if lasting := strings.Contains(r.header.Get("Cache-Control"), "immutable"); lasting != strings.HasPrefix(name, "assets/") {
			t.Errorf("%s: kept for ever: %t", name, lasting)
		}
		if len(want) > 50_000 && r.wire > len(want)/2 {
			t.Errorf("%s: %d bytes sent of %d", name, r.wire, len(want))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page := w.call(t, nil, http.MethodGet, "/app/", nil)
	page.want(t, http.StatusOK)
	for _, asset := range regexp.MustCompile(`"/app/(assets/[^"]+)"`).FindAllStringSubmatch(string(page.body), -1) {
		if _, err := fs.Stat(app, asset[1]); err != nil {
			t.Errorf("the page asks for what is not there: %v", err)
		}
	}
}

func TestAppFilesMayOnlyLoadFromThisServer(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/app/", "/app/index.html", "/app/sw.js", "/app/manifest.webmanifest"} {
		h := w.call(t, nil, http.MethodGet, path, nil).header
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s", path, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-cache"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

func TestAFileTheBrowserHasIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	tag := w.call(t, nil, http.MethodGet, "/app/sw.js", nil).header.Get("ETag")
	r := w.send(t, nil, http.MethodGet, "/app/sw.js", nil, map[string]string{"If-None-Match": tag})
	r.want(t, http.StatusNotModified)
	r = w.send(t, nil, http.MethodGet, "/app/sw.js", nil, map[string]string{"If-None-Match": `W/"another"`})
	r.want(t, http.StatusOK)
}

func TestAppFilesArePackedAsTheBrowserTakesThem(t *testing.T) {
	w := newWorld(t)
	plain := w.send(t, nil, http.MethodGet, "/app/sw.js", nil, map[string]string{"Accept-Encoding": "identity"})
	packed := w.send(t, nil, http.MethodGet, "/app/sw.js", nil, map[string]string{"Accept-Encoding": "gzip, deflate, br"})
	if packed.header.Get("Content-Encoding") != "br" || packed.header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("packed by %q", packed.header.Get("Content-Encoding"))
	}
	text, err := fasthttp.AppendUnbrotliBytes(nil, packed.body)
	if err != nil || !bytes.Equal(text, plain.body) {
		t.Fatalf("it unpacks to something else: %v", err)
	}
	refused := w.send(t, nil, http.MethodGet, "/app/sw.js", nil, map[string]string{"Accept-Encoding": "br;q=0, gzip"})
	if refused.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("brotli was refused and packed by %q", refused.header.Get("Content-Encoding"))
	}
}

func TestTheAppHasOneAddressAndNothingBesideIt(t *testing.T) {
	w := newWorld(t)
	req, err := http.NewRequest(http.MethodGet, w.url+"/app", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.http.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusPermanentRedirect || resp.Header.Get("Location") != "/app/" {
		t.Errorf("status %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	for _, path := range []string{"/app/nothing.js", "/app/assets/..%2findex.html", "/app/assets/nothing.js", "/app/..%2f..%2fgo.mod"} {
		w.send(t, nil, http.MethodGet, path, nil, nil).problem(t, http.StatusNotFound, hub.CodeNotFound)
	}
}

func TestAPhoneLearnsWhoseItIs(t *testing.T) {
	w := newWorld(t)
	w.call(t, nil, http.MethodGet, "/v1/me", nil).problem(t, http.StatusUnauthorized, hub.CodeUnauthenticated)
	until := w.clock.milli.Load() - 1
	over := grant(emulation.ClusterHead, "c0")
	over.To = until
	p := w.phone(t, grant(emulation.UnitStaff, "u0"), over)
	r := w.call(t, p, http.MethodGet, "/v1/me", nil)
	r.want(t, http.StatusOK)
	var me struct {
		Person sync.PersonID
		Device sync.DeviceID
		Grants []sync.Grant
	}
	if err := json.Unmarshal(r.body, &me); err != nil {
		t.Fatal(err)
	}
	if me.Person != p.session.Person || me.Device != p.session.Device || len(me.Grants) != 2 || me.Grants[1].To != until {
		t.Errorf("it is told %+v", me)
	}
	r = w.call(t, w.phone(t), http.MethodGet, "/v1/me", nil)
	if r.want(t, http.StatusOK); !bytes.Contains(r.body, []byte(`"grants":[]`)) {
		t.Errorf("somebody without grants is told %s", r.body)
	}
}
