// One phone and a stand-in for the server: recording, what is shown, and all that a server may answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError, type Body, type Client, type Doc, type Schema } from "../src/index.ts";
import { hashOf } from "../src/value.ts";
import { copyDatabase, freshName, phone } from "./support/phones.ts";
import { mine, StandIn, unit } from "./support/stand-in.ts";

const limit = { timeout: 20_000 };

async function signedIn(server: StandIn, options: Parameters<typeof phone>[0] = {}): Promise<Client> {
  const c = await phone({ fetch: server.fetch, ...options });
  await c.enrol("12345-67890", "Điện thoại");
  return c;
}

const code = (wanted: string) => (e: unknown) => e instanceof SyncError && e.code === wanted;

/** The replica equals the server's documents, and nothing is left to do. */
async function agree(c: Client, server: StandIn): Promise<void> {
  const status = await c.status();
  assert.ok(status.synced, JSON.stringify(status));
  for (const scope of server.readable) {
    assert.equal((await c.checksum(scope))?.sum, server.sum(scope));
    for (const d of await c.list({ scope })) assert.deepEqual(d.body, server.body(scope, d.id));
  }
}

test("recording needs no network and no sign-in, and is there after a restart", limit, async () => {
  const name = freshName();
  const fetch = () => Promise.reject(new TypeError("no network"));
  let c = await phone({ name, fetch });
  const id = await c.create(unit, "note", { title: "Họp", empty: {}, people: { p1: { name: "An" } } });
  await c.update(unit, id, (b) => ({ ...b, title: "Họp quý" }));
  assert.equal(await c.update(unit, id, () => undefined), false);
  await assert.rejects(c.create(unit, "note", { title: "x" }, id), code("exists"));
  await assert.rejects(c.update(unit, "019cac0f-2680-7001-9490-066b778935b0", (b) => b), code("not_found"));
  await assert.rejects(c.create(unit, "note", { half: 0.5 }), (e) => e instanceof SyncError && e.code === "bad_number" && e.path === "/half");
  await assert.rejects(c.sync(), code("signed_out"));
  await c.close();
  c = await phone({ name, fetch });
  const doc = await c.get(unit, id);
  assert.deepEqual(doc?.body, { title: "Họp quý", people: { p1: { name: "An" } } });
  assert.deepEqual([doc?.status, doc?.pending], ["waiting", 2]);
  assert.deepEqual((await c.recorded()).map((r) => [r.state, Object.keys(r.mutation.edits ?? {})]), [["waiting", ["/title"]], ["waiting", []]]);
  await c.remove(unit, id);
  assert.equal(await c.get(unit, id), undefined);
  await c.close();
});

test("a day offline takes one request, and synced means acknowledged and verified", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const ids = await Promise.all([1, 2, 3].map((n) => c.create(unit, "note", { title: `Họp ${n}` })));
  await c.update(unit, ids[0] as string, (b) => ({ ...b, title: "Sửa" }));
  assert.equal((await c.status()).synced, false);
  const report = await c.sync();
  assert.equal(report.requests, 1);
  assert.equal(report.acks.applied, 4);
  assert.deepEqual(new Set((await c.list({ scope: unit })).map((d) => d.status)), new Set(["synced"]));
  await agree(c, server);
  await c.update(unit, ids[1] as string, (b) => ({ ...b, title: "Hai" }));
  const second = await c.sync();
  assert.deepEqual([second.requests, second.documents], [1, 0], "an own change comes back");
  await agree(c, server);
  assert.ok((await c.status()).bytesDown > 0);
  await c.close();
});

test("edits name what their author saw, long values by their hash; steps attest the body", limit, async () => {
  const field = { kind: "line" } as const;
  const schema: Schema = { version: 2, oldest: 1, types: { note: { name: "note", title: { vi: "", en: "" }, scopes: ["unit"], keyed: false, body: { kind: "object", fields: {
    title: field, text: field, place: { kind: "object", policy: "atomic", fields: { name: field, room: field } }, state: { kind: "enum", policy: "transition", enum: ["draft", "sent"] } } } } } };
  const c = await phone({ schema });
  const body: Body = { title: "e\u0301", text: "x".repeat(200), place: { name: "A", room: "1" }, state: "draft" };
  const id = await c.create(unit, "note", body);
  await c.update(unit, id, (b) => ({ ...b, text: "y", place: { name: "A", room: "2" } }));
  const seen = (await c.get(unit, id))?.body;
  await c.update(unit, id, (b) => void (b["state"] = "sent"));
  const [step, edit, made] = (await c.recorded()).map((r) => r.mutation);
  assert.equal(made?.create?.["title"], "\u00e9");
  assert.deepEqual(edit?.edits, { "/place": [{ name: "A", room: "1" }, { name: "A", room: "2" }], "/text": [{ "#": hashOf("x".repeat(200)) }, "y"] });
  assert.equal(edit?.attest, undefined);
  assert.equal(step?.attest, hashOf(seen));
  assert.equal(step?.schema, 2);
  await c.close();
});

