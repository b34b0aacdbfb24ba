package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"thidua/sync"
)

// Documents like those people write: meetings of 3 to 8 KB with an attendance
// list, minutes and resolutions, in Vietnamese, from a seed.

const seed = 20211130

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

const vocabulary = `bệnh viện đơn vị thi đua khen thưởng năm kế hoạch nhiệm vụ hội nghị báo cáo tổng kết phương hướng cán bộ viên chức người lao động
phong trào chất lượng khám chữa điều trị bệnh nhân hài lòng phục vụ thái độ chuyên môn kỹ thuật sáng kiến cải tiến đề tài nghiên cứu khoa học đào tạo
tập thể cá nhân xuất sắc tiêu biểu điển hình tiên tiến nhân rộng biểu dương kịp thời công khai minh bạch dân chủ quy chế giám sát kiểm tra đánh giá
thực hiện hoàn thành đạt vượt chỉ tiêu tăng cường đổi mới nâng cao xây dựng phát động triển khai hiệu quả phòng chống dịch tiêm chủng trạm y tế xã phường
trung tâm cụm khối trưởng phó thành viên đại biểu thảo luận nhất trí thông qua nghị quyết biểu quyết đề nghị ủy ban nhân dân tỉnh sở bộ ngành công đoàn`

func sentence(r *rand.Rand, words int) string {
	all := strings.Fields(vocabulary)
	picked := make([]string, words)
	for i := range picked {
		picked[i] = all[r.IntN(len(all))]
	}
	text := []rune(strings.Join(picked, " ") + ".")
	text[0] = unicode.ToUpper(text[0])
	return string(text)
}

// meeting returns a body whose canonical text is between 3 and 8 KB.
func meeting(r *rand.Rand) sync.Object {
	attendance := sync.Object{}
	for i := range 12 + r.IntN(12) {
		attendance[fmt.Sprintf("p%02d", i)] = sync.Object{"role": "member", "present": r.IntN(8) > 0, "title": sentence(r, 3), "persons": int64(1 + r.IntN(9))}
	}
	body := sync.Object{
		"kind": "staff_conference", "title": sentence(r, 9), "held_on": fmt.Sprintf("2021-12-%02d", 1+r.IntN(28)),
		"place": sentence(r, 5), "summoned": int64(20 + r.IntN(200)), "attendance": attendance,
	}
	minutes := sync.Object{}
	want := 3200 + r.IntN(4400)
	for i := 1; len(sync.Canonical(body)) < want; i++ {
		minutes[fmt.Sprintf("b%d", i)] = sync.Object{"order": int64(i), "heading": sentence(r, 4), "text": sentence(r, 40)}
		body["minutes"] = minutes
	}
	return body
}

// change returns a body with one field changed: most are figures and ticks,
// some a short text, as on a day of a meeting.
func change(r *rand.Rand, body sync.Object) (sync.Pointer, sync.Value) {
	p := sync.Pointer(fmt.Sprintf("/attendance/p%02d", r.IntN(12)))
	switch r.IntN(4) {
	case 0:
		present, _ := sync.Get(body, p.Join("present")).(bool)
		return p.Join("present"), !present
	case 1:
		return "/summoned", int64(300 + r.IntN(600))
	case 2:
		return p.Join("title"), sentence(r, 2)
	}
	return p.Join("persons"), int64(10 + r.IntN(90))
}

// mergePatch puts a value into a nested JSON merge patch (RFC 7396) of
// documents by identifier: the least that says what has changed.
func mergePatch(into sync.Object, doc sync.DocID, p sync.Pointer, v sync.Value) {
	at := into
	for _, k := range append([]string{string(doc)}, p.Keys()[:len(p.Keys())-1]...) {
		next, _ := at[k].(sync.Object)
		if next == nil {
			next = sync.Object{}
			at[k] = next
		}
		at = next
	}
	at[p.Keys()[len(p.Keys())-1]] = v
}
