package api

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A rankingView is one of two: computed now from what is stored, for those
// who work on it, or as it was announced, for everybody in the cluster.
type rankingView struct {
	Provisional bool               `json:"provisional"`
	Ranking     *emulation.Ranking `json:"ranking,omitempty"`
	Document    *documentView      `json:"document,omitempty"`
}

// showRanking shows the ranking of a cluster in a period.
func (a *API) showRanking(c *fiber.Ctx, who auth.Actor) error {
	cluster, period := c.Query("cluster"), c.Query("period")
	if !sync.ValidID(cluster) || !sync.ValidID(period) {
		return hub.E(hub.CodeInvalid, "cluster and period are UUIDs in lower case")
	}
	view, err := a.ranking(c.UserContext(), callerOf(who), sync.DocID(cluster), sync.DocID(period))
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, view)
}

func (a *API) ranking(ctx context.Context, who hub.Caller, cluster, period sync.DocID) (rankingView, error) {
	_, err := a.hub.Live(ctx, who, sync.ClusterDesk(cluster))
	switch {
	case hub.CodeOf(err) == hub.CodeNotFound:
		return a.announced(ctx, who, cluster, period)
	case err != nil:
		return rankingView{}, err
	}
	org, err := a.hub.Reference(ctx)
	if err != nil {
		return rankingView{}, err
	}
	// Whoever has the desk sees the totals of all members of the period, also
	// of one that has left the cluster since and whose desk is no longer theirs:
	// so it is the server that reads, and only points and names come out.
	server := hub.Caller{Author: sync.Author{Person: sync.Server, Grants: []sync.Grant{{Role: emulation.Admin}}}}
	var docs []*sync.Document
	for _, scope := range emulation.RankingSources(org, cluster, period) {
		live, err := a.hub.Live(ctx, server, scope)
		if err != nil {
			return rankingView{}, err
		}
		docs = append(docs, live...)
	}
	r := emulation.Rank(org, cluster, period, docs)
	return rankingView{Provisional: true, Ranking: &r}, nil
}

// announced returns the latest ranking of a period that the cluster was told.
func (a *API) announced(ctx context.Context, who hub.Caller, cluster, period sync.DocID) (rankingView, error) {
	docs, err := a.hub.Live(ctx, who, sync.ClusterScope(cluster))
	if err != nil {
		return rankingView{}, err
	}
	var last *sync.Document
	var lastSeq int64
	for _, d := range docs {
		body := d.Body()
		state, _ := body["state"].(string)
		seq, _ := body["seq"].(int64)
		told := state == "announced" || state == "submitted" || state == "confirmed"
		if d.Type == emulation.TypeRanking && body["period"] == string(period) && told && seq > lastSeq {
			last, lastSeq = d, seq
		}
	}
	if last == nil {
		return rankingView{}, hub.E(hub.CodeNotFound, "no ranking of the period was announced")
	}
	return rankingView{Document: viewOf(last)}, nil
}
