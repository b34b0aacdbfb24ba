// Documents of a replica and how an answer changes them. As bring in ../../client/segment.go.

import { apply } from "./edit.ts";
import type { DocLine } from "./line.ts";
import { set } from "./pointer.ts";
import type { Body, Edit, ID, Mutation } from "./types.ts";
import { canonical, hashStart, isBody } from "./value.ts";

/** A document as the server last described it. */
export interface Held {
  type: string;
  version: number;
  /** Canonical body. */
  raw: string;
}

/** A mutation of the request being answered that was applied to the letter and for the first time, so that the answer does not bring it back. */
export interface Own { mutation: Mutation; seq: number }

const modulus = 1n << 64n;

/** The share of a document in its scope's checksum; none for none. */
export function share(id: ID, d: Pick<Held, "version" | "raw"> | undefined): bigint {
  return d ? hashStart(`${id} ${d.version} ${d.raw}`) : 0n;
}

/** Adds to a checksum what comes in and takes off what goes. */
export function shift(sum: bigint, added: bigint, taken = 0n): bigint {
  return (((sum + added - taken) % modulus) + modulus) % modulus;
}

export function hexSum(sum: bigint): string {
  return sum.toString(16).padStart(16, "0");
}

/** A mutation's edits in order of path. */
export function editsOf(m: Mutation): Edit[] {
  return Object.entries(m.edits ?? {})
    .map(([path, [was, now]]) => ({ path, was: was ?? undefined, now: now ?? undefined }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A document after own changes and lines, by version; whole is false if it cannot be known without asking for it. A
 * line says how the document stands at its version except for what own changes did to it, so it goes on top of those
 * up to there; whether it is news is told by the version the document had before any of them.
 */
export function bring(before: Held | undefined, folds: Own[], lines: DocLine[]): { after: Held | undefined; whole: boolean } {
  let known = before?.version ?? 0;
  let after = before;
  let whole = true;
  let next = 0;
  const fold = (upTo: number) => {
    for (let f = folds[next]; f && f.seq <= upTo; f = folds[++next]) {
      if (f.seq <= known) continue;
      if (!after && f.mutation.edits) whole = false;
      after = mutated(after, f);
    }
  };
  for (const l of lines) {
    fold(l.v);
    if (l.v <= known) continue;
    if (l.gone) after = undefined;
    else if (l.body) after = { type: l.type ?? "", version: l.v, raw: canonical(l.body) };
    else if (after) after = patched(after, l);
    else {
      whole = false;
      continue;
    }
    known = l.v;
    if (!l.set) whole = true;
  }
  fold(Infinity);
  return { after, whole };
}

function mutated(present: Held | undefined, { mutation: m, seq }: Own): Held | undefined {
  if (m.create) return { type: m.type ?? "", version: seq, raw: canonical(m.create) };
  if (m.delete || !present) return undefined;
  return { type: present.type, version: seq, raw: canonical(apply(bodyOf(present), editsOf(m))) };
}

function patched(present: Held, l: DocLine): Held {
  let body = bodyOf(present);
  for (const path of Object.keys(l.set ?? {}).sort()) body = set(body, path, l.set?.[path] ?? undefined);
  return { type: present.type, version: l.v, raw: canonical(body) };
}

export function bodyOf(d: Pick<Held, "raw">): Body {
  const body: unknown = JSON.parse(d.raw);
  return isBody(body) ? body : {};
}

/** A document as the author of a mutation sees it; undefined if that deletes it or there is nothing to edit. */
export function over(d: { type: string; body: Body } | undefined, m: Mutation): { type: string; body: Body } | undefined {
  if (m.create) return d ? { type: d.type, body: unite(d.body, m.create) } : { type: m.type ?? "", body: m.create };
  if (m.delete || !d) return undefined;
  return { type: d.type, body: apply(d.body, editsOf(m)) };
}

/** A creation on top of the document that somebody else has created meanwhile under the same identifier. */
function unite(there: Body, mine: Body): Body {
  const out: Body = { ...there };
  for (const [k, v] of Object.entries(mine)) {
    const old = out[k];
    out[k] = isBody(old) && isBody(v) ? unite(old, v) : v;
  }
  return out;
}
