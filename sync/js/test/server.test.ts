// Phones against a real server process: over connections that are cut, with the server killed, with people who meet in one document.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SyncError, type Body, type Client, type Options, type Scope } from "../src/index.ts";
import { chance, copyDatabase, freshName, phone, shortSleep as sleep, until } from "./support/phones.ts";
import { Proxy, Server } from "./support/server.ts";

const limit = { timeout: 60_000 };
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let server: Server;
let admin: Client;
let unit: Scope;
let people = 0;

before(async () => {
  server = await Server.start();
  admin = await phone({ url: server.url, sleep });
  await admin.enrol(server.person("admin", "admin"), "Máy tính");
  await admin.fetchSchema();
  await admin.sync();
  unit = `unit:${(await admin.list({ scope: "org", type: "unit" }))[0]?.id}`;
}, limit);

after(async () => {
  await admin?.close();
  await server?.stop();
});

/** A phone of a new member of the unit's staff. */
async function member(options: Partial<Options> = {}, role = "unit_staff"): Promise<Client> {
  const c = await phone({ url: server.url, sleep, attempts: 200, ...options });
  await c.enrol(server.person(`p${++people}`, role, unit.slice(5)), `Điện thoại ${people}`);
  await c.fetchSchema();
  return c;
}

function meeting(title: string): Body {
  return { kind: "year_end", title, held_on: "2026-11-22", state: "open" };
}

/** Each phone equals the server, as far as its own checksums against those of the server tell. */
async function agree(...phones: Client[]): Promise<void> {
  for (const c of phones) {
    const status = await c.status();
    assert.ok(status.synced, JSON.stringify(status));
    assert.deepEqual(status.stuck, []);
  }
  const sums = await Promise.all(phones.map((c) => c.checksum(unit)));
  assert.equal(new Set(sums.map((s) => JSON.stringify(s))).size, 1, JSON.stringify(sums));
}

/** Changes a meeting somehow. */
async function scribble(c: Client, id: string, below: (n: number) => number): Promise<unknown> {
  const key = `k${below(3)}`;
  const text = `${"lời ".repeat(below(60))}${below(4)}`;
  return c.update(unit, id, (b) => {
    switch (below(5)) {
      case 0:
        return { ...b, title: `Họp ${below(3)}` };
      case 1:
        return { ...b, attendance: { ...(b["attendance"] as Body), [key]: { role: "member", present: below(2) === 0 } } };
      case 2:
        return { ...b, minutes: { ...(b["minutes"] as Body), [key]: { order: below(9), text } } };
      case 3: {
        const { [key]: _, ...rest } = (b["minutes"] ?? {}) as Body;
        return { ...b, minutes: rest };
      }
      default:
        return { ...b, summoned: below(5) };
    }
  });
}

test("what two phones edit merges, a conflict shows on both and goes when it is decided", limit, async () => {
  const [a, b] = [await member(), await member()];
  const id = await a.create(unit, "meeting", meeting("Họp"));
  await a.sync();
  await b.sync();
  await a.update(unit, id, (m) => ({ ...m, place: "Hội trường A", attendance: { x: { role: "member", present: true } } }));
  await b.update(unit, id, (m) => ({ ...m, place: "Hội trường B", attendance: { y: { role: "invited", present: false } } }));
  for (const c of [a, b, a]) await c.sync();
  for (const c of [a, b]) {
    const doc = await c.get(unit, id);
    assert.equal(doc?.status, "conflict");
    assert.deepEqual(Object.keys(doc?.body["attendance"] as Body), ["x", "y"]);
  }
  const conflict = (await a.get(unit, id))?.conflicts[0] as string;
  const kept = await a.get(unit, conflict);
  const [item] = Object.values(kept?.body["items"] as Record<string, Body>);
  const [side] = Object.keys(item?.["sides"] as Body);
  await admin.call("POST", `/v1/conflicts/${unit}/${conflict}/resolve`, { version: kept?.version, choices: { [item?.["path"] as string]: { take: "side", side } }, reason: "đã hỏi" });
  for (const c of [a, b]) await c.sync();
  for (const c of [a, b]) {
    assert.equal((await c.get(unit, id))?.body["place"], "Hội trường B");
    assert.equal((await c.get(unit, id))?.conflicts.length, 0);
  }
  await agree(a, b);
  await Promise.all([a.close(), b.close()]);
});

