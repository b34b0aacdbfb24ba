// Lines of an answer and the stream they come in.

import type { Ack, Body, ID, Path, Scope, Value } from "./types.ts";

/** Brings one document to a version: whole, by new values for some paths (null removes), or gone. */
export interface DocLine {
  doc: ID;
  v: number;
  type?: string;
  body?: Body;
  set?: Record<Path, Value | null>;
  gone?: boolean;
}

/** Closes a segment; with a sum the replica must have that checksum. */
export interface CursorLine { cursor: string; sum?: string }

export interface End { now: number; more: boolean; backoff: number }

export type Line =
  | { kind: "ack"; ack: Ack }
  | { kind: "scope"; scope: Scope }
  | { kind: "doc"; doc: DocLine }
  | { kind: "cursor"; cursor: CursorLine }
  | { kind: "drop"; scope: Scope }
  | { kind: "reset"; scope: Scope }
  | { kind: "end"; end: End }
  | { kind: "unknown" };

/** Reads one line. Throws a SyntaxError on what is no JSON object; lines and fields that it does not know are skipped. */
export function decodeLine(text: string): Line {
  const said: unknown = JSON.parse(text);
  if (typeof said !== "object" || said === null) throw new SyntaxError("a line is an object");
  const l = said as Record<string, unknown>;
  if (typeof l["ack"] === "string") return { kind: "ack", ack: decodeAck(l) };
  if (typeof l["doc"] === "string" && typeof l["v"] === "number") return { kind: "doc", doc: l as unknown as DocLine };
  if (typeof l["cursor"] === "string") return { kind: "cursor", cursor: l as unknown as CursorLine };
  if (typeof l["scope"] === "string") return { kind: "scope", scope: l["scope"] };
  if (typeof l["drop"] === "string") return { kind: "drop", scope: l["drop"] };
  if (typeof l["reset"] === "string") return { kind: "reset", scope: l["reset"] };
  const end = l["end"] as Partial<End> | undefined;
  if (typeof end === "object" && end !== null) {
    return { kind: "end", end: { now: Number(end.now ?? 0), more: end.more === true, backoff: Number(end.backoff ?? 0) } };
  }
  return { kind: "unknown" };
}

function decodeAck(l: Record<string, unknown>): Ack {
  const ack: Ack = { mutation: String(l["ack"]), outcome: l["outcome"] as Ack["outcome"], seq: Number(l["seq"] ?? 0) };
  if (l["duplicate"] === true) ack.duplicate = true;
  if (typeof l["code"] === "string") ack.code = l["code"];
  if (typeof l["vi"] === "string") ack.message = { vi: l["vi"], en: String(l["en"] ?? "") };
  if (typeof l["kept"] === "string") ack.kept = l["kept"];
  if (typeof l["in"] === "string") ack.in = l["in"];
  return ack;
}

/** The sequence number a cursor begins with: all of it that a client may look at. */
export function seqOf(cursor: string | undefined): number {
  return parseInt(cursor ?? "0", 10) || 0;
}

const maxLine = 8 << 20; // characters

/**
 * Cuts a stream of bytes into lines. `read` is told the size of each piece as it comes. What stands after the last line
 * feed is not a line.
 */
export async function* linesOf(body: ReadableStream<Uint8Array>, read: (bytes: number) => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      read(value.length);
      const pieces = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = pieces.pop() ?? "";
      if (rest.length > maxLine) throw new SyntaxError(`a line of more than ${maxLine} characters`);
      yield* pieces;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
