package spreadsheet

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

// A kind says how a column's cells are read and written.
type kind int

const (
	text    kind = iota
	whole        // an integer
	points       // hundredths of a point, read 7,5
	day          // YYYY-MM-DD, read dd/mm/yyyy
	choice       // one of the column's labels
	choices      // several of them, divided by semicolons
	levels       // several numbers of points, divided by semicolons
)

// A column of a form. Key names it in a row; where path is given, what the
// cell holds must fit that field of the form's type.
type column struct {
	key      string
	title    string
	kind     kind
	path     sync.Pointer
	labels   labels
	required bool
	width    float64 // in characters
}

// A form is one worksheet of the import: one line a row, under the headings.
type form struct {
	sheet   string
	title   string // printed above the exported table
	typ     string // of the documents its rows are about; "" for people
	columns []column
}

// Names of the worksheets.
const (
	sheetUnits    = "Đơn vị"
	sheetClusters = "Cụm"
	sheetMembers  = "Thành viên cụm"
	sheetPeople   = "Người dùng"
	sheetSets     = "Bộ tiêu chí"
	sheetCriteria = "Tiêu chí"
)

// forms are all worksheets of the import, in order of reading: a row may refer
// to what stands in an earlier one.
func forms() []form {
	return []form{unitForm(), clusterForm(), memberForm(), setForm(), criterionForm(), peopleForm()}
}

// unitForm has a row for each name of a unit; the rows of one code are one unit.
func unitForm() form {
	return form{sheetUnits, "DANH SÁCH ĐƠN VỊ", emulation.TypeUnit, []column{
		{"code", "Mã đơn vị", text, "/code", nil, true, 14},
		{"name", "Tên đơn vị", text, "/names/n/name", nil, true, 44},
		{"short", "Tên viết tắt", text, "/names/n/short", nil, false, 20},
		{"kind", "Loại hình", choice, "/kind", unitKinds(), false, 16},
		{"from", "Tên từ ngày", day, "/names/n/from", nil, false, 12},
		{"to", "Tên đến hết ngày", day, "/names/n/to", nil, false, 12},
		{"status", "Tình trạng", choice, "/status", unitStatuses(), false, 16},
		{"note", "Ghi chú", text, "/note", nil, false, 30},
	}}
}

func clusterForm() form {
	return form{sheetClusters, "DANH SÁCH CỤM, KHỐI THI ĐUA", emulation.TypeCluster, []column{
		{"code", "Mã cụm", text, "/code", nil, true, 14},
		{"kind", "Loại", choice, "/kind", clusterKinds(), true, 10},
		{"number", "Số", whole, "/number", nil, false, 8},
		{"name", "Tên cụm", text, "/name", nil, true, 44},
		{"supervisor", "Mã cơ quan chỉ đạo", text, "", nil, false, 16},
		{"note", "Ghi chú", text, "/note", nil, false, 30},
	}}
}

func memberForm() form {
	return form{sheetMembers, "THÀNH VIÊN CỦA CÁC CỤM, KHỐI", emulation.TypeMembership, []column{
		{"unit", "Mã đơn vị", text, "", nil, true, 14},
		{"cluster", "Mã cụm", text, "", nil, true, 14},
		{"from", "Từ ngày", day, "/from", nil, true, 12},
		{"to", "Đến hết ngày", day, "/to", nil, false, 12},
		{"basis", "Căn cứ", text, "/basis", nil, false, 40},
	}}
}

// peopleForm has a row for each right of a person; the rows of one login are
// one person. It has no passwords: people enrol their phones with codes.
func peopleForm() form {
	return form{sheetPeople, "DANH SÁCH NGƯỜI DÙNG", "", []column{
		{"login", "Tên đăng nhập", text, "", nil, true, 22},
		{"name", "Họ và tên", text, "", nil, true, 30},
		{"role", "Vai trò", choice, "", roles(), true, 18},
		{"subject", "Mã đơn vị hoặc cụm", text, "", nil, false, 20},
		{"from", "Từ ngày", day, "", nil, false, 12},
		{"to", "Đến hết ngày", day, "", nil, false, 12},
	}}
}

func setForm() form {
	return form{sheetSets, "CÁC BỘ TIÊU CHÍ", emulation.TypeCriteria, []column{
		{"code", "Mã bộ tiêu chí", text, "/code", nil, true, 16},
		{"version", "Phiên bản", whole, "/version", nil, true, 10},
		{"title", "Tên bộ tiêu chí", text, "/title", nil, true, 40},
		{"total", "Tổng điểm", points, "/total", nil, true, 10},
		{"bonus_cap", "Điểm thưởng tối đa", points, "/bonus_cap", nil, false, 12},
		{"penalty_floor", "Điểm trừ thấp nhất (số âm)", points, "/penalty_floor", nil, false, 14},
		{"tie_break", "Phân định khi bằng điểm", choices, "", tieSteps(), false, 36},
		{"legal_basis", "Căn cứ pháp lý", text, "/legal_basis", nil, false, 36},
		{"note", "Ghi chú", text, "/note", nil, false, 24},
		{"state", "Trạng thái", choice, "/state", criteriaStates(), false, 14},
		{"state_reason", "Lý do thu hồi", text, "/state_reason", nil, false, 24},
	}}
}

// criterionForm has a row for each section, whose code of a criterion is
// empty, and one for each criterion.
func criterionForm() form {
	return form{sheetCriteria, "CÁC MỤC VÀ TIÊU CHÍ", emulation.TypeCriteria, []column{
		{"set", "Mã bộ tiêu chí", text, "", nil, true, 16},
		{"version", "Phiên bản", whole, "/version", nil, true, 10},
		{"section", "Mục", text, "", nil, true, 8},
		{"code", "Mã tiêu chí", text, "/criteria/c/code", nil, false, 12},
		{"title", "Nội dung", text, "/criteria/c/title", nil, true, 60},
		{"type", "Cách chấm", choice, "/criteria/c/type", criterionTypes(), false, 16},
		{"max", "Điểm tối đa", points, "/criteria/c/max", nil, true, 10},
		{"bonus_max", "Thưởng tối đa", points, "/criteria/c/bonus_max", nil, false, 10},
		{"penalty_max", "Trừ tối đa", points, "/criteria/c/penalty_max", nil, false, 10},
		{"levels", "Các mức điểm", levels, "/criteria/c/levels", nil, false, 12},
		{"each", "Điểm mỗi kết quả", points, "/criteria/c/each", nil, false, 10},
		{"measure", "Đơn vị tính", text, "/criteria/c/measure", nil, false, 12},
		{"order", "Thứ tự", whole, "/criteria/c/order", nil, false, 8},
	}}
}
