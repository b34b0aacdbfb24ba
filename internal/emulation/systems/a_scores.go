package systems

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

// The report tells the ranking's first place but neither criteria nor scores.
// What follows is an example to compute with, chosen so that the first place
// agrees, one pair of equal totals is decided (by base without bonus) and one
// pair shares its rank. Points are hundredths.

func criteriaA(b *builder) {
	section := func(order int64, title string, max int64) sync.Object {
		return sync.Object{"order": order, "title": title, "max": max}
	}
	criterion := func(section string, order int64, code, title, typ string, max int64) sync.Object {
		return sync.Object{"section": section, "order": order, "code": code, "title": title, "type": typ, "max": max}
	}
	set := sync.Object{
		"I-1":   criterion("I", 1, "I.1", "Thực hiện chỉ tiêu kế hoạch chuyên môn", "quantitative", 3000),
		"I-2":   criterion("I", 2, "I.2", "Hoàn thành nhiệm vụ được giao", "achieved", 3000),
		"II-1":  criterion("II", 1, "II.1", "Chấp hành chính sách, pháp luật, nội quy", "plus_minus", 1000),
		"II-2":  criterion("II", 2, "II.2", "Sáng kiến, đề tài được công nhận", "count", 1000),
		"III-1": criterion("III", 1, "III.1", "Tổ chức phong trào thi đua", "judged", 1000),
		"III-2": criterion("III", 2, "III.2", "Công tác khen thưởng, nhân rộng điển hình", "judged", 1000),
	}
	set = sync.Set(set, "/II-1/penalty_max", int64(500))
	set = sync.Set(set, "/II-2/bonus_max", int64(1000))
	b.org(emulation.TypeCriteria, Criteria(), sync.Object{
		"code": "A-2022", "version": int64(1), "title": "Bộ tiêu chí chấm điểm năm 2022", "total": int64(10000), "bonus_cap": int64(1000),
		"penalty_floor": int64(-500), "tie_break": []any{emulation.TieBase, emulation.TieFirst, emulation.TiePenalties, emulation.TieBallots},
		"sections": sync.Object{
			"I": section(1, "Thực hiện nhiệm vụ chuyên môn", 6000), "II": section(2, "Chấp hành và sáng kiến", 2000), "III": section(3, "Công tác thi đua, khen thưởng", 2000),
		},
		"criteria": set, "note": example, "state": "published",
	})
}

// scoresA lists, by unit, the self scores of I.1, I.2, II.1, II.2, III.1 and
// III.2, then bonus (II.2) and penalty (II.1).
func scoresA() map[string][8]int64 {
	return map[string][8]int64{
		"tho-xuan":     {2950, 2900, 950, 1000, 950, 900, 500, 0}, // 101.5
		"thieu-hoa":    {2900, 2900, 950, 950, 950, 950, 300, 0},  // 99
		"yen-dinh":     {2950, 2950, 950, 950, 950, 950, 0, 0},    // 97, all of it base
		"vinh-loc":     {2900, 2850, 950, 950, 950, 900, 200, 0},  // 97 with bonus
		"trieu-son":    {2850, 2850, 950, 950, 950, 900, 0, 0},    // 94.5
		"nong-cong":    {2900, 2800, 900, 950, 950, 950, 0, 0},    // 94.5, the same in every step
		"tp-thanh-hoa": {2850, 2800, 950, 950, 950, 900, 0, 100},  // 93
		"dong-son":     {2800, 2750, 900, 900, 900, 850, 0, 0},    // 91
	}
}

// sheetsA are drafts, so that phones can go on writing them.
func sheetsA(b *builder) {
	scores := scoresA()
	for _, m := range membersA() {
		s := scores[m.slug]
		entries := sync.Object{}
		for i, code := range []string{"I-1", "I-2", "II-1", "II-2", "III-1", "III-2"} {
			entries[code] = sync.Object{"self": s[i]}
		}
		if s[6] > 0 {
			entries["II-2"] = sync.Object{"self": s[3], "bonus": s[6]}
		}
		if s[7] > 0 {
			entries["II-1"] = sync.Object{"self": s[2], "penalty": s[7]}
		}
		b.keyed(sync.UnitDesk(Unit(m.slug)), emulation.TypeSheet, sync.Object{
			"unit": string(Unit(m.slug)), "period": string(Period("A", "2022")), "cluster": string(Cluster("A")), "criteria": string(Criteria()),
			"entries": entries, "note": example,
		})
	}
}
