package systems

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

func systemD() System {
	b := &builder{system: "D"}
	b.units(
		unit{"cua-lo", "health_center", "Trung tâm Y tế thị xã Cửa Lò"},
		unit{"ldld-cua-lo", "union", "Liên đoàn Lao động thị xã Cửa Lò"},
		unit{"ldld-nghe-an", "union", "Liên đoàn Lao động tỉnh Nghệ An"},
	)
	b.period("2021", "year", "Năm 2021", "2021-01-01", "2021-12-31", nil)
	scope := Unit("cua-lo")
	b.keyed(sync.UnitDesk(scope), emulation.TypeIndicator, sync.Object{
		"unit": string(scope), "period": string(Period("D", "2021")), "code": "visits", "title": "Số lượt khám, chữa bệnh", "measure": "lượt",
		"plan": int64(35000), "plan_derived": true, "actual": int64(33776), "note": "Nguồn ghi thực hiện và tỷ lệ 96,5 %; kế hoạch suy ra từ hai số đó.",
	})
	b.add(sync.UnitScope(scope), emulation.TypeMeeting, Meeting("D"), sync.Object{
		"kind": "staff_conference", "title": "Hội nghị cán bộ, viên chức, người lao động năm 2022", "held_on": "2021-12-19", "host": string(scope),
		"reviewed": "Năm 2021", "reviewed_period": string(Period("D", "2021")), "state": "signed",
		// How many were summoned, came and voted is not in the report.
		"summoned": int64(130), "note": "Số người triệu tập, có mặt và kết quả biểu quyết: " + example,
		"attendance": sync.Object{
			"staff":          attendee("member", "cua-lo", "Cán bộ, viên chức, người lao động", 121),
			"province-union": attendee("invited", "ldld-nghe-an", "Trưởng ban Chính sách pháp luật và Quan hệ lao động", 1),
			"town-union":     attendee("invited", "ldld-cua-lo", "Chủ tịch", 1),
			"town-committee": attendee("invited", "ldld-cua-lo", "Ủy viên ban chấp hành", 1),
			"other-unions":   attendee("observer", "", "Lãnh đạo, chủ tịch công đoàn cơ sở các cơ quan, đơn vị trên địa bàn", 1),
		},
		"resolutions": sync.Object{
			"resolution": sync.Object{"order": int64(1), "text": "Thông qua nghị quyết hội nghị.", "votes": votes(118, 1, 2)},
			"rules":      sync.Object{"order": int64(2), "text": "Thông qua các quy chế.", "votes": votes(115, 2, 4)},
			"pledge":     sync.Object{"order": int64(3), "text": "Phát động phong trào và ký kết thi đua năm 2022."},
		},
		"minutes": blocks(
			[2]string{"Kết quả năm 2021", "Khám và chữa bệnh cho 33.776 lượt, đạt 96,5% kế hoạch. Công đoàn được đề nghị Tổng Liên đoàn Lao động Việt Nam khen thưởng."},
			[2]string{"Thảo luận", "Các chỉ tiêu, nhiệm vụ và giải pháp thực hiện."},
			[2]string{"Ý kiến chỉ đạo", "Chủ tịch Liên đoàn Lao động thị xã nêu định hướng năm 2022."},
		),
	})
	return System{Code: "D", Title: sync.Text{VI: "Hội nghị cán bộ, viên chức, người lao động", EN: "Staff conference of a health centre"}, Docs: b.docs}
}

// votes is a show of hands in which everybody present took part.
func votes(inFavour, against, abstain int64) sync.Object {
	all := inFavour + against + abstain
	return sync.Object{"for": inFavour, "against": against, "abstain": abstain, "invalid": int64(0), "returned": all, "issued": all}
}
