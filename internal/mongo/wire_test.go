package mongo_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	stdsync "sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A message of the wire protocol: a header of length, identifier, identifier
// answered and kind, four bytes each, and what belongs to the kind. OP_MSG goes
// on with flags and sections, of which the first is a document; the handshake
// may still be the older OP_QUERY.
type message []byte

const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

func readMessage(r io.Reader) (message, error) {
	head := make([]byte, 16)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head)
	if n < 16 || n > 1<<26 {
		return nil, errors.New("no message")
	}
	m := append(message(head), make([]byte, n-16)...)
	_, err := io.ReadFull(r, m[16:])
	return m, err
}

func (m message) kind() uint32 { return binary.LittleEndian.Uint32(m[12:]) }

// body returns the document of a request.
func (m message) body() bson.Raw {
	at := 16 + 4 + 1 // flags, kind of section
	if m.kind() == opQuery {
		at = 16 + 4
		for ; m[at] != 0; at++ { // the collection's name
			continue
		}
		at += 1 + 8 // and how many to skip and return
	}
	return bson.Raw(m[at : at+int(binary.LittleEndian.Uint32(m[at:]))])
}

// command returns the name of a request's command, and what it is done to.
func (m message) command() (name, on string) {
	first, err := m.body().IndexErr(0)
	if err != nil {
		return "", ""
	}
	on, _ = first.Value().StringValueOK()
	return first.Key(), on
}

// answer returns a message that answers a request.
func (m message) answer(document any) (message, error) {
	body, err := bson.Marshal(document)
	if err != nil {
		return nil, err
	}
	var a message = make([]byte, 16, 64+len(body))
	kind := uint32(opMsg)
	if m.kind() == opQuery {
		kind = opReply
		a = append(a, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0) // flags, cursor, from where, one document
	} else {
		a = append(a, 0, 0, 0, 0, 0)
	}
	a = append(a, body...)
	binary.LittleEndian.PutUint32(a, uint32(len(a)))
	copy(a[8:12], m[4:8])
	binary.LittleEndian.PutUint32(a[12:], kind)
	return a, nil
}

// A wire is a server that hands each request to a function.
type wire struct {
	addr string

	mu       stdsync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	wg       stdsync.WaitGroup
}

// listen starts a server that calls serve for every connection, and stops it
// when the test ends.
func listen(t *testing.T, serve func(net.Conn)) *wire {
	t.Helper()
	w := &wire{addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	w.up(t, serve)
	t.Cleanup(w.down)
	return w
}

func (w *wire) up(t *testing.T, serve func(net.Conn)) {
	t.Helper()
	listener, err := net.Listen("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.addr, w.listener = listener.Addr().String(), listener
	w.mu.Unlock()
	w.wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.conns[conn] = true
			w.mu.Unlock()
			w.wg.Go(func() {
				defer func() {
					_ = conn.Close()
					w.mu.Lock()
					defer w.mu.Unlock()
					delete(w.conns, conn)
				}()
				serve(conn)
			})
		}
	})
}

// down ends the server and its connections.
func (w *wire) down() {
	w.mu.Lock()
	_ = w.listener.Close()
	for conn := range w.conns {
		_ = conn.Close()
	}
	w.mu.Unlock()
	w.wg.Wait()
}

// A fate of a request that passes a cable.
type fate int

const (
	passes  fate = iota
	isLost       // the connection is cut before the server has it
	isDeaf       // the connection is cut before its answer is passed on
	isTwice      // the server gets it twice; the second answer is passed on
	hangs        // it is never answered
)

// cable starts a server that passes requests to another, as decide says.
func cable(t *testing.T, to string, decide func(name, on string) fate) (*wire, func(net.Conn)) {
	t.Helper()
	ended := make(chan struct{})
	serve := func(client net.Conn) {
		server, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer server.Close()
		for {
			request, err := readMessage(client)
			if err != nil {
				return
			}
			f := decide(request.command())
			if f == isLost {
				return
			}
			if f == hangs {
				<-ended
				return
			}
			answer, err := exchange(server, request)
			if f == isTwice {
				answer, err = exchange(server, request)
			}
			if err != nil || f == isDeaf {
				return
			}
			if _, err := client.Write(answer); err != nil {
				return
			}
		}
	}
	w := listen(t, serve)
	t.Cleanup(func() { close(ended) })
	return w, serve
}

func exchange(server net.Conn, request message) (message, error) {
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	return readMessage(server)
}
