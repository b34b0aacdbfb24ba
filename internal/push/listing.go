package push

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// StateDue says of a row that the notice is to be told when its time comes.
const StateDue = "due"

// A Row says what became of one notice, or is to become of it. Those decided are
// as recorded; of those not decided, At is zero and State is what would be
// decided as things are now.
type Row hub.Told

// A Query selects rows with a Due of at least From and below To (milliseconds
// since 1970), in order of Due and then key, after (From, AfterKey) in that order.
type Query struct {
	From, To int64
	AfterKey string
	Ahead    time.Duration // how far from now on to foresee what is to be told; zero is up to To
}

// Listing returns what was told, skipped, and is to be told of what is due in a
// time. Grants say what of it: an admin's everything, an officer's what concerns
// people of the clusters they are for, others nothing. Nothing is told by looking.
// What is to be told is computed before the first row; the rest is read as rows
// are taken. The first error ends the rows.
func (p *Push) Listing(ctx context.Context, grants []sync.Grant, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		org, err := p.cfg.Hub.Reference(ctx)
		if err != nil {
			yield(Row{}, err)
			return
		}
		a, err := p.look(ctx)
		if err != nil {
			yield(Row{}, err)
			return
		}
		v := p.viewOf(grants, a, org)
		coming, err := p.foresee(ctx, org, a, v, q)
		if err != nil {
			yield(Row{}, err)
			return
		}
		for r, err := range p.recorded(ctx, q) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			for len(coming) > 0 && order(coming[0], r) <= 0 {
				if order(coming[0], r) < 0 && !yield(coming[0], nil) { // else it was told meanwhile
					return
				}
				coming = coming[1:]
			}
			if v.shows(r) && !yield(r, nil) {
				return
			}
		}
		for _, r := range coming {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// order compares rows as listings have them.
func order(a, b Row) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Key, b.Key)) }

// recorded returns the records of a query, page by page.
func (p *Push) recorded(ctx context.Context, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for from, after := q.From, q.AfterKey; ; {
			told, err := p.cfg.Store.Told(ctx, from, q.To, after, keyPage)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, t := range told {
				if !yield(Row(t), nil) {
					return
				}
			}
			if len(told) < keyPage {
				return
			}
			from, after = told[len(told)-1].Due, told[len(told)-1].Key
		}
	}
}

// A view is what of a listing somebody may see.
type view struct {
	all      bool
	clusters []sync.DocID           // whose reminders
	subjects map[sync.ID]bool       // these clusters and their members
	people   map[sync.PersonID]bool // who has a right there
}

// viewOf returns what holders of grants may see now.
func (p *Push) viewOf(grants []sync.Grant, a *audience, org *sync.Reference) view {
	now := p.milli()
	v := view{all: emulation.Manages(sync.Author{Grants: grants}, now), subjects: map[sync.ID]bool{}, people: map[sync.PersonID]bool{}}
	for _, c := range org.Of(emulation.TypeCluster) {
		if !v.all && !slices.ContainsFunc(grants, func(g sync.Grant) bool {
			return g.Role == emulation.Officer && g.ValidAt(now) && sync.DocID(g.Subject) == c.ID
		}) {
			continue
		}
		v.clusters = append(v.clusters, c.ID)
		v.subjects[sync.ID(c.ID)] = true
		for _, unit := range emulation.MembersOn(org, c.ID, emulation.DayOf(now)) {
			v.subjects[sync.ID(unit)] = true
		}
	}
	for _, l := range a.people {
		v.people[l.Person] = slices.ContainsFunc(l.Grants, func(g sync.Grant) bool { return v.subjects[g.Subject] && g.ValidAt(now) })
	}
	return v
}

// shows reports whether a row may be seen: it is for one of the people, and not
// about a unit or cluster elsewhere, for which they may have a right as well.
func (v view) shows(r Row) bool {
	if v.all {
		return true
	}
	_, rest, _ := strings.Cut(r.Key, "/")
	about, _, _ := strings.Cut(rest, "/")
	switch scope := sync.Scope(about); scope.Kind() {
	case "unit", "unit:desk", "cluster", "cluster:desk":
		return v.people[r.Person] && v.subjects[scope.Subject()]
	default:
		return v.people[r.Person]
	}
}

