package generate

import (
	"fmt"

	"thidua/internal/emulation"
	"thidua/sync"
)

// deskOf hands over what a unit lays on its desk: registration, pledge,
// report, indicators and sheet, then the verification of the sheet. It returns
// the papers as stored.
func (c *cluster) deskOf(u unit) ([]*sync.Document, error) {
	b := c.batch(sync.UnitDesk(u.id))
	about := func(more sync.Object) sync.Object {
		o := sync.Object{"unit": string(u.id), "period": string(c.period), "cluster": string(c.id)}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	targets := sync.Object{
		"t1": sync.Object{"order": int64(1), "text": "Tập thể lao động xuất sắc"},
		"t2": sync.Object{"order": int64(2), "text": fmt.Sprintf("%d chiến sĩ thi đua cơ sở", c.between(2, 15))},
	}
	b.add(emulation.TypeRegistration, about(sync.Object{"targets": targets, "registered_on": c.day(2, c.between(1, 15)), "state": "registered"}))
	b.add(emulation.TypePledge, about(sync.Object{
		"targets":    sync.Object{"p1": sync.Object{"order": int64(1), "text": "Hoàn thành 100 % chỉ tiêu kế hoạch được giao."}},
		"signatures": sync.Object{"director": sync.Object{"title": "Giám đốc", "on": c.day(2, c.between(16, 28))}}, "state": "signed",
	}))
	late := c.stage == scoring && c.chance(30)
	if !late {
		b.add(emulation.TypeReport, about(sync.Object{
			"kind": "year_end", "title": fmt.Sprintf("Báo cáo tổng kết công tác thi đua, khen thưởng năm %d", c.config.Year),
			"blocks": sync.Object{
				"b1": sync.Object{"order": int64(1), "heading": "Kết quả", "text": fmt.Sprintf("%s hoàn thành %d/%d chỉ tiêu.", u.name, c.between(18, 22), 22)},
				"b2": sync.Object{"order": int64(2), "heading": "Phương hướng", "text": "Tiếp tục các phong trào thi đua, nâng cao chất lượng phục vụ người bệnh."},
			},
			"filed_on": c.day(11, c.between(1, 10)), "state": "filed",
		}))
	}
	c.indicators(b, u)
	if state := c.sheetState(); state != "" {
		b.add(emulation.TypeSheet, about(sync.Object{"criteria": string(c.set.ID), "entries": c.scores(u, state), "state": state}))
	}
	stored, err := b.flush()
	if err != nil || c.stage < verifying {
		return stored, err
	}
	return c.verify(u, stored)
}

// sheetState returns the state of a unit's sheet at the cluster's stage, "" for none.
func (c *cluster) sheetState() string {
	switch c.stage {
	case scoring:
		return pick(c.draw, []string{"", "draft", "draft", "draft", "submitted", "submitted", "returned"})
	case checking:
		return pick(c.draw, []string{"submitted", "submitted", "cross_checked", "cross_checked", "explained", "rechecked"})
	case meeting:
		return pick(c.draw, []string{"cross_checked", "cross_checked", "rechecked"})
	case verifying:
		return pick(c.draw, []string{"cross_checked", "verified", "verified"})
	}
	return "locked"
}

// scores returns a unit's own scores; a draft has only some.
func (c *cluster) scores(u unit, state string) sync.Object {
	entries := sync.Object{}
	all := c.criteria()
	for _, key := range keys(all) {
		if state == "draft" && c.chance(35) {
			continue
		}
		criterion, _ := all[key].(sync.Object)
		entries[key] = c.entry(u, criterion, state)
	}
	return entries
}

func (c *cluster) criteria() sync.Object {
	all, _ := c.set.Body()["criteria"].(sync.Object)
	return all
}

// entry scores one criterion by its type. Points are multiples of a quarter,
// so that clusters have ties.
func (c *cluster) entry(u unit, criterion sync.Object, state string) sync.Object {
	most, _ := criterion["max"].(int64)
	e := sync.Object{"self": most}
	good := c.chance(u.skill)
	switch criterion["type"] {
	case "quantitative":
		percent := c.between(80, 118)
		e["actual"] = fmt.Sprintf("%d %% kế hoạch", percent)
		e["self"] = quarters(most * int64(min(percent, 100)) / 100)
	case "count":
		e["actual"] = fmt.Sprintf("%d", c.between(1, 9))
		if bonus, _ := criterion["bonus_max"].(int64); bonus > 0 && c.chance(25) {
			e["bonus"] = quarters(bonus * int64(c.between(25, 100)) / 100)
		}
	case "plus_minus":
		if penalty, _ := criterion["penalty_max"].(int64); penalty > 0 && !good {
			e["penalty"] = penalty
			e["reason"] = "Có ý kiến phản ánh của người bệnh, đã giải quyết."
		}
	case "achieved":
		if !good {
			e["self"] = int64(0)
			e["reason"] = "Chưa đạt do thiếu nhân lực."
		}
	case "judged":
		e["self"] = quarters(most * int64(c.between(u.skill-8, 100)) / 100)
	}
	if (state == "explained" || state == "rechecked") && c.chance(8) {
		e["explanation"] = "Đề nghị xem lại; minh chứng kèm theo báo cáo."
	}
	return e
}

func quarters(n int64) int64 { return n / 25 * 25 }

func (c *cluster) indicators(b *batcher, u unit) {
	for _, i := range []struct {
		code, title, measure string
		low, high            int
	}{
		{"visits", "Tổng số lượt khám bệnh", "lượt", 8_000, 90_000},
		{"inpatients", "Số người bệnh điều trị nội trú", "người", 500, 9_000},
		{"initiatives", "Sáng kiến được công nhận", "sáng kiến", 1, 25},
	} {
		plan := c.between(i.low, i.high)
		b.add(emulation.TypeIndicator, sync.Object{
			"unit": string(u.id), "period": string(c.period), "code": i.code, "title": i.title, "measure": i.measure,
			"plan": int64(plan), "actual": int64(plan * c.between(82, 121) / 100),
		})
	}
}

// own hands over what a unit keeps to itself: its staff conference, its
// movement, and the certificates it gave.
func (c *cluster) own(u unit) error {
	b := c.batch(sync.UnitScope(u.id))
	summoned := c.between(30, 180)
	present := summoned - c.between(0, summoned/5)
	b.add(emulation.TypeMeeting, sync.Object{
		"kind": "staff_conference", "title": fmt.Sprintf("Hội nghị người lao động năm %d", c.config.Year), "held_on": c.day(1, c.between(5, 28)), "place": "Hội trường đơn vị",
		"host": string(u.id), "summoned": int64(summoned), "state": "signed",
		"attendance":  sync.Object{"staff": sync.Object{"role": "member", "title": "Viên chức, người lao động", "present": true, "persons": int64(present), "unit": string(u.id)}},
		"minutes":     blocks([2]string{"Khai mạc", "Lãnh đạo đơn vị khai mạc hội nghị."}, [2]string{"Báo cáo", "Thông qua báo cáo công khai và quy chế nội bộ."}),
		"resolutions": sync.Object{"r1": sync.Object{"order": int64(1), "text": "Thông qua chỉ tiêu thi đua của năm.", "votes": c.vote(present)}},
	}, string(u.id), "staff", decimal(c.config.Year))
	b.add(emulation.TypeMovement, sync.Object{
		"title": pick(c.draw, movements()), "period": string(c.period), "launcher": string(u.id), "from": c.day(3, 1), "to": c.day(11, 30),
	}, string(u.id), decimal(c.config.Year))
	if c.stage >= meeting {
		b.add(emulation.TypeAward, sync.Object{
			"period": string(c.period), "cluster": string(c.id), "unit": string(u.id), "form": "commendation", "authority": "unit", "recipients": "individual",
			"count": int64(c.between(3, 40)), "title": "Lao động tiên tiến", "state": "decided",
		}, string(u.id), "commendation", decimal(c.config.Year))
	}
	_, err := b.flush()
	return err
}
