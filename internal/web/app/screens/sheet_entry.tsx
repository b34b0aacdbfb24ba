import { useState } from "preact/hooks";
import { set, type Body, type Text, type Value } from "thidua-sync";
import type { Criterion } from "../../shared/criteria.ts";
import { points } from "../../shared/format.ts";
import { PointsInput } from "../../shared/points_input.tsx";
import type { Comparison } from "../../shared/reconcile.ts";
import { needsReason, scoreFault } from "../../shared/score.ts";
import { t } from "../../shared/text.ts";
import { Button, Message, Select, TextInput } from "../../shared/ui.tsx";
import { num, obj, str } from "../../shared/value.ts";
import type { Recorder } from "../record.ts";
import { about, type Dispute, Disputes, type Wording } from "./dispute.tsx";
import { asks, sayFault } from "./scores_text.ts";
import { Reviewed, Told } from "./sheet_reviewed.tsx";

/** One criterion of the own sheet: inputs where the unit may write, text where it may not. */
export function Entry(props: { recorder: Recorder; entry: Body; row: Comparison; scores: boolean; explains: boolean; disputes: readonly Dispute[]; wording: Wording }) {
  const { entry, row, scores, explains } = props;
  const c = row.criterion;
  const [reasoning, setReasoning] = useState(false);
  const write = (field: string, v: Value | undefined) => props.recorder.edit((b) => set(b, `/entries/${c.key}/${field}`, v === "" ? undefined : v));
  const wantsReason = needsReason(entry);
  return (
    <div class="entry" id={`c-${c.key}`}>
      <div>
        <h3>
          {c.code}. {c.title}
        </h3>
        <p class="faint">{asks(c)}</p>
      </div>
      <Former entry={entry} c={c} writable={scores} enter={(n) => write("self", n)} />
      {scores ? (
        <>
          {c.measure && <TextInput label={t({ vi: "Kết quả đạt được ({measure})", en: "Reached ({measure})" }, { measure: c.measure })} value={str(entry, "actual")} onCommit={(v) => write("actual", v.trim())} maxLength={300} fault={entry.self !== undefined && !str(entry, "actual") ? t({ vi: "Phải ghi kết quả đạt được mới nộp được.", en: "State what was reached before submitting." }) : undefined} />}
          <Own c={c} value={num(entry, "self")} write={write} />
          <More c={c} entry={entry} write={write} />
          {wantsReason || reasoning || str(entry, "reason") ? (
            <TextInput label={t({ vi: "Lý do ({code})", en: "Reason ({code})" }, { code: c.code })} value={str(entry, "reason")} lines={2} maxLength={5000} onCommit={(v) => write("reason", v.trim())} {...(wantsReason && !str(entry, "reason") ? { hint: t({ vi: "Có điểm thưởng hoặc điểm trừ: hãy ghi lý do.", en: "There is a bonus or a penalty: say why." }) } : {})} />
          ) : (
            <Button label={t({ vi: "Ghi lý do cho {code}", en: "Give a reason for {code}" }, { code: c.code })} onClick={() => setReasoning(true)}>
              {t({ vi: "Ghi lý do", en: "Give a reason" })}
            </Button>
          )}
          <Told entry={{ ...(entry.evidence ? { evidence: entry.evidence } : {}) }} measure={c.measure} />
        </>
      ) : (
        <>
          <p class="figure-line">
            {t({ vi: "Tự chấm", en: "Self" })}: <strong>{row.own.scored ? points(row.own.base) : t({ vi: "chưa chấm", en: "not scored" })}</strong>
            {row.own.bonus > 0 && <>, {t({ vi: "thưởng", en: "bonus" })} {points(row.own.bonus)}</>}
            {row.own.penalty > 0 && <>, {t({ vi: "trừ", en: "penalty" })} {points(row.own.penalty)}</>}
          </p>
          <Told entry={explains ? { ...entry, explanation: "" } : entry} measure={c.measure} />
        </>
      )}
      {row.stage !== "self" && <Reviewed row={row} />}
      {explains && (row.differs || str(entry, "explanation")) && (
        <TextInput label={t({ vi: "Giải trình ({code})", en: "Explanation ({code})" }, { code: c.code })} value={str(entry, "explanation")} lines={3} maxLength={5000} onCommit={(v) => write("explanation", v.trim())} />
      )}
      <Disputes of={about(props.disputes, `/entries/${c.key}`)} wording={props.wording} figure={points} />
    </div>
  );
}

