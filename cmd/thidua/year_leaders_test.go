package main

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

// What the leaders do in the year: sign, submit, and those of n1 and n2 for
// the whole cluster.

func leaderActs(b *bearer) {
	desk := sync.UnitDesk(unitID(b.unit))
	of := func(typ string, more sync.Object) sync.DocID {
		body := sync.Object{"unit": string(unitID(b.unit)), "period": string(key("2023"))}
		for k, v := range more {
			body[k] = v
		}
		id, _ := emulation.KeyOf(typ, body)
		return id
	}
	sign := func(id sync.DocID, values sync.Object) func() bool {
		return func() bool {
			if d, _, _ := b.view(desk, id); d == nil {
				return false
			}
			b.change(desk, id, values)
			return true
		}
	}
	b.duty("2023-01-10", "registers", sign(of(emulation.TypeRegistration, nil), sync.Object{"state": "registered"}))
	b.duty("2023-02-10", "signs", sign(of(emulation.TypePledge, nil), sync.Object{
		"state": "signed", "signatures": sync.Object{"gd": sync.Object{"title": "Giám đốc", "on": "2023-03-01"}},
	}))
	report := of(emulation.TypeReport, sync.Object{"period": string(key("half")), "kind": "mid_year"})
	b.duty("2023-06-20", "files", sign(report, sync.Object{"state": "filed"}))
	b.duty(hallDay, "sits in the conference", func() bool { return b.attends("conference", "lanh-dao") })
	b.submits()
	switch b.unit {
	case 1:
		b.leads()
	case 2:
		b.crossChecks(1)
	case 3:
		b.duty("2024-01-02", "leads the next year", func() bool { b.recommends("next"); return true })
	}
}

// submits completes the unit's sheet and submits it: an even unit at once, an
// odd one offline on the very last day, n5 when nothing is open about it.
func (b *bearer) submits() {
	y := b.y
	desk, id := y.sheet(b.unit, "2023")
	in := func(state string) bool {
		_, s, _ := b.view(desk, id)
		return s == state
	}
	b.duty(drawUp, "completes", func() bool {
		if !in("draft") {
			return false
		}
		for i, code := range codes() {
			if i >= ownSections {
				b.write(desk, id, sync.Pointer("/entries").Join(code), b.scored(i))
			}
		}
		return true
	})
	submit := func() bool {
		if !b.done["completes"] {
			return false
		}
		b.step(desk, id, "submitted", "")
		return true
	}
	switch {
	case b.unit == 5:
		b.duty("2023-08-29", "corrects", func() bool {
			b.write(desk, id, "/entries/I-1/self", int64(950))
			return true
		})
		b.duty("2023-09-08", "submits", func() bool {
			open, err := b.client.Conflicts()
			y.must(err)
			return b.synced == y.today && len(open) == 0 && submit()
		})
	case b.unit%2 == 1:
		b.duty(dueDay, "submits", submit)
	default:
		b.duty(drawUp, "submits", submit)
	}
	switch b.unit {
	case 6:
		b.duty("2023-08-29", "withdraws", func() bool {
			b.step(desk, id, "draft", "Nhập nhầm II.1.")
			b.write(desk, id, "/entries/II-1/self", int64(950))
			b.step(desk, id, "submitted", "")
			return true
		})
	case 7:
		b.duty(crossDay, "explains", func() bool {
			if !in("cross_checked") {
				return false
			}
			b.write(desk, id, "/entries/I-2/explanation", "Đã bổ sung minh chứng.")
			b.step(desk, id, "explained", "")
			return true
		})
	case 8:
		b.duty(crossDay, "draws up again", func() bool {
			if !in("returned") {
				return false
			}
			b.step(desk, id, "draft", "")
			b.write(desk, id, "/entries/III-1/self", int64(750))
			b.step(desk, id, "submitted", "")
			return true
		})
	case 10:
		trial, sheet := y.sheet(10, "half")
		b.duty("2023-06-20", "submits the trial", func() bool {
			if d, _, _ := b.view(trial, sheet); d == nil {
				return false
			}
			b.step(trial, sheet, "submitted", "")
			return true
		})
	}
}

// leads is what the leader of the head unit does for the cluster.
func (b *bearer) leads() {
	y := b.y
	for unit := 2; unit <= 10; unit++ {
		b.crossChecks(unit)
	}
	b.duty(midDay, "signs the mid-year minutes", func() bool {
		if b.synced != y.today || !b.heard("mid", 10) {
			return false
		}
		b.step(y.cluster(), key("mid"), "signed", "")
		b.step(y.cluster(), key("science"), "carried", "")
		b.step(y.cluster(), key("ratio"), "declined", "Ngoài thẩm quyền của cụm.")
		return true
	})
	b.duty("2023-11-07", "follows up", func() bool {
		_, state, _ := b.view(y.cluster(), key("science"))
		if state == "carried" {
			b.step(y.cluster(), key("science"), "done", "")
		}
		return state == "carried"
	})
	b.duty(hallDay, "announces", func() bool {
		for unit := 1; unit <= 10; unit++ {
			if _, state, _ := b.view(y.sheet(unit, "2023")); state != "locked" {
				return false
			}
		}
		b.announces(1, nil)
		return true
	})
	b.duty(announceDay, "signs the minutes", func() bool {
		open, err := b.client.Conflicts()
		y.must(err)
		if b.synced != y.today || len(open) > 0 || !b.heard("conference", 20) {
			return false
		}
		b.step(y.cluster(), key("conference"), "signed", "")
		return true
	})
	b.duty(announceDay, "announces as agreed", func() bool {
		if _, state, pending := b.view(y.cluster(), key("conference")); state != "signed" || pending {
			return false
		}
		b.step(y.cluster(), emulation.RankingID(key("y"), key("2023"), 1), "superseded", "Đã bỏ phiếu phân định hạng tư.")
		agreed := sync.Object{}
		for _, row := range handRanking() {
			agreed[string(unitID(row.unit))] = sync.Object{"rank": row.rank}
		}
		b.announces(2, agreed)
		b.step(y.cluster(), emulation.RankingID(key("y"), key("2023"), 2), "submitted", "")
		for _, h := range honours() {
			id := b.creates(y.desk(), emulation.TypeAward, "award"+string(unitID(h.unit)), proposal(h.unit, h.form, h.place))
			b.step(y.desk(), id, "voted", "")
			b.step(y.desk(), id, "proposed", "")
		}
		// A second flag is more than the quota lets through without a reason.
		b.step(y.desk(), b.creates(y.desk(), emulation.TypeAward, "", proposal(2, "emulation_flag", 2)), "voted", "")
		return true
	})
	b.duty("2024-01-02", "is not the head any more", func() bool {
		b.recommends("too-late")
		b.creates(y.desk(), emulation.TypeAward, "too-late-award", proposal(5, "commendation", 0))
		return true
	})
}

