package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"go.etcd.io/bbolt"

	"thidua/sync"
)

// Schema returns the types the phone knows, nil if it has not learnt them yet.
// Without them nothing is lost, but atomic values are compared key by key and
// the server refuses edits inside them.
func (c *Client) Schema() *sync.Schema {
	c.schema.Lock()
	defer c.schema.Unlock()
	return c.types
}

// FetchSchema asks the server for its types, signed in or not, and keeps them for this and later runs.
func (c *Client) FetchSchema(ctx context.Context) error {
	raw, _, err := c.call(ctx, http.MethodGet, "/v1/schema", "", nil)
	if err != nil {
		return fmt.Errorf("fetch schema: %w", err)
	}
	types := &sync.Schema{}
	if err := json.Unmarshal(raw, types); err != nil {
		return fmt.Errorf("fetch schema: %w", err)
	}
	err = c.db.Update(func(tx *bbolt.Tx) error { return putMeta(tx, metaSchema, json.RawMessage(raw)) })
	if err != nil {
		return fmt.Errorf("fetch schema: %w", err)
	}
	c.schema.Lock()
	defer c.schema.Unlock()
	c.types = types
	return nil
}

func (c *Client) storedSchema() *sync.Schema {
	types := &sync.Schema{}
	err := c.db.View(func(tx *bbolt.Tx) error { return getMeta(tx, metaSchema, types) })
	if err != nil || types.Version == 0 {
		return nil
	}
	return types
}
