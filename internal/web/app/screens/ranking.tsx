import type { Doc, ID } from "thidua-sync";
import { type Me, unitsOf } from "../../shared/capacity.ts";
import { dayOf, type Org } from "../../shared/org.ts";
import { lastAnnounced, rank, recorded, type Row, rowsOf } from "../../shared/ranking.ts";
import { t } from "../../shared/text.ts";
import { Select } from "../../shared/ui.tsx";
import { num, str } from "../../shared/value.ts";
import { useDocs, useStatus } from "../phone.ts";
import { go } from "../route.ts";
import { useMe, useOrg } from "../who.ts";
import "../scores.css";
import { Explain } from "./explain.tsx";
import { RankingDetails } from "./ranking_details.tsx";
import { rankingStates } from "./ranking_text.ts";
import { useNow } from "./scores_papers.ts";

/** The rankings of a cluster: as announced, and as they would be now for those who have all papers. */
export function Ranking({ path }: { path: string[] }) {
  const [first = "", second = "", third = ""] = path;
  if (first === "why" && third) return <Explain key={second + third} unit={second} period={third} />;
  return <Standings cluster={first} chosen={second} />;
}

/** One line of the choice of rankings. */
interface Choice {
  id: string;
  label: string;
  period: Doc;
  rows: Row[];
  /** undefined: computed on this device. */
  doc: Doc | undefined;
  before: Row[] | undefined;
  beforeLabel: string;
}

function Standings(props: { cluster: ID; chosen: string }) {
  const me = useMe();
  const org = useOrg();
  const now = useNow();
  const scopes = useStatus()?.scopes ?? [];
  const clusters = me && org ? clustersOf(me, org, now) : [];
  const cluster = clusters.includes(props.cluster) ? props.cluster : (clusters[0] ?? "");
  const rankings = useDocs({ scope: `cluster:${cluster}`, type: "ranking" }, `rankings/${cluster}`);
  const papers = useDocs({ type: ["sheet", "review", "verification", "meeting"] }, "ranking/papers");
  if (!me || !org || !rankings || !papers) return <p class="faint">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  if (!cluster) return <p class="card">{t({ vi: "Máy này chưa có cụm nào.", en: "There is no cluster on this device." })}</p>;
  const choices = choicesOf(org, cluster, rankings, papers, scopes);
  const last = lastAnnounced(recorded(rankings, org, cluster));
  const choice = choices.find((c) => c.id === props.chosen) ?? choices.find((c) => c.doc === last) ?? choices[0];
  return (
    <>
      {(clusters.length > 1 || choices.length > 1) && (
        <section class="card">
          {clusters.length > 1 && <Select label={t({ vi: "Cụm, khối", en: "Cluster" })} value={cluster} options={clusters.map((c) => ({ value: c, label: org.clusterName(c) }))} onCommit={(c) => go("ranking", c)} />}
          {choices.length > 1 && choice && <Select label={t({ vi: "Lần xếp hạng", en: "Ranking" })} value={choice.id} options={choices.map((c) => ({ value: c.id, label: c.label }))} onCommit={(id) => go("ranking", cluster, id)} />}
        </section>
      )}
      {choice ? (
        <RankingDetails org={org} me={me} cluster={cluster} now={now} {...choice} />
      ) : (
        <section class="card">
          <h2>{org.clusterName(cluster)}</h2>
          <p>{t({ vi: "Cụm chưa công bố xếp hạng nào.", en: "No ranking has been announced in the cluster." })}</p>
        </section>
      )}
    </>
  );
}

function clustersOf(me: Me, org: Org, now: number): ID[] {
  const today = dayOf(now);
  const ids = [...unitsOf(me, now).flatMap((u) => org.clustersOf(u, today)), ...me.grants.map((g) => g.subject ?? "").filter((s) => org.find("cluster", s))];
  return [...new Set(ids)];
}

function choicesOf(org: Org, cluster: ID, rankings: readonly Doc[], papers: readonly Doc[], scopes: readonly string[]): Choice[] {
  const all = recorded(rankings, org, cluster);
  const choices: Choice[] = [];
  all.forEach((doc, i) => {
    const period = org.find("period", str(doc.body, "period"));
    if (!period) return;
    const before = all[i + 1];
    choices.push({ id: doc.id, label: labelOf(org, doc), period, rows: rowsOf(doc.body), doc, before: before && rowsOf(before.body), beforeLabel: before ? labelOf(org, before) : "" });
  });
  for (const period of org.periods([cluster])) {
    const members = org.members(cluster, str(period.body, "from"));
    const whole = members.length > 0 && scopes.includes(`cluster:${cluster}:desk`) && members.every((u) => scopes.includes(`unit:${u}:desk`));
    if (!whole || !str(period.body, "criteria") || ["", "planned"].includes(str(period.body, "state"))) continue;
    const rows = rank(org, cluster, period.id, papers).map((r): Row => ({ unit: r.unit, rank: r.rank, total: r.score?.total, tie: r.tie }));
    if (rows.every((r) => r.total === undefined)) continue;
    const before = lastAnnounced(all, period.id) ?? lastAnnounced(all);
    choices.push({
      id: `now-${period.id}`,
      label: t({ vi: "{title}, tạm tính", en: "{title}, provisional" }, { title: str(period.body, "title") }),
      period, rows, doc: undefined,
      before: before && rowsOf(before.body),
      beforeLabel: before ? labelOf(org, before) : "",
    });
  }
  return choices;
}

function labelOf(org: Org, doc: Doc): string {
  const title = str(org.find("period", str(doc.body, "period"))?.body, "title");
  const state = rankingStates[str(doc.body, "state")];
  return t({ vi: "{title}, lần {seq} ({state})", en: "{title}, no. {seq} ({state})" }, { title, seq: num(doc.body, "seq") ?? 0, state: state ? t(state).toLocaleLowerCase() : "" });
}
