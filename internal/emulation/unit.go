package emulation

import "thidua/sync"

// Names of the types that describe organisations.
const (
	TypeUnit       = "unit"
	TypeUnitLink   = "unit_link"
	TypeSuccession = "succession"
)

// unitType is a hospital, health centre, station, department or union. It has
// no place in a tree of its own: who manages whom is a dated link, and which
// cluster it competes in is a membership, which need not follow the links.
func unitType() *sync.Type {
	return newType(TypeUnit, "Đơn vị", "Unit", []string{"org"}, false, fields{
		"code": required(line("Mã đơn vị", "Code")),
		"kind": choice("Loại hình", "Kind", "hospital", "health_center", "station", "department", "union", "committee", "other"),
		"names": set("Tên gọi", "Names", group("Tên gọi", "Name", fields{
			"name":  required(line("Tên", "Name")),
			"short": line("Tên viết tắt", "Short name"),
			"from":  date("Từ ngày", "From"),
			"to":    date("Đến hết ngày", "To"),
		})),
		"status": choice("Tình trạng", "Status", "active", "merged", "dissolved"),
		"note":   prose("Ghi chú", "Note"),
	})
}

func unitLinkType() *sync.Type {
	t := newType(TypeUnitLink, "Quan hệ quản lý", "Link between units", []string{"org"}, false, fields{
		"child":  required(id("Đơn vị trực thuộc", "Child")),
		"parent": required(id("Cơ quan quản lý", "Parent")),
		"kind":   required(choice("Loại quan hệ", "Kind", "manages", "supervises", "union_of")),
		"from":   date("Từ ngày", "From"),
		"to":     date("Đến hết ngày", "To"),
		"note":   prose("Ghi chú", "Note"),
	})
	t.Check = func(b sync.Object) *sync.Fault {
		if b["child"] == b["parent"] {
			return &sync.Fault{Code: CodeSelfLink, Path: "/parent"}
		}
		return checkSpan(b)
	}
	return t
}

// successionType records which units took the place of which: mergers and
// splits leave the history of both sides standing.
func successionType() *sync.Type {
	return newType(TypeSuccession, "Sáp nhập, chia tách", "Succession", []string{"org"}, false, fields{
		"kind":         required(choice("Hình thức", "Kind", "merge", "split", "rename", "replace")),
		"on":           required(date("Ngày hiệu lực", "Takes effect on")),
		"predecessors": required(list("Đơn vị trước", "Predecessors", id("Đơn vị", "Unit"))),
		"successors":   required(list("Đơn vị sau", "Successors", id("Đơn vị", "Unit"))),
		"basis":        line("Căn cứ", "Basis"),
	})
}

// checkSpan reports a span of days that ends before it begins.
func checkSpan(b sync.Object) *sync.Fault {
	from, to := str(b, "from"), str(b, "to")
	if from != "" && to != "" && to < from {
		return &sync.Fault{Code: CodeSpanReversed, Path: "/to"}
	}
	return nil
}

// NameOn returns the name a unit bore on a day (YYYY-MM-DD); where several
// are valid, the one that began last, and where none is, the earliest it ever
// had. "" is returned only for a unit without names.
func NameOn(unit *sync.Document, day string) string {
	if unit == nil {
		return ""
	}
	var now, nowFrom, first, firstFrom string
	names := obj(unit.Body(), "names")
	for _, k := range keys(names) {
		n := obj(names, k)
		from := str(n, "from")
		if first == "" || from < firstFrom {
			first, firstFrom = str(n, "name"), from
		}
		if within(n, day) && (now == "" || from > nowFrom) {
			now, nowFrom = str(n, "name"), from
		}
	}
	if now == "" {
		return first
	}
	return now
}

// within reports whether a day lies in an object's span; both ends are inclusive.
func within(o sync.Object, day string) bool {
	from, to := str(o, "from"), str(o, "to")
	return (from == "" || from <= day) && (to == "" || day <= to)
}
