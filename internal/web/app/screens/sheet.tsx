import { useState } from "preact/hooks";
import type { ID } from "thidua-sync";
import { sectionsOf } from "../../shared/criteria.ts";
import { points } from "../../shared/format.ts";
import { type Comparison, reconcile, type Reconciliation } from "../../shared/reconcile.ts";
import { awaitsReentry, faulty, progress, type Score, unmeasured, unreasoned } from "../../shared/score.ts";
import { barsExplaining, barsScores, sheetState } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { num, obj, str } from "../../shared/value.ts";
import { useRecorder } from "../record.ts";
import { href } from "../route.ts";
import { about, Disputes, useDisputes } from "./dispute.tsx";
import { Badges } from "./scores.tsx";
import { begin, type Papers, usePapers } from "./scores_papers.ts";
import { sayDue, stated, wording } from "./scores_text.ts";
import { Entry } from "./sheet_entry.tsx";
import { Steps } from "./sheet_steps.tsx";

/** The score sheet of a unit in a period, as its own people see it. */
export function Sheet({ unit, period }: { unit: ID; period: ID }) {
  const p = usePapers(unit, period);
  if (p === undefined) return <p class="faint">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  if (p === null) return <p class="card">{t({ vi: "Máy này không có kỳ thi đua đó.", en: "This device does not have that period." })}</p>;
  return (
    <>
      <a class="back" href={href("scores")}>
        {t({ vi: "‹ Tất cả bảng điểm", en: "‹ All sheets" })}
      </a>
      {p.sheet ? <Filled p={p} /> : <Empty p={p} />}
    </>
  );
}

function Empty({ p }: { p: Papers }) {
  const barred = barsScores(p.who, {}, p.period.body, p.today);
  const recorder = useRecorder({ scope: "", id: "" });
  return (
    <section class="card">
      <h2>{str(p.period.body, "title")}</h2>
      <p class="faint">{p.unitName}</p>
      <p>{sayDue(p.period.body, "sheet", {}, p.today)}</p>
      {!p.criteria || !p.cluster ? (
        <p>{t({ vi: "Kỳ này chưa có bộ tiêu chí cho đơn vị.", en: "The period has no criteria for this unit." })}</p>
      ) : barred ? (
        <p>{t(barred)}</p>
      ) : (
        <>
          <p>
            {str(p.criteria.body, "title")}: {t({ vi: "{n} tiêu chí, {total} điểm", en: "{n} criteria, {total} points" }, { n: Object.keys(obj(p.criteria.body, "criteria")).length, total: points(num(p.criteria.body, "total") ?? 0) })}
          </p>
          <Button kind="main" onClick={() => recorder.run(() => begin(p))}>
            {t({ vi: "Bắt đầu chấm", en: "Begin scoring" })}
          </Button>
          {recorder.problem && <Message kind="bad">{recorder.problem}</Message>}
        </>
      )}
    </section>
  );
}

/** Which criteria are shown. Those chosen stay while somebody works on them, also once they are scored. */
interface Filter {
  name: "all" | "left" | "look";
  keys?: ReadonlySet<string>;
}

