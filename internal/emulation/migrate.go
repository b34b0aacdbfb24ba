package emulation

import (
	"slices"

	"thidua/sync"
)

// CodeCriteriaReplaced queues the question whether a sheet that was already
// cross-checked goes over to a newer set of criteria.
const CodeCriteriaReplaced sync.Code = "criteria_replaced"

// What became of a sheet when its criteria were replaced.
const (
	MigratedAlready  = "already"  // it names the new set
	MigratedKept     = "kept"     // it names the new set now; nothing has to be entered again
	MigratedReentry  = "reentry"  // it names the new set now; some points have to be entered again
	MigratedReturned = "returned" // as reentry, and it went back to the unit, which had submitted it
	MigratedQueued   = "queued"   // cross-checked already: a person decides
	MigratedClosed   = "closed"   // verified, locked or superseded: it stays with the set it was judged by
	MigratedOther    = "other"    // it was made by neither of the two sets
)

// A Migration says what replacing the criteria does to one sheet.
type Migration struct {
	Sheet   sync.DocID `json:"sheet"`
	Unit    sync.DocID `json:"unit"`
	Outcome string     `json:"outcome"`
	// Codes of criteria by what happened to them, sorted.
	Kept    []string `json:"kept,omitempty"`    // same type and maxima
	Changed []string `json:"changed,omitempty"` // the points are kept beside, and asked for again
	Removed []string `json:"removed,omitempty"` // not in the new set; the points are kept beside
	Added   []string `json:"added,omitempty"`   // not in the old set

	body     sync.Object
	conflict sync.Object
}

// Body returns the sheet's new body, nil if it stays as it is.
func (m Migration) Body() sync.Object { return m.body }

// Conflict returns the body of the conflict to be opened, nil if there is none.
func (m Migration) Conflict() sync.Object { return m.conflict }

// A Replacement is one version of a criteria set taking the place of another
// in a period.
type Replacement struct{ Period, From, To *sync.Document }

// Replacing returns a replacement, or why there can be none: both are versions
// of one set, and the new one is published.
func Replacing(org *sync.Reference, period, from, to sync.DocID) (Replacement, *sync.Fault) {
	r := Replacement{org.Find(TypePeriod, period), org.Find(TypeCriteria, from), org.Find(TypeCriteria, to)}
	no := func(detail string) *sync.Fault { return &sync.Fault{Code: CodeCriteriaUnknown, Detail: detail} }
	switch {
	case r.Period == nil:
		return r, no("no such period")
	case r.From == nil || r.To == nil || from == to:
		return r, no("two versions of the criteria are needed")
	case str(r.From.Body(), "code") != str(r.To.Body(), "code"):
		return r, no("they are versions of different sets")
	case str(r.To.Body(), "state") != "published":
		return r, no("the new version is not published")
	}
	return r, nil
}

// UnitsAfter returns the units whose sheets the replacement concerns, sorted,
// from the first after a given one.
func (r Replacement) UnitsAfter(org *sync.Reference, after sync.DocID) []sync.DocID {
	units := map[string]bool{}
	for _, c := range org.Of(TypeCluster) {
		if !appliesTo(r.Period, c.ID) {
			continue
		}
		for _, unit := range PeriodMembers(org, c.ID, r.Period.ID) {
			if unit > after {
				units[string(unit)] = true
			}
		}
	}
	sorted := make([]sync.DocID, 0, len(units))
	for _, unit := range keys(units) {
		sorted = append(sorted, sync.DocID(unit))
	}
	return sorted
}

// QuestionID returns the identifier of the conflict that asks whether a
// cross-checked sheet goes over.
func (r Replacement) QuestionID(sheet sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID("conflict", string(CodeCriteriaReplaced), string(sheet), string(r.To.ID)))
}

