package emulation

import "thidua/sync"

// Names of the types scores are written in. What a unit writes and what others
// write about it are separate documents.
const (
	TypeSheet        = "sheet"
	TypeReview       = "review"
	TypeVerification = "verification"
)

// sheetType is a unit's score sheet. There is one a unit and period because
// the document is named after both (invariant 3). Entries are keyed by the
// criterion's key; that a score keeps within its maximum is judged by Allow,
// which has the criteria set at hand.
func sheetType() *sync.Type {
	return newType(TypeSheet, "Bảng tự chấm điểm", "Score sheet", []string{"unit:desk"}, true, fields{
		"unit":     required(id("Đơn vị", "Unit")),
		"period":   required(id("Kỳ thi đua", "Period")),
		"cluster":  required(id("Cụm khi mở kỳ", "Cluster at opening")),
		"criteria": required(id("Bộ tiêu chí", "Criteria")),
		"entries": set("Điểm", "Entries", group("Tiêu chí", "Entry", fields{
			"actual":      line("Kết quả thực hiện", "Actual"),
			"self":        judged(points("Điểm tự chấm", "Self score")),
			"bonus":       judged(points("Điểm thưởng", "Bonus")),
			"penalty":     judged(points("Điểm trừ", "Penalty")),
			"reason":      prose("Lý do", "Reason"),
			"explanation": prose("Giải trình", "Explanation"),
			// Points by criteria that were replaced: kept, and asked for again.
			"former": server(group("Điểm theo bộ tiêu chí cũ", "By former criteria", fields{
				"criteria": required(id("Bộ tiêu chí", "Criteria")),
				"self":     points("Điểm tự chấm", "Self score"),
				"bonus":    points("Điểm thưởng", "Bonus"),
				"penalty":  points("Điểm trừ", "Penalty"),
			})),
			"evidence": set("Minh chứng", "Evidence", group("Tệp", "File", fields{
				"name": required(line("Tên tệp", "Name")),
				"size": count("Dung lượng (byte)", "Size (bytes)"),
			})),
		})),
		"note":         prose("Ghi chú", "Note"),
		"extended_to":  date("Được nộp đến hết ngày", "May be submitted until"),
		"state_reason": prose("Lý do trả lại, rút lại", "Reason"),
		"state":        state("draft", "submitted", "cross_checked", "explained", "rechecked", "verified", "locked", "returned", "superseded"),
	})
}

// reviewType is the cross-check of one sheet by head and deputy, on the
// version of the sheet it names.
func reviewType() *sync.Type {
	return newType(TypeReview, "Chấm chéo", "Review", []string{"cluster:desk"}, true, fields{
		"sheet":         required(id("Bảng điểm", "Sheet")),
		"sheet_version": required(count("Phiên bản bảng điểm", "Sheet version")),
		"unit":          required(id("Đơn vị được chấm", "Unit")),
		"period":        required(id("Kỳ thi đua", "Period")),
		"cluster":       required(id("Cụm", "Cluster")),
		"criteria":      required(id("Bộ tiêu chí", "Criteria")),
		"entries":       reviewEntries(),
		"state":         state("draft", "sent"),
	})
}

func reviewEntries() *sync.Field {
	return set("Điểm", "Entries", group("Tiêu chí", "Entry", fields{
		"cross":   judged(points("Điểm chấm chéo", "Cross score")),
		"recheck": judged(points("Điểm chấm lại", "Recheck score")),
		"bonus":   judged(points("Điểm thưởng", "Bonus")),
		"penalty": judged(points("Điểm trừ", "Penalty")),
		"reason":  prose("Lý do", "Reason"),
	}))
}

// verificationType is the department's word on a sheet. The unit sees it, so
// it is created when it is sent.
func verificationType() *sync.Type {
	return newType(TypeVerification, "Thẩm định", "Verification", []string{"unit:desk"}, true, fields{
		"sheet":         required(id("Bảng điểm", "Sheet")),
		"sheet_version": required(count("Phiên bản bảng điểm", "Sheet version")),
		"unit":          required(id("Đơn vị", "Unit")),
		"period":        required(id("Kỳ thi đua", "Period")),
		"cluster":       id("Cụm", "Cluster"),
		"criteria":      required(id("Bộ tiêu chí", "Criteria")),
		"entries": set("Điểm", "Entries", group("Tiêu chí", "Entry", fields{
			"verified": judged(points("Điểm thẩm định", "Verified score")),
			"bonus":    judged(points("Điểm thưởng", "Bonus")),
			"penalty":  judged(points("Điểm trừ", "Penalty")),
			"reason":   prose("Lý do", "Reason"),
		})),
		"state": state("draft", "sent"),
	})
}

// SheetID returns the identifier of a unit's sheet in a period.
func SheetID(unit, period sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID(TypeSheet, string(unit), string(period)))
}

// ReviewID returns the identifier of the cross-check of a sheet.
func ReviewID(sheet sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID(TypeReview, string(sheet)))
}

// VerificationID returns the identifier of the verification of a sheet.
func VerificationID(sheet sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID(TypeVerification, string(sheet)))
}
