import { set, type Body, type Value } from "thidua-sync";
import { points } from "../../shared/format.ts";
import { PointsInput } from "../../shared/points_input.tsx";
import type { Comparison } from "../../shared/reconcile.ts";
import { scoreFault } from "../../shared/score.ts";
import { t } from "../../shared/text.ts";
import { Button, TextInput } from "../../shared/ui.tsx";
import { num, str } from "../../shared/value.ts";
import type { Recorder } from "../record.ts";
import { about, type Dispute, Disputes, type Wording } from "./dispute.tsx";
import type { Writes } from "./review.tsx";
import { asks, sayFault } from "./scores_text.ts";
import { Reviewed, Told } from "./sheet_reviewed.tsx";

/** Whether a reviewer's points need a word why: they are not the unit's. */
export function unexplained(row: Comparison, entry: Body): boolean {
  return (row.differs || (row.at.recheck !== undefined && row.at.recheck !== row.at.cross)) && !str(entry, "reason");
}

/** One criterion of a review: what the unit wrote, and what the reviewer makes of it. */
export function ReviewEntry(props: { recorder: Recorder; told: Body; entry: Body; row: Comparison; writes: Writes; disputes: readonly Dispute[]; wording: Wording }) {
  const { told, entry, row, writes } = props;
  const c = row.criterion;
  const write = (field: string, v: Value | undefined) => props.recorder.edit((b) => set(b, `/entries/${c.key}/${field}`, v === "" ? undefined : v));
  const fault = (field: "cross" | "recheck" | "bonus" | "penalty") => (n: number) => sayFault(scoreFault(c, field, n));
  const reason = (
    <TextInput label={t({ vi: "Lý do của người chấm ({code})", en: "Reviewer's reason ({code})" }, { code: c.code })} value={str(entry, "reason")} lines={2} maxLength={5000} onCommit={(v) => write("reason", v.trim())} {...(unexplained(row, entry) ? { hint: t({ vi: "Điểm khác với đơn vị: hãy ghi lý do.", en: "The points differ from the unit's: say why." }) } : {})} />
  );
  return (
    <div class="entry">
      <div>
        <h3>
          {c.code}. {c.title}
        </h3>
        <p class="faint">{asks(c)}</p>
      </div>
      <p>
        {t({ vi: "Đơn vị tự chấm", en: "The unit's own" })}: <strong>{row.own.scored ? points(row.own.base) : t({ vi: "chưa chấm", en: "not scored" })}</strong>
        {row.own.bonus > 0 && <>, {t({ vi: "thưởng", en: "bonus" })} {points(row.own.bonus)}</>}
        {row.own.penalty > 0 && <>, {t({ vi: "trừ", en: "penalty" })} {points(row.own.penalty)}</>}
      </p>
      <Told entry={told} measure={c.measure} />
      {writes === "cross" && (
        <>
          <div class="with">
            <PointsInput label={t({ vi: "Điểm chấm chéo {code}", en: "Cross score {code}" }, { code: c.code })} value={num(entry, "cross")} fault={fault("cross")} onCommit={(n) => write("cross", n)} />
            {num(entry, "cross") === undefined && row.own.scored && (
              <Button label={t({ vi: "Đồng ý với điểm tự chấm {code}", en: "Agree to the own points of {code}" }, { code: c.code })} onClick={() => write("cross", row.own.base)}>
                {t({ vi: "Đồng ý", en: "Agree" })}
              </Button>
            )}
          </div>
          {(c.bonusMax > 0 || c.penaltyMax > 0) && (
            <div class={c.bonusMax && c.penaltyMax ? "pair" : ""}>
              {c.bonusMax > 0 && <PointsInput label={t({ vi: "Thưởng chấp nhận (tối đa {max})", en: "Bonus accepted (at most {max})" }, { max: points(c.bonusMax) })} value={num(entry, "bonus")} fault={fault("bonus")} onCommit={(n) => write("bonus", n)} />}
              {c.penaltyMax > 0 && <PointsInput label={t({ vi: "Điểm trừ (tối đa {max})", en: "Penalty (at most {max})" }, { max: points(c.penaltyMax) })} value={num(entry, "penalty")} fault={fault("penalty")} onCommit={(n) => write("penalty", n)} />}
            </div>
          )}
          {(row.differs || str(entry, "reason")) && reason}
        </>
      )}
      {writes === "recheck" && (
        <>
          {row.at.cross !== undefined && <Reviewed row={{ ...row, reason: "" }} />}
          {(row.differs || str(told, "explanation")) && (
            <>
              <PointsInput label={t({ vi: "Điểm chấm lại {code}", en: "Recheck score {code}" }, { code: c.code })} value={num(entry, "recheck")} fault={fault("recheck")} onCommit={(n) => write("recheck", n)} />
              {reason}
            </>
          )}
        </>
      )}
      {!writes && row.stage !== "self" && <Reviewed row={row} />}
      <Disputes of={about(props.disputes, `/entries/${c.key}`)} wording={props.wording} figure={points} />
    </div>
  );
}
