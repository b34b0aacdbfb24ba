package spreadsheet

import (
	"cmp"
	"io"
	"slices"

	"thidua/internal/emulation"
	"thidua/sync"
)

// WriteAwards writes the awards of a period, those proposed for members of the
// cluster and those their units recorded, by form and unit. Proposals and
// decisions stand apart, and only decided ones with a number are counted.
func WriteAwards(w io.Writer, v View) error {
	p := v.open("Khen thưởng", "DANH SÁCH KHEN THƯỞNG", 6, 38, 18, 22, 11, 10, 15, 32)
	p.head([]string{"TT", "Đơn vị", "Hình thức", "Thẩm quyền", "Đối tượng", "Số lượng", "Trạng thái", "Nội dung, ghi chú"}, 2)
	awards := v.awards()
	for _, decided := range []bool{true, false} {
		title := "Đề nghị"
		if decided {
			title = "Đã quyết định"
		}
		n := int64(0)
		for _, d := range awards {
			if isDecided(d) != decided {
				continue
			}
			if n++; n == 1 {
				p.row(true, nil, title, nil, nil, nil, nil, nil, nil)
			}
			p.row(false, v.award(n, d.Body())...)
		}
	}
	sum := emulation.CountAwards(v.Period, awards)
	p.row(true, nil, "Cộng đã quyết định", nil, nil, nil, sum.Count, nil, nil)
	v.close(p)
	return p.write(w)
}

func isDecided(d *sync.Document) bool { return d.Body()["state"] == "decided" }

// awards returns those of the cluster or its members in the period, each once.
func (v View) awards() []*sync.Document {
	var found []*sync.Document
	seen := map[sync.DocID]bool{}
	for _, d := range v.Docs {
		if d.Gone || d.Type != emulation.TypeAward || id(d.Body(), "period") != v.Period || seen[d.ID] {
			continue
		}
		seen[d.ID] = true
		found = append(found, d)
	}
	place := func(d *sync.Document) int {
		return slices.IndexFunc(awardForms(), func(l [2]string) bool { return l[0] == d.Body()["form"] })
	}
	slices.SortFunc(found, func(a, b *sync.Document) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(v.name(id(a.Body(), "unit")), v.name(id(b.Body(), "unit"))), cmp.Compare(a.ID, b.ID))
	})
	return found
}

func (v View) award(n int64, b sync.Object) []any {
	word := func(l labels, key string) string { s, _ := b[key].(string); return l.word(s) }
	unit := ""
	if u := id(b, "unit"); u != "" {
		unit = v.name(u)
	}
	authority := word(authorities(), "authority")
	if stated, _ := b["authority_stated"].(string); stated != "" && fold(stated) != fold(authority) {
		authority += "\n(ghi: " + stated + ")"
	}
	var count any
	if number, ok := b["count"].(int64); ok {
		count = number
	} else if s, _ := b["count_text"].(string); s != "" {
		count = middle(s)
	}
	content, _ := b["title"].(string)
	if note, _ := b["note"].(string); note != "" && content != "" {
		content += "\n" + note
	} else if note != "" {
		content = note
	}
	state, _ := b["state"].(string)
	return []any{
		n, unit, word(awardForms(), "form"), authority, middle(word(recipients(), "recipients")), count,
		middle(awardStates().word(cmp.Or(state, "drafted"))), content,
	}
}
