// Points and rankings come to what internal/emulation comes to: cluster A of
// the demo (systems/a_scores.go), and the cases of compute_test.go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameID, type Body, type Doc } from "thidua-sync";
import type { Capacity, Me } from "../shared/capacity.ts";
import { criteriaOf, criterionOf, sectionsOf } from "../shared/criteria.ts";
import { dueOf } from "../shared/milestone.ts";
import { Org } from "../shared/org.ts";
import { lastAnnounced, movement, placeOf, rank, rankRows, recorded, rowsOf, type Scored } from "../shared/ranking.ts";
import { reconcile } from "../shared/reconcile.ts";
import { awaitsReentry, faulty, progress, scoreFault, scoreOf, unmeasured, unreasoned } from "../shared/score.ts";
import { actsFor, barsExplaining, barsReviewing, barsScores, over, reviewCopyID, sheetID } from "../shared/sheet.ts";

const criterion = (section: string, order: number, type: string, max: number, more: Body = {}): Body => ({ section, order, code: `${section}.${order}`, title: type, type, max, ...more });

/** The set of cluster A, year 2022. */
const set: Body = {
  code: "A-2022", version: 1, total: 10_000, bonus_cap: 1000, penalty_floor: -500, tie_break: ["base", "first_section", "penalties", "ballots"],
  sections: { III: { order: 3, title: "c", max: 2000 }, I: { order: 1, title: "a", max: 6000 }, II: { order: 2, title: "b", max: 2000 } },
  criteria: {
    "II-2": criterion("II", 2, "count", 1000, { bonus_max: 1000 }),
    "I-1": criterion("I", 1, "quantitative", 3000),
    "I-2": criterion("I", 2, "achieved", 3000),
    "II-1": criterion("II", 1, "plus_minus", 1000, { penalty_max: 500 }),
    "III-1": criterion("III", 1, "judged", 1000),
    "III-2": criterion("III", 2, "judged", 1000),
  },
};

/** Own points of I.1, I.2, II.1, II.2, III.1, III.2, bonus of II.2, penalty of II.1; then the total and the rank they come to. */
const units: Record<string, [number[], number, number, string]> = {
  "tho-xuan": [[2950, 2900, 950, 1000, 950, 900, 500, 0], 10_150, 1, ""],
  "thieu-hoa": [[2900, 2900, 950, 950, 950, 950, 300, 0], 9900, 2, ""],
  "yen-dinh": [[2950, 2950, 950, 950, 950, 950, 0, 0], 9700, 3, "base"],
  "vinh-loc": [[2900, 2850, 950, 950, 950, 900, 200, 0], 9700, 4, "base"],
  "trieu-son": [[2850, 2850, 950, 950, 950, 900, 0, 0], 9450, 5, "shared"],
  "nong-cong": [[2900, 2800, 900, 950, 950, 950, 0, 0], 9450, 5, "shared"],
  "tp-thanh-hoa": [[2850, 2800, 950, 950, 950, 900, 0, 100], 9300, 7, ""],
  "dong-son": [[2800, 2750, 900, 900, 900, 850, 0, 0], 9100, 8, ""],
};

function sheetOf(s: number[]): Body {
  const entries: Record<string, Body> = {};
  ["I-1", "I-2", "II-1", "II-2", "III-1", "III-2"].forEach((k, i) => (entries[k] = { self: s[i]! }));
  if (s[6]) entries["II-2"] = { ...entries["II-2"], bonus: s[6] };
  if (s[7]) entries["II-1"] = { ...entries["II-1"], penalty: s[7] };
  return { entries };
}

const id = (name: string) => nameID("test", name);
const doc = (scope: string, type: string, of: string, body: Body): Doc => ({ id: of, scope, type, version: 1, body, status: "synced", pending: 0, conflicts: [] });

test("sections and criteria come in their order", () => {
  assert.deepEqual(sectionsOf(set).map((s) => s.key), ["I", "II", "III"]);
  assert.deepEqual(criteriaOf(set).map((c) => c.key), ["I-1", "I-2", "II-1", "II-2", "III-1", "III-2"]);
  assert.equal(criterionOf(set, "none"), undefined);
});

