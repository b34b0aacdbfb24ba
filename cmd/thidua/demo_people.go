package main

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
)

// A guest is somebody who may try the field app, and how to sign in as them:
// by the code once, by the password on any number of phones.
type guest struct {
	Name     string        `json:"name"`
	Login    string        `json:"login"`
	Password string        `json:"password"`
	Code     string        `json:"code"`
	Person   sync.PersonID `json:"person"`
	Unit     sync.DocID    `json:"unit,omitempty"`
	slug     string        // of the unit, as package systems names it
	grants   []sync.Grant
}

// guests are one of each role around cluster A.
func guests() []guest {
	unit := func(role sync.Role, slug string) sync.Grant {
		return sync.Grant{Role: role, Subject: sync.ID(systems.Unit(slug))}
	}
	cluster := func(role sync.Role) sync.Grant {
		return sync.Grant{Role: role, Subject: sync.ID(systems.Cluster("A"))}
	}
	return []guest{
		{Name: "Thư ký, Thọ Xuân", Login: "thu-ky", slug: "tho-xuan", grants: []sync.Grant{unit(emulation.UnitStaff, "tho-xuan")}},
		{Name: "Lãnh đạo, Thọ Xuân", Login: "lanh-dao", slug: "tho-xuan", grants: []sync.Grant{unit(emulation.UnitLeader, "tho-xuan")}},
		{Name: "Lãnh đạo, Triệu Sơn", Login: "trieu-son", slug: "trieu-son", grants: []sync.Grant{unit(emulation.UnitLeader, "trieu-son")}},
		{Name: "Trưởng cụm, Yên Định", Login: "truong-cum", slug: "yen-dinh", grants: []sync.Grant{unit(emulation.UnitLeader, "yen-dinh"), cluster(emulation.ClusterHead)}},
		{Name: "Phó cụm, Vĩnh Lộc", Login: "pho-cum", slug: "vinh-loc", grants: []sync.Grant{unit(emulation.UnitLeader, "vinh-loc"), cluster(emulation.ClusterDeputy)}},
		{Name: "Chuyên viên Sở Y tế", Login: "chuyen-vien", grants: []sync.Grant{cluster(emulation.Officer)}},
	}
}

// invite opens a period of this year with deadlines ahead, tells of the last
// one's ranking, and adds people who can try the app on all that.
func (d *demonstration) invite(ctx context.Context) error {
	year := time.Now().Year()
	if err := d.openYear(ctx, year); err != nil {
		return err
	}
	if err := d.announce(ctx); err != nil {
		return err
	}
	for _, g := range guests() {
		g.Password = rand.Text()[:12]
		person, err := d.srv.auth.AddPerson(ctx, operator, hub.Person{Login: g.Login, Name: g.Name, Grants: g.grants}, g.Password)
		if err != nil {
			return err
		}
		if g.Code, _, err = d.srv.auth.IssueCode(ctx, operator, person.ID, 0); err != nil {
			return err
		}
		if g.Person = person.ID; g.slug != "" {
			g.Unit = systems.Unit(g.slug)
		}
		if err := d.notify(ctx, g, year); err != nil {
			return err
		}
		d.result.People = append(d.result.People, g)
	}
	d.result.URL = d.url
	d.result.People = append(d.result.People, guest{Name: "Quản trị", Login: d.office.login, Password: d.office.password, Person: d.office.caller.Author.Person})
	return d.srv.hub.Derive(ctx)
}

// in returns the day so many days from now.
func in(days int) string { return emulation.DayOf(time.Now().AddDate(0, 0, days).UnixMilli()) }

func yearPeriod(year int) sync.DocID {
	return sync.DocID(sync.NameID("demo", "period", strconv.Itoa(year)))
}

// openYear makes a year that runs. Some of the units have submitted what they
// scored, one was cross-checked; Thọ Xuân has done nothing yet.
func (d *demonstration) openYear(ctx context.Context, year int) error {
	cluster, period, y := systems.Cluster("A"), yearPeriod(year), strconv.Itoa(year)
	due := sync.Object{}
	for kind, days := range map[string]int{
		emulation.TrackRegistration: -3, emulation.TrackPledge: 6, emulation.TrackReport: 20, emulation.TrackSheet: 12,
		emulation.MilestoneCrossCheck: 18, emulation.MilestoneExplanation: 21, "conference": 25,
	} {
		due[kind] = sync.Object{"kind": kind, "due": in(days), "grace": int64(2)}
	}
	term := sync.Object{"cluster": string(cluster), "year": int64(year), "head": string(systems.Unit("yen-dinh")), "deputy": string(systems.Unit("vinh-loc"))}
	termID, _ := emulation.KeyOf(emulation.TypeTerm, term)
	if _, err := d.srv.hub.Store(ctx, sync.Org, sync.Server, []hub.Put{
		{Doc: period, Type: emulation.TypePeriod, Body: sync.Object{
			"code": "A-" + y + "-thu", "kind": "year", "title": "Năm " + y, "from": y + "-01-01", "to": y + "-12-31",
			"cluster": string(cluster), "criteria": string(systems.Criteria()), "state": "open", "milestones": due,
		}},
		{Doc: termID, Type: emulation.TypeTerm, Body: term},
	}); err != nil {
		return err
	}
	for slug, state := range map[string]string{"trieu-son": "cross_checked", "thieu-hoa": "submitted", "yen-dinh": "submitted", "vinh-loc": "submitted", "dong-son": "draft"} {
		if err := d.openSheet(ctx, systems.Unit(slug), period, state); err != nil {
			return err
		}
	}
	return d.review(ctx, systems.Unit("trieu-son"), period)
}

