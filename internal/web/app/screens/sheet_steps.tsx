import { useState } from "preact/hooks";
import type { Body, Text } from "thidua-sync";
import { points } from "../../shared/format.ts";
import { awaitsReentry, faulty, progress, scoreOf, unmeasured, unreasoned } from "../../shared/score.ts";
import { barsExplaining, barsLeading, sheetState } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Message } from "../../shared/ui.tsx";
import { str } from "../../shared/value.ts";
import type { Recorder } from "../record.ts";
import type { Dispute } from "./dispute.tsx";
import type { Papers } from "./scores_papers.ts";
import type { Criterion } from "../../shared/criteria.ts";

/** What is against a step: said in full, so that nobody presses a button in vain. */
interface Lack {
  text: string;
  /** Criteria it is about. */
  at?: Criterion[];
}

/** The way of the sheet from here on: hand in, withdraw, edit again, explain. */
export function Steps({ p, disputes, recorder }: { p: Papers; disputes: readonly Dispute[]; recorder: Recorder }) {
  const [asking, setAsking] = useState<"submit" | "withdraw" | "explain">();
  const sheet = p.sheet!;
  const { body } = sheet;
  const step = (change: (b: Body) => void) => {
    setAsking(undefined);
    recorder.run((client) => client.transition(sheet.scope, sheet.id, (b) => change(b)));
  };
  const open = disputes.filter((d) => d.kind === "conflict");
  switch (sheetState(body)) {
    case "draft": {
      const lacks = lacking(p, open.length);
      const set = p.criteria?.body ?? {};
      const { done, all } = progress(body, set);
      const reasons = unreasoned(body, set);
      return (
        <section class="card">
          <h2>{t({ vi: "Nộp bảng điểm", en: "Submit the sheet" })}</h2>
          {lacks.length > 0 ? (
            <Lacks of={lacks} />
          ) : (
            <>
              {done < all && <p>{t({ vi: "Còn {n} tiêu chí chưa chấm; nếu nộp bây giờ sẽ tính 0 điểm.", en: "Criteria not scored: {n}. Submitted now they count as 0." }, { n: all - done })}</p>}
              {reasons.length > 0 && <p>{t({ vi: "Có điểm thưởng, điểm trừ chưa ghi lý do: {codes}.", en: "Bonus or penalty without a reason: {codes}." }, { codes: codes(reasons) })}</p>}
              <Button kind="main" onClick={() => setAsking("submit")}>
                {t({ vi: "Nộp bảng điểm", en: "Submit" })}
              </Button>
            </>
          )}
          {asking === "submit" && (
            <Ask
              title={{ vi: "Nộp bảng điểm?", en: "Submit the sheet?" }}
              body={summary(done, all, scoreOf(set, body).total)}
              confirm={{ vi: "Nộp", en: "Submit" }}
              onCancel={() => setAsking(undefined)}
              onConfirm={() =>
                step((b) => {
                  b.state = "submitted";
                  delete b.state_reason; // it was that of the step before
                })
              }
            />
          )}
        </section>
      );
    }
    case "submitted": {
      const barred = barsLeading(p.who, "sheet", body, p.period.body, p.today);
      return (
        <section class="card">
          <h2>{t({ vi: "Rút lại để sửa", en: "Withdraw to edit" })}</h2>
          {barred ? <p>{t(barred)}</p> : <Button onClick={() => setAsking("withdraw")}>{t({ vi: "Rút lại", en: "Withdraw" })}</Button>}
          {asking === "withdraw" && (
            <Ask
              title={{ vi: "Rút lại bảng điểm?", en: "Withdraw the sheet?" }}
              body={{ vi: "Bảng điểm trở lại trạng thái đang chấm và phải nộp lại trước hạn.", en: "It becomes a draft again and must be submitted again in time." }}
              reason={{ vi: "Lý do rút lại", en: "Why it is withdrawn" }}
              confirm={{ vi: "Rút lại", en: "Withdraw" }}
              onCancel={() => setAsking(undefined)}
              onConfirm={(reason) =>
                step((b) => {
                  b.state = "draft";
                  b.state_reason = reason;
                })
              }
            />
          )}
        </section>
      );
    }
    case "returned":
      return (
        <section class="card">
          <h2>{t({ vi: "Sửa và nộp lại", en: "Edit and submit again" })}</h2>
          {p.who.has("staff") ? <Button kind="main" onClick={() => step((b) => void (b.state = "draft"))}>{t({ vi: "Bắt đầu sửa", en: "Begin editing" })}</Button> : <p>{t({ vi: "Đơn vị sửa và nộp lại.", en: "The unit edits it and submits it again." })}</p>}
        </section>
      );
    case "cross_checked": {
      const barred = barsExplaining(p.who, body, p.period.body, p.today) ?? barsLeading(p.who, "explanation", body, p.period.body, p.today);
      return (
        <section class="card">
          <h2>{t({ vi: "Giải trình", en: "Explanation" })}</h2>
          <p>{t({ vi: "Ghi giải trình ngay dưới tiêu chí có điểm khác, rồi lãnh đạo gửi một lần.", en: "Write explanations below the criteria that differ; a leader then sends them together." })}</p>
          {open.length > 0 ? <Lacks of={[conflictLack(open.length)]} /> : barred ? <p>{t(barred)}</p> : <Button kind="main" onClick={() => setAsking("explain")}>{t({ vi: "Gửi giải trình", en: "Send the explanation" })}</Button>}
          {asking === "explain" && (
            <Ask
              title={{ vi: "Gửi giải trình?", en: "Send the explanation?" }}
              body={{ vi: "Sau khi gửi không sửa được giải trình nữa; trưởng, phó cụm sẽ chấm lại.", en: "It cannot be edited afterwards; head or deputy will recheck." }}
              confirm={{ vi: "Gửi", en: "Send" }}
              onCancel={() => setAsking(undefined)}
              onConfirm={() => step((b) => void (b.state = "explained"))}
            />
          )}
        </section>
      );
    }
    default:
      return null;
  }
}

