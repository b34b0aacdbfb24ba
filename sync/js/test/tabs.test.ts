// Several tabs on one database.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client, Doc, Options } from "../src/index.ts";
import { freshName, Locks, phone, shortSleep, until } from "./support/phones.ts";
import { StandIn, unit } from "./support/stand-in.ts";

const limit = { timeout: 20_000 };

async function tabs(server: StandIn, n: number, more: Partial<Options> = {}): Promise<Client[]> {
  const name = freshName();
  const locks = new Locks();
  const all = await Promise.all(Array.from({ length: n }, () => phone({ name, locks, fetch: server.fetch, ...more })));
  await all[0]?.enrol("12345-67890", "Điện thoại");
  return all;
}

/** Every mutation was sent in one request only. */
function sentOnce(server: StandIn): void {
  const sent = server.requests.flatMap((r) => (r.mutations ?? []).map((m) => m.id));
  assert.equal(sent.length, new Set(sent).size);
}

test("two tabs that sync at once send nothing twice", limit, async () => {
  const server = new StandIn();
  const [a, b] = await tabs(server, 2) as [Client, Client];
  await Promise.all([a, b].flatMap((c, i) => [1, 2, 3].map((n) => c.create(unit, "note", { title: `${i}.${n}` }))));
  await Promise.all([a.sync(), b.sync(), a.sync(), b.sync()]);
  sentOnce(server);
  assert.equal(server.log(unit).docs.size, 6);
  assert.ok((await b.status()).synced);
  assert.equal((await b.checksum(unit))?.sum, server.sum(unit));
  await Promise.all([a.close(), b.close()]);
});

test("tabs without locks repeat one another's work at worst", limit, async () => {
  const server = new StandIn();
  server.perSegment = 1;
  const [a, b] = await tabs(server, 2, { locks: { request: ((_: string, __: unknown, work: () => unknown) => work()) as LockManager["request"] } }) as [Client, Client];
  for (let round = 0; round < 10; round++) {
    await Promise.all([a, b].map((c) => c.create(unit, "note", { round })));
    server.put(unit, `019cac0f-2680-7001-9490-${String(round).padStart(12, "0")}`, "note", { round });
    await Promise.all([a.sync(), b.sync()]);
  }
  await a.sync();
  assert.equal(server.log(unit).docs.size, 30);
  assert.ok((await a.status()).synced);
  assert.equal((await a.checksum(unit))?.sum, server.sum(unit));
  assert.equal((await b.recorded({ state: "done" })).length, 20);
  await Promise.all([a.close(), b.close()]);
});

test("one tab sees what another records and syncs", limit, async () => {
  const server = new StandIn();
  const [a, b] = await tabs(server, 2) as [Client, Client];
  let seen: Doc[] = [];
  let synced = false;
  b.observe({ scope: unit }, (docs) => (seen = docs));
  b.observeStatus((s) => (synced = s.synced));
  const id = await a.create(unit, "note", { title: "a" });
  await until(() => seen.length === 1 && seen[0]?.status === "waiting");
  await b.update(unit, id, (body) => ({ ...body, title: "b" }));
  await a.sync();
  await until(() => seen[0]?.status === "synced" && seen[0].body["title"] === "b" && synced);
  await a.wipe();
  await until(() => seen.length === 0 && !synced);
  await Promise.all([a.close(), b.close()]);
});

test("of the tabs that stay in sync one does it for all, and another takes over when it goes", limit, async () => {
  const server = new StandIn();
  const [a, b] = await tabs(server, 2, { sleep: shortSleep }) as [Client, Client];
  a.start();
  const stop = b.start();
  await b.create(unit, "note", { title: "from b" });
  await until(async () => server.log(unit).docs.size === 1 && (await b.status()).synced);
  const before = server.requests.length;
  await a.close();
  await b.create(unit, "note", { title: "on its own" });
  await until(async () => server.log(unit).docs.size === 2 && (await b.status()).synced);
  assert.ok(server.requests.length > before);
  sentOnce(server);
  stop();
  await b.close();
});

test("two tabs whose token has expired refresh it once", limit, async () => {
  const server = new StandIn();
  const [a, b] = await tabs(server, 2) as [Client, Client];
  server.expireAt = 0;
  await Promise.all([a.call("POST", "/v1/sync", {}).catch(() => undefined), b.sync(), a.sync()]);
  assert.equal(server.refreshes, 1);
  await Promise.all([a.close(), b.close()]);
});

test("identifiers made in several tabs at one moment never meet", limit, async () => {
  const server = new StandIn();
  const all = await tabs(server, 4, { now: () => 1772413260000 });
  const ids = await Promise.all(all.flatMap((c) => Array.from({ length: 50 }, (_, n) => c.create(unit, "note", { n }))));
  assert.equal(new Set(ids).size, 200);
  await Promise.all(all.map((c) => c.close()));
});
