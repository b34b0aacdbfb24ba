package emulation

import (
	"sort"

	"thidua/sync"
)

// Stages at which a score is written, from the unit's own to the department's.
const (
	StageSelf     = "self"
	StageCross    = "cross"
	StageRecheck  = "recheck"
	StageVerified = "verified"
)

// Papers are what is known of one unit's sheet. Any but Criteria may be nil:
// a review or verification counts only once it was sent. On a phone Sheet is
// the sheet as its owner sees it, unsynced edits included, and Review the copy
// that its cluster sent (ReviewCopyID).
type Papers struct {
	Criteria, Sheet, Review, Verification *sync.Document
	// Touched says who wrote the values of each document last, as far as it is known.
	Touched map[sync.DocID]map[sync.Pointer]Touch
}

// Reviewed reports whether a review of the sheet was sent.
func (p Papers) Reviewed() bool { return sentBody(p.Review) != nil }

// A Reconciliation sets a unit's own numbers beside the official ones.
type Reconciliation struct {
	Unit     sync.DocID   `json:"unit"`
	Period   sync.DocID   `json:"period"`
	Cluster  sync.DocID   `json:"cluster"`
	Criteria sync.DocID   `json:"criteria"`
	State    string       `json:"state"` // of the sheet
	Rows     []Comparison `json:"rows"`  // one a criterion, in the order of the criteria set
	Differ   int          `json:"differ"`
	Own      Score        `json:"own"`
	Official Score        `json:"official"`
	// The ranks by either, 0 where nothing can be said; see Place.
	OwnRank      int `json:"ownRank"`
	OfficialRank int `json:"officialRank"`
}

// A Comparison is one criterion: what the unit gave itself and what counts.
type Comparison struct {
	Code     string `json:"code"` // key in the criteria set
	Title    string `json:"title"`
	Max      int64  `json:"max"`
	Own      Points `json:"own"`
	Official Points `json:"official"`
	Stage    string `json:"stage"` // that the official points come from
	Differs  bool   `json:"differs"`
	Reason   string `json:"reason,omitempty"` // given by whoever wrote the official points
	// Who wrote the official points, and when; empty where it is not known.
	By     sync.PersonID `json:"by,omitempty"`
	Device sync.DeviceID `json:"device,omitempty"`
	At     int64         `json:"at,omitempty"`
}

// Points of one criterion in hundredths; Scored is false where none were written.
type Points struct {
	Scored  bool  `json:"scored"`
	Base    int64 `json:"base"`
	Bonus   int64 `json:"bonus"`
	Penalty int64 `json:"penalty"`
}

// Reconcile compares criterion by criterion. It is for the server and for
// phones alike: with the sheet as it is on the phone it says what unsynced
// edits would change.
func Reconcile(p Papers) Reconciliation {
	r := Reconciliation{Rows: []Comparison{}}
	if p.Criteria == nil || p.Sheet == nil {
		return r
	}
	set, sheet := p.Criteria.Body(), p.Sheet.Body()
	review, verification := sentBody(p.Review), sentBody(p.Verification)
	r.Unit, r.Period, r.Cluster, r.Criteria = doc(sheet, "unit"), doc(sheet, "period"), doc(sheet, "cluster"), p.Criteria.ID
	if r.State = str(sheet, "state"); r.State == "" {
		r.State = "draft"
	}
	r.Own, r.Official = ScoreOf(set, sheet, nil, nil), ScoreOf(set, sheet, review, verification)
	for _, code := range criteriaInOrder(set) {
		row := p.compare(code, obj(obj(set, "criteria"), code), obj(obj(sheet, "entries"), code), obj(obj(review, "entries"), code), obj(obj(verification, "entries"), code))
		if row.Differs {
			r.Differ++
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

func (p Papers) compare(code string, criterion, own, cross, verified sync.Object) Comparison {
	row := Comparison{Code: code, Title: str(criterion, "title"), Max: num(criterion, "max"), Own: pointsOf(StageSelf, own), Stage: StageSelf}
	row.Official = row.Own
	author, path := p.Sheet, sync.Pointer("/entries").Join(code)
	for _, s := range []struct {
		stage string
		from  *sync.Document
		entry sync.Object
	}{{StageCross, p.Review, cross}, {StageRecheck, p.Review, cross}, {StageVerified, p.Verification, verified}} {
		if _, scored := s.entry[s.stage].(int64); scored {
			row.Stage, row.Official.Scored, row.Official.Base, author = s.stage, true, num(s.entry, s.stage), s.from
			row.Reason = str(s.entry, "reason")
		}
	}
	for _, entry := range []sync.Object{cross, verified} { // the later word counts
		if n, ok := entry["bonus"].(int64); ok {
			row.Official.Bonus = n
		}
		if n, ok := entry["penalty"].(int64); ok {
			row.Official.Penalty = n
		}
	}
	row.Differs = row.Own != row.Official
	if t, ok := p.Touched[author.ID][path.Join(row.Stage)]; ok {
		row.By, row.Device, row.At = t.By, t.Device, t.At
	}
	return row
}

func pointsOf(stage string, entry sync.Object) Points {
	_, scored := entry[stage].(int64)
	return Points{Scored: scored, Base: num(entry, stage), Bonus: num(entry, "bonus"), Penalty: num(entry, "penalty")}
}

// sentBody returns what a review or verification says if it was sent, else
// nil. The copy of a review is there because it was.
func sentBody(d *sync.Document) sync.Object {
	if d == nil || d.Gone || d.Type != TypeReviewCopy && str(d.Body(), "state") != "sent" {
		return nil
	}
	return d.Body()
}

// CriteriaOf returns the criteria set that a sheet, review or verification names, nil if there is none.
func CriteriaOf(org *sync.Reference, body sync.Object) *sync.Document {
	return org.Find(TypeCriteria, doc(body, "criteria"))
}

// criteriaInOrder returns the keys of a set's criteria as they are printed.
func criteriaInOrder(set sync.Object) []string {
	sections, criteria := obj(set, "sections"), obj(set, "criteria")
	codes := keys(criteria)
	sort.SliceStable(codes, func(i, j int) bool {
		a, b := obj(criteria, codes[i]), obj(criteria, codes[j])
		if sa, sb := str(a, "section"), str(b, "section"); sa != sb {
			oa, ob := num(obj(sections, sa), "order"), num(obj(sections, sb), "order")
			return oa < ob || oa == ob && sa < sb
		}
		return num(a, "order") < num(b, "order")
	})
	return codes
}

// Place fills in the ranks: where the official total stands among the rows of
// a ranking, and where the unit's own total would stand in its place. Rows are
// those of a provisional ranking or of an announced one. Where another unit has
// the same total the rank by the unit's own numbers is the best it may hope for.
func (r *Reconciliation) Place(rows []Row) {
	r.OwnRank, r.OfficialRank = 0, 0
	better, among := 1, false
	for _, row := range rows {
		switch {
		case row.Unit == r.Unit:
			among, r.OfficialRank = true, row.Rank
		case row.Score != nil && row.Score.Total > r.Own.Total:
			better++
		}
	}
	if among {
		r.OwnRank = better
	}
	if among && r.Own == r.Official {
		r.OwnRank = r.OfficialRank
	}
}
