package emulation

import "thidua/sync"

// Names of the types a unit reports with.
const (
	TypeReport    = "report"
	TypeIndicator = "indicator"
	TypeMovement  = "movement"
)

// reportType is a unit's report to its cluster for one review.
func reportType() *sync.Type {
	return newType(TypeReport, "Báo cáo", "Report", []string{"unit:desk"}, true, fields{
		"unit":    required(id("Đơn vị", "Unit")),
		"period":  required(id("Kỳ thi đua", "Period")),
		"kind":    required(choice("Loại báo cáo", "Kind", "mid_year", "year_end", "thematic")),
		"cluster": id("Cụm", "Cluster"),
		"title":   required(line("Tên báo cáo", "Title")),
		"blocks": set("Nội dung", "Blocks", group("Phần", "Block", fields{
			"order":   required(order()),
			"heading": line("Đề mục", "Heading"),
			"text":    prose("Nội dung", "Text"),
		})),
		"filed_on":     date("Ngày gửi", "Filed on"),
		"note":         prose("Ghi chú", "Note"),
		"state_reason": prose("Lý do rút lại", "Reason"),
		"state":        state("draft", "filed"),
	})
}

// indicatorType is one figure of a unit in a period against its plan. The
// percentage is never stored: Percent computes it.
func indicatorType() *sync.Type {
	return newType(TypeIndicator, "Chỉ tiêu", "Indicator", []string{"unit", "unit:desk"}, true, fields{
		"unit":         required(id("Đơn vị", "Unit")),
		"period":       required(id("Kỳ thi đua", "Period")),
		"code":         required(line("Mã", "Code")),
		"title":        required(line("Tên chỉ tiêu", "Title")),
		"measure":      line("Đơn vị tính", "Measure"),
		"plan":         count("Kế hoạch", "Plan"),
		"plan_derived": flag("Kế hoạch suy ra từ tỷ lệ", "Plan derived from a percentage"),
		"actual":       count("Thực hiện", "Actual"),
		"note":         prose("Ghi chú", "Note"),
	})
}

// movementType is an emulation movement launched by a unit or a cluster.
func movementType() *sync.Type {
	t := newType(TypeMovement, "Phong trào thi đua", "Movement", []string{"unit", "cluster"}, false, fields{
		"title":    required(prose("Tên phong trào", "Title")),
		"period":   id("Kỳ thi đua", "Period"),
		"launcher": id("Đơn vị phát động", "Launched by"),
		"from":     date("Từ ngày", "From"),
		"to":       date("Đến hết ngày", "To"),
		"results":  prose("Kết quả", "Results"),
	})
	t.Check = checkSpan
	return t
}
