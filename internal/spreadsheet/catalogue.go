package spreadsheet

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

// A catalogue knows the documents behind codes: those stored, and those that
// the workbook adds.
type catalogue struct {
	*reader
	org      *sync.Reference
	schema   *sync.Schema
	units    map[string]entry
	clusters map[string]entry
	faulty   bool // the sheets of units and clusters have problems
}

// An entry is a document of a code. Stored is nil for a new one.
type entry struct {
	id     sync.DocID
	stored *sync.Document
}

func newCatalogue(r *reader, org *sync.Reference) *catalogue {
	c := &catalogue{reader: r, org: org, schema: r.domain.Schema(), units: map[string]entry{}, clusters: map[string]entry{}}
	for typ, into := range map[string]map[string]entry{emulation.TypeUnit: c.units, emulation.TypeCluster: c.clusters} {
		for _, d := range org.Of(typ) {
			code, _ := d.Body()["code"].(string)
			if have, twice := into[code]; !twice || d.ID < have.id {
				into[code] = entry{d.ID, d}
			}
		}
	}
	return c
}

// entryOf returns the document of a code, a new one if none is stored.
func entryOf(known map[string]entry, typ, code string) entry {
	if e, ok := known[code]; ok {
		return e
	}
	return entry{id: sync.DocID(sync.NameID(typ, code))}
}

// refer resolves the code in a column; "" after reporting why it cannot.
func (c *catalogue) refer(f form, w row, key string, known map[string]entry) sync.DocID {
	code := w.str(key)
	if code == "" {
		return "" // absent, or reported already
	}
	e, ok := known[code]
	switch {
	case !ok:
		c.at(f, w, key, CodeUnknownCode)
		return ""
	case e.stored == nil && c.faulty:
		c.at(f, w, key, CodeFaultyRef)
		return ""
	}
	return e.id
}

// base returns the fields of a stored body that a row does not speak of: those
// of no column, and those whose column the sheet leaves out.
func base(stored *sync.Document, w row, shown ...string) sync.Object {
	if stored == nil {
		return sync.Object{}
	}
	return w.beside(stored.Body(), shown...)
}

// beside returns an object without the fields that stand in the row's columns.
func (w row) beside(old sync.Object, shown ...string) sync.Object {
	var there []string
	for _, k := range shown {
		if w.places[k] != "" {
			there = append(there, k)
		}
	}
	return keep(old, there...)
}

// keep returns an object without some fields.
func keep(old sync.Object, shown ...string) sync.Object {
	o := sync.Object{}
	for k, v := range old {
		o[k] = v
	}
	for _, k := range shown {
		delete(o, k)
	}
	return o
}

// fill copies what a row holds into an object, for keys that bear the same name there.
func fill(o sync.Object, w row, keys ...string) {
	for _, k := range keys {
		if v, ok := w.values[k]; ok {
			o[k] = v
		}
	}
}

// finish checks a whole body and returns its document. What cells lack or do
// not add up to was reported at the cells; span is where other faults are.
func (c *catalogue) finish(f form, w row, id sync.DocID, body sync.Object, span string) *sync.Document {
	doc := sync.NewDocument(id, f.typ, sync.Org, 0, body)
	if fault := c.schema.Types[f.typ].Validate(body); fault != nil {
		told := fault.Code == sync.CodeRequired || fault.Code == emulation.CodeSumsDiffer || fault.Code == emulation.CodeSectionUnknown
		if !told || len(c.problems) == 0 {
			c.at(f, w, span, fault.Code)
		}
	}
	if len(doc.Raw()) > sync.MaxBody {
		c.at(f, w, f.columns[0].key, sync.CodeBodyLarge)
	}
	return doc
}

// reversed reports a span of days in a row that ends before it begins.
func (c *catalogue) reversed(f form, w row) {
	from, to := w.str("from"), w.str("to")
	if from != "" && to != "" && to < from {
		c.at(f, w, "to", emulation.CodeSpanReversed)
	}
}
