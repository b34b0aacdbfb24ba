package emulation

import (
	"sort"
	"strings"

	"thidua/sync"
)

// An Explanation traces every score of a ranking to who wrote what behind it.
type Explanation struct {
	Cluster sync.DocID   `json:"cluster"`
	Period  sync.DocID   `json:"period"`
	Seq     int64        `json:"seq,omitempty"`     // of the announced ranking; 0: it is provisional
	Changed []sync.DocID `json:"changed,omitempty"` // what makes the announced ranking stale
	Told    []Touch      `json:"told,omitempty"`    // how the announced ranking came about
	Rows    []Explained  `json:"rows"`
}

// An Explained is one row of the ranking. Told are rank and total as they were
// announced, where that is another than now.
type Explained struct {
	Row
	ToldRank  int              `json:"toldRank,omitempty"`
	ToldTotal *int64           `json:"toldTotal,omitempty"`
	Steps     []Touch          `json:"steps"` // from state to state, oldest first
	Criteria  []CriterionStory `json:"criteria"`
}

// A CriterionStory is one score with everything that was ever written about
// it, oldest first.
type CriterionStory struct {
	Comparison
	Touches []Touch `json:"touches"`
}

// Explain puts an explanation together. Papers returns what is written about
// the sheet of a unit, nil if it has none, and Story the touches of a document.
func Explain(now Ranking, announced *sync.Document, papers func(unit sync.DocID) (*Papers, error), story func(*sync.Document) ([]Touch, error)) (Explanation, error) {
	e := Explanation{Cluster: now.Cluster, Period: now.Period}
	told := map[sync.DocID]Row{}
	if announced != nil {
		var err error
		if e.Told, err = story(announced); err != nil {
			return e, err
		}
		e.Told = below(e.Told, "/state", "/state_reason")
		e.Seq, e.Changed = num(announced.Body(), "seq"), now.ChangedSince(announced.Body())
		for _, row := range RecordedRows(announced.Body()) {
			told[row.Unit] = row
		}
	}
	for _, row := range now.Rows {
		x := Explained{Row: row, Steps: []Touch{}, Criteria: []CriterionStory{}}
		if t, ok := told[row.Unit]; ok && (t.Rank != row.Rank || total(t) != total(row)) {
			points := total(t)
			x.ToldRank, x.ToldTotal = t.Rank, &points
		}
		p, err := papers(row.Unit)
		if err != nil {
			return e, err
		}
		if p != nil && p.Criteria != nil {
			if err := x.fill(*p, story); err != nil {
				return e, err
			}
		}
		e.Rows = append(e.Rows, x)
	}
	return e, nil
}

func (x *Explained) fill(p Papers, story func(*sync.Document) ([]Touch, error)) error {
	var all []Touch
	for _, d := range []*sync.Document{p.Sheet, p.Review, p.Verification} {
		if d == nil {
			continue
		}
		touches, err := story(d)
		if err != nil {
			return err
		}
		all = append(all, touches...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].At < all[j].At })
	x.Steps = append(x.Steps, below(all, "/state", "/state_reason", "/criteria")...)
	for _, row := range Reconcile(p).Rows {
		x.Criteria = append(x.Criteria, CriterionStory{Comparison: row, Touches: below(all, sync.Pointer("/entries").Join(row.Code))})
	}
	return nil
}

// below returns the touches at or below any of some paths.
func below(touches []Touch, paths ...sync.Pointer) []Touch {
	found := []Touch{}
	for _, t := range touches {
		for _, p := range paths {
			if t.Path == p || strings.HasPrefix(string(t.Path), string(p)+"/") {
				found = append(found, t)
			}
		}
	}
	return found
}
