package emulation

import "thidua/sync"

// Codes of the domain: why an act was refused, queued, or a body found wrong.
const (
	CodeForbidden         sync.Code = "forbidden"           // no right to do this in this scope
	CodeRightExpired      sync.Code = "right_expired"       // the right was there when it was made, no longer when it came in
	CodeWithdrawFirst     sync.Code = "withdraw_first"      // submitted: it must be withdrawn to be edited
	CodeCrossChecked      sync.Code = "cross_checked"       // cross-checked: only explanations may follow
	CodeCrossCheckedSince sync.Code = "cross_checked_since" // a question: scored before the cross-check, or nobody can tell
	CodeLate              sync.Code = "late"                // locked, decided, closed, or made after the deadline
	CodeAfterGrace        sync.Code = "after_grace"         // a question: made in time, came in after the days of grace
	CodeClockDoubtful     sync.Code = "clock_doubtful"      // a question: nobody can tell whether it was made in time
	CodeExtensionMissing  sync.Code = "extension_missing"   // a return after the deadline says until when
	CodeAlreadySubmitted  sync.Code = "already_submitted"   // a success: somebody took that step before
	CodeBallotClosed      sync.Code = "ballot_closed"       // a closed ballot
	CodeUnitMoved         sync.Code = "unit_moved"          // the unit has left the cluster
	CodeReenter           sync.Code = "reentry_needed"      // points of former criteria wait to be entered again
	CodeRankingStale      sync.Code = "ranking_stale"       // the period was reopened since, or the ranking was superseded
	CodeMinutesMissing    sync.Code = "minutes_missing"     // what was agreed at a conference names its minutes
	CodeReopenUncounted   sync.Code = "reopen_uncounted"    // reopening counts up how often
	CodePlaceMissing      sync.Code = "place_missing"       // a proposal under a quota says which one it is
	CodeQuotaExceeded     sync.Code = "quota_exceeded"      // beyond the quota, without a reason
	CodeProposedTwice     sync.Code = "proposed_twice"      // the unit has another place of the form already
	CodeMinutesSigned     sync.Code = "minutes_signed"      // signed minutes take addenda only
	CodeSigned            sync.Code = "already_signed"      // a signed pledge
	CodeSent              sync.Code = "already_sent"        // a review or verification that was sent
	CodeAnnounced         sync.Code = "already_announced"   // an announced ranking
	CodePublished         sync.Code = "criteria_published"  // a published criteria version never changes
	CodeConflictOpen      sync.Code = "conflict_open"       // a conflict about it must be decided first
	CodeNoSuchStep        sync.Code = "no_such_step"        // no way from that state to this
	CodeOwnSheet          sync.Code = "own_sheet"           // nobody cross-checks the own unit
	CodeScoreRange        sync.Code = "score_out_of_range"  // not between zero and the criterion's maximum
	CodeNotALevel         sync.Code = "not_a_level"         // the criterion is scored in levels
	CodeNotAMultiple      sync.Code = "not_a_multiple"      // the criterion counts so many points each
	CodeActualMissing     sync.Code = "actual_missing"      // a score of a measured criterion states what was reached
	CodeCriteriaUnknown   sync.Code = "criteria_unknown"    // no such criteria set
	CodeCriterionUnknown  sync.Code = "criterion_unknown"   // the set has no such criterion
	CodeFixedField        sync.Code = "fixed_field"         // what a document is about never changes
	CodeWrongSubject      sync.Code = "wrong_subject"       // it is about another unit or cluster than its scope
	CodeWrongID           sync.Code = "wrong_id"            // a document of this type is named after what it is about
	CodeTallyWrong        sync.Code = "tally_wrong"         // for + against + abstain + invalid = returned ≤ issued
	CodeTallyOverPresent  sync.Code = "tally_over_present"  // more ballots issued than people present
	CodeHeadIsDeputy      sync.Code = "head_is_deputy"      // one unit cannot be both
	CodeNotMember         sync.Code = "not_member"          // the unit belongs to another cluster, or to none
	CodeSpanReversed      sync.Code = "span_reversed"       // ends before it begins
	CodeSelfLink          sync.Code = "self_link"           // a unit is not its own parent
	CodeSumsDiffer        sync.Code = "sums_differ"         // maxima do not add up
	CodeTypeUnfit         sync.Code = "type_unfit"          // what a criterion states does not fit its type
	CodeRepeated          sync.Code = "repeated"            // stated twice
	CodeSectionUnknown    sync.Code = "section_unknown"     // a criterion of a section that is none
	CodeCountOrText       sync.Code = "count_or_text"       // a number or a word, exactly one
	CodeDone              sync.Code = "done"                // a reminder of what has been done
	CodeMuted             sync.Code = "muted"               // a notice its person does not want
	CodeTooLate           sync.Code = "too_late"            // a notice that would have been of no use any more
	CodeStale             sync.Code = "stale"               // tidings that are too old to tell
)