test("the totals of cluster A are those of the server", () => {
  for (const [name, [points, total]] of Object.entries(units)) assert.equal(scoreOf(set, sheetOf(points)).total, total, name);
});

test("bonus counts up to its cap and penalties down to their floor, and both say so", () => {
  const capped = scoreOf(set, { entries: { "I-1": { self: 3000 }, "II-2": { bonus: 1200 }, "II-1": { penalty: 700 } } });
  assert.deepEqual(capped, { base: 3000, first: 3000, bonus: 1200, penalty: 700, total: 3500, capped: true, floored: true });
  const free = scoreOf({ ...set, bonus_cap: undefined as never, penalty_floor: undefined as never }, { entries: { "II-2": { bonus: 1200 } } });
  assert.deepEqual([free.total, free.capped], [1200, false]);
});

test("verified goes before rechecked, that before cross and cross before self", () => {
  const four: Body = { criteria: { a: {}, b: {}, c: {}, d: {} } };
  const sheet: Body = { entries: { a: { self: 1 }, b: { self: 1 }, c: { self: 1 }, d: { self: 1 }, dropped: { self: 99 } } };
  const review: Body = { entries: { b: { cross: 10 }, c: { cross: 10, recheck: 100 }, d: { cross: 10 } } };
  assert.equal(scoreOf(four, sheet, review, { entries: { d: { verified: 0 } } }).base, 1 + 10 + 100 + 0);
});

test("points keep to what their criterion asks for", () => {
  const of = (more: Body) => criterionOf({ criteria: { x: { max: 1000, ...more } } }, "x")!;
  const stands = (more: Body, field: "self" | "cross" | "bonus", n: number) => scoreFault(of(more), field, n) === undefined;
  assert.ok(stands({ type: "judged" }, "self", 0) && stands({ type: "judged" }, "self", 1000));
  assert.ok(!stands({ type: "judged" }, "self", 1001) && !stands({ type: "judged" }, "self", -1) && !stands({ type: "judged" }, "bonus", 1));
  const levels = { type: "achieved", levels: [0, 1000] };
  assert.ok(stands(levels, "self", 1000) && !stands(levels, "self", 500) && stands(levels, "cross", 500), "reviewers judge freely");
  const each = { type: "count", each: 300 };
  assert.ok(stands(each, "self", 900) && stands(each, "self", 1000) && !stands(each, "self", 500), "so many times, or the maximum");
});

test("what a sheet lacks is named", () => {
  const measured: Body = { sections: { s: { order: 1 } }, criteria: { m: criterion("s", 1, "quantitative", 1000, { measure: "lượt", bonus_max: 500 }), n: criterion("s", 2, "judged", 500) } };
  const sheet: Body = { entries: { m: { self: 900, bonus: 100 }, n: { former: { criteria: id("old"), self: 800 } } } };
  assert.deepEqual(unmeasured(sheet, measured).map((c) => c.key), ["m"]);
  assert.deepEqual(awaitsReentry(sheet, measured).map((c) => c.key), ["n"]);
  assert.deepEqual(unreasoned(sheet, measured).map((c) => c.key), ["m"]);
  assert.deepEqual(faulty({ entries: { n: { self: 800 } } }, measured).map((c) => c.key), ["n"]);
  assert.deepEqual(progress(sheet, measured), { done: 1, all: 2 });
  assert.deepEqual(unmeasured({ entries: { m: { self: 900, actual: "1.200" } } }, measured), []);
});

test("a reconciliation names the stage that counts and the reason of whoever wrote last", () => {
  const r = reconcile(
    set,
    sheetOf(units["tho-xuan"]![0]),
    { entries: { "I-1": { cross: 2800, recheck: 2900, reason: "xem lại" }, "II-2": { cross: 1000, bonus: 300, reason: "thiếu quyết định" }, "I-2": { cross: 2900 } } },
    { entries: { "I-1": { verified: 2950, reason: "đủ minh chứng" } } },
  );
  const at = (key: string) => r.rows.find((row) => row.criterion.key === key)!;
  assert.deepEqual(at("I-1").at, { self: 2950, cross: 2800, recheck: 2900, verified: 2950 });
  assert.deepEqual([at("I-1").stage, at("I-1").reason, at("I-1").differs], ["verified", "đủ minh chứng", false]);
  assert.deepEqual([at("II-2").differs, at("II-2").official.bonus, at("II-2").reason], [true, 300, "thiếu quyết định"]);
  assert.deepEqual([at("I-2").stage, at("I-2").differs], ["cross", false]);
  assert.deepEqual([r.differ, r.own.total, r.official.total], [1, 10_150, 9950]);
});

