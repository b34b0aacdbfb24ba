import type { Body, Doc, ID } from "thidua-sync";
import { capacities } from "../../shared/capacity.ts";
import { sectionsOf } from "../../shared/criteria.ts";
import { StatusBadge } from "../../shared/docstatus.tsx";
import { points } from "../../shared/format.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { scoreOf } from "../../shared/score.ts";
import { barsReviewing, reviewID, sheetState } from "../../shared/sheet.ts";
import { t } from "../../shared/text.ts";
import { Button, Message } from "../../shared/ui.tsx";
import { num, obj, str } from "../../shared/value.ts";
import { phone } from "../phone.ts";
import { type Recorder, useRecorder } from "../record.ts";
import { href } from "../route.ts";
import { Disputes, useDisputes } from "./dispute.tsx";
import { ReviewEntry } from "./review_entry.tsx";
import { ReviewSteps } from "./review_steps.tsx";
import { Badges } from "./scores.tsx";
import { type Papers, usePapers } from "./scores_papers.ts";
import { sayDue, stated, wording } from "./scores_text.ts";

/** The cross-check of another unit's sheet, for head and deputy; officers look at it here. */
export function Review({ unit, period }: { unit: ID; period: ID }) {
  const p = usePapers(unit, period);
  if (p === undefined) return <p class="faint">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  return (
    <>
      <a class="back" href={href("scores")}>
        {t({ vi: "‹ Tất cả bảng điểm", en: "‹ All sheets" })}
      </a>
      {p?.sheet && p.criteria ? <Filled p={p} sheet={p.sheet} set={p.criteria.body} /> : <p class="card">{t({ vi: "Bảng điểm của đơn vị này chưa có trên máy.", en: "The sheet of this unit is not on the device." })}</p>}
    </>
  );
}

/** What somebody may write in a review now: points, points after an explanation, or nothing. */
export type Writes = "cross" | "recheck" | undefined;

function Filled({ p, sheet, set }: { p: Papers; sheet: Doc; set: Body }) {
  const review = p.review;
  const disputes = stated(useDisputes(review, p.me.person));
  const recorder = useRecorder({ scope: `cluster:${p.cluster}:desk`, id: reviewID(sheet.id) });
  const who = capacities(p.me, `cluster:${p.cluster}:desk`, p.now, p.org);
  const said = review?.body ?? {};
  const cross = barsReviewing(who, p.own, sheet.body, said, p.period.body, "cross", p.today);
  const recheck = barsReviewing(who, p.own, sheet.body, said, p.period.body, "recheck", p.today);
  const writes: Writes = !review ? undefined : !cross ? "cross" : !recheck ? "recheck" : undefined;
  const rows = new Map(reconcile(set, sheet.body, said, p.sent.verification).rows.map((r) => [r.criterion.key, r]));
  const own = scoreOf(set, sheet.body).total;
  const counted = scoreOf(set, sheet.body, said).total;
  const done = Object.keys(obj(said, "entries")).length;
  return (
    <>
      <section class="card">
        <div class="headline">
          <h2>{p.unitName}</h2>
          <Badges doc={sheet} />
        </div>
        <p class="faint">
          {str(p.period.body, "title")} {review && <StatusBadge status={review.status} />}
        </p>
        {writes === "cross" && <p>{sayDue(p.period.body, "cross_check", {}, p.today)}</p>}
        {writes === "recheck" && <p>{t({ vi: "Đơn vị đã giải trình: hãy chấm lại các tiêu chí có giải trình.", en: "The unit has explained: recheck what it explained." })}</p>}
        {!writes && (review || cross) && <p>{t((str(said, "state") === "sent" ? recheck : cross) ?? { vi: "", en: "" })}</p>}
        {!review && !cross && (
          <Button kind="main" onClick={() => recorder.run(() => begin(p, sheet))}>
            {t({ vi: "Bắt đầu chấm chéo", en: "Begin the cross-check" })}
          </Button>
        )}
        {writes === "cross" && review && sheet.version > (num(said, "sheet_version") ?? 0) && <Newer sheet={sheet} recorder={recorder} />}
      </section>
      <section class="sum" aria-label={t({ vi: "Tổng điểm", en: "Total" })}>
        <div class="row">
          <span>
            {t({ vi: "Tự chấm {n}", en: "{n} by itself" }, { n: points(own) })}
            {review && (
              <>
                {" → "}
                <strong>{points(counted)}</strong>
              </>
            )}
          </span>
          <span class="faint">{t({ vi: "đã xem {done}/{all}", en: "{done}/{all} looked at" }, { done, all: rows.size })}</span>
        </div>
        <progress max={rows.size} value={done} aria-label={t({ vi: "Số tiêu chí đã xem", en: "Criteria looked at" })} />
        {recorder.problem && <Message kind="bad">{recorder.problem}</Message>}
      </section>
      <Disputes of={disputes.filter((d) => !d.path.startsWith("/entries"))} wording={wording(p.org, p.today)} figure={points} />
      {sectionsOf(set).map((section) => (
        <section key={section.key} class="card">
          <div class="headline">
            <h2>
              {section.key}. {section.title}
            </h2>
            <span class="figure">{points(section.max)}</span>
          </div>
          {section.criteria.map((c) => (
            <ReviewEntry key={c.key} recorder={recorder} told={obj(obj(sheet.body, "entries"), c.key)} entry={obj(obj(said, "entries"), c.key)} row={rows.get(c.key)!} writes={writes} disputes={disputes} wording={wording(p.org, p.today)} />
          ))}
        </section>
      ))}
      {writes === "cross" && done < rows.size && review && <AgreeToRest review={review} sheet={sheet} set={set} recorder={recorder} />}
      {review && <ReviewSteps p={p} sheet={sheet} review={review} set={set} writes={writes} disputes={disputes} recorder={recorder} />}
    </>
  );
}

