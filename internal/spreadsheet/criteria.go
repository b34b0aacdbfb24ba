package spreadsheet

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A version of a set of criteria, as its rows tell of it.
type version struct {
	code   string
	number int64
	head   row
	rows   []row // of sections and criteria
}

// keyOf returns the key of a section or criterion: its code with "-" for ".".
func keyOf(code string) string { return strings.ReplaceAll(code, ".", "-") }

// takeCriteria makes the sets of criteria of their rows.
func (c *catalogue) takeCriteria(rows map[string][]row) ([]*sync.Document, []Person) {
	f := setForm()
	var sets []*version
	find := func(code string, number int64) *version {
		for _, v := range sets {
			if v.code == code && v.number == number {
				return v
			}
		}
		return nil
	}
	for _, w := range rows[sheetSets] {
		number, _ := w.values["version"].(int64)
		switch code := w.str("code"); {
		case code == "" || number == 0:
		case find(code, number) != nil:
			c.at(f, w, "code", CodeDuplicate)
		default:
			sets = append(sets, &version{code: code, number: number, head: w})
		}
	}
	for _, w := range rows[sheetCriteria] {
		number, _ := w.values["version"].(int64)
		if code := w.str("set"); code != "" && number != 0 {
			if v := find(code, number); v != nil {
				v.rows = append(v.rows, w)
			} else {
				c.at(criterionForm(), w, "set", CodeUnknownCode)
			}
		}
	}
	var docs []*sync.Document
	for _, v := range sets {
		docs = append(docs, c.criteria(f, v))
	}
	return docs, nil
}

// storedSet returns a version of a set as it is stored, nil if it is not.
func (c *catalogue) storedSet(v *version) *sync.Document {
	for _, d := range c.org.Of(emulation.TypeCriteria) {
		if d.Body()["code"] == v.code && d.Body()["version"] == v.number {
			return d
		}
	}
	return nil
}

// criteria makes one set, nil after reporting a criterion that does not fit.
// A published set never changes, except that it may be withdrawn.
func (c *catalogue) criteria(f form, v *version) *sync.Document {
	stored := c.storedSet(v)
	id := sync.DocID(sync.NameID(f.typ, v.code, strconv.FormatInt(v.number, 10)))
	if stored != nil {
		id = stored.ID
	}
	names := []string{"code", "version", "title", "total", "bonus_cap", "penalty_floor", "tie_break", "legal_basis", "note", "state", "state_reason"}
	body := keep(base(stored, v.head, names...), "sections", "criteria")
	fill(body, v.head, names...)
	s := structure{catalogue: c, form: criterionForm(), sections: sync.Object{}, criteria: sync.Object{}, heads: map[string]row{}, places: map[string]row{}}
	s.read(v.rows, stored)
	if len(s.sections) > 0 {
		body["sections"] = s.sections
	}
	if len(s.criteria) > 0 {
		body["criteria"] = s.criteria
	}
	if total, given := body["total"].(int64); given && s.sums() && s.total != total {
		c.at(f, v.head, "total", emulation.CodeSumsDiffer)
	}
	if fault := c.schema.Types[f.typ].Validate(body); fault != nil {
		if path := fault.Path.Keys(); len(path) == 3 && path[0] == "criteria" && s.places[path[1]].number > 0 {
			if fault.Code != sync.CodeRequired && fault.Code != emulation.CodeSectionUnknown { // reported already
				c.at(s.form, s.places[path[1]], path[2], fault.Code)
			}
			return nil
		}
	}
	doc := c.finish(f, v.head, id, body, "code")
	if state, was := stateOf(body), ""; stored != nil {
		was = stateOf(stored.Body())
		withdrawn := state == was || was == "published" && state == "withdrawn"
		if was != "draft" && (!withdrawn || !sync.Equal(keep(doc.Body(), "state", "state_reason"), keep(stored.Body(), "state", "state_reason"))) {
			c.at(f, v.head, "code", emulation.CodePublished)
		}
	}
	return doc
}

