package sync

// A Reference is the reference data of the organisation as of one moment: the
// live documents of scope Org by type, by identifier and by what they name. It
// is read by many at once.
type Reference struct {
	Seq    int64 // of the log it was read at
	docs   map[string][]*Document
	byID   map[DocID]*Document
	naming map[mention][]*Document
}

// A mention is a top-level field of a type that holds an identifier.
type mention struct {
	typ, field string
	id         DocID
}

// NewReference returns the reference data in the given documents.
func NewReference(seq int64, docs []*Document) *Reference {
	r := &Reference{Seq: seq, docs: map[string][]*Document{}, byID: make(map[DocID]*Document, len(docs)), naming: make(map[mention][]*Document, len(docs))}
	for _, d := range docs {
		if d.Gone {
			continue
		}
		r.docs[d.Type] = append(r.docs[d.Type], d)
		r.byID[d.ID] = d
		for field, v := range d.Body() { // decoded now: afterwards it is only read
			if id, ok := v.(string); ok && ValidID(id) {
				at := mention{d.Type, field, DocID(id)}
				r.naming[at] = append(r.naming[at], d)
			}
		}
	}
	return r
}

// Of returns the documents of a type, nil for a nil Reference.
func (r *Reference) Of(typ string) []*Document {
	if r == nil {
		return nil
	}
	return r.docs[typ]
}

// Find returns the document of a type with an identifier, nil if there is none
// and for a nil Reference.
func (r *Reference) Find(typ string, id DocID) *Document {
	if r == nil || r.byID[id] == nil || r.byID[id].Type != typ {
		return nil
	}
	return r.byID[id]
}

// Naming returns the documents of a type that hold an identifier in a
// top-level field, in the order of Of; nil for a nil Reference.
func (r *Reference) Naming(typ, field string, id DocID) []*Document {
	if r == nil {
		return nil
	}
	return r.naming[mention{typ, field, id}]
}
