package emulation

import "thidua/sync"

// SchemaVersion is the version of the newest shape of bodies; OldestSchema is
// the oldest an app may still pull with.
const (
	SchemaVersion = 1
	OldestSchema  = 1
)

// Domain is the rules of emulation clusters as the engine and the hub ask for
// them. It holds nothing that changes and is safe for use by many at once.
type Domain struct {
	schema    *sync.Schema
	writers   map[place][]right
	steps     map[move]step
	locks     map[standing]lock
	seals     []seal
	deadlines []deadline
	reminders []reminder
	messages  map[sync.Code]sync.Text
}

type (
	place    struct{ typ, scope string }
	move     struct{ typ, from, to string }
	standing struct{ typ, state string }
)

var (
	_ sync.Rules      = (*Domain)(nil)
	_ sync.Derivation = (*Domain)(nil)
)

// New returns the domain.
func New() *Domain {
	d := &Domain{
		schema:    &sync.Schema{Version: SchemaVersion, Oldest: OldestSchema, Types: map[string]*sync.Type{}},
		writers:   map[place][]right{},
		steps:     map[move]step{},
		locks:     map[standing]lock{},
		seals:     seals(),
		deadlines: deadlines(),
		reminders: reminders(),
		messages:  sentences(),
	}
	for _, t := range types() {
		if t.Body.Fields["state"] != nil {
			t.Taken = CodeAlreadySubmitted
		}
		d.schema.Types[t.Name] = t
	}
	for _, r := range rights() {
		at := place{r.typ, r.scope}
		d.writers[at] = append(d.writers[at], r)
	}
	for _, s := range steps() {
		d.steps[move{s.typ, s.from, s.to}] = s
	}
	for _, l := range locks() {
		d.locks[standing{l.typ, l.state}] = l
	}
	return d
}

func types() []*sync.Type {
	return []*sync.Type{
		unitType(), unitLinkType(), successionType(), clusterType(), membershipType(), termType(), periodType(), dispatchType(), criteriaType(),
		registrationType(), pledgeType(), reportType(), indicatorType(), movementType(), meetingType(), recommendationType(),
		sheetType(), reviewType(), verificationType(), rankingType(), awardType(), handoverType(), noticeType(), preferencesType(), trackerType(), duplicatesType(), reviewCopyType(),
	}
}

// Schema implements sync.Rules.
func (d *Domain) Schema() *sync.Schema { return d.schema }

// Message returns the sentence people read for a code of the domain, and false
// for the codes of others.
func (d *Domain) Message(code sync.Code) (sync.Text, bool) {
	t, ok := d.messages[code]
	return t, ok
}
