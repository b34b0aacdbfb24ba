package emulation

import "thidua/sync"

// What the values of an act are held against: the criteria, the memberships,
// the period, and what else its own document says.

// scoresStand compares the scores an act writes with the criteria set the
// document names (invariant 2). Entries it leaves alone are not its concern:
// the criteria may have changed since.
func scoresStand(act sync.Act, ch change) sync.Code {
	switch act.Type.Name {
	case TypeSheet, TypeReview, TypeVerification:
	default:
		return ""
	}
	codes := ch.entries("entries")
	if len(codes) == 0 || act.Delete {
		return ""
	}
	set := act.Org.Find(TypeCriteria, doc(ch.after, "criteria"))
	if set == nil {
		return CodeCriteriaUnknown
	}
	criteria, entries := obj(set.Body(), "criteria"), obj(ch.after, "entries")
	for _, code := range codes {
		entry, criterion := obj(entries, code), obj(criteria, code)
		switch {
		case entry == nil: // removed
		case criterion == nil && (entry["former"] == nil || hasPoints(entry)):
			return CodeCriterionUnknown
		case criterion == nil: // what is kept of a criterion that went
		default:
			if fault := scoreFault(entry, criterion); fault != "" {
				return fault
			}
		}
	}
	return ""
}

// sameCriteria asks a person where somebody scored by other criteria than the
// period's, or by criteria that were replaced meanwhile, if the criterion is
// not the same any more: what was entered by it is kept, and does not count
// until it is looked at.
func sameCriteria(act sync.Act, ch change) sync.Ruling {
	if t := act.Type.Name; ch.creates && (t == TypeSheet || t == TypeReview || t == TypeVerification) {
		p := act.Org.Find(TypePeriod, doc(ch.after, "period"))
		if p != nil && p.Body()["criteria"] != nil && p.Body()["criteria"] != ch.after["criteria"] {
			return queue(CodeCriteriaReplaced)
		}
		return sync.Ruling{}
	}
	if act.Type.Name != TypeSheet || ch.creates || act.Delete || !unseen(act, "/criteria") {
		return sync.Ruling{}
	}
	body := act.Present.Body()
	set := act.Org.Find(TypeCriteria, doc(body, "criteria"))
	if set == nil {
		return sync.Ruling{}
	}
	before := obj(formerSet(act.Org, body, set), "criteria")
	now := obj(set.Body(), "criteria")
	for _, code := range ch.entries("entries") {
		if before[code] == nil || now[code] == nil || !alike(obj(before, code), obj(now, code)) {
			return queue(CodeCriteriaReplaced)
		}
	}
	return sync.Ruling{}
}

// formerSet returns the criteria a sheet was made by before the present ones,
// nil if nothing tells: those its entries name, else the version before.
func formerSet(org *sync.Reference, sheet sync.Object, set *sync.Document) sync.Object {
	entries := obj(sheet, "entries")
	for _, code := range keys(entries) {
		if d := org.Find(TypeCriteria, doc(obj(obj(entries, code), "former"), "criteria")); d != nil {
			return d.Body()
		}
	}
	var before sync.Object
	for _, d := range org.Of(TypeCriteria) {
		b := d.Body()
		if str(b, "code") == str(set.Body(), "code") && num(b, "version") < num(set.Body(), "version") && num(b, "version") > num(before, "version") {
			before = b
		}
	}
	return before
}

// onStanding holds what is built on a ranking against the period: once it was
// reopened, a ranking from before goes nowhere, and a proposal asks a person.
func onStanding(act sync.Act, ch change) sync.Ruling {
	p := act.Org.Find(TypePeriod, doc(ch.after, "period"))
	if p == nil || act.Delete || ch.from == ch.to && len(ch.content) == 0 {
		return sync.Ruling{}
	}
	times := num(p.Body(), "reopened")
	switch act.Type.Name {
	case TypeAward:
		if act.Scope.Kind() == "cluster:desk" && num(ch.after, "reopened") < times {
			return queue(CodeRankingStale)
		}
	case TypeRanking:
		if ch.from != ch.to && ch.to != "superseded" && outrun(ch.after, times) {
			return refuse(CodeRankingStale)
		}
	}
	return sync.Ruling{}
}

// outrun reports whether a period was reopened so many times that a ranking of
// it is from before the last. One that does not state how many it knows of,
// because somebody entered it by hand, is judged by its number: there is one
// after each reopening at the earliest.
func outrun(ranking sync.Object, times int64) bool {
	if seen, states := ranking["reopened"].(int64); states {
		return seen < times
	}
	return times > 0 && num(ranking, "seq") <= times
}

// asAgreed asks a person before a ranking is announced that is not the one the
// conference agreed on. Both stand in it, with the minutes as their basis.
func asAgreed(act sync.Act, ch change) sync.Ruling {
	if act.Type.Name != TypeRanking || ch.to != "announced" || ch.from == ch.to {
		return sync.Ruling{}
	}
	agreed, rows := obj(ch.after, "agreed"), obj(ch.after, "rows")
	for _, unit := range keys(agreed) {
		if num(obj(agreed, unit), "rank") != num(obj(rows, unit), "rank") {
			return queue(CodeRankingDiffers)
		}
	}
	for _, unit := range keys(rows) {
		if len(agreed) > 0 && agreed[unit] == nil && num(obj(rows, unit), "rank") > 0 {
			return queue(CodeRankingDiffers)
		}
	}
	return sync.Ruling{}
}

// besideReference says whether a term names members of its cluster (invariant
// 5), and whether a sheet is with a cluster it can be with.
func besideReference(act sync.Act, ch change) sync.Code {
	if act.Delete {
		return ""
	}
	switch act.Type.Name {
	case TypeTerm:
		from, _ := TermSpan(int(num(ch.after, "year")))
		for _, k := range []string{"head", "deputy"} {
			unit := doc(ch.after, k)
			if unit != "" && !isMember(act.Org, unit, doc(ch.after, "cluster"), DayOf(from)) {
				return CodeNotMember
			}
		}
	case TypeSheet:
		return inItsCluster(act, ch)
	}
	return ""
}

// complete asks for what a step needs beside its reason.
func (d *Domain) complete(act sync.Act, ch change) sync.Code {
	if act.Delete {
		return ""
	}
	if act.Type.Name == TypeRanking && len(obj(ch.after, "agreed")) > 0 && ch.after["meeting"] == nil {
		return CodeMinutesMissing
	}
	if ch.from == ch.to {
		return ""
	}
	switch (move{act.Type.Name, ch.from, ch.to}) {
	case move{TypeSheet, "draft", "submitted"}:
		switch set := act.Org.Find(TypeCriteria, doc(ch.after, "criteria")); {
		case set == nil:
			return CodeCriteriaUnknown
		case len(AwaitsReentry(ch.after, set.Body())) > 0:
			return CodeReenter
		case unmeasured(ch.after, set.Body()):
			return CodeActualMissing
		}
	case move{TypeMeeting, "open", "signed"}:
		if !talliesWithinPresent(ch.after) {
			return CodeTallyOverPresent
		}
	case move{TypePeriod, "closed", "open"}:
		if num(ch.after, "reopened") != num(act.Present.Body(), "reopened")+1 {
			return CodeReopenUncounted
		}
	}
	if act.Type.Name == TypeSheet && ch.to == "returned" && d.lapsed(act, ch) {
		return CodeExtensionMissing
	}
	return ""
}
