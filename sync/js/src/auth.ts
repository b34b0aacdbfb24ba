// Signing in, and tokens. As ../../client/auth.go.

import type { Core } from "./core.ts";
import { callJSON, retriable } from "./http.ts";
import { countIn } from "./queue.ts";
import { all, getMeta, putMeta, type Tokens, type Tx } from "./store.ts";
import { SyncError, type ID } from "./types.ts";

/** How long before the end of an access token it is replaced, milliseconds. */
const freshenBefore = 30_000;

export async function signIn(core: Core, path: "/v1/enrol" | "/v1/sign-in", body: Record<string, string>): Promise<void> {
  const { signal } = core.closing;
  await core.tabs.alone("tokens", signal, async () => {
    const device = await deviceOf(core);
    const { value, date } = await callJSON(core.config, "POST", path, "", { ...body, device, platform: core.config.platform }, signal);
    const next = tokensIn(value, path);
    await core.store.write(async (tx) => {
      const before = await getMeta(tx, "tokens");
      if (before?.person && before.person !== next.person) throw new SyncError("other_person", "the database holds somebody else's work");
      await keep(core, tx, next, date);
      await putMeta(tx, "revoked", false);
      await tx.store("meta").delete("problem");
    }, "strict");
  });
  core.tabs.tell({ wake: true });
}

/**
 * The identifier of this installation. It is on disk before it is first sent, so that repeating a sign-in whose answer
 * was lost makes no second device.
 */
async function deviceOf(core: Core): Promise<ID> {
  const fresh = core.ids.next();
  return core.store.write(async (tx) => {
    const device = await getMeta(tx, "device");
    if (device) return device;
    await putMeta(tx, "device", fresh);
    return fresh;
  }, "strict");
}

export async function signOut(core: Core): Promise<void> {
  const { signal } = core.closing;
  await core.tabs.alone("tokens", signal, async () => {
    const t = await core.store.read((tx) => getMeta(tx, "tokens"));
    if (!t?.access) return;
    try {
      await callJSON(core.config, "POST", "/v1/sign-out", t.access, {}, signal);
    } catch (e) {
      if (!(e instanceof SyncError) || e.status !== 401) throw e;
    }
    await core.store.write((tx) => forgetTokens(tx), "strict");
  });
}

/** Signs out on the device; who and which device it was stays known. */
async function forgetTokens(tx: Tx): Promise<void> {
  const t = await getMeta(tx, "tokens");
  if (t) await putMeta(tx, "tokens", { ...t, access: "", refresh: "", expires: 0 });
}

/** An access token that is good for a while; refreshed if need be. Rejects with `signed_out`, `revoked`, or what the server says. */
export async function access(core: Core, signal: AbortSignal): Promise<string> {
  const [t, offset] = await core.store.read(async (tx) => [await getMeta(tx, "tokens"), await getMeta(tx, "offset")] as const);
  if (!t?.refresh) throw await signedOut(core);
  if (t.access && core.config.now() + (offset ?? 0) < t.expires - freshenBefore) return t.access;
  try {
    return await refresh(core, t.access, signal);
  } catch (e) {
    if (t.access && retriable(e)) return t.access; // it may still be good: the clock of the device says little
    throw e;
  }
}

async function signedOut(core: Core): Promise<SyncError> {
  const revoked = await core.store.read((tx) => getMeta(tx, "revoked"));
  return new SyncError(revoked ? "revoked" : "signed_out", "sign in first");
}

/**
 * Gets a new pair of tokens in place of an access token that is of no use, unless another tab has done so. The new
 * refresh token is on disk before anything is used; if the answer is lost the old one is still there and is presented
 * again, which the server allows until its successor has been used.
 */
export async function refresh(core: Core, stale: string, signal: AbortSignal): Promise<string> {
  return core.tabs.alone("tokens", signal, async () => {
    const old = await core.store.read((tx) => getMeta(tx, "tokens"));
    if (!old?.refresh) throw await signedOut(core);
    if (old.access && old.access !== stale) return old.access;
    try {
      const { value, date } = await callJSON(core.config, "POST", "/v1/refresh", "", { device: old.device, refresh: old.refresh }, signal);
      const next = tokensIn(value, "/v1/refresh");
      await core.store.write((tx) => keep(core, tx, next, date), "strict");
      return next.access;
    } catch (e) {
      throw await refused(core, e);
    }
  });
}

function tokensIn(value: unknown, path: string): Tokens {
  const t = value as Partial<Tokens> | undefined;
  if (!t?.access || !t.refresh || !t.person || !t.device) throw new SyncError("offline", `${path}: the answer holds no tokens`);
  return { access: t.access, refresh: t.refresh, expires: Number(t.expires ?? 0), person: t.person, device: t.device };
}

async function keep(core: Core, tx: Tx, t: Tokens, date: number): Promise<void> {
  await putMeta(tx, "tokens", t);
  if (!Number.isNaN(date)) await putMeta(tx, "offset", date - core.config.now());
}

/** What a refusal to know this device means for what is on it, and the error to pass on. */
export async function refused(core: Core, e: unknown): Promise<unknown> {
  if (!(e instanceof SyncError) || e.status !== 401) return e;
  if (e.code !== "device_revoked") return new SyncError("signed_out", e.message, { text: e.text as NonNullable<typeof e.text>, status: 401 });
  await revoke(core);
  return new SyncError("revoked", e.message, { text: e.text as NonNullable<typeof e.text>, status: 401 });
}

/**
 * The device was signed out from the console. What the server has goes from it at once; what it has not taken stays in
 * the queue until somebody signs in. With nothing unsent everything goes.
 */
export async function revoke(core: Core): Promise<void> {
  await core.store.write(async (tx) => {
    if ((await countIn(tx, "queue")) === 0) return wipe(tx);
    await all(...(["replicas", "docs", "need", "guard"] as const).map((name) => () => tx.store(name).clear()));
    for (let c = await tx.store("mutations").openCursor(); c; c = await c.continue()) {
      if (c.value.in !== "queue") await c.delete();
    }
    await forgetTokens(tx);
    await putMeta(tx, "revoked", true);
    tx.changes.wiped = true;
  }, "strict");
}

/** Removes everything; only that it happened stays known. */
async function wipe(tx: Tx): Promise<void> {
  await wipeAll(tx);
  await putMeta(tx, "revoked", true);
}

export async function wipeAll(tx: Tx): Promise<void> {
  await all(...(["meta", "mutations", "replicas", "docs", "need", "guard"] as const).map((name) => () => tx.store(name).clear()));
  tx.changes.wiped = true;
}
