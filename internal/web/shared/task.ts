// What somebody has to do and by when, from the milestones of the periods that
// run and what this device knows of the papers. As ../../emulation/progress.go.

import { nameID, type Doc, type ID, type Text } from "thidua-sync";
import { capacities, unitsOf, type Me } from "./capacity.ts";
import { criteriaOf } from "./criteria.ts";
import { daysBetween } from "./format.ts";
import { dueOf } from "./milestone.ts";
import { dayOf, type Org } from "./org.ts";
import { num, obj, str } from "./value.ts";

export interface Task {
  kind: string;
  title: Text;
  /** What is said below the title: of which period, how far. */
  period: string;
  due: string;
  /** Until it is due; negative: overdue. */
  days: number;
  done?: number;
  of?: number;
  /** Parts of the address of the screen where it is done; none for what this app has no screen for. */
  path?: string[];
}

/** The states from which on a paper is out of its author's hands. */
const finished: Record<string, readonly string[]> = {
  registration: ["registered"],
  pledge: ["signed"],
  report: ["filed"],
  sheet: ["submitted", "cross_checked", "explained", "rechecked", "verified", "locked"],
};

const titles: Record<string, Text> = {
  registration: { vi: "Đăng ký thi đua", en: "Register for emulation" },
  pledge: { vi: "Ký giao ước thi đua", en: "Sign the pledge" },
  report: { vi: "Nộp báo cáo", en: "File the report" },
  sheet: { vi: "Nộp bảng tự chấm điểm", en: "Submit the score sheet" },
  cross_check: { vi: "Chấm chéo", en: "Cross-check" },
  explanation: { vi: "Giải trình sau chấm chéo", en: "Explain after the cross-check" },
  recheck: { vi: "Chấm lại sau giải trình", en: "Recheck after explanations" },
  conference: { vi: "Hội nghị của cụm", en: "Conference of the cluster" },
  verification: { vi: "Thẩm định", en: "Verify" },
};

/** How long before its day a thing is spoken of, and how long after it is still thought of as overdue. */
const ahead = 60;
const behind = 365;

/** What is to be done, the nearest first. Papers are sheets, registrations, pledges, reports and reviews. */
export function tasksOf(org: Org, me: Me, papers: readonly Doc[], now: number): Task[] {
  const today = dayOf(now);
  const tasks: Task[] = [];
  const seen = new Set<ID>();
  const clusters = new Set([...unitsOf(me, now).flatMap((u) => org.clustersOf(u, today)), ...me.grants.filter((g) => org.find("cluster", g.subject ?? "")).map((g) => g.subject as ID)]);
  for (const cluster of clusters) {
    for (const period of org.periods([cluster])) {
      const state = str(period.body, "state");
      if (state === "" || state === "planned" || state === "closed" || seen.has(`${period.id}/${cluster}`)) continue;
      seen.add(`${period.id}/${cluster}`);
      for (const kind of Object.keys(titles)) {
        const open = openWork(kind, org, me, papers, cluster, period, now);
        const due = dueOf(period.body, kind, open?.sheet?.body)?.due;
        if (!open || !due) continue;
        const days = daysBetween(today, due);
        if (days > ahead || days < -behind || (kind === "conference" && days < 0)) continue;
        tasks.push({
          kind, title: titles[kind] as Text, period: str(period.body, "title"), due, days,
          ...(open.of === undefined ? {} : { done: open.done ?? 0, of: open.of }),
          ...(open.path ? { path: open.path } : {}),
        });
      }
    }
  }
  return tasks.sort((a, b) => a.days - b.days || a.kind.localeCompare(b.kind));
}

interface Open {
  sheet?: Doc;
  done?: number;
  of?: number;
  path?: string[];
}

/** What is left to do of a kind; undefined if nothing is, or it is not theirs. */
function openWork(kind: string, org: Org, me: Me, papers: readonly Doc[], cluster: ID, period: Doc, now: number): Open | undefined {
  const about = (type: string, unit: ID) => papers.filter((d) => d.type === type && str(d.body, "unit") === unit && str(d.body, "period") === period.id);
  const ours = unitsOf(me, now).filter((u) => org.members(cluster, str(period.body, "from")).includes(u));
  switch (kind) {
    case "registration":
    case "pledge":
    case "report":
      return ours.some((u) => !about(kind, u).some((d) => finished[kind]?.includes(str(d.body, "state")))) ? {} : undefined;
    case "sheet":
      for (const unit of ours) {
        const sheet = about("sheet", unit).find((d) => d.id === nameID("sheet", unit, period.id));
        if (sheet && finished["sheet"]?.includes(str(sheet.body, "state"))) continue;
        const set = org.find("criteria", str(sheet?.body, "criteria") || str(period.body, "criteria"));
        const codes = set ? criteriaOf(set.body).map((c) => c.key) : [];
        const entries = obj(sheet?.body, "entries");
        return { ...(sheet ? { sheet } : {}), done: codes.filter((c) => num(obj(entries, c), "self") !== undefined).length, of: codes.length, path: ["scores", "sheet", unit, period.id] };
      }
      return undefined;
    case "explanation":
      return ours.some((u) => about("sheet", u).some((d) => str(d.body, "state") === "cross_checked")) ? { path: ["scores"] } : undefined;
    case "cross_check":
    case "recheck": {
      if (!capacities(me, `cluster:${cluster}:desk`, now, org).has("head")) return undefined;
      const waiting = papers.filter((d) => d.type === "sheet" && str(d.body, "period") === period.id && !ours.includes(str(d.body, "unit")) && str(d.body, "state") === (kind === "recheck" ? "explained" : "submitted"));
      const done = papers.filter((d) => d.type === "review" && str(d.body, "period") === period.id && str(d.body, "state") === "sent").length;
      if (kind === "recheck") return waiting.length ? { path: ["scores"] } : undefined;
      return waiting.length ? { done, of: done + waiting.length, path: ["scores"] } : undefined;
    }
    case "verification": {
      if (!capacities(me, `cluster:${cluster}:desk`, now, org).has("officer")) return undefined;
      return papers.some((d) => d.type === "sheet" && str(d.body, "period") === period.id && ["cross_checked", "rechecked"].includes(str(d.body, "state"))) ? {} : undefined;
    }
    case "conference":
      return { path: ["meetings"] };
  }
  return undefined;
}
