package emulation

import (
	"strconv"

	"thidua/sync"
)

// Progress says how many members of a cluster have done one thing in a period.
type Progress struct {
	Cluster, Period sync.DocID
	Kind            string
	Due             string // YYYY-MM-DD, "" if none was set
	N, Of           int
	Members         []MemberProgress // one a member, in order of identifier
}

// MemberProgress is the row of one member. Doc is what it was, or is to be,
// done with; Version is that of the document when it was read.
type MemberProgress struct {
	Unit    sync.DocID
	Name    string
	Done    bool
	Doc     sync.DocID
	Version int64
}

// Track counts which members have registered, pledged, reported or submitted
// their sheet, from the live documents of the members' desks; others are ignored.
func Track(org *sync.Reference, cluster, period sync.DocID, kind string, docs []*sync.Document) Progress {
	pr := Progress{Cluster: cluster, Period: period, Kind: kind}
	p := org.Find(TypePeriod, period)
	if p == nil {
		return pr
	}
	milestones := obj(p.Body(), "milestones")
	for _, k := range keys(milestones) {
		if m := obj(milestones, k); str(m, "kind") == kind {
			pr.Due = str(m, "due")
		}
	}
	for _, unit := range PeriodMembers(org, cluster, period) {
		row := MemberProgress{Unit: unit, Name: NameOn(org.Find(TypeUnit, unit), str(p.Body(), "from"))}
		for _, d := range docs {
			if d.Gone || d.Type != kind || doc(d.Body(), "unit") != unit || doc(d.Body(), "period") != period {
				continue
			}
			if done := finished(d); done && !row.Done || row.Doc == "" || done == row.Done && d.ID < row.Doc {
				row.Done, row.Doc, row.Version = done, d.ID, d.Version
			}
		}
		if row.Done {
			pr.N++
		}
		pr.Of++
		pr.Members = append(pr.Members, row)
	}
	return pr
}

// finished reports whether a tracked document is out of its author's hands.
func finished(d *sync.Document) bool {
	switch state := str(d.Body(), "state"); d.Type {
	case TypeRegistration:
		return state == "registered"
	case TypePledge:
		return state == "signed"
	case TypeReport:
		return state == "filed"
	case TypeSheet:
		return state != "" && state != "draft" && state != "returned" && state != "superseded"
	}
	return false
}

// Ratio returns the progress as people write it: "8/8".
func (p Progress) Ratio() string { return strconv.Itoa(p.N) + "/" + strconv.Itoa(p.Of) }

// Body returns the progress as the body of a tracker.
func (p Progress) Body() sync.Object {
	members := sync.Object{}
	for _, m := range p.Members {
		row := sync.Object{"name": m.Name, "done": m.Done}
		if m.Doc != "" {
			row["doc"], row["version"] = string(m.Doc), m.Version
		}
		members[string(m.Unit)] = row
	}
	body := sync.Object{
		"cluster": string(p.Cluster), "period": string(p.Period), "kind": p.Kind, "n": int64(p.N), "of": int64(p.Of), "members": members,
	}
	if tenths, ok := Percent(int64(p.N), int64(p.Of)); ok {
		body["percent"] = tenths
	}
	if p.Due != "" {
		body["due"] = p.Due
	}
	return body
}
