package emulation

import "thidua/sync"

// Names of the types about honours.
const (
	TypeAward    = "award"
	TypeHandover = "handover"
)

// awardType is one row of honours from proposal to decision. The authority is
// kept as the paper states it beside the coded one, because papers err; a
// number that is only a word ("hàng nghìn") stays a word and is not counted.
func awardType() *sync.Type {
	t := newType(TypeAward, "Khen thưởng", "Award", []string{"unit", "cluster:desk"}, false, fields{
		"period":           id("Kỳ", "Period"),
		"cluster":          id("Cụm", "Cluster"),
		"unit":             id("Đơn vị", "Unit"),
		"meeting":          id("Hội nghị", "Meeting"),
		"form":             required(awardForm()),
		"authority":        required(awardAuthority()),
		"authority_stated": line("Thẩm quyền như văn bản ghi", "Authority as stated"),
		"recipients":       required(recipientKind()),
		"count":            count("Số lượng", "Count"),
		"count_text":       line("Số lượng bằng chữ", "Count as a word"),
		"title":            prose("Nội dung", "Title"),
		"note":             prose("Ghi chú", "Note"),
		"place":            number("Thứ tự trong chỉ tiêu", "Place under the quota", 1, maxPlaces),
		"override":         prose("Lý do vượt chỉ tiêu", "Reason to exceed the quota"),
		"ranking":          id("Bảng xếp hạng làm căn cứ", "Ranking it is built on"),
		"reopened":         count("Sau lần mở lại kỳ thứ", "After how many reopenings"),
		"state_reason":     prose("Lý do", "Reason"),
		"state":            state("drafted", "voted", "proposed", "appraised", "approved", "rejected", "decided", "revoked"),
	})
	t.Check = checkCount
	return t
}

// handoverType is something handed over at a ceremony. It is not an award: an
// award may be handed over later, twice or never, and a flag may go to a new head.
func handoverType() *sync.Type {
	t := newType(TypeHandover, "Trao tặng", "Hand-over", []string{"unit", "cluster"}, false, fields{
		"meeting":          required(id("Hội nghị", "Meeting")),
		"kind":             required(choice("Loại", "Kind", "award", "prize", "headship_flag", "flowers")),
		"form":             awardForm(),
		"authority":        awardAuthority(),
		"authority_stated": line("Thẩm quyền như văn bản ghi", "Authority as stated"),
		"recipients":       recipientKind(),
		"count":            count("Số lượng", "Count"),
		"count_text":       line("Số lượng bằng chữ", "Count as a word"),
		"title":            prose("Nội dung", "Title"),
		"note":             prose("Ghi chú", "Note"),
	})
	t.Check = checkCount
	return t
}

func awardForm() *sync.Field {
	return choice("Hình thức", "Form", "labour_order", "emulation_flag", "merit_certificate", "commendation", "prize", "other")
}

func awardAuthority() *sync.Field {
	return choice("Thẩm quyền", "Authority", "state_president", "prime_minister", "ministry", "national_labour", "provincial_committee",
		"provincial_labour", "national_health_union", "health_union", "health_department", "unit", "several", "unknown")
}

func recipientKind() *sync.Field {
	return choice("Đối tượng", "Recipients", "collective", "individual", "not_split")
}

func checkCount(b sync.Object) *sync.Fault {
	if (b["count"] == nil) == (b["count_text"] == nil) {
		return &sync.Fault{Code: CodeCountOrText, Path: "/count"}
	}
	return nil
}
