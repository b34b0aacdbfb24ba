// The unit's own numbers beside the official ones, criterion by criterion, from
// the papers on the device. As ../../emulation/reconcile.go.

import type { Body } from "thidua-sync";
import { type Criterion, criteriaOf } from "./criteria.ts";
import { type Score, scoreOf } from "./score.ts";
import { num, obj, str } from "./value.ts";

export const stages = ["self", "cross", "recheck", "verified"] as const;
export type Stage = (typeof stages)[number];

export interface Comparison {
  criterion: Criterion;
  /** What stands at each stage; absent where nobody wrote anything. */
  at: Partial<Record<Stage, number>>;
  own: Points;
  official: Points;
  /** That the official points come from. */
  stage: Stage;
  differs: boolean;
  /** Given by whoever wrote the official points. */
  reason: string;
}

export interface Points {
  scored: boolean;
  base: number;
  bonus: number;
  penalty: number;
}

export interface Reconciliation {
  rows: Comparison[];
  differ: number;
  own: Score;
  official: Score;
}

/** Review is one that was sent, or the copy of one; verification one that was sent. */
export function reconcile(set: Body, sheet: Body, review?: Body, verification?: Body): Reconciliation {
  const entry = (paper: Body | undefined, key: string) => obj(obj(paper ?? {}, "entries"), key);
  const rows = criteriaOf(set).map((c) => compare(c, entry(sheet, c.key), entry(review, c.key), entry(verification, c.key)));
  return { rows, differ: rows.filter((r) => r.differs).length, own: scoreOf(set, sheet), official: scoreOf(set, sheet, review, verification) };
}

function compare(criterion: Criterion, self: Body, cross: Body, verified: Body): Comparison {
  const own: Points = { scored: typeof self.self === "number", base: num(self, "self") ?? 0, bonus: num(self, "bonus") ?? 0, penalty: num(self, "penalty") ?? 0 };
  const row: Comparison = { criterion, at: own.scored ? { self: own.base } : {}, own, official: { ...own }, stage: "self", differs: false, reason: "" };
  for (const [stage, from] of [["cross", cross], ["recheck", cross], ["verified", verified]] as const) {
    const n = from[stage];
    if (typeof n !== "number") continue;
    row.at[stage] = n;
    row.stage = stage;
    row.official = { ...row.official, scored: true, base: n };
    row.reason = str(from, "reason");
  }
  for (const from of [cross, verified]) {
    // the later word counts
    if (typeof from.bonus === "number") row.official.bonus = from.bonus;
    if (typeof from.penalty === "number") row.official.penalty = from.penalty;
  }
  const { own: o, official: f } = row;
  row.differs = o.scored !== f.scored || o.base !== f.base || o.bonus !== f.bonus || o.penalty !== f.penalty;
  return row;
}
