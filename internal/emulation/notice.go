package emulation

import (
	"slices"
	"strings"

	"thidua/sync"
)

// TypeNotice names the notice to one person.
const TypeNotice = "notice"

// noticeType is what a person is told. The server writes all of it but when it was read.
func noticeType() *sync.Type {
	return newType(TypeNotice, "Thông báo", "Notice", []string{"user"}, true, fields{
		"key":     required(server(line("Khóa", "Key"))),
		"kind":    required(server(line("Loại", "Kind"))),
		"subject": server(id("Về", "About")),
		"scope":   server(line("Phạm vi", "Scope")),
		"vi":      required(server(prose("Nội dung tiếng Việt", "Vietnamese text"))),
		"en":      required(server(prose("Nội dung tiếng Anh", "English text"))),
		"due":     server(date("Hạn", "Due")),
		"read":    field(sync.KindTime, "Đã đọc lúc", "Read at"),
	})
}

// Kinds of notice. Reminders come of dates (the table in reminder.go), tidings
// of commits (tiding.go), the digest once a day (digest.go).
const (
	NoticeRegistrationDue       = "registration_due"
	NoticeRegistrationOverdue   = "registration_overdue"
	NoticeRegistrationEscalated = "registration_escalated"
	NoticePledgeDue             = "pledge_due"
	NoticePledgeOverdue         = "pledge_overdue"
	NoticePledgeEscalated       = "pledge_escalated"
	NoticeSheetDue              = "sheet_due" // Args: done, all criteria
	NoticeSheetOverdue          = "sheet_overdue"
	NoticeSheetEscalated        = "sheet_escalated"
	NoticeCrossCheckDue         = "cross_check_due"     // Args: left, sheets
	NoticeCrossCheckOverdue     = "cross_check_overdue" // Args: left
	NoticeMeetingDue            = "meeting_due"
	NoticeMinutesToSign         = "minutes_to_sign"

	NoticeSheetReturned        = "sheet_returned"        // Day may be ""
	NoticeCrossCheckAssigned   = "cross_check_assigned"  // Day may be ""
	NoticeExplanationRequested = "explanation_requested" // Day may be ""
	NoticeOfficialDiffers      = "official_differs"      // Args: n, criteria; no Day
	NoticeMeetingCalled        = "meeting_called"
	NoticeMeetingMoved         = "meeting_moved"
	NoticeCriteriaChanged      = "criteria_changed"  // no Day
	NoticeRankingAnnounced     = "ranking_announced" // no Day
	NoticePeriodReopened       = "period_reopened"   // no Day
	NoticeTermHandover         = "term_handover"     // Day is the first of the term
	NoticeConflictSettled      = "conflict_settled"  // no Day
	NoticeRejectionKept        = "rejection_kept"    // no Day
	NoticeConflictsOpen        = "conflicts_open"    // the digest. Args: n; no Day
	NoticeUnsynced             = "unsynced"          // told by the phone itself, which alone knows. Args: n
)

// Kinds returns every kind of notice there is, in the order of the constants.
func Kinds() []string {
	return []string{
		NoticeRegistrationDue, NoticeRegistrationOverdue, NoticeRegistrationEscalated, NoticePledgeDue, NoticePledgeOverdue, NoticePledgeEscalated,
		NoticeSheetDue, NoticeSheetOverdue, NoticeSheetEscalated, NoticeCrossCheckDue, NoticeCrossCheckOverdue, NoticeMeetingDue, NoticeMinutesToSign,
		NoticeSheetReturned, NoticeCrossCheckAssigned, NoticeExplanationRequested, NoticeOfficialDiffers, NoticeMeetingCalled, NoticeMeetingMoved,
		NoticeCriteriaChanged, NoticeRankingAnnounced, NoticePeriodReopened, NoticeTermHandover, NoticeConflictSettled, NoticeRejectionKept,
		NoticeConflictsOpen, NoticeUnsynced,
	}
}

// A Notice is something that one person is to be told, or not to be told for a
// reason. Times are milliseconds since 1970.
type Notice struct {
	Key     string // kind, scope, subject, revision, offset and person: nothing with the same key is told twice
	Kind    string
	Person  sync.PersonID
	Subject sync.DocID // what it is about, "" for several things
	Scope   sync.Scope // where that is
	Due     int64      // when to tell it: the person's quiet hours are over by then
	Until   int64      // from then on telling it is of no use
	Day     string     // the deadline it names (YYYY-MM-DD), ""
	Args    map[string]int64
	Urgent  bool      // worth waking a sleeping phone for, once the quiet hours are over
	Skip    sync.Code // why it is not told; "" if it is
}

// ID returns the identifier of the notice's document in its person's scope.
func (n Notice) ID() sync.DocID { return sync.DocID(sync.NameID(TypeNotice, n.Key)) }

// DaysLeft returns how many days are left at a time to the day the notice
// names, negative once it is over and 0 where it names none. A notice that is
// told late says so by it.
func (n Notice) DaysLeft(at int64) int64 {
	days, _ := Days(DayOf(at), n.Day)
	return int64(days)
}

// A Listener is somebody who may have to be told something. Preferences is the
// body of the person's preferences document, nil if there is none.
type Listener struct {
	Person      sync.PersonID
	Grants      []sync.Grant
	Preferences sync.Object
}

func (l Listener) author() sync.Author { return sync.Author{Person: l.Person, Grants: l.Grants} }

// is returns what the listener is in relation to a scope at a time.
func (l Listener) is(scope sync.Scope, at int64, org *sync.Reference) capacity {
	return capacities(l.author(), scope, at, org)
}

// readers are the capacities in which somebody has a scope on the phone.
const readers = staff | leader | member | head | officer

// to completes a notice for a listener: by name, out of the quiet hours, and not at all
// if the person does not want to hear of its kind. Revision tells one state of
// the subject from another, offset one telling of it from another.
func (n Notice) to(l Listener, at int64, revision, offset string) Notice {
	n.Person, n.Due = l.Person, l.Awake(at, n.Day)
	n.Key = strings.Join([]string{n.Kind, string(n.Scope), string(n.Subject), revision, offset, string(l.Person)}, "/")
	if n.Skip == "" && l.muted(n.Kind) {
		n.Skip = CodeMuted
	}
	return n
}

// byKey sorts notices and leaves one of each key.
func byKey(notices []Notice) []Notice {
	slices.SortStableFunc(notices, func(a, b Notice) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(notices, func(a, b Notice) bool { return a.Key == b.Key })
}
