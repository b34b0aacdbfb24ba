package emulation

import (
	"sort"
	"strconv"

	"thidua/sync"
)

// TieShared is written beside rows of equal points that nothing decided
// between: they share their rank.
const TieShared = "shared"

// A Ranking of a cluster in a period, computed from what is stored. Rows are
// the members of the period as RankedUnits has them, once each (invariant 6),
// those without a sheet last and without a rank.
type Ranking struct {
	Cluster  sync.DocID `json:"cluster"`
	Period   sync.DocID `json:"period"`
	Criteria sync.DocID `json:"criteria,omitempty"`
	Reopened int64      `json:"reopened,omitempty"` // how often the period was, when it was computed
	Rows     []Row      `json:"rows"`
	Basis    []Basis    `json:"basis"`
}

// A Row of a ranking. Rank is 0 for a unit without a sheet. Tie names the step
// that decided between this row and one of equal total, TieShared if none did.
type Row struct {
	Unit    sync.DocID `json:"unit"`
	Name    string     `json:"name"`
	Rank    int        `json:"rank,omitempty"`
	Score   *Score     `json:"score,omitempty"`
	Ballots *int64     `json:"ballots,omitempty"` // in a vote on the tie
	Tie     string     `json:"tie,omitempty"`
}

// A Basis is a document a ranking used, at its version then.
type Basis struct {
	Doc     sync.DocID `json:"doc"`
	Type    string     `json:"type"`
	Version int64      `json:"version"`
}

// RankingSources returns the scopes whose documents Rank reads: also the desks
// of units that joined on the way, whose sheets may have been transferred.
func RankingSources(org *sync.Reference, cluster, period sync.DocID) []sync.Scope {
	scopes := []sync.Scope{sync.ClusterScope(cluster), sync.ClusterDesk(cluster)}
	if p := org.Find(TypePeriod, period); p != nil {
		for _, u := range membersDuring(org, cluster, p.Body()) {
			scopes = append(scopes, sync.UnitDesk(u))
		}
	}
	return scopes
}

// Rank computes the ranking of a cluster in a period from the live documents
// of RankingSources, in any order. Equal totals are told apart by the steps of
// the criteria set in its order, and share a rank (1-2-2-4) where none
// decides; neither names nor times ever do. Reviews and verifications count
// once they are sent.
func Rank(org *sync.Reference, cluster, period sync.DocID, docs []*sync.Document) Ranking {
	r := Ranking{Cluster: cluster, Period: period, Rows: []Row{}, Basis: []Basis{}}
	p := org.Find(TypePeriod, period)
	if p == nil {
		return r
	}
	byID := map[sync.DocID]*sync.Document{}
	for _, d := range docs {
		if !d.Gone {
			byID[d.ID] = d
		}
	}
	r.Criteria, r.Reopened = doc(p.Body(), "criteria"), num(p.Body(), "reopened")
	votes, vote := tieBallots(period, docs)
	for _, unit := range RankedUnits(org, cluster, period, docs) {
		row := Row{Unit: unit, Name: NameOn(org.Find(TypeUnit, unit), str(p.Body(), "from"))}
		if s := byID[SheetID(unit, period)]; s != nil && s.Type == TypeSheet {
			r.score(&row, org, s, byID)
		}
		if n, ok := votes[unit]; ok && row.Score != nil {
			row.Ballots = &n
		}
		r.Rows = append(r.Rows, row)
	}
	var order []string
	if set := org.Find(TypeCriteria, r.Criteria); set != nil {
		r.use(set)
		steps, _ := set.Body()["tie_break"].([]any)
		for _, s := range steps {
			step, _ := s.(string)
			order = append(order, step)
		}
	}
	if vote != nil {
		r.use(vote)
	}
	rankRows(r.Rows, order)
	sort.Slice(r.Basis, func(i, j int) bool { return r.Basis[i].Doc < r.Basis[j].Doc })
	return r
}

func (r *Ranking) use(d *sync.Document) {
	for _, b := range r.Basis {
		if b.Doc == d.ID {
			return
		}
	}
	r.Basis = append(r.Basis, Basis{Doc: d.ID, Type: d.Type, Version: d.Version})
}

