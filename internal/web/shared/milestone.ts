// Until when something may be done. As ../../emulation/deadline.go, which has
// the last word: what was made in time and comes in late is judged there.

import type { Body } from "thidua-sync";
import { asBody, num, obj, str } from "./value.ts";

export interface Due {
  /** The last day, YYYY-MM-DD in Vietnam. */
  due: string;
  /** Days after it in which what was made before is still taken. */
  grace: number;
}

/** Of several milestones of a kind the last counts; a sheet that was given until a later day has until then. Undefined: there is no deadline. */
export function dueOf(period: Body, kind: string, body: Body = {}): Due | undefined {
  let found: Due | undefined;
  for (const v of Object.values(obj(period, "milestones"))) {
    const m = asBody(v);
    const due = str(m, "due");
    if (str(m, "kind") === kind && due && (!found || due > found.due)) found = { due, grace: num(m, "grace") ?? 0 };
  }
  const extended = str(body, "extended_to");
  if (found && kind === "sheet" && extended > found.due) found.due = extended;
  return found;
}