func stateOf(body sync.Object) string {
	if s, ok := body["state"].(string); ok {
		return s
	}
	return "draft"
}

// A structure is the sections and criteria of a set as they are read.
type structure struct {
	*catalogue
	form     form
	sections sync.Object
	criteria sync.Object
	heads    map[string]row // section → its row
	places   map[string]row // criterion → its row
	total    int64          // of the sections' maxima
	broken   bool           // a row lacks what sums are made of
}

func (s *structure) read(rows []row, stored *sync.Document) {
	of := func(set, key string) sync.Object {
		if stored == nil {
			return nil
		}
		all, _ := stored.Body()[set].(sync.Object)
		o, _ := all[key].(sync.Object)
		return o
	}
	count := map[string]int64{} // section → criteria so far
	for _, w := range rows {
		section, code := keyOf(w.str("section")), w.str("code")
		_, measured := w.values["max"]
		if section == "" || !measured || w.str("title") == "" {
			s.broken = true
		}
		switch {
		case section == "":
		case code == "" && w.raw["code"] == "":
			s.section(w, section, of("sections", section))
		case code == "": // reported already
			s.broken = true
		default:
			count[section]++
			s.criterion(w, section, code, count[section], of("criteria", keyOf(code)))
		}
	}
	for _, w := range rows { // now that all sections are known
		section := keyOf(w.str("section"))
		if w.str("code") != "" && section != "" && s.sections[section] == nil {
			s.at(s.form, w, "section", emulation.CodeSectionUnknown)
			s.broken = true
		}
	}
}

func (s *structure) section(w row, key string, old sync.Object) {
	if !sync.ValidKey(key) {
		s.at(s.form, w, "section", CodeBadCode)
		s.broken = true
		return
	}
	if s.sections[key] != nil {
		s.at(s.form, w, "section", CodeDuplicate)
		return
	}
	o := w.beside(old, "order", "title", "max")
	if w.raw["order"] == "" && (old == nil || w.places["order"] != "") {
		o["order"] = int64(len(s.sections) + 1)
	}
	fill(o, w, "order", "title", "max")
	s.sections[key], s.heads[key] = o, w
	most, _ := o["max"].(int64)
	s.total += most
}

// criterionFields are the fields of a criterion that stand in columns of the same name.
func criterionFields() []string {
	return []string{"order", "code", "title", "type", "max", "bonus_max", "penalty_max", "levels", "each", "measure"}
}

func (s *structure) criterion(w row, section, code string, place int64, old sync.Object) {
	key := keyOf(code)
	if !sync.ValidKey(key) {
		s.at(s.form, w, "code", CodeBadCode)
		s.broken = true
		return
	}
	if s.criteria[key] != nil {
		s.at(s.form, w, "code", CodeDuplicate)
		return
	}
	if w.str("type") == "" && w.raw["type"] == "" {
		s.at(s.form, w, "type", sync.CodeRequired)
	}
	o := w.beside(old, criterionFields()...)
	o["section"] = section
	if w.raw["order"] == "" && (old == nil || w.places["order"] != "") {
		o["order"] = place
	}
	fill(o, w, criterionFields()...)
	s.criteria[key], s.places[key] = o, w
}

// sums reports each section whose criteria do not add up to it, and whether
// the sections themselves can be added up.
func (s *structure) sums() bool {
	if s.broken {
		return false
	}
	sum := map[string]int64{}
	for _, v := range s.criteria {
		o, _ := v.(sync.Object)
		section, _ := o["section"].(string)
		most, _ := o["max"].(int64)
		sum[section] += most
	}
	for _, key := range slices.Sorted(maps.Keys(s.heads)) {
		if o, _ := s.sections[key].(sync.Object); o["max"] != sum[key] {
			s.at(s.form, s.heads[key], "max", emulation.CodeSumsDiffer)
		}
	}
	return true
}
