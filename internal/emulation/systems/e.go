package systems

import (
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A row of honours as the report lists it; number 0 means that only the word is given.
type honour struct {
	kind, form, authority, stated, recipients string
	number                                    int64
	word, title                               string
}

// awardsE: the report ascribes the labour orders to the Prime Minister; by law
// the State President confers them. Both stand in the record.
func awardsE() []honour {
	return []honour{
		{"", "labour_order", "state_president", "Thủ tướng Chính phủ", "not_split", 7, "", "Huân chương Lao động các loại"},
		{"", "merit_certificate", "prime_minister", "Thủ tướng Chính phủ", "not_split", 26, "", "Bằng khen"},
		{"", "emulation_flag", "national_labour", "Tổng LĐLĐ Việt Nam", "collective", 2, "", "Cờ thi đua"},
		{"", "merit_certificate", "national_labour", "Tổng Liên đoàn Lao động Việt Nam", "collective", 7, "", "Bằng khen"},
		{"", "merit_certificate", "national_labour", "Tổng Liên đoàn Lao động Việt Nam", "individual", 9, "", "Bằng khen"},
		{"", "emulation_flag", "provincial_labour", "LĐLĐ tỉnh", "collective", 3, "", "Cờ thi đua"},
		{"", "merit_certificate", "provincial_labour", "Liên đoàn Lao động tỉnh", "collective", 12, "", "Bằng khen"},
		{"", "merit_certificate", "provincial_labour", "Liên đoàn Lao động tỉnh", "individual", 61, "", "Bằng khen"},
		{"", "commendation", "several", "Bộ Y tế, Công đoàn Y tế Việt Nam, Sở Y tế và Công đoàn ngành Y tế", "individual", 0, "hàng nghìn", "Giấy khen"},
	}
}

func handoversE() []honour {
	return []honour{
		{"award", "merit_certificate", "national_labour", "Tổng LĐLĐ Việt Nam", "not_split", 2, "", "Bằng khen"},
		{"award", "emulation_flag", "provincial_labour", "LĐLĐ tỉnh Thái Nguyên", "not_split", 2, "", "Cờ thi đua"},
		{"award", "merit_certificate", "provincial_labour", "LĐLĐ tỉnh Thái Nguyên", "not_split", 14, "", "Bằng khen"},
		{"award", "commendation", "health_union", "Công đoàn ngành", "collective", 6, "", "Giấy khen giai đoạn 2015-2020"},
		{"award", "commendation", "health_union", "Công đoàn ngành", "individual", 36, "", "Giấy khen giai đoạn 2015-2020"},
		{"prize", "prize", "unknown", "", "collective", 16, "", "Giải cuộc thi ảnh về phòng chống dịch bệnh COVID-19"},
	}
}

func systemE() System {
	b := &builder{system: "E"}
	b.units(unit{"cong-doan-y-te-thai-nguyen", "union", "Công đoàn ngành Y tế tỉnh Thái Nguyên"})
	b.period("2015-2020", "five_year", "Giai đoạn 2015-2020", "2015-01-01", "2020-12-31", nil)
	union, period := Unit("cong-doan-y-te-thai-nguyen"), string(Period("E", "2015-2020"))
	scope := sync.UnitScope(union)
	b.keyed(scope, emulation.TypeIndicator, sync.Object{
		"unit": string(union), "period": period, "code": "initiatives", "title": "Đề tài nghiên cứu khoa học, sáng kiến cải tiến kỹ thuật được nghiệm thu và triển khai",
		"measure": "đề tài, sáng kiến", "actual": int64(2761),
	})
	b.add(scope, emulation.TypeMeeting, Meeting("E"), sync.Object{
		"kind": "commendation", "title": "Hội nghị biểu dương công nhân, viên chức, lao động tiêu biểu lần thứ I, giai đoạn 2015-2020",
		"held_on": "2021-01-06", "place": "Sở Y tế tỉnh Thái Nguyên", "host": string(union), "reviewed": "Giai đoạn 2015-2020",
		"reviewed_period": period, "state": "signed",
		"minutes": blocks(
			[2]string{"Kết quả", "2.761 đề tài, sáng kiến được nghiệm thu và triển khai; các khen thưởng của giai đoạn được ghi thành từng dòng."},
			[2]string{"Trao tặng", "Các hiện vật trao tại hội nghị được ghi riêng với khen thưởng của giai đoạn."},
			[2]string{"Phát động", "Chủ tịch Công đoàn ngành Y tế phát động phong trào thi đua giai đoạn 2021-2025."},
		),
	})
	for i, a := range awardsE() {
		body := a.body()
		body["unit"], body["period"], body["state"] = string(union), period, "decided"
		b.add(scope, emulation.TypeAward, named("award", "E", strconv.Itoa(i+1)), body)
	}
	for i, h := range handoversE() {
		body := h.body()
		body["meeting"], body["kind"] = string(Meeting("E")), h.kind
		b.add(scope, emulation.TypeHandover, named("handover", "E", strconv.Itoa(i+1)), body)
	}
	return System{Code: "E", Title: sync.Text{VI: "Biểu dương giai đoạn 2015-2020 của công đoàn ngành y tế", EN: "Five-year commendation of a health union"}, Docs: b.docs}
}

func (h honour) body() sync.Object {
	o := sync.Object{"form": h.form, "authority": h.authority, "recipients": h.recipients, "title": h.title}
	if h.stated != "" {
		o["authority_stated"] = h.stated
	}
	if h.word != "" {
		o["count_text"] = h.word
	} else {
		o["count"] = h.number
	}
	return o
}
