// The queue: what was recorded, from the moment it was to thirty days after the server took it. As ../../client/queue.go.

import { seqOf } from "./line.ts";
import { replicaOf } from "./replica.ts";
import { beginning, touch, type Entry, type Tx } from "./store.ts";
import type { Ack, ID, Scope } from "./types.ts";
import { byteLength } from "./value.ts";

/** Bounds of what one request carries up. */
export const maxBatch = 500;
const maxBatchBytes = 1 << 20;

/** How long an acknowledged mutation is kept, in case the server loses the history that has it: 30 days. */
export const keepArchived = 30 * 24 * 3600 * 1000;

/** Adds a mutation at the end of the queue. */
export async function enqueue(tx: Tx, m: { id: ID; scope: Scope; doc: ID; raw: string }): Promise<void> {
  await tx.store("mutations").add({ ...m, in: "queue", shown: 1 } as Entry);
  touch(tx, m.scope, m.doc);
  tx.changes.recorded = true;
}

export async function entriesIn(tx: Tx, where: Entry["in"], most?: number): Promise<Entry[]> {
  return tx.store("mutations").index("in").getAll(beginning(where), most);
}

export async function countIn(tx: Tx, where: Entry["in"]): Promise<number> {
  return tx.store("mutations").index("in").count(beginning(where));
}

/** The beginning of the queue, at least one mutation if there is any. */
export async function unsent(tx: Tx, most: number): Promise<Entry[]> {
  const all = await entriesIn(tx, "queue", most);
  let size = 0;
  const end = all.findIndex((e, i) => (size += byteLength(e.raw) + 1) > maxBatchBytes && i > 0);
  return end < 0 ? all : all.slice(0, end);
}

/** What was recorded about a document, or about all of a scope, and is not shown by the replica yet, oldest first. */
export async function shownOver(tx: Tx, scope: Scope, doc?: ID): Promise<Entry[]> {
  const range = doc === undefined ? beginning(1, scope) : beginning(1, scope, doc);
  return tx.store("mutations").index("shown").getAll(range);
}

/** The scope whose cursor must pass the receipt. */
export function concerns(e: Entry): Scope {
  return e.ack?.in ?? e.scope;
}

/** Notes an acknowledgement of a mutation in the queue. */
export async function acknowledge(tx: Tx, e: Entry, ack: Ack, now: number): Promise<void> {
  const stored = await tx.store("mutations").get(e.order);
  if (stored?.in !== "queue") return;
  stored.ack = ack;
  stored.in = "acked";
  if (ack.outcome === "merged" || ack.outcome === "rejected") stored.notice = stored.doc;
  let passed = ack.outcome === "rejected" || ack.seq === 0;
  const scope = concerns(stored);
  const live = await replicaOf(tx, "live", scope);
  if (live && !(await replicaOf(tx, "beside", scope))) passed ||= seqOf(live.cursor) >= ack.seq;
  if (passed) archived(stored, now);
  touch(tx, stored.scope, stored.doc);
  await tx.store("mutations").put(stored);
}

/** Takes a mutation out of the view. */
function archived(e: Entry, now: number): void {
  e.in = "archive";
  e.at = now;
  delete e.shown;
}

/** Archives the acknowledged mutations for which done holds. */
export async function archiveWhere(tx: Tx, now: number, done: (scope: Scope, seq: number) => boolean): Promise<void> {
  for (const e of await entriesIn(tx, "acked")) {
    if (!done(concerns(e), e.ack?.seq ?? 0)) continue;
    archived(e, now);
    touch(tx, e.scope, e.doc);
    await tx.store("mutations").put(e);
  }
}

/** Makes what was acknowledged for a scope since a time wait to be sent again. */
export async function requeue(tx: Tx, scope: Scope, since: number): Promise<void> {
  for (const e of [...(await entriesIn(tx, "acked")), ...(await entriesIn(tx, "archive"))]) {
    if ((e.scope !== scope && concerns(e) !== scope) || (e.at !== undefined && e.at < since)) continue;
    await sendAgain(tx, e);
  }
}

/** Puts what was acknowledged back into the queue, in its old place and exactly as it was. Receipts make repeats harmless. */
export async function sendAgain(tx: Tx, e: Entry): Promise<void> {
  const { ack: _ack, at: _at, notice: _notice, ...again } = e;
  await tx.store("mutations").put({ ...again, in: "queue", shown: 1 });
  touch(tx, e.scope, e.doc);
}

/** Forgets what was archived before a time. */
export async function prune(tx: Tx, before: number): Promise<void> {
  // Entries get into the archive nearly in order: it stops at the first that is younger.
  for (let cursor = await tx.store("mutations").index("in").openCursor(beginning("archive")); cursor; cursor = await cursor.continue()) {
    if ((cursor.value.at ?? 0) >= before) return;
    touch(tx, cursor.value.scope, cursor.value.doc);
    await cursor.delete();
  }
}
