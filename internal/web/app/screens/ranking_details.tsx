import { useEffect, useState } from "preact/hooks";
import type { Doc, ID } from "thidua-sync";
import { type Me, unitsOf } from "../../shared/capacity.ts";
import { day, moment, points } from "../../shared/format.ts";
import type { Org } from "../../shared/org.ts";
import { movement, type Row } from "../../shared/ranking.ts";
import { t } from "../../shared/text.ts";
import { Message } from "../../shared/ui.tsx";
import { num, str } from "../../shared/value.ts";
import { phone, useDoc } from "../phone.ts";
import { href } from "../route.ts";
import { Chart } from "./ranking_chart.tsx";
import { rankingStates, tieNames } from "./ranking_text.ts";

/** One ranking: what it is, our line, the table and the chart. */
export function RankingDetails(props: { org: Org; me: Me; cluster: ID; now: number; period: Doc; rows: Row[]; doc: Doc | undefined; before: Row[] | undefined; beforeLabel: string }) {
  const { org, me, cluster, period, rows, doc } = props;
  const ours = new Set(unitsOf(me, props.now));
  const on = str(period.body, "from");
  const name = (unit: ID) => org.name(unit, on);
  const reopened = doc && (num(period.body, "reopened") ?? 0) > (num(doc.body, "reopened") ?? 0);
  return (
    <>
      <section class="card">
        <div class="headline">
          <h2>{org.clusterName(cluster)}</h2>
          <span class={`badge ${!doc || str(doc.body, "state") === "superseded" ? "warn" : "good"}`}>{t(rankingStates[doc ? str(doc.body, "state") : "provisional"]!)}</span>
        </div>
        <p>
          {str(period.body, "title")}
          {doc && t({ vi: ", lần {seq}", en: ", no. {seq}" }, { seq: num(doc.body, "seq") ?? 0 })}
        </p>
        {doc ? <When doc={doc} /> : <p class="faint">{t({ vi: "Tính trên máy này từ hồ sơ đã đồng bộ; chưa phải kết quả công bố.", en: "Computed on this device from what it has synced; it is not announced." })}</p>}
        {doc && str(doc.body, "state_reason") && <p>{t({ vi: "Lý do: {reason}", en: "Reason: {reason}" }, { reason: str(doc.body, "state_reason") })}</p>}
        {reopened && <Message kind="warn">{t({ vi: "Kỳ thi đua đã được mở lại sau lần xếp hạng này.", en: "The period was reopened after this ranking." })}</Message>}
        {rows
          .filter((r) => ours.has(r.unit))
          .map((r) => (
            <Our key={r.unit} row={r} of={rows.filter((x) => x.rank > 0).length} name={name(r.unit)} period={period} />
          ))}
      </section>
      <section class="card">
        <h2>{t({ vi: "Bảng xếp hạng", en: "Table" })}</h2>
        {props.before && <p class="faint">{t({ vi: "Tăng, giảm so với: {label}", en: "Movement since: {label}" }, { label: props.beforeLabel })}</p>}
        <table class="standing">
          <thead>
            <tr>
              <th scope="col" class="rank">{t({ vi: "Hạng", en: "Rank" })}</th>
              <th scope="col">{t({ vi: "Đơn vị", en: "Unit" })}</th>
              <th scope="col" class="figure">{t({ vi: "Điểm", en: "Points" })}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.unit} class={ours.has(r.unit) ? "ours" : ""}>
                <td class="rank">
                  {r.rank || "–"}
                  {props.before && r.rank > 0 && <Moved places={movement(r, props.before)} />}
                </td>
                <td>
                  {name(r.unit)}
                  {ours.has(r.unit) && <span class="faint"> ({t({ vi: "đơn vị của bạn", en: "your unit" })})</span>}
                  {r.tie && tieNames[r.tie] && <span class="faint tie">{t(tieNames[r.tie]!)}</span>}
                  {r.total === undefined && <span class="faint tie">{t({ vi: "chưa có bảng điểm", en: "no sheet" })}</span>}
                </td>
                <td class="figure">{r.total === undefined ? "–" : points(r.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="card">
        <h2>{t({ vi: "Biểu đồ điểm", en: "Chart" })}</h2>
        <Chart bars={rows.flatMap((r) => (r.total === undefined ? [] : [{ key: r.unit, label: `${r.rank}. ${org.shortName(r.unit, on)}`, value: r.total, ours: ours.has(r.unit) }]))} />
      </section>
    </>
  );
}

function Our(props: { row: Row; of: number; name: string; period: Doc }) {
  const { row } = props;
  return (
    <>
      <p>
        {row.rank
          ? t({ vi: "{name}: hạng {rank}/{of}, {total} điểm.", en: "{name}: rank {rank} of {of}, {total} points." }, { name: props.name, rank: row.rank, of: props.of, total: points(row.total ?? 0) })
          : t({ vi: "{name}: chưa có bảng điểm nên chưa xếp hạng.", en: "{name}: not ranked, as there is no sheet." }, { name: props.name })}
      </p>
      <a class="button plain" href={href("ranking", "why", row.unit, props.period.id)}>
        {t({ vi: "Vì sao điểm chính thức khác?", en: "Why does the official number differ?" })}
      </a>
    </>
  );
}

/** Places gained or lost, as a sign and in words. */
function Moved({ places }: { places: number | undefined }) {
  if (places === undefined) return <span class="moved faint">{t({ vi: "mới", en: "new" })}</span>;
  if (places === 0) return <span class="moved faint" role="img" aria-label={t({ vi: "giữ hạng", en: "same rank" })}>=</span>;
  const n = Math.abs(places);
  return (
    <span class={`moved ${places > 0 ? "up" : "down"}`} role="img" aria-label={t(places > 0 ? { vi: "lên {n} hạng", en: "up {n}" } : { vi: "xuống {n} hạng", en: "down {n}" }, { n })}>
      {places > 0 ? "▲" : "▼"} {n}
    </span>
  );
}

/** The day of the minutes it rests on; when it was recorded stands in the history, for which a network is needed. */
function When({ doc }: { doc: Doc }) {
  const meeting = useDoc(doc.scope, str(doc.body, "meeting"));
  const [at, setAt] = useState<number>();
  useEffect(() => {
    let gone = false;
    void phone()
      .then((client) => client.call("GET", `/v1/documents/${doc.scope}/${doc.id}/history`))
      .then((answer) => {
        const commits = (answer as { commits: { at: number }[] }).commits;
        if (!gone) setAt(commits.at(-1)?.at);
      })
      .catch(() => undefined); // without a network the day of the minutes must do
    return () => {
      gone = true;
    };
  }, [doc.id]);
  const held = meeting ? str(meeting.body, "held_on") : "";
  return (
    <p class="faint">
      {held && t({ vi: "Theo biên bản hội nghị ngày {day}. ", en: "By the minutes of {day}. " }, { day: day(held) })}
      {at && t({ vi: "Ghi trên hệ thống lúc {at}.", en: "Recorded {at}." }, { at: moment(at) })}
    </p>
  );
}
