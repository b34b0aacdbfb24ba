package emulation

import (
	"slices"

	"thidua/sync"
)

// Allow implements sync.Rules: first whether the author may (rights), then
// whether the present state lets anybody (steps, locks, seals), then whether the
// values can stand (values.go), at last whether it was made in time
// (deadline.go). What was right when it was made and no longer is when it
// comes in is a question for a person, unless it is the word of a head whose
// cluster the unit has left, or made after the cross-check that it would undo;
// the device's clock decides nothing else.
func (d *Domain) Allow(act sync.Act) sync.Ruling {
	if act.Author.Person == sync.Server {
		return sync.Ruling{Verdict: sync.Allow}
	}
	ch := changeOf(act)
	if act.Decision { // who decides may put in order what states forbid, but not what cannot be
		for _, check := range []check{scoresStand, besideReference, oneEach} {
			if code := check(act, ch); code != "" {
				return refuse(code)
			}
		}
		return sync.Ruling{Verdict: sync.Allow}
	}
	question := sync.Code("") // for a person, if nothing is against it
	if code := d.may(act, ch, act.Received); code != "" {
		at := made(act)
		expired := code == CodeForbidden && act.Made > 0 && at < act.Received && d.may(act, ch, at) == ""
		switch {
		case !expired:
			return refuse(code)
		case headLost(act, ch, at):
			return refuse(CodeUnitMoved)
		}
		question = CodeRightExpired
	}
	for _, check := range []check{d.aboutItsSubject, d.steppingRight, d.openFor} {
		if code := check(act, ch); code != "" {
			return refuse(code)
		}
	}
	for _, ask := range []func(sync.Act, change) sync.Ruling{d.unlocked, sameCriteria, onStanding, asAgreed} {
		switch r := ask(act, ch); r.Verdict {
		case sync.Refuse:
			return r
		case sync.Queue:
			question = r.Code
		}
	}
	if question == CodeCriteriaReplaced {
		return queue(question) // its points are by other criteria than those at hand
	}
	for _, check := range []check{scoresStand, besideReference, withinQuota, oneEach, d.complete} {
		if code := check(act, ch); code != "" {
			return refuse(code)
		}
	}
	switch r := d.inTime(act, ch); {
	case r.Verdict != sync.Allow:
		return r
	case question != "":
		return queue(question)
	}
	return sync.Ruling{Verdict: sync.Allow}
}

// A check returns why an act cannot be, "" if it can.
type check = func(sync.Act, change) sync.Code

func refuse(code sync.Code) sync.Ruling { return sync.Ruling{Verdict: sync.Refuse, Code: code} }

func queue(code sync.Code) sync.Ruling { return sync.Ruling{Verdict: sync.Queue, Code: code} }

// may says whether the author had the right at a time to do what the change does.
func (d *Domain) may(act sync.Act, ch change, at int64) sync.Code {
	c := capacities(act.Author, act.Scope, at, act.Org)
	lives := place{act.Type.Name, act.Scope.Kind()}
	general := d.writer(lives, "")
	moves := ch.from != ch.to
	if act.Delete && c&general == 0 {
		return CodeForbidden
	}
	for _, e := range ch.content {
		who := d.writer(lives, e.Path)
		if f := act.Type.Body.Fields[e.Path.Keys()[0]]; ch.creates && f != nil && f.Required {
			who = general
		}
		if c&who == 0 {
			return CodeForbidden
		}
	}
	if !moves && c&general == 0 && len(ch.content) == 0 && !d.takesSteps(act.Type.Name, c) {
		return CodeForbidden // changes nothing, but the answer would tell what is there
	}
	if s, known := d.steps[move{act.Type.Name, ch.from, ch.to}]; moves && known {
		switch {
		case s.who == head && act.Type.Name == TypeSheet && ofUnit(act.Author, sync.DocID(act.Scope.Subject()), at, act.Org):
			return CodeOwnSheet
		case c&s.who == 0:
			return CodeForbidden
		}
	} else if moves && c&general == 0 {
		return CodeForbidden
	}
	if act.Type.Name == TypeReview {
		return mayReview(act, ch, at)
	}
	return ""
}

// mayReview keeps reviewers from their own unit (invariant 4: so the deputy
// cross-checks the head's sheet), and from one that has left the cluster
// before the period was over.
func mayReview(act sync.Act, ch change, at int64) sync.Code {
	unit := doc(ch.after, "unit")
	if ofUnit(act.Author, unit, at, act.Org) {
		return CodeOwnSheet
	}
	if hasLeft(act.Org, unit, sync.DocID(act.Scope.Subject()), doc(ch.after, "period"), at) {
		return CodeUnitMoved
	}
	return ""
}

// hasLeft reports whether a unit is no member of a cluster at a time, or was
// none at the end of the period if that was before.
func hasLeft(org *sync.Reference, unit, cluster, period sync.DocID, at int64) bool {
	on := DayOf(at)
	if p := org.Find(TypePeriod, period); p != nil {
		on = min(on, str(p.Body(), "to"))
	}
	return !isMember(org, unit, cluster, on)
}

// headLost reports whether it was as head or deputy that the author had a right
// at a unit's desk when making an act, and the unit has left a cluster since.
// What its old head did then is no question for a person, as other rights are
// that ended on the way: the unit has another head now.
func headLost(act sync.Act, ch change, at int64) bool {
	if c := capacities(act.Author, act.Scope, at, act.Org); act.Scope.Kind() != "unit:desk" || c&head == 0 || c&(staff|leader|officer) != 0 {
		return false
	}
	unit := sync.DocID(act.Scope.Subject())
	return slices.ContainsFunc(ClustersOn(act.Org, unit, DayOf(at)), func(cluster sync.DocID) bool {
		return hasLeft(act.Org, unit, cluster, doc(ch.after, "period"), act.Received)
	})
}

