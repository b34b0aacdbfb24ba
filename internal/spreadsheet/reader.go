package spreadsheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"thidua/internal/emulation"
	"thidua/sync"
)

// Bounds of what is read.
const (
	MaxFile    = 10 << 20 // bytes of a workbook
	MaxRows    = 20_000   // of one sheet, under its headings
	maxUnzip   = 64 << 20 // bytes of all its parts
	maxColumns = 64       // of a row; what stands further right belongs to no form
	maxHeading = 12       // rows in which the headings are looked for
)

// Errors of Read as a whole.
var (
	// ErrTooLarge: the file, or what is packed into it, exceeds the bounds.
	ErrTooLarge = errors.New("the workbook is too large: at most 10 MiB")
	// ErrNoForm: no worksheet bears the name of a form.
	ErrNoForm = errors.New("no worksheet has the name of a form, such as " + sheetUnits)
)

// A reader goes through one workbook.
type reader struct {
	file      *excelize.File
	from1904  bool
	domain    *emulation.Domain
	numerals  numerals
	sentences map[sync.Code]sync.Text
	problems  []Problem
}

// A row of a form: the values that stand in it by key, and its place.
type row struct {
	number int
	values sync.Object
	places map[string]string // key → cell; of all columns there are
	raw    map[string]string
}

func (w row) str(key string) string { s, _ := w.values[key].(string); return s }

// open reads a workbook into memory within bounds.
func open(in io.Reader) (*reader, error) {
	raw, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	if len(raw) > MaxFile {
		return nil, ErrTooLarge
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip, RawCellValue: true})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") { // the library has no value for it
			return nil, fmt.Errorf("%w (%w)", ErrTooLarge, err)
		}
		return nil, fmt.Errorf("not an .xlsx workbook: %w", err)
	}
	r := &reader{file: f, domain: emulation.New(), numerals: newNumerals(), sentences: sentences()}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		r.from1904 = *props.Date1904
	}
	return r, nil
}

func (r *reader) problem(sheet, cell string, code sync.Code, value string) {
	if short := []rune(value); len(short) > 40 {
		value = string(short[:40]) + "…"
	}
	r.problems = append(r.problems, Problem{Sheet: sheet, Cell: cell, Code: code, Value: value, Text: r.sentence(code)})
}

// at reports a problem with what stands in a column of a row.
func (r *reader) at(f form, w row, key string, code sync.Code) {
	cell := w.places[key]
	if cell == "" {
		cell = cellName(0, w.number)
	}
	r.problem(f.sheet, cell, code, w.raw[key])
}

// sheetOf returns the name of the worksheet that is a form, "" if there is none.
func (r *reader) sheetOf(f form) string {
	for _, name := range r.file.GetSheetList() {
		if fold(name) == fold(f.sheet) {
			return name
		}
	}
	return ""
}

