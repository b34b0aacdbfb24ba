package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/internal/hub"
	"thidua/sync"
	"thidua/sync/client"
)

// A phone of the demonstration, in somebody's hand.
type phone struct {
	name   string
	unit   string // as package systems names it
	role   sync.Role
	person sync.PersonID
	client *client.Client
	radio  *radio
	edits  int // recorded
}

// hands lists whose phones take part: two at three of the units, so that
// people meet in one document.
func hands() []phone {
	return []phone{
		{name: "Thọ Xuân · thư ký", unit: "tho-xuan", role: emulation.UnitStaff},
		{name: "Thọ Xuân · lãnh đạo", unit: "tho-xuan", role: emulation.UnitLeader},
		{name: "Yên Định · thư ký", unit: "yen-dinh", role: emulation.UnitStaff},
		{name: "Yên Định · lãnh đạo", unit: "yen-dinh", role: emulation.UnitLeader},
		{name: "Thiệu Hóa · thư ký", unit: "thieu-hoa", role: emulation.UnitStaff},
		{name: "Đông Sơn · thư ký", unit: "dong-son", role: emulation.UnitStaff},
		{name: "Đông Sơn · lãnh đạo", unit: "dong-son", role: emulation.UnitLeader},
		{name: "Vĩnh Lộc · thư ký", unit: "vinh-loc", role: emulation.UnitStaff},
	}
}

// enrol gives everybody a person, a phone and a first replica.
func (d *demonstration) enrol(ctx context.Context) error {
	if err := d.openOffice(ctx); err != nil {
		return err
	}
	for i, p := range hands() {
		person, err := d.srv.auth.AddPerson(ctx, operator, hub.Person{
			Login: fmt.Sprintf("may-%d", i+1), Name: p.name, Grants: []sync.Grant{{Role: p.role, Subject: sync.ID(systems.Unit(p.unit))}},
		}, "")
		if err != nil {
			return err
		}
		code, _, err := d.srv.auth.IssueCode(ctx, operator, person.ID, 0)
		if err != nil {
			return err
		}
		p.person, p.radio = person.ID, &radio{base: transport()}
		p.client, err = client.Open(client.Config{
			Path: filepath.Join(d.dir, fmt.Sprintf("phone-%d", i+1)), URL: d.url, HTTP: &http.Client{Transport: p.radio}, Schema: d.srv.domain.Schema(), Platform: "cli",
		})
		if err != nil {
			return err
		}
		if err := p.client.Enrol(ctx, code, p.name); err != nil {
			return err
		}
		d.phones = append(d.phones, &p)
		report, err := d.sync(ctx, &p, false)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "  %-22s mã %s  tải %3d văn bản, %5d byte, %d yêu cầu\n", p.name, code, report.Documents, report.BytesDown, report.Requests)
	}
	d.result.Phones.Count = len(d.phones)
	return nil
}

// sync brings one phone up to date. Without a fault on the way the number of
// requests counts for the result.
func (d *demonstration) sync(ctx context.Context, p *phone, fault bool) (client.Report, error) {
	before := p.radio.sent()
	report, err := p.client.Sync(ctx)
	if err != nil {
		return report, fmt.Errorf("%s: %w", p.name, err)
	}
	if n := p.radio.sent() - before; !fault && n > d.result.Phones.RequestsPerSync {
		d.result.Phones.RequestsPerSync = n
	}
	return report, nil
}

// comeBack syncs phone after phone. Some answers are lost after the server
// has done its work, some connections die in the middle of an answer.
func (d *demonstration) comeBack(ctx context.Context) error {
	for i, p := range d.phones {
		told, fault := "", false
		p.radio.set(func(r *radio) {
			r.offline = false
			switch i {
			case 1, 5:
				r.lose, told, fault = 1, "  ← mất câu trả lời (answer lost)", true
			case 2, 7:
				r.cutAfter, told, fault = 300, "  ← đứt giữa chừng (cut)", true
			}
		})
		report, err := d.sync(ctx, p, fault)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "  %-22s ↑%5d ↓%5d byte  %d yêu cầu  nhận %d, gộp %d, xung đột %d, từ chối %d%s\n", p.name, report.BytesUp, report.BytesDown, report.Requests,
			report.Acks[sync.Applied], report.Acks[sync.Merged], report.Acks[sync.Queued], report.Acks[sync.Rejected], told)
	}
	for _, p := range d.phones {
		p.radio.set(func(r *radio) {
			d.result.Phones.CutConnections += r.cuts
			d.result.Phones.LostAnswers += r.lost
		})
	}
	return nil
}
