import type { Body } from "thidua-sync";
import { points } from "../../shared/format.ts";
import { type Comparison, stages } from "../../shared/reconcile.ts";
import { t } from "../../shared/text.ts";
import { str } from "../../shared/value.ts";
import { signed, stageNames } from "./scores_text.ts";

/** What stands at each stage of one criterion, beside one another, with the reason of whoever wrote last. */
export function Reviewed({ row, own }: { row: Comparison; own?: boolean }) {
  const { bonus, penalty } = row.official;
  if (Object.keys(row.at).length === 0) return <p class="faint">{t({ vi: "Chưa chấm", en: "Not scored" })}</p>;
  return (
    <dl class="facts">
      {stages
        .filter((s) => row.at[s] !== undefined && (own || s !== "self"))
        .map((s) => {
          const diff = s === "self" || row.at.self === undefined ? 0 : row.at[s]! - row.at.self;
          return [
            <dt key={s}>{t(stageNames[s])}</dt>,
            <dd key={`${s}=`} class="figure">
              {points(row.at[s]!)} {diff !== 0 && <span class={diff > 0 ? "up" : "down"}>({signed(diff)})</span>}
            </dd>,
          ];
        })}
      {bonus !== row.own.bonus && <Changed label={t({ vi: "Điểm thưởng", en: "Bonus" })} was={row.own.bonus} now={bonus} />}
      {penalty !== row.own.penalty && <Changed label={t({ vi: "Điểm trừ", en: "Penalty" })} was={row.own.penalty} now={penalty} />}
      {row.reason && (
        <>
          <dt>{t({ vi: "Lý do", en: "Reason" })}</dt>
          <dd>{row.reason}</dd>
        </>
      )}
    </dl>
  );
}

function Changed(props: { label: string; was: number; now: number }) {
  return (
    <>
      <dt>{props.label}</dt>
      <dd class="figure">
        {points(props.was)} → {points(props.now)}
      </dd>
    </>
  );
}

/** What the unit wrote about one criterion besides points. */
export function Told({ entry, measure }: { entry: Body; measure: string }) {
  const evidence = Object.values((entry.evidence ?? {}) as Body).map((e) => str(e as Body, "name"));
  const facts: [string, string][] = [
    [t({ vi: "Kết quả", en: "Reached" }), [str(entry, "actual"), str(entry, "actual") && measure].filter(Boolean).join(" ")],
    [t({ vi: "Lý do", en: "Reason" }), str(entry, "reason")],
    [t({ vi: "Giải trình", en: "Explanation" }), str(entry, "explanation")],
    [t({ vi: "Minh chứng", en: "Evidence" }), evidence.join("; ")],
  ];
  const said = facts.filter(([, text]) => text);
  if (said.length === 0) return null;
  return (
    <dl class="facts">
      {said.map(([name, text]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{text}</dd>])}
    </dl>
  );
}
