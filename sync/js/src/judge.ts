// What the server would make of edits, shown before it does: a preview, never the last word. As judge in ../../edit.go.

import { apply } from "./edit.ts";
import { lookup } from "./pointer.ts";
import type { Body, Edit, Judgement, Path, Value, WasHash } from "./types.ts";
import { equal, hashOf, isBody } from "./value.ts";

/**
 * Decides edits against a present body by value: what the author saw is there, and it is applied; what the author wants
 * is there, and it merges; else it clashes. An edit between objects is decided key by key unless the place is atomic.
 * The rules of the domain are the server's alone and have no part in this.
 */
export function judge(body: Body, edits: Edit[], atomic: (p: Path) => boolean = () => false): Judgement {
  const out: Judgement = { body, applied: [], merged: [], clashes: [], divided: false };
  for (const e of edits) one(body, e, atomic, out);
  out.body = apply(body, out.applied);
  return out;
}

function one(body: Body, e: Edit, atomic: (p: Path) => boolean, out: Judgement): void {
  const { value: cur, blocked } = lookup(body, e.path);
  if (blocked) {
    out.clashes.push(e);
  } else if (saw(e.was, cur)) {
    (equal(cur, e.now) ? out.merged : out.applied).push({ ...e, was: cur });
  } else if (equal(e.now, cur)) {
    out.merged.push(e);
  } else if (e.now !== undefined && (cur !== undefined || e.was === undefined) &&
    divisible(e.was) && divisible(e.now) && divisible(cur) && !atomic(e.path)) {
    out.divided = true;
    const was = (e.was ?? {}) as Body;
    const now = e.now as Body;
    for (const k of [...new Set([...Object.keys(was), ...Object.keys(now)])].sort()) {
      if (was[k] !== undefined && equal(was[k], now[k])) continue; // the author left it as it was
      one(body, { path: `${e.path}/${k}`, was: was[k], now: now[k] }, atomic, out);
    }
  } else {
    out.clashes.push(e);
  }
}

/** Whether v is the hash of a long value seen; `#` cannot be a key of a body. */
export function isWasHash(v: Value | WasHash | undefined | null): v is WasHash {
  return isBody(v) && typeof v["#"] === "string";
}

function saw(was: Edit["was"], v: Value | undefined): boolean {
  if (isWasHash(was)) return v !== undefined && was["#"] === hashOf(v);
  return equal(was, v);
}

function divisible(v: Edit["was"]): boolean {
  return v === undefined || (isBody(v) && !isWasHash(v));
}
