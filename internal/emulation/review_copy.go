package emulation

import "thidua/sync"

// TypeReviewCopy names the derived copy of a review that its unit reads.
const TypeReviewCopy = "review_copy"

// reviewCopyType is derived: a review stands at the desk of the cluster, where
// the unit it is about does not look. Once it was sent, what it says is
// published at the unit's own desk, and follows the review from then on.
func reviewCopyType() *sync.Type {
	return newType(TypeReviewCopy, "Bản chấm chéo gửi đơn vị", "Review as sent", []string{"unit:desk"}, true, fields{
		"review":        required(server(id("Bản chấm chéo", "Review"))),
		"version":       required(server(count("Phiên bản chấm chéo", "Version of the review"))),
		"sheet":         required(server(id("Bảng điểm", "Sheet"))),
		"sheet_version": required(server(count("Phiên bản bảng điểm", "Sheet version"))),
		"unit":          required(server(id("Đơn vị được chấm", "Unit"))),
		"period":        required(server(id("Kỳ thi đua", "Period"))),
		"cluster":       required(server(id("Cụm", "Cluster"))),
		"criteria":      required(server(id("Bộ tiêu chí", "Criteria"))),
		"entries":       server(reviewEntries()),
		"basis":         basisField(),
	})
}

// ReviewCopyID returns the identifier, at the unit's desk, of the copy of a
// review that a cluster wrote about a sheet. A sheet that was transferred may
// have one from each cluster; the one of its present cluster counts.
func ReviewCopyID(cluster, sheet sync.DocID) sync.DocID {
	return sync.DocID(sync.NameID(TypeReviewCopy, string(cluster), string(sheet)))
}

// ReviewCopy returns the body of what a unit sees of the review of its sheet,
// from the live documents of the cluster's desk; nil as long as none was sent,
// and once it is gone. A sheet that was returned leaves the review as it is:
// the unit goes on seeing what was said of the version that the copy names.
func ReviewCopy(unit, sheet sync.DocID, desk []*sync.Document) sync.Object {
	d := liveOf(desk, ReviewID(sheet))
	if d == nil || d.Type != TypeReview || sentBody(d) == nil || doc(d.Body(), "unit") != unit {
		return nil
	}
	body := sync.Object{"review": string(d.ID), "version": d.Version}
	for _, k := range []string{"sheet", "sheet_version", "unit", "period", "cluster", "criteria", "entries"} {
		if v, there := d.Body()[k]; there {
			body[k] = v
		}
	}
	return body
}

// copyTarget returns the copy that depends on a cluster's review of a unit in a period.
func copyTarget(cluster, unit, period sync.DocID) sync.Target {
	sheet := SheetID(unit, period)
	return sync.Target{
		Scope: sync.UnitDesk(unit), Doc: ReviewCopyID(cluster, sheet), Type: TypeReviewCopy, Subject: string(sync.ClusterDesk(cluster)) + "/" + string(sheet),
	}
}