function Filled({ p }: { p: Papers }) {
  const sheet = p.sheet!;
  const { body } = sheet;
  const disputes = stated(useDisputes(sheet, p.me.person));
  const recorder = useRecorder(sheet);
  const [filter, setFilter] = useState<Filter>({ name: "all" });
  if (!p.criteria) return <p class="card">{t({ vi: "Bộ tiêu chí của bảng điểm này chưa có trên máy.", en: "The criteria of this sheet are not on the device." })}</p>;
  const set = p.criteria.body;
  const r = reconcile(set, body, p.sent.review, p.sent.verification);
  const barred = barsScores(p.who, body, p.period.body, p.today);
  const explains = !barsExplaining(p.who, body, p.period.body, p.today);
  const entries = obj(body, "entries");
  const odd = new Set([...awaitsReentry(body, set), ...faulty(body, set), ...unmeasured(body, set), ...(barred ? [] : unreasoned(body, set))].map((c) => c.key));
  const left = r.rows.filter((row) => !row.own.scored);
  const look = r.rows.filter((row) => odd.has(row.criterion.key) || row.differs || about(disputes, `/entries/${row.criterion.key}`).length > 0);
  const only = (name: Filter["name"], of: readonly Comparison[]) => setFilter({ name, keys: new Set(of.map((row) => row.criterion.key)) });
  const shown = (key: string) => filter.keys?.has(key) ?? true;
  const rows = new Map(r.rows.map((row) => [row.criterion.key, row]));
  const reason = str(body, "state_reason");
  return (
    <>
      <section class="card">
        <div class="headline">
          <h2>{str(p.period.body, "title")}</h2>
          <Badges doc={sheet} />
        </div>
        <p class="faint">{p.unitName}</p>
        {reason && <Message kind={sheetState(body) === "returned" ? "bad" : "info"}>{t(sheetState(body) === "returned" ? { vi: "Bị trả lại: {reason}", en: "Returned: {reason}" } : { vi: "Lý do ở bước trước: {reason}", en: "Reason of the last step: {reason}" }, { reason })}</Message>}
        {barred ? <p>{t(barred)}</p> : <p>{sayDue(p.period.body, "sheet", body, p.today)}</p>}
        {explains && <p>{sayDue(p.period.body, "explanation", body, p.today)}</p>}
        {r.differ > 0 && <a href={href("ranking", "why", p.unit, p.period.id)}>{t({ vi: "{n} tiêu chí có điểm chính thức khác: xem vì sao", en: "Official points differ in {n} of {all} criteria: see why" }, { n: r.differ, all: r.rows.length })}</a>}
      </section>
      <Totals r={r} done={progress(body, set).done} all={r.rows.length} cap={num(set, "bonus_cap")} total={num(set, "total") ?? 0} problem={recorder.problem} />
      <Disputes of={disputes.filter((d) => !d.path.startsWith("/entries"))} wording={wording(p.org, p.today)} figure={points} />
      <div class="chips" role="group" aria-label={t({ vi: "Lọc tiêu chí", en: "Filter criteria" })}>
        <Button pressed={filter.name === "all"} onClick={() => setFilter({ name: "all" })}>
          {t({ vi: "Tất cả ({n})", en: "All ({n})" }, { n: r.rows.length })}
        </Button>
        <Button pressed={filter.name === "left"} onClick={() => only("left", left)}>
          {t({ vi: "Chưa chấm ({n})", en: "Not scored ({n})" }, { n: left.length })}
        </Button>
        <Button pressed={filter.name === "look"} onClick={() => only("look", look)}>
          {t({ vi: "Cần xem ({n})", en: "To look at ({n})" }, { n: look.length })}
        </Button>
      </div>
      {sectionsOf(set).map((section) => {
        const mine = section.criteria.filter((c) => shown(c.key));
        if (mine.length === 0) return null;
        const sum = section.criteria.reduce((n, c) => n + (rows.get(c.key)?.own.base ?? 0), 0);
        return (
          <section key={section.key} class="card">
            <div class="headline">
              <h2>
                {section.key}. {section.title}
              </h2>
              <span class="figure">
                {points(sum)}/{points(section.max)}
              </span>
            </div>
            {mine.map((c) => (
              <Entry key={c.key} recorder={recorder} entry={obj(entries, c.key)} row={rows.get(c.key)!} scores={!barred} explains={explains} disputes={disputes} wording={wording(p.org, p.today)} />
            ))}
          </section>
        );
      })}
      {filter.keys?.size === 0 && <p class="card">{filter.name === "left" ? t({ vi: "Đã chấm hết các tiêu chí.", en: "All criteria are scored." }) : t({ vi: "Không có tiêu chí nào cần xem lại.", en: "Nothing needs a look." })}</p>}
      <Steps p={p} disputes={disputes} recorder={recorder} />
    </>
  );
}

function Totals({ r, done, all, cap, total, problem }: { r: Reconciliation; done: number; all: number; cap: number | undefined; total: number; problem: string }) {
  const s: Score = r.own;
  return (
    <section class="sum" aria-label={t({ vi: "Tổng điểm", en: "Total" })}>
      <div class="row">
        <span>
          {t({ vi: "Tổng điểm", en: "Total" })} <strong>{points(s.total)}</strong>/{points(total)}
        </span>
        <span class="faint">{t({ vi: "{done}/{all} tiêu chí", en: "{done}/{all} criteria" }, { done, all })}</span>
      </div>
      <progress max={all} value={done} aria-label={t({ vi: "Số tiêu chí đã chấm", en: "Criteria scored" })} />
      {(s.bonus > 0 || s.penalty > 0) && (
        <p class="faint">
          {s.bonus > 0 && t({ vi: "Thưởng {n}", en: "Bonus {n}" }, { n: points(s.bonus) })}
          {s.capped && t({ vi: " (chỉ tính {cap})", en: " (only {cap} count)" }, { cap: points(cap ?? 0) })}
          {s.bonus > 0 && s.penalty > 0 && ", "}
          {s.penalty > 0 && t(s.bonus > 0 ? { vi: "trừ {n}", en: "penalty {n}" } : { vi: "Trừ {n}", en: "Penalty {n}" }, { n: points(s.penalty) })}
          {s.floored && t({ vi: " (không trừ quá mức thấp nhất)", en: " (no more than the floor is taken off)" })}
        </p>
      )}
      {r.official.total !== s.total && <p>{t({ vi: "Điểm chính thức đến nay: {n}", en: "Official points so far: {n}" }, { n: points(r.official.total) })}</p>}
      {problem && <Message kind="bad">{problem}</Message>}
    </section>
  );
}
