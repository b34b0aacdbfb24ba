// Reading bodies, whose fields may be absent: what is not there is "", 0, false
// or an empty object, so that no screen has to ask twice.

import type { Body, Value } from "thidua-sync";

export function str(b: Body | undefined, key: string): string {
  const v = b?.[key];
  return typeof v === "string" ? v : "";
}

/** undefined where there is no number: 0 says something else. */
export function num(b: Body | undefined, key: string): number | undefined {
  const v = b?.[key];
  return typeof v === "number" ? v : undefined;
}

export function flag(b: Body | undefined, key: string): boolean {
  return b?.[key] === true;
}

export function obj(b: Body | undefined, key: string): Body {
  return asBody(b?.[key]);
}

export function asBody(v: Value | undefined): Body {
  return typeof v === "object" && !Array.isArray(v) ? v : {};
}

/** Sets a field, or removes it where there is nothing to say: bodies hold no empty text. */
export function put(b: Body, key: string, value: Value | undefined): void {
  if (value === undefined || value === "") delete b[key];
  else b[key] = value;
}

/** The entries of a keyed set as people see them: by their order numbers, equal ones by key. */
export function inOrder(set: Body): { key: string; order: number; entry: Body }[] {
  return Object.entries(set)
    .map(([key, v]) => ({ key, order: num(asBody(v), "order") ?? 0, entry: asBody(v) }))
    .sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1));
}
