// Merging texts word by word, for a person who decides. As ../../words.go, step by step, so that phone and console propose the same.

import type { Part, Proposal, WordChange } from "./types.ts";

const word = /[\p{L}\p{M}\p{Nd}]/u;
const space = /\p{White_Space}/u;

type Class = "word" | "space" | "other";

/** Says that a[a0…a1) became b[b0…b1). */
interface Hunk { a0: number; a1: number; b0: number; b1: number }

/**
 * Merges two versions of a text that grew from one base. Changes of the two authors are combined only where a whole
 * unchanged word stands between them; closer changes clash unless they are equal. No words that either added are left out.
 */
export function mergeWords(base: string, ours: string, theirs: string): Proposal {
  const ids = new Map<string, number>();
  const b = new Words(base, ids);
  const o = new Side(b, ours, ids);
  const t = new Side(b, theirs, ids);
  const p: Proposal = { text: "", clean: true, parts: [] };
  let at = 0; // tokens of the base consumed
  const emit = (kind: Part["kind"], end: number) => {
    const part: Part = { kind, base: b.slice(at, end), ours: o.upTo(end), theirs: t.upTo(end) };
    at = end;
    if (part.base === "" && kind === "kept") return;
    if (kind === "clash") {
      if (part.ours === part.theirs) part.kind = "both";
      else p.clean = false;
    }
    p.parts.push(part);
    p.text += merged(part);
  };
  while (o.hunks.length + t.hunks.length > 0) {
    let end = Math.min(o.next(), t.next());
    emit("kept", end);
    let kind: Part["kind"] | undefined;
    for (;;) {
      const ourEnd = o.join(end);
      const joined = ourEnd ?? t.join(end);
      if (joined === undefined) break;
      const author = ourEnd !== undefined ? "ours" : "theirs";
      kind = kind === undefined || kind === author ? author : "clash";
      end = joined;
    }
    emit(kind ?? "kept", end);
  }
  emit("kept", b.length);
  return p;
}

function merged(p: Part): string {
  if (p.kind === "theirs") return p.theirs;
  if (p.kind !== "clash") return p.ours;
  const touching = p.ours !== "" && p.theirs !== "" && !space.test([...p.ours].at(-1) as string) &&
    !space.test(String.fromCodePoint(p.theirs.codePointAt(0) as number));
  return touching ? `${p.ours} ${p.theirs}` : p.ours + p.theirs;
}

/** The runs of words that lead from a to b, in reading order, removed before added. */
export function diffWords(a: string, b: string): WordChange[] {
  const ids = new Map<string, number>();
  const from = new Words(a, ids);
  const to = new Words(b, ids);
  const runs: WordChange[] = [];
  const emit = (kind: WordChange["kind"], text: string) => {
    if (text !== "") runs.push({ kind, text });
  };
  let at = 0;
  for (const h of wordHunks(from, to)) {
    emit("kept", from.slice(at, h.a0));
    emit("removed", from.slice(h.a0, h.a1));
    emit("added", to.slice(h.b0, h.b1));
    at = h.a1;
  }
  emit("kept", from.slice(at, from.length));
  return runs;
}

/** A text cut into tokens that leave nothing out; equal tokens of texts split with one map have equal ids. */
class Words {
  readonly text: string;
  readonly start: number[] = [];
  readonly class: Class[] = [];
  readonly id: number[] = [];

  constructor(text: string, ids: Map<string, number>) {
    this.text = text;
    let i = 0;
    for (const c of text) {
      const kind: Class = word.test(c) ? "word" : space.test(c) ? "space" : "other";
      if (kind === "other" || this.class.at(-1) !== kind) {
        this.start.push(i);
        this.class.push(kind);
      }
      i += c.length;
    }
    this.start.push(text.length);
    for (let n = 0; n < this.class.length; n++) {
      const token = this.slice(n, n + 1);
      const id = ids.get(token) ?? ids.size;
      ids.set(token, id);
      this.id.push(id);
    }
  }

  get length(): number {
    return this.class.length;
  }

  slice(i: number, j: number): string {
    return this.text.slice(this.start[i], this.start[j]);
  }

  /**
   * Whether a whole word lies among tokens i to j. A word with punctuation on both sides, such as the month in
   * 16/12/2022, is a piece of something larger and does not count.
   */
  separates(i: number, j: number): boolean {
    for (; i < j; i++) {
      const open = i === 0 || this.class[i - 1] === "space" || i + 1 === this.length || this.class[i + 1] === "space";
      if (open && this.class[i] === "word") return true;
    }
    return false;
  }
}

/** One author's version while it is merged. */
class Side extends Words {
  readonly base: Words;
  hunks: Hunk[];
  #at = 0; // tokens consumed
  #shift = 0; // where the merged changes put a token, less its place in the base