function world(): { org: Org; cluster: string; period: string; docs: Doc[] } {
  const [cluster, period, criteria] = [id("cluster"), id("period"), id("criteria")];
  const org: Doc[] = [doc("org", "criteria", criteria, set), doc("org", "period", period, { from: "2022-01-01", to: "2022-12-31", criteria })];
  const docs: Doc[] = [];
  for (const [name, [points]] of Object.entries(units)) {
    const unit = id(name);
    org.push(doc("org", "unit", unit, { names: { a: { name } } }), doc("org", "membership", id(`m-${name}`), { unit, cluster, from: "2020-01-01" }));
    docs.push(doc(`unit:${unit}:desk`, "sheet", sheetID(unit, period), { unit, period, cluster, criteria, ...sheetOf(points) }));
  }
  return { org: new Org(org), cluster, period, docs };
}

test("the ranking of cluster A is that of the server, whatever order the papers come in", () => {
  const { org, cluster, period, docs } = world();
  for (const papers of [docs, [...docs].reverse()]) {
    const rows = rank(org, cluster, period, papers);
    assert.equal(rows.length, 8);
    for (const [name, [, total, place, tie]] of Object.entries(units)) {
      const row = rows.find((r) => r.unit === id(name))!;
      assert.deepEqual([row.score?.total, row.rank, row.tie], [total, place, tie], name);
    }
  }
});

test("a vote decides a tie only if it was about all of it", () => {
  const row = (name: string, ballots?: number): Scored => ({ unit: id(name), score: { base: 1, first: 0, bonus: 0, penalty: 0, total: 1, capped: false, floored: false }, ballots, rank: 0, tie: "" });
  const partly = rankRows([row("a", 1), row("b", 5), row("c")], ["ballots"]);
  assert.deepEqual(partly.map((r) => [r.rank, r.tie]), [[1, "shared"], [1, "shared"], [1, "shared"]]);
  const voted = rankRows([row("a", 1), row("b", 5)], ["base", "ballots"]);
  assert.deepEqual(voted.map((r) => [r.unit, r.rank, r.tie]), [[id("b"), 1, "ballots"], [id("a"), 2, "ballots"]]);
});

test("a review counts once it was sent, and a unit without a sheet stands last without a rank", () => {
  const { org, cluster, period, docs } = world();
  const sheet = sheetID(id("tho-xuan"), period);
  const review = (state: string) => doc(`cluster:${cluster}:desk`, "review", nameID("review", sheet), { state, entries: { "I-1": { cross: 1000 } } });
  const first = (papers: Doc[]) => rank(org, cluster, period, papers)[0]!.unit;
  assert.equal(first([...docs, review("draft")]), id("tho-xuan"));
  assert.equal(first([...docs, review("sent")]), id("thieu-hoa"));
  const rest = rank(org, cluster, period, docs.filter((d) => d.id !== sheet));
  assert.deepEqual([rest[7]!.unit, rest[7]!.rank], [id("tho-xuan"), 0]);
});

