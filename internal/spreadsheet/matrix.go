package spreadsheet

import (
	"fmt"
	"io"

	"thidua/internal/emulation"
	"thidua/sync"
)

// WriteMatrix writes the scores of all units by all criteria of the period:
// criteria downwards with their sections and maxima, units across, totals and
// ranks below. A score is the verified one, else the rechecked, else the
// cross-checked, else the unit's own; what no sheet holds is empty.
func WriteMatrix(w io.Writer, v View) error {
	units := v.ranked()
	ranking := emulation.Rank(v.Org, v.Cluster, v.Period, v.Docs)
	set := v.body(emulation.TypeCriteria, ranking.Criteria)
	widths := []float64{7, 40, 8}
	titles := []string{"Mã", "Tiêu chí", "Điểm tối đa"}
	for _, u := range units {
		widths, titles = append(widths, max(8.5, min(16, 70/float64(max(len(units), 1))))), append(titles, v.short(u))
	}
	p := v.open("Bảng điểm", "BẢNG TỔNG HỢP ĐIỂM THI ĐUA", widths...)
	p.head(titles, 2)
	m := matrix{View: v, page: p, units: units, rows: map[sync.DocID]emulation.Row{}, set: set}
	for _, r := range ranking.Rows {
		m.rows[r.Unit] = r
	}
	m.criteria()
	m.totals()
	v.close(p)
	return p.write(w)
}

type matrix struct {
	View
	*page
	units []sync.DocID
	rows  map[sync.DocID]emulation.Row
	set   sync.Object
}

func (m *matrix) criteria() {
	sections, _ := m.set["sections"].(sync.Object)
	criteria, _ := m.set["criteria"].(sync.Object)
	for _, key := range inOrder(sections) {
		section := sections[key].(sync.Object)
		var below []string
		for _, c := range inOrder(criteria) {
			if criteria[c].(sync.Object)["section"] == key {
				below = append(below, c)
			}
		}
		m.line(true, key, section, func(u sync.DocID) (int64, bool) {
			var sum int64
			any := false
			for _, c := range below {
				n, ok := m.counted(u, c)
				sum, any = sum+n, any || ok
			}
			return sum, any
		})
		for _, c := range below {
			criterion := criteria[c].(sync.Object)
			code, _ := criterion["code"].(string)
			m.line(false, code, criterion, func(u sync.DocID) (int64, bool) { return m.counted(u, c) })
		}
	}
}

// line writes a section or criterion with the points of each unit.
func (m *matrix) line(bold bool, code string, of sync.Object, points func(sync.DocID) (int64, bool)) {
	title, _ := of["title"].(string)
	most, _ := of["max"].(int64)
	cells := []any{middle(code), title, hundredths(most)}
	for _, u := range m.units {
		if n, ok := points(u); ok {
			cells = append(cells, hundredths(n))
		} else {
			cells = append(cells, nil)
		}
	}
	m.row(bold, cells...)
}

// counted returns the score of a criterion that enters a unit's total.
func (m *matrix) counted(unit sync.DocID, criterion string) (int64, bool) {
	if m.rows[unit].Score == nil {
		return 0, false
	}
	sheet := emulation.SheetID(unit, m.Period)
	for _, from := range []struct {
		doc    sync.DocID
		sent   bool
		fields []string
	}{
		{emulation.VerificationID(sheet), true, []string{"verified"}},
		{emulation.ReviewID(sheet), true, []string{"recheck", "cross"}},
		{sheet, false, []string{"self"}},
	} {
		d := m.live(from.doc)
		if d == nil || from.sent && d.Body()["state"] != "sent" {
			continue
		}
		for _, f := range from.fields {
			if n, ok := sync.Get(d.Body(), sync.Pointer("/entries").Join(criterion).Join(f)).(int64); ok {
				return n, true
			}
		}
	}
	return 0, false
}

func (m *matrix) totals() {
	total, _ := m.set["total"].(int64)
	most, capped := m.set["bonus_cap"].(int64)
	least, floored := m.set["penalty_floor"].(int64)
	var notes []string
	sum := func(title string, best any, of func(emulation.Score) int64) {
		cells := []any{nil, title, best}
		for _, u := range m.units {
			if s := m.rows[u].Score; s != nil {
				cells = append(cells, hundredths(of(*s)))
			} else {
				cells = append(cells, nil)
			}
		}
		m.row(true, cells...)
	}
	limit := func(n int64, there bool) any {
		if there {
			return hundredths(n)
		}
		return nil
	}
	sum("Cộng điểm chuẩn", hundredths(total), func(s emulation.Score) int64 { return s.Base })
	sum("Điểm thưởng được tính", limit(most, capped), func(s emulation.Score) int64 {
		if s.Capped {
			return most
		}
		return s.Bonus
	})
	sum("Điểm trừ được tính", limit(least, floored), func(s emulation.Score) int64 {
		if s.Floored {
			return least
		}
		return -s.Penalty
	})
	sum("TỔNG ĐIỂM", nil, func(s emulation.Score) int64 { return s.Total })
	ranks := []any{nil, "XẾP HẠNG", nil}
	for _, u := range m.units {
		r := m.rows[u]
		switch s := r.Score; {
		case s == nil:
			ranks = append(ranks, nil)
		default:
			ranks = append(ranks, int64(r.Rank))
			if s.Capped {
				notes = append(notes, fmt.Sprintf("%s: được thưởng %s điểm, tính %s.", m.name(u), emulation.FormatPoints(s.Bonus), emulation.FormatPoints(most)))
			}
			if s.Floored {
				notes = append(notes, fmt.Sprintf("%s: bị trừ %s điểm, tính %s.", m.name(u), emulation.FormatPoints(s.Penalty), emulation.FormatPoints(-least)))
			}
		}
	}
	m.row(true, ranks...)
	for _, n := range notes {
		m.note(n)
	}
}
