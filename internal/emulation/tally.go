package emulation

import "thidua/sync"

// A Tally is one vote as counted.
type Tally struct {
	For, Against, Abstain, Invalid, Returned, Issued int64
}

// TallyOf reads a tally from a body.
func TallyOf(o sync.Object) Tally {
	return Tally{
		For: num(o, "for"), Against: num(o, "against"), Abstain: num(o, "abstain"), Invalid: num(o, "invalid"),
		Returned: num(o, "returned"), Issued: num(o, "issued"),
	}
}

// Sound reports whether the numbers can be those of one vote: for + against +
// abstain + invalid = returned ≤ issued (invariant 9).
func (t Tally) Sound() bool {
	for _, n := range []int64{t.For, t.Against, t.Abstain, t.Invalid} {
		if n < 0 {
			return false
		}
	}
	return t.For+t.Against+t.Abstain+t.Invalid == t.Returned && t.Returned <= t.Issued
}

// Passed reports whether a vote passed: more than half of those present voted
// for it, so abstaining counts against. This is the rule of grassroots
// democracy conferences for resolutions.
func (t Tally) Passed(present int64) bool { return present > 0 && t.For > present-t.For }

// Quorum reports whether enough came: at least two thirds of those summoned,
// by the rule of staff conferences. Nobody summoned is no quorum.
func Quorum(present, summoned int64) bool {
	return summoned > 0 && present >= summoned-summoned/3 // ⌈2n/3⌉ = n − ⌊n/3⌋
}

// Present returns how many members attended a meeting. Invited guests and
// observers neither make a quorum nor vote.
func Present(meeting sync.Object) int64 {
	var n int64
	attendance := obj(meeting, "attendance")
	for _, a := range attendance {
		a, _ := a.(sync.Object)
		if present, _ := a["present"].(bool); !present || str(a, "role") != "member" {
			continue
		}
		n += max(1, num(a, "persons"))
	}
	return n
}

// MeetingQuorum reports whether a meeting has a quorum by its own record.
func MeetingQuorum(meeting sync.Object) bool {
	return Quorum(Present(meeting), num(meeting, "summoned"))
}

// talliesWithinPresent reports whether no vote issued more ballots than there were people to vote.
func talliesWithinPresent(meeting sync.Object) bool {
	present := Present(meeting)
	for _, in := range []struct{ set, tally string }{{"resolutions", "votes"}, {"ballots", "tally"}} {
		for _, e := range obj(meeting, in.set) {
			e, _ := e.(sync.Object)
			if TallyOf(obj(e, in.tally)).Issued > present {
				return false
			}
		}
	}
	return true
}
