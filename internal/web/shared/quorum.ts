// Who came to a meeting, and whether they are enough. As internal/emulation/tally.go.

import type { Body } from "thidua-sync";
import { asBody, flag, num, obj, str } from "./value.ts";

export const ROLES = ["member", "invited", "observer"] as const;
export type Role = (typeof ROLES)[number];

/** How many persons a row of the attendance list stands for: one unless it says more. */
export function persons(attendee: Body): number {
  return Math.max(1, num(attendee, "persons") ?? 1);
}

/** How many with a role are on the list, and how many of them came. */
export function attended(meeting: Body, role: Role): { listed: number; present: number } {
  const sum = { listed: 0, present: 0 };
  for (const v of Object.values(obj(meeting, "attendance"))) {
    const a = asBody(v);
    if (str(a, "role") !== role) continue;
    sum.listed += persons(a);
    if (flag(a, "present")) sum.present += persons(a);
  }
  return sum;
}

/** How many members came: guests and observers neither make a quorum nor vote. */
export function present(meeting: Body): number {
  return attended(meeting, "member").present;
}

/** The fewest that are two thirds of those summoned. */
export function needed(summoned: number): number {
  return summoned - Math.floor(summoned / 3);
}

/** Whether enough came; undefined where nobody said how many were summoned. */
export function quorum(meeting: Body): boolean | undefined {
  const summoned = num(meeting, "summoned") ?? 0;
  return summoned > 0 ? present(meeting) >= needed(summoned) : undefined;
}
