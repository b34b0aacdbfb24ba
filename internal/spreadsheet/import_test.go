package spreadsheet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"thidua/internal/emulation"
	"thidua/sync"
)

func unitHeads() []any {
	return []any{"Mã đơn vị", "Tên đơn vị", "Loại hình", "Tên từ ngày", "Tên đến hết ngày"}
}

// places lists problems as "sheet!cell code".
func places(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, fmt.Sprintf("%s!%s %s", p.Sheet, p.Cell, p.Code))
		if p.Text.VI == "" || p.Text.EN == "" {
			all = append(all, "no sentence")
		}
	}
	return all
}

func TestEveryProblemIsNamedByItsCell(t *testing.T) {
	book := workbook(t, map[string][][]any{
		sheetUnits: {
			{"DANH SÁCH"},
			append(unitHeads(), "Màu"),
			{"A", "Trạm A", "Trạm y tế", "32/01/2020", "31/12/2020"},
			{"", "Trạm B", "Trạm"},
			{"A", "Trạm A mới", "Bệnh viện"},
			{"C", strings.Repeat("x", 301), "", "01/02/2020", "01/01/2020"},
		},
		sheetClusters: {{"Mã cụm", "Loại", "Tên cụm", "Số", "Mã cơ quan chỉ đạo"}, {"K", "Cụm", "Cụm K", "một", "Z"}, {"K", "Cụm", "Cụm K"}},
		sheetMembers:  {{"Mã đơn vị", "Mã cụm", "Từ ngày"}, {"A", "K", "01/01/2020"}, {"A", "K", "1/1/2020"}, {"Q", "K", "01/01/2020"}},
		sheetSets: {
			{"Mã bộ tiêu chí", "Phiên bản", "Tên bộ tiêu chí", "Tổng điểm", "Phân định khi bằng điểm"},
			{"TC", 1, "Bộ 1", "10", "Điểm chuẩn; Xúc xắc"},
			{"TC", 1, "Bộ 1 nữa", 10},
		},
		sheetCriteria: {
			{"Mã bộ tiêu chí", "Phiên bản", "Mục", "Mã tiêu chí", "Nội dung", "Cách chấm", "Điểm tối đa"},
			{"TC", 1, "I", "", "Mục một", "", "8"},
			{"TC", 1, "I", "I.1", "Việc", "Định lượng", "7,5"},
			{"TC", 1, "I", "I.1", "Việc", "Định lượng", "7,5"},
			{"TC", 1, "I", "I.2 b", "Việc", "Định lượng", "1.000"},
			{"TC", 1, "II", "II.1", "Việc", "", "1"},
			{"TD", 1, "I", "", "Mục", "", "1"},
		},
		sheetPeople: {
			{"Tên đăng nhập", "Họ và tên", "Vai trò", "Mã đơn vị hoặc cụm"},
			{"hoa", "Hoa", "Cán bộ đơn vị", "A"},
			{"lan anh", "Lan", "Quản trị"},
			{"mai", "Mai", "Vua"},
			{"tuyet", "Tuyết", "Trưởng cụm", ""},
			{"cuc", "Cúc", "Quản trị", "A"},
			{"Hoa", "Hoa khác", "Quản trị"},
		},
	})
	imp, err := Read(book, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Đơn vị!F2 column_unknown", "Đơn vị!D3 bad_date", "Đơn vị!A4 required", "Đơn vị!C4 bad_choice", "Đơn vị!B6 too_long",
		"Cụm!D2 bad_number",
		"Đơn vị!C5 contradicts", "Đơn vị!A5 duplicate", "Đơn vị!E6 span_reversed",
		"Cụm!E2 unknown_code", "Cụm!A3 duplicate", "Thành viên cụm!A3 duplicate", "Thành viên cụm!A4 unknown_code",
		"Bộ tiêu chí!E2 bad_choice", "Tiêu chí!G5 bad_number", "Bộ tiêu chí!A3 duplicate", "Tiêu chí!A7 unknown_code",
		"Tiêu chí!D4 duplicate", "Tiêu chí!D5 bad_code", "Tiêu chí!F6 required", "Tiêu chí!C6 section_unknown",
		"Người dùng!C4 bad_choice", "Người dùng!D2 faulty_reference", "Người dùng!A3 bad_login", "Người dùng!D5 required",
		"Người dùng!D6 subject_superfluous", "Người dùng!B7 contradicts",
	}
	if diff := cmp.Diff(want, places(imp.Problems())); diff != "" {
		t.Error(diff)
	}
	if imp.Units.Docs != nil || imp.Criteria.Docs != nil || imp.People.People != nil {
		t.Error("parts with problems have something to store")
	}
	if s := imp.Units.Problems[1].String(); !strings.HasPrefix(s, "Đơn vị!D3: «32/01/2020» Không phải ngày") || !strings.Contains(s, "[bad_date]") {
		t.Error(s)
	}
}

