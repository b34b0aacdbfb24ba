// Identifiers and scopes. As ../../id.go and ../../scope.go.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { ID, Scope } from "./types.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether s is a UUID in canonical text form. */
export function validID(s: string): boolean {
  return uuid.test(s);
}

/** Whether s is a scope. */
export function validScope(s: string): boolean {
  const [kind, id = "", desk, ...more] = s.split(":");
  if (s === "org") return true;
  if (!validID(id) || more.length > 0 || (desk !== undefined && desk !== "desk")) return false;
  return kind === "unit" || kind === "cluster" || (kind === "user" && desk === undefined);
}

/** The scope of one person. */
export function userScope(person: ID): Scope {
  return `user:${person}`;
}

/** The identifier that follows from what it names: two phones that make the thing of one name offline make one document. */
export function nameID(...parts: string[]): ID {
  const b = sha256(utf8ToBytes(parts.join("\0"))).slice(0, 16);
  b[6] = 0x80 | ((b[6] as number) & 0x0f);
  b[8] = 0x80 | ((b[8] as number) & 0x3f);
  return format(b);
}

/** A version 7 UUID of a time in milliseconds, the low 12 bits of a counter and the low 62 of eight random bytes. */
export function makeID(milli: number, counter: number, random: Uint8Array): ID {
  const b = new Uint8Array(16);
  const view = new DataView(b.buffer);
  view.setUint16(0, Math.floor(milli / 2 ** 32));
  view.setUint32(2, milli % 2 ** 32);
  view.setUint16(6, 0x7000 | (counter & 0x0fff));
  b.set(random.subarray(0, 8), 8);
  b[8] = 0x80 | ((b[8] as number) & 0x3f);
  return format(b);
}

/** When a version 7 identifier was made, milliseconds since 1970 by its device's clock; 0 if it does not say. */
export function madeAt(id: ID): number {
  return validID(id) && id[14] === "7" ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;
}

/**
 * Makes identifiers. The random bits are drawn when it starts, so that clones of one database and tabs of one browser
 * never meet, and anew when the counter has gone round, so that a clock that stands still repeats nothing.
 */
export class Identifiers {
  readonly #now: () => number;
  readonly #random: (into: Uint8Array<ArrayBuffer>) => void;
  #counter = 0;
  readonly #bits = new Uint8Array(8);

  constructor(now: () => number, random: (into: Uint8Array<ArrayBuffer>) => void) {
    this.#now = now;
    this.#random = random;
  }

  next(): ID {
    if ((this.#counter & 0x0fff) === 0) this.#random(this.#bits);
    return makeID(this.#now(), this.#counter++, this.#bits);
  }
}

function format(b: Uint8Array): ID {
  const s = bytesToHex(b);
  return `${s.slice(0, 8)}-${s.slice(8, 12)}-${s.slice(12, 16)}-${s.slice(16, 20)}-${s.slice(20)}`;
}
