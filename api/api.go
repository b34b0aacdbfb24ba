// Package api speaks HTTP: it turns requests into calls of the hub and of auth,
// and what they answer into JSON, lines of a sync answer, or problem objects.
// routes.go shows everything that is served; openapi.yaml is the contract, and
// tests hold both to each other. It decides nothing itself, and it is the only
// package that knows Fiber.
package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	stdsync "sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/hub"
	"thidua/internal/push"
)

// Config is what New needs. Zero values mean the defaults named here.
type Config struct {
	Hub  *hub.Hub         // required
	Auth *auth.Auth       // required
	Push *push.Push       // required
	Log  *slog.Logger     // required; never sees bodies, tokens or personal data
	Now  func() time.Time // required

	// Ready reports why requests cannot be served now, if they cannot; nil
	// means that they always can.
	Ready func(ctx context.Context) error

	// Metrics is the bearer token for /metrics, at least 16 characters; "" means
	// that there is no such route.
	Metrics string

	// Proxies are those in front of the server whose X-Forwarded-For is
	// believed; none by default.
	Proxies []netip.Prefix

	Rate    auth.Rate     // of requests of one device; 100 at once, then 20 a second
	Body    int           // bytes of a request as sent; 1 MiB
	Segment int           // bytes as sent after which a phone can keep what it got; 1,000
	Read    time.Duration // for a request to come in; 60 s
	Write   time.Duration // for each write of an answer; 30 s
	Idle    time.Duration // until an unused connection is closed; 2 min
	Work    time.Duration // on a request before its answer begins; 30 s

	Streams       int           // open at once; 10,000
	DeviceStreams int           // of one device, a newer one ends the oldest; 2
	Heartbeat     time.Duration // between signs of life on a stream; 25 s
	Recheck       time.Duration // between looks at the grants of whoever listens; 1 min
}

func (cfg *Config) complete() error {
	if cfg.Hub == nil || cfg.Auth == nil || cfg.Push == nil || cfg.Log == nil || cfg.Now == nil {
		return errors.New("api: Hub, Auth, Push, Log and Now are required")
	}
	if n := len(cfg.Metrics); n > 0 && n < 16 {
		return errors.New("api: a token for metrics of less than 16 characters can be guessed")
	}
	for _, n := range []int{cfg.Body, cfg.Segment, cfg.Streams, cfg.DeviceStreams} {
		if n < 0 {
			return errors.New("api: a size or a number is negative")
		}
	}
	for _, d := range []time.Duration{cfg.Read, cfg.Write, cfg.Idle, cfg.Work, cfg.Heartbeat, cfg.Recheck} {
		if d < 0 {
			return errors.New("api: a time is negative")
		}
	}
	if cfg.Ready == nil {
		cfg.Ready = func(context.Context) error { return nil }
	}
	defaultTo(&cfg.Rate, auth.Rate{Every: 50 * time.Millisecond, Burst: 100})
	defaultTo(&cfg.Body, 1<<20)
	defaultTo(&cfg.Segment, 1000)
	defaultTo(&cfg.Read, time.Minute)
	defaultTo(&cfg.Write, 30*time.Second)
	defaultTo(&cfg.Idle, 2*time.Minute)
	defaultTo(&cfg.Work, 30*time.Second)
	defaultTo(&cfg.Streams, 10_000)
	defaultTo(&cfg.DeviceStreams, 2)
	defaultTo(&cfg.Heartbeat, 25*time.Second)
	defaultTo(&cfg.Recheck, time.Minute)
	return nil
}

func defaultTo[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

// An API serves HTTP. It is safe for concurrent use.
type API struct {
	cfg     Config
	hub     *hub.Hub
	auth    *auth.Auth
	push    *push.Push
	log     *slog.Logger
	limit   *auth.Limiter
	app     *fiber.App
	schema  schemaAnswer
	web     webFiles
	gzips   *gzipPool
	streams *streams
	metrics [sha256.Size]byte // of the token for metrics: digests are compared, which are of one length

	serving context.Context // ends when work under way has to be given up
	giveUp  context.CancelFunc

	mu       stdsync.Mutex
	listener *listener // of Listen
	shut     bool
}

// bodySlack: a body that exceeds what the server cuts off is answered by a
// closed connection, from which a phone learns nothing; up to so many times the
// limit it is read, and refused in words.
const bodySlack = 2

// New returns an API that does not listen yet, or an error that says what is
// wrong with cfg.
func New(cfg Config) (*API, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	limit, err := auth.NewLimiter(auth.LimiterConfig{Rate: cfg.Rate, Now: cfg.Now})
	if err != nil {
		return nil, err
	}
	a := &API{cfg: cfg, hub: cfg.Hub, auth: cfg.Auth, push: cfg.Push, log: cfg.Log, limit: limit, gzips: newGzipPool()}
	a.metrics = sha256.Sum256([]byte(cfg.Metrics))
	a.streams = newStreams(cfg.Streams, cfg.DeviceStreams)
	a.serving, a.giveUp = context.WithCancel(context.Background())
	if a.schema, err = newSchemaAnswer(cfg.Hub.Schema(), a.gzips); err != nil {
		return nil, err
	}
	if a.web, err = newWebFiles(); err != nil {
		return nil, err
	}
	a.app = fiber.New(fiber.Config{
		AppName:               "thidua",
		Immutable:             true, // Fiber reuses buffers; strings of a request must outlive it
		StrictRouting:         true,
		CaseSensitive:         true,
		DisableStartupMessage: true,
		BodyLimit:             bodySlack * cfg.Body,
		ReadTimeout:           cfg.Read,
		IdleTimeout:           cfg.Idle,
		ErrorHandler:          a.fail,

		DisablePreParseMultipartForm: true,
	})
	a.route()
	return a, nil
}

// Listen serves connections of ln until Shutdown. Each write to a connection
// has its own deadline, so that an answer may take as long as its phone needs
// but not stand still.
func (a *API) Listen(ln net.Listener) error {
	l := &listener{Listener: ln, within: a.cfg.Write}
	a.mu.Lock()
	shut := a.shut
	a.listener = l
	a.mu.Unlock()
	if shut {
		return l.Close()
	}
	return a.app.Listener(l)
}

// Shutdown stops listening, ends streams, and waits for requests under way.
// Those not done when ctx ends are cut, which their phones know how to bear.
func (a *API) Shutdown(ctx context.Context) error {
	a.streams.shut()
	defer a.giveUp()
	a.mu.Lock()
	a.shut = true
	l := a.listener
	a.mu.Unlock()
	if l == nil {
		return nil
	}
	// Fiber knows the listener only once it serves; one that is closed before ends at once.
	return errors.Join(l.Close(), a.app.ShutdownWithContext(ctx))
}
