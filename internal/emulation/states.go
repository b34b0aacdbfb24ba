package emulation

import "thidua/sync"

// A step is one way from a state to another and who may take it. Back marks a
// step that reopens what was closed; it may come together with edits and is
// not held up by an open conflict. This is the table the full workflow grows in.
type step struct {
	typ, from, to string
	who           capacity
	back          bool
}

func steps() []step {
	return []step{
		{TypeSheet, "draft", "submitted", leader, false},
		{TypeSheet, "submitted", "draft", leader, true},
		{TypeSheet, "submitted", "cross_checked", head, false},
		{TypeSheet, "submitted", "returned", officer, true},
		{TypeSheet, "cross_checked", "returned", officer, true},
		{TypeSheet, "returned", "draft", staff, true},
		{TypeSheet, "cross_checked", "explained", leader, false},
		{TypeSheet, "explained", "rechecked", head, false},
		{TypeSheet, "cross_checked", "verified", officer, false},
		{TypeSheet, "rechecked", "verified", officer, false},
		{TypeSheet, "verified", "locked", officer, false},
		{TypeSheet, "locked", "superseded", admin, false},

		{TypeRegistration, "draft", "registered", leader, false},
		{TypeRegistration, "registered", "draft", leader, true},
		{TypePledge, "draft", "signed", leader, false},
		{TypeReport, "draft", "filed", leader, false},
		{TypeReport, "filed", "draft", leader, true},

		{TypeMeeting, "open", "signed", leader | head, false},
		{TypeRecommendation, "open", "carried", head | officer, false},
		{TypeRecommendation, "open", "done", head | officer, false},
		{TypeRecommendation, "open", "declined", head | officer, false},
		{TypeRecommendation, "carried", "done", head | officer, false},

		{TypeReview, "draft", "sent", head, false},
		{TypeVerification, "draft", "sent", officer, false},

		{TypeRanking, "provisional", "announced", head, false},
		{TypeRanking, "announced", "submitted", head, false},
		{TypeRanking, "submitted", "confirmed", officer, false},
		{TypeRanking, "announced", "superseded", head, false},
		{TypeRanking, "submitted", "superseded", head | officer, false},
		{TypeRanking, "confirmed", "superseded", officer, false},

		{TypeAward, "drafted", "voted", head, false},
		{TypeAward, "voted", "proposed", head, false},
		{TypeAward, "proposed", "appraised", officer, false},
		{TypeAward, "appraised", "approved", officer, false},
		{TypeAward, "appraised", "rejected", officer, false},
		{TypeAward, "approved", "decided", officer, false},
		{TypeAward, "drafted", "decided", leader | officer, false}, // a decision of the past, from its paper
		{TypeAward, "decided", "revoked", officer, false},

		{TypePeriod, "planned", "open", admin | officer, false},
		{TypePeriod, "open", "cross_check", admin | officer, false},
		{TypePeriod, "cross_check", "conference", admin | officer, false},
		{TypePeriod, "conference", "verification", admin | officer, false},
		{TypePeriod, "verification", "closed", admin | officer, false},
		{TypePeriod, "closed", "open", admin, true},
		{TypeCriteria, "draft", "published", admin, false},
		{TypeCriteria, "published", "withdrawn", admin, false},
	}
}

// A lock says with which code content is refused while a document is in a
// state. Except names the paths that may be written all the same; "*" stands
// for any one key, and what lies below a path belongs to it.
type lock struct {
	typ, state string
	code       sync.Code
	except     string
}

func locks() []lock {
	return []lock{
		{TypeSheet, "submitted", CodeWithdrawFirst, ""},
		{TypeSheet, "cross_checked", CodeCrossChecked, "/entries/*/explanation"},
		{TypeSheet, "explained", CodeCrossChecked, ""},
		{TypeSheet, "rechecked", CodeCrossChecked, ""},
		{TypeSheet, "verified", CodeLate, ""},
		{TypeSheet, "locked", CodeLate, ""},
		{TypeSheet, "superseded", CodeLate, ""},
		{TypeRegistration, "registered", CodeWithdrawFirst, ""},
		{TypeReport, "filed", CodeWithdrawFirst, ""},
		{TypePledge, "signed", CodeSigned, ""},
		{TypeMeeting, "signed", CodeMinutesSigned, "/addenda"},
		{TypeReview, "sent", CodeSent, ""},
		{TypeVerification, "sent", CodeSent, ""},
		{TypeRanking, "announced", CodeAnnounced, ""},
		{TypeRanking, "submitted", CodeAnnounced, ""},
		{TypeRanking, "confirmed", CodeAnnounced, ""},
		{TypeRanking, "superseded", CodeAnnounced, ""},
		{TypeAward, "decided", CodeLate, ""},
		{TypeAward, "rejected", CodeLate, ""},
		{TypeAward, "revoked", CodeLate, ""},
		{TypePeriod, "closed", CodeLate, ""},
		{TypeCriteria, "published", CodePublished, ""},
		{TypeCriteria, "withdrawn", CodePublished, ""},
	}
}

// StateOf returns the state a body is in: the first of its type where the body
// states none, and "" for types without states.
func StateOf(t *sync.Type, body sync.Object) string {
	f := t.Body.Fields["state"]
	if f == nil || len(f.Enum) == 0 {
		return ""
	}
	if s := str(body, "state"); s != "" {
		return s
	}
	return f.Enum[0]
}
