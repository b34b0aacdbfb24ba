package emulation

import (
	"slices"
	"sort"
	"strconv"

	"thidua/sync"
)

// Names of the types that describe clusters.
const (
	TypeCluster    = "cluster"
	TypeMembership = "membership"
	TypeTerm       = "term"
)

func clusterType() *sync.Type {
	return newType(TypeCluster, "Cụm, khối thi đua", "Cluster", []string{"org"}, false, fields{
		"code":       required(line("Mã", "Code")),
		"kind":       required(choice("Loại", "Kind", "cluster", "bloc")),
		"number":     count("Số", "Number"),
		"name":       required(line("Tên", "Name")),
		"supervisor": id("Cơ quan chỉ đạo", "Supervising unit"),
		"quotas":     quotas(),
		"note":       prose("Ghi chú", "Note"),
	})
}

func membershipType() *sync.Type {
	t := newType(TypeMembership, "Thành viên của cụm", "Membership", []string{"org"}, false, fields{
		"unit":    required(id("Đơn vị", "Unit")),
		"cluster": required(id("Cụm", "Cluster")),
		"from":    required(date("Từ ngày", "From")),
		"to":      date("Đến hết ngày", "To"),
		"basis":   line("Căn cứ", "Basis"),
	})
	t.Check = checkSpan
	return t
}

// termType says who leads a cluster in a calendar year. Head and deputy are
// absent while unknown; there is one term a cluster and year because the
// document is named after both (invariant 5).
func termType() *sync.Type {
	t := newType(TypeTerm, "Nhiệm kỳ trưởng, phó cụm", "Term", []string{"org"}, true, fields{
		"cluster": required(id("Cụm", "Cluster")),
		"year":    required(number("Năm", "Year", 1900, 9999)),
		"head":    id("Đơn vị trưởng", "Head unit"),
		"deputy":  id("Đơn vị phó", "Deputy unit"),
		"meeting": id("Bầu tại hội nghị", "Elected at"),
		"note":    prose("Ghi chú", "Note"),
	})
	t.Check = func(b sync.Object) *sync.Fault {
		if b["head"] != nil && b["head"] == b["deputy"] {
			return &sync.Fault{Code: CodeHeadIsDeputy, Path: "/deputy"}
		}
		return nil
	}
	return t
}

// MembersOn returns the units that belong to a cluster on a day (YYYY-MM-DD), sorted.
func MembersOn(org *sync.Reference, cluster sync.DocID, day string) []sync.DocID {
	return memberships(org, day, "cluster", cluster, "unit")
}

// ClustersOn returns the clusters a unit belongs to on a day (YYYY-MM-DD), sorted.
func ClustersOn(org *sync.Reference, unit sync.DocID, day string) []sync.DocID {
	return memberships(org, day, "unit", unit, "cluster")
}

func memberships(org *sync.Reference, day, by string, of sync.DocID, want string) []sync.DocID {
	seen := map[sync.DocID]bool{}
	var found []sync.DocID
	for _, d := range org.Naming(TypeMembership, by, of) {
		b := d.Body()
		if v := doc(b, want); within(b, day) && !seen[v] {
			seen[v] = true
			found = append(found, v)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i] < found[j] })
	return found
}

// PeriodMembers returns the members of a cluster in a period, sorted: the units
// that belonged to it when the period opened. A unit moved later stays with the
// cluster it began the period in: there it is tracked, and counts for the quota.
// Only its ranking follows its sheet, if an admin transfers that: RankedUnits.
func PeriodMembers(org *sync.Reference, cluster, period sync.DocID) []sync.DocID {
	p := org.Find(TypePeriod, period)
	if p == nil {
		return nil
	}
	return MembersOn(org, cluster, str(p.Body(), "from"))
}

// everClusters returns the clusters a unit was ever made a member of, each once.
func everClusters(org *sync.Reference, unit sync.DocID) []sync.DocID {
	var found []sync.DocID
	for _, d := range org.Naming(TypeMembership, "unit", unit) {
		if c := doc(d.Body(), "cluster"); !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	return found
}

// membersDuring returns the units that belonged to a cluster on any day of a
// period, sorted: more than PeriodMembers where one joined or left.
func membersDuring(org *sync.Reference, cluster sync.DocID, period sync.Object) []sync.DocID {
	var found []sync.DocID
	for _, d := range org.Naming(TypeMembership, "cluster", cluster) {
		b := d.Body()
		unit, to := doc(b, "unit"), str(b, "to")
		if str(b, "from") <= str(period, "to") && (to == "" || to >= str(period, "from")) && !slices.Contains(found, unit) {
			found = append(found, unit)
		}
	}
	slices.Sort(found)
	return found
}

// TermID returns the identifier of the term of a cluster in a year.
func TermID(cluster sync.DocID, year int) sync.DocID {
	return sync.DocID(sync.NameID(TypeTerm, string(cluster), strconv.Itoa(year)))
}

// TermSpan returns when a term begins and ends, in milliseconds since 1970;
// the end is exclusive. A term takes effect on 1 January where the people are,
// whatever day of the year before it was voted on.
func TermSpan(year int) (from, to int64) {
	return startOfDay(year, 1, 1), startOfDay(year+1, 1, 1)
}

// Leaders returns the units that lead a cluster in a year; "" is unknown.
func Leaders(org *sync.Reference, cluster sync.DocID, year int) (head, deputy sync.DocID) {
	t := org.Find(TypeTerm, TermID(cluster, year))
	if t == nil {
		return "", ""
	}
	return doc(t.Body(), "head"), doc(t.Body(), "deputy")
}
