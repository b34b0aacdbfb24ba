package push

import (
	stdsync "sync"

	"thidua/sync"
)

// A circuit stops the sending of what is bound to fail: everything, or all for
// one platform. It opens for a while; then one message tries whether it may close.
// Times are milliseconds since 1970.
type circuit struct {
	mu     stdsync.Mutex
	broken map[string]breach // by platform, "" for all
}

type breach struct {
	until int64
	code  sync.Code
}

// open opens the circuit of a platform until a time, and reports whether it was
// closed, or the time it was open for is over.
func (c *circuit) open(platform string, now, until int64, code sync.Code) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, was := c.broken[platform]
	if was && b.until > now {
		return false
	}
	if c.broken == nil {
		c.broken = map[string]breach{}
	}
	c.broken[platform] = breach{until, code}
	return true
}

// close closes it for all and for a platform, of which a message just went
// through, and reports whether it was open.
func (c *circuit) close(platform string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, all := c.broken[""]
	_, one := c.broken[platform]
	delete(c.broken, "")
	delete(c.broken, platform)
	return all || one
}

// pause returns until when nothing may be sent to a platform, and why; 0 if it may.
func (c *circuit) pause(platform string, now int64) (until int64, why sync.Code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range []string{"", platform} {
		if b := c.broken[p]; b.until > now && b.until > until {
			until, why = b.until, b.code
		}
	}
	return until, why
}

// limit returns how many messages to take: all, none, or one to try with.
func (c *circuit) limit(now int64, all int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch b, broken := c.broken[""]; {
	case !broken:
		return all
	case b.until > now:
		return 0
	default:
		return 1
	}
}
