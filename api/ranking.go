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

// A rankingView is what a caller may know of a ranking: as computed now, for
// those who work on it, and as it was announced, for everybody in the cluster.
type rankingView struct {
	Provisional bool               `json:"provisional"`
	Ranking     *emulation.Ranking `json:"ranking,omitempty"`
	Document    *documentView      `json:"document,omitempty"`
	// Stale: a document of the announced ranking's basis has changed since.
	Stale   bool         `json:"stale,omitempty"`
	Changed []sync.DocID `json:"changed,omitempty"`
}

// showRanking shows the ranking of a cluster in a period.
func (a *API) showRanking(c *fiber.Ctx, who auth.Actor) error {
	cluster, period, err := clusterAndPeriod(c.Query("cluster"), c.Query("period"))
	if err != nil {
		return err
	}
	view, err := a.ranking(c.UserContext(), callerOf(who), cluster, period)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, view)
}

func clusterAndPeriod(cluster, period string) (sync.DocID, sync.DocID, error) {
	if !sync.ValidID(cluster) || !sync.ValidID(period) {
		return "", "", hub.E(hub.CodeInvalid, "cluster and period are UUIDs in lower case")
	}
	return sync.DocID(cluster), sync.DocID(period), nil
}

func (a *API) ranking(ctx context.Context, who hub.Caller, cluster, period sync.DocID) (rankingView, error) {
	_, err := a.hub.Live(ctx, who, sync.ClusterDesk(cluster))
	desk := err == nil
	if err != nil && hub.CodeOf(err) != hub.CodeNotFound {
		return rankingView{}, err
	}
	if _, err := a.hub.Live(ctx, who, sync.ClusterScope(cluster)); err != nil {
		return rankingView{}, err
	}
	now, docs, err := a.computed(ctx, cluster, period)
	if err != nil {
		return rankingView{}, err
	}
	last := emulation.LastAnnounced(period, docs)
	if last == nil && !desk {
		return rankingView{}, hub.E(hub.CodeNotFound, "no ranking of the period was announced")
	}
	view := rankingView{Provisional: desk}
	if desk {
		view.Ranking = &now
	}
	if last != nil {
		view.Document, view.Changed = viewOf(last), now.ChangedSince(last.Body())
		view.Stale = len(view.Changed) > 0
	}
	return view, nil
}

// server reads what the caller may know only the outcome of: whoever has a
// cluster's desk sees the totals of all members of the period, also of one that
// has left since and whose desk is no longer theirs, so only points, names and
// ranks come out.
func server() hub.Caller {
	return hub.Caller{Author: sync.Author{Person: sync.Server, Grants: []sync.Grant{{Role: emulation.Admin}}}}
}

// computed returns the ranking as of now and the documents it rests on.
func (a *API) computed(ctx context.Context, cluster, period sync.DocID) (emulation.Ranking, []*sync.Document, error) {
	org, err := a.hub.Reference(ctx)
	if err != nil {
		return emulation.Ranking{}, nil, err
	}
	var docs []*sync.Document
	for _, scope := range emulation.RankingSources(org, cluster, period) {
		live, err := a.hub.Live(ctx, server(), scope)
		if err != nil {
			return emulation.Ranking{}, nil, err
		}
		docs = append(docs, live...)
	}
	return emulation.Rank(org, cluster, period, docs), docs, nil
}
