// What people are shown: the replica with everything recorded here on top. As ../../client/view.go.

import { bodyOf, over } from "./document.ts";
import { shownOver } from "./queue.ts";
import { heldBy, replicaOf, replicasIn } from "./replica.ts";
import { beginning, mutationOf, type DocRow, type Entry, type Tx } from "./store.ts";
import type { Body, Doc, DocStatus, ID, Query, Scope } from "./types.ts";

/** A document as seen, with what its status follows from. */
export interface Shown {
  scope: Scope;
  id: ID;
  version: number;
  seen: { type: string; body: Body } | undefined;
  unsent: number;
  pending: number;
  refused: boolean;
  merged: boolean;
  conflicts: ID[];
}

/** Lays what is pending over what the server said about one document. */
export async function viewOf(tx: Tx, scope: Scope, id: ID): Promise<{ row: DocRow | undefined; entries: Entry[]; seen: Shown["seen"] }> {
  const [row, entries] = await Promise.all([
    replicaOf(tx, "live", scope).then((r) => heldBy(tx, r, id)),
    shownOver(tx, scope, id),
  ]);
  return { row, entries, seen: layered(row, entries) };
}

function layered(row: DocRow | undefined, entries: Entry[]): Shown["seen"] {
  const held: Shown["seen"] = row && { type: row.type, body: bodyOf(row) };
  return entries.reduce((d, e) => over(d, mutationOf(e)), held);
}

/** One document with all its status follows from. */
export async function showOne(tx: Tx, scope: Scope, id: ID): Promise<Shown> {
  const [{ row, entries, seen }, abouts, notices, live] = await Promise.all([
    viewOf(tx, scope, id),
    tx.store("docs").index("about").getAll(id),
    tx.store("mutations").index("notice").getAll(id),
    replicasIn(tx, "live"),
  ]);
  const numbers = new Set(live.map((r) => r.number));
  return shown(scope, id, row, seen, entries, abouts.filter((c) => numbers.has(c.replica)).map((c) => c.id), notices);
}

function shown(scope: Scope, id: ID, row: DocRow | undefined, seen: Shown["seen"], entries: Entry[], conflicts: ID[], notices: Entry[]): Shown {
  return {
    scope, id, seen, conflicts,
    version: row?.version ?? 0,
    unsent: entries.filter((e) => e.in === "queue").length,
    pending: entries.length,
    refused: notices.some((e) => e.ack?.outcome === "rejected"),
    merged: notices.some((e) => e.ack?.outcome === "merged"),
  };
}

/** Everything a query may show, `where` aside. */
export async function showAll(tx: Tx, query: Query): Promise<Shown[]> {
  const [live, conflictRows, noticed] = await Promise.all([
    replicasIn(tx, "live"),
    tx.store("docs").index("about").getAll(),
    tx.store("mutations").index("notice").getAll(),
  ]);
  const numbers = new Set(live.map((r) => r.number));
  const conflicts = groupBy(conflictRows.filter((c) => numbers.has(c.replica)), (c) => c.about ?? "");
  const notices = groupBy(noticed, (e) => e.notice ?? "");
  const scopes = some(query.scope);
  const all = await tx.store("mutations").index("shown").getAll(beginning(1));
  const entries = groupBy(all.filter((e) => !scopes || scopes.has(e.scope)), (e) => `${e.scope} ${e.doc}`);

  const out: Shown[] = [];
  const types = some(query.type);
  const ids = some(query.id);
  const add = (scope: Scope, id: ID, row: DocRow | undefined, mine: Entry[]) => {
    const seen = layered(row, mine);
    if (!seen || (types && !types.has(seen.type))) return;
    out.push(shown(scope, id, row, seen, mine, (conflicts.get(id) ?? []).map((c) => c.id), notices.get(id) ?? []));
  };
  for (const r of live) {
    if (scopes && !scopes.has(r.scope)) continue;
    for (const row of await rowsOf(tx, r.number, types, ids)) {
      const key = `${r.scope} ${row.id}`;
      add(r.scope, row.id, row, entries.get(key) ?? []);
      entries.delete(key);
    }
  }
  for (const mine of entries.values()) { // made here, and unknown to the replica
    const first = mine[0] as Entry;
    if (!ids || ids.has(first.doc)) add(first.scope, first.doc, undefined, mine);
  }
  return out;
}

async function rowsOf(tx: Tx, replica: number, types?: Set<string>, ids?: Set<ID>): Promise<DocRow[]> {
  if (ids) return (await Promise.all([...ids].map((id) => tx.store("docs").get([replica, id])))).filter((row) => row !== undefined);
  if (!types) return tx.store("docs").getAll(beginning(replica));
  return (await Promise.all([...types].map((t) => tx.store("docs").index("type").getAll([replica, t])))).flat();
}

/** Whether a query asks for what is at a place. */
export function asksPlace(query: Query, scope: Scope, id: ID): boolean {
  return (some(query.scope)?.has(scope) ?? true) && (some(query.id)?.has(id) ?? true);
}

export function asksType(query: Query, type: string): boolean {
  return some(query.type)?.has(type) ?? true;
}

/** The public face of a document; undefined if there is none. */
export function docOf(s: Shown, verified: ReadonlySet<Scope>): Doc | undefined {
  if (!s.seen) return undefined;
  return {
    id: s.id, scope: s.scope, type: s.seen.type, version: s.version, body: s.seen.body,
    status: statusOf(s, verified), pending: s.pending, conflicts: s.conflicts,
  };
}

export function statusOf(s: Shown, verified: ReadonlySet<Scope>): DocStatus {
  if (s.conflicts.length > 0) return "conflict";
  if (s.refused) return "refused";
  if (s.unsent > 0) return "waiting";
  if (s.pending > 0 || !verified.has(s.scope)) return "sent";
  return s.merged ? "merged" : "synced";
}

/** The scopes whose live replica is proved equal to the server's and is not about to be replaced. */
export async function verifiedScopes(tx: Tx): Promise<Set<Scope>> {
  const [live, beside] = await Promise.all([replicasIn(tx, "live"), replicasIn(tx, "beside")]);
  const verified = new Set(live.filter((r) => r.verified).map((r) => r.scope));
  for (const r of beside) verified.delete(r.scope);
  return verified;
}

/** Filters and sorts what a query shows. */
export function arrange(query: Query, docs: Doc[]): Doc[] {
  const kept = query.where ? docs.filter(query.where) : docs;
  return kept.sort(query.sort ?? ((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.scope < b.scope ? -1 : 1)));
}

function some<T extends string>(wanted: T | readonly T[] | undefined): Set<T> | undefined {
  return wanted === undefined ? undefined : new Set(typeof wanted === "string" ? [wanted] : wanted);
}

function groupBy<T>(all: T[], key: (t: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const t of all) {
    const k = key(t);
    const group = groups.get(k);
    if (group) group.push(t);
    else groups.set(k, [t]);
  }
  return groups;
}
