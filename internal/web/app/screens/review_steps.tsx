import { useState } from "preact/hooks";
import type { Body, Doc } from "thidua-sync";
import { points } from "../../shared/format.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { over, sheetState } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import { Ask, Button, Message } from "../../shared/ui.tsx";
import { obj, str } from "../../shared/value.ts";
import type { Recorder } from "../record.ts";
import type { Dispute } from "./dispute.tsx";
import { unexplained } from "./review_entry.tsx";
import type { Writes } from "./review.tsx";
import type { Papers } from "./scores_papers.ts";

/** Sending a review to its unit, and closing the recheck. Each also takes the sheet a step on. */
export function ReviewSteps(props: { p: Papers; sheet: Doc; review: Doc; set: Body; writes: Writes; disputes: readonly Dispute[]; recorder: Recorder }) {
  const { p, sheet, review, set, writes } = props;
  const [asking, setAsking] = useState(false);
  const rows = reconcile(set, sheet.body, review.body).rows;
  const bare = rows.filter((row) => unexplained(row, obj(obj(review.body, "entries"), row.criterion.key)));
  const open = props.disputes.filter((d) => d.kind === "conflict").length;
  const sent = str(review.body, "state") === "sent";
  const advance = (state: string) =>
    props.recorder.run(async (client) => {
      if (!sent) await client.transition(review.scope, review.id, (b) => void (b.state = "sent"));
      await client.transition(sheet.scope, sheet.id, (b) => void (b.state = state));
    });
  const late = sent && sheetState(sheet.body) === "submitted" && !p.own; // sent, but the sheet was not taken on
  if (!writes && !late) return null;
  const barred = late ? over(p.period.body, "cross_check", {}, p.today) : undefined;
  const recheck = writes === "recheck";
  return (
    <section class="card">
      <h2>{recheck ? t({ vi: "Hoàn tất chấm lại", en: "Finish the recheck" }) : t({ vi: "Gửi kết quả chấm chéo", en: "Send the cross-check" })}</h2>
      {bare.length > 0 || open > 0 || barred ? (
        <Message kind="warn">
          <p>{t({ vi: "Chưa gửi được:", en: "It cannot be sent yet:" })}</p>
          <ul class="lacks">
            {barred && <li>{t(barred)}</li>}
            {open > 0 && <li>{t({ vi: "Còn {n} xung đột chưa được giải quyết.", en: "Open conflicts: {n}." }, { n: open })}</li>}
            {bare.length > 0 && <li>{t({ vi: "Chưa ghi lý do điểm khác với đơn vị: {codes}.", en: "No reason why the points differ: {codes}." }, { codes: bare.map((r) => r.criterion.code).join("; ") })}</li>}
          </ul>
        </Message>
      ) : (
        <>
          <p>
            {recheck
              ? t({ vi: "Điểm chấm lại được gửi ngay cho đơn vị; hoàn tất để chuyển cơ quan chỉ đạo thẩm định.", en: "Rechecked points reach the unit at once; finish to hand the sheet on for verification." })
              : t({ vi: "Tiêu chí chưa ghi điểm chấm chéo giữ nguyên điểm tự chấm.", en: "Criteria without a cross score keep the unit's own points." })}
          </p>
          <Button kind="main" onClick={() => setAsking(true)}>
            {recheck ? t({ vi: "Hoàn tất chấm lại", en: "Finish the recheck" }) : t({ vi: "Gửi cho đơn vị", en: "Send to the unit" })}
          </Button>
        </>
      )}
      {asking && (
        <Ask
          title={recheck ? { vi: "Hoàn tất chấm lại?", en: "Finish the recheck?" } : { vi: "Gửi kết quả chấm chéo?", en: "Send the cross-check?" }}
          body={{ vi: `${p.unitName}: ${points(reconcile(set, sheet.body, review.body).official.total)} điểm. Sau khi gửi không sửa được nữa.`, en: `${p.unitName}: ${points(reconcile(set, sheet.body, review.body).official.total)} points. It cannot be edited afterwards.` }}
          confirm={recheck ? { vi: "Hoàn tất", en: "Finish" } : { vi: "Gửi", en: "Send" }}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            advance(recheck ? "rechecked" : "cross_checked");
          }}
        />
      )}
    </section>
  );
}
