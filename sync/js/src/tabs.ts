// Several tabs, and a service worker, on one database: one syncs at a time, and each hears what the others changed.

import type { Changes } from "./store.ts";
import type { Options } from "./types.ts";

/** What tabs tell one another. Nothing depends on it but how soon a screen is right. */
export type Message = { changes: Changes } | { syncing: boolean } | { wake: true };

export class Tabs {
  readonly #name: string;
  readonly #locks: Options["locks"] | undefined;
  readonly #channel: BroadcastChannel | undefined;
  readonly #stall: number;
  readonly #now: () => number;
  readonly #own = new Map<string, Promise<unknown>>(); // by lock, where the browser has none
  #othersUntil = 0;
  #self = 0;
  /** Hears the others, and itself with `wake` and `syncing`. */
  heard: (m: Message) => void = () => undefined;

  constructor(name: string, locks: Options["locks"] | undefined, stall: number, now: () => number) {
    this.#name = name;
    this.#locks = locks;
    this.#stall = stall;
    this.#now = now;
    this.#channel = globalThis.BroadcastChannel ? new BroadcastChannel(`thidua/${name}`) : undefined;
    if (this.#channel) {
      this.#channel.onmessage = (e: MessageEvent) => {
        const m = e.data as Message;
        if ("syncing" in m) this.#othersUntil = m.syncing ? this.#now() + this.#stall : 0;
        this.heard(m);
      };
      (this.#channel as { unref?: () => void }).unref?.(); // in Node it would keep the process alive
    }
  }

  tell(m: Message): void {
    try {
      this.#channel?.postMessage(m);
    } catch {
      // closed meanwhile: nobody is left to be told
    }
    if (!("changes" in m)) this.heard(m);
  }

  /** Runs work while no other tab runs anything under that lock. */
  async alone<T>(lock: "sync" | "tokens" | "live", signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#locks) return this.#locks.request(`thidua/${this.#name}/${lock}`, { signal }, work) as Promise<T>;
    const before = this.#own.get(lock) ?? Promise.resolve();
    const mine = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#own.set(lock, mine.catch(() => undefined));
    return mine;
  }

  /** Notes that this tab syncs or stops doing so. */
  syncing(is: boolean): void {
    this.#self += is ? 1 : -1;
    this.tell({ syncing: is });
  }

  /** Whether a tab syncs. A tab that was killed is believed until the silence of a cut connection. */
  get anySyncing(): boolean {
    return this.#self > 0 || this.#othersUntil > this.#now();
  }

  close(): void {
    this.#channel?.close();
  }
}
