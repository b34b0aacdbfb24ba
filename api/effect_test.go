package api

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"thidua/internal/emulation"
	"thidua/internal/hub"
	"thidua/sync"
)

// An answerOfEffect is what the contract says of an effect.
type answerOfEffect struct {
	Document *documentView
	Cluster  sync.DocID
	Effect   *emulation.Effect
}

func TestTheEffectShownIsTheRankingAfterTheDecision(t *testing.T) {
	units := []string{"u0", "u1", "u2"}
	w := newDesk(t, units...)
	phones := map[string][2]*phone{}
	for _, u := range units {
		w.fill(t, u, "", 500, 500, 500)
		phones[u] = [2]*phone{w.phone(t, grant(emulation.UnitStaff, u)), w.phone(t, grant(emulation.UnitStaff, u))}
	}
	rapid.Check(t, func(rt *rapid.T) {
		unit := rapid.SampledFrom(units).Draw(rt, "unit")
		code := rapid.SampledFrom([]string{"a1", "a2", "b1"}).Draw(rt, "criterion")
		points := rapid.SliceOfNDistinct(rapid.Int64Range(0, 10), 4, 4, rapid.ID).Draw(rt, "points")
		scope, path := sync.UnitDesk(name(unit)), sync.Pointer("/entries/"+code+"/self")
		_, body := w.document(rt, w.admin, scope, sheetID(unit))
		was := sync.Get(body, path)
		points = slices.DeleteFunc(points, func(n int64) bool { return n*100 == was }) // at least three are others
		phones[unit][0].sync(rt, sync.Request{Mutations: []sync.Mutation{w.change(scope, sheetID(unit), path, was, points[0]*100)}})
		m := w.change(scope, sheetID(unit), path, was, points[1]*100)
		ack := acks(phones[unit][1].sync(rt, sync.Request{Mutations: []sync.Mutation{m}}))[0]
		if ack.Outcome != sync.Queued {
			rt.Fatalf("no conflict: %+v", ack)
		}
		choices := []map[string]any{{"take": "present"}, {"take": "side", "side": m.ID}, {"take": "value", "value": points[2] * 100}}
		at := fmt.Sprintf("/v1/conflicts/%s/%s", scope, ack.Kept)
		ask := func(path string, choice map[string]any) *reply {
			r := w.call(rt, w.admin, http.MethodPost, at+path, map[string]any{"version": ack.Seq, "reason": "theo hồ sơ", "choices": map[string]any{"/entries/" + code + "/self": choice}})
			r.want(rt, http.StatusOK)
			return r
		}
		before := w.ranking(rt, w.admin).Ranking
		shown := make([]answerOfEffect, len(choices))
		for i, choice := range choices {
			ask("/effect", choice).decode(rt, &shown[i])
			if !reflect.DeepEqual(shown[i].Effect.Before.Rows, before.Rows) {
				rt.Fatalf("before: shown %+v, is %+v", shown[i].Effect.Before.Rows, before.Rows)
			}
		}
		taken := rapid.IntRange(0, len(choices)-1).Draw(rt, "taken")
		ask("/resolve", choices[taken])
		after := w.ranking(rt, w.admin).Ranking
		if got := shown[taken].Effect; !reflect.DeepEqual(got.After.Rows, after.Rows) {
			rt.Fatalf("after: shown %+v, is %+v", got.After.Rows, after.Rows)
		}
		if moved := len(shown[0].Effect.Moves); moved != 0 {
			rt.Fatalf("keeping what is there moves %d rows", moved)
		}
	})
}

func TestAnEffectIsShownToWhoeverMayDecide(t *testing.T) {
	d := newDispute(t)
	decision := map[string]any{"version": d.version, "choices": map[string]any{"/title": map[string]any{"take": "value", "value": "Hội nghị"}}}
	r := d.call(t, d.admin, http.MethodPost, d.path+"/effect", decision)
	r.want(t, http.StatusOK)
	var said answerOfEffect
	r.decode(t, &said)
	if said.Effect != nil || said.Document == nil {
		t.Errorf("a meeting of a unit has an effect on a ranking: %s", r.body)
	}
	for _, p := range []*phone{d.a, d.stranger} {
		d.call(t, p, http.MethodPost, d.path+"/effect", decision).problem(t, http.StatusForbidden, hub.CodeForbidden)
	}
	decision["version"] = d.version + 1
	d.call(t, d.admin, http.MethodPost, d.path+"/effect", decision).problem(t, http.StatusConflict, hub.CodeStale)
	decision["version"], decision["choices"] = d.version, map[string]any{}
	d.call(t, d.admin, http.MethodPost, d.path+"/effect", decision).problem(t, http.StatusUnprocessableEntity, sync.CodeUndecided)
	if got := d.list(t, d.admin, "?state=open"); len(got) != 1 || got[0].Version != d.version {
		t.Errorf("an effect changed the conflict: %+v", got)
	}
}
