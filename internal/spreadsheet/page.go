package spreadsheet

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// A page is one worksheet being written, from the top down, to be printed on A4.
type page struct {
	*book
	sheet  string
	widths []float64 // of its columns, in characters
	last   int       // row written last
}

// What a cell holds, beside string (text), int64 (a whole number) and nil.
type (
	hundredths int64  // of a point
	tenths     int64  // of a percent
	calendar   string // YYYY-MM-DD
	middle     string // a short text, centred
)

// page adds a worksheet with columns of these widths.
func (b *book) page(sheet string, widths ...float64) *page {
	p := &page{book: b, sheet: sheet, widths: widths}
	b.do(func() error {
		if b.sheets++; b.sheets == 1 {
			return b.file.SetSheetName("Sheet1", sheet)
		}
		_, err := b.file.NewSheet(sheet)
		return err
	})
	for i, w := range widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		b.do(func() error { return err })
		b.do(func() error { return b.file.SetColWidth(sheet, name, name, w) })
	}
	return p
}

// total is the width of all columns.
func (p *page) total() (sum float64) {
	for _, w := range p.widths {
		sum += w
	}
	return sum
}

// banner writes a line across the whole table.
func (p *page) banner(s string, l look) {
	p.last++
	l.decimals = asText
	p.spread(s, 0, len(p.widths)-1, l)
	perLine := p.total() * 0.95
	if l.large {
		perLine *= 0.72
	}
	lines := 1 + int(float64(utf8.RuneCountInString(s))/max(perLine, 1))
	height := 16.0
	if l.large {
		height = 20
	}
	p.height(height * float64(lines)) // merged cells do not grow by themselves
}

// spread writes a text over several columns of the present row.
func (p *page) spread(s string, from, to int, l look) {
	first, last := cellName(from, p.last), cellName(to, p.last)
	p.do(func() error { return p.file.SetCellStr(p.sheet, first, s) })
	p.do(func() error { return p.file.SetCellStyle(p.sheet, first, last, p.style(l)) })
	if from != to {
		p.do(func() error { return p.file.MergeCell(p.sheet, first, last) })
	}
}

func (p *page) height(points float64) {
	p.do(func() error { return p.file.SetRowHeight(p.sheet, p.last, points) })
}

// head writes the headings; rows from the first heading to here repeat on
// every printed page, and these and the first columns stay on the screen.
func (p *page) head(titles []string, frozen int) {
	p.last++
	lines := 1
	for i, t := range titles {
		p.spread(t, i, i, look{decimals: asText, bold: true, filled: true, boxed: true, centred: true})
		lines = max(lines, linesOf(t, p.widths[i]-1))
	}
	p.height(16 * float64(lines))
	name := &excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(p.sheet, "'", "''"), p.last, p.last), Scope: p.sheet,
	}
	p.do(func() error { return p.file.SetDefinedName(name) })
	p.do(func() error {
		return p.file.SetPanes(p.sheet, &excelize.Panes{
			Freeze: true, XSplit: frozen, YSplit: p.last, TopLeftCell: cellName(frozen, p.last+1), ActivePane: "bottomRight",
		})
	})
}

// linesOf estimates how many lines a text takes in a width. Letters of the
// reports' font are narrower than the figure that widths are counted in.
func linesOf(s string, width float64) int {
	lines := 0
	for _, line := range strings.Split(s, "\n") {
		lines++
		used := 0.0
		for _, word := range strings.Fields(line) {
			n := 0.85 * float64(utf8.RuneCountInString(word))
			if used > 0 && used+0.5+n > width {
				lines, used = lines+1, 0
			}
			used += 0.5 + n
		}
	}
	return lines
}

// row writes a boxed row; bold ones are sums and sections. Not every program
// makes a row as high as what wraps in it, so it is said here.
func (p *page) row(bold bool, cells ...any) {
	p.last++
	lines := 1
	for i, v := range cells {
		p.cell(i, v, look{bold: bold, filled: bold, boxed: true})
		if s, ok := v.(string); ok && i < len(p.widths) {
			lines = max(lines, linesOf(s, p.widths[i]-1))
		}
	}
	if lines > 1 {
		p.height(15 * float64(min(lines, 25)))
	}
}

// cell writes one value into the present row.
func (p *page) cell(col int, v any, l look) {
	at := cellName(col, p.last)
	set := func() error { return nil }
	l.decimals = asText
	switch v := v.(type) {
	case string:
		set = func() error { return p.file.SetCellStr(p.sheet, at, v) }
	case middle:
		l.centred = true
		set = func() error { return p.file.SetCellStr(p.sheet, at, string(v)) }
	case int64:
		l.centred, l.decimals = true, 0
		set = func() error { return p.file.SetCellInt(p.sheet, at, v) }
	case hundredths:
		l.centred, l.decimals = true, decimals(int64(v))
		set = func() error { return p.file.SetCellFloat(p.sheet, at, float64(v)/100, -1, 64) }
	case tenths:
		l.centred, l.decimals = true, 1
		set = func() error { return p.file.SetCellFloat(p.sheet, at, float64(v)/10, -1, 64) }
	case calendar:
		l.centred = true
		t, err := time.Parse(dayLayout, string(v))
		serial := t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
		if err != nil || serial < firstSerial {
			text := string(v)
			if err == nil {
				text = t.Format("02/01/2006")
			}
			set = func() error { return p.file.SetCellStr(p.sheet, at, text) }
			break
		}
		l.decimals = asDay
		set = func() error { return p.file.SetCellInt(p.sheet, at, int64(serial)) }
	}
	p.do(set)
	p.do(func() error { return p.file.SetCellStyle(p.sheet, at, at, p.style(l)) })
}

// decimals is how many a number of hundredths needs.
func decimals(n int64) int {
	switch {
	case n%100 == 0:
		return 0
	case n%10 == 0:
		return 1
	}
	return 2
}

// Widths in characters that fit A4 at full size, upright.
const uprightWidth = 95

// finish sets the page up for printing: A4, across where it is wide, as wide
// as the paper, with what it is about above and the page number below.
func (p *page) finish(left, right, day string) {
	orientation := "portrait"
	if p.total() > uprightWidth {
		orientation = "landscape"
	}
	a4, wide, tall, fit := 9, 1, 0, true
	p.do(func() error { return p.file.SetSheetProps(p.sheet, &excelize.SheetPropsOptions{FitToPage: &fit}) })
	p.do(func() error {
		return p.file.SetPageLayout(p.sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall})
	})
	side, top, edge, centred := 0.5, 0.75, 0.3, true
	p.do(func() error {
		return p.file.SetPageMargins(p.sheet, &excelize.PageLayoutMarginsOptions{
			Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge, Horizontally: &centred,
		})
	})
	font := `&"` + fontName + `,Regular"&9`
	p.do(func() error {
		return p.file.SetHeaderFooter(p.sheet, &excelize.HeaderFooterOptions{
			OddHeader: "&L" + font + margin(left) + "&R" + font + margin(right),
			OddFooter: "&L" + font + "Ngày in:" + margin(day) + "&R" + font + "Trang &P/&N",
		})
	})
}

// margin makes a text fit for the margin, where "&" is a command and there is
// room for 255 characters in all. A digit after the size of the font would
// belong to it, hence the space.
func margin(s string) string {
	if short := []rune(s); len(short) > 60 {
		s = string(short[:59]) + "…"
	}
	return " " + strings.ReplaceAll(s, "&", "&&")
}
