package hub_test

import (
	"context"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// A slowStore holds reading documents up until it is told to go on.
type slowStore struct {
	hub.Store
	reading, goOn chan struct{}
}

func (s slowStore) Changed(ctx context.Context, scope sync.Scope, after, upTo int64, limit int) ([]*sync.Document, error) {
	s.reading <- struct{}{}
	<-s.goOn
	return s.Store.Changed(ctx, scope, after, upTo, limit)
}

func TestWaitingForTheReferenceDataEndsWithTheRequest(t *testing.T) {
	w := newWorld(t)
	w.grant("an", unit("a"), 0)
	slow := slowStore{w.store, make(chan struct{}), make(chan struct{})}
	h := w.newHub(slow)
	first := make(chan error)
	go func() {
		_, err := h.Reference(t.Context())
		first <- err
	}()
	<-slow.reading // it has the turn
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	go func() {
		_, err := h.Reference(ctx)
		second <- err
	}()
	cancel()
	if err := <-second; hub.CodeOf(err) != hub.CodeUnavailable {
		t.Fatalf("who waits is told %v", err)
	}
	close(slow.goOn)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
}
