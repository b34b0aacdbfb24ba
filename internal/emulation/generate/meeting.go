package generate

import (
	"fmt"

	"thidua/internal/emulation"
	"thidua/sync"
)

// gather hands over what the cluster records together: its movements, the
// mid-year review with its recommendations, and the conference once it was
// held. It returns them as stored.
func (c *cluster) gather() ([]*sync.Document, error) {
	b := c.batch(sync.ClusterScope(c.id))
	for i, title := range some(c.draw, c.between(3, 5), movements()) {
		b.add(emulation.TypeMovement, sync.Object{
			"title": title, "period": string(c.period), "launcher": string(c.units[0].id), "from": c.day(2, 1), "to": c.day(11, 30),
		}, string(c.id), decimal(c.config.Year), decimal(i))
	}
	review := c.midYear(b)
	for i, text := range some(c.draw, c.between(2, 3), recommendations()) {
		state := "open"
		if c.stage >= meeting {
			state = "done"
		}
		b.add(emulation.TypeRecommendation, sync.Object{
			"cluster": string(c.id), "period": string(c.period), "meeting": string(review), "order": int64(i + 1), "text": text, "made_by": "Giám đốc đơn vị", "state": state,
		}, string(c.id), decimal(c.config.Year), decimal(i))
	}
	if c.stage >= meeting {
		conference := c.conference(b)
		b.add(emulation.TypeHandover, sync.Object{
			"meeting": string(conference), "kind": "headship_flag", "recipients": "collective", "count": int64(1), "title": "Cờ luân lưu cho trưởng cụm năm sau",
		}, string(c.id), decimal(c.config.Year))
	}
	return b.flush()
}

func (c *cluster) midYear(b *batcher) sync.DocID {
	attendance, present := c.attendance()
	return b.add(emulation.TypeMeeting, sync.Object{
		"kind": "mid_year", "title": fmt.Sprintf("Hội nghị sơ kết 6 tháng đầu năm %d", c.config.Year), "held_on": c.day(7, c.between(5, 20)),
		"place": "Hội trường " + c.units[0].name, "host": string(c.units[0].id), "reviewed": fmt.Sprintf("6 tháng đầu năm %d", c.config.Year),
		"summoned": int64(len(c.units)), "attendance": attendance, "state": "signed",
		"minutes": blocks(
			[2]string{"Khai mạc", "Trưởng cụm khai mạc, nêu mục đích của hội nghị."}, [2]string{"Báo cáo", "Các đơn vị báo cáo kết quả 6 tháng đầu năm."},
			[2]string{"Kiến nghị", "Hội nghị thống nhất các kiến nghị ghi riêng."},
		),
		"resolutions": sync.Object{"r1": sync.Object{"order": int64(1), "text": "Thông qua báo cáo sơ kết.", "votes": c.vote(present)}},
	}, string(c.id), "mid_year", decimal(c.config.Year)).ID
}

// conference is the year-end conference; its minutes are open until the
// cluster has come further.
func (c *cluster) conference(b *batcher) sync.DocID {
	attendance, present := c.attendance()
	attendance["office"] = sync.Object{"role": "invited", "title": "Đại diện Sở Y tế", "present": true, "unit": string(c.office)}
	state := "open"
	if c.stage > meeting {
		state = "signed"
	}
	return b.add(emulation.TypeMeeting, sync.Object{
		"kind": "year_end", "title": fmt.Sprintf("Hội nghị tổng kết công tác thi đua, khen thưởng năm %d", c.config.Year), "held_on": c.held(),
		"place": "Hội trường " + c.units[0].name, "host": string(c.units[0].id), "reviewed": fmt.Sprintf("Năm %d", c.config.Year),
		"reviewed_period": string(c.period), "basis": string(c.notice.ID), "summoned": int64(len(c.units)), "attendance": attendance, "state": state,
		"minutes": blocks(
			[2]string{"Khai mạc", c.units[0].name + " khai mạc hội nghị."}, [2]string{"Báo cáo tổng kết", "Trưởng cụm báo cáo tổng kết năm và phương hướng năm sau."},
			[2]string{"Thảo luận", "Đại diện các đơn vị trao đổi kinh nghiệm, nêu khó khăn về nhân lực."}, [2]string{"Bình xét", "Hội nghị công bố kết quả chấm chéo và bình xét khen thưởng."},
			[2]string{"Bầu trưởng, phó cụm", fmt.Sprintf("Trưởng cụm: %s. Phó cụm: %s.", c.units[1].name, c.units[2].name)},
		),
		"resolutions": sync.Object{"r1": sync.Object{"order": int64(1), "text": "Thông qua kết quả thi đua của năm.", "votes": c.vote(present)}},
		"ballots": sync.Object{
			"head":   sync.Object{"kind": "head", "subject": "Trưởng cụm năm sau", "unit": string(c.units[1].id), "tally": c.vote(present)},
			"deputy": sync.Object{"kind": "deputy", "subject": "Phó cụm năm sau", "unit": string(c.units[2].id), "tally": c.vote(present)},
		},
	}, string(c.id), "year_end", decimal(c.config.Year)).ID
}

// attendance is a leader of each unit; few are missing.
func (c *cluster) attendance() (sync.Object, int) {
	all, present := sync.Object{}, 0
	for _, u := range c.units {
		came := !c.chance(6)
		all[u.key+"-leader"] = sync.Object{"role": "member", "title": "Giám đốc", "present": came, "unit": string(u.id)}
		if came {
			present++
		}
	}
	return all, present
}

// vote is a tally of those present.
func (c *cluster) vote(present int) sync.Object {
	returned := present
	if present > 3 && c.chance(20) {
		returned--
	}
	against, abstain := 0, 0
	if returned > 5 && c.chance(30) {
		against = 1
	}
	if returned > 6 && c.chance(20) {
		abstain = 1
	}
	return sync.Object{
		"issued": int64(present), "returned": int64(returned), "for": int64(returned - against - abstain), "against": int64(against), "abstain": int64(abstain), "invalid": int64(0),
	}
}

// blocks are minutes in order.
func blocks(parts ...[2]string) sync.Object {
	o := sync.Object{}
	for i, p := range parts {
		o[fmt.Sprintf("b%d", i+1)] = sync.Object{"order": int64(i + 1), "heading": p[0], "text": p[1]}
	}
	return o
}
