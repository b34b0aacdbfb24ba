package generate

import (
	"fmt"
	"testing"

	"thidua/internal/emulation"
	"thidua/sync"
)

// papers are what one cluster's year-end ranking is computed from.
type papers struct {
	cluster, period sync.DocID
	docs            []*sync.Document
}

// fresh returns documents as a store hands them over: not decoded yet.
func fresh(docs []*sync.Document) []*sync.Document {
	all := make([]*sync.Document, len(docs))
	for i, d := range docs {
		all[i] = sync.LoadDocument(sync.Document{ID: d.ID, Type: d.Type, Scope: d.Scope, Version: d.Version, Gone: d.Gone, Touched: d.Touched}, d.Raw())
	}
	return all
}

// ranked generates clusters of ten units and returns what their rankings need.
func ranked(b *testing.B, clusters int) (*sync.Reference, []papers) {
	b.Helper()
	w := generated(b, Config{Seed: 5, Provinces: 1, Clusters: clusters, Units: 10, Activity: true})
	org := sync.NewReference(1, w.scopes[sync.Org])
	var all []papers
	for _, d := range org.Of(emulation.TypePeriod) {
		p := papers{period: d.ID}
		id, _ := d.Body()["cluster"].(string)
		p.cluster = sync.DocID(id)
		for _, s := range emulation.RankingSources(org, p.cluster, p.period) {
			p.docs = append(p.docs, w.scopes[s]...)
		}
		all = append(all, p)
	}
	if len(all) < clusters {
		b.Fatalf("%d periods of %d clusters", len(all), clusters)
	}
	return org, all
}

// BenchmarkRankingAfterOneScore computes a cluster's ranking again when one of
// its documents is new and the others are in memory.
func BenchmarkRankingAfterOneScore(b *testing.B) {
	org, all := ranked(b, 1)
	p := all[0]
	at := 0
	for i, d := range p.docs {
		if d.Body(); d.Type == emulation.TypeSheet {
			at = i
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		p.docs[at] = fresh(p.docs[at : at+1])[0]
		if r := emulation.Rank(org, p.cluster, p.period, p.docs); len(r.Rows) != 10 {
			b.Fatalf("%d rows", len(r.Rows))
		}
	}
}

// BenchmarkRankingsOfAProvince decodes everything and ranks every cluster, of
// few and of many: what a cluster costs must not depend on how many there are.
func BenchmarkRankingsOfAProvince(b *testing.B) {
	for _, clusters := range []int{15, 150} {
		b.Run(fmt.Sprintf("clusters=%d", clusters), func(b *testing.B) {
			org, all := ranked(b, clusters)
			b.ResetTimer()
			for b.Loop() {
				for _, p := range all {
					emulation.Rank(org, p.cluster, p.period, fresh(p.docs))
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/province")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*clusters), "µs/cluster")
		})
	}
}
