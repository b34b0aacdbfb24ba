package spreadsheet

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/sync"
)

// clusterA is the cluster of system A with its eight sheets.
func clusterA(t *testing.T, more ...*sync.Document) View {
	t.Helper()
	var org []*sync.Document
	v := View{Cluster: systems.Cluster("A"), Period: systems.Period("A", "2022"), Day: "2022-12-17", Docs: more}
	for _, s := range systems.Load() {
		for _, seed := range s.Docs {
			d := sync.NewDocument(seed.Doc, seed.Type, seed.Scope, 1, seed.Body)
			if seed.Scope == sync.Org {
				org = append(org, d)
			} else if s.Code == "A" {
				v.Docs = append(v.Docs, d)
			}
		}
	}
	v.Org = sync.NewReference(1, org)
	return v
}

// report writes a report and returns it with the rows of its table as read on a screen.
func report(t *testing.T, write func(io.Writer, View) error, v View) (*excelize.File, [][]string) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, v); err != nil {
		t.Fatal(err)
	}
	f := reopen(t, &b)
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return f, rows
}

// rowOf returns the row that holds a text.
func rowOf(t *testing.T, rows [][]string, s string) []string {
	t.Helper()
	for _, r := range rows {
		if slices.Contains(r, s) {
			return r
		}
	}
	t.Fatalf("no row with %q", s)
	return nil
}

func TestMatrixShowsEveryScoreWithTotalsAndRanks(t *testing.T) {
	v := clusterA(t)
	sheet := emulation.SheetID(systems.Unit("dong-son"), v.Period)
	v.Docs = append(v.Docs, sync.NewDocument(emulation.ReviewID(sheet), emulation.TypeReview, sync.ClusterDesk(v.Cluster), 1, sync.Object{
		"state": "sent", "entries": sync.Object{"I-1": sync.Object{"cross": int64(2700)}},
	}))
	_, rows := report(t, WriteMatrix, v)
	heads := rowOf(t, rows, "Tiêu chí")
	column := func(name string) int { return slices.Index(heads, name) }
	first, last := column("BVĐK huyện Thọ Xuân"), column("BVĐK huyện Đông Sơn")
	if len(heads) != 11 || first < 0 || last < 0 {
		t.Fatalf("%q", heads)
	}
	for _, want := range []struct{ row, max, first, last string }{
		{"Thực hiện chỉ tiêu kế hoạch chuyên môn", "30", "29.5", "27"},
		{"Thực hiện nhiệm vụ chuyên môn", "60", "58.5", "54.5"},
		{"Cộng điểm chuẩn", "100", "96.5", "90"},
		{"Điểm thưởng được tính", "10", "5", "0"},
		{"TỔNG ĐIỂM", "", "101.5", "90"},
		{"XẾP HẠNG", "", "1", "8"},
	} {
		r := rowOf(t, rows, want.row)
		if diff := cmp.Diff([]string{want.max, want.first, want.last}, []string{r[2], r[first], r[last]}); diff != "" {
			t.Errorf("%s: %s", want.row, diff)
		}
	}
}

func TestReportsPrintOnA4WithHeadingsOnEveryPage(t *testing.T) {
	for name, c := range map[string]struct {
		write       func(io.Writer, View) error
		orientation string
	}{
		"matrix": {WriteMatrix, "landscape"}, "ranking": {WriteRanking, "landscape"}, "trackers": {WriteTrackers, "portrait"}, "awards": {WriteAwards, "landscape"},
	} {
		f, _ := report(t, c.write, clusterA(t))
		sheet := f.GetSheetName(0)
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Size != 9 || *layout.Orientation != c.orientation || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
			t.Errorf("%s: paper %d, %s, %v", name, *layout.Size, *layout.Orientation, err)
		}
		props, err := f.GetSheetProps(sheet)
		if err != nil || props.FitToPage == nil || !*props.FitToPage {
			t.Errorf("%s does not fit the page: %v", name, err)
		}
		margins, err := f.GetHeaderFooter(sheet)
		if err != nil || !strings.Contains(margins.OddHeader, "Cụm thi đua số 6") || !strings.Contains(margins.OddHeader, "Năm 2022") ||
			!strings.Contains(margins.OddFooter, "Trang &P/&N") || !strings.Contains(margins.OddFooter, "17/12/2022") {
			t.Errorf("%s: margins %+v, %v", name, margins, err)
		}
		names := f.GetDefinedName()
		if len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" {
			t.Errorf("%s repeats no headings: %v", name, names)
		}
		if panes, err := f.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit == 0 {
			t.Errorf("%s does not hold its headings: %+v, %v", name, panes, err)
		}
	}
}

