package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"thidua/internal/auth"
	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// A timetableFields asks for a period's milestones, counted from the date of a
// dispatch or from a date such as that of its conference, by offsets that are
// given or read off another period.
type timetableFields struct {
	Version  int64                       `json:"version"` // of the period
	Dispatch sync.DocID                  `json:"dispatch"`
	Date     string                      `json:"date"`
	Offsets  map[string]emulation.Offset `json:"offsets"`
	Like     sync.DocID                  `json:"like"`
	Reason   string                      `json:"reason"`
}

// maxMilestones bounds a timetable.
const maxMilestones = 50

// setTimetable writes the milestones into the period. Those of other keys
// stay; what they were before is in the period's history.
func (a *API) setTimetable(c *fiber.Ctx, who auth.Actor) error {
	id := sync.DocID(c.Params("id"))
	var in timetableFields
	if err := decode(c, &in); err != nil {
		return err
	}
	if !sync.ValidID(string(id)) {
		return hub.E(hub.CodeNotFound, "no such period")
	}
	org, err := a.hub.Reference(c.UserContext())
	if err != nil {
		return err
	}
	milestones, err := in.milestones(org)
	if err != nil {
		return err
	}
	_, err = a.hub.Amend(c.UserContext(), callerOf(who), hub.Amendment{Scope: sync.Org, Docs: []sync.DocID{id}, Reason: in.Reason, Check: hub.ByRules, Make: func(desk hub.Desk) ([]hub.Put, error) {
		period := desk.Live(id)
		switch {
		case period == nil || period.Type != emulation.TypePeriod:
			return nil, hub.E(hub.CodeNotFound, "no such period")
		case period.Version != in.Version:
			return nil, hub.E(hub.CodeStale, "the period has changed")
		}
		body := period.Body()
		for key, m := range milestones {
			body = sync.Set(body, sync.Pointer("/milestones").Join(key), m)
		}
		return []hub.Put{{Doc: id, Type: period.Type, Body: body}}, nil
	}})
	if err != nil {
		return err
	}
	period, err := a.hub.Document(c.UserContext(), callerOf(who), sync.Org, id)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, viewOf(period))
}

func (in timetableFields) milestones(org *sync.Reference) (sync.Object, error) {
	offsets, from, fault := in.Offsets, in.Date, (*sync.Fault)(nil)
	switch {
	case (in.Dispatch == "") == (in.Date == ""):
		return nil, hub.E(hub.CodeInvalid, "it is counted from a dispatch or from a date")
	case (len(in.Offsets) == 0) == (in.Like == "") || len(in.Offsets) > maxMilestones:
		return nil, hub.E(hub.CodeInvalid, "offsets, at most %d, or like", maxMilestones)
	}
	if in.Dispatch != "" {
		if from, fault = emulation.DispatchedOn(org, in.Dispatch); fault != nil {
			return nil, hub.E(hub.CodeNotFound, "no such dispatch")
		}
	}
	if in.Like != "" {
		if offsets, fault = emulation.OffsetsLike(org, in.Like, in.Dispatch != ""); fault != nil {
			return nil, hub.E(hub.CodeNotFound, "%s", fault.Detail)
		}
	}
	milestones, ok := emulation.Milestones(from, offsets, in.Dispatch)
	if !ok {
		return nil, hub.E(hub.CodeInvalid, "the date is a day of the calendar, an offset at most %d days", emulation.MaxOffset)
	}
	for key := range offsets {
		if !sync.ValidKey(key) {
			return nil, hub.E(sync.CodeBadKey, "a milestone's key")
		}
	}
	return milestones, nil
}
