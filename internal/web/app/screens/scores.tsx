import type { Doc, ID } from "thidua-sync";
import { capacities, type Me, unitsOf } from "../../shared/capacity.ts";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { points } from "../../shared/format.ts";
import { dayOf, type Org, yearOf } from "../../shared/org.ts";
import { progress, scoreOf } from "../../shared/score.ts";
import { actsFor, reviewID, sheetID, sheetState, stateNames } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import { obj, str } from "../../shared/value.ts";
import { useDocs } from "../phone.ts";
import { href } from "../route.ts";
import { useMe, useOrg } from "../who.ts";
import "../scores.css";
import { Review } from "./review.tsx";
import { clusterAt, useNow } from "./scores_papers.ts";
import { sayDue } from "./scores_text.ts";
import { Sheet } from "./sheet.tsx";

/** Sheets to score: the own, and for head and deputy those of the other members. */
export function Scores({ path }: { path: string[] }) {
  const [what = "", unit = "", period = ""] = path;
  if (what === "sheet" && period) return <Sheet key={unit + period} unit={unit} period={period} />;
  if (what === "review" && period) return <Review key={unit + period} unit={unit} period={period} />;
  return <List />;
}

function List() {
  const me = useMe();
  const org = useOrg();
  const now = useNow();
  const docs = useDocs({ type: ["sheet", "review"] }, "scores");
  if (!me || !org || !docs) return <p class="faint">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  const units = unitsOf(me, now);
  const byID = new Map(docs.map((d) => [d.id, d]));
  const desks = org.of("cluster").flatMap((cluster) => {
    const c = capacities(me, `cluster:${cluster.id}:desk`, now, org);
    return c.has("head") || c.has("officer") ? [{ cluster: cluster.id, head: c.has("head") }] : [];
  });
  return (
    <>
      {units.map((unit) => (
        <OwnSheets key={unit} unit={unit} org={org} byID={byID} now={now} />
      ))}
      {desks.map(({ cluster, head }) => (
        <Others key={cluster} cluster={cluster} head={head} me={me} org={org} byID={byID} now={now} />
      ))}
      {units.length === 0 && desks.length === 0 && <p class="card">{t({ vi: "Bạn chưa được giao chấm điểm ở đơn vị hoặc cụm nào.", en: "You have no unit or cluster to score for." })}</p>}
    </>
  );
}