test(`random edits over connections that are cut, with the server killed and phones cloned, end equal (SEED=${seed})`, { timeout: 120_000 }, async (t) => {
  const below = chance(seed);
  const luck = chance(seed + 1); // the order in which answers come is not the seed's to say
  let bad = true;
  const proxy = await Proxy.start(() => server.url, () => (bad ? 97 + luck(luck(3) > 0 ? 600 : 15_000) : Infinity));
  const names = [freshName(), freshName(), freshName()];
  const phones = await Promise.all(names.map((name) => member({ name, url: proxy.url })));
  const ids: string[] = [];
  let recorded = 0;
  for (let round = 0; round < 12; round++) {
    for (const [i, c] of phones.entries()) {
      if (ids.length < 3 || below(8) === 0) ids.push(await c.create(unit, "meeting", meeting(`Họp ${round}.${i}`)));
      for (let n = below(6); n > 0; n--) {
        const id = ids[below(ids.length)] as string;
        if (await c.get(unit, id)) await scribble(c, id, below);
      }
      recorded++;
    }
    const syncing = phones.filter(() => below(3) > 0).map((c) => c.sync());
    if (round % 5 === 4) {
      await server.kill();
      await server.up();
    }
    await Promise.all(syncing);
    if (round === 6) { // the first phone goes on as a copy of itself, and so does the old one
      const name = freshName();
      const twin = await phone({ name, url: proxy.url, sleep, attempts: 200 });
      await copyDatabase(names[0] as string, name);
      await twin.fetchSchema();
      phones.push(twin);
    }
  }
  const cuts = proxy.cuts;
  bad = false;
  for (let i = 0; i < 2; i++) {
    for (const c of phones) await c.sync();
  }
  await agree(...phones);
  const all = await phones[0]?.list({ scope: unit, type: "meeting" });
  assert.equal(all?.filter((d) => ids.includes(d.id)).length, new Set(ids).size, "every meeting arrived once");
  t.diagnostic(`${recorded} turns, ${cuts} cut answers, ${ids.length} meetings`);
  await Promise.all(phones.map((c) => c.close()));
  await proxy.stop();
});

test("a first sync over a link that is cut every 15 KB comes to its end", limit, async (t) => {
  const writer = await member();
  for (let n = 0; n < 60; n++) {
    const text = Array.from({ length: 60 }, (_, i) => Math.sin(n * 100 + i).toString(36)).join(" ");
    await writer.create(unit, "meeting", { ...meeting(`Họp ${n}`), note: text });
  }
  await writer.sync();
  const proxy = await Proxy.start(() => server.url, () => 15_000);
  const reader = await member({ url: proxy.url });
  const report = await reader.sync();
  assert.ok(report.cuts > 1, `${report.cuts} cuts`);
  await agree(writer, reader);
  t.diagnostic(`${report.documents} documents, ${report.requests} requests, ${proxy.cuts} cuts, ${report.bytesDown} bytes inflated`);
  await Promise.all([writer.close(), reader.close()]);
  await proxy.stop();
});

test("an open app hears that something moved, over the stream of events", limit, async () => {
  const [a, b] = [await member(), await member()];
  const stop = b.start();
  await until(async () => (await b.status()).synced);
  const id = await a.create(unit, "meeting", meeting("Báo thức"));
  await a.sync();
  await until(async () => (await b.get(unit, id))?.status === "synced");
  stop();
  await Promise.all([a.close(), b.close()]);
});

test("a phone signed out from the console keeps only what was not sent, and nothing if there is none", limit, async () => {
  const [a, b] = [await member(), await member()];
  for (const c of [a, b]) {
    await c.sync();
    await c.create(unit, "meeting", meeting("Trước khi thu hồi"));
  }
  await a.sync();
  for (const c of [a, b]) await admin.call("DELETE", `/v1/devices/${(await c.status()).device}`);
  for (const c of [a, b]) await assert.rejects(c.sync(), (e) => e instanceof SyncError && e.code === "revoked");
  assert.deepEqual([(await a.status()).device, (await a.status()).unsent, (await a.list({})).length], ["", 0, 0]);
  assert.deepEqual([(await b.status()).revoked, (await b.status()).unsent, (await b.status()).scopes.length], [true, 1, 0]);
  await Promise.all([a.close(), b.close()]);
});
