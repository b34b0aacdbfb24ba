package emulation

import "thidua/sync"

// CodeRankingDiffers queues the question which ranks are announced: those
// computed, or those the conference agreed on.
const CodeRankingDiffers sync.Code = "ranking_differs"

// An Announcement is a ranking about to be recorded: before the whole cluster,
// or, where a person has to decide first, as a draft at the cluster's desk with
// the question beside it.
type Announcement struct {
	Scope    sync.Scope
	ID       sync.DocID
	Body     sync.Object
	Replaces *sync.Document // the ranking it supersedes, nil if it is the first
	Question sync.DocID     // the conflict to be opened; "" if it is announced at once

	agreed sync.Object // rows as agreed on, for the question
}

// Announce records a computed ranking, with its basis, under a sequence. Docs
// are those it was computed from. Agreed are the ranks that the conference
// agreed on, nil if nobody entered any: where they differ a draft with both is
// made, and once the question about it is settled, announcing again takes what
// was decided, unless a sheet has changed since.
func Announce(now Ranking, docs []*sync.Document, seq int64, meeting sync.DocID, agreed map[sync.DocID]int) (Announcement, error) {
	a := Announcement{Scope: sync.ClusterScope(now.Cluster), ID: RankingID(now.Cluster, now.Period, seq), Replaces: LastAnnounced(now.Period, docs)}
	a.Body = now.Body(seq)
	if meeting != "" {
		a.Body["meeting"] = string(meeting)
	}
	if len(agreed) > 0 {
		a.Body["agreed"] = AgreedBody(agreed)
	}
	draftID := sync.DocID(sync.NameID(TypeRanking, "draft", string(a.ID)))
	if draft := liveOf(docs, draftID); draft != nil && len(now.ChangedSince(draft.Body())) == 0 && (len(agreed) == 0 || sync.Equal(draft.Body()["agreed"], a.Body["agreed"])) {
		if openAbout(docs, draftID) {
			return a, &sync.Fault{Code: CodeConflictOpen, Detail: "which ranks are announced is to be decided first"}
		}
		a.Body = sync.Set(draft.Body(), "/state", "announced")
		if !sync.Equal(WithAgreed(obj(a.Body, "rows"), ranksOf(obj(a.Body, "agreed"))), obj(a.Body, "rows")) {
			a.Body = sync.Set(a.Body, "/agreed", nil) // decided against; the draft and its question keep it
		}
		return a, nil
	}
	if len(agreed) > 0 {
		differ, code := now.Agrees(agreed)
		if code != "" {
			return a, &sync.Fault{Code: code}
		}
		if len(differ) > 0 {
			a.Scope, a.ID, a.Replaces = sync.ClusterDesk(now.Cluster), draftID, nil
			a.agreed = WithAgreed(obj(a.Body, "rows"), agreed)
			a.Question = sync.DocID(sync.NameID("conflict", string(CodeRankingDiffers), string(draftID), string(sync.HashOf(a.Body))))
			return a, nil
		}
	}
	a.Body["state"] = "announced"
	return a, nil
}

// Conflict returns the body of the question, asked by whoever entered the
// agreed ranks at a time (milliseconds since 1970): the computed rows stand
// there at present, the agreed ones are its side.
func (a Announcement) Conflict(by sync.PersonID, at int64) sync.Object {
	side := sync.Object{"value": a.agreed, "author": string(by), "received": at}
	if m := str(a.Body, "meeting"); m != "" {
		side["basis"] = m
	}
	rows := obj(a.Body, "rows")
	return sync.Object{
		"about": string(a.ID), "aboutType": TypeRanking, "state": sync.StateOpen, "opened": at,
		"items": sync.Object{sync.PathKey("/rows"): sync.Object{
			"path": "/rows", "code": string(CodeRankingDiffers), "base": rows, "present": rows, "presentBy": sync.Object{},
			"sides": sync.Object{string(a.Question): side},
		}},
	}
}

func ranksOf(agreed sync.Object) map[sync.DocID]int {
	ranks := make(map[sync.DocID]int, len(agreed))
	for unit := range agreed {
		ranks[sync.DocID(unit)] = int(num(obj(agreed, unit), "rank"))
	}
	return ranks
}

func liveOf(docs []*sync.Document, id sync.DocID) *sync.Document {
	for _, d := range docs {
		if d.ID == id && !d.Gone {
			return d
		}
	}
	return nil
}

func openAbout(docs []*sync.Document, id sync.DocID) bool {
	for _, d := range docs {
		if about, state, _, ok := d.About(); ok && d.Type == sync.TypeConflict && about == id && state == sync.StateOpen && !d.Gone {
			return true
		}
	}
	return false
}