// Migrate takes a sheet over by the stable codes of criteria. Points of a
// criterion of equal type and maxima stay. Those of one that changed or went
// move to the entry's "former" part, so that nothing is lost, nothing out of
// range counts, and the unit is asked to enter them again. A sheet that was
// cross-checked or reviewed waits for a person. Running it again changes
// nothing. By and at are who does it and when (milliseconds since 1970).
func (r Replacement) Migrate(sheet *sync.Document, reviewed bool, reason string, by sync.PersonID, at int64) Migration {
	b := sheet.Body()
	m := Migration{Sheet: sheet.ID, Unit: doc(b, "unit")}
	state := str(b, "state")
	switch {
	case doc(b, "criteria") == r.To.ID:
		m.Outcome = MigratedAlready
		return m
	case doc(b, "criteria") != r.From.ID:
		m.Outcome = MigratedOther
		return m
	case state == "verified" || state == "locked" || state == "superseded":
		m.Outcome = MigratedClosed
		return m
	}
	m.compare(b, r.From.Body(), r.To.Body())
	m.carry(b, r.From.ID, r.To.ID)
	m.Outcome = MigratedKept
	if len(m.Changed)+len(m.Added) > 0 {
		m.Outcome = MigratedReentry
	}
	switch {
	case reviewed || state == "cross_checked" || state == "explained" || state == "rechecked":
		m.Outcome, m.conflict, m.body = MigratedQueued, m.ask(sheet, r.To.ID, by, at), nil
	case m.Outcome == MigratedReentry && state == "submitted":
		m.Outcome = MigratedReturned
		m.body = sync.Set(sync.Set(m.body, "/state", "returned"), "/state_reason", reason)
	}
	return m
}

// compare sorts the codes of both sets.
func (m *Migration) compare(sheet, from, to sync.Object) {
	before, after, entries := obj(from, "criteria"), obj(to, "criteria"), obj(sheet, "entries")
	for _, code := range keys(before) {
		scored := hasPoints(obj(entries, code))
		switch {
		case after[code] == nil && scored:
			m.Removed = append(m.Removed, code)
		case after[code] == nil:
		case alike(obj(before, code), obj(after, code)):
			m.Kept = append(m.Kept, code)
		default:
			m.Changed = append(m.Changed, code)
		}
	}
	for _, code := range keys(after) {
		if before[code] == nil {
			m.Added = append(m.Added, code)
		}
	}
}

// alike reports whether points of one criterion mean the same by another.
func alike(a, b sync.Object) bool {
	for _, k := range []string{"type", "max", "bonus_max", "penalty_max", "levels", "each"} {
		if !sync.Equal(a[k], b[k]) {
			return false
		}
	}
	return true
}

func scoreFields() []string { return []string{"self", "bonus", "penalty"} }

func hasPoints(entry sync.Object) bool {
	for _, k := range scoreFields() {
		if entry[k] != nil {
			return true
		}
	}
	return false
}

func (m *Migration) carry(b sync.Object, from, to sync.DocID) {
	m.body = sync.Set(b, "/criteria", string(to))
	for _, code := range append(append([]string(nil), m.Changed...), m.Removed...) {
		at := sync.Pointer("/entries").Join(code)
		entry := obj(obj(b, "entries"), code)
		if !hasPoints(entry) {
			continue
		}
		former := sync.Object{"criteria": string(from)}
		for _, k := range scoreFields() {
			if entry[k] != nil {
				former[k] = entry[k]
				m.body = sync.Set(m.body, at.Join(k), nil)
			}
		}
		m.body = sync.Set(m.body, at.Join("former"), former)
	}
}

// AwaitsReentry returns the codes of criteria, sorted, whose points of a
// former criteria set were kept and which have not been entered again.
func AwaitsReentry(sheet, criteria sync.Object) []string {
	var found []string
	entries := obj(sheet, "entries")
	for _, code := range keys(entries) {
		entry := obj(entries, code)
		if entry["former"] != nil && entry["self"] == nil && obj(obj(criteria, "criteria"), code) != nil {
			found = append(found, code)
		}
	}
	return found
}

// ask returns the conflict in which a person decides whether a cross-checked
// sheet goes over to the new set: its items are what this would do to the sheet,
// one group. Points of a changed criterion would be kept in the conflict, not
// beside the entry, where only the server writes; those of one that is gone
// stay where they are, since nothing counts them.
func (m Migration) ask(sheet *sync.Document, to sync.DocID, by sync.PersonID, at int64) sync.Object {
	items := sync.Object{}
	for _, e := range sync.Diff(sheet.Body(), m.body, nil) {
		code, field, inEntry := criterionAt(e.Path)
		if inEntry && (field == "former" || slices.Contains(m.Removed, code)) {
			continue
		}
		side := sync.Object{"author": string(by), "received": at, "group": true}
		item := sync.Object{"path": string(e.Path), "code": string(CodeCriteriaReplaced), "presentBy": sync.Object{"version": sheet.Version}}
		if e.Now != nil {
			side["value"] = e.Now
		}
		if e.Was != nil {
			item["base"], item["present"] = e.Was, e.Was
		}
		item["sides"] = sync.Object{string(to): side}
		items[sync.PathKey(e.Path)] = item
	}
	return sync.Object{"about": string(sheet.ID), "aboutType": TypeSheet, "state": sync.StateOpen, "opened": at, "items": items}
}
