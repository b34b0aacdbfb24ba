// Edits: what differs between two bodies, and putting it in place. As ../../edit.go.

import { set } from "./pointer.ts";
import type { Body, Edit, Path, Value, WasHash } from "./types.ts";
import { byteLength, canonical, equal, hashText, isBody } from "./value.ts";

/** Bytes of canonical text above which a value seen is sent as its hash. */
const longWas = 160;

/** A value seen as the first half of an edit: itself, or its hash where it is long. */
export function seen(v: Value | undefined): Value | WasHash | undefined {
  const text = canonical(v);
  return byteLength(text) > longWas ? { "#": hashText(text) } : v;
}

/**
 * The edits that lead from body a to body b, in order of path. Objects are compared key by key except where `atomic`
 * says that the value at a path is one; an entry that appears or vanishes is one edit.
 */
export function diff(a: Body, b: Body, atomic: (p: Path) => boolean = () => false): Edit[] {
  const edits: Edit[] = [];
  diffAt("", a, b, atomic, edits);
  return edits.sort((x, y) => (x.path < y.path ? -1 : 1));
}

function diffAt(at: Path, a: Body, b: Body, atomic: (p: Path) => boolean, edits: Edit[]): void {
  for (const k of Object.keys(a)) {
    if (!Object.hasOwn(b, k)) edits.push({ path: `${at}/${k}`, was: a[k], now: undefined });
  }
  for (const k of Object.keys(b)) {
    const path = `${at}/${k}`;
    const was = Object.hasOwn(a, k) ? a[k] : undefined;
    const now = b[k];
    if (isBody(was) && isBody(now) && !atomic(path)) diffAt(path, was, now, atomic, edits);
    else if (!equal(was, now)) edits.push({ path, was, now });
  }
}

/** A body with the edits' new values in place, whatever was there. */
export function apply(body: Body, edits: Pick<Edit, "path" | "now">[]): Body {
  return edits.reduce((b, e) => set(b, e.path, e.now), body);
}