// foresee returns rows for the reminders of a view about which nothing was
// decided yet, in order.
func (p *Push) foresee(ctx context.Context, org *sync.Reference, a *audience, v view, q Query) ([]Row, error) {
	now := p.milli()
	last := q.To - 1
	if q.Ahead > 0 {
		last = min(last, now+q.Ahead.Milliseconds())
	}
	var rows []Row
	for _, cluster := range v.clusters {
		listeners := a.around(sync.ClusterScope(cluster), org)
		circle, err := p.circle(ctx, org, cluster, papersOf(org, cluster), listeners)
		if err != nil {
			return nil, err
		}
		left := p.cfg.Domain.Reminders(circle, max(q.From, now-reach.Milliseconds())-1, last)
		for some := range slices.Chunk(left, keyPage) {
			if some, err = p.untold(ctx, some); err != nil {
				return nil, err
			}
			for _, n := range some {
				if r := foreseen(n, now); v.shows(r) && (r.Due > q.From || r.Key > q.AfterKey) {
					rows = append(rows, r)
				}
			}
		}
	}
	slices.SortFunc(rows, order)
	return slices.CompactFunc(rows, func(a, b Row) bool { return a.Key == b.Key }), nil // a unit may be in two clusters
}

// foreseen returns what is going to become of a notice, as things are now.
func foreseen(n emulation.Notice, now int64) Row {
	state := StateDue
	if n.Skip == "" && n.Until <= now {
		n.Skip = codeTooLate
	}
	if n.Skip != "" {
		state = hub.PushSkipped
	}
	return Row(record(n, state, 0))
}

// kindTest is the kind of the notice by which somebody tries whether notices arrive.
const kindTest = "test"

// testLife is how long a test notice is of use.
const testLife = 60 * 60 * 1000

// Test tells a person a notice that says only that notices arrive. It returns
// the notice and how many devices were sent a message about it.
func (p *Push) Test(ctx context.Context, person sync.PersonID) (sync.DocID, int, error) {
	now := p.milli()
	n := emulation.Notice{
		Key: kindTest + "/" + newOwner() + "/" + string(person), Kind: kindTest, Person: person, Due: now, Until: now + testLife, Urgent: true,
	}
	listeners := []emulation.Listener{{Person: person}}
	if err := p.prefer(ctx, listeners); err != nil {
		return "", 0, err
	}
	if err := p.tell(ctx, []emulation.Notice{n}, listeners); err != nil || p.cfg.Sender == nil {
		return n.ID(), 0, err
	}
	tokens, err := p.cfg.Store.Tokens(ctx, []sync.PersonID{person})
	return n.ID(), len(tokens), err
}

// Register notes under which token the push service reaches a device.
func (p *Push) Register(ctx context.Context, t hub.PushToken) error {
	t.Set = p.milli()
	return p.cfg.Store.PutToken(ctx, t)
}

// Forget removes the token of a person's device, if it has one.
func (p *Push) Forget(ctx context.Context, person sync.PersonID, device sync.DeviceID) error {
	tokens, err := p.cfg.Store.Tokens(ctx, []sync.PersonID{person})
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.Device == device {
			return p.cfg.Store.DropToken(ctx, device, t.Token)
		}
	}
	return nil
}

// Metrics are what operators watch.
type Metrics struct {
	Enabled bool           // there are credentials
	Queue   map[string]int // messages by state, of all processes
	Next    int64          // when the earliest waiting message may be sent, milliseconds since 1970; 0 if none waits
	Counts  Counts         // of this process
}

// Metrics returns what operators watch.
func (p *Push) Metrics(ctx context.Context) (Metrics, error) {
	m := Metrics{Enabled: p.cfg.Sender != nil}
	if m.Enabled {
		m.Counts = p.cfg.Sender.Counts()
	}
	var err error
	m.Queue, m.Next, err = p.cfg.Store.Queue(ctx)
	return m, err
}
