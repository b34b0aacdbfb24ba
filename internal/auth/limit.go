package auth

import (
	"container/list"
	"errors"
	"net/netip"
	stdsync "sync"
	"time"

	"golang.org/x/time/rate"

	"thidua/internal/hub"
)

// A Rate lets Burst events through at once and one more every Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// LimiterConfig is what NewLimiter needs.
type LimiterConfig struct {
	Rate Rate             // required
	Keys int              // keys remembered; 50,000 if zero
	Now  func() time.Time // required
}

// A Limiter limits the rate of events by key: an address, a login, a device.
// It remembers a bounded number of keys and forgets the one unused for longest,
// so that nobody can fill its memory by inventing keys. It is one process's own:
// n processes together let n times the rate through. Safe for concurrent use.
type Limiter struct {
	rate Rate
	max  int
	now  func() time.Time

	mu    stdsync.Mutex
	order *list.List // of *limited, most recently used first
	keys  map[string]*list.Element
}

type limited struct {
	key    string
	bucket *rate.Limiter
}

// NewLimiter returns a Limiter, or an error if the rate is not positive.
func NewLimiter(cfg LimiterConfig) (*Limiter, error) {
	if cfg.Rate.Every <= 0 || cfg.Rate.Burst <= 0 || cfg.Keys < 0 || cfg.Now == nil {
		return nil, errors.New("auth: a limiter needs a positive rate and a clock")
	}
	defaultTo(&cfg.Keys, 50_000)
	return &Limiter{
		rate:  cfg.Rate,
		max:   cfg.Keys,
		now:   cfg.Now,
		order: list.New(),
		keys:  make(map[string]*list.Element),
	}, nil
}

// Take counts one event of a key. It returns zero if the event may go on, else
// how long to wait until one may; a refused event does not count.
func (l *Limiter) Take(key string) (retryAfter time.Duration) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.bucket(key).ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait
	}
	return 0
}

// bucket returns the bucket of a key and makes it the most recently used.
func (l *Limiter) bucket(key string) *rate.Limiter {
	if e, ok := l.keys[key]; ok {
		l.order.MoveToFront(e)
		return e.Value.(*limited).bucket
	}
	if l.order.Len() >= l.max {
		oldest := l.order.Back()
		delete(l.keys, l.order.Remove(oldest).(*limited).key)
	}
	b := rate.NewLimiter(rate.Every(l.rate.Every), l.rate.Burst)
	l.keys[key] = l.order.PushFront(&limited{key: key, bucket: b})
	return b
}

// check is Take as an error of code rate_limited.
func (l *Limiter) check(key string) error {
	wait := l.Take(key)
	if wait == 0 {
		return nil
	}
	return &hub.Error{Code: hub.CodeRateLimited, Detail: "too many attempts", RetryAfter: wait}
}

// addressKey returns what addresses are limited by: an IPv4 address, or the /64
// of an IPv6 address, since one subscriber has all of it. What is no address is
// one key together.
func addressKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}
