package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"thidua/api"
	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/internal/push"
	"thidua/sync"
)

// A server is everything wired together on one store.
type server struct {
	store  store
	domain *emulation.Domain
	hub    *hub.Hub
	auth   *auth.Auth
	push   *push.Push
	api    *api.API
	log    *slog.Logger
}

// settings are what a server is made from.
type settings struct {
	data   string // directory of the embedded database
	store  string // as openStore takes it
	log    *slog.Logger
	now    func() time.Time // nil: time.Now
	limits auth.Limits
	rate   auth.Rate // of sync requests of one device; zero is the default
	// proxies are believed when they say whom they speak for.
	proxies []netip.Prefix
	fcm     push.Service  // nil: notices go to the inbox only
	gather  time.Duration // as push.Config has it
	metrics string        // as api.Config has it
}

// open wires a server together; close it. It listens nowhere yet.
func open(ctx context.Context, s settings) (*server, error) {
	store, err := openStore(ctx, s.store, s.data, s.log)
	if err != nil {
		return nil, err
	}
	srv := &server{store: store, domain: emulation.New(), log: s.log}
	if err := srv.wire(s); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return srv, nil
}

func (s *server) wire(set settings) error {
	now := set.now
	if now == nil {
		now = time.Now
	}
	var err error
	if s.hub, err = hub.New(hub.Config{Store: s.store, Domain: s.domain, Now: now, Log: s.log}); err != nil {
		return err
	}
	pushing := push.Config{
		Hub: s.hub, Domain: s.domain, Store: s.store, Logs: s.store, People: s.store, Now: now, Log: s.log, Gather: set.gather,
	}
	if set.fcm != nil {
		if pushing.Sender, err = push.NewSender(push.SenderConfig{Store: s.store, Service: set.fcm, Now: now, Log: s.log}); err != nil {
			return err
		}
	}
	if s.push, err = push.New(pushing); err != nil {
		return err
	}
	s.auth, err = auth.New(auth.Config{
		Store: s.store, Now: now, Limits: set.limits,
		Manages: emulation.Manages, Revoked: s.push.Forget,
	})
	if err != nil {
		return err
	}
	s.api, err = api.New(api.Config{
		Hub: s.hub, Auth: s.auth, Push: s.push, Log: s.log, Now: now, Rate: set.rate, Proxies: set.proxies, Metrics: set.metrics,
		Ready: func(ctx context.Context) error {
			_, err := s.store.Head(ctx, sync.Org)
			return err
		},
	})
	return err
}

// close closes the store. The server must not be serving any more.
func (s *server) close() error { return s.store.Close() }

// drainTime is how long requests may still take when the server is told to stop.
const drainTime = 15 * time.Second

// run serves on a listener until ctx ends, then lets requests finish.
func (s *server) run(ctx context.Context, ln net.Listener) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	failed := make(chan error, 3)
	go func() { failed <- s.hub.Run(work) }()
	go func() { failed <- s.push.Run(work) }()
	go func() { failed <- s.api.Listen(ln) }()
	var err error
	running := 3
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err = errors.Join(err, s.api.Shutdown(drain))
	stop()
	for ; running > 0; running-- {
		err = errors.Join(err, <-failed)
	}
	return err
}
