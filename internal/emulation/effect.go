package emulation

import (
	"strings"

	"thidua/sync"
)

// An Effect is what one change of a document would do to the ranking of its
// cluster: the ranking as it is and as it would be, and the rows that differ.
type Effect struct {
	Before Ranking `json:"before"`
	After  Ranking `json:"after"`
	Moves  []Move  `json:"moves"`
}

// A Move is a row that a change would alter. A rank or total of a unit without
// a sheet is zero.
type Move struct {
	Unit        sync.DocID `json:"unit"`
	Name        string     `json:"name"`
	RankBefore  int        `json:"rankBefore"`
	RankAfter   int        `json:"rankAfter"`
	TotalBefore int64      `json:"totalBefore"` // hundredths of a point
	TotalAfter  int64      `json:"totalAfter"`
}

// RankedIn returns the cluster and period whose ranking a document has a part
// in, and false if it has none.
func RankedIn(d *sync.Document) (cluster, period sync.DocID, ok bool) {
	if d == nil {
		return "", "", false
	}
	b := d.Body()
	switch d.Type {
	case TypeSheet, TypeReview, TypeVerification:
		cluster, period = doc(b, "cluster"), doc(b, "period")
	case TypeMeeting:
		if d.Scope.Kind() == "cluster" {
			cluster, period = sync.DocID(d.Scope.Subject()), doc(b, "reviewed_period")
		}
	}
	return cluster, period, cluster != "" && period != ""
}

// EffectOf computes what a document would do to the ranking of a cluster in a
// period if it became after, nil meaning gone. Docs are the live documents of
// RankingSources as they are.
func EffectOf(org *sync.Reference, cluster, period sync.DocID, docs []*sync.Document, id sync.DocID, after *sync.Document) Effect {
	changed := make([]*sync.Document, 0, len(docs)+1)
	for _, d := range docs {
		if d.ID != id {
			changed = append(changed, d)
		}
	}
	if after != nil {
		changed = append(changed, after)
	}
	e := Effect{Before: Rank(org, cluster, period, docs), After: Rank(org, cluster, period, changed)}
	e.Moves = moves(e.Before.Rows, e.After.Rows)
	return e
}

// moves returns the rows that differ, in the order they have afterwards.
func moves(before, after []Row) []Move {
	was := make(map[sync.DocID]Row, len(before))
	for _, r := range before {
		was[r.Unit] = r
	}
	found := []Move{}
	for _, r := range after {
		old := was[r.Unit]
		m := Move{Unit: r.Unit, Name: r.Name, RankBefore: old.Rank, RankAfter: r.Rank, TotalBefore: total(old), TotalAfter: total(r)}
		if m.RankBefore != m.RankAfter || m.TotalBefore != m.TotalAfter || (old.Score == nil) != (r.Score == nil) {
			found = append(found, m)
		}
	}
	return found
}

func total(r Row) int64 {
	if r.Score == nil {
		return 0
	}
	return r.Score.Total
}

// criterionAt returns the criterion a path below the entries of a sheet,
// review or verification is about, and the field of its entry, "" for the whole.
func criterionAt(p sync.Pointer) (code, field string, ok bool) {
	keys := p.Keys()
	if len(keys) < 2 || keys[0] != "entries" {
		return "", "", false
	}
	return keys[1], strings.Join(keys[2:], "/"), true
}
