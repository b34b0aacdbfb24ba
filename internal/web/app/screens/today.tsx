import type { Doc } from "thidua-sync";
import { unitsOf, type Me } from "../../shared/capacity.ts";
import { day, daysBetween, moment, number, points } from "../../shared/format.ts";
import { dayOf, type Org } from "../../shared/org.ts";
import { tasksOf, type Task } from "../../shared/task.ts";
import { lang, t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { flag, num, obj, str } from "../../shared/value.ts";
import { phone, useDocs, useStatus } from "../phone.ts";
import { href } from "../route.ts";
import { useMe, useOrg } from "../who.ts";

/** What somebody with two minutes needs to know: what is due, what is not sent, how the unit stands, what is new. */
export function Today(_: { path: string[] }) {
  const me = useMe();
  const org = useOrg();
  const papers = useDocs({ type: ["registration", "pledge", "report", "sheet", "review"] }, "papers");
  if (!org || !papers) return <Contact />;
  return (
    <>
      {me && <Due tasks={tasksOf(org, me, papers, Date.now())} />}
      <Contact />
      {me && <Place me={me} org={org} />}
      <Notices />
    </>
  );
}

function Due({ tasks }: { tasks: Task[] }) {
  return (
    <section class="card" aria-labelledby="due">
      <h2 id="due">{t({ vi: "Việc đến hạn", en: "Due" })}</h2>
      {tasks.length === 0 && <p class="faint">{t({ vi: "Không có việc nào đến hạn trong 60 ngày tới.", en: "Nothing is due in the next 60 days." })}</p>}
      <ul class="list">
        {tasks.map((task) => (
          <li key={`${task.kind}/${task.period}`}>{task.path ? <a class="row" href={href(...task.path)}><TaskRow task={task} /></a> : <div class="row"><TaskRow task={task} /></div>}</li>
        ))}
      </ul>
    </section>
  );
}

function TaskRow({ task }: { task: Task }) {
  const far = task.of ? t({ vi: " · {done}/{of}", en: " · {done}/{of}" }, { done: task.done ?? 0, of: task.of }) : "";
  return (
    <>
      <span class="main">
        <span>{t(task.title)}</span>
        <span class="faint">
          {task.period} · {day(task.due)}
          {far}
        </span>
      </span>
      <span class={`badge ${task.days < 0 ? "bad" : task.days <= 7 ? "warn" : ""}`}>{inDays(task.days)}</span>
    </>
  );
}

function inDays(days: number): string {
  if (days < 0) return t({ vi: "quá hạn {n} ngày", en: "{n} days overdue" }, { n: -days });
  if (days === 0) return t({ vi: "hôm nay", en: "today" });
  return days === 1 ? t({ vi: "ngày mai", en: "tomorrow" }) : t({ vi: "còn {n} ngày", en: "in {n} days" }, { n: days });
}

/** What this device has not sent, and when it last heard from the server. */
function Contact() {
  const status = useStatus();
  if (!status) return null;
  return (
    <section class="card" aria-labelledby="contact">
      <h2 id="contact">{t({ vi: "Dữ liệu trên máy", en: "Data on this device" })}</h2>
      <p>{status.unsent ? t({ vi: "{n} việc đã ghi chưa gửi lên máy chủ.", en: "{n} recorded acts are not sent yet." }, { n: number(status.unsent) }) : t({ vi: "Mọi việc đã ghi đều đã gửi.", en: "Everything recorded was sent." })}</p>
      <p class="faint">{status.contact ? t({ vi: "Đồng bộ lần cuối: {at}", en: "Last sync: {at}" }, { at: moment(status.contact) }) : t({ vi: "Chưa đồng bộ lần nào.", en: "Never synced yet." })}</p>
      <a class="button" href={href("sync")}>
        {t({ vi: "Xem tình trạng đồng bộ", en: "See the state of syncing" })}
      </a>
    </section>
  );
}

/** Where the person's units stand in the latest ranking that was announced to their cluster. */
function Place({ me, org }: { me: Me; org: Org }) {
  const rankings = useDocs({ type: "ranking", where: (d) => !d.scope.endsWith(":desk") }, "rankings");
  const units = unitsOf(me, Date.now());
  const latest = newest((rankings ?? []).filter((d) => ["announced", "submitted", "confirmed"].includes(str(d.body, "state"))), org);
  const rows = obj(latest?.body, "rows");
  const ours = units.filter((u) => flag(obj(rows, u), "scored"));
  if (!latest || ours.length === 0) return null;
  const before = (rankings ?? []).find((d) => str(d.body, "period") === str(latest.body, "period") && num(d.body, "seq") === (num(latest.body, "seq") ?? 0) - 1);
  const of = Object.values(rows).filter((r) => flag(r as never, "scored")).length;
  return (
    <section class="card" aria-labelledby="place">
      <h2 id="place">{t({ vi: "Xếp hạng của đơn vị", en: "Our rank" })}</h2>
      {ours.map((unit) => {
        const rank = num(obj(rows, unit), "rank") ?? 0;
        const was = num(obj(obj(before?.body, "rows"), unit), "rank");
        return (
          <a class="row" key={unit} href={href("ranking")}>
            <span class="main">
              <span>{org.name(unit, dayOf(Date.now()))}</span>
              <span class="faint">
                {str(org.find("period", str(latest.body, "period"))?.body, "title")} · {t({ vi: "{n} điểm", en: "{n} points" }, { n: points(num(obj(rows, unit), "score") ?? 0) })}
                {was && was !== rank ? ` · ${was > rank ? t({ vi: "tăng {n} bậc", en: "up {n}" }, { n: was - rank }) : t({ vi: "giảm {n} bậc", en: "down {n}" }, { n: rank - was })}` : ""}
              </span>
            </span>
            <strong class="figure">{t({ vi: "{rank}/{of}", en: "{rank} of {of}" }, { rank, of })}</strong>
          </a>
        );
      })}
    </section>
  );
}

function newest(rankings: Doc[], org: Org): Doc | undefined {
  const to = (d: Doc) => str(org.find("period", str(d.body, "period"))?.body, "to");
  return [...rankings].sort((a, b) => to(b).localeCompare(to(a)) || (num(b.body, "seq") ?? 0) - (num(a.body, "seq") ?? 0))[0];
}

/** How many read notices stay in sight. */
const readShown = 5;

function Notices() {
  const notices = useDocs({ type: "notice", sort: (a, b) => Number(!!num(a.body, "read")) - Number(!!num(b.body, "read")) || str(a.body, "due").localeCompare(str(b.body, "due")) || (a.id < b.id ? -1 : 1) }, "notices");
  if (!notices?.length) return null;
  const unread = notices.filter((n) => !num(n.body, "read"));
  const shown = notices.slice(0, unread.length + readShown);
  const read = (n: Doc) => void phone().then((client) => client.update(n.scope, n.id, (b) => void (b["read"] = Date.now())));
  return (
    <section class="card" aria-labelledby="notices">
      <h2 id="notices">{t({ vi: "Thông báo", en: "Notices" })}</h2>
      {unread.length > 0 && <Message kind="info">{t({ vi: "{n} thông báo chưa đọc.", en: "{n} not read yet." }, { n: unread.length })}</Message>}
      <ul class="list">
        {shown.map((n) => (
          <li class="row" key={n.id}>
            <span class="main">
              <span>{str(n.body, lang())}</span>
              {str(n.body, "due") && <span class="faint">{t({ vi: "Hạn {day}, {when}", en: "Due {day}, {when}" }, { day: day(str(n.body, "due")), when: inDays(daysBetween(dayOf(Date.now()), str(n.body, "due"))) })}</span>}
            </span>
            {num(n.body, "read") ? <span class="badge">{t({ vi: "đã đọc", en: "read" })}</span> : <Button onClick={() => read(n)}>{t({ vi: "Đã đọc", en: "Mark read" })}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
