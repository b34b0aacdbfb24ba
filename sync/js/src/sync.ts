// Syncing until both sides agree, and what to do when a request fails. As ../../client/sync.go.

import { access, refresh, refused, revoke } from "./auth.ts";
import type { Core } from "./core.ts";
import { Exchange } from "./exchange.ts";
import { retriable } from "./http.ts";
import { countIn, maxBatch } from "./queue.ts";
import { Tally } from "./report.ts";
import { getMeta, putMeta } from "./store.ts";
import { SyncError, type Progress, type Report } from "./types.ts";

const shortWait = 100; // milliseconds between attempts while the network gives something now and then
const oftenTries = 30; // failures in a row after which waiting grows although it worked before
const longestWait = 5_000;
const longestHint = 60_000; // most that a server may ask for before sync gives up instead

/** Syncs for a client: one of its kind runs at a time on a device. */
export class Syncer {
  readonly #core: Core;
  #batch = maxBatch; // mutations in the next request

  constructor(core: Core) {
    this.#core = core;
  }

  async sync(signal: AbortSignal, progress?: (p: Progress) => void): Promise<Report> {
    const tally = new Tally();
    return this.#core.tabs.alone("sync", signal, async () => {
      this.#core.tabs.syncing(true);
      try {
        await new Run(this.#core, tally, signal, this.#batch, progress).converge((batch) => (this.#batch = batch));
        await this.#note(tally);
        return tally.report();
      } catch (e) {
        await this.#note(tally, e).catch(() => undefined); // the database may be closed
        throw e;
      } finally {
        this.#core.tabs.syncing(false);
      }
    });
  }

  /** Keeps how a sync ended for whoever asks for the status. */
  async #note(tally: Tally, e?: unknown): Promise<void> {
    await this.#core.store.write(async (tx) => {
      if (!(await getMeta(tx, "tokens"))) return; // wiped
      const { up, down } = (await getMeta(tx, "bytes")) ?? { up: 0, down: 0 };
      await putMeta(tx, "bytes", { up: up + tally.bytesUp, down: down + tally.bytesDown });
      if (e instanceof SyncError && e.code !== "closed") {
        await putMeta(tx, "problem", { code: e.code, message: e.text ?? sentence(e.code), at: this.#core.config.now() });
      } else if (e === undefined) {
        await tx.store("meta").delete("problem");
      }
    });
  }
}

/** One call of sync. */
class Run {
  readonly #core: Core;
  readonly #tally: Tally;
  readonly #signal: AbortSignal;
  readonly #tell: ((p: Progress) => void) | undefined;
  #batch: number;
  #failed = 0; // requests in a row
  #idle = 0; // answers in a row that came to their end and changed nothing though more was due
  #progressed = false; // since it began
  #refreshed = false; // since the last answer

  constructor(core: Core, tally: Tally, signal: AbortSignal, batch: number, tell: ((p: Progress) => void) | undefined) {
    this.#core = core;
    this.#tally = tally;
    this.#signal = signal;
    this.#batch = batch;
    this.#tell = tell;
  }

