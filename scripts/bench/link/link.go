package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Config describes a link. Rates are in bits per second.
type Config struct {
	Target    string        // host:port of the server behind the link; required
	RTT       time.Duration // round trip; 0 means 400 ms
	Down      int64         // rate from the server to the phone; 0 means 100,000
	Up        int64         // rate from the phone to the server; 0 means 50,000
	CutBytes  int64         // a connection is cut after this many bytes, both directions together; 0 means never
	CutAfter  time.Duration // a connection is cut this long after it was accepted; 0 means never
	RefuseFor time.Duration // new connections are reset for this long after a cut
}

// Stats counts what passed since New. Bytes are counted when they are handed
// to the receiving side, so bytes lost in a cut are not among them.
type Stats struct {
	Up          int64 // bytes delivered to the server
	Down        int64 // bytes delivered to the phone
	Connections int64 // connections accepted, refused ones not included
	Cuts        int64 // connections cut by CutBytes or CutAfter
	Refused     int64 // connections reset within RefuseFor after a cut
}

// A Link is a running proxy. Its methods may be called from any goroutine.
type Link struct {
	cfg      Config
	listener *net.TCPListener
	up, down lane

	connections, cuts, refused atomic.Int64

	ctx  context.Context // done when the link is closed
	stop context.CancelFunc
	work sync.WaitGroup

	mu          sync.Mutex
	refuseUntil time.Time
}

// New starts a link to cfg.Target, listening on a free port of the loopback
// interface. The caller must Close it.
func New(cfg Config) (*Link, error) {
	if cfg.Target == "" {
		return nil, errors.New("link: a target is required")
	}
	if cfg.RTT < 0 || cfg.Down < 0 || cfg.Up < 0 || cfg.CutBytes < 0 || cfg.CutAfter < 0 || cfg.RefuseFor < 0 {
		return nil, fmt.Errorf("link: a negative value in %+v", cfg)
	}
	if cfg.RTT == 0 {
		cfg.RTT = 400 * time.Millisecond
	}
	if cfg.Down == 0 {
		cfg.Down = 100_000
	}
	if cfg.Up == 0 {
		cfg.Up = 50_000
	}
	config := net.ListenConfig{Control: smallBuffer}
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l := &Link{cfg: cfg, listener: listener.(*net.TCPListener), up: lane{rate: cfg.Up}, down: lane{rate: cfg.Down}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	l.work.Go(l.accept)
	return l, nil
}

// Addr returns the host:port a phone connects to.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Stats returns the counters at this moment.
func (l *Link) Stats() Stats {
	return Stats{
		Up:          l.up.delivered.Load(),
		Down:        l.down.delivered.Load(),
		Connections: l.connections.Load(),
		Cuts:        l.cuts.Load(),
		Refused:     l.refused.Load(),
	}
}

// Close resets every connection, stops listening and returns when all is quiet.
func (l *Link) Close() error {
	l.stop()
	err := l.listener.Close()
	l.work.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (l *Link) accept() {
	for {
		phone, err := l.listener.AcceptTCP()
		if err != nil {
			return // closed; nothing else makes a loopback listener fail for good
		}
		if l.refusing() {
			l.refused.Add(1)
			reset(phone)
			continue
		}
		l.connections.Add(1)
		l.work.Go(func() { l.carry(phone, time.Now()) })
	}
}

func (l *Link) refusing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.refuseUntil)
}

// cut opens the window of refusals before the phone can notice the cut, so
// that its next attempt is refused however quickly it comes.
func (l *Link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cuts.Add(1)
	l.refuseUntil = time.Now().Add(l.cfg.RefuseFor)
}

// reset closes a connection the way a lost link does: without a farewell.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}
