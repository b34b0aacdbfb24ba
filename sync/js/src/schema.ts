// What the types declare about fields. As ../../schema.go.

import { keysOf } from "./pointer.ts";
import type { Body, Edit, Fault, Field, Path, Schema, Value } from "./types.ts";
import { validID } from "./id.ts";
import { isBody } from "./value.ts";

const defaultLine = 300; // characters
const defaultText = 10_000;
const defaultEntries = 1_000;

/** The field at a path of a type, undefined if there is none; `inside` tells whether an ancestor of the path is atomic. */
export function fieldAt(schema: Schema | undefined, type: string, p: Path): { field: Field | undefined; inside: boolean } {
  let field: Field | undefined = schema && Object.hasOwn(schema.types, type) ? schema.types[type]?.body : undefined;
  let inside = false;
  for (const k of keysOf(p)) {
    if (!field) break;
    if (field.policy === "atomic") inside = true;
    field = below(field, k);
  }
  return { field, inside };
}

/** Tells where values of a type are compared and replaced as a whole; nowhere, where nothing is known of it. */
export function atomic(schema: Schema | undefined, type: string): (p: Path) => boolean {
  return (p) => {
    const { field, inside } = fieldAt(schema, type, p);
    return inside || field?.policy === "atomic";
  };
}

/** Whether an edit of a path touches a state or signature, so that its mutation must attest the body seen. */
export function touchesTransition(schema: Schema | undefined, type: string, p: Path, ...values: Edit["was"][]): boolean {
  const keys = keysOf(p);
  for (let i = 0; i <= keys.length; i++) {
    const at = keys.slice(0, i).map((k) => `/${k}`).join("");
    if (fieldAt(schema, type, at).field?.policy === "transition") return true;
  }
  return values.some((v) => holds(fieldAt(schema, type, p).field, v));
}

function holds(field: Field | undefined, v: Edit["was"]): boolean {
  if (!field || v === undefined) return false;
  if (field.policy === "transition") return true;
  return isBody(v) && Object.entries(v).some(([k, w]) => holds(below(field, k), w));
}

function below(field: Field, k: string): Field | undefined {
  if (field.kind === "map") return field.each;
  return field.kind === "object" && field.fields && Object.hasOwn(field.fields, k) ? field.fields[k] : undefined;
}

/** The first thing wrong with the shape of a body, in order of path; undefined if it fits. Rules across fields are the server's. */
export function validate(schema: Schema, type: string, body: Body): Fault | undefined {
  const field = fieldAt(schema, type, "").field;
  return field ? validateAt(field, "", body) : { code: "unknown_type", path: "", detail: type };
}

function validateAt(f: Field, path: Path, v: Value): Fault | undefined {
  const bad = (code: string, detail = ""): Fault => ({ code, path, detail });
  switch (f.kind) {
    case "object": {
      if (!isBody(v)) return bad("invalid_type", "an object is expected");
      const fields = f.fields ?? {};
      for (const k of Object.keys(v).sort()) {
        const at = `${path}/${k}`;
        const field = Object.hasOwn(fields, k) ? fields[k] : undefined;
        const fault = field ? validateAt(field, at, v[k] as Value) : { code: "unknown_field", path: at, detail: "" };
        if (fault) return fault;
      }
      const missing = Object.keys(fields).sort().find((k) => fields[k]?.required && !Object.hasOwn(v, k));
      return missing === undefined ? undefined : { code: "required", path: `${path}/${missing}`, detail: "" };
    }
    case "map":
      if (!isBody(v)) return bad("invalid_type", "an object is expected");
      return validateEntries(f, path, Object.keys(v).sort().map((k) => [k, v[k] as Value]));
    case "list":
      if (!Array.isArray(v)) return bad("invalid_type", "a list is expected");
      return validateEntries(f, path, v.map((e, i) => [String(i), e]));
    case "bool":
      return typeof v === "boolean" ? undefined : bad("invalid_type", "true or false is expected");
    case "int":
    case "time":
      if (typeof v !== "number") return bad("invalid_type", "an integer is expected");
      if ((f.min !== undefined && v < f.min) || (f.max !== undefined && v > f.max)) return bad("out_of_range", `${f.min ?? ""}…${f.max ?? ""}`);
      return undefined;
  }
  if (typeof v !== "string") return bad("invalid_type", "a text is expected");
  return validateText(f, v, bad);
}

function validateEntries(f: Field, path: Path, entries: [string, Value][]): Fault | undefined {
  const most = f.length || defaultEntries;
  if (entries.length > most) return { code: "too_many_entries", path, detail: `at most ${most}` };
  for (const [k, v] of entries) {
    const fault = f.each && validateAt(f.each, `${path}/${k}`, v);
    if (fault) return fault;
  }
  return undefined;
}

function validateText(f: Field, s: string, bad: (code: string, detail?: string) => Fault): Fault | undefined {
  switch (f.kind) {
    case "enum":
      return f.enum?.includes(s) ? undefined : bad("not_in_enum", `one of ${f.enum?.join(", ")}`);
    case "id":
      return validID(s) ? undefined : bad("bad_format", "a UUID is expected");
    case "hash":
      return /^[0-9a-f]{64}$/.test(s) ? undefined : bad("bad_format", "a SHA-256 in hexadecimal is expected");
    case "date":
      return validDate(s) ? undefined : bad("bad_format", "a date YYYY-MM-DD is expected");
  }
  if (f.kind === "line" && /[\u0000-\u001f\u007f]/.test(s)) return bad("bad_format", "one line is expected");
  const most = f.length || (f.kind === "line" ? defaultLine : defaultText);
  return [...s].length > most ? bad("too_long", `at most ${most} characters`) : undefined;
}

function validDate(s: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(s);
  if (!parts) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= ([31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number);
}
