package spreadsheet

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"thidua/internal/emulation"
)

// labels are the words people read for the values of a choice, in the order
// in which the choices are offered.
type labels [][2]string

// word returns the Vietnamese word for a value, the value itself if it has none.
func (l labels) word(value string) string {
	for _, e := range l {
		if e[0] == value {
			return e[1]
		}
	}
	return value
}

// value returns the value of a word, or of the value itself, however it is
// capitalised, and false if it is neither.
func (l labels) value(word string) (string, bool) {
	for _, e := range l {
		if fold(e[0]) == fold(word) || fold(e[1]) == fold(word) {
			return e[0], true
		}
	}
	return "", false
}

// fold returns a text as headings and choices are compared: NFC, lower case,
// single spaces.
func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " "))
}

func unitKinds() labels {
	return labels{
		{"hospital", "Bệnh viện"},
		{"health_center", "Trung tâm y tế"},
		{"station", "Trạm y tế"},
		{"department", "Cơ quan quản lý"},
		{"union", "Công đoàn"},
		{"committee", "Ủy ban"},
		{"other", "Khác"},
	}
}

func unitStatuses() labels {
	return labels{{"active", "Đang hoạt động"}, {"merged", "Đã sáp nhập"}, {"dissolved", "Đã giải thể"}}
}

func clusterKinds() labels { return labels{{"cluster", "Cụm"}, {"bloc", "Khối"}} }

func roles() labels {
	return labels{
		{string(emulation.UnitStaff), "Cán bộ đơn vị"},
		{string(emulation.UnitLeader), "Lãnh đạo đơn vị"},
		{string(emulation.ClusterHead), "Trưởng cụm"},
		{string(emulation.ClusterDeputy), "Phó cụm"},
		{string(emulation.Officer), "Chuyên viên Sở"},
		{string(emulation.Admin), "Quản trị"},
	}
}

func criterionTypes() labels {
	return labels{
		{"quantitative", "Định lượng"}, {"achieved", "Đạt, không đạt"}, {"count", "Theo số lượng"}, {"plus_minus", "Cộng, trừ"}, {"judged", "Đánh giá"},
	}
}

func criteriaStates() labels {
	return labels{{"draft", "Dự thảo"}, {"published", "Đã ban hành"}, {"withdrawn", "Đã thu hồi"}}
}

func tieSteps() labels {
	return labels{
		{emulation.TieBase, "Điểm chuẩn"}, {emulation.TieFirst, "Điểm mục đầu"}, {emulation.TiePenalties, "Ít điểm trừ"}, {emulation.TieBallots, "Phiếu bầu"},
	}
}

// ties are the steps as a note beside a rank.
func ties() labels {
	return append(tieSteps(), [2]string{emulation.TieShared, "Đồng hạng"})
}

func awardForms() labels {
	return labels{
		{"labour_order", "Huân chương Lao động"},
		{"emulation_flag", "Cờ thi đua"},
		{"merit_certificate", "Bằng khen"},
		{"commendation", "Giấy khen"},
		{"prize", "Giải thưởng"},
		{"other", "Khác"},
	}
}

func authorities() labels {
	return labels{
		{"state_president", "Chủ tịch nước"},
		{"prime_minister", "Thủ tướng Chính phủ"},
		{"ministry", "Bộ Y tế"},
		{"national_labour", "Tổng LĐLĐ Việt Nam"},
		{"provincial_committee", "UBND tỉnh"},
		{"provincial_labour", "LĐLĐ tỉnh"},
		{"national_health_union", "Công đoàn Y tế Việt Nam"},
		{"health_union", "Công đoàn ngành Y tế"},
		{"health_department", "Sở Y tế"},
		{"unit", "Đơn vị"},
		{"several", "Nhiều cấp"},
		{"unknown", "Chưa rõ"},
	}
}

func recipients() labels {
	return labels{{"collective", "Tập thể"}, {"individual", "Cá nhân"}, {"not_split", "Chưa tách"}}
}

func awardStates() labels {
	return labels{
		{"drafted", "Dự thảo"},
		{"voted", "Đã bình bầu"},
		{"proposed", "Đã đề nghị"},
		{"appraised", "Đã thẩm định"},
		{"approved", "Đã duyệt"},
		{"rejected", "Không duyệt"},
		{"decided", "Đã quyết định"},
		{"revoked", "Đã thu hồi"},
	}
}

func trackerKinds() labels {
	return labels{
		{emulation.TrackRegistration, "Đăng ký"}, {emulation.TrackPledge, "Giao ước"}, {emulation.TrackReport, "Báo cáo"}, {emulation.TrackSheet, "Bảng điểm"},
	}
}
