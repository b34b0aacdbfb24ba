package link

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// patience bounds every wait of these tests; a link that works needs far less.
const patience = 20 * time.Second

// serve answers every connection with handle until the test ends.
func serve(t *testing.T, handle func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	return listener.Addr().String()
}

func echo(c *net.TCPConn) { _, _ = io.Copy(c, c) }

func discard(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }

func start(t *testing.T, cfg Config) *Link {
	t.Helper()
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func dial(t *testing.T, l *Link) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// ask sends a message, closes its own half and reads everything that comes back.
func ask(c *net.TCPConn, message []byte) ([]byte, error) {
	if _, err := c.Write(message); err != nil {
		return nil, err
	}
	if err := c.CloseWrite(); err != nil {
		return nil, err
	}
	return io.ReadAll(c)
}

// try asks for an echo of 100 bytes over a connection of its own.
func try(l *Link) (int, error) {
	c, err := net.Dial("tcp", l.Addr())
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	got, err := ask(c.(*net.TCPConn), text(100))
	return len(got), err
}

// between fails the test unless low ≤ took ≤ high. The low bound is what the
// link allows and is strict; the high one leaves room for a busy machine.
func between(t *testing.T, took, low, high time.Duration) {
	t.Helper()
	if took < low || took > high {
		t.Errorf("took %v, want between %v and %v", took, low, high)
	}
}

func text(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n] }

func TestExchangeCostsTwoRoundTripsAndBothRates(t *testing.T) {
	t.Parallel()
	const rtt = 200 * time.Millisecond
	l := start(t, Config{Target: serve(t, echo), RTT: rtt, Up: 40_000, Down: 80_000})
	message := text(2_000)
	began := time.Now()
	got, err := ask(dial(t, l), message)
	took := time.Since(began)
	if err != nil || !bytes.Equal(got, message) {
		t.Fatalf("echo of %d bytes: got %d bytes, %v", len(message), len(got), err)
	}
	// 2,000 bytes are 400 ms up; the answer overlaps but for its last chunk.
	between(t, took, 2*rtt+400*time.Millisecond, 2*rtt+5*time.Second)
	if s, want := l.Stats(), (Stats{Up: 2_000, Down: 2_000, Connections: 1}); s != want {
		t.Errorf("stats %+v, want %+v", s, want)
	}
}

func TestServerThatSpeaksFirstIsHeardAfterTheHandshake(t *testing.T) {
	t.Parallel()
	const rtt = 300 * time.Millisecond
	l := start(t, Config{Target: serve(t, func(c *net.TCPConn) { _, _ = c.Write([]byte("hello")) }), RTT: rtt})
	began := time.Now()
	got, err := io.ReadAll(dial(t, l))
	if err != nil || string(got) != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
	between(t, time.Since(began), rtt+rtt/2, rtt+rtt/2+5*time.Second)
}

