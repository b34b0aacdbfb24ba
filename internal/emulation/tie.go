package emulation

import "sort"

// rankRows sorts rows and gives them ranks: by total, then within equal totals by
// the steps in order. Rows that stay equal share a rank and stand in order of
// identifier, which means nothing.
func rankRows(rows []Row, steps []string) {
	sort.Slice(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		if (a.Score == nil) != (b.Score == nil) {
			return a.Score != nil
		}
		if a.Score != nil && a.Score.Total != b.Score.Total {
			return a.Score.Total > b.Score.Total
		}
		return a.Unit < b.Unit
	})
	for i := 0; i < len(rows) && rows[i].Score != nil; {
		j := i + 1
		for j < len(rows) && rows[j].Score != nil && rows[j].Score.Total == rows[i].Score.Total {
			j++
		}
		settle(rows[i:j], i+1, steps)
		i = j
	}
}

// settle ranks rows that are equal in all that was compared so far. A step
// that divides them divides all of them; what it leaves together goes on to
// the next.
func settle(rows []Row, rank int, steps []string) {
	if len(rows) == 1 {
		rows[0].Rank = rank
		return
	}
	if len(steps) == 0 {
		for i := range rows {
			rows[i].Rank, rows[i].Tie = rank, TieShared
		}
		return
	}
	step, more := steps[0], steps[1:]
	if step == TieBallots && !allVotedOn(rows) {
		settle(rows, rank, more)
		return
	}
	sort.SliceStable(rows, func(i, j int) bool { return merit(rows[i], step) > merit(rows[j], step) })
	if merit(rows[0], step) == merit(rows[len(rows)-1], step) {
		settle(rows, rank, more)
		return
	}
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && merit(rows[j], step) == merit(rows[i], step) {
			j++
		}
		for k := i; k < j; k++ {
			rows[k].Tie = step
		}
		settle(rows[i:j], rank+i, more)
		i = j
	}
}

// allVotedOn: a vote on the tie decides it only if it was about every unit in it.
func allVotedOn(rows []Row) bool {
	for _, r := range rows {
		if r.Ballots == nil {
			return false
		}
	}
	return true
}

// merit is what a step compares, more being better.
func merit(r Row, step string) int64 {
	switch step {
	case TieBase:
		return r.Score.Base
	case TieFirst:
		return r.Score.First
	case TiePenalties:
		return -r.Score.Penalty
	case TieBallots:
		return *r.Ballots
	}
	return 0
}
