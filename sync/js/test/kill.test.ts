// A tab killed at any write, and between any two transactions, comes back to a database that is as of some moment.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../src/index.ts";
import { freshName, phone } from "./support/phones.ts";
import { mine, StandIn, unit } from "./support/stand-in.ts";

const desk = `${unit}:desk`;
const theirs = "019cac0f-2680-7001-9490-066b778935b0";

/** Makes the nth touch of any database from now on throw, as if the tab had ended there. Returns how many there were. */
class Killer {
  left = Infinity;
  count = 0;
  readonly #undo: (() => void)[] = [];

  constructor() {
    for (const name of ["put", "add", "delete", "clear"] as const) this.#patch(IDBObjectStore.prototype, name);
    this.#patch(IDBDatabase.prototype, "transaction");
  }

  #patch(on: object, name: string): void {
    const holder = on as Record<string, (...args: unknown[]) => unknown>;
    const real = holder[name] as (...args: unknown[]) => unknown;
    const touch = () => {
      this.count++;
      if (--this.left === 0) throw new Error("killed");
    };
    holder[name] = function (this: unknown, ...args: unknown[]) {
      touch();
      return real.apply(this, args);
    };
    this.#undo.push(() => (holder[name] = real));
  }

  restore(): void {
    for (const undo of this.#undo) undo();
  }
}

/** What a day of one phone consists of. A step that was killed is taken again by the next tab. */
function day(server: StandIn, made: Map<string, string>): ((c: Client) => Promise<unknown>)[] {
  const create = (key: string, title: string) => async (c: Client) => void made.set(key, await c.create(unit, "note", { title }));
  const update = (key: string, title: string) => (c: Client) => c.update(unit, made.get(key) as string, (b) => ({ ...b, title }));
  return [
    (c) => c.enrol("12345-67890", "Điện thoại"),
    create("a", "a"), create("b", "b"), update("a", "a2"),
    (c) => c.sync(),
    async () => {
      server.put(unit, theirs, "note", { title: "theirs" });
      server.put(unit, made.get("a") as string, "note", { title: "a2", by: "them" });
      server.lie = (scope, sum) => {
        if (scope !== unit) return sum;
        server.lie = (_, right) => right; // once: begins a replica beside
        return "00000000000000aa";
      };
    },
    create("c", "refuse me"), update("a", "a3"),
    (c) => c.sync(),
    async () => {
      server.readable = [unit, mine]; // the desk goes
      server.expireAt = 0; // and the token
      server.put(unit, made.get("b") as string, "note", undefined);
    },
    (c) => c.remove(unit, made.get("a") as string),
    create("d", "d"),
    (c) => c.sync(),
  ];
}

async function live(kill: number, killer: Killer): Promise<number> {
  const server = new StandIn();
  server.perSegment = 1;
  server.readable = [unit, mine, desk];
  server.put(desk, "019cac0f-2680-7002-9490-066b778935b0", "note", { title: "desk" });
  const name = freshName();
  const made = new Map<string, string>();
  let c = await phone({ name, fetch: server.fetch });
  killer.count = 0;
  killer.left = kill;
  for (const step of day(server, made)) {
    try {
      await step(c);
    } catch (e) {
      assert.match(String(e), /killed/);
      await c.close();
      c = await phone({ name, fetch: server.fetch });
      await step(c);
    }
  }
  const touched = killer.count;
  killer.left = Infinity;
  await c.sync();
  const status = await c.status();
  assert.ok(status.synced, `killed at ${kill}: ${JSON.stringify(status)}`);
  assert.deepEqual(status.scopes.sort(), [unit, mine].sort());
  assert.equal((await c.checksum(unit))?.sum, server.sum(unit));
  const titles = (await c.list({ scope: unit, type: "note" })).map((d) => d.body["title"]);
  assert.deepEqual(titles.sort(), ["d", "theirs"], `killed at ${kill}`);
  assert.equal(server.receipts.size, 7, `killed at ${kill}: every mutation arrived once`);
  assert.equal((await c.recorded({ state: "done" })).length, 7);
  await c.close();
  return touched;
}

test("a tab killed in the middle of any transaction loses and doubles nothing", { timeout: 150_000 }, async (t) => {
  const killer = new Killer();
  try {
    const touches = await live(0, killer);
    for (let kill = 1; kill <= touches; kill++) await live(kill, killer);
    t.diagnostic(`killed at each of ${touches} places`);
  } finally {
    killer.restore();
  }
});
