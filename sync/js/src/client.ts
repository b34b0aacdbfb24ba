// The client: what types.ts promises, put together from the parts.

import { access, refresh, refused, signIn, signOut, wipeAll } from "./auth.ts";
import { Core } from "./core.ts";
import { bodyOf, hexSum } from "./document.ts";
import { callJSON } from "./http.ts";
import { madeAt } from "./id.ts";
import { Live } from "./live.ts";
import { Watch } from "./observe.ts";
import { entriesIn } from "./queue.ts";
import * as record from "./record.ts";
import { heldBy, recount, replicaOf } from "./replica.ts";
import { readStatus } from "./status.ts";
import { mutationOf, putMeta, touch, type Changes, type Entry } from "./store.ts";
import { Syncer } from "./sync.ts";
import { SyncError, type Body, type Client, type Doc, type ID, type Options, type Progress, type Query, type Recorded, type Report, type Schema, type Scope, type Status, type Unsubscribe } from "./types.ts";
import { arrange, docOf, showAll, showOne, verifiedScopes } from "./view.ts";

/** Opens the database of a device, or makes a new one. Close it, or let the tab end: nothing is lost either way. */
export async function open(options: Options): Promise<Client> {
  return new Device(await Core.open(options));
}

class Device implements Client {
  readonly #core: Core;
  readonly #syncer: Syncer;
  readonly #watches = new Set<Watch>();
  readonly #listeners = new Set<() => void>();
  readonly #lives = new Set<Live>();

  constructor(core: Core) {
    this.#core = core;
    this.#syncer = new Syncer(core);
    core.store.changed = (changes) => {
      this.#changed(changes);
      core.tabs.tell({ changes });
    };
    core.tabs.heard = (m) => {
      if ("changes" in m) this.#changed(m.changes);
      else if ("wake" in m) this.#poke();
      this.#tellStatus();
    };
  }

  #changed(changes: Changes): void {
    for (const w of this.#watches) w.changed(changes);
    if (changes.recorded) this.#poke();
    if (changes.wiped) this.#core.audited.clear();
    this.#tellStatus();
  }

  #poke(): void {
    for (const live of this.#lives) live.poke();
  }

  #tellStatus(): void {
    for (const tell of this.#listeners) tell();
  }

