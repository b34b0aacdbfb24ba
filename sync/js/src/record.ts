// Recording: what a person does becomes a mutation in the queue, in one durable transaction. As ../../client/record.go.

import type { Core } from "./core.ts";
import { diff, seen } from "./edit.ts";
import { encode } from "./mutation.ts";
import { enqueue } from "./queue.ts";
import { heldBy, replicaOf } from "./replica.ts";
import { atomic, touchesTransition } from "./schema.ts";
import type { Tx } from "./store.ts";
import { SyncError, type Body, type Edit, type ID, type Mutation, type Scope, type Value } from "./types.ts";
import { hashOf, normal } from "./value.ts";
import { viewOf } from "./view.ts";

type Present = { type: string; body: Body } | undefined;

export async function create(core: Core, scope: Scope, type: string, body: Body, id?: ID): Promise<ID> {
  const doc = id ?? core.ids.next();
  const clean = normal(body);
  await record(core, scope, doc, (present) => {
    if (present) throw new SyncError("exists", `${type} ${doc}`);
    return { type, create: clean };
  });
  return doc;
}

export async function change(core: Core, scope: Scope, doc: ID, make: (body: Body) => Body | void, attest: boolean): Promise<boolean> {
  return record(core, scope, doc, (present) => {
    if (!present) throw new SyncError("not_found", doc);
    const mine = structuredClone(present.body);
    const after = normal(make(mine) ?? mine);
    const edits = diff(present.body, after, atomic(core.schema, present.type));
    if (edits.length === 0) return undefined;
    const m: Omit<Mutation, "id" | "doc" | "scope"> = { edits: {} };
    for (const e of edits) m.edits = { ...m.edits, [e.path]: [(seen(e.was as Value | undefined) ?? null) as Value | null, e.now ?? null] };
    const transits = edits.some((e: Edit) => touchesTransition(core.schema, present.type, e.path, e.was, e.now));
    if (attest || transits) m.attest = hashOf(present.body);
    return m;
  });
}

export async function remove(core: Core, scope: Scope, doc: ID): Promise<void> {
  await record(core, scope, doc, (present) => {
    if (!present) throw new SyncError("not_found", doc);
    return { delete: hashOf(present.body) };
  });
}

/** Stores the mutation that make returns for a document as seen, undefined for none. Make runs within the transaction and must be quick. */
async function record(
  core: Core, scope: Scope, doc: ID, make: (present: Present) => Omit<Mutation, "id" | "doc" | "scope"> | undefined,
): Promise<boolean> {
  core.closing.signal.throwIfAborted();
  const id = core.ids.next();
  return core.store.write(async (tx: Tx) => {
    const m = make((await viewOf(tx, scope, doc)).seen);
    if (!m) return false;
    const base = await heldBy(tx, await replicaOf(tx, "live", scope), doc);
    const raw = encode({ ...m, id, doc, scope, base: base?.version ?? 0, schema: core.schema?.version ?? 0 });
    await enqueue(tx, { id, scope, doc, raw });
    return true;
  }, "strict");
}