func TestMaximaThatDoNotAddUpAreNamed(t *testing.T) {
	imp, err := Read(workbook(t, map[string][][]any{
		sheetSets: {{"Mã bộ tiêu chí", "Phiên bản", "Tên bộ tiêu chí", "Tổng điểm"}, {"TC", 1, "Bộ", 20}},
		sheetCriteria: {
			{"Mã bộ tiêu chí", "Phiên bản", "Mục", "Mã tiêu chí", "Nội dung", "Cách chấm", "Điểm tối đa"},
			{"TC", 1, "I", "", "Một", "", 8},
			{"TC", 1, "I", "I.1", "Việc", "judged", 7.5},
			{"TC", 1, "II", "", "Hai", "", 8},
			{"TC", 1, "II", "II.1", "Việc", "judged", 8},
		},
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Tiêu chí!G2 sums_differ", "Bộ tiêu chí!D2 sums_differ"}, places(imp.Problems())); diff != "" {
		t.Error(diff)
	}
}

func TestCriterionThatDoesNotFitItsTypeIsNamedByItsCell(t *testing.T) {
	imp, err := Read(workbook(t, map[string][][]any{
		sheetSets: {{"Mã bộ tiêu chí", "Phiên bản", "Tên bộ tiêu chí", "Tổng điểm", "Trạng thái"}, {"TC", 1, "Bộ", 10, "Đã ban hành"}},
		sheetCriteria: {
			{"Mã bộ tiêu chí", "Phiên bản", "Mục", "Mã tiêu chí", "Nội dung", "Cách chấm", "Điểm tối đa", "Các mức điểm"},
			{"TC", 1, "I", "", "Một", "", 10},
			{"TC", 1, "I", "I.1", "Việc", "Đạt, không đạt", 10, "0; 7,5; 12"},
		},
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Tiêu chí!H3 type_unfit"}, places(imp.Problems())); diff != "" {
		t.Error(diff)
	}
}

func TestUnitsAreReadWithTheirNamesAndMemberships(t *testing.T) {
	imp, err := Read(workbook(t, map[string][][]any{
		sheetUnits: {
			unitHeads(),
			{"A", "Tra\u0323m A", "TRẠM Y TẾ", nil, 45838}, // decomposed; 30/06/2025 as a program keeps it
			{},
			{"A", " Trạm A mới ", "", "01/07/2025"},
		},
		"CỤM":        {{"Mã cụm", "Loại", "Tên cụm", "Mã cơ quan chỉ đạo"}, {"K", "Khối", "Khối K", "A"}},
		sheetMembers: {{"Mã đơn vị", "Mã cụm", "Từ ngày"}, {"A", "K", "1/1/2025"}},
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(imp.Problems()) > 0 {
		t.Fatal(places(imp.Problems()))
	}
	unit, cluster := sync.NameID("unit", "A"), sync.NameID("cluster", "K")
	want := []*sync.Document{
		sync.NewDocument(sync.DocID(unit), emulation.TypeUnit, sync.Org, 0, sync.Object{"code": "A", "kind": "station", "names": sync.Object{
			"n1": sync.Object{"name": "Trạm A", "to": "2025-06-30"}, "n2": sync.Object{"name": "Trạm A mới", "from": "2025-07-01"},
		}}),
		sync.NewDocument(sync.DocID(cluster), emulation.TypeCluster, sync.Org, 0, sync.Object{"code": "K", "kind": "bloc", "name": "Khối K", "supervisor": string(unit)}),
		sync.NewDocument(sync.DocID(sync.NameID("membership", string(unit), string(cluster), "2025-01-01")), emulation.TypeMembership, sync.Org, 0, sync.Object{
			"unit": string(unit), "cluster": string(cluster), "from": "2025-01-01",
		}),
	}
	if diff := cmp.Diff(bodies(want), bodies(imp.Units.Docs)); diff != "" {
		t.Error(diff)
	}
}

// bodies are documents as they compare.
func bodies(docs []*sync.Document) map[sync.DocID]string {
	all := map[sync.DocID]string{}
	for _, d := range docs {
		all[d.ID] = d.Type + " " + string(d.Raw())
	}
	return all
}

func TestStoredDocumentsKeepIdentifierKeysAndWhatTheSheetDoesNotShow(t *testing.T) {
	id := sync.DocID(sync.NameID("somewhere", "else"))
	stored := sync.NewDocument(id, emulation.TypeUnit, sync.Org, 3, sync.Object{
		"code": "A", "kind": "station", "note": "cũ",
		"names": sync.Object{"old": sync.Object{"name": "Cũ", "short": "C"}, "new": sync.Object{"name": "Mới", "from": "2025-07-01"}},
	})
	imp, err := Read(workbook(t, map[string][][]any{
		sheetUnits: {unitHeads(), {"A", "Cũ rồi"}, {"A", "Mới", "", "01/07/2025"}, {"A", "Mới nữa", "", "01/07/2026"}},
	}), sync.NewReference(1, []*sync.Document{stored}))
	if err != nil || len(imp.Problems()) > 0 {
		t.Fatal(err, imp.Problems())
	}
	want := sync.NewDocument(id, emulation.TypeUnit, sync.Org, 0, sync.Object{ // the kind was emptied, the columns of note and short name are not there
		"code": "A", "note": "cũ", "names": sync.Object{
			"old": sync.Object{"name": "Cũ rồi", "short": "C"}, "new": sync.Object{"name": "Mới", "from": "2025-07-01"}, "n1": sync.Object{"name": "Mới nữa", "from": "2026-07-01"},
		},
	})
	if diff := cmp.Diff(bodies([]*sync.Document{want}), bodies(imp.Units.Docs)); diff != "" {
		t.Error(diff)
	}
}

func TestPublishedCriteriaStayAsTheyAreAndMayBeWithdrawn(t *testing.T) {
	body := criteriaBody("TC", 1)
	body["state"] = "published"
	org := sync.NewReference(1, []*sync.Document{sync.NewDocument(sync.DocID(sync.NameID("criteria", "TC", "1")), emulation.TypeCriteria, sync.Org, 1, body)})
	sheets := func(title, state string) map[string][][]any {
		return map[string][][]any{
			sheetSets: {{"Mã bộ tiêu chí", "Phiên bản", "Tên bộ tiêu chí", "Tổng điểm", "Trạng thái"}, {"TC", 1, title, 10, state}},
			sheetCriteria: {
				{"Mã bộ tiêu chí", "Phiên bản", "Mục", "Mã tiêu chí", "Nội dung", "Cách chấm", "Điểm tối đa"},
				{"TC", 1, "I", "", "Một", "", 10},
				{"TC", 1, "I", "I.1", "Việc", "Đánh giá", 10},
			},
		}
	}
	for _, c := range []struct {
		title, state string
		want         []string
	}{
		{"Bộ", "Đã ban hành", nil},
		{"Bộ", "Đã thu hồi", nil},
		{"Bộ", "Dự thảo", []string{"Bộ tiêu chí!A2 criteria_published"}},
		{"Bộ khác", "Đã ban hành", []string{"Bộ tiêu chí!A2 criteria_published"}},
	} {
		imp, err := Read(workbook(t, sheets(c.title, c.state)), org)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, places(imp.Problems())); diff != "" {
			t.Errorf("%s, %s: %s", c.title, c.state, diff)
		}
	}
}

func criteriaBody(code string, version int64) sync.Object {
	return sync.Object{
		"code": code, "version": version, "title": "Bộ", "total": int64(1000),
		"sections": sync.Object{"I": sync.Object{"order": int64(1), "title": "Một", "max": int64(1000)}},
		"criteria": sync.Object{"I-1": sync.Object{"section": "I", "order": int64(1), "code": "I.1", "title": "Việc", "type": "judged", "max": int64(1000)}},
	}
}
