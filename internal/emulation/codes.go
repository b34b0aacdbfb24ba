package emulation

import "thidua/sync"

// Codes of the domain: why an act was refused, queued, or a body found wrong.
const (
	CodeForbidden        sync.Code = "forbidden"          // no right to do this in this scope
	CodeRightExpired     sync.Code = "right_expired"      // the right was there when it was made, no longer when it came in
	CodeWithdrawFirst    sync.Code = "withdraw_first"     // submitted: it must be withdrawn to be edited
	CodeCrossChecked     sync.Code = "cross_checked"      // cross-checked: only explanations may follow
	CodeLate             sync.Code = "late"               // locked, decided or closed
	CodeMinutesSigned    sync.Code = "minutes_signed"     // signed minutes take addenda only
	CodeSigned           sync.Code = "already_signed"     // a signed pledge
	CodeSent             sync.Code = "already_sent"       // a review or verification that was sent
	CodeAnnounced        sync.Code = "already_announced"  // an announced ranking
	CodePublished        sync.Code = "criteria_published" // a published criteria version never changes
	CodeConflictOpen     sync.Code = "conflict_open"      // a conflict about it must be decided first
	CodeNoSuchStep       sync.Code = "no_such_step"       // no way from that state to this
	CodeOwnSheet         sync.Code = "own_sheet"          // nobody cross-checks the own unit
	CodeScoreRange       sync.Code = "score_out_of_range" // not between zero and the criterion's maximum
	CodeCriteriaUnknown  sync.Code = "criteria_unknown"   // no such criteria set
	CodeCriterionUnknown sync.Code = "criterion_unknown"  // the set has no such criterion
	CodeFixedField       sync.Code = "fixed_field"        // what a document is about never changes
	CodeWrongSubject     sync.Code = "wrong_subject"      // it is about another unit or cluster than its scope
	CodeWrongID          sync.Code = "wrong_id"           // a document of this type is named after what it is about
	CodeTallyWrong       sync.Code = "tally_wrong"        // for + against + abstain + invalid = returned ≤ issued
	CodeTallyOverPresent sync.Code = "tally_over_present" // more ballots issued than people present
	CodeHeadIsDeputy     sync.Code = "head_is_deputy"     // one unit cannot be both
	CodeNotMember        sync.Code = "not_member"         // head and deputy are members of the cluster
	CodeSpanReversed     sync.Code = "span_reversed"      // ends before it begins
	CodeSelfLink         sync.Code = "self_link"          // a unit is not its own parent
	CodeSumsDiffer       sync.Code = "sums_differ"        // maxima do not add up
	CodeSectionUnknown   sync.Code = "section_unknown"    // a criterion of a section that is none
	CodeCountOrText      sync.Code = "count_or_text"      // a number or a word, exactly one
)

// sentences are what people read for each code.
func sentences() map[sync.Code]sync.Text {
	return map[sync.Code]sync.Text{
		CodeForbidden:        {VI: "Bạn không có quyền thực hiện việc này.", EN: "You have no right to do this."},
		CodeRightExpired:     {VI: "Quyền của bạn đã hết hạn trước khi dữ liệu được gửi lên; nội dung được giữ lại chờ quyết định.", EN: "Your right ended before this was sent; it is kept for a decision."},
		CodeWithdrawFirst:    {VI: "Hồ sơ đã nộp. Hãy rút lại trước khi sửa.", EN: "It has been submitted. Withdraw it before editing."},
		CodeCrossChecked:     {VI: "Bảng điểm đã được chấm chéo; chỉ có thể gửi giải trình.", EN: "The sheet has been cross-checked; only an explanation may be added."},
		CodeLate:             {VI: "Hồ sơ đã khóa; nội dung gửi muộn được giữ lại để quản trị viên xem xét.", EN: "It is locked; what came late is kept for an administrator."},
		CodeMinutesSigned:    {VI: "Biên bản đã ký. Có thể bổ sung bằng phụ lục.", EN: "The minutes are signed. An addendum may be added."},
		CodeSigned:           {VI: "Giao ước đã ký, không thể sửa.", EN: "The pledge is signed and cannot be edited."},
		CodeSent:             {VI: "Kết quả đã gửi, không thể sửa.", EN: "It has been sent and cannot be edited."},
		CodeAnnounced:        {VI: "Bảng xếp hạng đã công bố; hãy lập lần xếp hạng mới.", EN: "The ranking has been announced; make a new one."},
		CodePublished:        {VI: "Bộ tiêu chí đã ban hành không thể sửa; hãy tạo phiên bản mới.", EN: "Published criteria cannot be edited; make a new version."},
		CodeConflictOpen:     {VI: "Còn xung đột chưa được giải quyết trong hồ sơ này.", EN: "A conflict about this document is still open."},
		CodeNoSuchStep:       {VI: "Không thể chuyển hồ sơ sang trạng thái này.", EN: "The document cannot go to that state from here."},
		CodeOwnSheet:         {VI: "Không được chấm chéo đơn vị của chính mình.", EN: "Nobody may cross-check the own unit."},
		CodeScoreRange:       {VI: "Điểm phải từ 0 đến mức tối đa của tiêu chí.", EN: "A score lies between zero and the criterion's maximum."},
		CodeCriteriaUnknown:  {VI: "Không tìm thấy bộ tiêu chí.", EN: "There is no such set of criteria."},
		CodeCriterionUnknown: {VI: "Bộ tiêu chí không có tiêu chí này.", EN: "The set has no such criterion."},
		CodeFixedField:       {VI: "Không thể đổi đơn vị, kỳ hoặc cụm của hồ sơ đã lập.", EN: "Unit, period and cluster of a document cannot be changed."},
		CodeWrongSubject:     {VI: "Hồ sơ thuộc đơn vị hoặc cụm khác.", EN: "It is about another unit or cluster."},
		CodeWrongID:          {VI: "Mã hồ sơ không khớp với đơn vị và kỳ.", EN: "The identifier does not match what the document is about."},
		CodeTallyWrong:       {VI: "Số phiếu không khớp: tán thành + không tán thành + không ý kiến + không hợp lệ = thu vào ≤ phát ra.", EN: "The tally does not add up: for + against + abstained + invalid = returned ≤ issued."},
		CodeTallyOverPresent: {VI: "Số phiếu phát ra nhiều hơn số người có mặt.", EN: "More ballots were issued than people were present."},
		CodeHeadIsDeputy:     {VI: "Trưởng cụm và phó cụm phải là hai đơn vị khác nhau.", EN: "Head and deputy must be two units."},
		CodeNotMember:        {VI: "Đơn vị không phải thành viên của cụm.", EN: "The unit is not a member of the cluster."},
		CodeSpanReversed:     {VI: "Ngày kết thúc trước ngày bắt đầu.", EN: "It ends before it begins."},
		CodeSelfLink:         {VI: "Đơn vị không thể trực thuộc chính nó.", EN: "A unit cannot be its own parent."},
		CodeSumsDiffer:       {VI: "Tổng điểm tối đa không khớp.", EN: "The maxima do not add up."},
		CodeSectionUnknown:   {VI: "Tiêu chí thuộc mục không tồn tại.", EN: "The criterion belongs to a section that is not there."},
		CodeCountOrText:      {VI: "Ghi số lượng bằng số hoặc bằng chữ, chỉ một trong hai.", EN: "State the count as a number or as a word, one of the two."},
	}
}
