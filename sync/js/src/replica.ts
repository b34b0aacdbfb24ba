// Replicas: the documents of a scope as of a cursor, within one transaction. As ../../client/file.go and segment.go.

import { bodyOf, bring, hexSum, share, shift, type Held, type Own } from "./document.ts";
import { seqOf, type CursorLine, type DocLine } from "./line.ts";
import { all, beginning, touch, type DocRow, type Replica, type Tx } from "./store.ts";
import type { ID, Scope } from "./types.ts";

export async function replicaOf(tx: Tx, role: Replica["role"], scope: Scope): Promise<Replica | undefined> {
  return tx.store("replicas").index("role").get([role, scope]);
}

export async function replicasIn(tx: Tx, role: Replica["role"]): Promise<Replica[]> {
  return tx.store("replicas").index("role").getAll(beginning(role));
}

/** Begins an empty replica; one that was there is removed. */
export async function newReplica(tx: Tx, role: Replica["role"], scope: Scope): Promise<Replica> {
  await removeReplica(tx, role, scope);
  const fresh = { scope, role, sum: hexSum(0n), verified: false } as Replica;
  fresh.number = await tx.store("replicas").add(fresh);
  return fresh;
}

export async function removeReplica(tx: Tx, role: Replica["role"], scope: Scope): Promise<void> {
  const r = await replicaOf(tx, role, scope);
  if (!r) return;
  await all(
    () => tx.store("docs").delete(beginning(r.number)),
    () => tx.store("need").delete(beginning(r.number)),
    () => tx.store("replicas").delete(r.number),
  );
  if (role === "live") tx.changes.scopes.add(scope);
}

/** Puts the replica that grew beside in the place of the live one. */
export async function promote(tx: Tx, r: Replica): Promise<void> {
  await removeReplica(tx, "live", r.scope);
  r.role = "live";
  await tx.store("replicas").put(r);
  tx.changes.scopes.add(r.scope);
}

export async function heldBy(tx: Tx, r: Replica | undefined, id: ID): Promise<DocRow | undefined> {
  return r && tx.store("docs").get([r.number, id]);
}

export async function needsOf(tx: Tx, r: Replica, most?: number): Promise<ID[]> {
  return (await tx.store("need").getAllKeys(beginning(r.number), most)).map(([, id]) => id);
}

/** Takes the checksum from the documents themselves. */
export async function recount(tx: Tx, r: Replica): Promise<bigint> {
  const rows = await tx.store("docs").getAll(beginning(r.number));
  return rows.reduce((sum, row) => shift(sum, share(row.id, row)), 0n);
}

/** What a cursor line closes. */
export interface Segment {
  scope: Scope;
  docs: DocLine[];
  cursor: CursorLine;
}

/** More is to come or was asked for; the replica has the checksum the server named; it has not. */
export type Verdict = "middle" | "verified" | "mismatch";

/**
 * Brings a replica over a segment. Folds are own changes in the order of the queue; audit takes the checksum from the
 * documents themselves, so that damage on disk is noticed and healed like any other mismatch.
 */
export async function applySegment(tx: Tx, r: Replica, seg: Segment, own: Own[], audit: boolean): Promise<Verdict> {
  const news = new Map<ID, { folds: Own[]; lines: DocLine[] }>();
  const of = (id: ID) => {
    const n = news.get(id) ?? { folds: [], lines: [] };
    news.set(id, n);
    return n;
  };
  const from = seqOf(r.cursor);
  const to = seqOf(seg.cursor.cursor);
  for (const o of own) {
    if (o.mutation.scope === r.scope && o.seq > from && o.seq <= to) of(o.mutation.doc).folds.push(o);
  }
  for (const l of seg.docs) of(l.doc).lines.push(l);

  const ids = [...news.keys()];
  const before = await Promise.all(ids.map((id) => heldBy(tx, r, id)));
  let sum = BigInt(`0x${r.sum}`);
  const writes: (() => Promise<unknown>)[] = [];
  ids.forEach((id, i) => {
    const { folds, lines } = news.get(id) as { folds: Own[]; lines: DocLine[] };
    const { after, whole } = bring(before[i], folds, lines);
    if (after !== before[i]) {
      sum = shift(sum, share(id, after), share(id, before[i]));
      writes.push(() => replace(tx, r, id, before[i], after));
    }
    writes.push(() => (whole ? tx.store("need").delete([r.number, id]) : tx.store("need").put({ replica: r.number, id })));
  });
  await all(...writes);

  const exact = seg.cursor.sum !== undefined;
  if (audit && exact) sum = await recount(tx, r);
  let verdict: Verdict = "middle";
  if (exact && (await tx.store("need").count(beginning(r.number))) === 0) {
    verdict = hexSum(sum) === seg.cursor.sum ? "verified" : "mismatch";
  }
  r.sum = hexSum(sum);
  await closeReplica(tx, r, seg.cursor.cursor, verdict === "verified");
  return verdict;
}

/** Writes what is not a document. */
export async function closeReplica(tx: Tx, r: Replica, cursor: string, verified: boolean): Promise<void> {
  r.cursor = cursor;
  if (r.role === "live" && r.verified !== verified) tx.changes.standing.add(r.scope);
  r.verified = verified;
  await tx.store("replicas").put(r);
}

async function replace(tx: Tx, r: Replica, id: ID, before: DocRow | undefined, after: Held | undefined): Promise<void> {
  if (r.role === "live") {
    touch(tx, r.scope, id);
    if (before?.about) touch(tx, "", before.about);
  }
  if (!after) {
    await tx.store("docs").delete([r.number, id]);
    return;
  }
  const row: DocRow = { replica: r.number, id, ...after };
  delete row.about; // of the row that was there
  if (after.type === "conflict" || after.type === "rejection") await kept(tx, r, row);
  await tx.store("docs").put(row);
}

/** Notes which document an open conflict is about; a rejection that somebody has decided needs no notice any more. */
async function kept(tx: Tx, r: Replica, row: DocRow): Promise<void> {
  const body = bodyOf(row);
  const about = String(body["about"] ?? "");
  const open = body["state"] === "open";
  if (row.type === "conflict" && open) row.about = about;
  if (r.role === "live") touch(tx, "", about);
  if (row.type !== "rejection" || open) return;
  const entry = await tx.store("mutations").index("id").get(String(body["mutation"] ?? ""));
  if (!entry?.notice) return;
  delete entry.notice;
  await tx.store("mutations").put(entry);
}
