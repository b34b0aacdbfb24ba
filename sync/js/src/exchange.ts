// One request with its answer. As ../../client/exchange.go and answer.go.

import type { Core } from "./core.ts";
import type { Own } from "./document.ts";
import { cut, problemOf, send, type Alarm } from "./http.ts";
import { decodeLine, linesOf, seqOf, type DocLine, type End, type Line } from "./line.ts";
import { acknowledge, archiveWhere, concerns, entriesIn, keepArchived, prune, requeue, sendAgain, unsent } from "./queue.ts";
import { applySegment, closeReplica, needsOf, newReplica, promote, removeReplica, replicaOf, replicasIn, type Segment } from "./replica.ts";
import type { Tally } from "./report.ts";
import { getMeta, mutationOf, putMeta, type Entry, type Replica, type Tx } from "./store.ts";
import { SyncError, type Ack, type ID, type Scope } from "./types.ts";

const gzipFrom = 250; // bytes of a request from which it is compressed
const maxNeed = 500; // documents asked for at once
const maxUnstored = 1 << 20; // characters of lines that wait to be stored together

/** A replica is begun anew at most so often within an hour. */
const guardTimes = 3;
const guardWithin = 3600 * 1000;

type Step = (tx: Tx) => Promise<void>;

/** What take, reset and drop change is counted here; they run within transactions. */
export class Exchange {
  readonly #core: Core;
  readonly #tally: Tally;
  readonly #now: number;
  #person: ID | undefined; // whose answer it is
  batch: Entry[] = []; // the mutations sent
  #acks: Ack[] = []; // that are not stored yet
  #own: Own[] = [];
  #waiting: Entry[] = []; // acknowledged by earlier answers, and no cursor had passed them
  #needed = new Map<Scope, ID[]>(); // asked for
  #asked = new Map<Scope, string>(); // from where
  #at = new Map<number, string | undefined>(); // the cursor of each replica as this exchange knows it
  #passed = new Map<Scope, number>(); // where the live replicas got to in this transaction
  #ignored = new Set<Scope>(); // lines of a replica that was just begun anew come with the next answer
  #begun = new Set<Scope>(); // replicas that were begun anew by this answer
  #audited: Scope[] = [];
  segments = 0; // stored
  acked = 0; // stored
  /** There is more to ask for. */
  again = false;
  end: End | undefined;
  /** The answer had status 426 or 410: acknowledgements and nothing else. */
  tooOld = false;
  revoked = false;
  /** Called after each transaction that stored something. */
  stored: () => void = () => undefined;

  constructor(core: Core, tally: Tally) {
    this.#core = core;
    this.#tally = tally;
    this.#now = core.config.now();
  }

  /** Whether anything of the exchange was kept. */
  get progress(): boolean {
    return this.segments > 0 || this.acked > 0;
  }

