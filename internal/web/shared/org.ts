// The reference data of the organisation, as of any day: names, memberships,
// terms and periods. As internal/emulation/{unit,cluster,termhandover}.go.

import { nameID, type Body, type Doc, type ID } from "thidua-sync";
import { asBody, obj, str } from "./value.ts";

const TYPES = ["unit", "unit_link", "cluster", "membership", "term", "period", "dispatch", "criteria"] as const;

/** Whether a day, YYYY-MM-DD, lies in a span whose ends belong to it and may be absent. */
export function within(span: Body, day: string): boolean {
  const from = str(span, "from");
  const to = str(span, "to");
  return (!from || from <= day) && (!to || day <= to);
}

/** The year of terms and of days in Vietnam. */
export function yearOf(milli: number): number {
  return new Date(milli + 7 * 3_600_000).getUTCFullYear();
}

export function dayOf(milli: number): string {
  return new Date(milli + 7 * 3_600_000).toISOString().slice(0, 10);
}

export class Org {
  /** The types it is made of, for the query. */
  static readonly types = TYPES;
  readonly #docs = new Map<ID, Doc>();
  readonly #byUnit = new Map<ID, Body[]>();
  readonly #byCluster = new Map<ID, Body[]>();

  constructor(docs: readonly Doc[]) {
    for (const d of docs) {
      this.#docs.set(d.id, d);
      if (d.type !== "membership") continue;
      push(this.#byUnit, str(d.body, "unit"), d.body);
      push(this.#byCluster, str(d.body, "cluster"), d.body);
    }
  }

  find(type: (typeof TYPES)[number], id: ID): Doc | undefined {
    const d = this.#docs.get(id);
    return d?.type === type ? d : undefined;
  }

  of(type: (typeof TYPES)[number]): Doc[] {
    return [...this.#docs.values()].filter((d) => d.type === type);
  }

  /** The name a unit bore on a day; of several the one that began last, of none the earliest. "" for a unit that is not known. */
  name(unit: ID, day: string): string {
    return this.#named(unit, day, "name");
  }

  /** The short name, where there is one. */
  shortName(unit: ID, day: string): string {
    return this.#named(unit, day, "short") || this.name(unit, day);
  }

  #named(unit: ID, day: string, key: "name" | "short"): string {
    let now: Body | undefined;
    let first: Body | undefined;
    const names = obj(this.find("unit", unit)?.body, "names");
    for (const k of Object.keys(names).sort()) {
      const n = asBody(names[k]);
      if (!first || str(n, "from") < str(first, "from")) first = n;
      if (within(n, day) && (!now || str(n, "from") > str(now, "from"))) now = n;
    }
    return str(now ?? first, key);
  }

  /** The unit that manages another on a day; "" where that is not known. */
  manager(unit: ID, day: string): ID {
    return str(this.of("unit_link").find((l) => str(l.body, "child") === unit && str(l.body, "kind") === "manages" && within(l.body, day))?.body, "parent");
  }

  clusterName(cluster: ID): string {
    return str(this.find("cluster", cluster)?.body, "name");
  }

  /** What people call a unit or cluster by its scope. */
  scopeName(scope: string, day: string): string {
    const [kind, id = ""] = scope.split(":");
    return kind === "cluster" ? this.clusterName(id) : this.name(id, day);
  }

  /** The units that belong to a cluster on a day, by name. */
  members(cluster: ID, day: string): ID[] {
    const ids = (this.#byCluster.get(cluster) ?? []).filter((m) => within(m, day)).map((m) => str(m, "unit"));
    return [...new Set(ids)].sort((a, b) => this.name(a, day).localeCompare(this.name(b, day), "vi"));
  }

  clustersOf(unit: ID, day: string): ID[] {
    return [...new Set((this.#byUnit.get(unit) ?? []).filter((m) => within(m, day)).map((m) => str(m, "cluster")))].sort();
  }

  /** The units that lead a cluster in a year; "" where that is not known. */
  leaders(cluster: ID, year: number): { head: ID; deputy: ID } {
    const b = this.find("term", nameID("term", cluster, String(year)))?.body;
    return { head: str(b, "head"), deputy: str(b, "deputy") };
  }

  /** The clusters a unit leads, as head or deputy, at a moment. */
  led(unit: ID, at: number): ID[] {
    return this.clustersOf(unit, dayOf(at)).filter((c) => {
      const { head, deputy } = this.leaders(c, yearOf(at));
      return unit === head || unit === deputy;
    });
  }

  /** The periods of a cluster, its own and those of all, newest first. */
  periods(clusters: readonly ID[]): Doc[] {
    return this.of("period")
      .filter((p) => !str(p.body, "cluster") || clusters.includes(str(p.body, "cluster")))
      .sort((a, b) => str(b.body, "to").localeCompare(str(a.body, "to")) || str(b.body, "from").localeCompare(str(a.body, "from")));
  }
}

function push(map: Map<ID, Body[]>, key: ID, b: Body): void {
  const list = map.get(key);
  if (list) list.push(b);
  else map.set(key, [b]);
}
