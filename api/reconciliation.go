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

// A reconciliationView sets a unit's own numbers beside the official ones.
type reconciliationView struct {
	emulation.Reconciliation
	// Announced: the ranks are by the ranking the cluster was told; otherwise
	// they are provisional, and there are none for whoever may not know those.
	Announced bool `json:"announced"`
}

// showReconciliation shows where a unit's numbers and the official ones differ.
func (a *API) showReconciliation(c *fiber.Ctx, who auth.Actor) error {
	unit, period := c.Query("unit"), c.Query("period")
	if !sync.ValidID(unit) || !sync.ValidID(period) {
		return hub.E(hub.CodeInvalid, "unit and period are UUIDs in lower case")
	}
	view, err := a.reconciliation(c.UserContext(), callerOf(who), sync.DocID(unit), sync.DocID(period))
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, view)
}

// reconciliation is for whoever has the unit's desk. What reviewers wrote is
// read by the server and comes out only once it was sent to the unit.
func (a *API) reconciliation(ctx context.Context, who hub.Caller, unit, period sync.DocID) (reconciliationView, error) {
	sheet, err := a.hub.Document(ctx, who, sync.UnitDesk(unit), emulation.SheetID(unit, period))
	if err != nil {
		return reconciliationView{}, err
	}
	if sheet.Gone || sheet.Type != emulation.TypeSheet {
		return reconciliationView{}, hub.E(hub.CodeNotFound, "the unit has no sheet in the period")
	}
	papers, err := a.papers(ctx, sheet)
	if err != nil {
		return reconciliationView{}, err
	}
	if papers.Criteria == nil {
		return reconciliationView{}, hub.E(hub.CodeNotFound, "the sheet's criteria are not there")
	}
	view := reconciliationView{Reconciliation: emulation.Reconcile(papers)}
	known, err := a.ranking(ctx, who, view.Cluster, period)
	switch {
	case hub.CodeOf(err) == hub.CodeNotFound:
	case err != nil:
		return reconciliationView{}, err
	case known.Document != nil:
		view.Announced = true
		body, fault := bodyOf(known.Document)
		if fault != nil {
			return reconciliationView{}, fault
		}
		view.Place(emulation.RecordedRows(body))
	case known.Ranking != nil:
		view.Place(known.Ranking.Rows)
	}
	return view, nil
}

func bodyOf(v *documentView) (sync.Object, error) {
	body, _, fault := sync.ParseObject(v.Body)
	if fault != nil {
		return nil, fault
	}
	return body, nil
}

// papers reads what is written about a sheet, with who wrote it.
func (a *API) papers(ctx context.Context, sheet *sync.Document) (emulation.Papers, error) {
	p := emulation.Papers{Sheet: sheet, Touched: map[sync.DocID]map[sync.Pointer]emulation.Touch{}}
	org, err := a.hub.Reference(ctx)
	if err != nil {
		return p, err
	}
	p.Criteria = emulation.CriteriaOf(org, sheet.Body())
	cluster, _ := sheet.Body()["cluster"].(string)
	for _, from := range []struct {
		scope sync.Scope
		id    sync.DocID
		into  **sync.Document
	}{
		{sheet.Scope, sheet.ID, &p.Sheet},
		{sync.ClusterDesk(sync.DocID(cluster)), emulation.ReviewID(sheet.ID), &p.Review},
		{sheet.Scope, emulation.VerificationID(sheet.ID), &p.Verification},
	} {
		d, err := a.hub.Document(ctx, server(), from.scope, from.id)
		if hub.CodeOf(err) == hub.CodeNotFound {
			continue
		}
		if err != nil {
			return p, err
		}
		*from.into = d
		commits, err := a.hub.Story(ctx, server(), from.scope, from.id)
		if err != nil {
			return p, err
		}
		p.Touched[d.ID] = emulation.LastTouches(emulation.Touches(commits, d.ID, "entries"))
	}
	return p, nil
}
