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

// An announcementFields asks to announce a ranking.
type announcementFields struct {
	Cluster string             `json:"cluster"`
	Period  string             `json:"period"`
	Seq     int64              `json:"seq"`     // that it will have: the next one, as the caller sees it
	Meeting sync.DocID         `json:"meeting"` // whose minutes it rests on
	Agreed  map[sync.DocID]int `json:"agreed"`  // ranks by unit as the conference agreed on them, entered by hand
	Reason  string             `json:"reason"`
}

// announceRanking records the ranking as of now with its basis and tells the
// cluster. If the conference agreed on other ranks, both are kept at the desk
// as a question for a person, and nothing is announced until that is decided.
func (a *API) announceRanking(c *fiber.Ctx, who auth.Actor) error {
	var in announcementFields
	if err := decode(c, &in); err != nil {
		return err
	}
	cluster, period, err := clusterAndPeriod(in.Cluster, in.Period)
	if err != nil {
		return err
	}
	switch {
	case in.Seq < 1 || in.Seq > 10_000:
		return hub.E(hub.CodeInvalid, "seq is the number the ranking will have")
	case in.Meeting != "" && !sync.ValidID(string(in.Meeting)):
		return hub.E(hub.CodeInvalid, "meeting is a UUID in lower case")
	}
	ctx := c.UserContext()
	if _, err := a.hub.Live(ctx, callerOf(who), sync.ClusterDesk(cluster)); err != nil {
		return err
	}
	now, docs, err := a.computed(ctx, cluster, period)
	if err != nil {
		return err
	}
	if in.Seq != emulation.NextSeq(period, docs) {
		return hub.E(hub.CodeStale, "another ranking was announced meanwhile")
	}
	an, err := emulation.Announce(now, docs, in.Seq, in.Meeting, in.Agreed)
	if err != nil {
		return err
	}
	return a.record(c, callerOf(who), an, in.Reason)
}

// record writes what an announcement comes to.
func (a *API) record(c *fiber.Ctx, who hub.Caller, an emulation.Announcement, reason string) error {
	ctx := c.UserContext()
	ids := []sync.DocID{an.ID, an.Question}
	if an.Replaces != nil {
		ids = append(ids, an.Replaces.ID)
	}
	_, err := a.hub.Amend(ctx, who, hub.Amendment{Scope: an.Scope, Docs: ids, Reason: reason, Check: hub.ByRules, Make: func(desk hub.Desk) ([]hub.Put, error) {
		return announcement(desk, an, reason)
	}})
	if err != nil {
		return err
	}
	view, err := a.recorded(ctx, who, an)
	if err != nil {
		return err
	}
	return a.send(c, http.StatusOK, view)
}

func announcement(desk hub.Desk, an emulation.Announcement, reason string) ([]hub.Put, error) {
	if desk.Live(an.ID) != nil && an.Question == "" {
		return nil, hub.E(hub.CodeStale, "a ranking of that number was announced")
	}
	puts := []hub.Put{{Doc: an.ID, Type: emulation.TypeRanking, Body: an.Body}}
	if an.Question != "" && desk.Docs[an.Question] == nil {
		puts = append(puts, hub.Put{Doc: an.Question, Type: sync.TypeConflict, Body: an.Conflict(desk.By, desk.Now)})
	}
	if an.Replaces == nil {
		return puts, nil
	}
	old := desk.Live(an.Replaces.ID)
	if old == nil || old.Version != an.Replaces.Version {
		return nil, hub.E(hub.CodeStale, "the ranking before it has changed")
	}
	body := sync.Set(sync.Set(old.Body(), "/state", "superseded"), "/state_reason", reason)
	return append([]hub.Put{{Doc: old.ID, Type: old.Type, Body: body}}, puts...), nil
}

// A recordView is a ranking that was recorded, and the conflict that has to be
// decided before it can be announced, if there is one.
type recordView struct {
	Announced bool          `json:"announced"`
	Document  *documentView `json:"document"`
	Conflict  *documentView `json:"conflict,omitempty"`
}

func (a *API) recorded(ctx context.Context, who hub.Caller, an emulation.Announcement) (recordView, error) {
	d, err := a.hub.Document(ctx, who, an.Scope, an.ID)
	if err != nil {
		return recordView{}, err
	}
	view := recordView{Announced: an.Question == "", Document: viewOf(d)}
	if an.Question == "" {
		return view, nil
	}
	conflict, err := a.hub.Document(ctx, who, an.Scope, an.Question)
	if err != nil {
		return recordView{}, err
	}
	view.Conflict = viewOf(conflict)
	return view, nil
}
