// Whose device this is, and the reference data every screen reads names from.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { ID } from "thidua-sync";
import type { Me } from "../shared/capacity.ts";
import { Org } from "../shared/org.ts";
import { phone, useDocs, useStatus } from "./phone.ts";

const KEY = "me";
const FRESH = 10 * 60_000; // milliseconds; grants change seldom, and the server judges anyway

interface Kept { at: number; me: Me }

/** The person signed in as the server told last; kept for when there is no network. undefined: not known yet. */
export function useMe(): Me | undefined {
  const person = useStatus()?.person ?? "";
  const [kept, set] = useState(stored);
  useEffect(() => {
    let gone = false;
    const known = stored();
    if (!person || (known?.me.person === person && Date.now() - known.at < FRESH)) return;
    void phone()
      .then((client) => client.call("GET", "/v1/me"))
      .then((answer) => {
        const fresh = { at: Date.now(), me: answer as Me };
        keep(fresh);
        if (!gone) set(fresh);
      })
      .catch(() => undefined); // no network: what was told last stands
    return () => {
      gone = true;
    };
  }, [person]);
  return usable(kept, person);
}

function usable(kept: Kept | undefined, person: ID): Me | undefined {
  return kept && kept.me.person === person ? kept.me : undefined;
}

function stored(): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Kept | null;
    return kept?.me?.grants ? kept : undefined;
  } catch {
    return undefined; // storage may be forbidden
  }
}

function keep(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // it holds for this page only
  }
}

/** Forgets who it was, once the device belongs to nobody any more. */
export function forgetMe(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // then it was never kept
  }
}

/** The organisation as this device knows it; undefined before the first answer. */
export function useOrg(): Org | undefined {
  const docs = useDocs({ scope: "org", type: Org.types }, "org");
  return useMemo(() => docs && new Org(docs), [docs]);
}
