package emulation

import "thidua/sync"

// TypeNotice names the notice to one person.
const TypeNotice = "notice"

// noticeType is what a person is told. The server writes all of it but when it was read.
func noticeType() *sync.Type {
	return newType(TypeNotice, "Thông báo", "Notice", []string{"user"}, true, fields{
		"key":     required(server(line("Khóa", "Key"))),
		"kind":    required(server(line("Loại", "Kind"))),
		"subject": server(id("Về", "About")),
		"scope":   server(line("Phạm vi", "Scope")),
		"vi":      required(server(prose("Nội dung tiếng Việt", "Vietnamese text"))),
		"en":      required(server(prose("Nội dung tiếng Anh", "English text"))),
		"due":     server(date("Hạn", "Due")),
		"read":    field(sync.KindTime, "Đã đọc lúc", "Read at"),
	})
}