/** Begins the review of a sheet; head and deputy of a cluster begin the same one. */
async function begin(p: Papers, sheet: Doc): Promise<void> {
  const client = await phone();
  const body = { sheet: sheet.id, sheet_version: sheet.version, unit: p.unit, period: p.period.id, cluster: p.cluster, criteria: str(sheet.body, "criteria") };
  await client.create(`cluster:${p.cluster}:desk`, "review", body, reviewID(sheet.id));
}

/** A sheet that was withdrawn and submitted again is another one than was looked at. */
function Newer({ sheet, recorder }: { sheet: Doc; recorder: Recorder }) {
  if (sheetState(sheet.body) !== "submitted") return null;
  return (
    <Message kind="warn">
      <p>{t({ vi: "Bảng điểm đã được sửa và nộp lại sau khi bạn bắt đầu chấm. Hãy xem lại các điểm đã ghi.", en: "The sheet was edited and submitted again after you began. Look at what you wrote again." })}</p>
      <Button onClick={() => recorder.edit((b) => void (b.sheet_version = sheet.version))}>{t({ vi: "Chấm theo bản mới", en: "Go by the new one" })}</Button>
    </Message>
  );
}

/** One act for all criteria that nobody looked at: they keep the unit's own points. */
function AgreeToRest({ review, sheet, set, recorder }: { review: Doc; sheet: Doc; set: Body; recorder: Recorder }) {
  const rest = sectionsOf(set).flatMap((s) => s.criteria).filter((c) => num(obj(obj(sheet.body, "entries"), c.key), "self") !== undefined && num(obj(obj(review.body, "entries"), c.key), "cross") === undefined);
  if (rest.length === 0) return null;
  const agree = () =>
    recorder.edit((b) => {
      const entries = { ...obj(b, "entries") };
      for (const c of rest) entries[c.key] = { ...obj(entries, c.key), cross: num(obj(obj(sheet.body, "entries"), c.key), "self")! };
      b.entries = entries;
    });
  return (
    <section class="card">
      <Button onClick={agree}>{t({ vi: "Đồng ý với {n} tiêu chí còn lại", en: "Agree to the rest ({n})" }, { n: rest.length })}</Button>
    </section>
  );
}