test("a document tells how it stands: waiting, sent, merged, conflict, refused, synced", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const id = await c.create(unit, "note", { title: "a", n: 1 });
  const status = async (doc = id) => (await c.get(unit, doc))?.status;
  assert.equal(await status(), "waiting");
  server.meddle = () => ({ status: 426 });
  await assert.rejects(c.sync(), code("too_old"));
  assert.equal(await status(), "sent");
  assert.ok((await c.status()).tooOld);
  server.meddle = () => ({});
  await c.sync();
  assert.equal(await status(), "synced");

  server.put(unit, id, "note", { title: "b", n: 1 });
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  await c.sync();
  assert.equal(await status(), "merged");
  const [merged] = await c.recorded({ outcome: "merged" });
  await c.dismiss(merged?.mutation.id ?? "");
  assert.equal(await status(), "synced");

  server.put(unit, id, "note", { title: "theirs", n: 1 });
  await c.update(unit, id, (b) => ({ ...b, title: "mine" }));
  await c.sync();
  const shown = await c.get(unit, id);
  assert.equal(shown?.status, "conflict");
  assert.equal(shown?.body["title"], "theirs");
  server.put(unit, shown?.conflicts[0] as string, "conflict", { about: id, state: "settled" });
  await c.sync();
  assert.equal(await status(), "synced");

  const other = await c.create(unit, "note", { title: "refuse me" });
  await c.sync();
  assert.equal(await c.get(unit, other), undefined, "what was refused leaves the view");
  const [refused] = await c.recorded({ outcome: "rejected" });
  assert.deepEqual([refused?.state, refused?.ack?.code, refused?.dismissed], ["done", "required", false]);
  server.put(unit, refused?.ack?.kept as string, "rejection", { about: other, state: "settled", mutation: refused?.mutation.id as string });
  await c.sync();
  assert.equal((await c.recorded({ outcome: "rejected" }))[0]?.dismissed, true, "somebody has decided it");
  await agree(c, server);
  await c.close();
});

test("an observer hears of every change, and unchanged documents stay the same objects", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const a = await c.create(unit, "note", { title: "a" });
  const heard: Doc[][] = [];
  let next: () => void = () => undefined;
  const stop = c.observe({ scope: unit, type: "note", where: (d) => d.body["title"] !== "hidden" }, (docs) => {
    heard.push(docs);
    next();
  });
  const wait = async (holds: (docs: Doc[]) => boolean) => {
    while (!heard.length || !holds(heard.at(-1) as Doc[])) await new Promise<void>((resolve) => (next = resolve));
    return heard.at(-1) as Doc[];
  };
  await wait((docs) => docs.length === 1);
  const b = await c.create(unit, "note", { title: "b" });
  const two = await wait((docs) => docs.length === 2);
  await c.update(unit, b, (body) => ({ ...body, title: "c" }));
  const changed = await wait((docs) => docs[1]?.body["title"] === "c");
  assert.equal(changed[0], two[0]);
  await c.sync();
  await wait((docs) => docs.every((d) => d.status === "synced"));
  server.put(unit, a, "note", { title: "hidden" });
  server.put(unit, "019cac0f-2680-7001-9490-066b778935b0", "note", { title: "new" });
  server.put(unit, "019cac0f-2680-7002-9490-066b778935b0", "conflict", { about: b, state: "open" });
  await c.sync();
  const last = await wait((docs) => docs.some((d) => d.status === "conflict") && docs.some((d) => d.body["title"] === "new"));
  assert.deepEqual(last.map((d) => d.body["title"]).sort(), ["c", "new"]);
  stop();
  const calls = heard.length;
  await c.remove(unit, b);
  assert.equal(heard.length, calls);
  await c.close();
});

