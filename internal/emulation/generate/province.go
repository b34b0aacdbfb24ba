package generate

import (
	"fmt"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A province is what its clusters share.
type province struct {
	config Config
	store  Store
	number int
	prefix string // of codes: seed and number
	office sync.DocID
	set    *sync.Document // criteria as stored
	notice *sync.Document // dispatch
}

func newProvince(c Config, number int, store Store) (*province, error) {
	p := &province{config: c, store: store, number: number, prefix: fmt.Sprintf("G%d-T%02d", c.Seed, number)}
	d := newDraw(c.Seed, p.prefix)
	b := batcher{Batch{Scope: sync.Org}, store}
	code := p.prefix + "-SYT"
	p.office = b.add(emulation.TypeUnit, sync.Object{
		"code": code, "kind": "department", "status": "active",
		"names": sync.Object{"n1": sync.Object{"name": "Sở Y tế tỉnh " + place(int(c.Seed%97)+number*31), "short": "Sở Y tế"}},
	}, code).ID
	p.notice = b.add(emulation.TypeDispatch, sync.Object{
		"number": fmt.Sprintf("%d/SYT-VP", d.between(900, 4999)), "date": p.day(10, d.between(20, 28)), "issuer": string(p.office),
		"subject": fmt.Sprintf("Hướng dẫn tổng kết công tác thi đua, khen thưởng năm %d", c.Year),
	}, p.prefix, decimal(c.Year))
	set := criteria(d, p.prefix+"-TC", c.Year)
	p.set = b.add(emulation.TypeCriteria, set, p.prefix+"-TC", "1")
	_, err := b.flush()
	return p, err
}

// day returns a day of the year generated.
func (p *province) day(month, day int) string { return dayOf(p.config.Year, month, day) }

func dayOf(year, month, day int) string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }

// criteria returns a published set of 20 to 36 criteria that adds up to 100 points.
func criteria(d draw, code string, year int) sync.Object {
	sections, set := sync.Object{}, sync.Object{}
	shares := []int{9, 4, 3, 3, 1} // of twenty, before chance
	shift := d.between(0, 2)
	shares[0], shares[3] = shares[0]-shift, shares[3]+shift
	numerals := []string{"I", "II", "III", "IV", "V"}
	for i, t := range topics() {
		most := shares[i] * 500
		sections[numerals[i]] = sync.Object{"order": int64(i + 1), "title": t.title, "max": int64(most)}
		asks := some(d, d.between(len(t.asks)/2+1, len(t.asks)-1), t.asks)
		for j, points := range portions(d, most/50, len(asks)) {
			typ := t.types[j%len(t.types)]
			c := sync.Object{
				"section": numerals[i], "order": int64(j + 1), "code": fmt.Sprintf("%s.%d", numerals[i], j+1), "title": asks[j], "type": typ, "max": int64(points * 50),
			}
			if typ == "count" {
				c["bonus_max"] = int64(d.between(1, 3) * 100)
			}
			if typ == "plus_minus" {
				c["penalty_max"] = int64(d.between(1, 4) * 50)
			}
			set[fmt.Sprintf("%s-%d", numerals[i], j+1)] = c
		}
	}
	return sync.Object{
		"code": code, "version": int64(1), "title": fmt.Sprintf("Bộ tiêu chí chấm điểm thi đua năm %d", year), "total": int64(10_000),
		"bonus_cap": int64(d.between(2, 10) * 100), "penalty_floor": int64(-d.between(2, 10) * 100),
		"tie_break":   []any{emulation.TieBase, emulation.TieFirst, emulation.TiePenalties, emulation.TieBallots},
		"legal_basis": "Quy chế thi đua, khen thưởng của ngành (dữ liệu sinh tự động).", "sections": sections, "criteria": set, "state": "published",
	}
}

// portions divides a whole into so many parts of at least one; a whole that
// is less than that many gives ones until it is used up.
func portions(d draw, whole, parts int) []int {
	sizes := make([]int, min(parts, whole))
	for i := range sizes {
		sizes[i] = 1
	}
	for left := whole - len(sizes); left > 0; left-- {
		sizes[d.IntN(len(sizes))]++
	}
	return sizes
}
