// One vote as counted, and whether it passed. As internal/emulation/tally.go.

import type { Body } from "thidua-sync";
import { num } from "./value.ts";

export interface Tally { for: number; against: number; abstain: number; invalid: number; returned: number; issued: number }

export const TALLY_KEYS = ["issued", "returned", "for", "against", "abstain", "invalid"] as const;

/** Reads a tally from a body; undefined where none was counted. */
export function tallyOf(b: Body): Tally | undefined {
  if (Object.keys(b).length === 0) return undefined;
  const n = (key: string) => num(b, key) ?? 0;
  return { for: n("for"), against: n("against"), abstain: n("abstain"), invalid: n("invalid"), returned: n("returned"), issued: n("issued") };
}

/** What was said about each ballot paper that came back. */
export function counted(t: Tally): number {
  return t.for + t.against + t.abstain + t.invalid;
}

/**
 * The first thing wrong with a tally among so many people: `negative`, `sum` (for + against + abstain + invalid is not
 * what came back), `returned` (more came back than were issued) or `present` (more were issued than people were there).
 * The server refuses the first three; the last only when the minutes are signed, because the list of those present
 * may still be on another phone.
 */
export function tallyFault(t: Tally, present: number): "negative" | "sum" | "returned" | "present" | undefined {
  if (TALLY_KEYS.some((k) => t[k] < 0)) return "negative";
  if (counted(t) !== t.returned) return "sum";
  if (t.returned > t.issued) return "returned";
  if (t.issued > present) return "present";
  return undefined;
}

/** Whether more than half of those present voted for it; who abstains counts against. */
export function passed(t: Tally, present: number): boolean {
  return present > 0 && t.for > present - t.for;
}

/** A show of hands in which everybody present agreed. */
export function unanimous(present: number): Tally {
  return { for: present, against: 0, abstain: 0, invalid: 0, returned: present, issued: present };
}
