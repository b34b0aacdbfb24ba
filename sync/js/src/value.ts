// Values: normal form, canonical JSON, hashes, equality. As ../../value.go.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { SyncError, type Body, type Value } from "./types.ts";

/** Bytes of the canonical body of a document that a person may write. */
export const maxBody = 64 << 10;
/** Levels of objects and arrays. */
export const maxDepth = 12;

const key = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const escaped = /["\\\u0000-\u001f]/;
const unpaired = /\p{Surrogate}/gu;

export function validKey(s: string): boolean {
  return key.test(s);
}

export function isBody(v: unknown): v is Body {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** The canonical JSON text (RFC 8785) that hashes are taken of; absent is null. */
export function canonical(v: Value | null | undefined): string {
  switch (typeof v) {
    case "string":
      return escaped.test(v) ? JSON.stringify(v) : `"${v}"`; // JSON.stringify escapes as the RFC does
    case "number":
      return v === 0 ? "0" : String(v); // there is no minus zero
    case "boolean":
      return v ? "true" : "false";
    case "object":
      break;
    default:
      return "null";
  }
  if (v === null) return "null";
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  const entries: string[] = [];
  for (const k of Object.keys(v).sort()) {
    const below = v[k];
    if (below !== undefined) entries.push(`${JSON.stringify(k)}:${canonical(below)}`);
  }
  return `{${entries.join(",")}}`;
}

/** SHA-256 of a text in UTF-8, in lower-case hexadecimal. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** The hash of the canonical text of a value. */
export function hashOf(v: Value | null | undefined): string {
  return hashText(canonical(v));
}

/** The first eight bytes, big endian, of the SHA-256 of a text. */
export function hashStart(text: string): bigint {
  const h = sha256(utf8ToBytes(text));
  return new DataView(h.buffer, h.byteOffset).getBigUint64(0);
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x800) n += c >= 0xd800 && c <= 0xdfff ? 1 : 2; // a pair of surrogates is four bytes
    else if (c >= 0x80) n++;
  }
  return n;
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((v, i) => equal(v, b[i]));
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equal(a[k], b[k]));
}

/**
 * A copy of a body in normal form: texts in NFC, no empty objects, no entries that are undefined. Throws a SyncError
 * with the code and path of what may not be in a body.
 */
export function normal(body: unknown): Body {
  if (!isBody(body)) throw new SyncError("invalid_type", "a body is an object");
  const clean = normalValue(body, "", 0) ?? {};
  if (byteLength(canonical(clean)) > maxBody) throw new SyncError("body_too_large", `more than ${maxBody} bytes`);
  return clean as Body;
}

function normalValue(v: unknown, at: string, depth: number): Value | undefined {
  const fault = (code: string, detail: string) => new SyncError(code, detail, { path: at });
  if (depth > maxDepth) throw fault("too_deep", `more than ${maxDepth} levels`);
  switch (typeof v) {
    case "boolean":
      return v;
    case "string":
      return v.replace(unpaired, "\ufffd").normalize("NFC");
    case "number":
      if (!Number.isSafeInteger(v)) throw fault("bad_number", "a number is an integer between -(2^53-1) and 2^53-1");
      return v + 0;
    case "object":
      break;
    default:
      throw fault("invalid_type", `a body holds no ${typeof v}`);
  }
  if (v === null) throw fault("null_value", "leave absent values out");
  if (Array.isArray(v)) {
    return v.map((e, i) => {
      if (Array.isArray(e)) throw fault("nested_array", "an array holds no array");
      const clean = normalValue(e, `${at}/${i}`, depth + 1);
      if (clean === undefined) throw fault("empty_object", "an array holds no empty object");
      return clean as string | number | boolean | Body;
    });
  }
  const out: Body = {};
  for (const [k, below] of Object.entries(v)) {
    if (below === undefined) continue;
    if (!validKey(k)) throw fault("bad_key", "a key is 1 to 64 of A-Z a-z 0-9 _ - and starts with a letter or digit");
    const clean = normalValue(below, `${at}/${k}`, depth + 1);
    if (clean !== undefined) out[k] = clean;
  }
  return Object.keys(out).length > 0 ? out : undefined;
}
