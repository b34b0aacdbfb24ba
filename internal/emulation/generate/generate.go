package generate

import (
	"fmt"
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// Config says what to generate. Zero values mean the defaults named here.
type Config struct {
	Seed      uint64
	Provinces int  // 1; at most 99
	Clusters  int  // of each province; 15, at most 999
	Units     int  // of each cluster; 0: between 7 and 16, else 3 to 40
	Year      int  // 2026
	Activity  bool // with a year of activity; else only the organisation
}

// A Batch is documents of one scope, version 0. Cluster counts from 1 over all
// provinces; it is 0 for what belongs to a whole province.
type Batch struct {
	Cluster int
	Scope   sync.Scope
	Docs    []*sync.Document
}

// A Store takes a batch and returns its documents as they are stored, with
// their versions; others of the scope among them do no harm. An error ends the
// generation.
type Store func(Batch) ([]*sync.Document, error)

// Stream generates the documents of a Config in an order in which each refers
// only to what was stored before.
func Stream(c Config, store Store) error {
	if err := c.settle(); err != nil {
		return err
	}
	for p := 1; p <= c.Provinces; p++ {
		prov, err := newProvince(c, p, store)
		if err != nil {
			return err
		}
		for k := 1; k <= c.Clusters; k++ {
			if err := newCluster(prov, k).stream(); err != nil {
				return fmt.Errorf("province %d, cluster %d: %w", p, k, err)
			}
		}
	}
	return nil
}

// settle puts defaults in place and checks bounds.
func (c *Config) settle() error {
	for _, f := range []struct {
		name                 string
		value                *int
		otherwise, low, high int
	}{
		{"provinces", &c.Provinces, 1, 1, 99},
		{"clusters", &c.Clusters, 15, 1, 999},
		{"units", &c.Units, 0, 0, 40},
		{"year", &c.Year, 2026, 2000, 2100},
	} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
		if *f.value < f.low || *f.value > f.high {
			return fmt.Errorf("generate: %s is between %d and %d", f.name, f.low, f.high)
		}
	}
	if c.Units == 1 || c.Units == 2 {
		return fmt.Errorf("generate: a cluster has at least 3 units")
	}
	return nil
}

// A batcher collects the documents of one scope.
type batcher struct {
	Batch
	store Store
}

// add puts a document into the batch under an identifier that follows from names.
func (b *batcher) add(typ string, body sync.Object, names ...string) *sync.Document {
	id, keyed := emulation.KeyOf(typ, body)
	if !keyed {
		id = named(typ, names...)
	}
	d := sync.NewDocument(id, typ, b.Scope, 0, body)
	b.Docs = append(b.Docs, d)
	return d
}

// flush hands the batch over and returns it as stored.
func (b *batcher) flush() ([]*sync.Document, error) {
	if len(b.Docs) == 0 {
		return nil, nil
	}
	stored, err := b.store(b.Batch)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", b.Scope, err)
	}
	b.Docs = nil
	return stored, nil
}

// named returns the identifier of a document by its type and names; units and
// clusters are named by their codes alone, as an import names them.
func named(typ string, names ...string) sync.DocID {
	return sync.DocID(sync.NameID(append([]string{typ}, names...)...))
}

func decimal(n int) string { return strconv.Itoa(n) }
