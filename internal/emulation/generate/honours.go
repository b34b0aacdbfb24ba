package generate

import (
	"thidua/internal/emulation"
	"thidua/sync"
)

// honour hands over the ranking computed from the papers as stored, and the
// awards it leads to: a flag for the first and certificates for at most a
// fifth of the others.
func (c *cluster) honour(papers []*sync.Document) error {
	if c.stage < meeting {
		return nil
	}
	ranking := emulation.Rank(sync.NewReference(0, c.org), c.id, c.period, papers)
	where, state := sync.ClusterDesk(c.id), "provisional"
	switch c.stage {
	case verifying:
		where, state = sync.ClusterScope(c.id), "announced"
	case closed:
		where, state = sync.ClusterScope(c.id), "confirmed"
	}
	desk := c.batch(sync.ClusterDesk(c.id))
	public := desk
	if where != desk.Scope {
		public = c.batch(where)
	}
	body := ranking.Body(1)
	body["state"] = state
	public.add(emulation.TypeRanking, body, string(c.id), string(c.period), "1")
	c.propose(desk, ranking)
	if _, err := desk.flush(); err != nil {
		return err
	}
	_, err := public.flush()
	return err
}

// propose adds the awards.
func (c *cluster) propose(b *batcher, ranking emulation.Ranking) {
	state := [...]string{meeting: "voted", verifying: "proposed", closed: "decided"}[c.stage]
	quota := (len(ranking.Rows) - 1) / 5
	given := 0
	for i, r := range ranking.Rows {
		award := sync.Object{
			"period": string(c.period), "cluster": string(c.id), "unit": string(r.Unit), "authority": "provincial_committee", "authority_stated": "UBND tỉnh",
			"recipients": "collective", "count": int64(1), "state": state,
		}
		switch {
		case r.Score == nil:
			continue
		case i == 0:
			award["form"], award["title"] = "emulation_flag", "Cờ thi đua của UBND tỉnh"
		case given < quota:
			given++
			award["form"], award["title"] = "merit_certificate", "Bằng khen của Chủ tịch UBND tỉnh"
		default:
			continue
		}
		b.add(emulation.TypeAward, award, string(c.id), string(c.period), string(r.Unit))
	}
}
