package emulation

import "thidua/sync"

// TypeCriteria names the criteria set.
const TypeCriteria = "criteria"

// Steps that decide between equal totals; a criteria set lists those it uses in order.
const (
	TieBase      = "base"          // more points without bonus
	TieFirst     = "first_section" // more points in the first section
	TiePenalties = "penalties"     // fewer penalty points
	TieBallots   = "ballots"       // more votes in a vote on the tie
)

// criteriaType is one version of a set of criteria: every rule that changes
// from year to year is here as data. Keys of sections and criteria are their
// stable codes with "." written "-"; the code as printed stands beside.
func criteriaType() *sync.Type {
	t := newType(TypeCriteria, "Bộ tiêu chí", "Criteria", []string{"org"}, false, fields{
		"code":          required(line("Mã", "Code")),
		"version":       required(number("Phiên bản", "Version", 1, 9999)),
		"title":         required(line("Tên", "Title")),
		"total":         required(points("Tổng điểm", "Total")),
		"bonus_cap":     points("Điểm thưởng tối đa", "Bonus cap"),
		"penalty_floor": number("Điểm trừ thấp nhất (số âm)", "Penalty floor (negative)", -1_000_000, 0),
		"legal_basis":   prose("Căn cứ pháp lý", "Legal basis"),
		"tie_break":     list("Thứ tự phân định khi bằng điểm", "Tie-break order", choice("Bước", "Step", TieBase, TieFirst, TiePenalties, TieBallots)),
		"sections": set("Mục", "Sections", group("Mục", "Section", fields{
			"order": required(order()),
			"title": required(line("Tên mục", "Title")),
			"max":   required(points("Điểm tối đa", "Maximum")),
		})),
		"criteria": set("Tiêu chí", "Criteria", group("Tiêu chí", "Criterion", fields{
			"section":     required(line("Thuộc mục", "Section")),
			"order":       required(order()),
			"code":        required(line("Mã", "Code")),
			"title":       required(prose("Nội dung", "Title")),
			"type":        required(choice("Cách chấm", "Type", "quantitative", "achieved", "count", "plus_minus", "judged")),
			"max":         required(points("Điểm tối đa", "Maximum")),
			"bonus_max":   points("Điểm thưởng tối đa", "Greatest bonus"),
			"penalty_max": points("Điểm trừ tối đa", "Greatest penalty"),
		})),
		"note":  prose("Ghi chú", "Note"),
		"state": state("draft", "published", "withdrawn"),
	})
	t.Check = func(b sync.Object) *sync.Fault {
		if str(b, "state") == "published" {
			return CheckSums(b)
		}
		return nil
	}
	return t
}

// CheckSums reports why a criteria set cannot be published: every criterion
// belongs to a section, the maxima of a section's criteria add up to the
// section's, and the sections' to the total (invariant 1). Bonus and penalties
// stand outside the sums.
func CheckSums(criteria sync.Object) *sync.Fault {
	sections := obj(criteria, "sections")
	sum := map[string]int64{}
	set := obj(criteria, "criteria")
	for _, code := range keys(set) {
		c := obj(set, code)
		s := str(c, "section")
		if sections[s] == nil {
			return &sync.Fault{Code: CodeSectionUnknown, Path: sync.Pointer("/criteria").Join(code).Join("section")}
		}
		sum[s] += num(c, "max")
	}
	var total int64
	for _, code := range keys(sections) {
		max := num(obj(sections, code), "max")
		if sum[code] != max {
			return &sync.Fault{Code: CodeSumsDiffer, Path: sync.Pointer("/sections").Join(code).Join("max")}
		}
		total += max
	}
	if total != num(criteria, "total") {
		return &sync.Fault{Code: CodeSumsDiffer, Path: "/total"}
	}
	return nil
}