// sentences are what people read for each code.
func sentences() map[sync.Code]sync.Text {
	return map[sync.Code]sync.Text{
		CodeForbidden:         {VI: "Bạn không có quyền thực hiện việc này.", EN: "You have no right to do this."},
		CodeRightExpired:      {VI: "Quyền của bạn đã hết hạn trước khi dữ liệu được gửi lên; nội dung được giữ lại chờ quyết định.", EN: "Your right ended before this was sent; it is kept for a decision."},
		CodeWithdrawFirst:     {VI: "Hồ sơ đã nộp. Hãy rút lại trước khi sửa.", EN: "It has been submitted. Withdraw it before editing."},
		CodeCrossChecked:      {VI: "Bảng điểm đã được chấm chéo; chỉ có thể gửi giải trình.", EN: "The sheet has been cross-checked; only an explanation may be added."},
		CodeLate:              {VI: "Đã khóa hoặc đã quá hạn; nội dung gửi muộn được giữ lại để quản trị viên xem xét.", EN: "It is locked or overdue; what came late is kept for an administrator."},
		CodeCrossCheckedSince: {VI: "Bảng điểm đã được chấm chéo trong lúc máy của bạn chưa biết; điểm bạn ghi được giữ lại chờ quyết định.", EN: "The sheet was cross-checked before your phone knew; what you scored is kept for a decision."},
		CodeCriteriaReplaced:  {VI: "Bộ tiêu chí đã được thay; điểm ghi theo bộ cũ được giữ lại, hãy nhập lại hoặc chờ quyết định.", EN: "The criteria were replaced; points by the old set are kept. Enter them again, or a person decides."},
		CodeAfterGrace:        {VI: "Ghi trước hạn nhưng gửi lên sau thời gian gia hạn; được giữ lại chờ quyết định.", EN: "It was made before the deadline but came in after the days of grace; a person decides."},
		CodeClockDoubtful:     {VI: "Đồng hồ của máy không đủ tin cậy để biết đã ghi trước hạn hay chưa; được giữ lại chờ quyết định.", EN: "The phone's clock cannot tell whether this was made before the deadline; a person decides."},
		CodeExtensionMissing:  {VI: "Đã quá hạn: khi trả lại hãy ghi hạn nộp lại.", EN: "The deadline is over: a return says until when it may be submitted again."},
		CodeAlreadySubmitted:  {VI: "Đã có người nộp, ký hoặc xử lý bước này trước bạn; không cần làm lại.", EN: "Somebody submitted, signed or did this before you; nothing is left to do."},
		CodeBallotClosed:      {VI: "Cuộc bỏ phiếu đã khóa sổ, không thể sửa kết quả.", EN: "The ballot is closed; its tally cannot be edited."},
		CodeUnitMoved:         {VI: "Đơn vị đã chuyển sang cụm khác.", EN: "The unit has moved to another cluster."},
		CodeReenter:           {VI: "Còn tiêu chí đã thay đổi phải chấm lại trước khi nộp.", EN: "Criteria that changed must be scored again before submitting."},
		CodeRankingStale:      {VI: "Kỳ thi đua đã được mở lại sau bảng xếp hạng này, hoặc bảng này đã được thay; hãy căn cứ vào lần xếp hạng mới.", EN: "The period was reopened after this ranking, or the ranking was replaced; build on a new one."},
		CodeRankingDiffers:    {VI: "Thứ hạng hội nghị thống nhất khác thứ hạng tính được; cả hai được giữ, chờ quyết định theo biên bản.", EN: "The conference agreed on other ranks than were computed; both are kept, and a person decides by the minutes."},
		CodeAgreedIncomplete:  {VI: "Thứ hạng thống nhất phải ghi đủ các đơn vị có bảng điểm, mỗi đơn vị một lần.", EN: "Agreed ranks are those of the scored units, each once."},
		CodeMinutesMissing:    {VI: "Hãy ghi biên bản hội nghị làm căn cứ.", EN: "Name the minutes it rests on."},
		CodeReopenUncounted:   {VI: "Mở lại kỳ thi đua phải tăng số lần mở lại.", EN: "Reopening a period counts up how often it was reopened."},
		CodePlaceMissing:      {VI: "Hãy ghi thứ tự của đề nghị trong chỉ tiêu khen thưởng.", EN: "State which of the proposals under the quota this is."},
		CodeQuotaExceeded:     {VI: "Vượt chỉ tiêu khen thưởng; muốn đề nghị thêm phải ghi lý do.", EN: "It exceeds the quota; a proposal beyond it needs a reason."},
		CodeProposedTwice:     {VI: "Đơn vị đã có một đề nghị khác cùng hình thức trong kỳ; mỗi đơn vị chỉ một đề nghị.", EN: "The unit has another proposal of this form in the period; there is one for each unit."},
		CodeNotALevel:         {VI: "Điểm không thuộc các mức của tiêu chí.", EN: "The score is none of the criterion's levels."},
		CodeNotAMultiple:      {VI: "Điểm phải là bội số của mức điểm cho mỗi kết quả, hoặc mức tối đa.", EN: "The score is so many times the points for each, or the maximum."},
		CodeActualMissing:     {VI: "Tiêu chí định lượng phải ghi kết quả thực hiện.", EN: "A measured criterion states what was reached."},
		CodeTypeUnfit:         {VI: "Quy định của tiêu chí không hợp với cách chấm.", EN: "What the criterion states does not fit its type."},
		CodeRepeated:          {VI: "Ghi trùng.", EN: "It is stated twice."},
		CodeMinutesSigned:     {VI: "Biên bản đã ký. Có thể bổ sung bằng phụ lục.", EN: "The minutes are signed. An addendum may be added."},
		CodeSigned:            {VI: "Giao ước đã ký, không thể sửa.", EN: "The pledge is signed and cannot be edited."},
		CodeSent:              {VI: "Kết quả đã gửi, không thể sửa.", EN: "It has been sent and cannot be edited."},
		CodeAnnounced:         {VI: "Bảng xếp hạng đã công bố; hãy lập lần xếp hạng mới.", EN: "The ranking has been announced; make a new one."},
		CodePublished:         {VI: "Bộ tiêu chí đã ban hành không thể sửa; hãy tạo phiên bản mới.", EN: "Published criteria cannot be edited; make a new version."},
		CodeConflictOpen:      {VI: "Còn xung đột chưa được giải quyết trong hồ sơ này.", EN: "A conflict about this document is still open."},
		CodeNoSuchStep:        {VI: "Không thể chuyển hồ sơ sang trạng thái này.", EN: "The document cannot go to that state from here."},
		CodeOwnSheet:          {VI: "Không được chấm chéo đơn vị của chính mình.", EN: "Nobody may cross-check the own unit."},
		CodeScoreRange:        {VI: "Điểm phải từ 0 đến mức tối đa của tiêu chí.", EN: "A score lies between zero and the criterion's maximum."},
		CodeCriteriaUnknown:   {VI: "Không tìm thấy bộ tiêu chí.", EN: "There is no such set of criteria."},
		CodeCriterionUnknown:  {VI: "Bộ tiêu chí không có tiêu chí này.", EN: "The set has no such criterion."},
		CodeFixedField:        {VI: "Không thể đổi đơn vị, kỳ hoặc cụm của hồ sơ đã lập.", EN: "Unit, period and cluster of a document cannot be changed."},
		CodeWrongSubject:      {VI: "Hồ sơ thuộc đơn vị hoặc cụm khác.", EN: "It is about another unit or cluster."},
		CodeWrongID:           {VI: "Mã hồ sơ không khớp với đơn vị và kỳ.", EN: "The identifier does not match what the document is about."},
		CodeTallyWrong:        {VI: "Số phiếu không khớp: tán thành + không tán thành + không ý kiến + không hợp lệ = thu vào ≤ phát ra.", EN: "The tally does not add up: for + against + abstained + invalid = returned ≤ issued."},
		CodeTallyOverPresent:  {VI: "Số phiếu phát ra nhiều hơn số người có mặt.", EN: "More ballots were issued than people were present."},
		CodeHeadIsDeputy:      {VI: "Trưởng cụm và phó cụm phải là hai đơn vị khác nhau.", EN: "Head and deputy must be two units."},
		CodeNotMember:         {VI: "Đơn vị không phải thành viên của cụm.", EN: "The unit is not a member of the cluster."},
		CodeTransferClosed:    {VI: "Bảng điểm đã khóa hoặc kỳ thi đua đã đóng: không thể chuyển sang cụm khác.", EN: "The sheet is locked or its period closed: it stays with its cluster."},
		CodeSpanReversed:      {VI: "Ngày kết thúc trước ngày bắt đầu.", EN: "It ends before it begins."},
		CodeSelfLink:          {VI: "Đơn vị không thể trực thuộc chính nó.", EN: "A unit cannot be its own parent."},
		CodeSumsDiffer:        {VI: "Tổng điểm tối đa không khớp.", EN: "The maxima do not add up."},
		CodeSectionUnknown:    {VI: "Tiêu chí thuộc mục không tồn tại.", EN: "The criterion belongs to a section that is not there."},
		CodeDone:              {VI: "Việc đã hoàn thành.", EN: "It has been done."},
		CodeMuted:             {VI: "Người nhận đã tắt loại thông báo này.", EN: "The person muted notices of this kind."},
		CodeTooLate:           {VI: "Đã quá thời gian thông báo còn có ích.", EN: "It was too late for the notice to be of use."},
		CodeStale:             {VI: "Sự việc đã quá lâu để thông báo.", EN: "It happened too long ago to be told."},
		CodeNotMutable:        {VI: "Không thể tắt thông báo về việc quá hạn.", EN: "Notices of overdue work cannot be muted."},
		CodeCountOrText:       {VI: "Ghi số lượng bằng số hoặc bằng chữ, chỉ một trong hai.", EN: "State the count as a number or as a word, one of the two."},
	}
}
