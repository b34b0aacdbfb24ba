package systems

import (
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// membersC: the report speaks of twelve centres and names one; the others go by number.
func membersC() []unit {
	units := []unit{{"lai-vung", "health_center", "Trung tâm Y tế huyện Lai Vung"}}
	for i := 2; i <= 12; i++ {
		n := strconv.Itoa(i)
		units = append(units, unit{"c-" + n, "health_center", "Đơn vị thành viên " + n})
	}
	return units
}

func systemC() System {
	b := &builder{system: "C"}
	members := membersC()
	b.units(unit{"so-y-te-dong-thap", "department", "Sở Y tế Đồng Tháp"})
	b.units(members...)
	b.org(emulation.TypeCluster, Cluster("C"), sync.Object{
		"code": "C-1", "kind": "bloc", "name": "Khối thi đua Trung tâm Y tế huyện, thành phố", "supervisor": string(Unit("so-y-te-dong-thap")),
		"note": "Nguồn chỉ nêu tên một trong 12 đơn vị; các đơn vị khác ghi theo số.",
	})
	b.members("2021-01-01", members...)
	b.org(emulation.TypeDispatch, Dispatch(), sync.Object{
		"number": "4797/SYT-TCCB", "date": "2021-10-30", "issuer": string(Unit("so-y-te-dong-thap")), "cluster": string(Cluster("C")),
		"subject": "Tổng kết công tác thi đua, khen thưởng năm 2021",
	})
	b.period("2021", "year", "Năm 2021", "2021-01-01", "2021-12-31", sync.Object{
		"cluster": string(Cluster("C")), "state": "conference",
	})
	b.period("2022", "year", "Năm 2022", "2022-01-01", "2022-12-31", sync.Object{
		"cluster": string(Cluster("C")), "milestones": milestones(map[string]string{"pledge": "2021-11-30"}),
	})
	b.term(2022, sync.Object{"note": "Nguồn nói đến khối trưởng, khối phó mới nhưng không nêu đơn vị."})
	for _, m := range members {
		b.keyed(sync.UnitDesk(Unit(m.slug)), emulation.TypePledge, sync.Object{
			"unit": string(Unit(m.slug)), "period": string(Period("C", "2022")), "cluster": string(Cluster("C")), "state": "signed",
			"signatures": sync.Object{"leader": sync.Object{"title": "Đại diện lãnh đạo đơn vị", "on": "2021-11-30"}},
		})
	}
	meetingC(b)
	return System{Code: "C", Title: sync.Text{VI: "Tổng kết khối thi đua Trung tâm Y tế theo công văn, năm 2021", EN: "Year-end review of a bloc of health centres by dispatch, 2021"}, Docs: b.docs}
}

func meetingC(b *builder) {
	scope := sync.ClusterScope(Cluster("C"))
	attendance := sync.Object{"department-personnel": attendee("invited", "so-y-te-dong-thap", "Phó phòng Tổ chức cán bộ", 1)}
	for _, m := range membersC() {
		attendance[m.slug+"-leader"] = attendee("member", m.slug, "Đại diện lãnh đạo đơn vị", 1)
	}
	b.add(scope, emulation.TypeMeeting, Meeting("C"), sync.Object{
		"kind": "year_end", "title": "Hội nghị tổng kết khối thi đua Trung tâm Y tế huyện, thành phố năm 2021", "held_on": "2021-11-30",
		"place": "Hội trường Trung tâm Y tế huyện Lai Vung", "host": string(Unit("lai-vung")), "reviewed": "Năm 2021",
		"reviewed_period": string(Period("C", "2021")), "target_period": string(Period("C", "2022")), "basis": string(Dispatch()),
		"summoned": int64(12), "attendance": attendance, "state": "signed",
		"resolutions": sync.Object{"report": sync.Object{"order": int64(1), "text": "Thông qua báo cáo tổng kết khối thi đua năm 2021."}},
		"minutes": blocks(
			[2]string{"Báo cáo", "Hội nghị thông qua báo cáo tổng kết năm 2021, đánh giá thành tích và khó khăn do dịch bệnh."},
			[2]string{"Thảo luận", "Các đại biểu đề nghị có giải pháp thích ứng với tình hình dịch bệnh."},
			[2]string{"Giao ước", "Tặng cờ và hoa cho khối trưởng, khối phó mới năm 2022; ký giao ước và phát động phong trào thi đua năm 2022."},
		),
	})
	// A flag that goes with the office is handed over, not awarded.
	for _, h := range []struct{ kind, title string }{{"headship_flag", "Tặng cờ cho khối trưởng, khối phó mới năm 2022"}, {"flowers", "Trao hoa cho khối trưởng, khối phó mới năm 2022"}} {
		b.add(scope, emulation.TypeHandover, named("handover", "C", h.kind), sync.Object{
			"meeting": string(Meeting("C")), "kind": h.kind, "recipients": "collective", "count_text": "không ghi số lượng", "title": h.title,
		})
	}
}
