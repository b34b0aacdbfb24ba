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

// How a criterion is scored. What is written beside a type bounds its scores
// where the criterion states it; all lie between zero and the maximum.
const (
	CriterionQuantitative = "quantitative" // by what was reached: with a measure, a submitted score states the actual
	CriterionAchieved     = "achieved"     // or not: one of its levels
	CriterionCount        = "count"        // so many points for each, up to the maximum
	CriterionPlusMinus    = "plus_minus"   // given and taken: has a bonus or a penalty
	CriterionJudged       = "judged"       // as people see it
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
			"type":        required(choice("Cách chấm", "Type", CriterionQuantitative, CriterionAchieved, CriterionCount, CriterionPlusMinus, CriterionJudged)),
			"max":         required(points("Điểm tối đa", "Maximum")),
			"levels":      list("Các mức điểm (đạt, không đạt)", "Levels", points("Mức", "Level")),
			"each":        number("Điểm cho mỗi kết quả", "Points for each", 1, 1_000_000),
			"measure":     line("Đơn vị tính của kết quả", "Measure"),
			"bonus_max":   points("Điểm thưởng tối đa", "Greatest bonus"),
			"penalty_max": points("Điểm trừ tối đa", "Greatest penalty"),
		})),
		"note":         prose("Ghi chú", "Note"),
		"state_reason": prose("Lý do thu hồi", "Reason"),
		"state":        state("draft", "published", "withdrawn"),
	})
	t.Check = func(b sync.Object) *sync.Fault {
		if str(b, "state") == "published" {
			return CheckPublished(b)
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

// CheckPublished reports why a criteria set cannot be published: it is empty,
// its sums do not add up, a step between equal totals or a printed code comes
// twice, or a criterion states what does not fit its type.
func CheckPublished(criteria sync.Object) *sync.Fault {
	if fault := CheckSums(criteria); fault != nil {
		return fault
	}
	set := obj(criteria, "criteria")
	if len(set) == 0 {
		return &sync.Fault{Code: CodeSumsDiffer, Path: "/criteria"}
	}
	seen := map[any]bool{}
	steps, _ := criteria["tie_break"].([]any)
	for _, s := range steps {
		if seen[s] {
			return &sync.Fault{Code: CodeRepeated, Path: "/tie_break"}
		}
		seen[s] = true
	}
	printed := map[string]bool{}
	for _, code := range keys(set) {
		c := obj(set, code)
		at := sync.Pointer("/criteria").Join(code)
		if printed[str(c, "code")] {
			return &sync.Fault{Code: CodeRepeated, Path: at.Join("code")}
		}
		printed[str(c, "code")] = true
		if field := unfit(c); field != "" {
			return &sync.Fault{Code: CodeTypeUnfit, Path: at.Join(field)}
		}
	}
	return nil
}

// unfit returns the field of a criterion that does not fit its type, "" if all do.
func unfit(c sync.Object) string {
	typ := str(c, "type")
	levels, _ := c["levels"].([]any)
	for _, l := range levels {
		if n, _ := l.(int64); typ != CriterionAchieved || n > num(c, "max") {
			return "levels"
		}
	}
	switch {
	case c["each"] != nil && typ != CriterionCount:
		return "each"
	case c["measure"] != nil && typ != CriterionQuantitative:
		return "measure"
	case typ == CriterionPlusMinus && num(c, "bonus_max") == 0 && num(c, "penalty_max") == 0:
		return "type"
	}
	return ""
}
