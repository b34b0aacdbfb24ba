// Places in a body. As ../../pointer.go.

import type { Body, Path, Value } from "./types.ts";
import { isBody, maxDepth, validKey } from "./value.ts";

export function keysOf(p: Path): string[] {
  return p === "" ? [] : p.slice(1).split("/");
}

/** Whether p names a place below the body: at least one key, each valid. */
export function validPath(p: Path): boolean {
  const keys = keysOf(p);
  return p.startsWith("/") && keys.length <= maxDepth && keys.every(validKey);
}

/** Whether q is p or lies below p. */
export function contains(p: Path, q: Path): boolean {
  return q.startsWith(p) && (p.length === q.length || q[p.length] === "/");
}

/** The value at p, undefined if there is none. */
export function get(body: Body | undefined, p: Path): Value | undefined {
  return lookup(body, p).value;
}

/** `get` that tells absent from unreachable: blocked means that a value that is no object stands in the way. */
export function lookup(body: Body | undefined, p: Path): { value: Value | undefined; blocked: boolean } {
  let v: Value | undefined = body;
  for (const k of keysOf(p)) {
    if (!isBody(v)) return { value: undefined, blocked: v !== undefined };
    v = Object.hasOwn(v, k) ? v[k] : undefined;
    if (v === undefined) return { value: undefined, blocked: false };
  }
  return { value: v, blocked: false };
}

/**
 * A body with the value at p replaced, or removed if v is undefined. Objects on the way are made as needed, and
 * objects left empty vanish. At "" it is v itself.
 */
export function set(body: Body, p: Path, v: Value | undefined): Body {
  const out = p === "" ? v : setAt(body, keysOf(p), 0, v);
  return isBody(out) ? out : {};
}

function setAt(at: Value | undefined, keys: string[], i: number, v: Value | undefined): Value | undefined {
  if (i === keys.length) return isBody(v) && Object.keys(v).length === 0 ? undefined : v;
  const k = keys[i] as string;
  const old = isBody(at) ? at : undefined;
  const below = setAt(old && Object.hasOwn(old, k) ? old[k] : undefined, keys, i + 1, v);
  if (below === undefined && old === undefined) return at; // removing below something that is no object changes nothing
  const out: Body = { ...old };
  if (below === undefined) delete out[k];
  else out[k] = below;
  return Object.keys(out).length > 0 ? out : undefined;
}