  /** Sends one request and stores what comes of it. Rejects with `offline` if there was no answer to the end, or with what the server said. */
  async run(token: string, most: number, signal: AbortSignal): Promise<void> {
    const text = await this.#request(most);
    const packed = await pack(text);
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    if (packed.zipped) headers["Content-Encoding"] = "gzip";
    this.#tally.requests++;
    this.#tally.bytesUp += packed.bytes.length;
    const { response, alarm } = await send(this.#core.config, "/v1/sync", { method: "POST", headers, body: packed.bytes }, signal);
    try {
      const lines = (response.headers.get("Content-Type") ?? "").startsWith("application/x-ndjson");
      this.tooOld = response.status === 426 && lines;
      this.revoked = response.status === 410 && lines;
      if (response.status !== 200 && !this.tooOld && !this.revoked) throw await problemOf(response);
      if (!lines || !response.body) throw cut("what came is no answer of the server");
      await this.#answer(response, alarm, signal);
    } finally {
      alarm.stop();
    }
  }

  /** The text of the next request; the mutations in it are as they were recorded, to the letter. */
  async #request(most: number): Promise<string> {
    const version = this.#core.schema?.version ?? 0;
    await this.#core.store.read(async (tx) => {
      this.#person = (await getMeta(tx, "tokens"))?.person;
      let room = maxNeed;
      const ask = async (r: Replica) => {
        this.#at.set(r.number, r.cursor);
        if (r.cursor !== undefined) this.#asked.set(r.scope, r.cursor);
        const ids = room > 0 ? await needsOf(tx, r, room) : [];
        room -= ids.length;
        if (ids.length > 0) this.#needed.set(r.scope, ids);
      };
      for (const r of await replicasIn(tx, "live")) await ask(r);
      for (const r of await replicasIn(tx, "beside")) {
        this.#needed.delete(r.scope);
        this.#asked.set(r.scope, "0"); // or the server could not tell that the scope is no longer this person's
        await ask(r);
      }
      this.#waiting = await entriesIn(tx, "acked");
      this.batch = await unsent(tx, most);
    });
    const fields = [`"clock":${this.#now}`];
    if (this.#asked.size > 0) fields.push(`"cursors":${JSON.stringify(Object.fromEntries(this.#asked))}`);
    if (this.batch.length > 0) fields.push(`"mutations":[${this.batch.map((e) => e.raw).join(",")}]`);
    if (this.#needed.size > 0) fields.push(`"need":${JSON.stringify(Object.fromEntries(this.#needed))}`);
    if (version > 1) fields.push(`"schema":${version}`);
    return `{${fields.join(",")}}`;
  }

  /** Stores an answer as it comes: reading goes on while the disk is written to, and all segments that have come in meanwhile are stored together. */
  async #answer(response: Response, alarm: Alarm, signal: AbortSignal): Promise<void> {
    let steps: Step[] = [];
    let unstored = 0;
    let writing: Promise<void> | undefined;
    let failed: unknown;
    const store = () => {
      const now = steps;
      steps = [];
      unstored = 0;
      writing = this.#store(now).catch((e: unknown) => void (failed ??= e)).finally(() => (writing = undefined));
      return writing;
    };
    let seg: { scope: Scope; docs: DocLine[] } | undefined;
    let broken: unknown;
    const meter = new Meter(response, this.#tally);
    try {
      for await (const text of linesOf(response.body as ReadableStream<Uint8Array>, (n) => {
        alarm.reset();
        meter.read(n);
      })) {
        unstored += text.length;
        const line = decodeLine(text);
        if (line.kind === "scope") seg = { scope: line.scope, docs: [] };
        else if (line.kind === "doc") seg?.docs.push(line.doc);
        else {
          const step = this.#step(line, seg);
          if (line.kind === "cursor" && seg) seg = { scope: seg.scope, docs: [] };
          if (step) steps.push(step);
        }
        if (line.kind === "end") break;
        if (steps.length > 0 && !writing) void store();
        else if (writing && unstored > maxUnstored) await writing;
        if (failed) break;
      }
    } catch (e) {
      broken = signal.aborted ? signal.reason : cut("the answer was cut", e);
    }
    meter.close();
    await writing;
    if (!failed) await store(); // with acknowledgements that no segment followed
    if (failed) throw failed;
    if (broken) throw broken;
    if (!this.end) throw cut("the answer has no end");
  }

  /** What a line other than those of documents makes to be stored. */
  #step(line: Line, seg: { scope: Scope; docs: DocLine[] } | undefined): Step | undefined {
    switch (line.kind) {
      case "ack":
        this.#acks.push(line.ack);
        return undefined;
      case "cursor": {
        if (!seg) return undefined;
        const closed: Segment = { ...seg, cursor: line.cursor };
        return (tx) => this.#take(tx, closed);
      }
      case "drop":
        return (tx) => this.#drop(tx, line.scope);
      case "reset":
        return (tx) => this.#reset(tx, line.scope);
      case "end":
        return (tx) => this.#finish(tx, line.end);
      default:
        return undefined;
    }
  }

  /** Writes the acknowledgements that came in and then the steps, all in one transaction. */
  async #store(steps: Step[]): Promise<void> {
    if (this.#acks.length === 0 && steps.length === 0) return;
    const acks = this.#acks;
    this.#acks = [];
    const before = { acked: this.acked, segments: this.segments };
    try {
      await this.#core.store.write(async (tx) => {
        const t = await getMeta(tx, "tokens");
        if (!t?.refresh || t.person !== this.#person) throw new SyncError("signed_out", "signed out while an answer came in");
        await this.#settle(tx, acks);
        for (const step of steps) await step(tx);
        if (this.#passed.size > 0) await archiveWhere(tx, this.#now, (scope, seq) => seq <= (this.#passed.get(scope) ?? -1));
      });
    } catch (e) {
      Object.assign(this, before); // nothing of it was kept
      this.end = undefined;
      throw e;
    }
    this.#passed.clear();
    for (const scope of this.#audited) this.#core.audited.add(scope);
    this.stored();
  }

  async #settle(tx: Tx, acks: Ack[]): Promise<void> {
    for (const ack of acks) {
      const e = this.batch.find((b) => b.id === ack.mutation && !b.ack);
      if (!e) {
        this.#core.config.log(`acknowledgement of ${ack.mutation || `number ${this.acked}`}, which was not sent`);
        continue;
      }
      e.ack = ack;
      await acknowledge(tx, e, ack, this.#now);
      this.acked++;
      this.#tally.count(ack);
      if (ack.outcome === "applied" && !ack.duplicate) this.#own.push({ mutation: mutationOf(e), seq: ack.seq }); // a repeat is sent back like anybody's change
    }
  }

  /**
   * Stores a segment and does what follows from it: own changes that are shown now are archived, a replica that grew
   * beside takes its place, one that is wrong is begun anew.
   */
  async #take(tx: Tx, seg: Segment): Promise<void> {
    const { scope } = seg;
    if (this.#ignored.has(scope)) return;
    const r = (await replicaOf(tx, "beside", scope)) ?? (await replicaOf(tx, "live", scope)) ?? (await this.#first(tx, scope));
    if (this.#at.get(r.number) !== r.cursor) throw cut(`another tab has moved ${scope}`); // what is in this answer goes on top of what was asked from
    const grew = r.role === "beside";
    const verdict = await applySegment(tx, r, seg, this.#own, !grew && !this.#core.audited.has(scope));
    this.#at.set(r.number, r.cursor);
    this.segments++;
    this.#tally.documents += seg.docs.length;
    this.#tally.moving.add(scope);
    this.#tally.verified.delete(scope);
    if (verdict === "verified") {
      this.#tally.verified.add(scope);
      this.#tally.moving.delete(scope);
      this.#audited.push(scope);
      await this.#stuck(tx, scope, false);
      if (grew) await promote(tx, r);
    } else if (verdict === "mismatch") {
      this.#core.config.log(`replica of ${scope}: checksum ${r.sum} instead of ${seg.cursor.sum} at ${seg.cursor.cursor}`);
      this.#ignored.add(scope);
      await this.#rebuild(tx, scope);
    }
    if (!(await replicaOf(tx, "beside", scope))) this.#passed.set(scope, seqOf(seg.cursor.cursor)); // else what was acknowledged stays in the view until that one is shown
  }

  async #first(tx: Tx, scope: Scope): Promise<Replica> {
    const r = await newReplica(tx, "live", scope);
    tx.changes.scopes.add(scope);
    this.#at.set(r.number, undefined);
    if (this.#asked.has(scope)) throw cut(`another tab has removed ${scope}`);
    return r;
  }

  /**
   * Begins a replica of a scope beside the one that is shown. The loop guard stops what would never come to an end:
   * then none is begun, and the old one stays, unverified.
   */
  async #rebuild(tx: Tx, scope: Scope): Promise<boolean> {
    const recent = ((await tx.store("guard").get(scope)) ?? []).filter((t) => t > this.#now - guardWithin && t <= this.#now);
    if (recent.length >= guardTimes) {
      this.#tally.stuck.add(scope);
      this.#core.config.log(`replica of ${scope} was begun anew ${recent.length} times in an hour and is left as it is`);
      await this.#stuck(tx, scope, true);
      await removeReplica(tx, "beside", scope);
      return false;
    }
    await tx.store("guard").put([...recent, this.#now], scope);
    this.#tally.rebuilds++;
    this.again = true;
    this.#begun.add(scope);
    tx.changes.standing.add(scope);
    await newReplica(tx, "beside", scope);
    return true;
  }

  async #stuck(tx: Tx, scope: Scope, is: boolean): Promise<void> {
    const stuck = new Set(await getMeta(tx, "stuck"));
    if (stuck.has(scope) === is) return;
    if (is) stuck.add(scope);
    else stuck.delete(scope);
    await putMeta(tx, "stuck", [...stuck]);
  }

  /**
   * The server's history of a scope is another one: a new replica is begun, and what that server may never have heard
   * of is sent again. Without a new replica the next answer would say the same, so both wait until one may be begun.
   */
  async #reset(tx: Tx, scope: Scope): Promise<void> {
    this.#tally.resets++;
    this.#tally.verified.delete(scope);
    this.#passed.delete(scope);
    const live = await replicaOf(tx, "live", scope);
    if (live?.cursor !== undefined) await closeReplica(tx, live, live.cursor, false);
    if (await this.#rebuild(tx, scope)) await requeue(tx, scope, this.#now - keepArchived);
  }

  /** Removes a scope that is no longer this person's. What is unsent stays in the queue and is still taken by the server. */
  async #drop(tx: Tx, scope: Scope): Promise<void> {
    this.#tally.dropped.add(scope);
    this.#tally.verified.delete(scope);
    this.#passed.delete(scope);
    await removeReplica(tx, "live", scope);
    await removeReplica(tx, "beside", scope);
    await archiveWhere(tx, this.#now, (s) => s === scope);
  }

  /** Notes that an answer came to its end. */
  async #finish(tx: Tx, end: End): Promise<void> {
    this.end = end;
    const replicas = async () => [...(await replicasIn(tx, "live")), ...(await replicasIn(tx, "beside"))];
    for (const r of await replicas()) { // asked for and not sent: there is no such document
      for (const id of this.#needed.get(r.scope) ?? []) await tx.store("need").delete([r.number, id]);
    }
    if (!end.more && !this.tooOld && !this.revoked) {
      await this.#empty(tx);
      const held = new Set((await replicas()).map((r) => r.scope));
      await archiveWhere(tx, this.#now, (scope) => !held.has(scope)); // there is no cursor to wait for
      await this.#missed(tx);
    }
    for (const r of await replicas()) {
      if ((await needsOf(tx, r, 1)).length > 0) this.again = true;
    }
    await prune(tx, this.#now - keepArchived);
    await putMeta(tx, "contact", this.#now);
    await putMeta(tx, "tooOld", this.tooOld);
    if (end.now > 0) await putMeta(tx, "offset", end.now - this.#core.config.now());
  }

  /**
   * Sends again what earlier answers acknowledged at places that the log, which was read to its end now, does not
   * reach: the server has lost it. What this answer acknowledged is not doubted, so no server makes this go on for ever.
   */
  async #missed(tx: Tx): Promise<void> {
    for (const e of this.#waiting) {
      const scope = concerns(e);
      const live = await replicaOf(tx, "live", scope);
      if (!live || (await replicaOf(tx, "beside", scope)) || this.#ignored.has(scope) || seqOf(live.cursor) >= (e.ack?.seq ?? 0)) continue;
      if ((await tx.store("mutations").get(e.order))?.in === "acked") await sendAgain(tx, e);
    }
  }

  /** Completes replicas that grow beside and were asked for from the beginning of a log about which a whole answer had nothing to say. */
  async #empty(tx: Tx): Promise<void> {
    for (const r of await replicasIn(tx, "beside")) {
      if (r.cursor !== undefined || this.#begun.has(r.scope) || this.#asked.get(r.scope) !== "0") continue;
      await closeReplica(tx, r, "0", true);
      await promote(tx, r);
    }
  }
}

/** Counts the bytes of an answer: those that came over the wire where the browser tells, inflated ones where not. */
class Meter {
  readonly #tally: Tally;
  readonly #wire: number;
  #read = 0;

  constructor(response: Response, tally: Tally) {
    this.#tally = tally;
    this.#wire = Number(response.headers.get("Content-Length") ?? 0);
  }

  read(bytes: number): void {
    this.#read += bytes;
    this.#tally.bytesDown += bytes;
  }

  close(): void {
    if (this.#wire > 0 && this.#wire < this.#read) this.#tally.bytesDown += this.#wire - this.#read;
  }
}

async function pack(text: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; zipped: boolean }> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= gzipFrom || typeof CompressionStream === "undefined") return { bytes, zipped: false };
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  return packed.length < bytes.length ? { bytes: packed, zipped: true } : { bytes, zipped: false };
}
