package systems

import (
	"strings"

	"thidua/internal/emulation"
	"thidua/sync"
)

// Results are what the five systems must be able to tell, computed from
// stored documents alone.
type Results struct {
	A ResultA `json:"A"`
	B ResultB `json:"B"`
	C ResultC `json:"C"`
	D ResultD `json:"D"`
	E ResultE `json:"E"`
}

// ResultA is a year-end review. Percent is of the members that registered;
// FirstRank is computed from the score sheets, whoever was announced.
type ResultA struct {
	Registered    string     `json:"registered"`
	Percent       float64    `json:"percent"`
	Members       int        `json:"members"`
	HeadNext      *string    `json:"headNext"`
	DeputyNext    *string    `json:"deputyNext"`
	FirstRank     string     `json:"firstRank"`
	FlagProposals []Proposal `json:"flagProposals"`
}

// A Proposal for an award. Note says what is uncertain about it.
type Proposal struct {
	Unit      string `json:"unit"`
	Authority string `json:"authority"`
	Note      string `json:"note,omitempty"`
}

// ResultB is a mid-year review.
type ResultB struct {
	Reports         string `json:"reports"`
	Recommendations int    `json:"recommendations"` // carried on to the year-end
}

// ResultC is a review by dispatch. HeadNext is nil while the head is unknown.
type ResultC struct {
	Dispatch         string  `json:"dispatch"`
	DaysToConference int     `json:"daysToConference"`
	Pledges          string  `json:"pledges"`
	HeadNext         *string `json:"headNext"`
}

// ResultD is a staff conference.
type ResultD struct {
	Actual  int64   `json:"actual"`
	Percent float64 `json:"percent"`
	Quorum  bool    `json:"quorum"`
}

// ResultE is a commendation.
type ResultE struct {
	Awards      int64 `json:"awards"`
	Handovers   int64 `json:"handovers"`
	Initiatives int64 `json:"initiatives"`
}

// Compute reads the documents of the systems, live or gone, by scope, and
// computes what they tell. Documents that are missing leave zeroes.
func Compute(docs func(sync.Scope) []*sync.Document) Results {
	c := computing{docs: docs, org: sync.NewReference(0, docs(sync.Org))}
	return Results{A: c.a(), B: c.b(), C: c.c(), D: c.d(), E: c.e()}
}

type computing struct {
	docs func(sync.Scope) []*sync.Document
	org  *sync.Reference
}

func (c computing) a() ResultA {
	cluster, period := Cluster("A"), Period("A", "2022")
	registered := c.track(cluster, period, emulation.TrackRegistration)
	r := ResultA{
		Registered: registered.Ratio(), Percent: percent(int64(registered.N), int64(registered.Of)),
		Members: len(emulation.PeriodMembers(c.org, cluster, period)), FlagProposals: []Proposal{},
	}
	r.HeadNext, r.DeputyNext = c.leaders(cluster, 2023)
	var first []string
	for _, row := range emulation.Rank(c.org, cluster, period, c.all(emulation.RankingSources(c.org, cluster, period))).Rows {
		if row.Rank == 1 {
			first = append(first, row.Name)
		}
	}
	r.FirstRank = strings.Join(first, ", ")
	for _, d := range emulation.FlagProposals(period, c.docs(sync.ClusterDesk(cluster))) {
		body := d.Body()
		p := Proposal{}
		if unit, _ := body["unit"].(string); unit != "" {
			p.Unit = c.name(sync.DocID(unit), "2022-12-16")
		}
		p.Authority, _ = body["authority_stated"].(string)
		p.Note, _ = body["note"].(string)
		r.FlagProposals = append(r.FlagProposals, p)
	}
	return r
}

func (c computing) b() ResultB {
	cluster, period := Cluster("B"), Period("B", "2016-1")
	r := ResultB{Reports: c.track(cluster, period, emulation.TrackReport).Ratio()}
	for _, d := range c.docs(sync.ClusterScope(cluster)) {
		if !d.Gone && d.Type == emulation.TypeRecommendation && d.Body()["carried_to"] == string(Period("B", "2016")) {
			r.Recommendations++
		}
	}
	return r
}

func (c computing) c() ResultC {
	cluster := Cluster("C")
	r := ResultC{Pledges: c.track(cluster, Period("C", "2022"), emulation.TrackPledge).Ratio()}
	for _, d := range c.org.Of(emulation.TypeDispatch) {
		if d.ID != Dispatch() {
			continue
		}
		r.Dispatch, _ = d.Body()["number"].(string)
		for _, a := range emulation.Timetable(d, c.org, c.docs(sync.ClusterScope(cluster))) {
			if a.Kind == emulation.TypeMeeting {
				r.DaysToConference = a.Days
			}
		}
	}
	r.HeadNext, _ = c.leaders(cluster, 2022)
	return r
}

func (c computing) d() ResultD {
	var r ResultD
	unit := Unit("cua-lo")
	if d := c.indicator(sync.UnitDesk(unit), "visits"); d != nil {
		plan, _ := d["plan"].(int64)
		r.Actual, _ = d["actual"].(int64)
		r.Percent = percent(r.Actual, plan)
	}
	for _, d := range c.docs(sync.UnitScope(unit)) {
		if !d.Gone && d.ID == Meeting("D") {
			r.Quorum = emulation.MeetingQuorum(d.Body())
		}
	}
	return r
}

func (c computing) e() ResultE {
	scope := sync.UnitScope(Unit("cong-doan-y-te-thai-nguyen"))
	docs := c.docs(scope)
	r := ResultE{
		Awards:    emulation.CountAwards(Period("E", "2015-2020"), docs).Count,
		Handovers: emulation.CountHandovers(Meeting("E"), docs).Count,
	}
	if d := c.indicator(scope, "initiatives"); d != nil {
		r.Initiatives, _ = d["actual"].(int64)
	}
	return r
}

func (c computing) all(scopes []sync.Scope) []*sync.Document {
	var docs []*sync.Document
	for _, s := range scopes {
		docs = append(docs, c.docs(s)...)
	}
	return docs
}

func (c computing) track(cluster, period sync.DocID, kind string) emulation.Progress {
	var desks []sync.Scope
	for _, u := range emulation.PeriodMembers(c.org, cluster, period) {
		desks = append(desks, sync.UnitDesk(u))
	}
	return emulation.Track(c.org, cluster, period, kind, c.all(desks))
}

func (c computing) indicator(scope sync.Scope, code string) sync.Object {
	for _, d := range c.docs(scope) {
		if !d.Gone && d.Type == emulation.TypeIndicator && d.Body()["code"] == code {
			return d.Body()
		}
	}
	return nil
}

// leaders returns the names that head and deputy bear when their term begins.
func (c computing) leaders(cluster sync.DocID, year int) (head, deputy *string) {
	h, d := emulation.Leaders(c.org, cluster, year)
	from, _ := emulation.TermSpan(year)
	known := func(unit sync.DocID) *string {
		if unit == "" {
			return nil
		}
		name := c.name(unit, emulation.DayOf(from))
		return &name
	}
	return known(h), known(d)
}

func (c computing) name(unit sync.DocID, day string) string {
	for _, d := range c.org.Of(emulation.TypeUnit) {
		if d.ID == unit {
			return emulation.NameOn(d, day)
		}
	}
	return ""
}

// percent is emulation.Percent for JSON; without a plan it is zero.
func percent(actual, plan int64) float64 {
	tenths, _ := emulation.Percent(actual, plan)
	return float64(tenths) / 10
}