/** The periods a unit scores itself in: those with criteria that have begun, and whatever has a sheet. */
function OwnSheets(props: { unit: ID; org: Org; byID: ReadonlyMap<ID, Doc>; now: number }) {
  const { unit, org, byID, now } = props;
  const today = dayOf(now);
  const rows = org.of("period").flatMap((period) => {
    const sheet = byID.get(sheetID(unit, period.id));
    const state = str(period.body, "state");
    const open = str(period.body, "criteria") && state !== "" && state !== "planned" && state !== "closed" && clusterAt(org, unit, period);
    return sheet || open ? [{ period, sheet }] : [];
  });
  rows.sort((a, b) => str(b.period.body, "to").localeCompare(str(a.period.body, "to")));
  return (
    <section class="card">
      <div>
        <h2>{t({ vi: "Bảng tự chấm điểm", en: "Own score sheets" })}</h2>
        <p class="faint">{org.name(unit, today)}</p>
      </div>
      {rows.length === 0 && <p>{t({ vi: "Chưa có kỳ nào đang mở để chấm.", en: "No period is open for scoring." })}</p>}
      <ul class="list">
        {rows.map(({ period, sheet }) => (
          <li key={period.id}>
            <a class="row" href={href("scores", "sheet", unit, period.id)}>
              <span class="main">
                <strong>{str(period.body, "title")}</strong>
                <span class="faint">{sheet ? doneOf(sheet, org) : t({ vi: "Chưa bắt đầu chấm", en: "Not begun" })}</span>
                {(!sheet || ["draft", "returned"].includes(sheetState(sheet.body))) && <span class="faint">{sayDue(period.body, "sheet", sheet?.body ?? {}, today)}</span>}
              </span>
              {sheet && <Badges doc={sheet} />}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function doneOf(sheet: Doc, org: Org): string {
  const set = org.find("criteria", str(sheet.body, "criteria"))?.body;
  if (!set) return "";
  const { done, all } = progress(sheet.body, set);
  return t({ vi: "{done}/{all} tiêu chí, {total} điểm", en: "{done}/{all} criteria, {total} points" }, { done, all, total: points(scoreOf(set, sheet.body).total) });
}

export function Badges({ doc }: { doc: Doc }) {
  const state = sheetState(doc.body);
  const kind = state === "returned" ? "bad" : state === "draft" ? "warn" : "";
  return (
    <span class="badges">
      <span class={`badge ${kind}`}>{t(stateNames[state])}</span>
      <StatusBadge status={doc.status} />
    </span>
  );
}

/** What waits for head and deputy comes first. */
const urgency = ["submitted", "explained", "cross_checked", "rechecked", "returned", "draft", "verified", "locked"];

function Others(props: { cluster: ID; head: boolean; me: Me; org: Org; byID: ReadonlyMap<ID, Doc>; now: number }) {
  const { cluster, head, me, org, byID, now } = props;
  const today = dayOf(now);
  const periods = org.periods([cluster]).filter((p) => str(p.body, "criteria") && !["", "planned"].includes(str(p.body, "state")));
  const { head: first, deputy } = org.leaders(cluster, yearOf(now));
  return (
    <section class="card">
      <div>
        <h2>{head ? t({ vi: "Chấm chéo", en: "Cross-check" }) : t({ vi: "Bảng điểm các đơn vị", en: "Sheets of the units" })}</h2>
        <p class="faint">{org.clusterName(cluster)}</p>
      </div>
      {periods.map((period, i) => {
        const rows = org
          .members(cluster, str(period.body, "from"))
          .map((unit) => ({ unit, sheet: byID.get(sheetID(unit, period.id)) }))
          .sort((a, b) => urgencyOf(a.sheet) - urgencyOf(b.sheet));
        return (
          <details key={period.id} class="fold" open={i === 0}>
            <summary>{str(period.body, "title")}</summary>
            {head && <p class="faint">{sayDue(period.body, "cross_check", {}, today)}</p>}
            <ul class="list">
              {rows.map(({ unit, sheet }) => (
                <li key={unit}>
                  {sheet && !(head && actsFor(me, unit, now, org)) ? (
                    <a class="row" href={href("scores", "review", unit, period.id)}>
                      <Member unit={unit} sheet={sheet} org={org} day={today} note={reviewed(sheet, byID, org)} />
                    </a>
                  ) : (
                    <div class="row">
                      <Member
                        unit={unit}
                        sheet={sheet}
                        org={org}
                        day={today}
                        note={
                          !sheet
                            ? t({ vi: "Chưa bắt đầu chấm", en: "Not begun" })
                            : unit === first && deputy
                              ? t({ vi: "Đơn vị của bạn: phó cụm chấm chéo", en: "Your own unit: the deputy cross-checks it" })
                              : t({ vi: "Đơn vị của bạn: trưởng cụm chấm chéo", en: "Your own unit: the head cross-checks it" })
                        }
                      />
                    </div>
                  )}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}

function urgencyOf(sheet: Doc | undefined): number {
  const i = sheet ? urgency.indexOf(sheetState(sheet.body)) : -1;
  return i < 0 ? urgency.length : i;
}

function reviewed(sheet: Doc, byID: ReadonlyMap<ID, Doc>, org: Org): string {
  const review = byID.get(reviewID(sheet.id));
  const set = org.find("criteria", str(sheet.body, "criteria"))?.body;
  if (!set) return "";
  const total = points(scoreOf(set, sheet.body).total);
  if (!review) return t({ vi: "Tự chấm {total} điểm", en: "{total} points by itself" }, { total });
  const counted = points(scoreOf(set, sheet.body, review.body).total);
  if (str(review.body, "state") === "sent") return t({ vi: "Tự chấm {total}, chấm chéo {counted}", en: "{total} by itself, {counted} cross-checked" }, { total, counted });
  const done = Object.values(obj(review.body, "entries")).length;
  return t({ vi: "Tự chấm {total}; đang chấm chéo {done} tiêu chí", en: "{total} by itself; {done} criteria looked at" }, { total, done });
}

function Member(props: { unit: ID; sheet: Doc | undefined; org: Org; day: string; note: string }) {
  return (
    <>
      <span class="main">
        <span>{props.org.name(props.unit, props.day)}</span>
        <span class="faint">{props.note}</span>
      </span>
      {props.sheet && <Badges doc={props.sheet} />}
    </>
  );
}
