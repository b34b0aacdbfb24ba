package push

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"time"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

const (
	// reach is how far back reminders are looked for that nobody decided about:
	// longer than any is of use, and than most outages are. What was due before
	// has no record.
	reach = 35 * 24 * time.Hour
	// ahead is for how long at most a look at the calendar holds.
	ahead = 24 * time.Hour
	// digestEvery is how often it is looked whether a digest is due.
	digestEvery = 10 * time.Minute
)

// A page of the calendar says until when there is nothing to tell in a cluster,
// provided that what it was made from has not changed since.
type page struct {
	seal uint64 // of what it was made from
	next int64  // when something is due
}

// plan tells what is due in every cluster, and the digests. A cluster that
// fails holds up no other.
func (p *Push) plan(ctx context.Context, a *audience) error {
	org, err := p.cfg.Hub.Reference(ctx)
	if err != nil {
		return err
	}
	errs := []error{p.digest(ctx, org, a)}
	for _, cluster := range org.Of(emulation.TypeCluster) {
		if err := p.planCluster(ctx, org, a, cluster.ID); err != nil {
			errs = append(errs, fmt.Errorf("reminders of a cluster: %w", err))
		}
	}
	return errors.Join(errs...)
}

// planCluster tells what is due in a cluster. To compute that, all its papers
// are read; so it is done only when something is due, or something moved.
func (p *Push) planCluster(ctx context.Context, org *sync.Reference, a *audience, cluster sync.DocID) error {
	now := p.milli()
	listeners := slices.DeleteFunc(a.around(sync.ClusterScope(cluster), org), func(l emulation.Listener) bool { return !reminded(l, now) })
	if err := p.prefer(ctx, listeners); err != nil {
		return err
	}
	papers := papersOf(org, cluster)
	seal, err := p.seal(ctx, org, papers, listeners) // before the papers: what moves meanwhile breaks it
	if err != nil {
		return err
	}
	if known, ok := p.calendar[cluster]; ok && known.seal == seal && now < known.next {
		return nil
	}
	circle, err := p.circle(ctx, org, cluster, papers, listeners)
	if err != nil {
		return err
	}
	// From far back every time: what was told is known, and a deadline that
	// was moved may have made due what lies before the last look.
	if err := p.tell(ctx, p.cfg.Domain.Reminders(circle, now-reach.Milliseconds(), now), listeners); err != nil {
		return err
	}
	next := now + ahead.Milliseconds()
	for _, n := range p.cfg.Domain.Reminders(circle, now, next) {
		next = min(next, n.Due)
	}
	p.calendar[cluster] = page{seal, next}
	return nil
}

// reminded reports whether somebody may have a reminder: those who only run the
// system have none, nor those who left before what is looked back at.
func reminded(l emulation.Listener, now int64) bool {
	return slices.ContainsFunc(l.Grants, func(g sync.Grant) bool {
		return g.Role != emulation.Admin && (g.To == 0 || g.To > now-reach.Milliseconds())
	})
}

// papersOf returns the scopes whose documents decide about a cluster's reminders.
func papersOf(org *sync.Reference, cluster sync.DocID) []sync.Scope {
	scopes := []sync.Scope{sync.ClusterScope(cluster), sync.ClusterDesk(cluster)}
	for _, unit := range everMembers(org, cluster) {
		scopes = append(scopes, sync.UnitScope(unit), sync.UnitDesk(unit))
	}
	return scopes
}

// seal returns what changes as soon as anything does that reminders depend on:
// reference data, papers, who listens, and what they prefer.
func (p *Push) seal(ctx context.Context, org *sync.Reference, papers []sync.Scope, listeners []emulation.Listener) (uint64, error) {
	h := fnv.New64a()
	for _, l := range listeners {
		fmt.Fprint(h, l.Person, l.Grants, l.Preferences)
	}
	fmt.Fprint(h, " ", org.Seq)
	for some := range slices.Chunk(papers, scopePage) {
		heads, err := p.cfg.Logs.Heads(ctx, some)
		if err != nil {
			return 0, err
		}
		for _, s := range some {
			_, _ = io.WriteString(h, " "+string(heads[s].Hash))
		}
	}
	return h.Sum64(), nil
}

// circle reads what a cluster's reminders depend on. Listeners are given their preferences.
func (p *Push) circle(ctx context.Context, org *sync.Reference, cluster sync.DocID, papers []sync.Scope, listeners []emulation.Listener) (emulation.Circle, error) {
	if err := p.prefer(ctx, listeners); err != nil {
		return emulation.Circle{}, err
	}
	read, err := p.cfg.Hub.Read(ctx, papers)
	if err != nil {
		return emulation.Circle{}, err
	}
	c := emulation.Circle{Org: org, Cluster: cluster, Listeners: listeners}
	for _, scope := range papers {
		c.Papers = append(c.Papers, read[scope]...)
	}
	return c, nil
}

// digest tells those who decide conflicts, once a day, that some wait.
func (p *Push) digest(ctx context.Context, org *sync.Reference, a *audience) error {
	now := p.milli()
	if now < p.digested {
		return nil
	}
	deciders := slices.DeleteFunc(slices.Clone(a.people), func(l emulation.Listener) bool {
		return !slices.ContainsFunc(l.Grants, func(g sync.Grant) bool { return g.Role == emulation.Admin || g.Role == emulation.Officer })
	})
	if err := p.prefer(ctx, deciders); err != nil {
		return err
	}
	open, err := p.openConflicts(ctx)
	if err != nil {
		return err
	}
	if err := p.tell(ctx, p.cfg.Domain.Digests(org, deciders, open, now-ahead.Milliseconds(), now), deciders); err != nil {
		return err
	}
	p.digested = now + digestEvery.Milliseconds()
	return nil
}

// openConflicts returns every open conflict.
func (p *Push) openConflicts(ctx context.Context) ([]*sync.Document, error) {
	filter := hub.KeptFilter{Type: sync.TypeConflict, State: sync.StateOpen, Limit: hub.MaxPage}
	var open []*sync.Document
	for {
		docs, err := p.cfg.Logs.Kept(ctx, filter)
		if err != nil {
			return nil, err
		}
		open = append(open, docs...)
		if len(docs) < filter.Limit {
			return open, nil
		}
		last := docs[len(docs)-1]
		_, _, filter.Before, _ = last.About()
		filter.BeforeID = last.ID
	}
}
