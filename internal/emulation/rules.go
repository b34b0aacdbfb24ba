package emulation

import "thidua/sync"

// Allow implements sync.Rules: first whether the author may (rights.go), then
// whether the present state lets anybody (states.go), then whether the values
// can stand beside the reference data. The device's clock decides nothing but
// whether a right that has ended meanwhile makes a refusal or a question.
func (d *Domain) Allow(act sync.Act) sync.Ruling {
	if act.Author.Person == sync.Server {
		return sync.Ruling{Verdict: sync.Allow}
	}
	ch := changeOf(act)
	if act.Decision { // who decides may put in order what states forbid, but not what cannot be
		for _, check := range []func(sync.Act, change) sync.Code{scoresInRange, besideReference} {
			if code := check(act, ch); code != "" {
				return refuse(code)
			}
		}
		return sync.Ruling{Verdict: sync.Allow}
	}
	late := false
	if code := d.may(act, ch, act.Received); code != "" {
		made := act.Made + act.Offset
		late = code == CodeForbidden && act.Made > 0 && made < act.Received && d.may(act, ch, made) == ""
		if !late {
			return refuse(code)
		}
	}
	for _, check := range []func(sync.Act, change) sync.Code{d.aboutItsSubject, d.openFor, scoresInRange, besideReference} {
		if code := check(act, ch); code != "" {
			return refuse(code)
		}
	}
	if late {
		return sync.Ruling{Verdict: sync.Queue, Code: CodeRightExpired}
	}
	return sync.Ruling{Verdict: sync.Allow}
}

func refuse(code sync.Code) sync.Ruling { return sync.Ruling{Verdict: sync.Refuse, Code: code} }

// may says whether the author had the right at a time to do what the change does.
func (d *Domain) may(act sync.Act, ch change, at int64) sync.Code {
	c := capacities(act.Author, act.Scope, at, act.Org)
	write := d.writers[place{act.Type.Name, act.Scope.Kind()}]
	moves := ch.from != ch.to
	switch {
	case (len(ch.content) > 0 || act.Delete) && c&write == 0:
		return CodeForbidden
	case ch.touches("signatures") && c&leader == 0:
		return CodeForbidden
	case !moves && c&write == 0 && !d.takesSteps(act.Type.Name, c):
		return CodeForbidden // changes nothing, but the answer would tell what is there
	}
	if s, known := d.steps[move{act.Type.Name, ch.from, ch.to}]; moves && known {
		switch {
		case c&s.who == 0:
			return CodeForbidden
		case c&s.who == head && c&staff != 0:
			return CodeOwnSheet
		}
	} else if moves && c&write == 0 {
		return CodeForbidden
	}
	if act.Type.Name == TypeReview && ofUnit(act.Author, doc(ch.after, "unit"), at) {
		return CodeOwnSheet
	}
	return ""
}

func (d *Domain) takesSteps(typ string, c capacity) bool {
	for _, s := range d.steps {
		if s.typ == typ && c&s.who != 0 {
			return true
		}
	}
	return false
}

// ofUnit reports whether an author acts for a unit at a time.
func ofUnit(a sync.Author, unit sync.DocID, at int64) bool {
	for _, g := range a.Grants {
		if (g.Role == UnitStaff || g.Role == UnitLeader) && sync.DocID(g.Subject) == unit && g.ValidAt(at) {
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
	}
	if !ch.creates {
		for _, e := range ch.content {
			if fixed(act.Type, e.Path.Keys()[0]) {
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

// openFor says whether the state of the document and of its period lets
// anybody make the change.
func (d *Domain) openFor(act sync.Act, ch change) sync.Code {
	moves := ch.from != ch.to
	s, known := d.steps[move{act.Type.Name, ch.from, ch.to}]
	if l, locked := d.locks[standing{act.Type.Name, ch.from}]; locked && !s.back && !ch.creates {
		if act.Delete {
			return l.code
		}
		for _, e := range ch.content {
			if !matches(l.except, e.Path) {
				return l.code
			}
		}
	}
	if moves && !known {
		return CodeNoSuchStep
	}
	if moves && !s.back && act.Blocked {
		return CodeConflictOpen
	}
	if act.Scope.Kind() == "unit:desk" && (len(ch.content) > 0 || act.Delete) {
		if p := find(act.Org, TypePeriod, doc(ch.after, "period")); p != nil && str(p.Body(), "state") == "closed" {
			return CodeLate
		}
	}
	if act.Type.Name == TypeMeeting && moves && ch.to == "signed" && !talliesWithinPresent(ch.after) {
		return CodeTallyOverPresent
	}
	return ""
}

// scoresInRange compares the scores an act writes with the criteria set the
// document names (invariant 2). Entries it leaves alone are not its concern:
// the criteria may have changed since.
func scoresInRange(act sync.Act, ch change) sync.Code {
	switch act.Type.Name {
	case TypeSheet, TypeReview, TypeVerification:
	default:
		return ""
	}
	codes := ch.entries("entries")
	if len(codes) == 0 || act.Delete {
		return ""
	}
	set := find(act.Org, TypeCriteria, doc(ch.after, "criteria"))
	if set == nil {
		return CodeCriteriaUnknown
	}
	criteria, entries := obj(set.Body(), "criteria"), obj(ch.after, "entries")
	for _, code := range codes {
		entry := obj(entries, code)
		criterion := obj(criteria, code)
		switch {
		case entry == nil: // removed
		case criterion == nil:
			return CodeCriterionUnknown
		case !inRange(entry, criterion):
			return CodeScoreRange
		}
	}
	return ""
}

// inRange reports whether every score of an entry lies between zero and what its criterion allows.
func inRange(entry, criterion sync.Object) bool {
	for _, k := range []string{"self", "cross", "recheck", "verified"} {
		if n := num(entry, k); n < 0 || n > num(criterion, "max") {
			return false
		}
	}
	for _, k := range []string{"bonus", "penalty"} {
		if n := num(entry, k); n < 0 || n > num(criterion, k+"_max") {
			return false
		}
	}
	return true
}

// besideReference says whether a term names members of its cluster (invariant 5).
func besideReference(act sync.Act, ch change) sync.Code {
	if act.Type.Name != TypeTerm || act.Delete {
		return ""
	}
	from, _ := TermSpan(int(num(ch.after, "year")))
	for _, k := range []string{"head", "deputy"} {
		unit := doc(ch.after, k)
		if unit != "" && !isMember(act.Org, unit, doc(ch.after, "cluster"), DayOf(from)) {
			return CodeNotMember
		}
	}
	return ""
}