test("an answer cut after any byte is taken up again where it broke", limit, async () => {
  for (let cutAfter = 0; cutAfter < 2000; cutAfter += 37) {
    const server = new StandIn();
    server.perSegment = 2;
    for (let n = 0; n < 9; n++) server.put(unit, `019cac0f-2680-700${n}-9490-066b778935b0`, "note", { title: `n${n}` });
    const c = await signedIn(server);
    await c.create(unit, "note", { title: "own" });
    let cuts = 0;
    server.meddle = () => (cuts++ < 3 ? { cutAfter } : {});
    await c.sync();
    await agree(c, server);
    assert.equal(server.log(unit).docs.size, 10);
    await c.close();
  }
});

test("lost answers double nothing", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  await c.sync();
  const id = await c.create(unit, "note", { title: "a" });
  let lost = 0;
  server.meddle = () => ({ lost: lost++ < 2 });
  const sync = c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" })).catch(() => undefined);
  const report = await sync;
  assert.ok(report.duplicates > 0);
  await c.sync();
  assert.equal(server.log(unit).docs.size, 1);
  await agree(c, server);
  await c.close();
});

test("batches shrink when requests die and grow again", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  for (let n = 0; n < 40; n++) await c.create(unit, "note", { n });
  server.meddle = (r) => ((r.mutations?.length ?? 0) > 8 ? { status: 413, problem: "request_too_large" } : {});
  await c.sync();
  const sizes = server.requests.map((r) => r.mutations?.length ?? 0);
  assert.deepEqual(sizes.slice(0, 6), [40, 20, 10, 5, 10, 5]);
  assert.equal(server.receipts.size, 40);
  await agree(c, server);
  await c.close();
});

test("a busy server is given the time it asks for, and too long a time ends the sync", limit, async () => {
  const server = new StandIn();
  const waits: number[] = [];
  const c = await signedIn(server, { sleep: async (ms) => void waits.push(ms) });
  let busy = 2;
  server.meddle = () => (busy-- > 0 ? { status: 503, problem: "busy", headers: { "Retry-After": "7" } } : {});
  await c.sync();
  assert.ok(waits.length === 2 && waits.every((ms) => ms >= 7000), String(waits));
  server.meddle = () => ({ status: 429, problem: "rate_limited", headers: { "Retry-After": "120" } });
  await assert.rejects(c.sync(), (e) => e instanceof SyncError && e.code === "rate_limited" && e.retryAfter === 120_000);
  assert.equal((await c.status()).problem?.code, "rate_limited");
  await c.close();
});

test("a replica with a wrong checksum is built anew beside the old, three times an hour at most", limit, async () => {
  const server = new StandIn();
  let now = Date.now();
  const c = await signedIn(server, { now: () => now });
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  let lies = 1;
  server.lie = (scope, sum) => (scope === unit && lies-- > 0 ? "00000000000000aa" : sum);
  server.put(unit, id, "note", { title: "b" });
  assert.equal((await c.sync()).rebuilds, 1);
  await agree(c, server);

  lies = Infinity;
  server.put(unit, id, "note", { title: "c" });
  const report = await c.sync();
  assert.deepEqual(report.stuck, [unit]);
  assert.deepEqual([(await c.get(unit, id))?.body["title"], (await c.get(unit, id))?.status], ["c", "sent"]);
  assert.deepEqual((await c.status()).stuck, [unit]);
  lies = 0;
  now += 3700_000;
  server.put(unit, id, "note", { title: "d" });
  await c.sync();
  await agree(c, server);
  assert.deepEqual((await c.status()).stuck, []);
  await c.close();
});

test("damage on disk is noticed at the next opening, and healed", limit, async () => {
  const server = new StandIn();
  const name = freshName();
  const c = await signedIn(server, { name });
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  await c.close();
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
  });
  const tx = db.transaction("docs", "readwrite");
  const row = await new Promise<Record<string, unknown>>((resolve) => {
    const request = tx.objectStore("docs").getAll();
    request.onsuccess = () => resolve(request.result[0]);
  });
  tx.objectStore("docs").put({ ...row, raw: '{"title":"damaged"}' });
  await new Promise((resolve) => (tx.oncomplete = resolve));
  db.close();
  const again = await phone({ name, fetch: server.fetch });
  server.put(unit, "019cac0f-2680-7001-9490-066b778935b0", "note", { title: "b" });
  assert.equal((await again.sync()).rebuilds, 1);
  assert.equal((await again.get(unit, id))?.body["title"], "a");
  await agree(again, server);
  await again.close();
});

