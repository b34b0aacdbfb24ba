package emulation

import (
	"slices"
	"strconv"

	"thidua/sync"
)

// onItsWay reports whether an award is a proposal about which nothing is
// decided: not rejected, decided or revoked.
func onItsWay(award sync.Object) bool {
	switch str(award, "state") {
	case "rejected", "decided", "revoked":
		return false
	}
	return true
}

// questionsAt returns the target of the questions about the proposals at a cluster's desk.
func questionsAt(cluster sync.DocID) sync.Target {
	return sync.Target{Scope: sync.ClusterDesk(cluster), Doc: sync.DocID(sync.NameID("questions", string(cluster))), Type: sync.TypeConflict}
}

// Questions implements sync.Derivation: each proposal on its way that is built
// on a ranking which no longer stands is asked about, once for each time the
// period was reopened and once for a ranking that was superseded. A proposal
// that somebody's act has brought before a person for the same reason is not
// asked about beside that.
func (d *Domain) Questions(t sync.Target, docs map[sync.Scope][]*sync.Document, org *sync.Reference) []sync.Question {
	all := slices.Concat(docs[sync.ClusterScope(sync.DocID(t.Scope.Subject()))], docs[t.Scope])
	var questions []sync.Question
	for _, award := range docs[t.Scope] {
		if award.Gone || award.Type != TypeAward || !onItsWay(award.Body()) {
			continue
		}
		if q, stale := staleProposal(org, award, all); stale && !waitsFor(all, award.ID, q) {
			questions = append(questions, q)
		}
	}
	return questions
}

// staleProposal returns the question about a proposal, false if what it is
// built on stands. One answer keeps it and makes it rest on the period as it is
// and on the ranking that stands now, if there is one; the other withdraws it:
// it goes, and its place under the quota is free.
func staleProposal(org *sync.Reference, award *sync.Document, docs []*sync.Document) (sync.Question, bool) {
	b := award.Body()
	p := org.Find(TypePeriod, doc(b, "period"))
	if p == nil {
		return sync.Question{}, false
	}
	var stands sync.Value
	times := num(p.Body(), "reopened")
	if last := LastAnnounced(p.ID, docs); last != nil && !outrun(last.Body(), times) {
		stands = string(last.ID)
	}
	keep, because := []sync.Edit{{Path: "/ranking", Was: b["ranking"], Now: stands}}, ""
	built := liveOf(docs, doc(b, "ranking"))
	switch {
	case num(b, "reopened") < times:
		keep = append(keep, sync.Edit{Path: "/reopened", Was: b["reopened"], Now: times})
		because = strconv.FormatInt(times, 10)
	case built != nil && built.Type == TypeRanking && str(built.Body(), "state") == "superseded":
		because = string(built.ID)
	default:
		return sync.Question{}, false
	}
	id := sync.NameID("conflict", string(CodeRankingStale), string(award.ID), because)
	return sync.Question{
		ID: sync.DocID(id), About: award.ID, Version: award.Version, Code: CodeRankingStale,
		Answers: []sync.Answer{
			{ID: sync.MutationID(sync.NameID("keep", string(id))), Edits: keep},
			{ID: sync.MutationID(sync.NameID("withdraw", string(id))), Edits: []sync.Edit{{}}},
		},
	}, true
}

// waitsFor reports whether another conflict than that of the question asks
// about a document for the same reason, and is open.
func waitsFor(docs []*sync.Document, id sync.DocID, q sync.Question) bool {
	return slices.ContainsFunc(docs, func(d *sync.Document) bool {
		about, state, _, ok := d.About()
		if !ok || d.Gone || d.Type != sync.TypeConflict || about != id || state != sync.StateOpen || d.ID == q.ID {
			return false
		}
		items := obj(d.Body(), "items")
		return slices.ContainsFunc(keys(items), func(k string) bool { return str(obj(items, k), "code") == string(q.Code) })
	})
}
