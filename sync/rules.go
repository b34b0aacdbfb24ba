package sync

// Rules are what the domain adds to the engine: the types it knows and who may
// do what. They take values and return values; the engine calls them for every
// mutation, anew at every retry.
type Rules interface {
	// Schema returns the types known; it does not change while the process runs.
	Schema() *Schema
	// Allow says whether an act may be done by its author in the present state.
	Allow(Act) Ruling
}

// An Act is one mutation about to be judged.
type Act struct {
	Author   Author
	Scope    Scope
	Type     *Type
	Doc      DocID
	Present  *Document // nil if there is none yet; Gone if it was deleted
	Delete   bool
	Edits    []Edit // a creation is one edit at ""
	Base     int64  // version of the document that the author saw, 0 if that is not known
	Made     int64  // by the device's clock, milliseconds since 1970; evidence only
	Offset   int64  // how far the device's clock was behind ours when it sent, milliseconds
	Received int64
	Blocked  bool // a conflict about the document is open
	Decision bool // a person decides a conflict: the right to do so was checked, the values were not
	Org      *Reference
	Look     func(DocID) *Document // what Other asks; may be nil

	committed func(version int64) int64 // when; nil if nothing is known of the log
}

// ChangedAt returns when the value at a path of the present document was last
// changed, in server time (milliseconds since 1970); 0 if that is not known. A
// draft notes what it could not tell (Draft.Asked), and whoever holds the log
// judges again with it. So rules ask only where it makes a difference, and
// answer 0 with a question for a person.
func (a Act) ChangedAt(p Pointer) int64 {
	if a.Present == nil || a.committed == nil {
		return 0
	}
	return a.committed(a.Present.touchedAt(p))
}

// Other returns another document of the scope as of the act, nil if there is none.
func (a Act) Other(id DocID) *Document {
	if a.Look == nil {
		return nil
	}
	return a.Look(id)
}

// A Verdict on an act.
type Verdict int

// The verdicts.
const (
	Allow  Verdict = iota // go on and merge
	Refuse                // keep it as a rejection, with the reason
	Queue                 // keep it as a conflict: a person decides
)

// A Ruling is a verdict with its reason.
type Ruling struct {
	Verdict Verdict
	Code    Code // of the reason; "" if allowed
}

// A Target is a document that the server derives from others.
type Target struct {
	Scope   Scope
	Doc     DocID
	Type    string
	Subject string // what it is about, in the domain's own notation
}

// A Derivation computes derived documents; the domain has one for each kind.
type Derivation interface {
	// Targets returns the derived documents that depend on a scope.
	Targets(changed Scope, org *Reference) []Target
	// Sources returns the scopes a target is computed from, besides Org.
	Sources(t Target, org *Reference) []Scope
	// Derive computes the body of a target from the live documents of its
	// sources; nil means that there should be no such document.
	Derive(t Target, docs map[Scope][]*Document, org *Reference) Object
	// Questions returns, for a target of TypeConflict, what is to be asked about
	// documents of its scope, from the live documents of its sources.
	Questions(t Target, docs map[Scope][]*Document, org *Reference) []Question
}
