// What somebody is in relation to a scope, so that screens offer what the
// server will take. As internal/emulation/rights.go; the server decides.

import type { ID, Scope } from "thidua-sync";
import { dayOf, type Org } from "./org.ts";

export interface Grant { role: string; subject?: ID; from?: number; to?: number }

/** Whose device this is: what `GET /v1/me` told last. */
export interface Me { person: ID; name: string; login?: string; grants: Grant[] }

export type Capacity = "staff" | "leader" | "member" | "head" | "officer" | "admin" | "owner";

export function valid(g: Grant, at: number): boolean {
  return (!g.from || at >= g.from) && (!g.to || at < g.to);
}

/** The units somebody has a grant for at a moment. */
export function unitsOf(me: Me, at: number): ID[] {
  const ids = me.grants.filter((g) => valid(g, at) && (g.role === "unit_staff" || g.role === "unit_leader")).map((g) => g.subject ?? "");
  return [...new Set(ids)].filter(Boolean);
}

/** All that somebody is in relation to a scope at a moment, milliseconds since 1970. */
export function capacities(me: Me, scope: Scope, at: number, org: Org): Set<Capacity> {
  const all = new Set<Capacity>();
  const [kind, subject = ""] = scope.split(":");
  if (kind === "user" && subject === me.person) all.add("owner");
  for (const g of me.grants) if (valid(g, at)) for (const c of granted(g, scope, at, org)) all.add(c);
  return all;
}

function granted(g: Grant, scope: Scope, at: number, org: Org): Capacity[] {
  switch (g.role) {
    case "unit_staff":
    case "unit_leader":
      return ofUnit(g, scope, at, org);
    case "cluster_head":
    case "cluster_deputy":
      return reaches(g.subject ?? "", scope, at, org) ? ["head"] : [];
    case "officer":
      return scope === "org" || reaches(g.subject ?? "", scope, at, org) ? ["officer"] : [];
    case "admin":
      return ["admin"];
  }
  return [];
}

/** A grant for a unit makes staff there, a member of its clusters, and head of those the unit leads by the term in force. */
function ofUnit(g: Grant, scope: Scope, at: number, org: Org): Capacity[] {
  const unit = g.subject ?? "";
  const [kind, subject = "", desk] = scope.split(":");
  const leads = () => (org.led(unit, at).some((c) => reaches(c, scope, at, org)) ? (["head"] as Capacity[]) : []);
  if (kind === "unit") {
    if (subject !== unit) return leads();
    return g.role === "unit_leader" ? ["staff", "leader"] : ["staff"];
  }
  if (kind !== "cluster") return [];
  if (desk) return leads();
  return org.clustersOf(unit, dayOf(at)).includes(subject) ? ["member", ...leads()] : [];
}

/** Whether what is granted for a cluster reaches a scope: its own two, or the desk of a member. */
function reaches(cluster: ID, scope: Scope, at: number, org: Org): boolean {
  const [kind, subject = "", desk] = scope.split(":");
  if (kind === "cluster") return subject === cluster;
  return kind === "unit" && desk !== undefined && org.clustersOf(subject, dayOf(at)).includes(cluster);
}
