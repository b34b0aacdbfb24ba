package spreadsheet

import (
	"fmt"

	"thidua/internal/emulation"
	"thidua/sync"
)

// Codes of problems that only a workbook can have; others are those of the
// engine (required, too_long, …) and of the domain (sums_differ, span_reversed, …).
const (
	CodeColumnMissing sync.Code = "column_missing"      // the form lacks a heading it needs
	CodeColumnUnknown sync.Code = "column_unknown"      // a heading the form does not have
	CodeColumnTwice   sync.Code = "column_twice"        // the same heading again
	CodeTooManyRows   sync.Code = "too_many_rows"       // more than MaxRows
	CodeBadDate       sync.Code = "bad_date"            // no day of the calendar
	CodeBadNumber     sync.Code = "bad_number"          // no number, or one that can be read in two ways
	CodeBadChoice     sync.Code = "bad_choice"          // none of the choices
	CodeBadCode       sync.Code = "bad_code"            // a code of a section or criterion that cannot be a key
	CodeDuplicate     sync.Code = "duplicate"           // said before, in another row
	CodeContradicts   sync.Code = "contradicts"         // another row says otherwise about the same thing
	CodeUnknownCode   sync.Code = "unknown_code"        // refers to what is neither stored nor in the workbook
	CodeFaultyRef     sync.Code = "faulty_reference"    // refers to a row that cannot be imported
	CodeBadLogin      sync.Code = "bad_login"           // no login
	CodeNoSubject     sync.Code = "subject_superfluous" // a role that has no unit or cluster
)

// A Problem is one thing that keeps a sheet from being imported. Value is what
// the cell holds, shortened.
type Problem struct {
	Sheet string
	Cell  string // "C7"
	Code  sync.Code
	Value string
	Text  sync.Text
}

// String returns the problem as people read it: place, sentence in both languages, code.
func (p Problem) String() string {
	value := ""
	if p.Value != "" {
		value = fmt.Sprintf(" «%s»", p.Value)
	}
	return fmt.Sprintf("%s!%s:%s %s / %s [%s]", p.Sheet, p.Cell, value, p.Text.VI, p.Text.EN, p.Code)
}

// sentence returns what people read for a code.
func (r *reader) sentence(code sync.Code) sync.Text {
	if t, ok := r.sentences[code]; ok {
		return t
	}
	if t, ok := r.domain.Message(code); ok {
		return t
	}
	return sync.Text{VI: "Ô này không hợp lệ.", EN: "This cell is not valid."}
}

func sentences() map[sync.Code]sync.Text {
	return map[sync.Code]sync.Text{
		sync.CodeRequired:        {VI: "Ô này bắt buộc phải có.", EN: "This cell must be filled in."},
		sync.CodeTooLong:         {VI: "Nội dung quá dài.", EN: "The text is too long."},
		sync.CodeTooMany:         {VI: "Quá nhiều mục.", EN: "Too many entries."},
		sync.CodeOutOfRange:      {VI: "Số nằm ngoài giới hạn cho phép.", EN: "The number is out of range."},
		sync.CodeBadFormat:       {VI: "Ô này chỉ được ghi một dòng.", EN: "This cell takes one line only."},
		sync.CodeBodyLarge:       {VI: "Văn bản vượt quá 64 KB.", EN: "The document exceeds 64 KB."},
		CodeColumnMissing:        {VI: "Thiếu cột bắt buộc.", EN: "A required column is missing."},
		CodeColumnUnknown:        {VI: "Biểu mẫu không có cột này.", EN: "The form has no such column."},
		CodeColumnTwice:          {VI: "Cột này đã có ở bên trái.", EN: "This column stands further left already."},
		CodeTooManyRows:          {VI: "Trang có quá 20.000 dòng.", EN: "The sheet has more than 20,000 rows."},
		CodeBadDate:              {VI: "Không phải ngày dạng dd/mm/yyyy.", EN: "Not a date such as 31/12/2026."},
		CodeBadNumber:            {VI: "Không đọc được số, hoặc có thể hiểu theo hai cách; hãy ghi như 7,5 hoặc 1000.", EN: "Not a number, or one that reads in two ways; write 7,5 or 1000."},
		CodeBadChoice:            {VI: "Không có trong các lựa chọn.", EN: "Not one of the choices."},
		CodeBadCode:              {VI: "Mã chỉ gồm chữ cái không dấu, chữ số và dấu chấm, bắt đầu bằng chữ hoặc số.", EN: "A code is letters without marks, digits and dots, beginning with a letter or digit."},
		CodeDuplicate:            {VI: "Đã có ở dòng trên.", EN: "An earlier row says this already."},
		CodeContradicts:          {VI: "Khác với dòng trên của cùng mã.", EN: "Differs from an earlier row of the same code."},
		CodeUnknownCode:          {VI: "Không tìm thấy mã này trong dữ liệu cũng như trong tệp.", EN: "Nothing stored and no row of the workbook has this code."},
		CodeFaultyRef:            {VI: "Mã này nằm trong trang còn lỗi nên chưa nhập được.", EN: "The sheet that has this code has problems and cannot be imported."},
		CodeBadLogin:             {VI: "Tên đăng nhập gồm tối đa 64 byte, không có dấu cách.", EN: "A login is at most 64 bytes without spaces."},
		CodeNoSubject:            {VI: "Vai trò này không gắn với đơn vị hay cụm.", EN: "This role has no unit or cluster."},
		emulation.CodeSumsDiffer: {VI: "Tổng điểm tối đa của các tiêu chí hoặc các mục không bằng số này.", EN: "The maxima of its criteria or sections do not add up to this."},
	}
}
