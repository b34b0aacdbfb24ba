package emulation

import (
	"strings"

	"thidua/sync"
)

// quotas says how many awards of a form may be proposed: a number, or a
// percentage of the units that the numbers of other forms leave over. It is
// data of the cluster, and of the period where that says otherwise.
func quotas() *sync.Field {
	return set("Chỉ tiêu khen thưởng, theo hình thức", "Quotas by form", group("Chỉ tiêu", "Quota", fields{
		"count":   count("Số lượng", "Number"),
		"percent": number("Tỷ lệ số đơn vị còn lại (%)", "Percent of the remaining units", 0, 100),
	}))
}

// placeFields are what a proposal under a quota is named after, so that two
// people who give the same place to two units offline meet in one document.
func placeFields() []string { return []string{"cluster", "period", "form", "place"} }

// maxPlaces bounds the places of a form: all of them are looked at to see
// whether a unit has one already.
const maxPlaces = 100

// Quota returns how many awards of a form a cluster may propose in a period,
// rounded down, and false if nothing limits it.
func Quota(org *sync.Reference, cluster, period sync.DocID, form string) (int64, bool) {
	table := sync.Object{}
	for _, d := range []*sync.Document{org.Find(TypeCluster, cluster), org.Find(TypePeriod, period)} {
		if d != nil {
			for k, q := range obj(d.Body(), "quotas") {
				table[k] = q
			}
		}
	}
	quota := obj(table, form)
	if n, stated := quota["count"].(int64); stated {
		return n, true
	}
	percent, stated := quota["percent"].(int64)
	if !stated {
		return 0, false
	}
	remaining := int64(len(PeriodMembers(org, cluster, period)))
	for k := range table {
		remaining -= num(obj(table, k), "count")
	}
	return max(0, remaining) * percent / 100, true
}

// withinQuota holds a cluster's proposals to its quota (invariant 8): under one
// every proposal has a place of its own, and a place beyond it needs a reason.
func withinQuota(act sync.Act, ch change) sync.Code {
	if act.Type.Name != TypeAward || act.Scope.Kind() != "cluster:desk" || act.Delete || ch.to != "voted" && ch.to != "proposed" {
		return ""
	}
	quota, limited := Quota(act.Org, sync.DocID(act.Scope.Subject()), doc(ch.after, "period"), str(ch.after, "form"))
	switch {
	case !limited:
		return ""
	case ch.after["place"] == nil:
		return CodePlaceMissing
	case num(ch.after, "count") != 1, num(ch.after, "place") > quota && strings.TrimSpace(str(ch.after, "override")) == "":
		return CodeQuotaExceeded // a place is for one
	}
	return ""
}

// oneEach keeps a unit to one place of a form in a period and cluster: a
// proposal on its way is refused for a unit that another place is for. Places
// are named after their number, so all of them can be looked at in one commit,
// and of two phones that give one unit two places the second is told.
func oneEach(act sync.Act, ch change) sync.Code {
	if act.Type.Name != TypeAward || act.Delete || ch.after["place"] == nil || str(ch.after, "unit") == "" || !onItsWay(ch.after) {
		return ""
	}
	for place := int64(1); place <= maxPlaces; place++ {
		id, _ := KeyOf(TypeAward, sync.Set(ch.after, "/place", place))
		if id == act.Doc {
			continue
		}
		if d := act.Other(id); d != nil && !d.Gone && d.Type == TypeAward && onItsWay(d.Body()) && d.Body()["unit"] == ch.after["unit"] {
			return CodeProposedTwice
		}
	}
	return ""
}
