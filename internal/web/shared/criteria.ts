// A criteria set as it is printed: sections in order, each with its criteria.
// As ../../emulation/criteria.go.

import type { Body } from "thidua-sync";
import { inOrder, num, obj, str } from "./value.ts";

export interface Criterion {
  /** In the set and in the entries of sheets; `code` is what is printed. */
  key: string;
  code: string;
  title: string;
  type: string;
  /** In hundredths, as all points. */
  max: number;
  levels: number[];
  /** 0: the criterion does not count by results. */
  each: number;
  /** "": what was reached need not be stated. */
  measure: string;
  bonusMax: number;
  penaltyMax: number;
}

export interface Section {
  key: string;
  title: string;
  max: number;
  criteria: Criterion[];
}

export function criterionOf(set: Body, key: string): Criterion | undefined {
  const criteria = obj(set, "criteria");
  if (!Object.hasOwn(criteria, key)) return undefined;
  const c = obj(criteria, key);
  return {
    key,
    code: str(c, "code"),
    title: str(c, "title"),
    type: str(c, "type"),
    max: num(c, "max") ?? 0,
    levels: numbers(c, "levels"),
    each: num(c, "each") ?? 0,
    measure: str(c, "measure"),
    bonusMax: num(c, "bonus_max") ?? 0,
    penaltyMax: num(c, "penalty_max") ?? 0,
  };
}

function numbers(b: Body, key: string): number[] {
  const v = b[key];
  return Array.isArray(v) ? v.filter((n) => typeof n === "number") : [];
}

/** Equal orders follow the key, here as on the server. */
export function sectionsOf(set: Body): Section[] {
  const criteria = inOrder(obj(set, "criteria"));
  return inOrder(obj(set, "sections")).map(({ key, entry }) => ({
    key,
    title: str(entry, "title"),
    max: num(entry, "max") ?? 0,
    criteria: criteria.filter((c) => str(c.entry, "section") === key).map((c) => criterionOf(set, c.key) as Criterion),
  }));
}

export function criteriaOf(set: Body): Criterion[] {
  return sectionsOf(set).flatMap((s) => s.criteria);
}
