package emulation

import "thidua/sync"

// Names of the types of meetings.
const (
	TypeMeeting        = "meeting"
	TypeRecommendation = "recommendation"
)

// meetingType is a meeting with its minutes. Attendance is keyed by person
// (role and unit, never a name), minutes by block, so that several phones in
// one hall can write at once. Ballots hold counts only, never who voted what.
func meetingType() *sync.Type {
	t := newType(TypeMeeting, "Hội nghị", "Meeting", []string{"unit", "cluster"}, false, fields{
		"kind":            required(choice("Loại hội nghị", "Kind", "year_end", "mid_year", "staff_conference", "commendation", "other")),
		"title":           required(line("Tên hội nghị", "Title")),
		"held_on":         required(date("Ngày tổ chức", "Held on")),
		"place":           line("Địa điểm", "Place"),
		"host":            id("Đơn vị đăng cai", "Host"),
		"reviewed":        line("Nội dung tổng kết", "Period reviewed, as stated"),
		"reviewed_period": id("Kỳ được tổng kết", "Period reviewed"),
		"target_period":   id("Kỳ tiếp theo", "Period planned"),
		"basis":           id("Căn cứ công văn", "Dispatch"),
		"summoned":        count("Số người được triệu tập", "Members summoned"),
		"attendance": set("Thành phần tham dự", "Attendance", group("Người dự", "Attendee", fields{
			"role":    required(choice("Tư cách", "Role", "member", "invited", "observer")),
			"unit":    id("Đơn vị", "Unit"),
			"title":   line("Chức vụ", "Title"),
			"present": required(flag("Có mặt", "Present")),
			"persons": number("Số người", "Persons (one unless stated)", 1, 100_000),
		})),
		"minutes": set("Biên bản", "Minutes", group("Đoạn biên bản", "Block", fields{
			"order":   required(order()),
			"heading": line("Đề mục", "Heading"),
			"text":    prose("Nội dung", "Text"),
		})),
		"resolutions": set("Nghị quyết", "Resolutions", group("Nghị quyết", "Resolution", fields{
			"order": order(),
			"text":  required(prose("Nội dung", "Text")),
			"votes": tally(),
		})),
		"ballots": set("Phiếu bầu", "Ballots", group("Phiếu bầu", "Ballot", fields{
			"kind":    required(choice("Việc bầu", "Kind", "head", "deputy", "award", "tie_break", "other")),
			"subject": required(line("Nội dung", "Subject")),
			"unit":    id("Đơn vị được bầu", "Unit voted on"),
			"tally":   tally(),
			"closed":  flag("Đã khóa sổ", "Closed"),
		})),
		"standings": set("Xếp hạng công bố tại hội nghị", "Standings as read out", judged(number("Thứ hạng", "Rank", 1, 10_000))),
		"addenda": set("Phụ lục", "Addenda", group("Phụ lục", "Addendum", fields{
			"on":   required(date("Ngày", "On")),
			"text": required(prose("Nội dung", "Text")),
		})),
		"distinct":     flag("Không phải bản ghi trùng", "No duplicate of another"),
		"note":         prose("Ghi chú", "Note"),
		"state_reason": prose("Lý do", "Reason"),
		"state":        state("open", "signed"),
	})
	t.Check = checkMeeting
	return t
}

// checkMeeting adds every tally up. That it does not exceed the attendance is
// asked only when the minutes are signed: until then the list of those present
// may still be on another phone.
func checkMeeting(b sync.Object) *sync.Fault {
	for _, in := range []struct{ set, tally string }{{"resolutions", "votes"}, {"ballots", "tally"}} {
		entries := obj(b, in.set)
		for _, k := range keys(entries) {
			t := obj(obj(entries, k), in.tally)
			if t != nil && !TallyOf(t).Sound() {
				return &sync.Fault{Code: CodeTallyWrong, Path: sync.Pointer("/" + in.set).Join(k).Join(in.tally)}
			}
		}
	}
	return nil
}

// recommendationType is something a review asks for, followed up until the
// year-end conference.
func recommendationType() *sync.Type {
	return newType(TypeRecommendation, "Kiến nghị", "Recommendation", []string{"cluster"}, false, fields{
		"cluster":      required(id("Cụm", "Cluster")),
		"period":       required(id("Kỳ thi đua", "Period")),
		"meeting":      id("Hội nghị", "Meeting"),
		"order":        order(),
		"text":         required(prose("Nội dung", "Text")),
		"made_by":      line("Người kiến nghị (chức vụ)", "Made by (title)"),
		"carried_to":   id("Chuyển sang kỳ", "Carried to"),
		"follow_up":    prose("Kết quả thực hiện", "Follow-up"),
		"responsible":  id("Đơn vị thực hiện", "Responsible unit"),
		"state_reason": prose("Lý do không thực hiện", "Reason"),
		"state":        state("open", "carried", "done", "declined"),
	})
}
