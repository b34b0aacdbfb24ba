package push

import (
	"cmp"
	"context"
	"slices"

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
	Limit    int // 1 to 500
}

// Listing returns what was told, skipped, and is to be told of what is due in a
// time. Grants say what of it: an admin's everything, an officer's what concerns
// people of the clusters they are for, others nothing. Nothing is told by looking.
func (p *Push) Listing(ctx context.Context, grants []sync.Grant, q Query) ([]Row, error) {
	q.Limit = min(max(q.Limit, 1), keyPage)
	org, err := p.cfg.Hub.Reference(ctx)
	if err != nil {
		return nil, err
	}
	a, err := p.look(ctx)
	if err != nil {
		return nil, err
	}
	clusters := p.within(grants, org)
	seen := map[sync.PersonID]bool{}
	for _, cluster := range clusters {
		for _, l := range a.around(sync.ClusterScope(cluster), org) {
			seen[l.Person] = true
		}
	}
	mayAll := emulation.Manages(sync.Author{Grants: grants}, p.milli())
	may := func(r Row) bool { return mayAll || seen[r.Person] }
	rows, err := p.foresee(ctx, org, a, clusters, q)
	if err != nil {
		return nil, err
	}
	for from, after := q.From, q.AfterKey; len(rows) < 2*keyPage; {
		told, err := p.cfg.Store.Told(ctx, from, q.To, after, keyPage)
		if err != nil {
			return nil, err
		}
		found := 0
		for _, t := range told {
			if may(Row(t)) {
				rows, found = append(rows, Row(t)), found+1
			}
		}
		if found >= q.Limit || len(told) < keyPage {
			break
		}
		from, after = told[len(told)-1].Due, told[len(told)-1].Key
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Key, b.Key)) })
	return rows[:min(len(rows), q.Limit)], nil
}

// within returns the clusters whose reminders a holder of grants may see.
func (p *Push) within(grants []sync.Grant, org *sync.Reference) []sync.DocID {
	now := p.milli()
	all := emulation.Manages(sync.Author{Grants: grants}, now)
	var clusters []sync.DocID
	for _, c := range org.Of(emulation.TypeCluster) {
		if all || slices.ContainsFunc(grants, func(g sync.Grant) bool {
			return g.Role == emulation.Officer && g.ValidAt(now) && sync.DocID(g.Subject) == c.ID
		}) {
			clusters = append(clusters, c.ID)
		}
	}
	return clusters
}

// foresee returns rows for the reminders of clusters about which nothing was
// decided yet, the first ones of the query.
func (p *Push) foresee(ctx context.Context, org *sync.Reference, a *audience, clusters []sync.DocID, q Query) ([]Row, error) {
	now := p.milli()
	var notices []emulation.Notice
	for _, cluster := range clusters {
		listeners := a.around(sync.ClusterScope(cluster), org)
		circle, err := p.circle(ctx, org, cluster, papersOf(org, cluster), listeners)
		if err != nil {
			return nil, err
		}
		for _, n := range p.cfg.Domain.Reminders(circle, max(q.From, now-reach.Milliseconds())-1, q.To-1) {
			if n.Due > q.From || n.Key > q.AfterKey {
				notices = append(notices, n)
			}
		}
	}
	slices.SortFunc(notices, func(a, b emulation.Notice) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Key, b.Key)) })
	var rows []Row
	for some := range slices.Chunk(notices, keyPage) {
		left, err := p.untold(ctx, some)
		if err != nil || len(rows) >= q.Limit {
			return rows, err
		}
		for _, n := range left {
			state := StateDue
			if n.Skip == "" && n.Until <= now {
				n.Skip = codeTooLate
			}
			if n.Skip != "" {
				state = hub.PushSkipped
			}
			rows = append(rows, Row(record(n, state, 0)))
		}
	}
	return rows, nil
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
