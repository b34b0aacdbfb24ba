package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A transferFields asks to transfer the sheet of the path's unit in a period
// to the cluster that the unit has moved to.
type transferFields struct {
	Period  sync.DocID `json:"period"`
	Cluster sync.DocID `json:"cluster"`
	Reason  string     `json:"reason"`
}

// transferSheet makes the sheet name its new cluster, whose head cross-checks
// it and which ranks the unit from then on.
func (a *API) transferSheet(c *fiber.Ctx, who auth.Actor) error {
	unit := sync.DocID(c.Params("id"))
	var in transferFields
	if err := decode(c, &in); err != nil {
		return err
	}
	switch {
	case !emulation.Manages(who.Author, a.cfg.Now().UnixMilli()) || who.UploadOnly:
		return hub.E(hub.CodeForbidden, "only an admin transfers a sheet")
	case !sync.ValidID(string(unit)):
		return hub.E(hub.CodeNotFound, "no such unit")
	case !sync.ValidID(string(in.Period)) || !sync.ValidID(string(in.Cluster)):
		return hub.E(hub.CodeInvalid, "period and cluster are UUIDs in lower case")
	}
	ctx, desk, id := c.UserContext(), sync.UnitDesk(unit), emulation.SheetID(unit, in.Period)
	if _, err := a.hub.Amend(ctx, callerOf(who), in.amendment(desk, id)); err != nil {
		return err
	}
	sheet, err := a.hub.Document(ctx, callerOf(who), desk, id)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, viewOf(sheet))
}

func (in transferFields) amendment(scope sync.Scope, id sync.DocID) hub.Amendment {
	return hub.Amendment{Scope: scope, Docs: []sync.DocID{id}, Reason: in.Reason, Check: hub.ByRules, Make: func(desk hub.Desk) ([]hub.Put, error) {
		sheet := desk.Live(id)
		if sheet == nil || sheet.Type != emulation.TypeSheet {
			return nil, hub.E(hub.CodeNotFound, "the unit has no sheet in the period")
		}
		body, fault := emulation.Transfer(desk.Org, sheet, in.Cluster)
		if fault != nil {
			return nil, fault
		}
		return []hub.Put{{Doc: id, Type: sheet.Type, Body: body}}, nil
	}}
}
