package generate

import (
	"fmt"

	"thidua/internal/emulation"
	"thidua/sync"
)

// A stage is how far a cluster has come in its year.
type stage int

const (
	scoring stage = iota // units fill their sheets
	checking
	meeting
	verifying
	closed
)

// A cluster is generated, handed over and forgotten.
type cluster struct {
	*province
	draw
	number int
	count  int // over all provinces
	code   string
	id     sync.DocID
	period sync.DocID
	stage  stage
	units  []unit
	org    []*sync.Document // what its ranking needs of the reference data
}

// A unit of a cluster.
type unit struct {
	id          sync.DocID
	key         string // in keyed sets
	name, short string
	skill       int // how well it scores, of a hundred
}

func newCluster(p *province, number int) *cluster {
	code := fmt.Sprintf("%s-C%02d", p.prefix, number)
	c := &cluster{province: p, draw: newDraw(p.config.Seed, code), number: number, count: (p.number-1)*p.config.Clusters + number, code: code}
	c.id = named(emulation.TypeCluster, code)
	c.period = named(emulation.TypePeriod, code, decimal(p.config.Year))
	c.stage = [...]stage{closed, checking, meeting, closed, verifying, scoring, checking, closed}[(number-1)%8] // every eight show all
	n := p.config.Units
	if n == 0 {
		n = c.between(7, 16)
	}
	same := pick(c.draw, sorts()) // most clusters gather units of a sort
	for i := range n {
		s := same
		if c.chance(10) {
			s = pick(c.draw, sorts())
		}
		where := place(number*40 + i)
		unitCode := fmt.Sprintf("%s-U%02d", code, i+1)
		c.units = append(c.units, unit{
			id: named(emulation.TypeUnit, unitCode), key: fmt.Sprintf("u%02d", i+1), name: s.name + where, short: s.short + where, skill: c.between(86, 98),
		})
	}
	return c
}

func (c *cluster) batch(scope sync.Scope) *batcher {
	return &batcher{Batch{Cluster: c.count, Scope: scope}, c.store}
}

// stream hands over the cluster's documents, scope by scope.
func (c *cluster) stream() error {
	if err := c.organise(); err != nil || !c.config.Activity {
		return err
	}
	var papers []*sync.Document
	for _, u := range c.units {
		own, err := c.deskOf(u)
		if err != nil {
			return err
		}
		papers = append(papers, own...)
		if err := c.own(u); err != nil {
			return err
		}
	}
	reviews, err := c.reviews(papers)
	if err != nil {
		return err
	}
	minutes, err := c.gather()
	if err != nil {
		return err
	}
	return c.honour(append(append(papers, reviews...), minutes...))
}

// organise hands over the reference data: units, who manages them, the
// cluster, its members and terms, and the year.
func (c *cluster) organise() error {
	b := c.batch(sync.Org)
	year := c.config.Year
	since := dayOf(year-c.between(1, 6), 1, 1)
	kind, word := "cluster", "Cụm"
	if c.chance(30) {
		kind, word = "bloc", "Khối"
	}
	for i, u := range c.units {
		code := fmt.Sprintf("%s-U%02d", c.code, i+1)
		names := sync.Object{"n1": sync.Object{"name": u.name, "short": u.short}}
		if c.chance(15) { // renamed when districts were abolished
			old := "Trung tâm Y tế huyện " + place(c.number*40+i)
			names = sync.Object{
				"n1": sync.Object{"name": old, "to": dayOf(year-1, 6, 30)},
				"n2": sync.Object{"name": u.name, "short": u.short, "from": dayOf(year-1, 7, 1)},
			}
		}
		b.add(emulation.TypeUnit, sync.Object{"code": code, "kind": kindOf(u), "status": "active", "names": names}, code)
		b.add(emulation.TypeUnitLink, sync.Object{"child": string(u.id), "parent": string(c.office), "kind": "manages"}, code, string(c.office))
		b.add(emulation.TypeMembership, sync.Object{"unit": string(u.id), "cluster": string(c.id), "from": since}, string(u.id), string(c.id), since)
	}
	b.add(emulation.TypeCluster, sync.Object{
		"code": c.code, "kind": kind, "number": int64(c.number), "name": fmt.Sprintf("%s thi đua số %d", word, c.number), "supervisor": string(c.office),
	}, c.code)
	b.add(emulation.TypePeriod, c.year(), c.code, decimal(year))
	b.add(emulation.TypeTerm, c.term(year, c.units[0], c.units[1]))
	if c.config.Activity && c.stage >= verifying {
		b.add(emulation.TypeTerm, c.term(year+1, c.units[1], c.units[2]))
	}
	c.org = append(append([]*sync.Document{c.set, c.notice}, b.Docs...), c.org...)
	stored, err := b.flush()
	for _, d := range stored {
		if d.ID == c.set.ID {
			c.org[0] = d // rankings name its version
		}
	}
	return err
}

func kindOf(u unit) string {
	for _, s := range sorts() {
		if len(u.name) > len(s.name) && u.name[:len(s.name)] == s.name {
			return s.kind
		}
	}
	return "other"
}

// year is the cluster's period with its milestones, which rest on the dispatch.
func (c *cluster) year() sync.Object {
	due := func(kind, day string, grace int64) sync.Object {
		return sync.Object{"kind": kind, "due": day, "grace": grace, "basis": string(c.notice.ID)}
	}
	state := "open"
	if c.config.Activity {
		state = [...]string{"open", "cross_check", "conference", "verification", "closed"}[c.stage]
	}
	return sync.Object{
		"code": fmt.Sprintf("%s-%d", c.code, c.config.Year), "kind": "year", "title": fmt.Sprintf("Năm %d", c.config.Year), "cluster": string(c.id),
		"from": c.day(1, 1), "to": c.day(12, 31), "criteria": string(c.set.ID), "state": state,
		"milestones": sync.Object{
			"registration": due("registration", c.day(2, 15), 5), "pledge": due("pledge", c.day(2, 28), 5), "report": due("report", c.day(11, 10), 3),
			"sheet": due("sheet", c.day(11, 15), 3), "cross_check": due("cross_check", c.day(11, 25), 2), "conference": due("conference", c.held(), 0),
			"verification": due("verification", c.day(12, 25), 3),
		},
	}
}

// held is the day of the conference; it follows from the cluster's number.
func (c *cluster) held() string { return c.day(12, 5+c.number%14) }

func (c *cluster) term(year int, head, deputy unit) sync.Object {
	return sync.Object{"cluster": string(c.id), "year": int64(year), "head": string(head.id), "deputy": string(deputy.id)}
}