// openSheet gives a unit the points it gave itself in 2022.
func (d *demonstration) openSheet(ctx context.Context, unit, period sync.DocID, state string) error {
	scope := sync.UnitDesk(unit)
	old, err := d.srv.hub.Document(ctx, d.office.caller, scope, emulation.SheetID(unit, systems.Period("A", "2022")))
	if err != nil {
		return err
	}
	body := sync.Set(sync.Set(old.Body(), "/period", string(period)), "/state", state)
	_, err = d.srv.hub.Store(ctx, scope, sync.Server, []hub.Put{{Doc: emulation.SheetID(unit, period), Type: emulation.TypeSheet, Body: body}})
	return err
}

// review cross-checks a sheet: two criteria are judged lower than the unit did.
func (d *demonstration) review(ctx context.Context, unit, period sync.DocID) error {
	sheet, err := d.srv.hub.Document(ctx, d.office.caller, sync.UnitDesk(unit), emulation.SheetID(unit, period))
	if err != nil {
		return err
	}
	entries := sync.Object{}
	for code, e := range sheet.Body()["entries"].(sync.Object) {
		entries[code] = sync.Object{"cross": e.(sync.Object)["self"]}
	}
	entries["I-1"] = sync.Object{"cross": int64(2800), "reason": "Chưa có minh chứng cho chỉ tiêu khám chữa bệnh quý IV."}
	entries["III-2"] = sync.Object{"cross": int64(850), "reason": "Chưa nhân rộng điển hình tiên tiến."}
	_, err = d.srv.hub.Store(ctx, sync.ClusterDesk(systems.Cluster("A")), sync.Server, []hub.Put{{Doc: emulation.ReviewID(sheet.ID), Type: emulation.TypeReview, Body: sync.Object{
		"sheet": string(sheet.ID), "sheet_version": sheet.Version, "unit": string(unit), "period": string(period), "cluster": string(systems.Cluster("A")),
		"criteria": string(systems.Criteria()), "entries": entries, "state": "sent",
	}}})
	return err
}

// announce records the ranking of 2022 twice, with a correction in between.
func (d *demonstration) announce(ctx context.Context) error {
	cluster, period := systems.Cluster("A"), systems.Period("A", "2022")
	for seq := int64(1); seq <= 2; seq++ {
		org, err := d.srv.hub.Reference(ctx)
		if err != nil {
			return err
		}
		var docs []*sync.Document
		for _, scope := range emulation.RankingSources(org, cluster, period) {
			docs = append(docs, d.documents(ctx)(scope)...)
		}
		an, err := emulation.Announce(emulation.Rank(org, cluster, period, docs), docs, seq, systems.Meeting("A"), nil)
		if err != nil {
			return err
		}
		puts := []hub.Put{{Doc: an.ID, Type: emulation.TypeRanking, Body: an.Body}}
		if an.Replaces != nil {
			puts = append(puts, hub.Put{Doc: an.Replaces.ID, Type: emulation.TypeRanking, Body: sync.Set(sync.Set(an.Replaces.Body(), "/state", "superseded"), "/state_reason", "Sửa điểm của BVĐK huyện Đông Sơn sau khi đối chiếu.")})
		}
		if _, err := d.srv.hub.Store(ctx, an.Scope, sync.Server, puts); err != nil {
			return err
		}
		scope, id := sync.UnitDesk(systems.Unit("dong-son")), emulation.SheetID(systems.Unit("dong-son"), period)
		sheet, err := d.srv.hub.Document(ctx, d.office.caller, scope, id)
		if err != nil {
			return err
		}
		if seq == 1 {
			if _, err := d.srv.hub.Store(ctx, scope, sync.Server, []hub.Put{{Doc: id, Type: emulation.TypeSheet, Body: sync.Set(sheet.Body(), "/entries/II-2/bonus", int64(300))}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// notify leaves two notices for somebody.
func (d *demonstration) notify(ctx context.Context, g guest, year int) error {
	var puts []hub.Put
	for _, n := range []sync.Object{
		{"kind": "sheet_due", "subject": string(yearPeriod(year)), "due": in(12), "vi": "Còn 12 ngày đến hạn nộp bảng tự chấm điểm.", "en": "12 days to the self-score deadline."},
		{"kind": "ranking_announced", "subject": string(systems.Cluster("A")), "vi": "Cụm thi đua số 6 đã công bố xếp hạng năm 2022.", "en": "The ranking of 2022 was announced in the cluster."},
	} {
		n["key"] = n["kind"].(string) + "/" + g.Login
		puts = append(puts, hub.Put{Doc: sync.DocID(sync.NameID(emulation.TypeNotice, n["key"].(string))), Type: emulation.TypeNotice, Body: n})
	}
	_, err := d.srv.hub.Store(ctx, sync.UserScope(g.Person), sync.Server, puts)
	return err
}