function summary(done: number, all: number, total: number): Text {
  const n = points(total);
  return {
    vi: `${done}/${all} tiêu chí, tổng ${n} điểm. Sau khi nộp, muốn sửa phải rút lại.`,
    en: `${done}/${all} criteria, ${n} points in total. To edit it afterwards it must be withdrawn.`,
  };
}

function conflictLack(n: number): Lack {
  return { text: t({ vi: "Còn {n} xung đột chưa được giải quyết; quản trị viên hoặc chuyên viên quyết định.", en: "Open conflicts: {n}. An administrator or officer decides." }, { n }) };
}

/** What the server would refuse a submission for. */
function lacking(p: Papers, conflicts: number): Lack[] {
  const body = p.sheet!.body;
  const lacks: Lack[] = [];
  const barred = barsLeading(p.who, "sheet", body, p.period.body, p.today);
  if (barred) lacks.push({ text: t(barred) });
  if (str(p.period.body, "state") === "closed") lacks.push({ text: t({ vi: "Kỳ thi đua đã đóng.", en: "The period is closed." }) });
  if (conflicts > 0) lacks.push(conflictLack(conflicts));
  if (!p.criteria) return [...lacks, { text: t({ vi: "Máy này chưa có bộ tiêu chí.", en: "The criteria are not on this device." }) }];
  const set = p.criteria.body;
  const again = awaitsReentry(body, set);
  const wrong = faulty(body, set);
  const bare = unmeasured(body, set);
  if (again.length) lacks.push({ text: t({ vi: "Tiêu chí đã thay đổi, phải nhập lại", en: "Changed criteria to enter again" }), at: again });
  if (wrong.length) lacks.push({ text: t({ vi: "Điểm không hợp lệ", en: "Points that cannot stand" }), at: wrong });
  if (bare.length) lacks.push({ text: t({ vi: "Chưa ghi kết quả đạt được", en: "What was reached is missing" }), at: bare });
  return lacks;
}

const codes = (of: readonly Criterion[]) => of.map((c) => c.code).join("; ");

function Lacks({ of }: { of: readonly Lack[] }) {
  return (
    <Message kind="warn">
      <p>{t({ vi: "Chưa nộp hoặc gửi được:", en: "It cannot be handed in yet:" })}</p>
      <ul class="lacks">
        {of.map((l) => (
          <li key={l.text}>{l.at ? `${l.text}: ${codes(l.at)}.` : l.text}</li>
        ))}
      </ul>
    </Message>
  );
}
