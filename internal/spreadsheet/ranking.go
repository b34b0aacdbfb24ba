package spreadsheet

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"thidua/internal/emulation"
	"thidua/sync"
)

// WriteRanking writes the ranking of the cluster: the last one announced where
// there is one, with its sequence and state, else the provisional one computed
// from the sheets as they are.
func WriteRanking(w io.Writer, v View) error {
	computed := emulation.Rank(v.Org, v.Cluster, v.Period, v.Docs)
	rows, title := computed.Rows, "BẢNG XẾP HẠNG THI ĐUA (TẠM TÍNH)"
	announced := v.announced()
	if announced != nil {
		seq, _ := announced.Body()["seq"].(int64)
		title = fmt.Sprintf("BẢNG XẾP HẠNG THI ĐUA (CÔNG BỐ LẦN %d)", seq)
		rows = v.recorded(announced.Body(), computed.Rows)
	}
	p := v.open("Xếp hạng", title, 8, 46, 11, 11, 11, 12, 22)
	p.head([]string{"Hạng", "Đơn vị", "Điểm chuẩn", "Điểm thưởng", "Điểm trừ", "Tổng điểm", "Ghi chú"}, 2)
	for _, r := range rows {
		note := ties().word(r.Tie)
		if r.Tie != "" && r.Tie != emulation.TieShared {
			note = "Phân định: " + note
		}
		if r.Score == nil {
			p.row(false, nil, r.Name, nil, nil, nil, nil, "Chưa có bảng điểm")
			continue
		}
		cells := []any{int64(r.Rank), r.Name, nil, nil, nil, hundredths(r.Score.Total), note}
		if r.Score.Base != 0 || r.Score.Total == 0 { // a recorded row whose parts changed since has only its total
			cells[2], cells[3], cells[4] = hundredths(r.Score.Base), hundredths(r.Score.Bonus), hundredths(-r.Score.Penalty)
		}
		p.row(false, cells...)
	}
	if announced != nil && !sameTotals(rows, computed.Rows) {
		p.note("Điểm hiện nay khác với lúc công bố.")
	}
	v.close(p)
	return p.write(w)
}

// announced returns the cluster's last ranking of the period that still stands, nil if none was announced.
func (v View) announced() *sync.Document {
	var last *sync.Document
	for _, d := range v.Docs {
		b := d.Body()
		if d.Gone || d.Type != emulation.TypeRanking || d.Scope != sync.ClusterScope(v.Cluster) || id(b, "period") != v.Period {
			continue
		}
		switch b["state"] {
		case "announced", "submitted", "confirmed":
			if last == nil || seqOf(d) > seqOf(last) {
				last = d
			}
		}
	}
	return last
}

func seqOf(d *sync.Document) int64 { n, _ := d.Body()["seq"].(int64); return n }

// recorded returns the rows of a recorded ranking, best first. Base, bonus and
// penalty are those of today where today's total is the same.
func (v View) recorded(body sync.Object, today []emulation.Row) []emulation.Row {
	all, _ := body["rows"].(sync.Object)
	rows := make([]emulation.Row, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		o, _ := all[key].(sync.Object)
		r := emulation.Row{Unit: sync.DocID(key), Name: v.name(sync.DocID(key))}
		r.Tie, _ = o["tie"].(string)
		if total, ok := o["score"].(int64); ok && o["scored"] == true {
			rank, _ := o["rank"].(int64)
			r.Rank, r.Score = int(rank), &emulation.Score{Total: total}
			for _, t := range today {
				if t.Unit == r.Unit && t.Score != nil && t.Score.Total == total {
					r.Score = t.Score
				}
			}
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b emulation.Row) int {
		if (a.Score == nil) != (b.Score == nil) {
			if a.Score == nil {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.Rank, b.Rank)
	})
	return rows
}

func sameTotals(a, b []emulation.Row) bool {
	totals := map[sync.DocID]int64{}
	for _, r := range a {
		if r.Score != nil {
			totals[r.Unit] = r.Score.Total
		}
	}
	for _, r := range b {
		if n, ok := totals[r.Unit]; r.Score != nil && (!ok || n != r.Score.Total) {
			return false
		}
	}
	return true
}