  enrol(code: string, deviceName: string): Promise<void> {
    return signIn(this.#core, "/v1/enrol", { code, name: deviceName });
  }

  signIn(login: string, password: string, deviceName: string): Promise<void> {
    return signIn(this.#core, "/v1/sign-in", { login, password, name: deviceName });
  }

  signOut(): Promise<void> {
    return signOut(this.#core);
  }

  wipe(): Promise<void> {
    return this.#core.store.write(wipeAll, "strict");
  }

  create(scope: Scope, type: string, body: Body, id?: ID): Promise<ID> {
    return record.create(this.#core, scope, type, body, id);
  }

  update(scope: Scope, id: ID, change: (body: Body) => Body | void): Promise<boolean> {
    return record.change(this.#core, scope, id, change, false);
  }

  transition(scope: Scope, id: ID, change: (body: Body) => Body | void): Promise<boolean> {
    return record.change(this.#core, scope, id, change, true);
  }

  remove(scope: Scope, id: ID): Promise<void> {
    return record.remove(this.#core, scope, id);
  }

  get(scope: Scope, id: ID): Promise<Doc | undefined> {
    return this.#core.store.read(async (tx) => docOf(await showOne(tx, scope, id), await verifiedScopes(tx)));
  }

  async list(query: Query): Promise<Doc[]> {
    const docs = await this.#core.store.read(async (tx) => {
      const verified = await verifiedScopes(tx);
      return (await showAll(tx, query)).map((s) => docOf(s, verified)).filter((d) => d !== undefined);
    });
    return arrange(query, docs);
  }

  base(scope: Scope, id: ID): Promise<Doc | undefined> {
    return this.#core.store.read(async (tx) => {
      const row = await heldBy(tx, await replicaOf(tx, "live", scope), id);
      if (!row) return undefined;
      const s = await showOne(tx, scope, id);
      return docOf({ ...s, seen: { type: row.type, body: bodyOf(row) }, pending: 0 }, await verifiedScopes(tx));
    });
  }

  observe(query: Query, listener: (docs: Doc[]) => void): Unsubscribe {
    const watch = new Watch(this.#core, query, listener);
    this.#watches.add(watch);
    return () => {
      watch.end();
      this.#watches.delete(watch);
    };
  }

  status(): Promise<Status> {
    return readStatus(this.#core);
  }

  observeStatus(listener: (status: Status) => void): Unsubscribe {
    let due = true;
    let running = false;
    const tell = async () => {
      due = true;
      if (running) return;
      running = true;
      try {
        while (due && this.#listeners.has(kick)) {
          due = false;
          const status = await this.status();
          if (this.#listeners.has(kick)) listener(status);
        }
      } catch (e) {
        if (!this.#core.closing.signal.aborted) this.#core.config.log(`status: ${String(e)}`);
      } finally {
        running = false;
      }
    };
    const kick = () => void tell();
    this.#listeners.add(kick);
    kick();
    return () => void this.#listeners.delete(kick);
  }

  async recorded(only: { state?: Recorded["state"]; doc?: ID; outcome?: "applied" | "merged" | "conflict" | "rejected" } = {}): Promise<Recorded[]> {
    const places = { waiting: "queue", sent: "acked", done: "archive" } as const;
    const wanted = only.state ? [places[only.state]] : Object.values(places);
    const all = await this.#core.store.read(async (tx) => (await Promise.all(wanted.map((where) => entriesIn(tx, where)))).flat());
    return all
      .filter((e) => (only.doc === undefined || e.doc === only.doc) && (only.outcome === undefined || e.ack?.outcome === only.outcome))
      .sort((a, b) => b.order - a.order)
      .map(recordedOf);
  }

  async dismiss(mutation: ID): Promise<void> {
    await this.#core.store.write(async (tx) => {
      const e = await tx.store("mutations").index("id").get(mutation);
      if (!e?.notice) return;
      delete e.notice;
      await tx.store("mutations").put(e);
      touch(tx, e.scope, e.doc);
    });
  }

  schema(): Schema | undefined {
    return this.#core.schema;
  }

  async fetchSchema(): Promise<Schema> {
    const { value } = await callJSON(this.#core.config, "GET", "/v1/schema", "", undefined, this.#core.closing.signal);
    const schema = value as Schema;
    if (typeof schema?.version !== "number" || typeof schema.types !== "object") throw new SyncError("offline", "what came is no schema");
    await this.#core.store.write((tx) => putMeta(tx, "schema", schema));
    this.#core.schema = this.#core.config.schema ?? schema;
    return schema;
  }

  sync(options: { signal?: AbortSignal; progress?: (p: Progress) => void } = {}): Promise<Report> {
    const closing = this.#core.closing.signal;
    const signal = options.signal ? AbortSignal.any([closing, options.signal]) : closing;
    return this.#syncer.sync(signal, options.progress);
  }

  start(): Unsubscribe {
    const live = new Live(this.#core, (signal) => this.sync({ signal }));
    this.#lives.add(live);
    return () => {
      live.stop();
      this.#lives.delete(live);
    };
  }

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { signal } = this.#core.closing;
    const token = await access(this.#core, signal);
    const ask = (t: string) => callJSON(this.#core.config, method, path, t, body, signal);
    try {
      return (await ask(token)).value;
    } catch (e) {
      if (!(e instanceof SyncError) || e.status !== 401) throw e;
      if (e.code !== "token_expired") throw await refused(this.#core, e);
      return (await ask(await refresh(this.#core, token, signal))).value;
    }
  }

  checksum(scope: Scope): Promise<{ sum: string; cursor: string } | undefined> {
    return this.#core.store.read(async (tx) => {
      const r = await replicaOf(tx, "live", scope);
      return r?.cursor === undefined ? undefined : { sum: hexSum(await recount(tx, r)), cursor: r.cursor };
    });
  }

  async close(): Promise<void> {
    for (const w of this.#watches) w.end();
    this.#watches.clear();
    this.#listeners.clear();
    this.#core.close();
  }
}

function recordedOf(e: Entry): Recorded {
  const outcome = e.ack?.outcome;
  return {
    mutation: mutationOf(e),
    state: e.in === "queue" ? "waiting" : e.in === "acked" ? "sent" : "done",
    made: madeAt(e.id),
    dismissed: (outcome === "merged" || outcome === "rejected") && e.notice === undefined,
    ...(e.ack ? { ack: e.ack } : {}),
  };
}
