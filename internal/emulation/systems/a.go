package systems

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

func membersA() []unit {
	return []unit{
		{"tho-xuan", "hospital", "BVĐK huyện Thọ Xuân"},
		{"trieu-son", "hospital", "BVĐK huyện Triệu Sơn"},
		{"nong-cong", "hospital", "BVĐK huyện Nông Cống"},
		{"thieu-hoa", "hospital", "BVĐK huyện Thiệu Hóa"},
		{"yen-dinh", "hospital", "BVĐK huyện Yên Định"},
		{"tp-thanh-hoa", "hospital", "BVĐK Thành Phố Thanh Hóa"},
		{"dong-son", "hospital", "BVĐK huyện Đông Sơn"},
		{"vinh-loc", "hospital", "BVĐK huyện Vĩnh Lộc"},
	}
}

func systemA() System {
	b := &builder{system: "A"}
	members := membersA()
	b.units(unit{"so-y-te-thanh-hoa", "department", "Sở Y tế Thanh Hóa"})
	b.units(members...)
	for _, m := range members {
		b.link(m.slug, "so-y-te-thanh-hoa", "")
	}
	b.org(emulation.TypeCluster, Cluster("A"), sync.Object{
		"code": "A-6", "kind": "cluster", "number": int64(6), "name": "Cụm thi đua số 6", "supervisor": string(Unit("so-y-te-thanh-hoa")),
	})
	b.members("2022-01-01", members...)
	criteriaA(b)
	b.period("2022", "year", "Năm 2022", "2022-01-01", "2022-12-31", sync.Object{
		"cluster": string(Cluster("A")), "criteria": string(Criteria()), "state": "conference",
		"milestones": milestones(map[string]string{"registration": "", "sheet": "", "conference": "2022-12-16"}),
	})
	b.period("2023", "year", "Năm 2023", "2023-01-01", "2023-12-31", sync.Object{"cluster": string(Cluster("A"))})
	b.term(2023, sync.Object{"head": string(Unit("yen-dinh")), "deputy": string(Unit("vinh-loc"))})
	for _, m := range members {
		b.keyed(sync.UnitDesk(Unit(m.slug)), emulation.TypeRegistration, sync.Object{
			"unit": string(Unit(m.slug)), "period": string(Period("A", "2022")), "cluster": string(Cluster("A")), "state": "registered",
		})
	}
	sheetsA(b)
	movementsA(b)
	meetingA(b)
	// The ranking and the proposal stand in one sentence of the report, which
	// can be read in two ways; they are two records, and the proposal says so.
	b.add(sync.ClusterDesk(Cluster("A")), emulation.TypeAward, named("award", "A", "flag"), sync.Object{
		"period": string(Period("A", "2022")), "cluster": string(Cluster("A")), "unit": string(Unit("thieu-hoa")), "meeting": string(Meeting("A")),
		"form": "emulation_flag", "authority": "provincial_committee", "authority_stated": "UBND tỉnh", "recipients": "collective", "count": int64(1),
		"title": "Đề nghị tặng cờ thi đua của UBND tỉnh", "state": "proposed",
		"note": "Nguồn nêu đơn vị xếp nhất và đơn vị được đề nghị tặng cờ trong cùng một câu; cũng có thể hiểu cờ được đề nghị cho cả hai. Ghi riêng với xếp hạng.",
	})
	return System{Code: "A", Title: sync.Text{VI: "Tổng kết cụm thi đua số 6, năm 2022", EN: "Year-end review of cluster 6, 2022"}, Docs: b.docs}
}

func movementsA(b *builder) {
	for i, title := range []string{
		"Đổi mới - Năng động - Sáng tạo - Hiệu quả vì sức khoẻ nhân dân",
		"Đổi mới phong cách, thái độ phục vụ của cán bộ y tế hướng tới sự hài lòng của người bệnh",
		"Xây dựng cơ sở y tế Xanh - Sạch - Đẹp",
		"Cán bộ, công chức, viên chức thi đua thực hiện văn hóa công sở",
		"Lập thành tích chào mừng các ngày lễ lớn của đất nước",
	} {
		b.add(sync.ClusterScope(Cluster("A")), emulation.TypeMovement, named("movement", "A", string(rune('1'+i))), sync.Object{
			"title": title, "period": string(Period("A", "2022")),
		})
	}
}

// meetingA leaves the minutes open, as they are while people still write.
func meetingA(b *builder) {
	attendance := sync.Object{"department-finance": attendee("invited", "so-y-te-thanh-hoa", "Trưởng phòng Kế hoạch - Tài chính", 1)}
	for _, m := range membersA() {
		attendance[m.slug+"-leader"] = attendee("member", m.slug, "Đại diện lãnh đạo đơn vị", 1)
	}
	b.add(sync.ClusterScope(Cluster("A")), emulation.TypeMeeting, Meeting("A"), sync.Object{
		"kind": "year_end", "title": "Hội nghị tổng kết công tác thi đua, khen thưởng năm 2022, phương hướng nhiệm vụ năm 2023",
		"held_on": "2022-12-16", "place": "Bệnh viện Đa khoa Thọ Xuân", "host": string(Unit("tho-xuan")), "reviewed": "Năm 2022",
		"reviewed_period": string(Period("A", "2022")), "target_period": string(Period("A", "2023")), "summoned": int64(8),
		"attendance": attendance,
		"standings":  sync.Object{string(Unit("tho-xuan")): int64(1)},
		"minutes": blocks(
			[2]string{"Khai mạc", "Giám đốc BVĐK Thọ Xuân khai mạc hội nghị."},
			[2]string{"Báo cáo tổng kết", "Phó giám đốc BVĐK Thọ Xuân thay mặt cụm báo cáo tổng kết năm 2022 và phương hướng năm 2023. 100% đơn vị trong cụm đã đăng ký thi đua với Sở Y tế."},
			[2]string{"Thảo luận", "Lãnh đạo các đơn vị nêu tồn tại, nguyên nhân và trao đổi kinh nghiệm."},
			[2]string{"Ý kiến chỉ đạo", "Trưởng phòng KHTC Sở Y tế ghi nhận kết quả năm 2022, đề nghị gắn phong trào với nhiệm vụ trọng tâm của mỗi đơn vị."},
			[2]string{"Bình xét", "Xếp nhất cụm: BVĐK huyện Thọ Xuân. Đề nghị tặng cờ thi đua của UBND tỉnh: BVĐK huyện Thiệu Hóa."},
			[2]string{"Bầu trưởng, phó cụm năm 2023", "Trưởng cụm: BVĐK huyện Yên Định. Phó cụm: BVĐK huyện Vĩnh Lộc."},
		),
	})
}