// score adds up a row by the criteria its sheet names; it stays without a
// score if there is no such set, or the sheet is another cluster's.
func (r *Ranking) score(row *Row, org *sync.Reference, sheet *sync.Document, byID map[sync.DocID]*sync.Document) {
	b := sheet.Body()
	set := org.Find(TypeCriteria, doc(b, "criteria"))
	if set == nil || doc(b, "cluster") != r.Cluster || str(b, "state") == "superseded" {
		return
	}
	if r.Criteria == "" {
		r.Criteria = set.ID
	}
	sent := func(id sync.DocID, typ string) sync.Object {
		d := byID[id]
		if d == nil || d.Type != typ || str(d.Body(), "state") != "sent" {
			return nil
		}
		r.use(d)
		return d.Body()
	}
	r.use(sheet)
	r.use(set)
	s := ScoreOf(set.Body(), b, sent(ReviewID(sheet.ID), TypeReview), sent(VerificationID(sheet.ID), TypeVerification))
	row.Score = &s
}

// tieBallots returns the votes for each unit in the last meeting on the period
// that voted on a tie, and that meeting.
func tieBallots(period sync.DocID, docs []*sync.Document) (map[sync.DocID]int64, *sync.Document) {
	var last *sync.Document
	var votes map[sync.DocID]int64
	for _, d := range docs {
		if d.Gone || d.Type != TypeMeeting || doc(d.Body(), "reviewed_period") != period {
			continue
		}
		found := map[sync.DocID]int64{}
		ballots := obj(d.Body(), "ballots")
		for k := range ballots {
			b := obj(ballots, k)
			if t := obj(b, "tally"); str(b, "kind") == "tie_break" && str(b, "unit") != "" && t != nil {
				found[doc(b, "unit")] += num(t, "for")
			}
		}
		if len(found) == 0 {
			continue
		}
		on, lastOn := str(d.Body(), "held_on"), ""
		if last != nil {
			lastOn = str(last.Body(), "held_on")
		}
		if last == nil || on > lastOn || on == lastOn && d.ID > last.ID {
			last, votes = d, found
		}
	}
	return votes, last
}

// Stale reports whether a document the ranking used has changed or gone since,
// a new sheet has come in, or the period was reopened (invariant 7). Documents
// are those of RankingSources as they are now.
func (r Ranking) Stale(org *sync.Reference, docs []*sync.Document) bool {
	now := Rank(org, r.Cluster, r.Period, docs)
	if len(now.Basis) != len(r.Basis) || now.Reopened != r.Reopened {
		return true
	}
	for i := range now.Basis {
		if now.Basis[i] != r.Basis[i] {
			return true
		}
	}
	return false
}

// Body returns the ranking as the body of a document that records it.
func (r Ranking) Body(seq int64) sync.Object {
	rows, basis := sync.Object{}, sync.Object{}
	for _, row := range r.Rows {
		o := sync.Object{"scored": row.Score != nil}
		if row.Score != nil {
			o["score"], o["rank"] = row.Score.Total, int64(row.Rank)
		}
		if row.Tie != "" {
			o["tie"] = row.Tie
		}
		rows[string(row.Unit)] = o
	}
	for _, b := range r.Basis {
		basis[string(b.Doc)] = b.Version
	}
	body := sync.Object{"cluster": string(r.Cluster), "period": string(r.Period), "seq": seq, "reopened": r.Reopened}
	if r.Criteria != "" {
		body["criteria"] = string(r.Criteria)
	}
	if len(rows) > 0 {
		body["rows"] = rows
	}
	if len(basis) > 0 {
		body["basis"] = basis
	}
	return body
}

// RankingID returns the identifier of a recorded ranking: the first of a
// period has sequence 1, each later one the next.
func RankingID(cluster, period sync.DocID, seq int64) sync.DocID {
	return sync.DocID(sync.NameID(TypeRanking, string(cluster), string(period), strconv.FormatInt(seq, 10)))
}

// LastAnnounced returns the ranking of a period with the highest sequence that
// its cluster was told and that was not superseded, nil if there is none.
func LastAnnounced(period sync.DocID, docs []*sync.Document) *sync.Document {
	var last *sync.Document
	for _, d := range docs {
		if d.Gone || d.Type != TypeRanking || d.Scope.Kind() != "cluster" || doc(d.Body(), "period") != period {
			continue
		}
		switch str(d.Body(), "state") {
		case "announced", "submitted", "confirmed":
			if last == nil || num(d.Body(), "seq") > num(last.Body(), "seq") {
				last = d
			}
		}
	}
	return last
}

