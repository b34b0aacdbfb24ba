// A server in small, behind a stand-in for fetch: logs, receipts, tokens and the answer of the protocol, all in memory,
// with what can go wrong at hand. ../server.test.ts has the real one.

import { gunzipSync } from "node:zlib";
import { hexSum, share, shift, editsOf } from "../../src/document.ts";
import { judge } from "../../src/judge.ts";
import { seqOf } from "../../src/line.ts";
import type { Body, ID, Mutation, Scope } from "../../src/types.ts";
import { canonical } from "../../src/value.ts";

interface Stored { type: string; version: number; before: number; body: Body | undefined }
interface Log { seq: number; docs: Map<ID, Stored> }
interface Request { clock: number; cursors?: Record<Scope, string>; mutations?: Mutation[]; need?: Record<Scope, ID[]>; schema?: number }
type Line = Record<string, unknown>;

export const person = "00000000-0000-8000-8000-00000000000b";
export const unit: Scope = "unit:00000000-0000-8000-8000-000000000001";
export const mine: Scope = `user:${person}`;

export class StandIn {
  readonly logs = new Map<Scope, Log>();
  readonly receipts = new Map<ID, Line & { scope: Scope; content: string }>();
  readable = [unit, mine];
  requests: Request[] = [];
  refreshes = 0;
  /** Which history this is; a cursor of another one is answered with a reset. */
  epoch = 1;
  /** Documents between cursor lines. */
  perSegment = 1000;
  /** Changes what an answer to sync would be: a status, problems, a body cut after some bytes. */
  meddle: (r: Request) => { status?: number; problem?: string; headers?: Record<string, string>; cutAfter?: number; lost?: boolean } = () => ({});
  /** Makes a checksum wrong. */
  lie = (_scope: Scope, sum: string): string => sum;
  /** Changes the lines of documents. */
  twist = (line: Line): Line | undefined => line;
  loseRefresh = false;
  revoked = false;
  #access = 0;
  #current = "";
  #previous = "";
  expireAt = Infinity; // requests after which the access token is no longer taken

