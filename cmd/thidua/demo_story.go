package main

import (
	"context"
	"fmt"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/sync"
)

// An entry is something somebody records: a place in a document and what it becomes.
type entry struct {
	phone int
	doc   string // "meeting" or "sheet"
	path  sync.Pointer
	value sync.Value
	told  string
}

// story is what happens in the hall while nobody has signal. Points are hundredths.
func story() []entry {
	secretary := sync.Object{"role": "member", "title": "Thư ký hội nghị", "present": true, "unit": string(systems.Unit("tho-xuan"))}
	clerk := sync.Object{"role": "member", "title": "Cán bộ phụ trách thi đua", "present": true, "unit": string(systems.Unit("yen-dinh"))}
	votes := sync.Object{
		"text":  "Thông qua báo cáo tổng kết năm 2022.",
		"votes": sync.Object{"issued": int64(8), "returned": int64(8), "for": int64(8), "against": int64(0), "abstain": int64(0), "invalid": int64(0)},
	}
	return []entry{
		// Different fields of one meeting, on different phones.
		{0, "meeting", "/place", "Hội trường Bệnh viện Đa khoa Thọ Xuân", "sửa địa điểm"},
		{3, "meeting", "/reviewed", "Năm 2022 và phương hướng 2023", "sửa nội dung tổng kết"},
		// The attendance list, extended on two phones.
		{0, "meeting", "/attendance/tho-xuan-secretary", secretary, "thêm người dự"},
		{2, "meeting", "/attendance/yen-dinh-clerk", clerk, "thêm người dự"},
		// The same block of the minutes, written differently.
		{0, "meeting", "/minutes/b3/text", "Lãnh đạo các đơn vị nêu tồn tại, nguyên nhân và trao đổi kinh nghiệm phòng, chống dịch.", "ghi biên bản, mục Thảo luận"},
		{2, "meeting", "/minutes/b3/text", "Lãnh đạo tám đơn vị nêu tồn tại, nguyên nhân và trao đổi kinh nghiệm.", "ghi biên bản, mục Thảo luận"},
		{7, "meeting", "/resolutions/r1", votes, "ghi nghị quyết và kết quả biểu quyết"},
		// The same criterion, scored differently by two people of one unit.
		{0, "sheet", "/entries/I-1/self", int64(2900), "tự chấm I.1: 29"},
		{1, "sheet", "/entries/I-1/self", int64(2980), "tự chấm I.1: 29,8"},
		// Scored equally: no conflict.
		{0, "sheet", "/entries/III-2/self", int64(950), "tự chấm III.2: 9,5"},
		{1, "sheet", "/entries/III-2/self", int64(950), "tự chấm III.2: 9,5"},
		// A score changes on one phone; the other submits without having seen it.
		{2, "sheet", "/entries/II-1/self", int64(900), "tự chấm II.1: 9"},
		{3, "sheet", "/state", "submitted", "nộp bảng điểm"},
		// A clean submission.
		{4, "sheet", "/entries/II-2/bonus", int64(350), "điểm thưởng II.2: 3,5"},
		// A unit catches up.
		{5, "sheet", "/entries/I-1/self", int64(2950), "tự chấm I.1: 29,5"},
		{5, "sheet", "/entries/I-2/self", int64(2950), "tự chấm I.2: 29,5"},
		{6, "sheet", "/entries/III-1/self", int64(950), "tự chấm III.1: 9,5"},
		{6, "sheet", "/entries/III-2/self", int64(900), "tự chấm III.2: 9"},
		{7, "sheet", "/entries/I-2/reason", "Giao bổ sung nhiệm vụ tiêm chủng.", "ghi lý do I.2"},
	}
}

// record lets everybody write without signal.
func (d *demonstration) record(context.Context) error {
	for _, p := range d.phones {
		p.radio.set(func(r *radio) { r.offline = true })
	}
	for _, e := range story() {
		p := d.phones[e.phone]
		if err := p.write(e); err != nil {
			return fmt.Errorf("%s, %s: %w", p.name, e.told, err)
		}
		p.edits++
		d.result.Phones.OfflineEdits++
		fmt.Fprintf(d.out, "  %-22s %s\n", p.name, e.told)
	}
	return nil
}

// write records an entry on a phone.
func (p *phone) write(e entry) error {
	scope, doc := sync.ClusterScope(systems.Cluster("A")), systems.Meeting("A")
	if e.doc == "sheet" {
		scope, doc = sync.UnitDesk(systems.Unit(p.unit)), emulation.SheetID(systems.Unit(p.unit), systems.Period("A", "2022"))
	}
	change := func(body sync.Object) sync.Object { return sync.Set(body, e.path, e.value) }
	if e.path == "/state" {
		return p.client.Transition(scope, doc, change)
	}
	return p.client.Update(scope, doc, change)
}
