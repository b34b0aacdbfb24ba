package link

import (
	"context"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	// chunk is how much of one connection enters the lane at once; connections
	// that share the link take turns chunk by chunk.
	chunk = 512
	// inFlight bounds the bytes of one direction of one connection between the
	// lane and the receiver. A sender is held back beyond it; together with the
	// kernel's buffers that is at most 32 KB. At 400 ms it lets a connection
	// fill a lane of 650 kbit/s.
	inFlight = 16 << 10
	// ahead is how long before the lane is free the next chunk is fetched, so
	// that a late timer does not leave the lane idle.
	ahead = 5 * time.Millisecond
)

// A conn is one connection through the link.
type conn struct {
	link  *Link
	ctx   context.Context // done when the connection is broken
	sever context.CancelFunc

	mu   sync.Mutex
	left int64 // bytes until the cut; negative means no such limit
	over bool  // cut already
}

// A packet is on its way to the receiver until its time has come. The last
// one carries the reason why there are no more.
type packet struct {
	data    []byte
	arrives time.Time
	end     error
}

// carry takes a phone's connection, accepted at a given time, to the server
// and back until both have finished or the connection breaks.
func (l *Link) carry(phone *net.TCPConn, accepted time.Time) {
	ctx, sever := context.WithCancel(l.ctx)
	defer sever()
	c := &conn{link: l, ctx: ctx, sever: sever, left: -1}
	defer c.end(phone)
	if l.cfg.CutBytes > 0 {
		c.left = l.cfg.CutBytes
	}
	if l.cfg.CutAfter > 0 {
		timer := time.AfterFunc(l.cfg.CutAfter-time.Since(accepted), c.cut)
		defer timer.Stop()
	}
	if !wait(ctx, accepted.Add(l.cfg.RTT)) { // the handshake of the real link
		return
	}
	dialer := net.Dialer{Control: smallBuffer}
	dialed, err := dialer.DialContext(ctx, "tcp", l.cfg.Target)
	if err != nil {
		return
	}
	server := dialed.(*net.TCPConn)
	defer c.end(server)

	unblock := context.AfterFunc(ctx, func() { reset(phone); reset(server) })
	defer unblock()
	var pumps sync.WaitGroup
	pumps.Go(func() { c.pump(server, phone, &l.up) })
	pumps.Go(func() { c.pump(phone, server, &l.down) })
	pumps.Wait()
}

// smallBuffer keeps the kernel from taking in megabytes on behalf of a
// receiver that has seen a few packets. It must be set before the connection
// exists, because a window once offered cannot be withdrawn.
func smallBuffer(_, _ string, raw syscall.RawConn) error {
	var err error
	if failed := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, inFlight/2)
	}); failed != nil {
		return failed
	}
	return err
}

// end closes one side after the connection: a broken one without a farewell.
func (c *conn) end(side *net.TCPConn) {
	if c.ctx.Err() != nil {
		reset(side)
		return
	}
	_ = side.Close()
}

// pump carries one direction until its sender has finished.
func (c *conn) pump(to, from *net.TCPConn, via *lane) {
	travelling := make(chan packet, inFlight/chunk)
	var delivery sync.WaitGroup
	delivery.Go(func() { c.deliver(to, travelling, via) })
	defer delivery.Wait()
	defer close(travelling)
	for {
		data := make([]byte, chunk)
		n, err := from.Read(data)
		p := packet{data: data[:n], end: err}
		left := via.send(n)
		p.arrives = left.Add(c.link.cfg.RTT / 2)
		select {
		case travelling <- p:
		case <-c.ctx.Done():
			return
		}
		if err != nil || !wait(c.ctx, left.Add(-ahead)) {
			return
		}
	}
}

// deliver hands packets to the receiver when they arrive.
func (c *conn) deliver(to *net.TCPConn, travelling <-chan packet, via *lane) {
	for p := range travelling {
		if !wait(c.ctx, p.arrives) {
			return
		}
		allowed, last := c.take(len(p.data))
		n, err := to.Write(p.data[:allowed])
		via.delivered.Add(int64(n))
		switch {
		case last:
			c.cut()
		case err != nil:
			c.sever()
		case p.end == io.EOF:
			_ = to.CloseWrite()
		case p.end != nil: // the sender was reset, so the receiver is too
			c.sever()
		}
	}
}

// take claims n bytes of what may still pass before the cut. It returns how
// many of them may, and whether they are the last.
func (c *conn) take(n int) (allowed int, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left < 0 {
		return n, false
	}
	allowed = int(min(int64(n), c.left))
	c.left -= int64(allowed)
	return allowed, c.left == 0
}

// cut breaks the connection on purpose, once.
func (c *conn) cut() {
	c.mu.Lock()
	again := c.over || c.ctx.Err() != nil
	c.over = true
	c.mu.Unlock()
	if !again {
		c.link.cut()
		c.sever()
	}
}

// wait returns true at the given time, or false as soon as ctx is done.
func wait(ctx context.Context, until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