func (b *bearer) recommends(name string) {
	b.creates(b.y.cluster(), emulation.TypeRecommendation, name, sync.Object{"cluster": string(key("y")), "period": string(key("2023")), "text": "Kiến nghị năm 2024."})
}

// heard reports whether so many have written into the minutes of a meeting, and
// every vote is in.
func (b *bearer) heard(meeting string, people int) bool {
	d, state, _ := b.view(b.y.cluster(), key(meeting))
	if state != "open" || emulation.Present(d.Body()) != int64(people) {
		return false
	}
	return meeting != "conference" || sync.Get(d.Body(), "/ballots/tie-10/closed") == true
}

// announces computes the ranking from what is on the phone and records it.
func (b *bearer) announces(seq int64, agreed sync.Object) {
	y := b.y
	org := b.reference()
	var docs []*sync.Document
	for _, scope := range emulation.RankingSources(org, key("y"), key("2023")) {
		in, err := b.client.List(scope, "")
		y.must(err)
		docs = append(docs, in...)
	}
	body := emulation.Rank(org, key("y"), key("2023"), docs).Body(seq)
	if agreed != nil {
		body["agreed"], body["meeting"] = agreed, string(key("conference"))
	}
	id := emulation.RankingID(key("y"), key("2023"), seq)
	b.create(y.cluster(), emulation.TypeRanking, id, body)
	y.recorded++
	b.step(y.cluster(), id, "announced", "")
}

// reference is the reference data as it is on the phone.
func (b *bearer) reference() *sync.Reference {
	docs, err := b.client.List(sync.Org, "")
	b.y.must(err)
	return sync.NewReference(0, docs)
}

// crossChecks writes what was found about a unit's sheet that was submitted,
// and again what was looked at again.
func (b *bearer) crossChecks(unit int) {
	y := b.y
	for _, period := range []string{"half", "2023"} {
		desk, id := y.sheet(unit, period)
		sheet, state, _ := b.view(desk, id)
		review, _, _ := b.view(y.desk(), emulation.ReviewID(id))
		switch {
		case period == "2023" && y.today < crossDay:
		case state == "submitted" && review == nil:
			entries := sync.Object{}
			for _, code := range codes() {
				if self, scored := sync.Get(sheet.Body(), sync.Pointer("/entries").Join(code).Join("self")).(int64); scored {
					entries[code] = found(unit, code, self, period)
				}
			}
			b.step(y.desk(), b.creates(y.desk(), emulation.TypeReview, "", about(sheet, entries)), "sent", "")
			b.step(desk, id, "cross_checked", "")
		case state == "submitted": // it was returned and drawn up again
			b.looksAgain(id, "III-1", 750, "Đã sửa theo yêu cầu.")
			b.step(desk, id, "cross_checked", "")
		case state == "explained":
			b.looksAgain(id, "I-2", 850, "Chấp nhận một phần giải trình.")
			b.step(desk, id, "rechecked", "")
		}
	}
}

// found is what the cross-check says of a score: the same, but for two.
func found(unit int, code string, self int64, period string) sync.Object {
	switch {
	case period == "2023" && unit == 7 && code == "I-2":
		return sync.Object{"cross": int64(700), "reason": "Chưa có minh chứng."}
	case period == "2023" && unit == 9 && code == "II-2":
		return sync.Object{"cross": int64(800), "reason": "Có hai sai sót."}
	}
	return sync.Object{"cross": self}
}

func (b *bearer) looksAgain(sheet sync.DocID, code string, points int64, reason string) {
	entry, id := sync.Pointer("/entries").Join(code), emulation.ReviewID(sheet)
	b.write(b.y.desk(), id, entry.Join("recheck"), points)
	b.write(b.y.desk(), id, entry.Join("reason"), reason)
}

type honour struct {
	unit  int
	form  string
	place int64 // 0: no quota
}

// honours are what the conference proposes.
func honours() []honour {
	return []honour{{3, "emulation_flag", 1}, {2, "merit_certificate", 1}, {1, "commendation", 0}, {8, "commendation", 0}}
}

func proposal(unit int, form string, place int64) sync.Object {
	body := sync.Object{
		"cluster": string(key("y")), "period": string(key("2023")), "unit": string(unitID(unit)), "meeting": string(key("conference")),
		"form": form, "authority": "provincial_committee", "recipients": "collective", "count": int64(1),
	}
	if place > 0 {
		body["place"] = place
	}
	return body
}
