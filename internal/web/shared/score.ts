// Adding points up and judging those somebody types. As
// ../../emulation/score.go: what counts here counts there.

import type { Body, Text } from "thidua-sync";
import { type Criterion, criteriaOf } from "./criteria.ts";
import { points } from "./format.ts";
import { inOrder, obj, str } from "./value.ts";

/** Points in hundredths. `bonus` and `penalty` are what was given; `total` counts no more of them than the criteria allow. */
export interface Score {
  base: number;
  first: number;
  bonus: number;
  penalty: number;
  total: number;
  capped: boolean;
  floored: boolean;
}

/**
 * For each criterion the verified value counts where there is one, else the rechecked, else the cross-checked, else the
 * unit's own; the same goes for bonus and penalty. Entries of criteria that the set does not have are left out.
 */
export function scoreOf(set: Body, sheet: Body, review?: Body, verification?: Body): Score {
  const s: Score = { base: 0, first: 0, bonus: 0, penalty: 0, total: 0, capped: false, floored: false };
  const papers = [verification, review, sheet].map((paper) => obj(paper ?? {}, "entries"));
  const first = inOrder(obj(set, "sections"))[0]?.key ?? "";
  const criteria = obj(set, "criteria");
  for (const key of Object.keys(criteria)) {
    const entries = papers.map((p) => obj(p, key));
    const base = prefer(entries, "verified", "recheck", "cross", "self");
    s.base += base;
    if (str(obj(criteria, key), "section") === first) s.first += base;
    s.bonus += prefer(entries, "bonus");
    s.penalty += prefer(entries, "penalty");
  }
  let { bonus, penalty } = s;
  const { bonus_cap: cap, penalty_floor: floor } = set;
  if (typeof cap === "number" && bonus > cap) [bonus, s.capped] = [cap, true];
  if (typeof floor === "number" && penalty > -floor) [penalty, s.floored] = [-floor, true];
  s.total = s.base + bonus - penalty;
  return s;
}

/** The first value there is, papers before fields. */
function prefer(papers: readonly Body[], ...fields: string[]): number {
  for (const paper of papers) {
    for (const f of fields) {
      const v = paper[f];
      if (typeof v === "number") return v;
    }
  }
  return 0;
}

/** A fault in both languages with the values it names. */
export type ScoreFault = { text: Text; values?: Record<string, string> };

/** Why points of a stage cannot stand by their criterion. The unit's own keep to what the type asks; reviewers judge freely up to the maximum. */
export function scoreFault(c: Criterion, field: "self" | "cross" | "recheck" | "verified" | "bonus" | "penalty", n: number): ScoreFault | undefined {
  const most = field === "bonus" ? c.bonusMax : field === "penalty" ? c.penaltyMax : c.max;
  if (n < 0 || n > most) return { text: { vi: "Điểm phải từ 0 đến {most}.", en: "Points lie between 0 and {most}." }, values: { most: points(most) } };
  if (field !== "self") return undefined;
  if (c.type === "achieved" && c.levels.length > 0 && !c.levels.includes(n)) {
    return { text: { vi: "Chỉ nhận một trong các mức: {levels}.", en: "It is one of the levels: {levels}." }, values: { levels: c.levels.map(points).join("; ") } };
  }
  if (c.type === "count" && c.each > 0 && n % c.each !== 0 && n !== c.max) {
    return { text: { vi: "Điểm là bội số của {each}, hoặc mức tối đa {most}.", en: "Points are a multiple of {each}, or the maximum {most}." }, values: { each: points(c.each), most: points(most) } };
  }
  return undefined;
}

/** The criteria whose own points cannot stand, as they may after the criteria were replaced. */
export function faulty(sheet: Body, set: Body): Criterion[] {
  const entries = obj(sheet, "entries");
  return criteriaOf(set).filter((c) =>
    (["self", "bonus", "penalty"] as const).some((f) => {
      const n = obj(entries, c.key)[f];
      return typeof n === "number" && scoreFault(c, f, n) !== undefined;
    }),
  );
}

/** Measured criteria that have points without what was reached: with any a sheet cannot be submitted. */
export function unmeasured(sheet: Body, set: Body): Criterion[] {
  const entries = obj(sheet, "entries");
  return criteriaOf(set).filter((c) => c.measure && obj(entries, c.key).self !== undefined && !str(obj(entries, c.key), "actual"));
}

/** Criteria whose points of a former set are kept and that were not scored again: with any a sheet cannot be submitted. */
export function awaitsReentry(sheet: Body, set: Body): Criterion[] {
  const entries = obj(sheet, "entries");
  return criteriaOf(set).filter((c) => obj(entries, c.key).former !== undefined && obj(entries, c.key).self === undefined);
}

/** Criteria with a bonus or a penalty and no word why. The server takes them; the reviewers will ask. */
export function unreasoned(sheet: Body, set: Body): Criterion[] {
  const entries = obj(sheet, "entries");
  return criteriaOf(set).filter((c) => needsReason(obj(entries, c.key)) && !str(obj(entries, c.key), "reason"));
}

export function needsReason(entry: Body): boolean {
  return [entry.bonus, entry.penalty].some((n) => typeof n === "number" && n > 0);
}

/** How many criteria have points of the unit's own. */
export function progress(sheet: Body, set: Body): { done: number; all: number } {
  const all = criteriaOf(set);
  const entries = obj(sheet, "entries");
  return { done: all.filter((c) => obj(entries, c.key).self !== undefined).length, all: all.length };
}
