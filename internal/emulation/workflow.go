package emulation

import "thidua/sync"

// This file is the rules as data, to be read from top to bottom: who writes
// what (rights), which ways lead from state to state and who takes them
// (steps), what a state closes (locks), what a mark on an entry closes
// (seals), and until when (deadlines). rules.go judges by these tables, `thidua
// rules` prints them, and a test tries every cell of what it prints.

// A right says who may write content of a type in a kind of scope. One with a
// path reserves what lies there: the line with the longest path decides. "*"
// in a path stands for any one key. Who creates a document states what it is
// required to have all the same. States are a matter of steps and locks.
type right struct {
	typ, scope, path string
	who              capacity
}

// rights is the whole table: what is not in it may be written by the server only.
func rights() []right {
	return []right{
		{TypeUnit, "org", "", admin},
		{TypeUnitLink, "org", "", admin},
		{TypeSuccession, "org", "", admin},
		{TypeCluster, "org", "", admin},
		{TypeMembership, "org", "", admin},
		{TypeTerm, "org", "", admin},
		{TypeCriteria, "org", "", admin},
		{TypePeriod, "org", "", admin | officer},
		{TypePeriod, "org", "/reopened", admin},
		{TypeDispatch, "org", "", admin | officer},

		{TypeRegistration, "unit:desk", "", staff},
		{TypePledge, "unit:desk", "", staff},
		{TypePledge, "unit:desk", "/signatures", leader},
		{TypeReport, "unit:desk", "", staff},
		{TypeIndicator, "unit:desk", "", staff},
		{TypeSheet, "unit:desk", "", staff},
		{TypeSheet, "unit:desk", "/extended_to", officer},
		{TypeSheet, "unit:desk", "/cluster", admin}, // a transfer
		{TypeSheet, "unit:desk", "/criteria", admin},
		{TypeVerification, "unit:desk", "", officer},

		{TypeMeeting, "unit", "", staff},
		{TypeMovement, "unit", "", staff},
		{TypeIndicator, "unit", "", staff},
		{TypeAward, "unit", "", staff},
		{TypeHandover, "unit", "", staff},

		{TypeMeeting, "cluster", "", member | head | officer},
		{TypeMovement, "cluster", "", member | head | officer},
		{TypeHandover, "cluster", "", member | head | officer},
		{TypeRecommendation, "cluster", "", head | officer},
		{TypeRanking, "cluster", "", head},

		{TypeReview, "cluster:desk", "", head},
		{TypeRanking, "cluster:desk", "", head | officer},
		{TypeAward, "cluster:desk", "", head | officer},

		{TypeNotice, "user", "", owner},
		{TypePreferences, "user", "", owner},
	}
}

// A step is one way from a state to another and who may take it.
type step struct {
	typ, from, to string
	who           capacity
	is            way
}

// A way says more about a step.
type way uint8

const (
	back way = 1 << iota // reopens what was closed: may come with edits, and open conflicts do not hold it up
	why                  // must state a reason, in /state_reason of the same act
)

func steps() []step {
	return []step{
		{TypeSheet, "draft", "submitted", leader, 0},
		{TypeSheet, "submitted", "draft", leader, back | why},
		{TypeSheet, "submitted", "cross_checked", head, 0},
		{TypeSheet, "submitted", "returned", officer, back | why},
		{TypeSheet, "cross_checked", "returned", officer, back | why},
		{TypeSheet, "explained", "returned", officer, back | why},
		{TypeSheet, "rechecked", "returned", officer, back | why},
		{TypeSheet, "verified", "returned", officer, back | why},
		{TypeSheet, "locked", "returned", admin, back | why},
		{TypeSheet, "returned", "draft", staff, back}, // the reason is that of the return
		{TypeSheet, "cross_checked", "explained", leader, 0},
		{TypeSheet, "explained", "rechecked", head, 0},
		{TypeSheet, "cross_checked", "verified", officer, 0},
		{TypeSheet, "rechecked", "verified", officer, 0},
		{TypeSheet, "verified", "locked", officer, 0},
		{TypeSheet, "locked", "superseded", admin, why},

		{TypeRegistration, "draft", "registered", leader, 0},
		{TypeRegistration, "registered", "draft", leader, back | why},
		{TypePledge, "draft", "signed", leader, 0},
		{TypeReport, "draft", "filed", leader, 0},
		{TypeReport, "filed", "draft", leader, back | why},

		{TypeMeeting, "open", "signed", leader | head, 0},
		{TypeRecommendation, "open", "carried", head | officer, 0},
		{TypeRecommendation, "open", "done", head | officer, 0},
		{TypeRecommendation, "open", "declined", head | officer, why},
		{TypeRecommendation, "carried", "done", head | officer, 0},

		{TypeReview, "draft", "sent", head, 0},
		{TypeVerification, "draft", "sent", officer, 0},

		{TypeRanking, "provisional", "announced", head, 0},
		{TypeRanking, "announced", "submitted", head, 0},
		{TypeRanking, "submitted", "confirmed", officer, 0},
		{TypeRanking, "announced", "superseded", head, why},
		{TypeRanking, "submitted", "superseded", head | officer, why},
		{TypeRanking, "confirmed", "superseded", officer, why},

		{TypeAward, "drafted", "voted", head, 0},
		{TypeAward, "voted", "proposed", head, 0},
		{TypeAward, "proposed", "appraised", officer, 0},
		{TypeAward, "appraised", "approved", officer, 0},
		{TypeAward, "appraised", "rejected", officer, why},
		{TypeAward, "approved", "decided", officer, 0},
		{TypeAward, "drafted", "decided", leader | officer, 0}, // a decision of the past, from its paper
		{TypeAward, "decided", "revoked", officer, why},

		{TypePeriod, "planned", "open", admin | officer, 0},
		{TypePeriod, "open", "cross_check", admin | officer, 0},
		{TypePeriod, "cross_check", "conference", admin | officer, 0},
		{TypePeriod, "conference", "verification", admin | officer, 0},
		{TypePeriod, "verification", "closed", admin | officer, 0},
		{TypePeriod, "closed", "open", admin, back | why}, // and counts up /reopened

		{TypeCriteria, "draft", "published", admin, 0},
		{TypeCriteria, "published", "withdrawn", admin, why},
	}
}

