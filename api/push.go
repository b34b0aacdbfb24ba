package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/sync"
)

// maxToken bounds a push token, of which those who make them promise nothing;
// none was ever seen that is half as long.
const maxToken = 2048

// setPushToken notes how the push service reaches the device that asks.
func (a *API) setPushToken(c *fiber.Ctx, who auth.Actor) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	printable := func(r rune) bool { return r > ' ' && r < 0x7f }
	switch {
	case who.UploadOnly:
		return hub.E(hub.CodeForbidden, "the person is disabled")
	case in.Token == "" || len(in.Token) > maxToken || strings.ContainsFunc(in.Token, func(r rune) bool { return !printable(r) }):
		return hub.E(hub.CodeInvalid, "a token is 1 to %d printable characters", maxToken)
	}
	d, err := a.asking(c, who)
	if err != nil {
		return err
	}
	t := hub.PushToken{Device: d.ID, Person: d.Person, Platform: d.Platform, Token: in.Token}
	if err := a.push.Register(c.UserContext(), t); err != nil {
		return stored(err)
	}
	// A revocation meanwhile may have found no token to forget.
	if _, err := a.asking(c, who); err != nil {
		return errors.Join(err, a.push.Forget(c.UserContext(), d.Person, d.ID))
	}
	return c.SendStatus(http.StatusNoContent)
}

// asking returns the device that asks; device_revoked if it may not any more.
func (a *API) asking(c *fiber.Ctx, who auth.Actor) (hub.Device, error) {
	devices, err := a.auth.Devices(c.UserContext(), who, who.Author.Person)
	if err != nil {
		return hub.Device{}, err
	}
	for _, d := range devices {
		if d.ID == who.Author.Device && d.Revoked == 0 {
			return d, nil
		}
	}
	return hub.Device{}, hub.E(hub.CodeDeviceRevoked, "this device was signed out")
}

// dropPushToken forgets how the push service reaches the device that asks.
func (a *API) dropPushToken(c *fiber.Ctx, who auth.Actor) error {
	if err := a.push.Forget(c.UserContext(), who.Author.Person, who.Author.Device); err != nil {
		return stored(err)
	}
	return c.SendStatus(http.StatusNoContent)
}

// stored returns an error of the store as one that a phone may try again after.
func stored(err error) error {
	if hub.CodeOf(err) != hub.CodeInternal {
		return err
	}
	return &hub.Error{Code: hub.CodeUnavailable, Detail: "the store cannot be reached", Err: err}
}

// testNotice tells an administrator a notice, to see whether it arrives.
func (a *API) testNotice(c *fiber.Ctx, who auth.Actor) error {
	if err := a.administrator(who); err != nil {
		return err
	}
	notice, devices, err := a.push.Test(c.UserContext(), who.Author.Person)
	if err != nil {
		return stored(err)
	}
	return a.send(c, http.StatusAccepted, struct {
		Notice  sync.DocID `json:"notice"`
		Devices int        `json:"devices"` // that a message was queued for
	}{notice, devices})
}

func (a *API) administrator(who auth.Actor) error {
	if who.UploadOnly || !emulation.Manages(who.Author, a.cfg.Now().UnixMilli()) {
		return hub.E(hub.CodeForbidden, "only an administrator does this")
	}
	return nil
}

// A reminderView is what became of one notice, or is to become of it.
type reminderView struct {
	Key     string        `json:"key"`
	Kind    string        `json:"kind"`
	Person  sync.PersonID `json:"person"`
	Subject sync.DocID    `json:"subject,omitempty"`
	Due     int64         `json:"due"`
	State   string        `json:"state"`
	Reason  sync.Code     `json:"reason,omitempty"`
	At      int64         `json:"at,omitempty"`
}

const (
	// maxSpan bounds the time of one listing of reminders, in milliseconds: a year and a day.
	maxSpan = int64(366 * 24 * 60 * 60 * 1000)
	// foresight bounds how much of it is computed anew for each page: two months.
	foresight = 62 * 24 * time.Hour
)

