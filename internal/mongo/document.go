package mongo

import (
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"thidua/sync"
)

// A storedDocument is a document as one of the collection documents.
type storedDocument struct {
	Key     string          `bson:"_id"` // documentKey
	Scope   string          `bson:"scope"`
	ID      string          `bson:"id"`
	Version int64           `bson:"version"`
	Type    string          `bson:"type"`
	Gone    bool            `bson:"gone"`
	Touched []storedTouched `bson:"touched"` // in order of path
	Body    bson.Raw        `bson:"body"`
}

type storedTouched struct {
	Path    string `bson:"path"`
	Version int64  `bson:"version"`
}

func documentKey(scope sync.Scope, id sync.DocID) string { return string(scope) + "/" + string(id) }

// storeDocuments encodes documents, which must be of one scope.
func storeDocuments(scope sync.Scope, docs []*sync.Document) ([]storedDocument, error) {
	rows := make([]storedDocument, len(docs))
	for i, d := range docs {
		if d.Scope != scope {
			return nil, fmt.Errorf("document %s is of scope %s", d.ID, d.Scope)
		}
		row, err := storeDocument(d)
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return rows, nil
}

func storeDocument(d *sync.Document) (storedDocument, error) {
	body, err := rawObject(d.Body())
	if err != nil {
		return storedDocument{}, fmt.Errorf("document %s: %w", d.ID, err)
	}
	touched := make([]storedTouched, 0, len(d.Touched))
	for _, path := range slices.Sorted(maps.Keys(d.Touched)) {
		touched = append(touched, storedTouched{Path: string(path), Version: d.Touched[path]})
	}
	return storedDocument{
		Key: documentKey(d.Scope, d.ID), Scope: string(d.Scope), ID: string(d.ID), Version: d.Version,
		Type: d.Type, Gone: d.Gone, Touched: touched, Body: body,
	}, nil
}

func (s *storedDocument) document() (*sync.Document, error) {
	body, err := objectOf(s.Body)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", s.Key, err)
	}
	d := sync.NewDocument(sync.DocID(s.ID), s.Type, sync.Scope(s.Scope), s.Version, body)
	d.Gone, d.Touched = s.Gone, make(map[sync.Pointer]int64, len(s.Touched))
	for _, t := range s.Touched {
		d.Touched[sync.Pointer(t.Path)] = t.Version
	}
	return d, nil
}