// A lock says with which code content is refused while a document is in a
// state. Open names the paths that may be written all the same. Unseen, where
// there is one, is the code with which an act is queued instead whose author
// had not seen the state, unless a credible clock says that it was made since.
type lock struct {
	typ, state string
	code       sync.Code
	unseen     sync.Code
	open       []string
}

func locks() []lock {
	transfer := []string{"/cluster"}
	return []lock{
		{TypeSheet, "submitted", CodeWithdrawFirst, "", transfer},
		{TypeSheet, "cross_checked", CodeCrossChecked, CodeCrossCheckedSince, []string{"/entries/*/explanation", "/cluster"}},
		{TypeSheet, "explained", CodeCrossChecked, CodeCrossCheckedSince, transfer},
		{TypeSheet, "rechecked", CodeCrossChecked, CodeCrossCheckedSince, transfer},
		{TypeSheet, "verified", CodeLate, "", transfer},
		{TypeSheet, "locked", CodeLate, "", nil},
		{TypeSheet, "superseded", CodeLate, "", nil},
		{TypeRegistration, "registered", CodeWithdrawFirst, "", nil},
		{TypeReport, "filed", CodeWithdrawFirst, "", nil},
		{TypePledge, "signed", CodeSigned, "", nil},
		{TypeMeeting, "signed", CodeMinutesSigned, "", []string{"/addenda"}},
		{TypeReview, "sent", CodeSent, "", []string{"/entries/*/recheck", "/entries/*/reason"}},
		{TypeVerification, "sent", CodeSent, "", nil},
		{TypeRanking, "announced", CodeAnnounced, "", nil},
		{TypeRanking, "submitted", CodeAnnounced, "", nil},
		{TypeRanking, "confirmed", CodeAnnounced, "", nil},
		{TypeRanking, "superseded", CodeAnnounced, "", nil},
		{TypeAward, "decided", CodeLate, "", nil},
		{TypeAward, "rejected", CodeLate, "", nil},
		{TypeAward, "revoked", CodeLate, "", nil},
		{TypePeriod, "closed", CodeLate, "", nil},
		{TypeCriteria, "published", CodePublished, "", nil},
		{TypeCriteria, "withdrawn", CodePublished, "", nil},
	}
}

// A seal closes the entries of a set one by one: an entry whose mark is true
// takes nothing more.
type seal struct {
	typ, set, mark string
	code           sync.Code
}

func seals() []seal {
	return []seal{{TypeMeeting, "ballots", "closed", CodeBallotClosed}}
}

// A deadline says which milestone of the period bounds the writing of a path
// or the taking of a step into a state; either may be "". Of several paths the
// longest decides. What no line names has no deadline.
type deadline struct {
	typ, path, to, milestone string
}

func deadlines() []deadline {
	return []deadline{
		{TypeRegistration, "/targets", "registered", TrackRegistration},
		{TypeRegistration, "", "draft", TrackRegistration},
		{TypePledge, "/targets", "signed", TrackPledge},
		{TypePledge, "/signatures", "", TrackPledge},
		{TypeReport, "/blocks", "filed", TrackReport},
		{TypeReport, "", "draft", TrackReport},
		{TypeSheet, "/entries", "submitted", TrackSheet},
		{TypeSheet, "", "draft", TrackSheet},
		{TypeSheet, "/entries/*/explanation", "explained", MilestoneExplanation},
		{TypeSheet, "", "cross_checked", MilestoneCrossCheck},
		{TypeSheet, "", "rechecked", MilestoneRecheck},
		{TypeSheet, "", "verified", MilestoneVerification},
		{TypeReview, "/entries", "sent", MilestoneCrossCheck},
		{TypeReview, "/entries/*/recheck", "", MilestoneRecheck},
		{TypeVerification, "/entries", "sent", MilestoneVerification},
	}
}
