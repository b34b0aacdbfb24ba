package emulation

import "thidua/sync"

// Names of the types that say when things happen.
const (
	TypePeriod   = "period"
	TypeDispatch = "dispatch"
)

// periodType is a half-year, year, five years or a theme. It applies to every
// cluster unless it names one. Its milestones decide which trackers are kept.
func periodType() *sync.Type {
	t := newType(TypePeriod, "Kỳ thi đua", "Period", []string{"org"}, false, fields{
		"code":    required(line("Mã", "Code")),
		"kind":    required(choice("Loại kỳ", "Kind", "half_year", "year", "five_year", "thematic")),
		"title":   required(line("Tên kỳ", "Title")),
		"cluster": id("Chỉ cho cụm", "For this cluster only"),
		"from":    required(date("Từ ngày", "From")),
		"to":      required(date("Đến hết ngày", "To")),
		"milestones": set("Mốc thời gian", "Milestones", group("Mốc", "Milestone", fields{
			"kind": required(choice("Việc", "Kind", TrackRegistration, TrackPledge, TrackReport, TrackSheet,
				MilestoneCrossCheck, MilestoneExplanation, MilestoneRecheck, "conference", MilestoneVerification)),
			"due":   date("Hạn", "Due"),
			"grace": count("Số ngày gia hạn", "Days of grace"),
			"basis": id("Căn cứ công văn", "Dispatch"),
		})),
		"clock_tolerance": count("Độ lệch đồng hồ chấp nhận (phút)", "Clock tolerance (minutes)"),
		"criteria":        id("Bộ tiêu chí", "Criteria"),
		"quotas":          quotas(),
		"reopened":        count("Số lần mở lại", "Times reopened"),
		"state_reason":    prose("Lý do", "Reason"),
		"state":           state("planned", "open", "cross_check", "conference", "verification", "closed"),
	})
	t.Check = checkSpan
	return t
}

func dispatchType() *sync.Type {
	return newType(TypeDispatch, "Công văn", "Dispatch", []string{"org"}, false, fields{
		"number":  required(line("Số, ký hiệu", "Number")),
		"date":    required(date("Ngày ban hành", "Date")),
		"issuer":  id("Cơ quan ban hành", "Issuer"),
		"subject": required(prose("Trích yếu", "Subject")),
		"cluster": id("Gửi cụm", "To cluster"),
		"file":    field(sync.KindHash, "Tệp đính kèm", "File"),
	})
}

// appliesTo reports whether a period concerns a cluster.
func appliesTo(period *sync.Document, cluster sync.DocID) bool {
	only := doc(period.Body(), "cluster")
	return only == "" || only == cluster
}

// periodsOf returns the periods that concern a cluster: its own and those of all.
func periodsOf(org *sync.Reference, cluster sync.DocID) []*sync.Document {
	periods := org.Naming(TypePeriod, "cluster", cluster)
	for _, p := range org.Of(TypePeriod) {
		if p.Body()["cluster"] == nil {
			periods = append(periods[:len(periods):len(periods)], p)
		}
	}
	return periods
}