// listReminders shows what was told, what was not and why, and what is to come.
func (a *API) listReminders(c *fiber.Ctx, who auth.Actor) error {
	at := a.cfg.Now().UnixMilli()
	if who.UploadOnly || !slices.ContainsFunc(who.Author.Grants, func(g sync.Grant) bool {
		return (g.Role == emulation.Admin || g.Role == emulation.Officer) && g.ValidAt(at)
	}) {
		return hub.E(hub.CodeForbidden, "only officers and administrators see this")
	}
	var n [3]int64
	for i, name := range []string{"from", "to", "limit"} {
		var err error
		if n[i], err = number(c, name); err != nil {
			return err
		}
	}
	after := c.Query("after")
	if n[1] <= n[0] || n[1]-n[0] > maxSpan || len(after) > maxToken {
		return hub.E(hub.CodeInvalid, "to is after from, by at most %d milliseconds; after is a key", maxSpan)
	}
	limit := int(min(n[2], hub.MaxPage))
	if limit <= 0 {
		limit = hub.MaxPage
	}
	views := make([]reminderView, 0, limit)
	for r, err := range a.push.Listing(c.UserContext(), who.Author.Grants, push.Query{From: n[0], To: n[1], AfterKey: after, Ahead: foresight}) {
		if err != nil {
			return stored(err)
		}
		views = append(views, reminderView{r.Key, r.Kind, r.Person, r.Subject, r.Due, r.State, r.Reason, r.At})
		if len(views) == limit {
			break
		}
	}
	return a.send(c, http.StatusOK, struct {
		Reminders []reminderView `json:"reminders"`
	}{views})
}

// showMetrics serves what operators watch, in the text format of Prometheus. It
// asks for a token of its own, for a scraper cannot sign in; and behind a proxy
// every request comes from the loopback, so that coming from there proves nothing.
func (a *API) showMetrics(c *fiber.Ctx) error {
	if a.cfg.Metrics == "" {
		return hub.E(hub.CodeNotFound, "no token for metrics is set")
	}
	if given := sha256.Sum256([]byte(bearer(c))); subtle.ConstantTimeCompare(given[:], a.metrics[:]) != 1 {
		return hub.E(hub.CodeUnauthenticated, "the token for metrics is required")
	}
	m, err := a.push.Metrics(c.UserContext())
	if err != nil {
		return stored(err)
	}
	c.Response().Header.SetContentType("text/plain; version=0.0.4")
	return c.Send(exposition(m))
}

// exposition writes metrics as Prometheus reads them.
func exposition(m push.Metrics) []byte {
	var out bytes.Buffer
	metric := func(name, kind, help string) {
		fmt.Fprintf(&out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	enabled := 0
	if m.Enabled {
		enabled = 1
	}
	metric("thidua_push_enabled", "gauge", "1 if there are credentials for pushes, 0 if notices go to the inbox only.")
	fmt.Fprintf(&out, "thidua_push_enabled %d\n", enabled)
	metric("thidua_push_messages", "gauge", "Messages in the store, by state.")
	for _, state := range []string{hub.PushWaiting, hub.PushSent, hub.PushSkipped} {
		fmt.Fprintf(&out, "thidua_push_messages{state=%q} %d\n", state, m.Queue[state])
	}
	metric("thidua_push_next_seconds", "gauge", "When the earliest waiting message may be sent, since 1970; 0 if none waits.")
	fmt.Fprintf(&out, "thidua_push_next_seconds %d\n", m.Next/1000)
	for _, counter := range []struct {
		name, help string
		n          int64
	}{
		{"sent", "Messages that the service took from this process.", m.Counts.Sent},
		{"retried", "Attempts of this process after which a message waits for another.", m.Counts.Retried},
		{"tokens_dropped", "Tokens that this process found dead.", m.Counts.Dropped},
		{"halts", "Times this process stopped sending for a while.", m.Counts.Halts},
	} {
		name := "thidua_push_" + counter.name + "_total"
		metric(name, "counter", counter.help)
		fmt.Fprintf(&out, "%s %d\n", name, counter.n)
	}
	metric("thidua_push_given_up_total", "counter", "Messages that this process gave up, by reason.")
	for _, code := range slices.Sorted(maps.Keys(m.Counts.GivenUp)) {
		fmt.Fprintf(&out, "thidua_push_given_up_total{reason=%q} %d\n", code, m.Counts.GivenUp[code])
	}
	return out.Bytes()
}