func TestNumbersAreShownWithAPointForThousandsAndACommaForParts(t *testing.T) {
	b := newBook()
	p := b.page("x", 10, 10, 10, 10)
	p.row(false, int64(33776), hundredths(9650), hundredths(705), hundredths(700))
	var out bytes.Buffer
	if err := b.write(&out); err != nil {
		t.Fatal(err)
	}
	f := reopen(t, &out)
	for col, want := range []string{"[$-42A]#,##0", "[$-42A]#,##0.0", "[$-42A]#,##0.00", "[$-42A]#,##0"} {
		id, err := f.GetCellStyle("x", cellName(col, 1))
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil || style.CustomNumFmt == nil || *style.CustomNumFmt != want {
			t.Errorf("column %d: %v, %v; want %s", col, style.CustomNumFmt, err, want)
		}
	}
}

func TestRankingIsTheAnnouncedOneWhereThereIsOne(t *testing.T) {
	v := clusterA(t)
	_, rows := report(t, WriteRanking, v)
	if r := rowOf(t, rows, "BVĐK huyện Yên Định"); r[0] != "3" || r[5] != "97" || r[6] != "Phân định: Điểm chuẩn" {
		t.Errorf("provisional: %q", r)
	}
	if r := rowOf(t, rows, "BVĐK huyện Nông Cống"); r[0] != "5" || r[6] != "Đồng hạng" {
		t.Errorf("shared: %q", r)
	}
	rowOf(t, rows, "BẢNG XẾP HẠNG THI ĐUA (TẠM TÍNH)")
	body := sync.Object{"cluster": string(v.Cluster), "period": string(v.Period), "seq": int64(2), "state": "announced", "rows": sync.Object{
		string(systems.Unit("yen-dinh")): sync.Object{"scored": true, "score": int64(9900), "rank": int64(1)}, string(systems.Unit("dong-son")): sync.Object{"scored": false},
	}}
	v.Docs = append(v.Docs, sync.NewDocument(sync.DocID(sync.NameID("r")), emulation.TypeRanking, sync.ClusterScope(v.Cluster), 1, body))
	_, rows = report(t, WriteRanking, v)
	rowOf(t, rows, "BẢNG XẾP HẠNG THI ĐUA (CÔNG BỐ LẦN 2)")
	rowOf(t, rows, "Điểm hiện nay khác với lúc công bố.")
	if r := rowOf(t, rows, "BVĐK huyện Yên Định"); r[0] != "1" || r[2] != "" || r[5] != "99" {
		t.Errorf("announced: %q", r)
	}
	if r := rowOf(t, rows, "BVĐK huyện Đông Sơn"); r[6] != "Chưa có bảng điểm" {
		t.Errorf("without a sheet: %q", r)
	}
}

func TestTrackersShowWhoHasDoneWhat(t *testing.T) {
	_, rows := report(t, WriteTrackers, clusterA(t))
	if diff := cmp.Diff([]string{"TT", "Đơn vị", "Đăng ký", "Bảng điểm"}, rowOf(t, rows, "TT")); diff != "" {
		t.Error(diff)
	}
	if r := rowOf(t, rows, "BVĐK huyện Thọ Xuân"); r[2] != "Đã xong" || r[3] != "Đang làm" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, rows, "8/8"); r[3] != "0/8" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, rows, "Tỷ lệ (%)"); r[2] != "100" {
		t.Errorf("%q", r)
	}
}

func TestAwardsTellProposalsFromDecisionsAndWordsFromNumbers(t *testing.T) {
	v := clusterA(t)
	award := func(name string, more sync.Object) *sync.Document {
		body := sync.Object{"period": string(v.Period), "form": "merit_certificate", "authority": "ministry", "recipients": "individual", "state": "decided"}
		for k, o := range more {
			body[k] = o
		}
		return sync.NewDocument(sync.DocID(sync.NameID(name)), emulation.TypeAward, sync.UnitScope(systems.Unit("tho-xuan")), 1, body)
	}
	v.Docs = append(v.Docs, award("a", sync.Object{"count": int64(12), "title": "=danger()"}), award("b", sync.Object{"count_text": "hàng nghìn"}), award("c", sync.Object{"period": "other", "count": int64(1)}))
	f, rows := report(t, WriteAwards, v)
	if r := rowOf(t, rows, "Cờ thi đua"); r[1] != "BVĐK huyện Thiệu Hóa" || r[6] != "Đã đề nghị" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, rows, "hàng nghìn"); r[0] != "1" && r[0] != "2" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, rows, "Cộng đã quyết định"); r[5] != "12" {
		t.Errorf("%q", r)
	}
	for number, r := range rows {
		if len(r) > 7 && r[7] == "=danger()" {
			if formula, err := f.GetCellFormula(f.GetSheetName(0), cellName(7, number+1)); err != nil || formula != "" {
				t.Errorf("a title became the formula %q, %v", formula, err)
			}
			return
		}
	}
	t.Error("the title is not shown")
}

func TestReportsOnNothingAreEmptyAndNoFault(t *testing.T) {
	for _, write := range []func(io.Writer, View) error{WriteMatrix, WriteRanking, WriteTrackers, WriteAwards} {
		if err := write(io.Discard, View{}); err != nil {
			t.Error(err)
		}
	}
}
