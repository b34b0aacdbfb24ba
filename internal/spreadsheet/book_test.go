package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// workbook writes rows of cells into worksheets, as a person would.
func workbook(t *testing.T, sheets map[string][][]any) *bytes.Buffer {
	t.Helper()
	f := excelize.NewFile()
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, cells := range rows {
			if err := f.SetSheetRow(name, cellName(0, i+1), &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

// reopen opens what was exported.
func reopen(t *testing.T, b *bytes.Buffer) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestFilesThatAreTooLargeAreNotRead(t *testing.T) {
	if _, err := Read(strings.NewReader(strings.Repeat("x", MaxFile+1)), nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range maxUnzip>>20 + 1 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&bomb, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a small file that unpacks to a large one: %v", err)
	}
}

func TestWhatIsNoWorkbookIsNotRead(t *testing.T) {
	if _, err := Read(strings.NewReader("Mã đơn vị;Tên đơn vị\n"), nil); err == nil {
		t.Error("a text was read as a workbook")
	}
	if _, err := Read(workbook(t, map[string][][]any{"Thu chi": {{"a"}}}), nil); !errors.Is(err, ErrNoForm) {
		t.Errorf("a workbook without forms: %v", err)
	}
}

func TestMoreRowsThanAllowedAreAProblem(t *testing.T) {
	var b bytes.Buffer
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", sheetPeople); err != nil {
		t.Fatal(err)
	}
	w, err := f.NewStreamWriter(sheetPeople)
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxRows + 2 {
		row := []any{"u" + cellName(0, i+1), "N", "Quản trị"}
		if i == 0 {
			row = []any{"Tên đăng nhập", "Họ và tên", "Vai trò"}
		}
		if err := w.SetRow(cellName(0, i+1), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Flush(), f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	imp, err := Read(&b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := imp.People.Problems; len(p) != 1 || p[0].Code != CodeTooManyRows || imp.People.People != nil {
		t.Errorf("%v", p)
	}
}

func TestNumbersAreReadAsPeopleWriteThem(t *testing.T) {
	n := newNumerals()
	for s, want := range map[string]int64{
		"7,5": 750, "7.5": 750, "7": 700, "-0,25": -25, "7.0999999999999996": 710, "1.000,5": 100050, "1.234.567": 123456700, "1 000 000": 100000000, "1E2": 10000,
		"−5": -500, "0.1": 10,
	} {
		if got, ok := n.scaled(s, 100); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "x", "1.000", "1,000", "7,555", "7.5.5", "7,5,5", "NaN", "Inf", "0x10", "1e400", "--1", "7.123"} {
		if got, ok := n.scaled(s, 100); ok {
			t.Errorf("%q was read as %d", s, got)
		}
	}
}

func TestDaysAreReadAsPeopleAndProgramsWriteThem(t *testing.T) {
	for s, want := range map[string]string{
		"31/12/2026": "2026-12-31", "1/2/2026": "2026-02-01", "01-02-2026": "2026-02-01", "1.2.2026": "2026-02-01", "2026-02-01": "2026-02-01",
		"46023": "2026-01-01", "46023.75": "2026-01-01",
	} {
		if got, ok := dayOf(s, false); !ok || got != want {
			t.Errorf("%q is %q, %v; want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"31/2/2026", "2026", "12/2026", "13/13/2026", "1/1/26", "-5", "hôm nay", "1e9"} {
		if got, ok := dayOf(s, false); ok {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}
