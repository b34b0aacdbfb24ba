package main

import (
	"strconv"

	"thidua/internal/emulation"
	"thidua/sync"
)

// What everybody does in the year, and when.

// The units score themselves like this, in hundredths of a point, in the order
// of codes. Staff enter sections I and II, the leader section III.
func selfScores() [10][12]int64 {
	return [10][12]int64{
		{900, 950, 500, 800, 450, 900, 900, 750, 500, 850, 900, 450},
		{950, 900, 500, 900, 450, 950, 950, 1000, 500, 900, 950, 450},
		{1000, 950, 500, 900, 500, 900, 950, 1000, 500, 950, 950, 500},
		{900, 900, 500, 700, 400, 850, 900, 750, 250, 900, 850, 400},
		{900, 850, 500, 800, 450, 900, 900, 750, 500, 900, 850, 450},
		{850, 900, 500, 800, 400, 900, 850, 750, 500, 850, 900, 400},
		{900, 900, 500, 900, 450, 850, 850, 750, 500, 900, 900, 450},
		{900, 950, 0, 600, 400, 900, 800, 500, 250, 800, 850, 400},
		{850, 850, 500, 700, 400, 800, 850, 750, 500, 850, 850, 450},
		{950, 900, 500, 800, 450, 850, 850, 750, 500, 850, 950, 450},
	}
}

func codes() []string {
	return []string{"I-1", "I-2", "I-3", "I-4", "I-5", "II-1", "II-2", "II-3", "II-4", "III-1", "III-2", "III-3"}
}

const (
	ownSections = 9 // entries that staff write
	drawUp      = "2023-08-09"
	dueDay      = "2023-09-17"
	crossDay    = "2023-09-28"
	hallDay     = "2023-11-17"
	announceDay = "2023-12-07"
	midDay      = "2023-07-20"
	lastDay     = "2023-12-31"
	lastTold    = "Kiến nghị của trưởng cụm cũ, ghi trong đêm giao thừa."
	fromUnit3   = "Chung: đoạn của đơn vị 3."
)