  constructor(base: Words, text: string, ids: Map<string, number>) {
    super(text, ids);
    this.base = base;
    this.hunks = wordHunks(base, this);
  }

  /** Where in the base the next change begins. */
  next(): number {
    return this.hunks[0]?.a0 ?? this.base.length;
  }

  /** Merges the next change unless a whole word separates it from `end`, and returns the new end. */
  join(end: number): number | undefined {
    const h = this.hunks[0];
    if (h === undefined || this.base.separates(end, h.a0)) return undefined;
    this.hunks = this.hunks.slice(1);
    this.#shift += h.b1 - h.b0 - (h.a1 - h.a0);
    return Math.max(end, h.a1);
  }

  /** Consumes what corresponds to the base before `end`, where no change is under way. */
  upTo(end: number): string {
    const from = this.#at;
    this.#at = end + this.#shift;
    return this.slice(from, this.#at);
  }
}

/** The changes from a to b, joined where no whole word separates them. */
function wordHunks(a: Words, b: Words): Hunk[] {
  const joined: Hunk[] = [];
  for (const h of diffTokens(a.id, b.id)) {
    const last = joined.at(-1);
    if (last && !a.separates(last.a1, h.a0)) {
      last.a1 = h.a1;
      last.b1 = h.b1;
    } else {
      joined.push(h);
    }
  }
  return joined;
}

/** Bounds the comparison of two texts beyond their common ends; a text rewritten from end to end reads better as one change. */
const maxWordSteps = 2 << 20;

/** The fewest insertions and deletions that lead from a to b, in order; one hunk between their common ends where that takes too long. */
function diffTokens(a: number[], b: number[]): Hunk[] {
  let prefix = 0;
  while (prefix < Math.min(a.length, b.length) && a[prefix] === b[prefix]) prefix++;
  let aEnd = a.length;
  let bEnd = b.length;
  while (aEnd > prefix && bEnd > prefix && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  if (aEnd === prefix && bEnd === prefix) return [];
  const whole = [{ a0: prefix, a1: aEnd, b0: prefix, b1: bEnd }];
  if (aEnd === prefix || bEnd === prefix) return whole;
  const trace = searchEdits(a.slice(prefix, aEnd), b.slice(prefix, bEnd));
  return trace ? traceHunks(trace, prefix, aEnd, bEnd) : whole;
}

/**
 * The greedy search of Myers (1986). Entry d of the trace holds how far x was reached with d edits on each diagonal
 * k = x-y from -d to d, every other one, at index (k+d)/2.
 */
function searchEdits(a: number[], b: number[]): Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  let steps = 0;
  for (let d = 0; ; d++) {
    const reach = new Int32Array(d + 1);
    trace.push(reach);
    for (let k = -d; k <= d; k += 2) {
      let x = d > 0 ? stepBack(trace[d - 1] as Int32Array, k).x : 0;
      let y = x - k;
      for (steps++; x < a.length && y < b.length && a[x] === b[y]; steps++) {
        x++;
        y++;
      }
      reach[(k + d) / 2] = x;
      if (x >= a.length && y >= b.length) return trace;
      if (steps > maxWordSteps) return undefined;
    }
  }
}

/** The furthest x on diagonal k one edit after reach, and the diagonal that the edit left: k+1 by an insertion or k-1 by a deletion. */
function stepBack(reach: Int32Array, k: number): { x: number; from: number } {
  const left = Math.trunc((k + reach.length) / 2) - 1; // index of diagonal k-1; that of k+1 follows
  const down = reach[left + 1];
  if (left < 0 || (down !== undefined && (reach[left] as number) < down)) return { x: down as number, from: k + 1 };
  return { x: (reach[left] as number) + 1, from: k - 1 };
}

/** Walks a trace back from the end; adjoining edits are one hunk. */
function traceHunks(trace: Int32Array[], prefix: number, aEnd: number, bEnd: number): Hunk[] {
  const hunks: Hunk[] = [];
  let k = aEnd - bEnd;
  for (let d = trace.length - 1; d > 0; d--) {
    const { x, from } = stepBack(trace[d - 1] as Int32Array, k);
    const h: Hunk = { a0: prefix + x, a1: prefix + x, b0: prefix + x - k, b1: prefix + x - k };
    if (from > k) h.b0--;
    else h.a0--;
    const last = hunks.at(-1);
    if (last && last.a0 === h.a1 && last.b0 === h.b1) {
      last.a0 = h.a0;
      last.b0 = h.b0;
    } else {
      hunks.push(h);
    }
    k = from;
  }
  return hunks.reverse();
}
