package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
)

// A relay passes messages on, one writing command at a time.
type relay struct {
	behind string // address of the server
	write  sync.Mutex
}

// serve relays connections until ctx ends, and returns when all are closed.
func (r *relay) serve(ctx context.Context, listener net.Listener) {
	var wg sync.WaitGroup
	defer wg.Wait()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		wg.Go(func() { r.connection(ctx, client) })
	}
}

// connection relays requests of one client, each with its answer.
func (r *relay) connection(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(ctx, "tcp", r.behind)
	if err != nil {
		return
	}
	defer server.Close()
	defer context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		answer, err := r.exchange(server, request)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

func (r *relay) exchange(server net.Conn, request []byte) ([]byte, error) {
	name, silent := command(request)
	if slices.Contains([]string{"create", "createIndexes", "delete", "drop", "dropDatabase", "findAndModify", "findandmodify", "insert", "update"}, name) {
		r.write.Lock()
		defer r.write.Unlock()
	}
	if _, err := server.Write(request); err != nil || silent {
		return nil, err
	}
	answer, err := readMessage(server)
	return duplicate(answer), err
}

// duplicate makes an answer that tells of a duplicate key by FerretDB's code
// for internal errors, as updates do, tell of it by MongoDB's.
func duplicate(answer []byte) []byte {
	if bytes.Contains(answer, []byte("UNIQUE constraint failed")) {
		const name = "\x10code\x00" // a 32-bit number called code
		internal := binary.LittleEndian.AppendUint32([]byte(name), 1)
		return bytes.Replace(answer, internal, binary.LittleEndian.AppendUint32([]byte(name), 11000), 1)
	}
	return answer
}

// Of the wire protocol: every message begins with four numbers, of which the
// first is its length and the last its kind; an OP_MSG goes on with flags, the
// kind of its first section (0: a document) and that document.
const (
	headerLength = 16
	maxMessage   = 48 << 20
	opMsg        = 2013
	moreToCome   = 1 << 1 // flag: no answer is expected
)

func readMessage(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n < headerLength || n > maxMessage {
		return nil, errors.New("no message of the wire protocol")
	}
	message := make([]byte, n)
	copy(message, length[:])
	_, err := io.ReadFull(r, message[len(length):])
	return message, err
}

// command returns the first key of an OP_MSG, which is the command's name, and
// whether it goes unanswered; "" for anything else.
func command(message []byte) (name string, silent bool) {
	const key = headerLength + 4 + 1 + 4 + 1 // after flags, kind of section, length of document, type of element
	if len(message) <= key || binary.LittleEndian.Uint32(message[12:]) != opMsg {
		return "", false
	}
	silent = binary.LittleEndian.Uint32(message[headerLength:])&moreToCome != 0
	if end := slices.Index(message[key:], 0); message[headerLength+4] == 0 && end >= 0 {
		name = string(message[key : key+end])
	}
	return name, silent
}
