package api

import (
	"net"
	stdsync "sync"
	"time"
)

// A listener gives every write on its connections a deadline of its own. The
// server's own limit is for an answer as a whole, which on a phone's link may
// rightly take minutes.
type listener struct {
	net.Listener
	within time.Duration
	once   stdsync.Once
	closed error
}

// Close implements net.Listener. It may be called again.
func (l *listener) Close() error {
	l.once.Do(func() { l.closed = l.Listener.Close() })
	return l.closed
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c, l.within}, nil
}

type conn struct {
	net.Conn
	within time.Duration
}

// Write implements net.Conn.
func (c conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.within)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
