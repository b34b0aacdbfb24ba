package emulation

import (
	"slices"

	"thidua/sync"
)

// A Score is a unit's points by one set of criteria, in hundredths. Bonus and
// Penalty are what was given; Total counts no more of them than the criteria
// allow, and Capped and Floored say where that made a difference, so that
// nothing is cut off unseen.
type Score struct {
	Base    int64 `json:"base"` // without bonus and penalties
	First   int64 `json:"first"`
	Bonus   int64 `json:"bonus"`
	Penalty int64 `json:"penalty"`
	Total   int64 `json:"total"`
	Capped  bool  `json:"capped,omitempty"`
	Floored bool  `json:"floored,omitempty"`
}

// ScoreOf adds a unit's points up. For each criterion the verified value
// counts where there is one, else the rechecked, else the cross-checked, else
// the unit's own; the same goes for bonus and penalty. Review and verification
// may be nil. Entries of criteria that the set does not have are left out.
func ScoreOf(criteria, sheet, review, verification sync.Object) Score {
	var s Score
	set := obj(criteria, "criteria")
	first := firstSection(criteria)
	own, cross, official := obj(sheet, "entries"), obj(review, "entries"), obj(verification, "entries")
	for code := range set {
		from := []sync.Object{obj(official, code), obj(cross, code), obj(own, code)}
		base := prefer(from, "verified", "recheck", "cross", "self")
		s.Base += base
		if str(obj(set, code), "section") == first {
			s.First += base
		}
		s.Bonus += prefer(from, "bonus")
		s.Penalty += prefer(from, "penalty")
	}
	bonus, penalty := s.Bonus, s.Penalty
	if most, capped := criteria["bonus_cap"].(int64); capped && bonus > most {
		bonus, s.Capped = most, true
	}
	if floor, floored := criteria["penalty_floor"].(int64); floored && penalty > -floor {
		penalty, s.Floored = -floor, true
	}
	s.Total = s.Base + bonus - penalty
	return s
}

// prefer returns the first value there is, papers before fields.
func prefer(papers []sync.Object, fields ...string) int64 {
	for _, paper := range papers {
		for _, f := range fields {
			if n, ok := paper[f].(int64); ok {
				return n
			}
		}
	}
	return 0
}

// firstSection returns the code of the section that comes first.
func firstSection(criteria sync.Object) string {
	sections := obj(criteria, "sections")
	first := ""
	for _, code := range keys(sections) {
		if first == "" || num(obj(sections, code), "order") < num(obj(sections, first), "order") {
			first = code
		}
	}
	return first
}

// scoreFault returns why the scores of an entry cannot stand by its criterion,
// "" if they can: each lies between zero and the maximum (invariant 2), and the
// unit's own keep to what the type asks. Reviewers judge freely within that.
func scoreFault(entry, criterion sync.Object) sync.Code {
	if !inRange(entry, criterion) {
		return CodeScoreRange
	}
	self, scored := entry["self"].(int64)
	if !scored {
		return ""
	}
	switch str(criterion, "type") {
	case CriterionAchieved:
		levels, _ := criterion["levels"].([]any)
		if len(levels) > 0 && !slices.Contains(levels, any(self)) {
			return CodeNotALevel
		}
	case CriterionCount:
		if each := num(criterion, "each"); each > 0 && self%each != 0 && self != num(criterion, "max") {
			return CodeNotAMultiple
		}
	}
	return ""
}

// unmeasured reports whether a measured criterion has a score without what was reached.
func unmeasured(sheet, criteria sync.Object) bool {
	entries, set := obj(sheet, "entries"), obj(criteria, "criteria")
	for _, code := range keys(entries) {
		if e := obj(entries, code); e["self"] != nil && str(e, "actual") == "" && obj(set, code)["measure"] != nil {
			return true
		}
	}
	return false
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