func TestConnectionsShareOneRate(t *testing.T) {
	t.Parallel()
	const rtt = 100 * time.Millisecond
	message := text(5_000)
	l := start(t, Config{Target: serve(t, func(c *net.TCPConn) { _, _ = c.Write(message) }), RTT: rtt, Down: 100_000})
	began := time.Now()
	ends := make(chan error, 3)
	for range cap(ends) {
		c := dial(t, l)
		go func() {
			got, err := io.ReadAll(c)
			if err == nil && !bytes.Equal(got, message) {
				err = errors.New("the bytes differ")
			}
			ends <- err
		}()
	}
	for range cap(ends) {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	// 15,000 bytes at 100 kbit/s are 1.2 s, whoever they are for.
	between(t, time.Since(began), rtt+rtt/2+1200*time.Millisecond, rtt+rtt/2+6*time.Second)
}

func TestSteadyTransferUsesTheWholeRate(t *testing.T) {
	t.Parallel()
	message := text(100_000)
	l := start(t, Config{Target: serve(t, func(c *net.TCPConn) { _, _ = c.Write(message) }), RTT: 20 * time.Millisecond, Down: 400_000})
	began := time.Now()
	got, err := io.ReadAll(dial(t, l))
	if err != nil || !bytes.Equal(got, message) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	took := time.Since(began)
	t.Logf("100,000 bytes at 400 kbit/s took %v", took)
	between(t, took, 2030*time.Millisecond, 6*time.Second)
}

func TestConnectionIsCutAtTheByte(t *testing.T) {
	t.Parallel()
	const limit = 3_001
	l := start(t, Config{Target: serve(t, echo), RTT: 20 * time.Millisecond, Up: 1_000_000, Down: 1_000_000, CutBytes: limit})
	got, err := ask(dial(t, l), text(20_000))
	if err == nil {
		t.Errorf("the cut looked like an orderly end after %d bytes", len(got))
	}
	s := l.Stats()
	if int64(len(got)) != s.Down {
		t.Errorf("the phone read %d bytes, %d were counted", len(got), s.Down)
	}
	if s.Up+s.Down != limit || s.Cuts != 1 {
		t.Errorf("stats %+v, want %d bytes and one cut", s, limit)
	}
}

func TestTransferBelowTheLimitIsNotCut(t *testing.T) {
	t.Parallel()
	l := start(t, Config{Target: serve(t, echo), RTT: 20 * time.Millisecond, CutBytes: 401})
	for range 2 { // the limit is for each connection, not for the link
		if got, err := ask(dial(t, l), text(200)); err != nil || len(got) != 200 {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	}
	if s := l.Stats(); s.Cuts != 0 || s.Connections != 2 {
		t.Errorf("stats %+v, want no cut and two connections", s)
	}
}

func TestIdleConnectionIsCutInTime(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	target := serve(t, func(c *net.TCPConn) {
		_, err := c.Read(make([]byte, 1))
		ended <- err
	})
	l := start(t, Config{Target: target, RTT: 50 * time.Millisecond, CutAfter: 300 * time.Millisecond})
	began := time.Now()
	_, err := dial(t, l).Read(make([]byte, 1))
	if err == nil || err == io.EOF {
		t.Errorf("the phone read %v, want a reset", err)
	}
	between(t, time.Since(began), 300*time.Millisecond, 5*time.Second)
	if err := <-ended; err == nil || err == io.EOF {
		t.Errorf("the server read %v, want a reset", err)
	}
	if s := l.Stats(); s.Cuts != 1 {
		t.Errorf("stats %+v, want one cut", s)
	}
}

func TestLinkRefusesForAWhileAfterACut(t *testing.T) {
	t.Parallel()
	const rtt, refuse = 20 * time.Millisecond, 400 * time.Millisecond
	l := start(t, Config{Target: serve(t, echo), RTT: rtt, Up: 100_000, Down: 100_000, CutBytes: 1_000, RefuseFor: refuse})
	began := time.Now()
	if _, err := ask(dial(t, l), text(5_000)); err == nil {
		t.Fatal("the first connection was not cut")
	}
	if _, err := try(l); err == nil {
		t.Fatal("a connection right after the cut was not refused")
	}
	attempts := time.NewTicker(20 * time.Millisecond)
	defer attempts.Stop()
	for range attempts.C {
		if n, err := try(l); err == nil && n == 100 {
			break
		}
		if time.Since(began) > patience {
			t.Fatal("the link never recovered")
		}
	}
	// At least 500 bytes passed in one direction before the cut: 40 ms.
	between(t, time.Since(began), 40*time.Millisecond+refuse+2*rtt, refuse+6*time.Second)
	if s := l.Stats(); s.Connections != 2 || s.Cuts != 1 || s.Refused == 0 || s.Up+s.Down != 1_200 {
		t.Errorf("stats %+v, want 2 connections, 1 cut, 1,200 bytes and refusals", s)
	}
}

func TestSenderIsHeldBack(t *testing.T) {
	t.Parallel()
	l := start(t, Config{Target: serve(t, discard), RTT: 20 * time.Millisecond, Up: 8_000})
	c := dial(t, l)
	// A small buffer of its own, so that what a sender gets rid of is in the link.
	if err := c.SetWriteBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := c.Write(text(4 << 20))
	if err == nil || n > 48<<10 {
		t.Errorf("wrote %d bytes in a second to a link of 1,000 bytes a second, %v", n, err)
	}
	t.Logf("the sender got rid of %d bytes", n)
}

func TestResetOfTheServerReachesThePhoneAfterItsAnswer(t *testing.T) {
	t.Parallel()
	l := start(t, Config{Target: serve(t, func(c *net.TCPConn) {
		_, _ = c.Write([]byte("half an ans"))
		_, _ = c.Read(make([]byte, 1)) // the phone has it, or is about to
		reset(c)
	}), RTT: 40 * time.Millisecond})
	c := dial(t, l)
	got := make([]byte, 11)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "half an ans" {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := c.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(c); err == nil {
		t.Errorf("the reset looked like an orderly end after %q", rest)
	}
	if s := l.Stats(); s.Cuts != 0 {
		t.Errorf("stats %+v: the link cut nothing", s)
	}
}

func TestCloseEndsEveryConnection(t *testing.T) {
	t.Parallel()
	l, err := New(Config{Target: serve(t, echo), RTT: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlived its link")
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no target":     {},
		"negative rate": {Target: "127.0.0.1:1", Up: -1},
		"negative time": {Target: "127.0.0.1:1", RefuseFor: -1},
	} {
		if l, err := New(cfg); err == nil {
			_ = l.Close()
			t.Errorf("%s: accepted", name)
		}
	}
}