test("a server that lost its history gets back what it lost", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  await c.sync();
  server.logs.clear(); // and the backup is older than everything
  server.receipts.clear();
  server.epoch++;
  server.put(unit, "019cac0f-2680-7001-9490-066b778935b0", "note", { title: "since then" });
  const report = await c.sync();
  assert.equal(report.resets, 1);
  assert.deepEqual(server.body(unit, id), { title: "b" });
  await agree(c, server);
  await c.close();
});

test("what was acknowledged and is not in the log is sent again", limit, async () => {
  for (const lost of [false, true]) {
    const server = new StandIn();
    const name = freshName();
    const first = await signedIn(server, { name });
    const id = await first.create(unit, "note", { title: "a" });
    await first.sync();
    const { seq, docs } = server.log(unit);
    const before = new Map(docs);
    await first.update(unit, id, (b) => ({ ...b, title: "b" }));
    let acknowledged = false;
    server.meddle = () => {
      if (acknowledged) return { status: 503, problem: "unavailable" };
      acknowledged = true;
      return { cutAfter: 120 };
    };
    await assert.rejects(first.sync());
    assert.deepEqual([(await first.status()).unsent, (await first.status()).pending], [0, 1], "acknowledged, and no segment came");
    await first.close();
    server.meddle = () => ({});
    if (lost) { // what the phone's cursor names is still there, so the server says nothing of it
      server.logs.set(unit, { seq, docs: before });
      server.receipts.clear();
    }
    const c = await phone({ name, fetch: server.fetch });
    const report = await c.sync();
    assert.deepEqual([report.resets, report.rebuilds, server.requests.at(-1)?.mutations?.length ?? 0], [0, 0, lost ? 1 : 0]);
    assert.deepEqual(server.body(unit, id), { title: "b" });
    await agree(c, server);
    await c.close();
  }
});

test("a server that loses its history again and again gets it back in the end", limit, async () => {
  const server = new StandIn();
  let late = 0;
  const c = await signedIn(server, { now: () => Date.now() + late });
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  const lose = () => {
    server.logs.delete(unit);
    server.receipts.clear();
    server.epoch++;
  };
  for (let n = 0; n < 3; n++) {
    lose();
    assert.equal((await c.sync()).rebuilds, 1);
    assert.deepEqual(server.body(unit, id), { title: "a" });
  }
  lose();
  const report = await c.sync();
  assert.deepEqual([report.requests, report.stuck], [1, [unit]], "the fourth time in an hour");
  late = 2 * 3600 * 1000;
  await c.sync();
  assert.deepEqual(server.body(unit, id), { title: "a" });
  await agree(c, server);
  await c.close();
});

test("a scope that is taken away keeps its unsent work in the queue, which is still sent", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  server.readable = [mine];
  const report = await c.sync();
  assert.deepEqual(report.dropped, [unit]);
  assert.deepEqual(server.body(unit, id), { title: "b" });
  assert.deepEqual(await c.list({ scope: unit }), []);
  await agree(c, server);
  await c.close();
});

test("a document that cannot be patched is asked for whole", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  await c.sync();
  const id = "019cac0f-2680-7001-9490-066b778935b0";
  server.put(unit, id, "note", { title: "a", n: 1 });
  server.twist = (l) => (l["body"] ? { doc: l["doc"], v: l["v"], set: { "/title": "a" } } : l);
  server.meddle = (r) => {
    if (r.need?.[unit]) server.twist = (l) => l;
    return {};
  };
  await c.sync();
  assert.deepEqual(server.requests.at(-1)?.need, { [unit]: [id] });
  await agree(c, server);
  await c.close();
});

test("too old an app uploads and is sent nothing", limit, async () => {
  const server = new StandIn();
  server.meddle = () => ({ status: 426 });
  const c = await signedIn(server);
  for (let n = 0; n < 3; n++) await c.create(unit, "note", { n });
  await assert.rejects(c.sync(), code("too_old"));
  assert.equal(server.log(unit).docs.size, 3);
  assert.deepEqual([(await c.status()).unsent, (await c.status()).tooOld], [0, true]);
  assert.equal((await c.list({ scope: unit })).length, 3, "what was recorded stays in sight");
  await c.close();
});

