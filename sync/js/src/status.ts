// How far device and server agree. As Status in ../../client/view.go.

import type { Core } from "./core.ts";
import { countIn } from "./queue.ts";
import { replicasIn } from "./replica.ts";
import { getMeta } from "./store.ts";
import type { Status } from "./types.ts";

export async function readStatus(core: Core): Promise<Status> {
  return core.store.read(async (tx) => {
    const [unsent, acked, live, beside, tokens, contact, offset, tooOld, revoked, bytes, problem, stuck] = await Promise.all([
      countIn(tx, "queue"), countIn(tx, "acked"), replicasIn(tx, "live"), replicasIn(tx, "beside"),
      getMeta(tx, "tokens"), getMeta(tx, "contact"), getMeta(tx, "offset"), getMeta(tx, "tooOld"), getMeta(tx, "revoked"),
      getMeta(tx, "bytes"), getMeta(tx, "problem"), getMeta(tx, "stuck"),
    ]);
    const scopes = live.map((r) => r.scope);
    const unverified = live.filter((r) => !r.verified).map((r) => r.scope);
    const rebuilding = beside.map((r) => r.scope);
    const pending = unsent + acked;
    return {
      unsent, pending, scopes, unverified, rebuilding,
      stuck: (stuck ?? []).filter((s) => scopes.includes(s)),
      contact: contact ?? 0,
      offset: offset ?? 0,
      synced: !!contact && pending === 0 && unverified.length === 0 && rebuilding.length === 0,
      signedIn: !!tokens?.refresh,
      person: tokens?.person ?? "",
      device: tokens?.device ?? "",
      tooOld: tooOld ?? false,
      revoked: revoked ?? false,
      syncing: core.tabs.anySyncing,
      bytesUp: bytes?.up ?? 0,
      bytesDown: bytes?.down ?? 0,
      ...(problem ? { problem } : {}),
    };
  });
}