  readonly fetch: typeof fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    init?.signal?.throwIfAborted();
    const headers = new Headers(init?.headers);
    const raw = init?.body instanceof Uint8Array ? Buffer.from(init.body) : Buffer.from(String(init?.body ?? ""));
    const body = JSON.parse((headers.get("Content-Encoding") === "gzip" ? gunzipSync(raw) : raw).toString() || "{}") as Record<string, string>;
    if (path === "/v1/enrol" || path === "/v1/sign-in") {
      this.revoked = false;
      return this.#session(body["device"] ?? "");
    }
    if (this.revoked) return problem(401, "device_revoked");
    if (path === "/v1/refresh") {
      this.refreshes++;
      if (body["refresh"] !== this.#current && body["refresh"] !== this.#previous) return problem(401, "device_revoked");
      if (body["refresh"] === this.#current) this.#previous = this.#current;
      const answer = this.#session(body["device"] ?? "");
      if (!this.loseRefresh) return answer;
      this.loseRefresh = false;
      throw new TypeError("the answer is lost");
    }
    if (headers.get("Authorization") !== `Bearer a${this.#access}` || this.expireAt-- <= 0) return problem(401, "token_expired");
    if (path === "/v1/sync/stream") return new Response(eventStream(init?.signal), { headers: { "Content-Type": "text/event-stream" } });
    return this.#sync(body as unknown as Request);
  };

  #session(device: ID): Response {
    this.expireAt = Infinity;
    this.#access++;
    this.#current = `r${this.#access}`;
    return Response.json({ access: `a${this.#access}`, refresh: this.#current, expires: Date.now() + 900_000, person, device });
  }

  log(scope: Scope): Log {
    const log = this.logs.get(scope) ?? { seq: 0, docs: new Map() };
    this.logs.set(scope, log);
    return log;
  }

  /** Stores a document as somebody else would; undefined deletes it. */
  put(scope: Scope, id: ID, type: string, body: Body | undefined): void {
    const log = this.log(scope);
    log.seq++;
    log.docs.set(id, { type, body, version: log.seq, before: log.docs.get(id)?.version ?? 0 });
  }

  body(scope: Scope, id: ID): Body | undefined {
    return this.log(scope).docs.get(id)?.body;
  }

  sum(scope: Scope): string {
    let sum = 0n;
    for (const [id, d] of this.log(scope).docs) {
      if (d.body) sum = shift(sum, share(id, { version: d.version, raw: canonical(d.body) }));
    }
    return hexSum(sum);
  }

  #take(m: Mutation): Line {
    const known = this.receipts.get(m.id);
    if (known) {
      if (known.content !== canonical(m as unknown as Body)) throw new Error(`${m.id} was sent with other content`);
      return { ...known.line as Line, duplicate: true };
    }
    const log = this.log(m.scope);
    const present = log.docs.get(m.doc)?.body;
    const line: Line = { ack: m.id, outcome: "applied" };
    const kept = m.id.replace(/^.{8}/, "ffffffff");
    if (m.create) {
      if (m.create["title"] === "refuse me") {
        line["outcome"] = "rejected";
        line["code"] = "required";
        line["kept"] = kept;
        this.put(m.scope, kept, "rejection", { about: m.doc, state: "open", mutation: m.id });
      } else this.put(m.scope, m.doc, m.type ?? "", m.create);
    } else if (m.delete) {
      this.put(m.scope, m.doc, "note", undefined);
    } else {
      const out = judge(present ?? {}, editsOf(m));
      if (out.clashes.length > 0) {
        line["outcome"] = "conflict";
        line["kept"] = kept;
        this.put(m.scope, kept, "conflict", { about: m.doc, state: "open" });
      } else if (out.merged.length > 0) line["outcome"] = "merged";
      if (out.applied.length > 0 && out.clashes.length === 0) this.put(m.scope, m.doc, "note", out.body);
    }
    line["seq"] = log.seq;
    this.receipts.set(m.id, { line, scope: m.scope, content: canonical(m as unknown as Body) } as never);
    return line;
  }

  #sync(r: Request): Response {
    this.requests.push(r);
    const meddled = this.meddle(r);
    if (meddled.problem) return problem(meddled.status ?? 500, meddled.problem, meddled.headers);
    const acks = (r.mutations ?? []).map((m) => this.#take(m));
    const lines = [...acks];
    if ((meddled.status ?? 200) === 200) {
      for (const scope of Object.keys(r.cursors ?? {})) if (!this.readable.includes(scope)) lines.push({ drop: scope });
      for (const scope of this.readable) lines.push(...this.#news(scope, r, new Set(acks.filter((a) => a["outcome"] === "applied" && !a["duplicate"]).map((a) => a["seq"] as number))));
    }
    lines.push({ end: { now: Date.now() } });
    if (meddled.lost) throw new TypeError("the answer is lost");
    const text = new TextEncoder().encode(lines.map((l) => `${JSON.stringify(l)}\n`).join(""));
    const body = meddled.cutAfter === undefined ? text : cutStream(text, meddled.cutAfter);
    return new Response(body, { status: meddled.status ?? 200, headers: { "Content-Type": "application/x-ndjson" } });
  }

  #news(scope: Scope, r: Request, own: Set<number>): Line[] {
    const log = this.log(scope);
    const cursor = r.cursors?.[scope];
    const from = seqOf(cursor);
    const need = new Set(r.need?.[scope]);
    if (from > 0 && (!cursor?.endsWith(this.#hash()) || from > log.seq)) return [{ reset: scope }];
    if (cursor !== undefined && from === log.seq && need.size === 0 && cursor.split(".").length < 3) return [];
    const docs = [...log.docs].filter(([id, d]) => need.has(id) || (d.version > from && !(cursor !== undefined && own.has(d.version) && d.before <= from)))
      .sort(([, a], [, b]) => a.version - b.version);
    const lines: Line[] = [{ scope, from }];
    docs.forEach(([doc, d], i) => {
      const line = this.twist(d.body ? { doc, v: d.version, type: d.type, body: d.body } : { doc, v: d.version, gone: true });
      if (line) lines.push(line);
      if ((i + 1) % this.perSegment === 0 && i + 1 < docs.length && d.version < log.seq && d.version > from) lines.push({ cursor: `${d.version}.${from}.${this.#hash()}` });
    });
    lines.push({ cursor: log.seq > 0 ? `${log.seq}.${this.#hash()}` : "0", sum: this.lie(scope, this.sum(scope)) });
    return lines;
  }

  #hash(): string {
    return String(this.epoch).padStart(16, "0");
  }
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ code, detail: code, vi: code, en: code }), { status, headers: { ...headers, "Content-Type": "application/problem+json" } });
}

/** A stream of events in which nothing happens, until its reader gives up. */
function eventStream(signal: AbortSignal | null | undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(c) {
      c.enqueue(new TextEncoder().encode(": here\n\n"));
      signal?.addEventListener("abort", () => c.error(signal.reason), { once: true });
    },
  });
}

/** Bytes that break off with an error, in pieces as a network would bring them. */
function cutStream(bytes: Uint8Array<ArrayBuffer>, after: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(c) {
      const end = Math.min(at + 50, after, bytes.length);
      if (at < end) c.enqueue(bytes.slice(at, end));
      else if (end === bytes.length) c.close();
      else c.error(new TypeError("the connection was cut"));
      at = end;
    },
  });
}
