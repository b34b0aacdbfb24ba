package systems

import (
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

func membersB() []unit {
	return []unit{
		{"bvtw-thai-nguyen", "hospital", "Bệnh viện Trung ương Thái Nguyên"},
		{"bv-a", "hospital", "Bệnh viện A"},
		{"bv-c", "hospital", "Bệnh viện C"},
		{"bv-gang-thep", "hospital", "Bệnh viện Gang Thép"},
		{"bv-mat", "hospital", "Bệnh viện Mắt"},
		{"bv-phuc-hoi", "hospital", "Bệnh viện Phục hồi chức năng"},
		{"bv-lao-phoi", "hospital", "Bệnh viện Lao và Bệnh phổi"},
		{"bv-yhct", "hospital", "Bệnh viện Y học cổ truyền"},
		{"bv-tam-than", "hospital", "Bệnh viện Tâm thần Thái Nguyên"},
	}
}

func systemB() System {
	b := &builder{system: "B"}
	members := membersB()
	b.units(
		unit{"bo-y-te", "department", "Bộ Y tế"},
		unit{"so-y-te-thai-nguyen", "department", "Sở Y tế tỉnh Thái Nguyên"},
		unit{"ban-tdkt-thai-nguyen", "committee", "Ban Thi đua - Khen thưởng tỉnh Thái Nguyên"},
	)
	b.units(members...)
	// The bloc cuts across the management tree. The report only hints at it
	// (a central hospital; plans of ministry and province), so the links say so.
	b.link("bvtw-thai-nguyen", "bo-y-te", "Suy ra từ tên gọi; nguồn không nêu cơ quan quản lý.")
	for _, slug := range []string{"bv-a", "bv-c"} {
		b.link(slug, "so-y-te-thai-nguyen", "Nguồn không nêu cơ quan quản lý.")
	}
	b.org(emulation.TypeCluster, Cluster("B"), sync.Object{
		"code": "B-1", "kind": "bloc", "name": "Khối thi đua các Bệnh viện tỉnh Thái Nguyên", "supervisor": string(Unit("ban-tdkt-thai-nguyen")),
	})
	b.members("2016-01-01", members...)
	b.period("2016-1", "half_year", "6 tháng đầu năm 2016", "2016-01-01", "2016-06-30", sync.Object{
		"cluster": string(Cluster("B")), "state": "conference", "milestones": milestones(map[string]string{"report": "", "conference": "2016-07-08"}),
	})
	b.period("2016", "year", "Năm 2016", "2016-01-01", "2016-12-31", sync.Object{"cluster": string(Cluster("B")), "state": "open"})
	b.keyed(sync.Org, emulation.TypeTerm, sync.Object{"cluster": string(Cluster("B")), "year": int64(2016), "head": string(Unit("bvtw-thai-nguyen"))})
	for _, m := range members {
		b.keyed(sync.UnitDesk(Unit(m.slug)), emulation.TypeReport, sync.Object{
			"unit": string(Unit(m.slug)), "period": string(Period("B", "2016-1")), "kind": "mid_year", "cluster": string(Cluster("B")),
			"title": "Báo cáo sơ kết 6 tháng đầu năm 2016", "state": "filed",
		})
	}
	meetingB(b)
	return System{Code: "B", Title: sync.Text{VI: "Sơ kết khối thi đua các bệnh viện, 6 tháng đầu năm 2016", EN: "Mid-year review of a bloc of hospitals, 2016"}, Docs: b.docs}
}

func meetingB(b *builder) {
	scope := sync.ClusterScope(Cluster("B"))
	attendance := sync.Object{
		"province-board":    attendee("invited", "ban-tdkt-thai-nguyen", "Phó trưởng ban", 1),
		"department-leader": attendee("invited", "so-y-te-thai-nguyen", "Lãnh đạo Sở Y tế", 1),
	}
	for _, m := range membersB() {
		attendance[m.slug+"-leader"] = attendee("member", m.slug, "Lãnh đạo, chuyên viên theo dõi thi đua khen thưởng", 1)
	}
	b.add(scope, emulation.TypeMeeting, Meeting("B"), sync.Object{
		"kind": "mid_year", "title": "Hội nghị sơ kết công tác thi đua, khen thưởng 6 tháng đầu năm và triển khai nhiệm vụ 6 tháng cuối năm 2016",
		"held_on": "2016-07-08", "place": "Bệnh viện Trung ương Thái Nguyên", "host": string(Unit("bvtw-thai-nguyen")),
		"reviewed": "6 tháng đầu năm 2016", "reviewed_period": string(Period("B", "2016-1")), "target_period": string(Period("B", "2016")),
		"summoned": int64(9), "attendance": attendance, "state": "signed",
		"minutes": blocks(
			[2]string{"Kết quả", "9/9 đơn vị trong khối đã triển khai phong trào thi đua và công tác khen thưởng; giao ước được ký từ đầu năm."},
			[2]string{"Hạn chế", "Phong trào giữa các đơn vị chưa đồng đều, chưa thường xuyên, đôi khi còn hình thức."},
			[2]string{"Thảo luận", "Các đơn vị cơ bản nhất trí với báo cáo do đại diện trưởng khối trình bày."},
			[2]string{"Ý kiến chỉ đạo", "Tiếp tục phát huy thành tích, xây dựng và nhân rộng điển hình tiên tiến; các kiến nghị được ghi riêng để theo dõi."},
		),
	})
	for i, text := range []string{
		"Tổ chức hội nghị khoa học chung của khối và đưa vào quy chế thực hiện hằng năm.",
		"Xây dựng tiêu chí bình xét, chấm điểm thi đua khen thưởng bảo đảm công bằng, chính xác, khách quan.",
		"Bảo đảm tỷ lệ khen thưởng giữa cán bộ lãnh đạo, quản lý và viên chức, lao động trực tiếp theo quy định.",
	} {
		b.add(scope, emulation.TypeRecommendation, named("recommendation", "B", strconv.Itoa(i+1)), sync.Object{
			"cluster": string(Cluster("B")), "period": string(Period("B", "2016-1")), "meeting": string(Meeting("B")), "order": int64(i + 1), "text": text,
			"made_by": "Phó trưởng ban Ban Thi đua - Khen thưởng tỉnh", "carried_to": string(Period("B", "2016")), "state": "carried",
		})
	}
}
