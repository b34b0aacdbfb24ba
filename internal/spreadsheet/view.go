package spreadsheet

import (
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A View is what a report is written from: a cluster in a period, and the live
// documents of Sources. Day (YYYY-MM-DD) is when it is printed; names of units
// are those they bore when the period began.
type View struct {
	Org     *sync.Reference
	Cluster sync.DocID
	Period  sync.DocID
	Docs    []*sync.Document
	Day     string
}

// Sources returns the scopes whose documents reports on a cluster are written from.
func Sources(org *sync.Reference, cluster, period sync.DocID) []sync.Scope {
	scopes := emulation.RankingSources(org, cluster, period)
	for _, u := range emulation.PeriodMembers(org, cluster, period) {
		scopes = append(scopes, sync.UnitScope(u))
	}
	return scopes
}

// body returns the body of reference data, empty if there is none.
func (v View) body(typ string, id sync.DocID) sync.Object {
	if d := v.doc(typ, id); d != nil {
		return d.Body()
	}
	return sync.Object{}
}

func (v View) doc(typ string, id sync.DocID) *sync.Document {
	for _, d := range v.Org.Of(typ) {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// live returns the document of an id among those of the scopes, nil if it is gone or absent.
func (v View) live(id sync.DocID) *sync.Document {
	for _, d := range v.Docs {
		if d.ID == id && !d.Gone {
			return d
		}
	}
	return nil
}

// members are the units of the period in the order of the Vietnamese alphabet.
func (v View) members() []sync.DocID {
	return v.sorted(emulation.PeriodMembers(v.Org, v.Cluster, v.Period))
}

// ranked are the units that have their points in the cluster, in that order.
func (v View) ranked() []sync.DocID {
	return v.sorted(emulation.RankedUnits(v.Org, v.Cluster, v.Period, v.Docs))
}

func (v View) sorted(units []sync.DocID) []sync.DocID {
	c := collate.New(language.Vietnamese)
	slices.SortStableFunc(units, func(a, b sync.DocID) int { return c.CompareString(v.name(a), v.name(b)) })
	return units
}

func (v View) from() string {
	s, _ := v.body(emulation.TypePeriod, v.Period)["from"].(string)
	return s
}

func (v View) name(unit sync.DocID) string {
	return emulation.NameOn(v.doc(emulation.TypeUnit, unit), v.from())
}

// short returns the short name a unit bears beside its name, the name itself if it has none.
func (v View) short(unit sync.DocID) string {
	name := v.name(unit)
	names, _ := v.body(emulation.TypeUnit, unit)["names"].(sync.Object)
	for _, n := range names {
		n, _ := n.(sync.Object)
		if s, _ := n["short"].(string); n["name"] == name && s != "" {
			return s
		}
	}
	return name
}

func (v View) text(typ string, id sync.DocID, key string) string {
	s, _ := v.body(typ, id)[key].(string)
	return s
}

// open begins a report: who and what it is about stand above the table.
func (v View) open(sheet, title string, widths ...float64) *page {
	p := newBook().page(sheet, widths...)
	if supervisor := id(v.body(emulation.TypeCluster, v.Cluster), "supervisor"); supervisor != "" {
		p.banner(strings.ToUpper(v.name(supervisor)), look{})
	}
	p.banner(strings.ToUpper(v.cluster()), look{bold: true})
	p.banner(title, look{bold: true, large: true, centred: true})
	p.banner(v.period(), look{italic: true, centred: true})
	p.last++
	return p
}

func (v View) cluster() string { return v.text(emulation.TypeCluster, v.Cluster, "name") }

func (v View) period() string {
	return v.text(emulation.TypePeriod, v.Period, "title")
}

// close writes who signs, and sets the page up.
func (v View) close(p *page) {
	p.last++
	p.last++
	middle := len(p.widths) / 2
	l := look{decimals: asText, bold: true, centred: true}
	p.spread("NGƯỜI LẬP BẢNG", 0, middle-1, l)
	p.spread("TRƯỞNG CỤM", middle, len(p.widths)-1, l)
	p.last++
	l.bold, l.italic = false, true
	p.spread("(Ký, ghi rõ họ tên)", 0, middle-1, l)
	p.spread("(Ký, ghi rõ họ tên)", middle, len(p.widths)-1, l)
	p.finish(v.cluster(), v.period(), emulation.FormatDate(v.Day))
}

// note writes a remark under the table.
func (p *page) note(s string) { p.banner(s, look{italic: true}) }
