// Phones for tests: each in a database of its own, several tabs on one where a test asks for it.

import "fake-indexeddb/auto";
import { open, type Client, type Options } from "../../src/index.ts";

/** A stand-in for navigator.locks, which Node 20 lacks: exclusive, in order of asking. */
export class Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  readonly request = (async (name: string, options: { signal?: AbortSignal }, work: () => Promise<unknown>) => {
    const before = this.#tails.get(name) ?? Promise.resolve();
    let release: () => void = () => undefined;
    this.#tails.set(name, Promise.all([before, new Promise<void>((resolve) => (release = resolve))]));
    const over = new AbortController();
    const aborted = new Promise((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal?.reason), { once: true, signal: over.signal }));
    aborted.catch(() => undefined);
    try {
      await Promise.race([before, aborted]);
      options.signal?.throwIfAborted();
      return await work();
    } finally {
      release();
      over.abort();
    }
  }) as LockManager["request"];
}

/** Waits, but never for long. */
export function shortSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, Math.min(ms, 50));
    signal?.addEventListener("abort", stop, { once: true });
  });
}

let made = 0;

/** A client that does not really wait. Databases are named after the test unless it gives a name. */
export function phone(options: Partial<Options> = {}): Promise<Client> {
  return open({
    name: `phone-${++made}`, url: "http://thidua.example", locks: new Locks(), sleep: (_ms, signal) => {
      signal?.throwIfAborted();
      return new Promise((resolve) => setImmediate(resolve));
    }, ...options,
  });
}

export function freshName(): string {
  return `phone-${++made}`;
}

/** Everything in a database, for a copy of it under another name: a phone restored from a backup, or cloned. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const [source, target] = await Promise.all([openRaw(from), openRaw(to)]);
  const names = [...source.objectStoreNames];
  const read = source.transaction(names);
  const rows = await Promise.all(names.map(async (name) => {
    const store = read.objectStore(name);
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return { name, inline: store.keyPath !== null, keys, values };
  }));
  const write = target.transaction(names, "readwrite");
  await Promise.all(rows.flatMap(({ name, inline, keys, values }) => [
    done(write.objectStore(name).clear()),
    ...values.map((value, i) => done(write.objectStore(name).put(value, inline ? undefined : keys[i]))),
  ]));
  source.close();
  target.close();
}

/** The target exists already: a client has been opened under its name. */
function openRaw(name: string): Promise<IDBDatabase> {
  return done(indexedDB.open(name));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Waits until something holds; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Numbers by chance that a seed replays. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
