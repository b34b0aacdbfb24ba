// Rankings as they were recorded, and the computation of one for those who have
// the papers of all members. As ../../emulation/{standing,ranking,tie}.go.

import { nameID, type Body, type Doc, type ID } from "thidua-sync";
import type { Org } from "./org.ts";
import { type Score, scoreOf } from "./score.ts";
import { asBody, num, obj, str } from "./value.ts";

export interface Row {
  unit: ID;
  /** 0: the unit has no sheet. */
  rank: number;
  total: number | undefined;
  /** The step that decided between this row and one of equal total, `shared` if none did, "" if there was none. */
  tie: string;
}

/** Of announced rankings, newest first: by the end of their period, then by sequence. */
export function recorded(rankings: readonly Doc[], org: Org, cluster: ID): Doc[] {
  const end = (d: Doc) => str(org.find("period", str(d.body, "period"))?.body, "to");
  return rankings
    .filter((d) => d.type === "ranking" && d.scope === `cluster:${cluster}` && str(d.body, "state") !== "" && str(d.body, "state") !== "provisional")
    .sort((a, b) => end(b).localeCompare(end(a)) || (num(b.body, "seq") ?? 0) - (num(a.body, "seq") ?? 0));
}

/** The newest that was not superseded, of one period or of all. */
export function lastAnnounced(newestFirst: readonly Doc[], period?: ID): Doc | undefined {
  return newestFirst.find((d) => (!period || str(d.body, "period") === period) && str(d.body, "state") !== "superseded");
}

/** By rank; units without a sheet last. */
export function rowsOf(ranking: Body): Row[] {
  return Object.entries(obj(ranking, "rows"))
    .map(([unit, v]) => {
      const row = asBody(v);
      return { unit, rank: num(row, "rank") ?? 0, total: row.scored === true ? (num(row, "score") ?? 0) : undefined, tie: str(row, "tie") };
    })
    .sort((a, b) => (a.rank || Infinity) - (b.rank || Infinity) || (a.unit < b.unit ? -1 : 1));
}

/** How many places up a unit has come since an earlier ranking; undefined where one of the two does not rank it. */
export function movement(row: Row, before: readonly Row[] | undefined): number | undefined {
  const was = before?.find((r) => r.unit === row.unit)?.rank;
  return was && row.rank ? was - row.rank : undefined;
}

/** Where the unit would stand with another total among the rows. Beside an equal total it is the best it may hope for. */
export function placeOf(rows: readonly Row[], unit: ID, total: number): number {
  return 1 + rows.filter((r) => r.unit !== unit && r.total !== undefined && r.total > total).length;
}

/** A row while it is computed. */
export interface Scored {
  unit: ID;
  score: Score | undefined;
  /** In a vote on the tie. */
  ballots: number | undefined;
  rank: number;
  tie: string;
}

/**
 * The ranking of a cluster in a period from live documents: of the cluster, its desk, and the desks of all that were
 * members when the period began. Neither names nor times decide between equals.
 */
export function rank(org: Org, cluster: ID, period: ID, docs: readonly Doc[]): Scored[] {
  const p = org.find("period", period)?.body;
  if (!p) return [];
  const byID = new Map(docs.map((d) => [d.id, d]));
  const sent = (type: string, id: ID) => {
    const d = byID.get(id);
    return d?.type === type && str(d.body, "state") === "sent" ? d.body : undefined;
  };
  const votes = ballots(period, docs);
  const rows = org.members(cluster, str(p, "from")).map((unit): Scored => {
    const sheet = byID.get(nameID("sheet", unit, period));
    const set = org.find("criteria", str(sheet?.body, "criteria"))?.body;
    const counts = sheet && set && str(sheet.body, "cluster") === cluster && str(sheet.body, "state") !== "superseded";
    const score = counts ? scoreOf(set, sheet.body, sent("review", nameID("review", sheet.id)), sent("verification", nameID("verification", sheet.id))) : undefined;
    return { unit, score, ballots: score && votes.get(unit), rank: 0, tie: "" };
  });
  const steps = org.find("criteria", str(p, "criteria"))?.body.tie_break;
  return rankRows(rows, Array.isArray(steps) ? steps.filter((s) => typeof s === "string") : []);
}

/** Votes by unit in the last meeting on the period that voted on a tie. */
function ballots(period: ID, docs: readonly Doc[]): Map<ID, number> {
  let last = { on: "", id: "", votes: new Map<ID, number>() };
  for (const d of docs) {
    if (d.type !== "meeting" || str(d.body, "reviewed_period") !== period) continue;
    const votes = new Map<ID, number>();
    for (const v of Object.values(obj(d.body, "ballots"))) {
      const b = asBody(v);
      const unit = str(b, "unit");
      if (str(b, "kind") === "tie_break" && unit && b.tally !== undefined) votes.set(unit, (votes.get(unit) ?? 0) + (num(obj(b, "tally"), "for") ?? 0));
    }
    const on = str(d.body, "held_on");
    if (votes.size > 0 && (on > last.on || (on === last.on && d.id > last.id))) last = { on, id: d.id, votes };
  }
  return last.votes;
}

/** By total, then within equal totals by the steps in order; rows that stay equal share a rank (1-2-2-4). */
export function rankRows(rows: readonly Scored[], steps: readonly string[]): Scored[] {
  const scored = rows.filter((r) => r.score).map((r) => ({ ...r }));
  const rest = rows.filter((r) => !r.score).map((r) => ({ ...r }));
  const byUnit = (a: Scored, b: Scored) => (a.unit < b.unit ? -1 : 1);
  scored.sort((a, b) => b.score!.total - a.score!.total || byUnit(a, b));
  const ranked = groups(scored, (r) => r.score!.total).flatMap(([at, equal]) => settle(equal, at + 1, steps));
  return [...ranked, ...rest.sort(byUnit)];
}

/** Neighbours of one value, each group with the place it begins at. */
function groups(rows: Scored[], of: (r: Scored) => number): [number, Scored[]][] {
  const found: [number, Scored[]][] = [];
  rows.forEach((row, i) => {
    const last = found.at(-1)?.[1];
    if (last && of(last[0]!) === of(row)) last.push(row);
    else found.push([i, [row]]);
  });
  return found;
}

/** A step that divides equals divides all of them; what it leaves together goes on to the next. */
function settle(rows: Scored[], at: number, steps: readonly string[]): Scored[] {
  const [step, ...more] = steps;
  if (rows.length === 1) return [Object.assign(rows[0]!, { rank: at })];
  if (step === undefined) return rows.map((r) => Object.assign(r, { rank: at, tie: "shared" }));
  if (step === "ballots" && rows.some((r) => r.ballots === undefined)) return settle(rows, at, more);
  const sorted = [...rows].sort((a, b) => merit(b, step) - merit(a, step));
  const parts = groups(sorted, (r) => merit(r, step));
  if (parts.length === 1) return settle(rows, at, more);
  return parts.flatMap(([i, equal]) => {
    for (const r of equal) r.tie = step;
    return settle(equal, at + i, more);
  });
}

function merit(r: Scored, step: string): number {
  switch (step) {
    case "base":
      return r.score!.base;
    case "first_section":
      return r.score!.first;
    case "penalties":
      return -r.score!.penalty;
    case "ballots":
      return r.ballots ?? 0;
  }
  return 0;
}
