package spreadsheet

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"thidua/internal/emulation"
	"thidua/sync"
)

// WriteUnits writes the units, clusters and memberships of the reference data
// in the form Read takes. Day (YYYY-MM-DD) is printed in the margin.
func WriteUnits(w io.Writer, org *sync.Reference, day string) error {
	b := newBook()
	codes := codesOf(org)
	b.form(unitForm(), unitRows(org), day)
	var clusters, members []sync.Object
	for _, d := range org.Of(emulation.TypeCluster) {
		o := keep(d.Body())
		o["supervisor"] = codes[id(o, "supervisor")]
		clusters = append(clusters, o)
	}
	for _, d := range org.Of(emulation.TypeMembership) {
		o := keep(d.Body())
		o["unit"], o["cluster"] = codes[id(o, "unit")], codes[id(o, "cluster")]
		members = append(members, o)
	}
	b.form(clusterForm(), sortBy(clusters, "code"), day)
	b.form(memberForm(), sortBy(members, "cluster", "unit", "from"), day)
	return b.write(w)
}

// unitRows returns a row for each name of each unit.
func unitRows(org *sync.Reference) []sync.Object {
	var rows []sync.Object
	for _, d := range org.Of(emulation.TypeUnit) {
		names, _ := d.Body()["names"].(sync.Object)
		for _, v := range names {
			o := keep(d.Body(), "names")
			name, _ := v.(sync.Object)
			for k, v := range name {
				o[k] = v
			}
			rows = append(rows, o)
		}
		if len(names) == 0 {
			rows = append(rows, keep(d.Body()))
		}
	}
	return sortBy(rows, "code", "from")
}

// WriteCriteria writes the sets of criteria of the reference data in the form
// Read takes.
func WriteCriteria(w io.Writer, org *sync.Reference, day string) error {
	b := newBook()
	var sets, rows []sync.Object
	for _, d := range org.Of(emulation.TypeCriteria) {
		body := d.Body()
		sets = append(sets, keep(body))
		sections, _ := body["sections"].(sync.Object)
		criteria, _ := body["criteria"].(sync.Object)
		for _, key := range inOrder(sections) {
			o := keep(sections[key].(sync.Object))
			o["set"], o["version"], o["section"] = body["code"], body["version"], key
			rows = append(rows, o)
			for _, c := range inOrder(criteria) {
				if o := keep(criteria[c].(sync.Object)); o["section"] == key {
					o["set"], o["version"] = body["code"], body["version"]
					rows = append(rows, o)
				}
			}
		}
	}
	b.form(setForm(), sortBy(sets, "code", "version"), day)
	b.form(criterionForm(), sortBy(rows, "set", "version"), day)
	return b.write(w)
}

// WritePeople writes people in the form Read takes. Rights in units and
// clusters that are not in the reference data are left out.
func WritePeople(w io.Writer, org *sync.Reference, people []Person, day string) error {
	b := newBook()
	codes := codesOf(org)
	var rows []sync.Object
	for _, p := range people {
		for _, g := range p.Grants {
			code := codes[sync.DocID(g.Subject)]
			if code == "" && g.Subject != "" {
				continue
			}
			rows = append(rows, sync.Object{
				"login": p.Login, "name": p.Name, "role": string(g.Role), "subject": code, "from": dayAt(g.From, 0), "to": dayAt(g.To, 1),
			})
		}
	}
	b.form(peopleForm(), rows, day)
	return b.write(w)
}

// codesOf returns the codes of units and clusters.
func codesOf(org *sync.Reference) map[sync.DocID]string {
	codes := map[sync.DocID]string{}
	for _, typ := range []string{emulation.TypeUnit, emulation.TypeCluster} {
		for _, d := range org.Of(typ) {
			codes[d.ID], _ = d.Body()["code"].(string)
		}
	}
	return codes
}

func id(o sync.Object, key string) sync.DocID { s, _ := o[key].(string); return sync.DocID(s) }

// sortBy sorts rows by the values of keys, texts and numbers alike.
func sortBy(rows []sync.Object, keys ...string) []sync.Object {
	slices.SortStableFunc(rows, func(a, b sync.Object) int {
		for _, k := range keys {
			s, _ := a[k].(string)
			t, _ := b[k].(string)
			m, _ := a[k].(int64)
			n, _ := b[k].(int64)
			if c := cmp.Or(cmp.Compare(s, t), cmp.Compare(m, n)); c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

// inOrder returns the keys of entries by their order, then by key.
func inOrder(entries sync.Object) []string {
	var keys []string
	for k, v := range entries {
		if _, ok := v.(sync.Object); ok {
			keys = append(keys, k)
		}
	}
	place := func(k string) int64 { n, _ := entries[k].(sync.Object)["order"].(int64); return n }
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return keys
}

// form writes one worksheet of the import.
func (b *book) form(f form, rows []sync.Object, day string) {
	widths := make([]float64, len(f.columns))
	titles := make([]string, len(f.columns))
	for i, c := range f.columns {
		widths[i], titles[i] = c.width, c.title
	}
	p := b.page(f.sheet, widths...)
	p.banner(f.title, look{bold: true, large: true, centred: true})
	p.head(titles, 1)
	for _, o := range rows {
		cells := make([]any, len(f.columns))
		for i, c := range f.columns {
			cells[i] = c.cell(o[c.key])
		}
		p.row(f.sheet == sheetCriteria && o["code"] == nil, cells...)
	}
	p.finish(f.title, "", emulation.FormatDate(day))
}

// cell returns a value as the column shows it.
func (c *column) cell(v sync.Value) any {
	s, _ := v.(string)
	n, isNumber := v.(int64)
	switch {
	case v == nil || v == "":
		return nil
	case c.kind == points && isNumber:
		return hundredths(n)
	case c.kind == day:
		return calendar(s)
	case c.kind == choice:
		return c.labels.word(s)
	case c.kind == choices:
		list, _ := v.([]any)
		words := make([]string, len(list))
		for i, e := range list {
			step, _ := e.(string)
			words[i] = c.labels.word(step)
		}
		return strings.Join(words, "; ")
	case c.kind == levels:
		list, _ := v.([]any)
		numbers := make([]string, len(list))
		for i, e := range list {
			n, _ := e.(int64)
			numbers[i] = strings.ReplaceAll(emulation.FormatPoints(n), ".", "") // 1.000 would read in two ways
		}
		return strings.Join(numbers, "; ")
	case isNumber:
		return n
	}
	return s
}
