package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"

	"thidua/internal/emulation"
	"thidua/internal/emulation/systems"
	"thidua/sync"
)

func (d *demonstration) before(ctx context.Context) (err error) {
	d.result.Ranking.Before, err = d.ranking(ctx)
	return err
}

func (d *demonstration) after(ctx context.Context) (err error) {
	d.result.Ranking.After, err = d.ranking(ctx)
	return err
}

// ranking computes the ranking of cluster A from what is stored now and prints it.
func (d *demonstration) ranking(ctx context.Context) ([]standing, error) {
	org, err := d.srv.hub.Reference(ctx)
	if err != nil {
		return nil, err
	}
	cluster, period := systems.Cluster("A"), systems.Period("A", "2022")
	var docs []*sync.Document
	for _, scope := range emulation.RankingSources(org, cluster, period) {
		live, err := d.srv.hub.Live(ctx, d.office.caller, scope)
		if err != nil {
			return nil, err
		}
		docs = append(docs, live...)
	}
	var rows []standing
	for _, r := range emulation.Rank(org, cluster, period, docs).Rows {
		s := standing{Rank: r.Rank, Unit: r.Name, Tie: r.Tie}
		if r.Score != nil {
			s.Total = r.Score.Total
		}
		rows = append(rows, s)
		fmt.Fprintf(d.out, "  %2d. %-24s %8s điểm  %s\n", s.Rank, s.Unit, emulation.FormatPoints(s.Total), tieNote(s.Tie))
	}
	return rows, nil
}

func tieNote(tie string) string {
	switch tie {
	case "":
		return ""
	case emulation.TieShared:
		return "(bằng điểm, đồng hạng / shared)"
	}
	return "(bằng điểm, phân định / tie broken: " + tie + ")"
}

// conflicts lists what waits for a person.
func (d *demonstration) conflicts(ctx context.Context) error {
	open, err := d.office.list(ctx)
	if err != nil {
		return err
	}
	d.result.Phones.Conflicts = len(open)
	for _, c := range open {
		for _, it := range c.Body.Items {
			fmt.Fprintf(d.out, "  %s %s  (%s)\n", c.Body.AboutType, it.Path, d.srv.hub.Message(it.Code).VI)
			fmt.Fprintf(d.out, "      gốc: %v\n      máy chủ: %v\n", short(it.Base), short(it.Present))
			for _, s := range it.Sides {
				fmt.Fprintf(d.out, "      %s: %v\n", d.who(s.Author), short(s.Value))
			}
		}
	}
	return nil
}

func short(v any) string {
	s := fmt.Sprint(v)
	if r := []rune(s); len(r) > 70 {
		return string(r[:70]) + "…"
	}
	return s
}

// who returns the name on the phone of a person.
func (d *demonstration) who(id sync.PersonID) string {
	for _, p := range d.phones {
		if p.person == id {
			return p.name
		}
	}
	return "máy chủ"
}

// decide has the admin settle the conflict about the score of one criterion:
// the leader's value is taken.
func (d *demonstration) decide(ctx context.Context) error {
	open, err := d.office.list(ctx)
	if err != nil {
		return err
	}
	const contested = sync.Pointer("/entries/I-1/self")
	for _, c := range open {
		choices := map[sync.Pointer]any{}
		for _, it := range c.Body.Items {
			if it.Path != contested {
				continue
			}
			for id := range it.Sides {
				choices[it.Path] = map[string]any{"take": sync.TakeSide, "side": id}
			}
		}
		if len(choices) == 0 || len(choices) != len(c.Body.Items) {
			continue
		}
		if err := d.office.resolve(ctx, c, choices, "Đối chiếu báo cáo chuyên môn: lãnh đạo đơn vị chấm đúng."); err != nil {
			return err
		}
		d.result.Phones.Resolved++
		fmt.Fprintf(d.out, "  %s: nhận giá trị của lãnh đạo đơn vị\n", contested)
		return nil
	}
	return errors.New("the conflict about criterion I.1 is not there")
}

// compare syncs every phone once more and compares each replica with the
// server's documents, body by body, and each recorded edit with the logs.
func (d *demonstration) compare(ctx context.Context) error {
	if err := d.srv.hub.Derive(ctx); err != nil {
		return err
	}
	d.result.Phones.ReplicasEqual = true
	for _, p := range d.phones {
		equal, scopes, err := d.comparePhone(ctx, p)
		if err != nil {
			return err
		}
		d.result.Phones.ReplicasEqual = d.result.Phones.ReplicasEqual && equal
		fmt.Fprintf(d.out, "  %-22s %d phạm vi: %s\n", p.name, scopes, map[bool]string{true: "khớp máy chủ (equal)", false: "KHÁC máy chủ (DIFFERENT)"}[equal])
	}
	once, doubled, err := d.receipts(ctx)
	d.result.Phones.Lost, d.result.Phones.Doubled = d.result.Phones.OfflineEdits-once, doubled
	fmt.Fprintf(d.out, "  %d lần ghi ngoại tuyến: có trong nhật ký %d, mất %d, lặp %d\n", d.result.Phones.OfflineEdits, once, d.result.Phones.Lost, doubled)
	return err
}

