package spreadsheet

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// A book is a workbook being written. It keeps the first error; what follows
// does nothing.
type book struct {
	file   *excelize.File
	styles map[look]int
	sheets int
	err    error
}

func newBook() *book { return &book{file: excelize.NewFile(), styles: map[look]int{}} }

// do runs a step unless an earlier one failed.
func (b *book) do(step func() error) {
	if b.err == nil {
		b.err = step()
	}
}

// write finishes the workbook.
func (b *book) write(w io.Writer) error {
	b.do(func() error { return b.file.Write(w) })
	if err := errors.Join(b.err, b.file.Close()); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// A look is how a cell appears. Decimals are those of a number; -1 is text, -2 a day.
type look struct {
	decimals int
	bold     bool
	italic   bool
	large    bool
	filled   bool
	boxed    bool
	centred  bool
}

const (
	asText = -1
	asDay  = -2
)

// Formats name the language, so that a program set to another one, if it can,
// still writes 33.776 and 96,5; 49 is the format that keeps what begins with
// "=" from becoming a formula when somebody edits the cell.
const (
	formatText = 49
	formatDay  = "dd/mm/yyyy"
	vietnamese = "[$-42A]"
	fontName   = "Times New Roman"
	boxColour  = "808080"
	headColour = "E7EEF7"
)

// style returns the number of a look in the workbook.
func (b *book) style(l look) int {
	if id, ok := b.styles[l]; ok {
		return id
	}
	size := 11.0
	if l.large {
		size = 14
	}
	s := &excelize.Style{
		Font:      &excelize.Font{Family: fontName, Size: size, Bold: l.bold, Italic: l.italic},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	}
	switch {
	case l.centred:
		s.Alignment.Horizontal = "center"
	case l.boxed:
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1 // clear of the border
	}
	if l.filled {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{headColour}}
	}
	if l.boxed {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			s.Border = append(s.Border, excelize.Border{Type: side, Color: boxColour, Style: 1})
		}
	}
	switch format := vietnamese + "#,##0"; l.decimals {
	case asText:
		s.NumFmt = formatText
	case asDay:
		format = formatDay
		s.CustomNumFmt = &format
	default:
		if l.decimals > 0 {
			format += "." + "00"[:l.decimals]
		}
		s.CustomNumFmt = &format
	}
	id := 0
	b.do(func() (err error) { id, err = b.file.NewStyle(s); return err })
	b.styles[l] = id
	return id
}