// writer returns who may write a path of a type: the line of the table with
// the longest path that holds it.
func (d *Domain) writer(at place, path sync.Pointer) capacity {
	var who capacity
	longest := -1
	for _, r := range d.writers[at] {
		if len(r.path) > longest && (r.path == "" || matches(r.path, path)) {
			who, longest = r.who, len(r.path)
		}
	}
	return who
}

// reserved reports whether the table of rights names somebody for a path.
func (d *Domain) reserved(at place, path sync.Pointer) bool {
	for _, r := range d.writers[at] {
		if matches(r.path, path) {
			return true
		}
	}
	return false
}

func (d *Domain) takesSteps(typ string, c capacity) bool {
	for _, s := range d.steps {
		if s.typ == typ && c&s.who != 0 {
			return true
		}
	}
	return false
}

// aboutItsSubject keeps a document to the unit or cluster of its scope and to
// the name that follows from what it is about; without it one unit could take
// the identifier of another's sheet.
func (d *Domain) aboutItsSubject(act sync.Act, ch change) sync.Code {
	if act.Delete {
		return ""
	}
	subject := string(act.Scope.Subject())
	switch act.Scope.Kind() {
	case "unit", "unit:desk":
		if u := str(ch.after, "unit"); u != "" && u != subject && act.Type.Body.Fields["unit"] != nil {
			return CodeWrongSubject
		}
	case "cluster", "cluster:desk":
		if c := str(ch.after, "cluster"); c != "" && c != subject && act.Type.Body.Fields["cluster"] != nil {
			return CodeWrongSubject
		}
	case "user":
		if act.Type.Name == TypePreferences && str(ch.after, "person") != subject {
			return CodeWrongSubject
		}
	}
	placed := act.Type.Name == TypeAward && ch.after["place"] != nil
	if placed && str(ch.after, "cluster") != subject {
		return CodeWrongSubject
	}
	if !ch.creates {
		for _, e := range ch.content {
			if act.Type.Name == TypeAward && (e.Path == "/place" || placed && slices.Contains(placeFields(), e.Path.Keys()[0])) {
				return CodeFixedField // its identifier says so
			}
			if fixed(act.Type, e.Path.Keys()[0]) && !d.reserved(place{act.Type.Name, act.Scope.Kind()}, e.Path) {
				return CodeFixedField
			}
		}
		return ""
	}
	if t := act.Type.Name; t == TypeReview || t == TypeVerification {
		if doc(ch.after, "sheet") != SheetID(doc(ch.after, "unit"), doc(ch.after, "period")) {
			return CodeWrongSubject
		}
	}
	if want, keyed := KeyOf(act.Type.Name, ch.after); keyed && want != act.Doc {
		return CodeWrongID
	}
	return ""
}

// steppingRight says whether there is such a step, whether open conflicts hold
// it up, and whether it states the reason it needs. The reason is written by
// the act itself: one that is there from an earlier step says nothing of this one.
func (d *Domain) steppingRight(act sync.Act, ch change) sync.Code {
	if ch.from == ch.to {
		return ""
	}
	s, known := d.steps[move{act.Type.Name, ch.from, ch.to}]
	switch {
	case !known:
		return CodeNoSuchStep
	case s.is&back == 0 && act.Blocked:
		return CodeConflictOpen
	case s.is&why != 0 && !ch.reasoned:
		return sync.CodeReason
	}
	return ""
}

// unlocked says whether the present state takes the content of a change.
func (d *Domain) unlocked(act sync.Act, ch change) sync.Ruling {
	l, locked := d.locks[standing{act.Type.Name, ch.from}]
	if s, known := d.steps[move{act.Type.Name, ch.from, ch.to}]; !locked || ch.creates || known && s.is&back != 0 && ch.from != ch.to {
		return sync.Ruling{}
	}
	shut := act.Delete
	for _, e := range ch.content {
		open := false
		for _, pattern := range l.open {
			open = open || matches(pattern, e.Path)
		}
		shut = shut || !open
	}
	switch {
	case !shut:
		return sync.Ruling{}
	case l.unseen != "" && !act.Delete && unseen(act, "/state") && !madeSince(act, ch, "/state"):
		return queue(l.unseen)
	}
	return refuse(l.code)
}

// unseen reports whether a field was replaced after what the author of an act
// had seen of the document. What it began with is known to everybody.
func unseen(act sync.Act, path sync.Pointer) bool {
	return act.Present != nil && act.Present.Touched[path] > act.Base
}

// openFor says whether seals and the period let anybody make the change.
func (d *Domain) openFor(act sync.Act, ch change) sync.Code {
	for _, s := range d.seals {
		if s.typ != act.Type.Name || ch.creates {
			continue
		}
		for _, key := range ch.entries(s.set) {
			if sealed, _ := obj(obj(act.Present.Body(), s.set), key)[s.mark].(bool); sealed {
				return s.code
			}
		}
	}
	if (act.Scope.Kind() == "unit:desk" || act.Type.Name == TypeReview) && (len(ch.content) > 0 || act.Delete) {
		if p := act.Org.Find(TypePeriod, doc(ch.after, "period")); p != nil && str(p.Body(), "state") == "closed" {
			return CodeLate
		}
	}
	return ""
}
