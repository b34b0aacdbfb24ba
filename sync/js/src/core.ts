// What the parts of a client share.

import { Identifiers } from "./id.ts";
import { getMeta, Store } from "./store.ts";
import { Tabs } from "./tabs.ts";
import { SyncError, type Options, type Schema } from "./types.ts";

/** Options with their defaults in place. */
export interface Config extends Required<Omit<Options, "schema" | "locks">> {
  locks: Options["locks"] | undefined;
  /** The types the app was built with: they stay what it says it knows, whatever the server tells. */
  schema: Schema | undefined;
}

export class Core {
  readonly config: Config;
  readonly store: Store;
  readonly ids: Identifiers;
  readonly tabs: Tabs;
  /** Aborts when the client is closed. */
  readonly closing = new AbortController();
  schema: Schema | undefined;
  /** Scopes whose checksum was taken from the documents themselves since this client was opened. */
  readonly audited = new Set<string>();

  private constructor(config: Config, store: Store, schema: Schema | undefined) {
    this.config = config;
    this.store = store;
    this.schema = schema;
    this.ids = new Identifiers(config.now, config.random);
    this.tabs = new Tabs(config.name, config.locks, config.stall, config.now);
  }

  static async open(options: Options): Promise<Core> {
    const config = defaults(options);
    const store = await Store.open(options.name, () => config.log("the browser closed the database"));
    const stored = await store.read((tx) => getMeta(tx, "schema"));
    return new Core(config, store, options.schema ?? stored);
  }

  /** Something between half of a pause and all of it, so that devices that lost their connection together do not come back together. */
  jitter(milliseconds: number): number {
    const b = new Uint8Array(1);
    this.config.random(b);
    return milliseconds / 2 + (milliseconds / 2) * ((b[0] as number) / 256);
  }

  close(): void {
    this.closing.abort(new SyncError("closed", "the client was closed"));
    this.tabs.close();
    this.store.close();
  }
}

function defaults(o: Options): Config {
  if (!o.name) throw new SyncError("bad_options", "a name is required");
  const url = (o.url ?? globalThis.location?.origin ?? "").replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]+$/.test(url)) throw new SyncError("bad_options", `${JSON.stringify(url)} is not the URL of a server`);
  return {
    name: o.name,
    url,
    schema: o.schema,
    platform: o.platform ?? "web",
    attempts: o.attempts ?? 20,
    stall: o.stall ?? 30_000,
    log: o.log ?? (() => undefined),
    fetch: o.fetch ?? globalThis.fetch.bind(globalThis),
    locks: o.locks ?? globalThis.navigator?.locks,
    now: o.now ?? Date.now,
    random: o.random ?? ((into) => void crypto.getRandomValues(into)),
    sleep: o.sleep ?? sleep,
  };
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
