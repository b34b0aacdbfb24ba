package emulation

import "thidua/sync"

// TypeRanking names the recorded ranking.
const TypeRanking = "ranking"

// rankingType is a ranking at the moment it was recorded, with the versions of
// the papers it was computed from: a draft among head, deputy and officers, an
// announcement before the whole cluster. Rows and basis belong together, so
// each is replaced only as a whole.
func rankingType() *sync.Type {
	return newType(TypeRanking, "Bảng xếp hạng", "Ranking", []string{"cluster", "cluster:desk"}, false, fields{
		"cluster":  required(id("Cụm", "Cluster")),
		"period":   required(id("Kỳ thi đua", "Period")),
		"seq":      required(number("Lần", "Sequence", 1, 10_000)),
		"criteria": id("Bộ tiêu chí", "Criteria"),
		"meeting":  id("Biên bản hội nghị", "Minutes"),
		"rows": atomic(set("Thứ hạng", "Rows", group("Đơn vị", "Row", fields{
			"scored": required(flag("Có bảng điểm", "Has a sheet")),
			"score":  number("Điểm", "Score", -1_000_000, 1_000_000),
			"rank":   number("Thứ hạng", "Rank", 1, 10_000),
			"tie":    choice("Phân định bởi", "Tie decided by", TieBase, TieFirst, TiePenalties, TieBallots, TieShared),
		}))),
		"basis": atomic(set("Căn cứ", "Basis", count("Phiên bản", "Version"))),
		"agreed": set("Thứ hạng hội nghị thống nhất", "Ranks agreed at the conference", group("Đơn vị", "Row", fields{
			"rank": required(judged(number("Thứ hạng", "Rank", 1, 10_000))),
		})),
		"reopened":     count("Sau lần mở lại thứ", "After how many reopenings"),
		"note":         prose("Ghi chú", "Note"),
		"state_reason": prose("Lý do", "Reason"),
		"state":        state("provisional", "announced", "submitted", "confirmed", "superseded"),
	})
}