test("a device signed out from the console is wiped once its unsent work was taken in", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  server.meddle = () => ({ status: 410 });
  await assert.rejects(c.sync(), code("revoked"));
  assert.deepEqual(server.body(unit, id), { title: "b" });
  const status = await c.status();
  assert.deepEqual([status.revoked, status.signedIn, status.unsent, status.scopes, status.person], [true, false, 0, [], ""]);
  assert.deepEqual(await c.list({}), []);
  assert.deepEqual(await c.recorded(), []);
  await c.close();
});

test("a revoked device loses its documents and keeps what the server has not taken", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const id = await c.create(unit, "note", { title: "a" });
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  server.revoked = true;
  await assert.rejects(c.sync(), code("revoked"));
  assert.deepEqual([(await c.status()).unsent, (await c.status()).revoked, (await c.list({})).length], [1, true, 0]);
  await assert.rejects(c.sync(), code("revoked"));
  await c.enrol("again", "Điện thoại");
  await c.sync();
  assert.deepEqual(server.body(unit, id), { title: "b" });
  await agree(c, server);

  server.revoked = true;
  await assert.rejects(c.sync(), code("revoked"));
  assert.deepEqual([(await c.status()).device, (await c.recorded()).length], ["", 0], "with nothing unsent everything goes");
  await c.close();
});

test("a lost answer to a refresh signs nobody out, and an expired token is refreshed on the way", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  server.expireAt = 0;
  server.loseRefresh = true;
  await c.create(unit, "note", { title: "a" });
  await c.sync();
  assert.equal(server.refreshes, 2);
  await agree(c, server);
  await c.close();
});

test("the database of one person is not given to another", limit, async () => {
  const server = new StandIn();
  const c = await signedIn(server);
  const other = async (input: RequestInfo | URL, init?: RequestInit) => {
    const answer = await server.fetch(input, init);
    return Response.json({ ...(await answer.json() as object), person: "00000000-0000-8000-8000-00000000000c" });
  };
  const name = freshName();
  const first = await signedIn(server, { name });
  await first.close();
  const second = await phone({ name, fetch: other });
  await assert.rejects(second.signIn("b", "b", "máy"), code("other_person"));
  await second.wipe();
  await second.signIn("b", "b", "máy");
  await Promise.all([c.close(), second.close()]);
});

test("a restored and a cloned database lose and double nothing", limit, async () => {
  const server = new StandIn();
  const [name, clone] = [freshName(), freshName()];
  const c = await signedIn(server, { name });
  const id = await c.create(unit, "note", { title: "a", n: 0 });
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, title: "b" }));
  const twin = await phone({ name: clone, fetch: server.fetch });
  await copyDatabase(name, clone); // as of here
  await c.sync();
  await c.update(unit, id, (b) => ({ ...b, n: 1 }));
  await c.sync();
  await twin.update(unit, id, (b) => ({ ...b, more: true }));
  await twin.create(unit, "note", { title: "twin" });
  const report = await twin.sync();
  assert.equal(report.duplicates, 1);
  await c.sync();
  assert.deepEqual(server.body(unit, id), { title: "b", n: 1, more: true });
  await agree(c, server);
  await agree(twin, server);
  await Promise.all([c.close(), twin.close()]);
});

test("five thousand documents are taken in, listed and kept up to date quickly", limit, async (t) => {
  const server = new StandIn();
  server.perSegment = 100;
  for (let n = 0; n < 5000; n++) {
    server.put(unit, `019cac0f-2680-7001-9490-${n.toString(16).padStart(12, "0")}`, n % 5 ? "note" : "meeting", { title: `Họp ${n}`, text: "nội dung ".repeat(40), n });
  }
  const c = await signedIn(server);
  let began = performance.now();
  let told = 0;
  await c.sync({ progress: (p) => (told = Math.max(told, p.documents)) });
  assert.equal(told, 5000);
  t.diagnostic(`first sync of 5,000 documents: ${Math.round(performance.now() - began)} ms in fake-indexeddb`);
  began = performance.now();
  assert.equal((await c.list({ type: "meeting" })).length, 1000);
  t.diagnostic(`list of 1,000: ${Math.round(performance.now() - began)} ms in fake-indexeddb`);
  await agree(c, server);
  await c.close();
});
