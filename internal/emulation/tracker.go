package emulation

import "thidua/sync"

// TypeTracker names the derived document that says who has done what.
const TypeTracker = "tracker"

// What a tracker may track; also the kinds of milestone that ask for one.
const (
	TrackRegistration = "registration"
	TrackPledge       = "pledge"
	TrackReport       = "report"
	TrackSheet        = "sheet"
)

// trackerType is derived: the server alone writes it, in the scope of the cluster.
func trackerType() *sync.Type {
	return newType(TypeTracker, "Theo dõi tiến độ", "Tracker", []string{"cluster"}, true, fields{
		"cluster": required(server(id("Cụm", "Cluster"))),
		"period":  required(server(id("Kỳ thi đua", "Period"))),
		"kind":    required(server(choice("Việc", "Kind", TrackRegistration, TrackPledge, TrackReport, TrackSheet))),
		"due":     server(date("Hạn", "Due")),
		"n":       required(server(count("Đã làm", "Done"))),
		"of":      required(server(count("Tổng số", "Of"))),
		"percent": server(count("Tỷ lệ (phần nghìn)", "Percent (tenths)")),
		"basis":   basisField(),
		"members": server(set("Thành viên", "Members", group("Thành viên", "Member", fields{
			"name":    required(line("Đơn vị", "Unit")),
			"done":    required(flag("Đã làm", "Done")),
			"doc":     id("Hồ sơ", "Document"),
			"version": count("Phiên bản hồ sơ", "Version of the document"),
		}))),
	})
}

// TrackerID returns the identifier of a cluster's tracker in a period.
func TrackerID(cluster, period sync.DocID, kind string) sync.DocID {
	return sync.DocID(sync.NameID(TypeTracker, string(cluster), string(period), kind))
}