// NextSeq returns the sequence of the next ranking of a period, whatever became of the earlier ones.
func NextSeq(period sync.DocID, docs []*sync.Document) int64 {
	next := int64(1)
	for _, d := range docs {
		if d.Type == TypeRanking && d.Scope.Kind() == "cluster" && doc(d.Body(), "period") == period {
			next = max(next, num(d.Body(), "seq")+1)
		}
	}
	return next
}

// ChangedSince returns what makes a recorded ranking stale, sorted: documents
// of its basis that have changed or gone, those that would be in it now, and
// the period if it was reopened (invariant 7). It is empty for a ranking that
// still holds.
func (r Ranking) ChangedSince(recorded sync.Object) []sync.DocID {
	basis := obj(recorded, "basis")
	changed := map[string]bool{}
	for id := range basis {
		changed[id] = true
	}
	for _, b := range r.Basis {
		if v, known := basis[string(b.Doc)].(int64); known && v == b.Version {
			delete(changed, string(b.Doc))
		} else {
			changed[string(b.Doc)] = true
		}
	}
	if outrun(recorded, r.Reopened) {
		changed[string(r.Period)] = true
	}
	ids := make([]sync.DocID, 0, len(changed))
	for _, id := range keys(changed) {
		ids = append(ids, sync.DocID(id))
	}
	return ids
}

// Agrees checks the ranks that a conference agreed on, by unit: they are about
// the scored units of the ranking, each once, and are ranks as they can come
// about (1-2-2-4). Differ names the units, in order, whose computed rank is
// another; a person then decides with the minutes as basis.
func (r Ranking) Agrees(agreed map[sync.DocID]int) (differ []sync.DocID, code sync.Code) {
	counts := map[int]int{}
	scored := 0
	for _, row := range r.Rows {
		if row.Score == nil {
			continue
		}
		scored++
		rank, ok := agreed[row.Unit]
		if !ok {
			return nil, CodeAgreedIncomplete
		}
		counts[rank]++
		if rank != row.Rank {
			differ = append(differ, row.Unit)
		}
	}
	for place := 1; place <= scored; place += counts[place] {
		if counts[place] == 0 {
			return nil, CodeAgreedIncomplete
		}
	}
	if len(agreed) != scored {
		return nil, CodeAgreedIncomplete
	}
	return differ, ""
}

// CodeAgreedIncomplete: agreed ranks are not those of the scored units, each once.
const CodeAgreedIncomplete sync.Code = "agreed_incomplete"

// WithAgreed returns the rows of a ranking's body with the agreed ranks in
// place of the computed ones; where they differ nothing says any more what decided a tie.
func WithAgreed(rows sync.Object, agreed map[sync.DocID]int) sync.Object {
	for unit, rank := range agreed {
		at := sync.Pointer("").Join(string(unit))
		if num(obj(rows, string(unit)), "rank") != int64(rank) {
			rows = sync.Set(sync.Set(rows, at.Join("rank"), int64(rank)), at.Join("tie"), nil)
		}
	}
	return rows
}

// AgreedBody returns agreed ranks as the field of a ranking.
func AgreedBody(agreed map[sync.DocID]int) sync.Object {
	o := sync.Object{}
	for unit, rank := range agreed {
		o[string(unit)] = sync.Object{"rank": int64(rank)}
	}
	return o
}

// RecordedRows returns the rows of a recorded ranking with their totals, in no
// particular order.
func RecordedRows(recorded sync.Object) []Row {
	rows := obj(recorded, "rows")
	found := make([]Row, 0, len(rows))
	for _, unit := range keys(rows) {
		o := obj(rows, unit)
		row := Row{Unit: sync.DocID(unit), Rank: int(num(o, "rank")), Tie: str(o, "tie")}
		if scored, _ := o["scored"].(bool); scored {
			row.Score = &Score{Total: num(o, "score")}
		}
		found = append(found, row)
	}
	return found
}
