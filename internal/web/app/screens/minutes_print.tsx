import { day, number, percent, share } from "../../shared/format.ts";
import { ATTENDEES, signed } from "../../shared/meeting.ts";
import { attended, persons, present, quorum, ROLES } from "../../shared/quorum.ts";
import { passed, tallyOf, type Tally } from "../../shared/tally.ts";
import { lang, t } from "../../shared/text.ts";
import { Button } from "../../shared/ui.tsx";
import { asBody, flag, inOrder, num, obj, str } from "../../shared/value.ts";
import { href } from "../route.ts";
import type { Sitting } from "./meeting.tsx";

/** The minutes as a sheet of paper, in the layout of administrative documents: to be printed, stamped and signed. */
export function PrintedMinutes({ doc, org, day: held }: Sitting) {
  const b = doc.body;
  const cluster = doc.scope.startsWith("cluster:") ? doc.scope.slice(8) : "";
  const over = org.name(cluster ? str(org.find("cluster", cluster)?.body, "supervisor") : org.manager(doc.scope.slice(5), held), held);
  const issuer = org.scopeName(doc.scope, held);
  const basis = org.find("dispatch", str(b, "basis"))?.body;
  const here = present(b);
  const resolutions = inOrder(obj(b, "resolutions"));
  const ballots = Object.values(obj(b, "ballots")).map(asBody);
  const addenda = Object.values(obj(b, "addenda")).map(asBody).sort((x, y) => str(x, "on").localeCompare(str(y, "on")));
  return (
    <>
      <div class="actions no-print">
        <a class="button" href={href("meetings", doc.scope, doc.id)}>
          ‹ {t({ vi: "Quay lại hội nghị", en: "Back to the meeting" })}
        </a>
        <Button kind="main" onClick={() => print()}>
          {t({ vi: "In", en: "Print" })}
        </Button>
      </div>
      <article class="sheet" aria-label={t({ vi: "Bản in biên bản", en: "Minutes to print" })}>
        <header class="letterhead">
          <div>
            {over && <p>{over.toLocaleUpperCase("vi")}</p>}
            <p class="underlined">
              <strong>{issuer.toLocaleUpperCase("vi")}</strong>
            </p>
          </div>
          <div>
            <p>
              <strong>{t({ vi: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", en: "SOCIALIST REPUBLIC OF VIET NAM" })}</strong>
            </p>
            <p class="underlined">
              <strong>{t({ vi: "Độc lập - Tự do - Hạnh phúc", en: "Independence - Freedom - Happiness" })}</strong>
            </p>
            <p class="dated">{longDay(held)}</p>
          </div>
        </header>
        <h2>{t({ vi: "BIÊN BẢN", en: "MINUTES" })}</h2>
        <p class="subject">
          <strong>{str(b, "title")}</strong>
        </p>
        {!signed(b) && <p class="draft">{t({ vi: "(Dự thảo, chưa ký)", en: "(Draft, not signed)" })}</p>}
        {basis && (
          <p class="basis">
            {t({ vi: "Căn cứ công văn số {no} ngày {day} {subject}.", en: "On the basis of dispatch {no} of {day} {subject}." }, { no: str(basis, "number"), day: day(str(basis, "date")), subject: unstopped(str(basis, "subject")) })}
          </p>
        )}
        <h3>{t({ vi: "I. THỜI GIAN, ĐỊA ĐIỂM", en: "I. TIME AND PLACE" })}</h3>
        <p>{t({ vi: "Ngày: {day}.", en: "Date: {day}." }, { day: day(held) })}</p>
        {str(b, "place") && <p>{t({ vi: "Địa điểm: {place}.", en: "Place: {place}." }, { place: unstopped(str(b, "place")) })}</p>}
        {str(b, "host") && <p>{t({ vi: "Đơn vị đăng cai: {unit}.", en: "Host: {unit}." }, { unit: org.name(str(b, "host"), held) })}</p>}
        {str(b, "reviewed") && <p>{t({ vi: "Nội dung tổng kết: {text}.", en: "Period reviewed: {text}." }, { text: unstopped(str(b, "reviewed")) })}</p>}
        <h3>{t({ vi: "II. THÀNH PHẦN THAM DỰ", en: "II. ATTENDANCE" })}</h3>
        {ROLES.map((role) => {
          const sum = attended(b, role);
          if (sum.listed === 0) return null;
          const people = Object.values(obj(b, "attendance")).map(asBody).filter((a) => str(a, "role") === role && flag(a, "present"));
          return (
            <div key={role}>
              <p>
                {t(ATTENDEES[role]!)}: {t({ vi: "có mặt {n}", en: "{n} present" }, { n: number(sum.present) })}
                {role === "member" && num(b, "summoned") !== undefined ? t({ vi: ", triệu tập {n}", en: ", {n} summoned" }, { n: number(num(b, "summoned")!) }) : ""}.
              </p>
              <ul>
                {people.map((a, i) => (
                  <li key={i}>
                    {[str(a, "title"), str(a, "unit") && org.name(str(a, "unit"), held)].filter(Boolean).join(", ")}
                    {persons(a) > 1 && ` (${t({ vi: "{n} người", en: "{n} persons" }, { n: number(persons(a)) })})`}
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
        {quorum(b) !== undefined && <p>{quorum(b) ? t({ vi: "Hội nghị đủ số đại biểu để tiến hành.", en: "The meeting has a quorum." }) : t({ vi: "Hội nghị chưa đủ số đại biểu.", en: "The meeting has no quorum." })}</p>}
        <h3>{t({ vi: "III. NỘI DUNG", en: "III. PROCEEDINGS" })}</h3>
        {inOrder(obj(b, "minutes")).map(({ key, entry }, i) => (
          <section key={key}>
            <h4>
              {i + 1}. {str(entry, "heading")}
            </h4>
            <p class="prose">{str(entry, "text")}</p>
          </section>
        ))}
        {resolutions.length > 0 && (
          <>
            <h3>{t({ vi: "IV. NGHỊ QUYẾT", en: "IV. RESOLUTIONS" })}</h3>
            {resolutions.map(({ key, entry }, i) => (
              <section key={key}>
                <p class="prose">
                  {i + 1}. {str(entry, "text")}
                </p>
                <VoteLine tally={tallyOf(obj(entry, "votes"))} present={here} passes />
              </section>
            ))}
          </>
        )}
        {ballots.length > 0 && (
          <>
            <h3>{resolutions.length > 0 ? t({ vi: "V. BỎ PHIẾU", en: "V. BALLOTS" }) : t({ vi: "IV. BỎ PHIẾU", en: "IV. BALLOTS" })}</h3>
            {ballots.map((ballot, i) => (
              <section key={i}>
                <p>
                  {i + 1}. {str(ballot, "subject")}
                  {str(ballot, "unit") && `: ${org.name(str(ballot, "unit"), held)}`}
                </p>
                <VoteLine tally={tallyOf(obj(ballot, "tally"))} present={here} />
              </section>
            ))}
          </>
        )}
        <footer class="signatures">
          <div>
            <p>
              <strong>{t({ vi: "THƯ KÝ", en: "SECRETARY" })}</strong>
            </p>
            <p class="how">{t({ vi: "(Ký, ghi rõ họ tên)", en: "(Signature, full name)" })}</p>
          </div>
          <div>
            <p>
              <strong>{t({ vi: "CHỦ TRÌ", en: "CHAIR" })}</strong>
            </p>
            <p class="how">{t({ vi: "(Ký, ghi rõ họ tên, đóng dấu)", en: "(Signature, full name, seal)" })}</p>
          </div>
        </footer>
        {addenda.length > 0 && (
          <section>
            <h3>{t({ vi: "PHỤ LỤC", en: "ADDENDA" })}</h3>
            {addenda.map((a, i) => (
              <p key={i} class="prose">
                {day(str(a, "on"))}: {str(a, "text")}
              </p>
            ))}
          </section>
        )}
      </article>
    </>
  );
}

/** Without the full stop the sentence around it brings. */
function unstopped(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

/** The date line of a letterhead. */
function longDay(iso: string): string {
  const [y = "", m = "", d = ""] = iso.split("-");
  if (lang() === "vi") return `Ngày ${d} tháng ${m} năm ${y}`;
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(iso));
}

/** One vote in a line of print. Only of resolutions is said whether they passed: what a ballot needs is set by whoever called it. */
function VoteLine({ tally, present: here, passes }: { tally: Tally | undefined; present: number; passes?: boolean }) {
  if (!tally) return null;
  const of = share(tally.for, here);
  const values = { issued: number(tally.issued), returned: number(tally.returned), for: number(tally.for), against: number(tally.against), abstain: number(tally.abstain), invalid: number(tally.invalid) };
  return (
    <p class="vote">
      {t({ vi: "Phát ra {issued}, thu vào {returned}: tán thành {for}, không tán thành {against}, không có ý kiến {abstain}, không hợp lệ {invalid}.", en: "Issued {issued}, returned {returned}: for {for}, against {against}, abstained {abstain}, invalid {invalid}." }, values)}{" "}
      {of !== undefined && t({ vi: "Tán thành {p} số người có mặt.", en: "{p} of those present in favour." }, { p: percent(of) })}{" "}
      {passes && <strong>{passed(tally, here) ? t({ vi: "Thông qua.", en: "Passed." }) : t({ vi: "Không thông qua.", en: "Not passed." })}</strong>}
    </p>
  );
}
