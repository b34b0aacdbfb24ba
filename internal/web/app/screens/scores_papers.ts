// What the screens of scores look at: the papers about one sheet, and who is
// looking.

import type { Body, Doc, ID } from "thidua-sync";
import { type Capacity, capacities, type Me } from "../../shared/capacity.ts";
import { dayOf, type Org } from "../../shared/org.ts";
import { actsFor, reviewCopyID, reviewID, sheetID, verificationID } from "../../shared/sheet.ts";
import { str } from "../../shared/value.ts";
import { phone, useDocs, useStatus } from "../phone.ts";
import { useMe, useOrg } from "../who.ts";

export interface Papers {
  me: Me;
  org: Org;
  /** By the server's clock as far as the device knows it. */
  now: number;
  today: string;
  unit: ID;
  unitName: string;
  cluster: ID;
  period: Doc;
  /** The set the sheet names, or the period's where there is no sheet yet. */
  criteria: Doc | undefined;
  sheet: Doc | undefined;
  /** As it stands at the cluster's desk, for those who look there; drafts too. */
  review: Doc | undefined;
  /** What the unit may know: a review or verification that was sent. */
  sent: { review?: Body; verification?: Body };
  /** What the person is at the unit's desk. */
  who: ReadonlySet<Capacity>;
  /** The person acts for this very unit. */
  own: boolean;
}

export function useNow(): number {
  return Date.now() + (useStatus()?.offset ?? 0);
}

/** undefined until the device has looked; null if there is no such period here. */
export function usePapers(unit: ID, period: ID): Papers | null | undefined {
  const me = useMe();
  const org = useOrg();
  const now = useNow();
  const id = sheetID(unit, period);
  const desk = useDocs({ scope: `unit:${unit}:desk`, type: ["sheet", "verification", "review_copy"] }, `desk/${unit}`);
  const sheet = desk?.find((d) => d.id === id);
  const p = org?.find("period", period);
  const cluster = str(sheet?.body, "cluster") || clusterAt(org, unit, p);
  const reviews = useDocs({ scope: `cluster:${cluster}:desk`, id: reviewID(id), type: "review" }, `review/${cluster}/${id}`);
  if (!me || !org || !desk || !reviews) return undefined;
  if (!p) return null;
  const find = (of: ID) => desk.find((d) => d.id === of)?.body;
  const review = reviews[0];
  const told = find(reviewCopyID(cluster, id)) ?? (str(review?.body, "state") === "sent" ? review?.body : undefined);
  const verification = find(verificationID(id));
  return {
    me, org, now, today: dayOf(now), unit, unitName: org.name(unit, str(p.body, "from")), cluster, period: p, sheet, review,
    criteria: org.find("criteria", str(sheet?.body, "criteria") || str(p.body, "criteria")),
    sent: { ...(told ? { review: told } : {}), ...(str(verification, "state") === "sent" && verification ? { verification } : {}) },
    who: capacities(me, `unit:${unit}:desk`, now, org),
    own: actsFor(me, unit, now, org),
  };
}

/** The cluster a unit began a period in: the one the period is for, if it is for one. */
export function clusterAt(org: Org | undefined, unit: ID, period: Doc | undefined): ID {
  const began = org?.clustersOf(unit, str(period?.body, "from")) ?? [];
  const only = str(period?.body, "cluster");
  return only ? (began.includes(only) ? only : "") : (began[0] ?? "");
}

/** Begins the sheet of a unit; its identifier follows from unit and period, so that two phones begin the same. */
export async function begin(p: Papers): Promise<void> {
  if (!p.criteria) return;
  const client = await phone();
  await client.create(`unit:${p.unit}:desk`, "sheet", { unit: p.unit, period: p.period.id, cluster: p.cluster, criteria: p.criteria.id }, sheetID(p.unit, p.period.id));
}