// yearCriteria has all five types of criteria, a bonus cap and a penalty floor.
func yearCriteria(code string) sync.Object {
	criterion := func(section string, order, max int64, typ string, more sync.Object) sync.Object {
		o := sync.Object{"section": section, "order": order, "code": section + "." + strconv.FormatInt(order, 10), "title": "Tiêu chí", "type": typ, "max": max}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	measured, levels := sync.Object{"measure": "%"}, sync.Object{"levels": []any{int64(0), int64(250), int64(500)}}
	section := func(order, max int64) sync.Object {
		return sync.Object{"order": order, "title": "Mục", "max": max}
	}
	return sync.Object{
		"code": code, "version": int64(1), "title": "Bộ tiêu chí " + code, "total": int64(10_000), "bonus_cap": int64(300), "penalty_floor": int64(-400),
		"tie_break": []any{emulation.TieBase, emulation.TieFirst, emulation.TiePenalties, emulation.TieBallots},
		"sections":  sync.Object{"I": section(1, 4000), "II": section(2, 3500), "III": section(3, 2500)},
		"criteria": sync.Object{
			"I-1": criterion("I", 1, 1000, emulation.CriterionQuantitative, measured), "I-2": criterion("I", 2, 1000, emulation.CriterionJudged, nil),
			"I-3": criterion("I", 3, 500, emulation.CriterionAchieved, levels), "I-4": criterion("I", 4, 1000, emulation.CriterionCount, sync.Object{"each": int64(100)}),
			"I-5":  criterion("I", 5, 500, emulation.CriterionJudged, nil),
			"II-1": criterion("II", 1, 1000, emulation.CriterionQuantitative, measured), "II-2": criterion("II", 2, 1000, emulation.CriterionJudged, sync.Object{"bonus_max": int64(200)}),
			"II-3": criterion("II", 3, 1000, emulation.CriterionCount, sync.Object{"each": int64(250)}), "II-4": criterion("II", 4, 500, emulation.CriterionAchieved, levels),
			"III-1": criterion("III", 1, 1000, emulation.CriterionJudged, nil), "III-2": criterion("III", 2, 1000, emulation.CriterionJudged, nil),
			"III-3": criterion("III", 3, 500, emulation.CriterionPlusMinus, sync.Object{"bonus_max": int64(300), "penalty_max": int64(500)}),
		},
	}
}

func adminActs(b *bearer) {
	y := b.y
	milestone := func(kind, due string) sync.Object {
		return sync.Object{"kind": kind, "due": due, "grace": int64(10)}
	}
	period := func(code, kind, to string, milestones sync.Object) sync.Object {
		return sync.Object{
			"code": code, "kind": kind, "title": "Kỳ " + code, "cluster": string(key("y")), "from": "2023-01-01", "to": to,
			"criteria": string(key("criteria-y")), "milestones": milestones,
		}
	}
	b.duty("2023-01-02", "opens the year", func() bool {
		for _, code := range []string{"y", "old"} {
			b.step(sync.Org, b.creates(sync.Org, emulation.TypeCriteria, "criteria-"+code, yearCriteria(code)), "published", "")
		}
		b.step(sync.Org, b.creates(sync.Org, emulation.TypePeriod, "half", period("half", "half_year", "2023-06-30", sync.Object{"r": milestone(emulation.TrackReport, midDay)})), "open", "")
		b.step(sync.Org, b.creates(sync.Org, emulation.TypePeriod, "2023", period("2023", "year", "2023-12-31", sync.Object{
			"r": milestone(emulation.TrackRegistration, "2023-02-10"), "p": milestone(emulation.TrackPledge, "2023-03-10"), "s": milestone(emulation.TrackSheet, dueDay),
			"c": milestone(emulation.MilestoneCrossCheck, "2023-11-06"), "e": milestone(emulation.MilestoneExplanation, "2023-10-20"),
			"k": milestone(emulation.MilestoneRecheck, "2023-11-06"), "v": milestone(emulation.MilestoneVerification, "2023-11-16"),
		})), "open", "")
		return true
	})
	b.duty("2023-03-01", "withdraws", func() bool {
		b.step(sync.Org, key("criteria-old"), "withdrawn", "Đã có bộ tiêu chí mới.")
		return true
	})
	for _, s := range []struct{ day, period, to string }{
		{"2023-07-01", "half", "cross_check"},
		{"2023-10-07", "half", "conference"},
		{"2023-10-07", "half", "verification"},
		{"2023-10-08", "half", "closed"},
		{"2023-10-18", "half", "open"},
		{"2023-10-28", "half", "cross_check"},
		{"2023-10-28", "half", "conference"},
		{"2023-10-28", "half", "verification"},
		{"2023-10-29", "half", "closed"},
		{crossDay, "2023", "cross_check"},
		{hallDay, "2023", "conference"},
		{"2023-12-17", "2023", "verification"},
		{"2024-01-12", "2023", "closed"},
	} {
		b.duty(s.day, s.day+s.period+s.to, func() bool {
			values := sync.Object{"state": s.to}
			if s.to == "open" {
				values["state_reason"], values["reopened"] = "Bổ sung báo cáo.", int64(1)
			}
			b.change(sync.Org, key(s.period), values)
			return true
		})
	}
	b.duty(drawUp, "supersedes", func() bool {
		desk, sheet := y.sheet(10, "half")
		if _, state, _ := b.view(desk, sheet); state != "locked" {
			return false
		}
		b.step(desk, sheet, "superseded", "Chấm thử, đã có bảng cả năm.")
		return true
	})
	b.duty("2023-12-01", "enters the next term", func() bool {
		meeting, _, _ := b.view(y.cluster(), key("conference"))
		if meeting == nil || sync.Get(meeting.Body(), "/ballots/deputy/closed") != true {
			return false
		}
		elected := func(as string) sync.Value {
			return sync.Get(meeting.Body(), sync.Pointer("/ballots").Join(as).Join("unit"))
		}
		b.creates(sync.Org, emulation.TypeTerm, "", sync.Object{
			"cluster": string(key("y")), "year": int64(2024), "head": elected("head"), "deputy": elected("deputy"), "meeting": string(meeting.ID),
		})
		return true
	})
}

func officerActs(b *bearer) {
	y := b.y
	if b.synced != "" {
		b.settles(map[sync.Pointer]sync.Value{"/entries/I-1/self": int64(950), "/minutes/chung/text": fromUnit3, "": lastTold})
	}
	for _, period := range []string{"half", "2023"} {
		for unit := 1; unit <= 10; unit++ {
			desk, id := y.sheet(unit, period)
			sheet, state, _ := b.view(desk, id)
			year := period == "2023"
			switch again := b.done["returned"]; {
			case state == "cross_checked" && unit == 8 && year && !again:
				b.change(desk, id, sync.Object{"state": "returned", "state_reason": "Thiếu minh chứng III.1.", "extended_to": "2023-10-31"})
				b.done["returned"] = true
			case state == "cross_checked" && (unit != 7 || !year), state == "rechecked":
				b.verifies(sheet, unit, year)
			case state == "verified" && (!year || y.today >= "2023-11-07"):
				b.step(desk, id, "locked", "")
			}
		}
	}
	b.duty("2023-12-17", "confirms", func() bool {
		id := emulation.RankingID(key("y"), key("2023"), 2)
		if _, state, _ := b.view(y.cluster(), id); state != "submitted" {
			return false
		}
		b.step(y.cluster(), id, "confirmed", "")
		for _, award := range honours() {
			award := proposal(award.unit, award.form, award.place)
			id, _ := emulation.KeyOf(emulation.TypeAward, award)
			if award["place"] == nil {
				id = key("award" + award["unit"].(string))
			}
			b.step(y.desk(), id, "appraised", "")
			if award["unit"] == string(unitID(8)) {
				b.step(y.desk(), id, "rejected", "Không đủ điều kiện.")
				continue
			}
			b.step(y.desk(), id, "approved", "")
			b.step(y.desk(), id, "decided", "")
		}
		return true
	})
	b.duty("2024-01-06", "revokes", func() bool {
		award := key("award" + string(unitID(1)))
		_, state, _ := b.view(y.desk(), award)
		if state == "decided" {
			b.step(y.desk(), award, "revoked", "Phát hiện số liệu sai.")
		}
		return state == "decided"
	})
}

// verifies writes down the first criterion as it was found, for n9 another
// value of one more, and takes the step.
func (b *bearer) verifies(sheet *sync.Document, unit int, year bool) {
	entries := sync.Object{"I-1": sync.Object{"verified": sync.Get(sheet.Body(), "/entries/I-1/self")}}
	if unit == 9 && year {
		entries["II-2"] = sync.Object{"verified": int64(820), "reason": "Theo hồ sơ gốc."}
	}
	id := b.creates(sheet.Scope, emulation.TypeVerification, "", about(sheet, entries))
	b.step(sheet.Scope, id, "sent", "")
	b.step(sheet.Scope, sheet.ID, "verified", "")
}

// about is a review or a verification of a sheet.
func about(sheet *sync.Document, entries sync.Object) sync.Object {
	body := sync.Object{"sheet": string(sheet.ID), "sheet_version": sheet.Version, "entries": entries}
	for _, k := range []string{"unit", "period", "cluster", "criteria"} {
		body[k] = sheet.Body()[k]
	}
	return body
}

func staffActs(b *bearer) {
	y, desk := b.y, sync.UnitDesk(unitID(b.unit))
	unit := sync.Object{"unit": string(unitID(b.unit)), "period": string(key("2023")), "cluster": string(key("y"))}
	with := func(more sync.Object) sync.Object {
		o := sync.Object{}
		for _, from := range []sync.Object{unit, more} {
			for k, v := range from {
				o[k] = v
			}
		}
		return o
	}
	targets := sync.Object{"t1": sync.Object{"order": int64(1), "text": "Khám chữa bệnh đạt kế hoạch."}}
	b.duty("2023-01-10", "registers", func() bool {
		b.creates(desk, emulation.TypeRegistration, "", with(sync.Object{"targets": targets}))
		return true
	})
	b.duty("2023-02-10", "pledges", func() bool {
		b.creates(desk, emulation.TypePledge, "", with(sync.Object{"targets": targets}))
		return true
	})
	movement := key("movement" + unitName(b.unit))
	b.duty("2023-03-02", "launches", func() bool {
		scope := sync.UnitScope(unitID(b.unit))
		b.creates(scope, emulation.TypeMovement, "movement"+unitName(b.unit), sync.Object{"title": "Thi đua cải tiến", "period": string(key("2023"))})
		return true
	})
	b.duty("2023-11-01", "reports on the movement", func() bool {
		b.write(sync.UnitScope(unitID(b.unit)), movement, "/results", "Có 3 sáng kiến.")
		return true
	})
	b.duty("2023-06-20", "reports", func() bool {
		b.creates(desk, emulation.TypeReport, "", with(sync.Object{
			"period": string(key("half")), "kind": "mid_year", "title": "Báo cáo sơ kết", "blocks": sync.Object{"b": sync.Object{"order": int64(1), "text": "Sáu tháng."}},
		}))
		return true
	})
	b.duty(midDay, "sits in the mid-year meeting", func() bool { return b.attends("mid", "thu-ky") })
	b.duty(drawUp, "scores", func() bool {
		entries := sync.Object{}
		for i, code := range codes()[:ownSections] {
			entries[code] = b.scored(i)
		}
		b.creates(desk, emulation.TypeSheet, "", with(sync.Object{"criteria": string(key("criteria-y")), "entries": entries}))
		return true
	})
	b.duty(hallDay, "sits in the conference", func() bool {
		if (b.unit == 3 || b.unit == 4) && b.attends("conference", "thu-ky") {
			b.write(y.cluster(), key("conference"), "/minutes/chung/text", "Chung: đoạn của đơn vị "+strconv.Itoa(b.unit)+".")
			return true
		}
		return b.attends("conference", "thu-ky")
	})
	switch b.unit {
	case 1:
		secretaryActs(b)
	case 5: // the same criterion as the leader, on the same morning
		b.duty("2023-08-29", "corrects", func() bool {
			_, sheet := y.sheet(5, "2023")
			b.write(desk, sheet, "/entries/I-1/self", int64(920))
			return true
		})
	case 10:
		b.duty("2023-06-20", "tries the criteria", func() bool {
			b.creates(desk, emulation.TypeSheet, "", with(sync.Object{
				"period": string(key("half")), "criteria": string(key("criteria-y")), "entries": sync.Object{"I-1": b.scored(0), "I-2": b.scored(1)},
			}))
			return true
		})
	}
}

// scored is one entry of the unit's own sheet.
func (b *bearer) scored(i int) sync.Object {
	e := sync.Object{"self": selfScores()[b.unit-1][i]}
	switch code := codes()[i]; {
	case code == "I-1", code == "II-1":
		e["actual"] = "96,5"
	case code == "II-2" && b.unit == 3:
		e["bonus"] = int64(200)
	case code == "III-3" && b.unit == 2:
		e["bonus"] = int64(100)
	case code == "III-3" && b.unit == 3:
		e["bonus"] = int64(300)
	case code == "III-3" && b.unit == 4:
		e["penalty"] = int64(500)
	}
	return e
}

// attends writes somebody and a block of the minutes into a meeting that the phone has.
func (b *bearer) attends(meeting, as string) bool {
	y := b.y
	if d, _, _ := b.view(y.cluster(), key(meeting)); d == nil {
		return false
	}
	person := unitName(b.unit) + "-" + as
	b.write(y.cluster(), key(meeting), sync.Pointer("/attendance").Join(person), sync.Object{"role": "member", "unit": string(unitID(b.unit)), "present": true})
	b.write(y.cluster(), key(meeting), sync.Pointer("/minutes").Join(person), sync.Object{"order": int64(b.unit), "text": "Ý kiến của " + person + "."})
	return true
}

// secretaryActs is what staff of the head unit do for the cluster.
func secretaryActs(b *bearer) {
	y := b.y
	meeting := func(name, kind, day, period string) bool {
		b.creates(y.cluster(), emulation.TypeMeeting, name, sync.Object{
			"kind": kind, "title": "Hội nghị", "held_on": day, "reviewed_period": string(key(period)), "summoned": int64(20),
			"minutes": sync.Object{"chung": sync.Object{"order": int64(0), "text": "Khai mạc."}},
		})
		return true
	}
	recommend := func(name, text string) {
		b.creates(y.cluster(), emulation.TypeRecommendation, name, sync.Object{"cluster": string(key("y")), "period": string(key("half")), "text": text})
	}
	ballot := func(name, kind string, unit int, yes int64) {
		b.write(y.cluster(), key("conference"), sync.Pointer("/ballots").Join(name), sync.Object{
			"kind": kind, "subject": "Bỏ phiếu", "unit": string(unitID(unit)),
			"tally": sync.Object{"for": yes, "against": 20 - yes, "abstain": int64(0), "invalid": int64(0), "returned": int64(20), "issued": int64(20)},
		})
		b.write(y.cluster(), key("conference"), sync.Pointer("/ballots").Join(name).Join("closed"), true)
	}
	b.duty("2023-03-02", "launches for the cluster", func() bool {
		b.creates(y.cluster(), emulation.TypeMovement, "movement-y", sync.Object{"title": "Thi đua toàn cụm", "period": string(key("2023"))})
		return true
	})
	b.duty("2023-06-20", "calls the mid-year meeting", func() bool { return meeting("mid", "mid_year", midDay, "half") })
	b.duty(midDay, "recommends", func() bool {
		recommend("science", "Tổ chức sinh hoạt khoa học chung.")
		recommend("ratio", "Xem lại tỷ lệ khen thưởng.")
		return true
	})
	b.duty("2023-10-18", "calls the conference", func() bool { return meeting("conference", "year_end", hallDay, "2023") })
	b.duty(hallDay, "counts", func() bool {
		ballot("head", "head", 3, 18)
		ballot("deputy", "deputy", 4, 15)
		ballot("flag", "award", 3, 19)
		return true
	})
	b.duty("2023-11-27", "counts again", func() bool {
		ballot("tie-7", "tie_break", 7, 12)
		ballot("tie-10", "tie_break", 10, 8)
		return true
	})
	b.duty(lastDay, "recommends at the last moment", func() bool {
		recommend("last", lastTold)
		return true
	})
}
