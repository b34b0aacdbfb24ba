package spreadsheet

import (
	"maps"
	"slices"
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// takeUnits makes units, clusters and memberships of their rows.
func (c *catalogue) takeUnits(rows map[string][]row) ([]*sync.Document, []Person) {
	docs := c.takeUnitRows(unitForm(), rows[sheetUnits])
	docs = append(docs, c.takeClusters(clusterForm(), rows[sheetClusters])...)
	return append(docs, c.takeMembers(memberForm(), rows[sheetMembers])...), nil
}

func (c *catalogue) takeUnitRows(f form, rows []row) []*sync.Document {
	var order []string
	byCode := map[string][]row{}
	for _, w := range rows {
		code := w.str("code")
		if code == "" {
			continue
		}
		if byCode[code] == nil {
			order = append(order, code)
		}
		byCode[code] = append(byCode[code], w)
	}
	for _, code := range order {
		c.units[code] = entryOf(c.units, f.typ, code)
	}
	var docs []*sync.Document
	for _, code := range order {
		docs = append(docs, c.unit(f, byCode[code], c.units[code]))
	}
	return docs
}

// unit makes one unit of the rows of its code: each is a name, and what they
// say beside it is the same, or said once.
func (c *catalogue) unit(f form, rows []row, e entry) *sync.Document {
	body := keep(base(e.stored, rows[0], "kind", "status", "note"), "names")
	fill(body, rows[0], "code")
	names, used := sync.Object{}, map[string]bool{}
	for _, w := range rows {
		for _, key := range []string{"kind", "status", "note"} {
			v, said := w.values[key]
			before, already := body[key]
			if said && already && before != v {
				c.at(f, w, key, CodeContradicts)
			} else if said {
				body[key] = v
			}
		}
		from := w.str("from")
		if used[from] {
			c.at(f, w, "code", CodeDuplicate)
			continue
		}
		used[from] = true
		c.reversed(f, w)
		key, old := nameKey(e.stored, names, from)
		name := w.beside(old, "name", "short", "from", "to")
		fill(name, w, "name", "short", "from", "to")
		names[key] = name
	}
	body["names"] = names
	return c.finish(f, rows[0], e.id, body, "code")
}

// nameKey returns the key of the name that began on a day, and the name: its
// own key where the unit has it already, else the next free one.
func nameKey(stored *sync.Document, taken sync.Object, from string) (string, sync.Object) {
	var had sync.Object
	if stored != nil {
		had, _ = stored.Body()["names"].(sync.Object)
	}
	for _, k := range slices.Sorted(maps.Keys(had)) {
		n, _ := had[k].(sync.Object)
		if f, _ := n["from"].(string); f == from && taken[k] == nil {
			return k, n
		}
	}
	for i := 1; ; i++ {
		if k := "n" + strconv.Itoa(i); had[k] == nil && taken[k] == nil {
			return k, nil
		}
	}
}

func (c *catalogue) takeClusters(f form, rows []row) []*sync.Document {
	var docs []*sync.Document
	seen := map[string]bool{}
	for _, w := range rows {
		code := w.str("code")
		switch {
		case code == "":
			continue
		case seen[code]:
			c.at(f, w, "code", CodeDuplicate)
			continue
		}
		seen[code] = true
		e := entryOf(c.clusters, f.typ, code)
		c.clusters[code] = e
		body := base(e.stored, w, "kind", "number", "name", "supervisor", "note")
		fill(body, w, "code", "kind", "number", "name", "note")
		if id := c.refer(f, w, "supervisor", c.units); id != "" {
			body["supervisor"] = string(id)
		}
		docs = append(docs, c.finish(f, w, e.id, body, "code"))
	}
	return docs
}

func (c *catalogue) takeMembers(f form, rows []row) []*sync.Document {
	var docs []*sync.Document
	seen := map[sync.DocID]bool{}
	stored := map[[3]string]*sync.Document{}
	for _, d := range c.org.Of(emulation.TypeMembership) {
		stored[memberKey(d.Body())] = d
	}
	for _, w := range rows {
		unit, cluster := c.refer(f, w, "unit", c.units), c.refer(f, w, "cluster", c.clusters)
		if unit == "" || cluster == "" || w.str("from") == "" {
			continue
		}
		key := [3]string{string(unit), string(cluster), w.str("from")}
		old := stored[key]
		id := sync.DocID(sync.NameID(f.typ, key[0], key[1], key[2]))
		if old != nil {
			id = old.ID
		}
		if seen[id] {
			c.at(f, w, "unit", CodeDuplicate)
			continue
		}
		seen[id] = true
		body := base(old, w, "to", "basis")
		body["unit"], body["cluster"] = key[0], key[1]
		fill(body, w, "from", "to", "basis")
		docs = append(docs, c.finish(f, w, id, body, "to"))
	}
	return docs
}

func memberKey(b sync.Object) [3]string {
	unit, _ := b["unit"].(string)
	cluster, _ := b["cluster"].(string)
	from, _ := b["from"].(string)
	return [3]string{unit, cluster, from}
}