// comparePhone syncs a phone and compares it, again as long as the server tells
// people something meanwhile: then nothing was compared.
func (d *demonstration) comparePhone(ctx context.Context, p *phone) (equal bool, scopes int, err error) {
	held, err := p.client.Scopes()
	if err != nil {
		return false, 0, err
	}
	for range 100 {
		before, err := d.srv.store.Heads(ctx, held)
		if err != nil {
			return false, 0, err
		}
		if _, err := d.sync(ctx, p, false); err != nil {
			return false, 0, err
		}
		status, err := p.client.Status()
		if err != nil {
			return false, 0, err
		}
		equal, scopes, err = d.same(ctx, p)
		if err != nil {
			return false, 0, err
		}
		after, err := d.srv.store.Heads(ctx, held)
		if err != nil {
			return false, 0, err
		}
		if equal = equal && status.Synced(); maps.Equal(before, after) {
			break
		}
	}
	return equal, scopes, nil
}

// same reports whether a phone's replicas hold exactly the documents that the
// server has in the scopes the phone should have.
func (d *demonstration) same(ctx context.Context, p *phone) (bool, int, error) {
	scopes, err := p.client.Scopes()
	if err != nil {
		return false, 0, err
	}
	equal := true
	for _, scope := range scopes {
		mine, err := p.client.List(scope, "")
		if err != nil {
			return false, 0, err
		}
		caller := d.office.caller
		if scope.Kind() == "user" {
			caller.Person, caller.Grants = p.person, nil
		}
		theirs, err := d.srv.hub.Live(ctx, caller, scope)
		if err != nil {
			return false, 0, err
		}
		sort.Slice(theirs, func(i, j int) bool { return theirs[i].ID < theirs[j].ID })
		equal = equal && len(mine) == len(theirs)
		for i := 0; equal && i < len(mine); i++ {
			equal = mine[i].ID == theirs[i].ID && mine[i].Version == theirs[i].Version && bytes.Equal(mine[i].Raw(), theirs[i].Raw())
		}
	}
	return equal, len(scopes), nil
}

// receipts reads every log and counts the mutations of the phones that are in
// one with all they wanted: in a change of the commit, or in what it keeps.
func (d *demonstration) receipts(ctx context.Context) (once, doubled int, err error) {
	people := map[sync.PersonID]bool{}
	for _, p := range d.phones {
		people[p.person] = true
	}
	seen := map[sync.MutationID]bool{}
	scopes, err := d.srv.store.Scopes(ctx, "", 10_000)
	if err != nil {
		return 0, 0, err
	}
	for _, scope := range scopes {
		commits, err := d.srv.store.Commits(ctx, scope, 0, 100_000)
		if err != nil {
			return 0, 0, err
		}
		for _, c := range commits {
			for i, r := range c.Receipts {
				switch {
				case !people[c.Author]:
				case seen[r.Mutation]:
					doubled++
				case r.Outcome == sync.Merged || changedBy(c, i) || r.Kept != "" && changes(c, r.Kept):
					seen[r.Mutation] = true
				}
			}
		}
	}
	return len(seen), doubled, nil
}

func changedBy(c sync.Commit, receipt int) bool {
	for _, ch := range c.Changes {
		if ch.By == receipt {
			return true
		}
	}
	return false
}

func changes(c sync.Commit, doc sync.DocID) bool {
	for _, ch := range c.Changes {
		if ch.Doc == doc {
			return true
		}
	}
	return false
}

// resultRows writes the results of the five systems for people.
func resultRows(r systems.Results) [][2]string {
	or := func(s *string) string {
		if s == nil {
			return "chưa rõ"
		}
		return *s
	}
	var flags []string
	for _, p := range r.A.FlagProposals {
		flags = append(flags, p.Unit)
	}
	percent := func(p float64) string { return emulation.FormatPercent(int64(p*10 + 0.5)) }
	return [][2]string{
		{"A", fmt.Sprintf("đăng ký %s (%s); nhất cụm: %s; đề nghị tặng cờ: %s; 2023: trưởng %s, phó %s",
			r.A.Registered, percent(r.A.Percent), r.A.FirstRank, strings.Join(flags, ", "), or(r.A.HeadNext), or(r.A.DeputyNext))},
		{"B", fmt.Sprintf("báo cáo sơ kết %s; kiến nghị chuyển cuối năm: %d", r.B.Reports, r.B.Recommendations)},
		{"C", fmt.Sprintf("công văn %s, %d ngày đến hội nghị; giao ước %s; khối trưởng: %s", r.C.Dispatch, r.C.DaysToConference, r.C.Pledges, or(r.C.HeadNext))},
		{"D", fmt.Sprintf("khám chữa bệnh %s lượt, đạt %s kế hoạch; đủ túc số: %t", emulation.FormatNumber(r.D.Actual), percent(r.D.Percent), r.D.Quorum)},
		{"E", fmt.Sprintf("khen thưởng %d, trao tại hội nghị %d, sáng kiến %s", r.E.Awards, r.E.Handovers, emulation.FormatNumber(r.E.Initiatives))},
	}
}
