import { day, number } from "../../shared/format.ts";
import { signed } from "../../shared/meeting.ts";
import { needed, present, quorum } from "../../shared/quorum.ts";
import { t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { flag, num, obj, str } from "../../shared/value.ts";
import { useDocs } from "../phone.ts";
import { href } from "../route.ts";
import { about } from "./dispute.tsx";
import { SECTIONS, type Sitting } from "./meeting.tsx";

/** The sections of a meeting with what is in each, and what asks for somebody's attention. */
export function Overview(s: Sitting) {
  return (
    <>
      <Duplicates {...s} />
      <nav class="card" aria-label={t({ vi: "Các phần của hội nghị", en: "Parts of the meeting" })}>
        <ul class="list">
          {Object.entries(SECTIONS).map(([name, section]) => {
            const open = section.disputes.reduce((n, path) => n + about(s.disputes, path).filter((d) => d.path !== "").length, 0);
            return (
              <li key={name}>
                <a class="row" href={href("meetings", s.doc.scope, s.doc.id, name)}>
                  <span class="main">
                    <strong>{t(section.title)}</strong>
                    <span class="faint">{summary(name, s)}</span>
                  </span>
                  {open > 0 && <span class="badge bad">{t({ vi: "{n} cần xem", en: "{n} to look at" }, { n: open })}</span>}
                  <span aria-hidden="true">›</span>
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <a class="button" href={href("meetings", s.doc.scope, s.doc.id, "print")}>
        {t({ vi: "Xem bản in", en: "Print view" })}
      </a>
    </>
  );
}

function summary(name: string, { doc, org, day: held }: Sitting): string {
  const b = doc.body;
  const n = (key: string) => Object.keys(obj(b, key)).length;
  switch (name) {
    case "info":
      return [str(b, "place"), str(b, "host") && org.shortName(str(b, "host"), held)].filter(Boolean).join(" · ") || t({ vi: "Chưa ghi địa điểm", en: "No place yet" });
    case "attendance":
      return quorumText(b);
    case "minutes":
      return t({ vi: "{n} đoạn", en: "{n} blocks" }, { n: n("minutes") });
    case "votes":
      return t({ vi: "{r} nghị quyết, {b} cuộc bỏ phiếu", en: "{r} resolutions, {b} ballots" }, { r: n("resolutions"), b: n("ballots") });
    case "indicators":
      return t({ vi: "Kế hoạch, thực hiện, tỷ lệ", en: "Plan, actual, per cent" });
    case "followups":
      return t({ vi: "Việc cần theo dõi sau hội nghị", en: "What to follow up" });
    case "sign":
      return signed(b) ? t({ vi: "Đã ký, {n} phụ lục", en: "Signed, {n} addenda" }, { n: n("addenda") }) : t({ vi: "Chưa ký", en: "Not signed" });
  }
  return "";
}

/** "Có mặt 121/130, đủ số đại biểu (cần 87)". */
export function quorumText(meeting: Sitting["doc"]["body"]): string {
  const summoned = num(meeting, "summoned");
  const came = present(meeting);
  if (!summoned) return t({ vi: "Có mặt {n} đại biểu chính thức; chưa ghi số triệu tập", en: "{n} members present; the number summoned is not stated" }, { n: number(came) });
  const values = { n: number(came), of: number(summoned), least: number(needed(summoned)) };
  return quorum(meeting)
    ? t({ vi: "Có mặt {n}/{of}, đủ số đại biểu (cần {least})", en: "{n}/{of} present, quorum met ({least} needed)" }, values)
    : t({ vi: "Có mặt {n}/{of}, chưa đủ số đại biểu (cần {least})", en: "{n}/{of} present, no quorum ({least} needed)" }, values);
}

/** The question "merge or keep" about meetings that were probably recorded twice. */
function Duplicates({ doc, may, recorder }: Sitting) {
  const desk = `${doc.scope}:desk`;
  const lists = useDocs({ scope: desk, type: "duplicates" }, desk);
  if (flag(doc.body, "distinct")) return null;
  const others = (lists ?? []).flatMap((l) => Object.values(obj(l.body, "groups"))).flatMap((g) => {
    const meetings = obj(g as typeof doc.body, "meetings");
    return meetings[doc.id] ? Object.entries(meetings).filter(([id]) => id !== doc.id) : [];
  });
  if (others.length === 0) return null;
  return (
    <Message kind="warn">
      <p>
        {t({
          vi: "Có thể hội nghị này được ghi hai lần (cùng loại, cùng ngày {day}). Cả hai vẫn được giữ; {who} có thể gộp lại.",
          en: "This meeting was probably recorded twice (same kind, same day {day}). Both are kept; {who} may merge them.",
        }, { day: day(str(doc.body, "held_on")), who: doc.scope.startsWith("cluster:") ? t({ vi: "trưởng, phó cụm hoặc chuyên viên", en: "head, deputy or officer" }) : t({ vi: "quản trị viên", en: "an administrator" }) })}
      </p>
      {others.map(([id, m]) => (
        <a key={id} class="button" href={href("meetings", doc.scope, id)}>
          {str(m as typeof doc.body, "title")}
        </a>
      ))}
      {may.write && (
        <Button onClick={() => recorder.edit((b) => void (b["distinct"] = true))}>{t({ vi: "Không phải ghi trùng", en: "Not a duplicate" })}</Button>
      )}
    </Message>
  );
}
