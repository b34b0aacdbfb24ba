package spreadsheet

import (
	"io"

	"thidua/internal/emulation"
	"thidua/sync"
)

// WriteTrackers writes who has done what: units downwards, the steps that the
// period's milestones ask for across (all four if it asks for none), with the
// days they are due and how many have done them.
func WriteTrackers(w io.Writer, v View) error {
	steps := v.steps()
	units := v.members()
	widths, titles := []float64{6, 48}, []string{"TT", "Đơn vị"}
	due, ratio, percent := []any{nil, "Hạn"}, []any{nil, "Đã xong"}, []any{nil, "Tỷ lệ (%)"}
	done := map[sync.DocID][]any{}
	for _, kind := range steps {
		progress := emulation.Track(v.Org, v.Cluster, v.Period, kind, v.Docs)
		widths, titles = append(widths, 15), append(titles, trackerKinds().word(kind))
		due = append(due, calendarOrNil(progress.Due))
		ratio = append(ratio, middle(progress.Ratio()))
		if t, ok := emulation.Percent(int64(progress.N), int64(progress.Of)); ok {
			percent = append(percent, tenths(t))
		} else {
			percent = append(percent, nil)
		}
		for _, m := range progress.Members {
			word := middle("Chưa")
			switch {
			case m.Done:
				word = "Đã xong"
			case m.Doc != "":
				word = "Đang làm"
			}
			done[m.Unit] = append(done[m.Unit], word)
		}
	}
	p := v.open("Theo dõi", "THEO DÕI TIẾN ĐỘ THI ĐUA", widths...)
	p.head(titles, 2)
	p.row(true, due...)
	for i, u := range units {
		p.row(false, append([]any{int64(i + 1), v.name(u)}, done[u]...)...)
	}
	p.row(true, ratio...)
	p.row(true, percent...)
	v.close(p)
	return p.write(w)
}

func calendarOrNil(day string) any {
	if day == "" {
		return nil
	}
	return calendar(day)
}

// steps are the kinds of tracker the period asks for, in the order of the year.
func (v View) steps() []string {
	asked := map[string]bool{}
	milestones, _ := v.body(emulation.TypePeriod, v.Period)["milestones"].(sync.Object)
	for _, m := range milestones {
		m, _ := m.(sync.Object)
		kind, _ := m["kind"].(string)
		asked[kind] = true
	}
	var all, some []string
	for _, k := range trackerKinds() {
		all = append(all, k[0])
		if asked[k[0]] {
			some = append(some, k[0])
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}
