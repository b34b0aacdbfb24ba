// Staying in sync while the app is open: one tab listens and syncs for all. As ../../client/wake.go.

import { access, refresh, refused } from "./auth.ts";
import type { Core } from "./core.ts";
import { cut, problemOf, retriable, send } from "./http.ts";
import { linesOf } from "./line.ts";
import { SyncError, type Report } from "./types.ts";

const firstPause = 1_000; // milliseconds after a failure; doubles
const longestPause = 5 * 60_000;
const nothingHeard = 15 * 60_000; // after which it syncs anyway

/** Keeps a device in sync until it is stopped. */
export class Live {
  readonly #core: Core;
  readonly #sync: (signal: AbortSignal) => Promise<Report>;
  readonly #stop = new AbortController();
  #poked = true;
  #poke: () => void = () => undefined;

  constructor(core: Core, sync: (signal: AbortSignal) => Promise<Report>) {
    this.#core = core;
    this.#sync = sync;
    const { signal } = this.#stop;
    core.closing.signal.addEventListener("abort", () => this.stop(), { once: true, signal });
    globalThis.addEventListener?.("online", () => this.poke(), { signal });
    core.tabs.alone("live", signal, () => this.#lead(signal)).catch((e: unknown) => {
      if (!signal.aborted) core.config.log(`live: ${String(e)}`);
    });
  }

  stop(): void {
    this.#stop.abort(new SyncError("closed", "stopped"));
  }

  /** There may be something to send or to fetch. */
  poke(): void {
    this.#poked = true;
    this.#poke();
  }

  /** What the tab does that holds the lock: two loops until it is stopped. */
  async #lead(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listen(signal), this.#syncs(signal)]);
  }

  async #syncs(signal: AbortSignal): Promise<void> {
    for (let failed = 0; !signal.aborted;) {
      this.#poked = false;
      try {
        await this.#sync(signal);
        failed = 0;
      } catch (e) {
        if (signal.aborted) return;
        failed = e instanceof SyncError && (e.code === "signed_out" || e.code === "revoked") ? Infinity : failed + 1; // then until somebody signs in
      }
      await this.#rest(failed === 0 ? nothingHeard : this.#core.jitter(Math.min(firstPause * 2 ** failed, longestPause)), failed === Infinity, signal);
    }
  }

  /** Waits for a poke, for a while at most unless for good. */
  async #rest(milliseconds: number, forGood: boolean, signal: AbortSignal): Promise<void> {
    if (this.#poked || signal.aborted) return;
    const timer = new AbortController();
    const poked = new Promise<void>((resolve) => {
      this.#poke = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true, signal: timer.signal });
    });
    const over = forGood ? [] : [this.#core.config.sleep(milliseconds, timer.signal).catch(() => undefined)];
    await Promise.race([poked, ...over]);
    this.#poke = () => undefined;
    timer.abort();
  }

  /** Pokes whenever the server says that something has moved, and after each connection anew: anything may have moved meanwhile. */
  async #listen(signal: AbortSignal): Promise<void> {
    for (let failed = 0; !signal.aborted; failed++) {
      let pause = 0;
      try {
        await this.#listenOnce(signal, () => {
          failed = 0;
          this.poke();
        });
      } catch (e) {
        if (signal.aborted) return;
        if (e instanceof SyncError && e.retryAfter > 0) pause = e.retryAfter;
        if (!retriable(e)) failed = Math.max(failed, 6); // signed out, say: seldom
      }
      await this.#core.config.sleep(Math.max(pause, this.#core.jitter(Math.min(firstPause * 2 ** Math.min(failed, 12), longestPause))), signal).catch(() => undefined);
    }
  }

  async #listenOnce(signal: AbortSignal, moved: () => void): Promise<void> {
    const token = await access(this.#core, signal);
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    const quiet = { ...this.#core.config, stall: 3 * this.#core.config.stall }; // the server sends a comment now and then
    const { response, alarm } = await send(quiet, "/v1/sync/stream", { headers }, signal);
    try {
      if (!response.ok || !response.body) {
        const problem = await problemOf(response);
        if (problem.code === "token_expired") await refresh(this.#core, token, signal);
        else throw await refused(this.#core, problem);
        return;
      }
      moved();
      let event = "";
      for await (const line of linesOf(response.body, () => alarm.reset())) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        else if (line.startsWith("data:") && event === "moved") moved();
        else if (line.trim() === "") event = "";
      }
      throw cut("the stream of events ended");
    } catch (e) {
      throw e instanceof SyncError ? e : cut("the stream of events broke", e);
    } finally {
      alarm.stop();
    }
  }
}
