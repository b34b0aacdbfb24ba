import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Doc, Text } from "thidua-sync";
import { capacities, type Me } from "../../shared/capacity.ts";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { day } from "../../shared/format.ts";
import { ATTENDEES, BALLOTS, KINDS, may, signed, type May } from "../../shared/meeting.ts";
import type { Org } from "../../shared/org.ts";
import { t } from "../../shared/text.ts";
import { Message } from "../../shared/ui.tsx";
import { str } from "../../shared/value.ts";
import { useDoc, useDocs } from "../phone.ts";
import { useRecorder, type Recorder } from "../record.ts";
import { go, href } from "../route.ts";
import { Disputes, useDisputes, type Dispute, type Wording } from "./dispute.tsx";
import { Attendance } from "./meeting_attendance.tsx";
import { FollowUps } from "./meeting_followups.tsx";
import { Indicators } from "./meeting_indicators.tsx";
import { Info } from "./meeting_info.tsx";
import { Overview } from "./meeting_overview.tsx";
import { Signing } from "./meeting_sign.tsx";
import { Votes } from "./meeting_votes.tsx";
import { Minutes } from "./minutes.tsx";
import { PrintedMinutes } from "./minutes_print.tsx";

/** What every section of a meeting is drawn from. */
export interface Sitting {
  doc: Doc;
  org: Org;
  me: Me | undefined;
  may: May;
  /** The day it is held: names are as of that day. */
  day: string;
  recorder: Recorder;
  disputes: Dispute[];
  wording: Wording;
}

export const SECTIONS: Record<string, { title: Text; part: (s: Sitting) => ComponentChildren; disputes: string[] }> = {
  info: { title: { vi: "Thông tin chung", en: "General" }, part: (s) => <Info {...s} />, disputes: ["/kind", "/title", "/held_on", "/place", "/host", "/reviewed", "/reviewed_period", "/target_period", "/basis", "/note"] },
  attendance: { title: { vi: "Thành phần tham dự", en: "Attendance" }, part: (s) => <Attendance {...s} />, disputes: ["/attendance", "/summoned"] },
  minutes: { title: { vi: "Biên bản", en: "Minutes" }, part: (s) => <Minutes {...s} />, disputes: ["/minutes"] },
  votes: { title: { vi: "Nghị quyết, biểu quyết", en: "Resolutions and votes" }, part: (s) => <Votes {...s} />, disputes: ["/resolutions", "/ballots"] },
  indicators: { title: { vi: "Chỉ tiêu", en: "Indicators" }, part: (s) => <Indicators {...s} />, disputes: [] },
  followups: { title: { vi: "Kiến nghị", en: "Recommendations" }, part: (s) => <FollowUps {...s} />, disputes: [] },
  sign: { title: { vi: "Ký và phụ lục", en: "Signature and addenda" }, part: (s) => <Signing {...s} />, disputes: ["/addenda", "/state"] },
};

/** One meeting: its head, then one of its sections or the list of them. */
export function Meeting(props: { org: Org; me: Me | undefined; scope: string; id: string; section: string }) {
  const { org, me, scope, id, section } = props;
  const doc = useDoc(scope, id);
  const recorder = useRecorder({ scope, id });
  const disputes = useDisputes(doc, me?.person ?? "");
  if (doc === undefined) return <p class="starting">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  if (doc === null || doc.type !== "meeting") return <Gone scope={scope} id={id} />;
  const held = str(doc.body, "held_on");
  const who = me ? capacities(me, scope, Date.now(), org) : new Set<never>();
  const sitting: Sitting = { doc, org, me, day: held, recorder, disputes, may: may(who, doc), wording: wordingOf(org, held) };
  if (section === "print") return <PrintedMinutes {...sitting} />;
  const open = SECTIONS[section];
  return (
    <>
      <section class="card">
        <a class="back" href={open ? href("meetings", scope, id) : href("meetings")}>
          ‹ {open ? t({ vi: "Các phần của hội nghị", en: "Parts of the meeting" }) : t({ vi: "Tất cả hội nghị", en: "All meetings" })}
        </a>
        <h2>{str(doc.body, "title")}</h2>
        <p class="faint">
          {day(held)} · {org.scopeName(scope, held)}
        </p>
        <p class="badges">
          <span class={signed(doc.body) ? "badge good" : "badge"}>{signed(doc.body) ? t({ vi: "Đã ký", en: "Signed" }) : t({ vi: "Chưa ký", en: "Open" })}</span>
          <StatusBadge status={doc.status} />
        </p>
      </section>
      {recorder.problem && <Message kind="bad">{recorder.problem}</Message>}
      {open ? (
        <>
          <h2 class="part">{t(open.title)}</h2>
          {sitting.may.why && section !== "sign" && (
            <Message kind="info">
              <p>{t(sitting.may.why)}</p>
              {sitting.may.addend && (
                <a class="button" href={href("meetings", scope, id, "sign")}>
                  {t({ vi: "Thêm phụ lục", en: "Add an addendum" })}
                </a>
              )}
            </Message>
          )}
          {open.part(sitting)}
        </>
      ) : (
        <Overview {...sitting} />
      )}
      {(!open || section === "sign") && <Disputes of={disputes.filter((d) => d.path === "" || d.path === "/state")} wording={sitting.wording} />}
    </>
  );
}

/** A meeting that is not there any more: it was merged into another, or removed. */
function Gone({ scope, id }: { scope: string; id: string }) {
  const settled = useDocs({ scope, type: "conflict", where: (c) => str(c.body, "about") === id && !!c.body["redirect"] }, `redirect/${scope}/${id}`);
  const to = str(settled?.[0]?.body, "redirect");
  useEffect(() => {
    if (to) go("meetings", scope, to);
  }, [to]);
  return (
    <section class="card">
      <p>{t({ vi: "Không có hội nghị này trên máy. Có thể đã bị xóa hoặc gộp vào hội nghị khác.", en: "There is no such meeting on this device. It may have been removed or merged into another." })}</p>
      <a class="button" href={href("meetings")}>
        {t({ vi: "Tất cả hội nghị", en: "All meetings" })}
      </a>
    </section>
  );
}

/** Words of the program and identifiers in meetings, as people call them. */
function wordingOf(org: Org, held: string): Wording {
  const states: Record<string, Text> = { open: { vi: "Chưa ký", en: "Open" }, signed: { vi: "Đã ký", en: "Signed" } };
  return (value, field) => {
    if (field?.kind === "id") return org.name(value, held) || str(org.find("period", value)?.body, "title") || t({ vi: "(không rõ)", en: "(unknown)" });
    const text = KINDS[value] ?? ATTENDEES[value] ?? BALLOTS[value] ?? states[value];
    return text ? t(text) : value;
  };
}