  async converge(learnt: (batch: number) => void): Promise<void> {
    for (;;) {
      const x = new Exchange(this.#core, this.#tally);
      x.stored = () => void this.#report();
      let pause: number;
      let token = "";
      try {
        token = await access(this.#core, this.#signal);
        await x.run(token, this.#batch, this.#signal);
        if (await this.#settled(x)) return;
        pause = x.end?.backoff ?? 0;
      } catch (e) {
        pause = await this.#recover(x, e, token);
      } finally {
        learnt(this.#batch);
      }
      if (pause > 0) await this.#core.config.sleep(pause, this.#signal);
      this.#signal.throwIfAborted();
    }
  }

  async #report(): Promise<void> {
    if (this.#tell) this.#tell(this.#tally.progress(await this.#unsent()));
  }

  #unsent(): Promise<number> {
    return this.#core.store.read((tx) => countIn(tx, "queue"));
  }

  /** Whether nothing is left to do after an answer that came to its end. */
  async #settled(x: Exchange): Promise<boolean> {
    this.#failed = 0;
    this.#refreshed = false;
    this.#progressed ||= x.progress;
    this.#batch = Math.min(this.#batch * 2, maxBatch);
    const all = (await this.#unsent()) === 0;
    if (x.revoked && all) {
      await revoke(this.#core);
      throw new SyncError("revoked", "signed out from the console; everything was taken in", { status: 410 });
    }
    if (x.tooOld && all) throw new SyncError("too_old", "documents come after an update of the app", { status: 426 });
    if (all && !x.end?.more && !x.again) return true;
    if (x.progress || x.again) this.#idle = 0;
    else if (++this.#idle >= this.#core.config.attempts) throw new SyncError("offline", "the server answers but nothing moves");
    return false;
  }

  /** How long to wait after a failed request; rejects with the error with which to give up. */
  async #recover(x: Exchange, e: unknown, token: string): Promise<number> {
    if (this.#signal.aborted) throw this.#signal.reason;
    if (x.progress) {
      this.#failed = 0;
      this.#progressed = true;
    }
    if (!(e instanceof SyncError)) throw e;
    if (e.status === 401 && e.code === "token_expired" && token && !this.#refreshed) {
      await refresh(this.#core, token, this.#signal).then(() => (this.#refreshed = true), (failed: unknown) => {
        if (!retriable(failed)) throw failed;
      });
      return this.#refreshed ? 0 : this.#fail(e);
    }
    if (e.status === 401) throw await refused(this.#core, e);
    if (e.status === 413 && x.batch.length > 1) {
      this.#batch = Math.floor(x.batch.length / 2);
      return 0;
    }
    if (!retriable(e)) throw e;
    if (e.status === 429 || e.status >= 500) {
      if (e.retryAfter > longestHint) throw e;
      return Math.max(this.#fail(e), e.retryAfter);
    }
    this.#tally.cuts++;
    this.#core.config.log(`sync: ${e.message}${e.cause ? `: ${String(e.cause)}` : ""}`);
    if (x.batch.length > 0 && x.acked === 0) this.#batch = Math.max(1, Math.floor(x.batch.length / 2));
    return x.progress ? 0 : this.#fail(e);
  }

  /** Counts a failure that brought nothing, and says how long to wait after it. */
  #fail(e: SyncError): number {
    this.#failed++;
    // If it worked a moment ago: ask often for a while, then ever less.
    const doublings = this.#progressed ? Math.max(0, this.#failed - oftenTries) : this.#failed;
    if (doublings >= this.#core.config.attempts) throw e;
    return this.#core.jitter(Math.min(shortWait * 2 ** Math.min(doublings, 10), longestWait));
  }
}

/** Why a sync ended, for people, where the server did not say. */
function sentence(code: string): { vi: string; en: string } {
  switch (code) {
    case "offline":
      return { vi: "Chưa kết nối được máy chủ. Dữ liệu vẫn còn trên máy và sẽ được gửi sau.", en: "The server cannot be reached. What was recorded is on this device and will be sent later." };
    case "signed_out":
      return { vi: "Phiên đăng nhập đã hết. Dữ liệu chưa gửi vẫn còn trên máy; hãy đăng nhập lại.", en: "You are signed out. What was not sent is still on this device; sign in again." };
    case "revoked":
      return { vi: "Thiết bị này đã bị đăng xuất từ xa.", en: "This device was signed out by an administrator." };
    case "too_old":
      return { vi: "Ứng dụng đã cũ. Dữ liệu ghi trên máy đã được gửi; hãy cập nhật để nhận dữ liệu mới.", en: "This app is too old. What was recorded has been sent; update it to receive new documents." };
    default:
      return { vi: "Đồng bộ chưa xong vì lỗi không lường trước.", en: "Syncing ended early because of an unexpected error." };
  }
}