function Own({ c, value, write }: { c: Criterion; value: number | undefined; write: (field: string, v: Value | undefined) => void }) {
  const label = t({ vi: "Điểm tự chấm {code}", en: "Own points {code}" }, { code: c.code });
  if (c.type === "achieved" && c.levels.length > 0 && (value === undefined || c.levels.includes(value))) {
    const options = [{ value: "", label: t({ vi: "Chưa chấm", en: "Not scored" }) }, ...c.levels.map((l) => ({ value: String(l), label: points(l) }))];
    return <Select label={label} value={value === undefined ? "" : String(value)} options={options} onCommit={(v) => write("self", v === "" ? undefined : Number(v))} />;
  }
  return (
    <div class="with">
      <PointsInput label={label} value={value} fault={(n) => sayFault(scoreFault(c, "self", n))} onCommit={(n) => write("self", n)} />
      {value === undefined && (
        <Button label={t({ vi: "Tối đa cho {code}", en: "Max for {code}" }, { code: c.code })} onClick={() => write("self", c.max)}>
          {t({ vi: "Tối đa", en: "Max" })}
        </Button>
      )}
    </div>
  );
}

function More({ c, entry, write }: { c: Criterion; entry: Body; write: (field: string, v: Value | undefined) => void }) {
  if (c.bonusMax === 0 && c.penaltyMax === 0) return null;
  return (
    <div class={c.bonusMax && c.penaltyMax ? "pair" : ""}>
      {c.bonusMax > 0 && <PointsInput label={t({ vi: "Điểm thưởng (tối đa {max})", en: "Bonus (at most {max})" }, { max: points(c.bonusMax) })} value={num(entry, "bonus")} fault={(n) => sayFault(scoreFault(c, "bonus", n))} onCommit={(n) => write("bonus", n)} />}
      {c.penaltyMax > 0 && <PointsInput label={t({ vi: "Điểm trừ (tối đa {max})", en: "Penalty (at most {max})" }, { max: points(c.penaltyMax) })} value={num(entry, "penalty")} fault={(n) => sayFault(scoreFault(c, "penalty", n))} onCommit={(n) => write("penalty", n)} />}
    </div>
  );
}

/** Points by criteria that were replaced: they do not count until somebody enters them again. */
function Former({ entry, c, writable, enter }: { entry: Body; c: Criterion; writable: boolean; enter: (n: number) => void }) {
  if (entry.former === undefined) return null;
  const former = obj(entry, "former");
  const self = num(former, "self");
  const waits = entry.self === undefined;
  const given = (key: string, text: Text) => ((num(former, key) ?? 0) > 0 ? [t(text, { n: points(num(former, key)!) })] : []);
  const had = [
    ...(self === undefined ? [] : [t({ vi: "{n} điểm", en: "{n} points" }, { n: points(self) })]),
    ...given("bonus", { vi: "thưởng {n}", en: "bonus {n}" }),
    ...given("penalty", { vi: "trừ {n}", en: "penalty {n}" }),
  ].join(", ");
  const fits = self !== undefined && scoreFault(c, "self", self) === undefined;
  return (
    <Message kind={waits ? "warn" : "info"}>
      <p>
        {t({ vi: "Theo bộ tiêu chí cũ đã ghi: {had}.", en: "By the former criteria it had: {had}." }, { had })}{" "}
        {waits && t({ vi: "Tiêu chí đã thay đổi: hãy nhập lại.", en: "The criterion changed: enter them again." })}
      </p>
      {waits && writable && fits && <Button onClick={() => enter(self)}>{t({ vi: "Nhập lại {n} điểm", en: "Enter {n} again" }, { n: points(self) })}</Button>}
    </Message>
  );
}