// rows reads a form. Every cell is checked by itself; a row with a faulty cell
// comes back without that value.
func (r *reader) rows(f form) (all []row, err error) {
	name := r.sheetOf(f)
	if name == "" {
		return nil, nil
	}
	lines, err := r.file.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("read sheet %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	var heads []*column
	read := 0
	for number := 1; lines.Next(); number++ {
		cells, err := lines.Columns()
		if err != nil {
			return nil, fmt.Errorf("read sheet %s, row %d: %w", name, number, err)
		}
		cells = cells[:min(len(cells), maxColumns)]
		switch {
		case heads == nil && isHeading(f, cells):
			heads = r.headings(f, cells, number)
		case heads == nil && number >= maxHeading, blank(cells):
		case heads != nil:
			if read++; read > MaxRows {
				r.problem(f.sheet, cellName(0, number), CodeTooManyRows, "")
				return all, nil
			}
			all = append(all, r.row(f, heads, cells, number))
		}
	}
	if heads == nil {
		r.problem(f.sheet, "A1", CodeColumnMissing, f.columns[0].title)
	}
	return all, lines.Error()
}

func blank(cells []string) bool {
	for _, c := range cells {
		if clean(c) != "" {
			return false
		}
	}
	return true
}

// isHeading reports whether a row holds the heading of the form's first column.
func isHeading(f form, cells []string) bool {
	for _, c := range cells {
		if fold(c) == fold(f.columns[0].title) {
			return true
		}
	}
	return false
}

// headings returns the column that stands at each place; those of no column are nil.
func (r *reader) headings(f form, cells []string, number int) []*column {
	heads := make([]*column, len(cells))
	found := map[string]bool{}
	for i, c := range cells {
		if clean(c) == "" {
			continue
		}
		for j := range f.columns {
			if fold(f.columns[j].title) == fold(c) {
				heads[i] = &f.columns[j]
			}
		}
		switch {
		case heads[i] == nil:
			r.problem(f.sheet, cellName(i, number), CodeColumnUnknown, clean(c))
		case found[heads[i].key]:
			r.problem(f.sheet, cellName(i, number), CodeColumnTwice, clean(c))
			heads[i] = nil
		default:
			found[heads[i].key] = true
		}
	}
	for _, c := range f.columns {
		if c.required && !found[c.key] {
			r.problem(f.sheet, cellName(len(cells), number), CodeColumnMissing, c.title)
		}
	}
	return heads
}

func (r *reader) row(f form, heads []*column, cells []string, number int) row {
	w := row{number: number, values: sync.Object{}, places: map[string]string{}, raw: map[string]string{}}
	for i, c := range heads {
		if c == nil {
			continue
		}
		w.places[c.key] = cellName(i, number)
		value := ""
		if i < len(cells) {
			value = clean(cells[i])
		}
		w.raw[c.key] = value
		if value == "" {
			if c.required {
				r.at(f, w, c.key, sync.CodeRequired)
			}
			continue
		}
		v, code := r.value(c, value)
		if code == "" {
			code = r.fits(f, c, v)
		}
		if code != "" {
			r.at(f, w, c.key, code)
			continue
		}
		w.values[c.key] = v
	}
	return w
}

// value reads one cell.
func (r *reader) value(c *column, s string) (sync.Value, sync.Code) {
	switch c.kind {
	case whole:
		if n, ok := r.numerals.scaled(s, 1); ok {
			return n, ""
		}
		return nil, CodeBadNumber
	case points:
		if n, ok := r.numerals.scaled(s, 100); ok {
			return n, ""
		}
		return nil, CodeBadNumber
	case day:
		if d, ok := dayOf(s, r.from1904); ok {
			return d, ""
		}
		return nil, CodeBadDate
	case choice:
		if v, ok := c.labels.value(s); ok {
			return v, ""
		}
		return nil, CodeBadChoice
	case choices:
		list := []any{}
		for _, word := range strings.Split(s, ";") {
			v, ok := c.labels.value(word)
			if !ok {
				return nil, CodeBadChoice
			}
			list = append(list, v)
		}
		return list, ""
	case levels:
		list := []any{}
		for _, number := range strings.Split(s, ";") {
			n, ok := r.numerals.scaled(clean(number), 100)
			if !ok {
				return nil, CodeBadNumber
			}
			list = append(list, n)
		}
		return list, ""
	}
	return s, ""
}

// fits says what is wrong with a value by the field it goes to.
func (r *reader) fits(f form, c *column, v sync.Value) sync.Code {
	if c.path == "" {
		if s, ok := v.(string); ok && len(s) > 4*sync.DefaultLine {
			return sync.CodeTooLong
		}
		return ""
	}
	field, _ := r.domain.Schema().Types[f.typ].Field(c.path)
	if field == nil {
		return ""
	}
	if fault := field.Validate(c.path, v); fault != nil {
		return fault.Code
	}
	return ""
}

// cellName returns the name of a cell by its column, from 0, and row, from 1.
func cellName(col, number int) string {
	name, err := excelize.CoordinatesToCellName(col+1, number)
	if err != nil {
		return "A1"
	}
	return name
}
