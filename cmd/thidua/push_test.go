package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/internal/push/fcmtest"
	"thidua/sync"
	"thidua/sync/client"
)

// fakeFirebase starts a stand-in for the push service and tells what it takes.
func fakeFirebase(t *testing.T) (*fcmtest.Server, *push.FCM, <-chan fcmtest.Push) {
	t.Helper()
	server, err := fcmtest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	fcm, err := push.NewFCM(push.FCMConfig{Credentials: server.Credentials(), Endpoint: server.Endpoint(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan fcmtest.Push, 1000)
	server.Decide(func(p fcmtest.Push) fcmtest.Answer {
		taken <- p
		return fcmtest.Answer{}
	})
	return server, fcm, taken
}

// mobile enrols a phone of a person and has it synced and registered.
func mobile(t *testing.T, srv *server, url, login, token string, grants ...sync.Grant) *client.Client {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	person, err := srv.auth.AddPerson(t.Context(), operator, hub.Person{Login: login, Name: login, Grants: grants}, "")
	must(err)
	code, _, err := srv.auth.IssueCode(t.Context(), operator, person.ID, 0)
	must(err)
	c, err := client.Open(client.Config{Path: filepath.Join(t.TempDir(), login), URL: url, HTTP: &http.Client{Transport: transport()}, Schema: srv.domain.Schema()})
	must(err)
	t.Cleanup(func() { _ = c.Close() })
	must(c.Enrol(t.Context(), code, login))
	_, err = c.Sync(t.Context())
	must(err)
	must(c.Register(t.Context(), token))
	return c
}

func TestAPhoneIsWokenOnceForAHundredChangesOfAnotherAndSyncsThemAll(t *testing.T) {
	const gather = 10 * time.Minute // no phone is as slow as that; then the clock is put forward
	var ahead atomic.Int64
	fcm, service, taken := fakeFirebase(t)
	srv, err := open(t.Context(), settings{
		data: t.TempDir(), store: "sqlite", log: slog.New(slog.DiscardHandler), limits: demoLimits(), fcm: service, gather: gather,
		now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- srv.run(ctx, ln) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()

	unit := systems.Unit("tho-xuan")
	staff := sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(unit)}
	url := "http://" + ln.Addr().String()
	one, other := mobile(t, srv, url, "one", "token-one", staff), mobile(t, srv, url, "other", "token-other", staff)
	mobile(t, srv, url, "stranger", "token-stranger", sync.Grant{Role: emulation.UnitStaff, Subject: sync.ID(systems.Unit("yen-dinh"))})
	scope := sync.UnitScope(unit)
	for range 5 { // each time what came before was followed already
		for i := range 20 {
			if _, err := other.Create(scope, emulation.TypeMovement, "", sync.Object{"title": fmt.Sprint("Phong trào ", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := other.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		head, err := srv.store.Head(t.Context(), scope)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the changes are followed", func() bool {
			followed, err := srv.store.Followed(t.Context(), []sync.Scope{scope})
			return err == nil && followed[scope] == head.Seq
		})
	}
	if counts, _, err := srv.store.Queue(t.Context()); err != nil || counts[hub.PushWaiting] != 1 || len(counts) != 1 {
		t.Errorf("queue %v, %v; one message is to wait for what else comes", counts, err)
	}
	ahead.Store(int64(gather))
	select {
	case woken := <-taken:
		if woken.Token != "token-one" || !woken.Silent || woken.Title != "" || woken.Body != "" {
			t.Errorf("the message is %+v", woken)
		}
	case <-time.After(patience):
		t.Fatal("no phone was woken")
	}
	report, err := one.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := one.List(scope, emulation.TypeMovement)
	if err != nil || len(list) != 100 || report.Requests != 1 {
		t.Errorf("%d movements by %d requests, %v", len(list), report.Requests, err)
	}
	until(t, "nothing waits to be sent", func() bool {
		counts, _, err := srv.store.Queue(t.Context())
		return err == nil && counts[hub.PushWaiting] == 0 && counts[hub.PushSent] == 1
	})
	if got := fcm.Accepted(); len(got) != 1 {
		t.Errorf("taken: %+v", got)
	}
}

// patience is for how long a test waits for what the server does by itself.
const patience = 30 * time.Second

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("it does not come true that %s", what)
		}
	}
}

// served starts serve as a person would, with more arguments, until it says
// that it is ready; it returns what it said, and syncs a phone meanwhile.
func served(t *testing.T, arguments ...string) string {
	t.Helper()
	data, addr := t.TempDir(), freeAddr(t)
	codes := prepare(t, data)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	done := make(chan error, 1)
	go func() {
		args := append([]string{"serve", "--data", data, "--addr", addr}, arguments...)
		done <- run(ctx, args, func(string) string { return "" }, strings.NewReader(""), write, new(strings.Builder))
		_ = write.Close()
	}()
	var said strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(said.String(), "irebase") || !strings.Contains(said.String(), "http://") {
		n, err := read.Read(buffer)
		if err != nil {
			t.Fatalf("serve ended: %v after %q", <-done, said.String())
		}
		said.Write(buffer[:n])
	}
	c, err := client.Open(client.Config{
		Path: filepath.Join(t.TempDir(), "phone"), URL: "http://" + addr, HTTP: &http.Client{Transport: transport()}, Schema: emulation.New().Schema(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Enrol(ctx, codes[0], "máy"); err != nil {
		t.Fatal(err)
	}
	if err := c.Register(ctx, "token"); err != nil {
		t.Error(err)
	}
	if report, err := c.Sync(ctx); err != nil || report.Documents == 0 {
		t.Errorf("sync: %+v, %v", report, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return said.String()
}

func TestServeWithoutCredentialsSaysSoAndSyncs(t *testing.T) {
	said := served(t)
	for _, want := range []string{"Chưa có khóa Firebase", "No Firebase credentials", "--firebase"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %q", want, said)
		}
	}
}

func TestServeWithWrongCredentialsSaysSoAndSyncs(t *testing.T) {
	server, _, _ := fakeFirebase(t)
	other, _, _ := fakeFirebase(t)
	// Of the account of one server, but asking the other, which has never heard of it.
	stranger := strings.ReplaceAll(string(server.Credentials()), strings.TrimSuffix(server.Endpoint(), "/v1"), strings.TrimSuffix(other.Endpoint(), "/v1"))
	for name, content := range map[string]string{"nothing": "", "no key": `{"type":"authorized_user"}`, "a stranger's": stranger} {
		file := filepath.Join(t.TempDir(), "firebase.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if said := served(t, "--firebase", file); !strings.Contains(said, "KHÓA FIREBASE SAI") || !strings.Contains(said, "WRONG FIREBASE CREDENTIALS") || !strings.Contains(said, file) {
			t.Errorf("%s: %q", name, said)
		}
	}
	if said := served(t, "--firebase", filepath.Join(t.TempDir(), "missing.json")); !strings.Contains(said, "WRONG FIREBASE CREDENTIALS") {
		t.Errorf("no file: %q", said)
	}
}

func TestRemindersShowsWhatIsToComeAndTellsNobody(t *testing.T) {
	data := t.TempDir()
	prepare(t, data)
	srv, err := open(t.Context(), settings{data: data, store: "sqlite", log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	due := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	year := time.Now().AddDate(0, 0, 20).Format("2006")
	cluster := systems.Cluster("A")
	_, err = srv.hub.Store(t.Context(), sync.Org, sync.Server, []hub.Put{{Doc: key("soon"), Type: emulation.TypePeriod, Body: sync.Object{
		"code": "soon", "kind": "year", "title": "Kỳ tới", "from": "2022-06-01", "to": year + "-12-31", "cluster": string(cluster),
		"milestones": sync.Object{"m": sync.Object{"kind": emulation.TrackRegistration, "due": due}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.close(); err != nil {
		t.Fatal(err)
	}
	to := time.Now().AddDate(0, 0, 25).Format(time.DateOnly)
	out, _, err := command(t, "", "reminders", "--data", data, "--to", to, "--json")
	if err != nil || !strings.Contains(out, `"kind":"registration_due"`) || !strings.Contains(out, `"kind":"registration_overdue"`) || !strings.Contains(out, `"state":"due"`) {
		t.Fatalf("%v\n%s", err, out)
	}
	table, _, err := command(t, "", "reminders", "--data", data, "--to", to)
	if err != nil || strings.Count(table, "\n") != strings.Count(out, "\n")+1 {
		t.Fatalf("%v\n%s", err, table)
	}
	if again, _, err := command(t, "", "reminders", "--data", data, "--to", to, "--json"); err != nil || again != out {
		t.Errorf("looking changed something: %v\n%s", err, again)
	}
	if _, _, err := command(t, "", "reminders", "--data", data, "--from", "tomorrow"); err == nil {
		t.Error("no day was taken")
	}
}
