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

// A migrationFields asks to take the open sheets of a period over to the
// criteria set of the path.
type migrationFields struct {
	Period sync.DocID `json:"period"`
	From   sync.DocID `json:"from"` // the set they were made by
	Reason string     `json:"reason"`
	After  sync.DocID `json:"after"` // only units after this one, for the next page
	Limit  int        `json:"limit"` // units of this page; 0 is 100
}

// A migrationView reports on each sheet; Next is set if there are more units.
type migrationView struct {
	Sheets []emulation.Migration `json:"sheets"`
	Next   sync.DocID            `json:"next,omitempty"`
}

const migrationPage = 100

// migrateSheets replaces the criteria under the sheets of a period, page by
// page; what was done already is reported so, so that it may be started again
// wherever it stopped.
func (a *API) migrateSheets(c *fiber.Ctx, who auth.Actor) error {
	to := c.Params("id")
	var in migrationFields
	if err := decode(c, &in); err != nil {
		return err
	}
	if !emulation.Manages(who.Author, a.cfg.Now().UnixMilli()) || who.UploadOnly {
		return hub.E(hub.CodeForbidden, "only an admin replaces criteria")
	}
	if !sync.ValidID(to) {
		return hub.E(hub.CodeNotFound, "no such criteria")
	}
	if in.Limit < 0 || in.Limit > hub.MaxPage || in.After != "" && !sync.ValidID(string(in.After)) {
		return hub.E(hub.CodeInvalid, "limit is at most %d, after a UUID in lower case", hub.MaxPage)
	}
	defaultTo(&in.Limit, migrationPage)
	ctx := c.UserContext()
	org, err := a.hub.Reference(ctx)
	if err != nil {
		return err
	}
	r, fault := emulation.Replacing(org, in.Period, in.From, sync.DocID(to))
	if fault != nil {
		return hub.E(hub.CodeInvalid, "%s", fault.Detail)
	}
	if err := a.replaceCriteria(ctx, callerOf(who), r, in.Reason); err != nil {
		return err
	}
	view := migrationView{Sheets: []emulation.Migration{}}
	units := r.UnitsAfter(org, in.After)
	if len(units) > in.Limit {
		units, view.Next = units[:in.Limit], units[in.Limit-1]
	}
	for _, unit := range units {
		m, err := a.migrate(ctx, callerOf(who), r, unit, in.Reason)
		if err != nil {
			return err
		}
		if m.Outcome != "" {
			view.Sheets = append(view.Sheets, m)
		}
	}
	return a.send(c, http.StatusOK, view)
}

// replaceCriteria makes the period name the new set, for sheets yet to be made.
func (a *API) replaceCriteria(ctx context.Context, who hub.Caller, r emulation.Replacement, reason string) error {
	_, err := a.hub.Amend(ctx, who, hub.Amendment{Scope: sync.Org, Docs: []sync.DocID{r.Period.ID}, Reason: reason, Check: hub.ByOverseer, Make: func(desk hub.Desk) ([]hub.Put, error) {
		period := desk.Live(r.Period.ID)
		if period == nil {
			return nil, hub.E(hub.CodeNotFound, "no such period")
		}
		return []hub.Put{{Doc: period.ID, Type: period.Type, Body: sync.Set(period.Body(), "/criteria", string(r.To.ID))}}, nil
	}})
	return err
}

// migrate takes one unit's sheet over; the report is empty if it has none.
func (a *API) migrate(ctx context.Context, who hub.Caller, r emulation.Replacement, unit sync.DocID, reason string) (emulation.Migration, error) {
	var m emulation.Migration
	sheet := emulation.SheetID(unit, r.Period.ID)
	present, err := a.hub.Document(ctx, who, sync.UnitDesk(unit), sheet)
	if hub.CodeOf(err) == hub.CodeNotFound || err == nil && present.Gone {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	papers, err := a.papers(ctx, present)
	if err != nil {
		return m, err
	}
	_, err = a.hub.Amend(ctx, who, hub.Amendment{
		Scope: sync.UnitDesk(unit), Docs: []sync.DocID{sheet, r.QuestionID(sheet)}, Reason: reason, Check: hub.ByShape,
		Make: func(desk hub.Desk) ([]hub.Put, error) {
			d := desk.Live(sheet)
			if d == nil {
				m = emulation.Migration{}
				return nil, nil
			}
			m = r.Migrate(d, papers.Reviewed(), reason, desk.By, desk.Now)
			var puts []hub.Put
			if m.Body() != nil {
				puts = append(puts, hub.Put{Doc: sheet, Type: d.Type, Body: m.Body()})
			}
			if question := m.Conflict(); question != nil && desk.Docs[r.QuestionID(sheet)] == nil {
				puts = append(puts, hub.Put{Doc: r.QuestionID(sheet), Type: sync.TypeConflict, Body: question})
			}
			return puts, nil
		},
	})
	return m, err
}
