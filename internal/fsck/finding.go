package fsck

import (
	"thidua/internal/hub"
	"thidua/sync"
)

// The codes of findings, stable for whoever reads reports by program.
const (
	// Of a log. They cannot be repaired from within: restore a backup.

	LogUnreadable  sync.Code = "log_unreadable"
	LogGap         sync.Code = "log_gap"
	LogBroken      sync.Code = "log_broken"
	LogMissing     sync.Code = "log_missing"
	HeadDiffers    sync.Code = "head_differs"
	ChecksumWrong  sync.Code = "checksum_wrong"
	ChangeBaseless sync.Code = "change_baseless"
	KeptMissing    sync.Code = "kept_missing"
	MutationTwice  sync.Code = "mutation_twice"

	// Of what finds commits again.

	ReceiptMissing sync.Code = "receipt_missing"
	HistoryDiffers sync.Code = "history_differs"

	// Of the projection. They can be repaired, but for the first.

	DocumentsUnreadable sync.Code = "documents_unreadable"
	DocumentMissing     sync.Code = "document_missing"
	DocumentStale       sync.Code = "document_stale"
	DocumentDiffers     sync.Code = "document_differs"
	DocumentGhost       sync.Code = "document_ghost"
	ListDiffers         sync.Code = "list_differs"
	MarkBeyond          sync.Code = "mark_beyond"
	MarkDiffers         sync.Code = "mark_differs"

	// Of what people wrote.

	ReferenceMissing sync.Code = "reference_missing"
)

// A Finding is one thing that is wrong, and where.
type Finding struct {
	Code       sync.Code  `json:"code"`
	Scope      sync.Scope `json:"scope"`
	Seq        int64      `json:"seq,omitzero"`
	Doc        sync.DocID `json:"doc,omitzero"`
	Detail     string     `json:"detail,omitzero"` // for developers
	Says       sync.Text  `json:"says"`
	Repairable bool       `json:"repairable"`
	Repaired   bool       `json:"repaired"`

	mend *mend
}

// A mend is what it takes to repair a finding: a document in the place of the
// stored one of a version, or a watermark in the place of another.
type mend struct {
	version  int64
	doc      *sync.Document
	mark     bool
	from, to hub.Mark
}

// A place tells whether two looks found the same thing.
type place struct {
	code   sync.Code
	scope  sync.Scope
	seq    int64
	doc    sync.DocID
	detail string
}

func (f *Finding) place() place {
	p := place{f.Code, f.Scope, f.Seq, f.Doc, ""}
	if f.Code == ReceiptMissing || f.Code == MutationTwice {
		p.detail = f.Detail
	}
	return p
}

// sentence returns what a person is told about a code.
func sentence(code sync.Code) sync.Text {
	return map[sync.Code]sync.Text{
		LogUnreadable:       {VI: "Không đọc được nhật ký; phần sau chỗ này chưa được kiểm tra.", EN: "The log cannot be read; what follows was not checked."},
		LogGap:              {VI: "Nhật ký thiếu một mục; phần sau chỗ này chưa được kiểm tra.", EN: "The log lacks an entry; what follows was not checked."},
		LogBroken:           {VI: "Nhật ký đã bị sửa: mục này không nối với mục trước; phần sau chưa được kiểm tra.", EN: "The log was altered: this entry does not follow the one before; what follows was not checked."},
		LogMissing:          {VI: "Có dữ liệu nhưng không còn nhật ký nào.", EN: "There is data, but its log is gone."},
		HeadDiffers:         {VI: "Mục cuối của nhật ký không đúng như kho dữ liệu ghi nhận.", EN: "The last entry of the log is not what the store says it is."},
		ChecksumWrong:       {VI: "Tổng kiểm tra của mục không khớp với những gì mục thay đổi.", EN: "The checksum of the entry does not follow from what it changed."},
		ChangeBaseless:      {VI: "Mục sửa một hồ sơ chưa từng được tạo.", EN: "The entry changes a document that was never created."},
		KeptMissing:         {VI: "Nội dung được giữ lại khi xung đột hoặc từ chối không có trong nhật ký.", EN: "What a conflict or rejection was to keep is not in the log."},
		MutationTwice:       {VI: "Một thao tác của một máy được ghi hai lần.", EN: "One act of one device was recorded twice."},
		ReceiptMissing:      {VI: "Không tìm lại được kết quả của một thao tác; máy gửi lại sẽ bị ghi lần nữa.", EN: "The receipt of a mutation is not found; sent again, it would be recorded again."},
		HistoryDiffers:      {VI: "Lịch sử của hồ sơ không gồm đúng các mục đã thay đổi hồ sơ.", EN: "The history of the document is not the entries that changed it."},
		DocumentsUnreadable: {VI: "Không đọc được hồ sơ của phạm vi này.", EN: "The documents of the scope cannot be read."},
		DocumentMissing:     {VI: "Thiếu một hồ sơ mà nhật ký có.", EN: "A document that the log has is missing."},
		DocumentStale:       {VI: "Hồ sơ cũ hơn nhật ký.", EN: "The document is older than the log."},
		DocumentDiffers:     {VI: "Hồ sơ không đúng như nhật ký.", EN: "The document is not what the log says."},
		DocumentGhost:       {VI: "Hồ sơ không do mục nào của nhật ký tạo ra.", EN: "No entry of the log made this document."},
		ListDiffers:         {VI: "Danh sách xung đột không liệt kê đúng hồ sơ này.", EN: "The list of conflicts is wrong about this document."},
		MarkBeyond:          {VI: "Mốc đã tổng hợp vượt quá cuối nhật ký.", EN: "The watermark is beyond the end of the log."},
		MarkDiffers:         {VI: "Mốc đã tổng hợp không khớp với mục nhật ký cùng số.", EN: "The watermark is not the entry of the log that has its number."},
		ReferenceMissing:    {VI: "Hồ sơ nhắc đến một hồ sơ không có.", EN: "The document refers to one that does not exist."},
	}[code]
}
