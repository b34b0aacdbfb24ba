package emulation

import "thidua/sync"

// The vocabulary the types below are written in. Every field has a title in
// Vietnamese and English because phones and console build their screens from it.

type fields = map[string]*sync.Field

func field(kind sync.Kind, vi, en string) *sync.Field {
	return &sync.Field{Kind: kind, Title: sync.Text{VI: vi, EN: en}}
}

func line(vi, en string) *sync.Field  { return field(sync.KindLine, vi, en) }
func prose(vi, en string) *sync.Field { return field(sync.KindText, vi, en) }
func date(vi, en string) *sync.Field  { return field(sync.KindDate, vi, en) }
func id(vi, en string) *sync.Field    { return field(sync.KindID, vi, en) }
func flag(vi, en string) *sync.Field  { return field(sync.KindBool, vi, en) }

// count is an integer of at least zero.
func count(vi, en string) *sync.Field {
	f := field(sync.KindInt, vi, en)
	least := int64(0)
	f.Min = &least
	return f
}

// number is an integer between two bounds.
func number(vi, en string, least, most int64) *sync.Field {
	f := field(sync.KindInt, vi, en)
	f.Min, f.Max = &least, &most
	return f
}

// points are hundredths of a point, so that sums are exact.
func points(vi, en string) *sync.Field { return number(vi, en, 0, 1_000_000) }

func choice(vi, en string, values ...string) *sync.Field {
	f := field(sync.KindEnum, vi, en)
	f.Enum = values
	return f
}

func group(vi, en string, of fields) *sync.Field {
	f := field(sync.KindObject, vi, en)
	f.Fields = of
	return f
}

// set is a keyed set: two phones that add different entries never collide.
func set(vi, en string, each *sync.Field) *sync.Field {
	f := field(sync.KindMap, vi, en)
	f.Each = each
	return f
}

func list(vi, en string, each *sync.Field) *sync.Field {
	f := field(sync.KindList, vi, en)
	f.Each = each
	return f
}

func required(f *sync.Field) *sync.Field { f.Required = true; return f }

func judged(f *sync.Field) *sync.Field { f.Policy = sync.PolicyJudge; return f }

func atomic(f *sync.Field) *sync.Field { f.Policy = sync.PolicyAtomic; return f }

func server(f *sync.Field) *sync.Field { f.Policy = sync.PolicyServer; return f }

func transition(f *sync.Field) *sync.Field { f.Policy = sync.PolicyTransition; return f }

// state is a document's state; where it is absent the document is in the first one.
func state(values ...string) *sync.Field {
	return transition(choice("Trạng thái", "State", values...))
}

// order places an entry of a keyed set among the others; equal ones follow the key.
func order() *sync.Field { return count("Thứ tự", "Order") }

// tally is one vote as counted. It is a judgement made in one moment, so its
// numbers are only ever compared and replaced together.
func tally() *sync.Field {
	return atomic(group("Kết quả biểu quyết", "Tally", fields{
		"for":      required(count("Tán thành", "For")),
		"against":  required(count("Không tán thành", "Against")),
		"abstain":  required(count("Không có ý kiến", "Abstained")),
		"invalid":  required(count("Phiếu không hợp lệ", "Invalid")),
		"returned": required(count("Số phiếu thu vào", "Returned")),
		"issued":   required(count("Số phiếu phát ra", "Issued")),
	}))
}

// basisField says what a derived document was computed from: the hub writes it
// beside what Derive returns.
func basisField() *sync.Field {
	return server(list("Căn cứ", "Basis", group("Nguồn", "Source", fields{
		"scope": required(line("Phạm vi", "Scope")),
		"seq":   required(count("Thứ tự", "Sequence")),
	})))
}

// newType returns a type whose Check, if any, is set by its caller.
func newType(name, vi, en string, scopes []string, keyed bool, of fields) *sync.Type {
	return &sync.Type{
		Name:   name,
		Title:  sync.Text{VI: vi, EN: en},
		Scopes: scopes,
		Keyed:  keyed,
		Body:   group(vi, en, of),
	}
}