test("recorded rankings come newest first, and movement is by places", () => {
  const { org, cluster, period } = world();
  const of = (seq: number, state: string, rows: Body) => doc(`cluster:${cluster}`, "ranking", id(`r${seq}`), { period, seq, state, rows });
  const one = of(1, "superseded", { a: { scored: true, score: 900, rank: 2 }, b: { scored: true, score: 950, rank: 1 } });
  const two = of(2, "announced", { a: { scored: true, score: 960, rank: 1 }, b: { scored: true, score: 950, rank: 2 }, c: { scored: false } });
  const all = recorded([one, two, of(3, "provisional", {})], org, cluster);
  assert.deepEqual(all.map((d) => d.id), [two.id, one.id]);
  assert.equal(lastAnnounced(all, period), two);
  const [before, now] = [rowsOf(one.body), rowsOf(two.body)];
  assert.deepEqual(now.map((r) => [r.unit, r.rank, movement(r, before)]), [["a", 1, 1], ["b", 2, -1], ["c", 0, undefined]]);
  assert.equal(placeOf(now, "b", 970), 1);
  assert.equal(placeOf(now, "b", 960), 2 - 1, "beside an equal total the best it may hope for");
  assert.equal(placeOf(now, "b", 100), 2);
});

test("the last of several milestones counts, and an extension of the sheet", () => {
  const period: Body = { milestones: { a: { kind: "sheet", due: "2026-11-20", grace: 2 }, b: { kind: "sheet", due: "2026-11-25" }, c: { kind: "report", due: "2026-12-30" } } };
  assert.deepEqual(dueOf(period, "sheet"), { due: "2026-11-25", grace: 0 });
  assert.equal(dueOf(period, "sheet", { extended_to: "2026-12-01" })?.due, "2026-12-01");
  assert.equal(dueOf(period, "pledge"), undefined);
  assert.equal(over(period, "sheet", {}, "2026-11-25"), undefined);
  assert.ok(over(period, "sheet", {}, "2026-11-26"));
  assert.equal(over(period, "sheet", { extended_to: "2026-12-01" }, "2026-11-26"), undefined);
});

test("what states and rights close is closed on the screen as well", () => {
  const who = (...c: Capacity[]) => new Set(c);
  const open: Body = { state: "open" };
  assert.equal(barsScores(who("staff"), {}, open, "2026-11-22"), undefined);
  assert.equal(barsScores(who("staff"), { state: "returned" }, open, "2026-11-22"), undefined);
  for (const state of ["submitted", "cross_checked", "explained", "rechecked", "verified", "locked", "superseded"]) assert.ok(barsScores(who("staff", "leader"), { state }, open, "2026-11-22"), state);
  assert.ok(barsScores(who("head"), {}, open, "2026-11-22"));
  assert.ok(barsScores(who("staff"), {}, { state: "closed" }, "2026-11-22"));
  assert.equal(barsExplaining(who("staff"), { state: "cross_checked" }, open, "2026-11-22"), undefined);
  assert.ok(barsExplaining(who("staff"), { state: "submitted" }, open, "2026-11-22"));
  const review = (own: boolean, sheet: Body, said: Body, stage: "cross" | "recheck") => barsReviewing(who("head"), own, sheet, said, open, stage, "2026-11-22");
  assert.equal(review(false, { state: "submitted" }, {}, "cross"), undefined);
  assert.ok(review(true, { state: "submitted" }, {}, "cross"));
  assert.ok(review(false, { state: "submitted" }, { state: "sent" }, "cross"));
  assert.equal(review(false, { state: "explained" }, { state: "sent" }, "recheck"), undefined);
  assert.ok(review(false, { state: "cross_checked" }, { state: "sent" }, "recheck"));
});

test("the deputy cross-checks the head's sheet and nobody the own", () => {
  const [cluster, head, deputy] = [id("cluster"), id("h"), id("d")];
  const org = new Org([doc("org", "term", nameID("term", cluster, "2026"), { cluster, year: 2026, head, deputy })]);
  const me = (role: string): Me => ({ person: "p", name: "", grants: [{ role, subject: cluster }] });
  const at = Date.UTC(2026, 10, 22);
  assert.ok(actsFor(me("cluster_head"), head, at, org) && !actsFor(me("cluster_head"), deputy, at, org));
  assert.ok(actsFor(me("cluster_deputy"), deputy, at, org) && !actsFor(me("cluster_deputy"), head, at, org));
});

test("identifiers are those the server gives", () => {
  assert.notEqual(sheetID("u", "p"), sheetID("p", "u"));
  assert.equal(reviewCopyID("c", "s"), nameID("review_copy", "c", "s"));
});
